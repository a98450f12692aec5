//! Reading responses from their JSON.

use super::super::input::{InputError, Notice};
use super::super::json_form::{JsonForm, from_tree};
use super::super::options::{Attachment, Transport};
use super::super::reading::Node;
use super::{AuthenticationResponse, ExtensionResults, RegistrationResponse};
use crate::encoding::json::Json;

const BASE64URL: &str = "base64url";

impl RegistrationResponse {
    /// Reads the standard JSON form. `path` is where it stands. Transports that the standard does not define are left
    /// out, and so are results of extensions that this library does not know.
    ///
    /// # Errors
    /// [`InputError`] for a member that is missing or of a wrong type. What could be mended is added to `notices`.
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        from_tree(json, path, notices)
    }
}

impl AuthenticationResponse {
    /// Reads the standard JSON form. `path` is where it stands.
    ///
    /// # Errors
    /// [`InputError`] for a member that is missing or of a wrong type. What could be mended is added to `notices`.
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        from_tree(json, path, notices)
    }
}

pub(super) fn registration(object: &Node<'_>) -> Result<RegistrationResponse, InputError> {
    let id = credential_id(object)?;
    let response = object.required("response", "an object")?;
    response.object()?;
    let bytes = |name| response.required(name, BASE64URL)?.bytes(BASE64URL);
    let mut transports = Vec::new();
    for item in response.required("transports", "an array of strings")?.items()? {
        transports.extend(item.enumerated(Transport::from_name)?);
    }
    let algorithm = "a COSE algorithm identifier";
    Ok(RegistrationResponse {
        id,
        client_data_json: bytes("clientDataJSON")?,
        attestation_object: bytes("attestationObject")?,
        authenticator_data: bytes("authenticatorData")?,
        transports,
        public_key: response.member("publicKey").map_or(Ok(Vec::new()), |key| key.bytes(BASE64URL))?,
        public_key_algorithm: response.required("publicKeyAlgorithm", algorithm)?.int(algorithm)?,
        attachment: attachment(object)?,
        extension_results: extension_results(object)?,
    })
}

pub(super) fn authentication(object: &Node<'_>) -> Result<AuthenticationResponse, InputError> {
    let id = credential_id(object)?;
    let response = object.required("response", "an object")?;
    response.object()?;
    let bytes = |name| response.required(name, BASE64URL)?.bytes(BASE64URL);
    Ok(AuthenticationResponse {
        id,
        client_data_json: bytes("clientDataJSON")?,
        authenticator_data: bytes("authenticatorData")?,
        signature: bytes("signature")?,
        user_handle: response.member("userHandle").map(|handle| handle.bytes(BASE64URL)).transpose()?,
        attachment: attachment(object)?,
        extension_results: extension_results(object)?,
    })
}

fn extension_results(object: &Node<'_>) -> Result<ExtensionResults, InputError> {
    ExtensionResults::read(&object.required("clientExtensionResults", "an object")?)
}

/// `rawId`, which `id` repeats.
fn credential_id(object: &Node<'_>) -> Result<Vec<u8>, InputError> {
    object.object()?;
    let kind = object.required("type", "\"public-key\"")?;
    if kind.text()? != "public-key" {
        return Err(kind.unexpected("\"public-key\""));
    }
    let raw = object.required("rawId", BASE64URL)?.bytes(BASE64URL)?;
    let id = object.required("id", BASE64URL)?;
    match id.bytes(BASE64URL)? == raw {
        true => Ok(raw),
        false => Err(id.unexpected("the same as rawId")),
    }
}

fn attachment(object: &Node<'_>) -> Result<Option<Attachment>, InputError> {
    let attachment = object.member("authenticatorAttachment");
    attachment.map_or(Ok(None), |attachment| attachment.enumerated(Attachment::from_name))
}
