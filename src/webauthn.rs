//! What the WebAuthn document defines: options, client data, authenticator data, attestation objects, responses.
//!
//! Plain types with a writer and a strict reader each; no behaviour.
//!
//! The feature `serde` gives options and responses, and the types inside them, `Serialize` and `Deserialize` in the JSON
//! forms of the standard (`PublicKeyCredentialCreationOptionsJSON` and the like). It reads strictly: what `from_json`
//! would mend, and a client does mend, is an error. What the standard tells clients to ignore is ignored.

mod aaguid;
mod attestation_object;
mod authenticator_data;
mod client_data;
mod credential;
mod input;
mod json_form;
mod options;
mod reading;
#[cfg(feature = "serde")]
mod serde;
mod step;

pub use aaguid::{Aaguid, NotAUuid};
pub use attestation_object::{AttestationObject, AttestationObjectError};
pub use authenticator_data::{AttestedCredentialData, AuthenticatorData, AuthenticatorDataError, Flags};
pub(crate) use client_data::client_data_json;
pub use client_data::{Ceremony, ClientData, ClientDataError};
pub use credential::{
    AuthenticationResponse, ExtensionResults, LargeBlobOutput, PrfOutput, RegistrationResponse,
};
pub use input::{InputError, Leniency, NextStep, Notice};
pub(crate) use json_form::JsonForm;
pub use options::{
    Attachment, AttestationConveyance, AuthenticatorSelection, CreationOptions, CredentialDescriptor,
    CredentialProtection, Extensions, Hint, LargeBlobInputs, LargeBlobRequirement, PrfInput, PrfValues,
    RelyingParty, RequestOptions, ResidentKey, Transport, User, UserVerification,
};
pub(crate) use reading::Node;
pub use step::Step;
