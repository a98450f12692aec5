//! The platform's side of CTAP, written from the document: nothing of it is the library's.

pub(crate) mod answer;
pub(crate) mod code;
pub(crate) mod data;
pub(crate) mod info;
pub(crate) mod parameters;
pub(crate) mod pin;
pub(crate) mod store_state;
pub(crate) mod sub_command;
