//! How clients reach security keys, both sides.
//!
//! ```text
//! device:  wire ─ CTAPHID or APDUs ─ one request ─ Key, with a user who takes time ─ answer
//! client:  link ─ CTAPHID or APDUs ─ stuntkey::client::RemoteDevice ─ stuntkey::Client
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | `ctaphid` | reports, messages and channels; the machine of a device, and a client's channel |
//! | `apdu`, `nfc` | commands to cards, and the machine of FIDO's applet |
//! | `host` | a [`Key`] that others can hold: its thread, its user, and the wires to it |
//! | `link` | the ways to somebody else's key, by their [`Address`] |

pub mod apdu;
pub mod ctaphid;
mod error;
pub mod host;
mod link;
pub mod nfc;

pub use error::TransportError;
pub use host::Key;
pub use link::{Address, AddressError, Link, Reader, connect, open};
