//! Lenient readers of everything that WebAuthn and CTAP put on the wire: each goes as far as it can, and says of
//! every value where it stands.
//!
//! ```text
//!   input ─ recognise ─ readers ─ tree
//!                  └─── response
//! ```

pub mod attestation_object;
pub mod authenticator_data;
pub mod cbor;
pub mod certificate;
pub mod cose;
pub mod ctap;
pub mod der;
pub mod diagnostic;
pub mod encoding;
pub mod json_text;
pub mod oid;
pub mod recognise;
pub mod response;
pub mod tpm;
pub mod tree;
