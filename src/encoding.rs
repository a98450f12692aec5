//! base64url, JSON, CBOR and COSE keys.

pub mod base64url;
pub mod cbor;
pub mod cose;
pub mod json;
