//! The forms of a credential, each made from the table of its fields.

mod packed;
mod portable;
#[cfg(feature = "store")]
pub(super) mod record;

pub(super) use packed::Packed;
pub use portable::ImportedCredential;
