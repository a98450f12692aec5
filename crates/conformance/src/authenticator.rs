//! What an authenticator must do.

pub(crate) mod catalogue;
pub(crate) mod defects;
pub(crate) mod explain;
pub(crate) mod flaw;
pub(crate) mod harness;
pub(crate) mod need;
pub(crate) mod platform;
pub(crate) mod report;
pub(crate) mod sound;
pub(crate) mod stage;
pub(crate) mod subject;
pub(crate) mod suite;
pub(crate) mod wire;
