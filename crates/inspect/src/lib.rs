//! Lenient readers of everything that WebAuthn and CTAP put on the wire: each goes as far as it can, and says of every
//! value where it stands.
//!
//! ```text
//!   input ─ recognise ─┬─ response, client data ─ json ─────────────────────────────────┐
//!                      ├─ attestation object ─ authenticator data ─ cose ─ cbor ────────┼─ tree
//!                      └─ certificate ─ der, tpm ───────────────────────────────────────┘
//! ```
//!
//! A reader gives what it could read, and where and why it stopped. What is against a specification is read all the
//! same, and noted; whoever is strict refuses what has a note or a stop. Nothing here knows how to make what it reads,
//! and nothing is shared with `stuntkey`'s own encoder, so that a judge can rely on it.

pub mod attestation_object;
pub mod authenticator_data;
pub mod base64;
pub mod cbor;
pub mod certificate;
pub mod client_data;
pub mod cose;
pub mod ctap;
pub mod der;
pub mod diagnostic;
pub mod json;
pub mod oid;
pub mod recognise;
pub mod response;
#[cfg(feature = "serde")]
mod serde;
pub mod text;
pub mod tpm;
pub mod tree;
pub mod written;
