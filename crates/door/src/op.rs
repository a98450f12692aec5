//! The operations, one file a subject.

pub(crate) mod about;
pub(crate) mod attestation;
pub(crate) mod ceremony;
pub(crate) mod client;
pub(crate) mod conform;
pub(crate) mod credentials;
pub(crate) mod ctap;
pub(crate) mod faults;
pub(crate) mod inspect;
pub(crate) mod verify;
