//! base64url, JSON, CBOR and COSE keys.
//!
//! Three parts of it are for users: [`base64url`] as the text form of bytes, and the trees that edits change and responses
//! print, [`cbor::Item`] and [`json::Json`]; and the errors of the readers, which others have as their cause. The rest is
//! public for the other crates of this project, without a promise, and does not show in the documentation.

pub mod base64url;
pub mod cbor;
#[doc(hidden)]
pub mod cose;
pub(crate) mod deflate;
pub mod json;
pub(crate) mod setting;
pub(crate) mod unicode;

pub use cose::CoseKeyError;
