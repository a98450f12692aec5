//! A ceremony is a draft until it is sealed: the structures that it is made of, every field of which can be changed, and
//! the edits that change them, each at one stage.

pub mod certificate;
mod edit;
mod edits;
mod key_description;
mod stages;
mod tpm;

pub use certificate::{CertificateDraft, Extension, Oid};
pub(crate) use edit::constant_edits;
pub use edit::{AttestationEdit, AuthenticatorEdit, Change, ClientEdit, Edit, IneffectiveEdit};
pub(crate) use edits::Edits;
pub use key_description::{AuthorizationList, KeyDescription, RootOfTrust};
#[cfg(feature = "rsa")]
pub(crate) use tpm::TPM_ALG_SHA1;
pub use tpm::{CertInfo, ClockInfo, PubArea, PublicParameters, TpmScheme};
pub(crate) use tpm::{TPM_ALG_SHA256, TPM_ALG_SHA384, TPM_ALG_SHA512};
