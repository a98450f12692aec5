//! `RegistrationResponseJSON` and `AuthenticationResponseJSON` (WebAuthn L3 §5.1.8, toJSON).

mod read;
mod results;

pub use results::{ExtensionResults, LargeBlobOutput, PrfOutput};

use super::input::InputError;
use super::json_form::JsonForm;
use super::options::{Attachment, Transport};
use super::reading::Node;
use crate::encoding::json::{Json, ObjectWriter, object_tree};

/// A client's response to creation options.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistrationResponse {
    /// The credential id: `id` and `rawId`.
    pub id: Vec<u8>,
    /// `response.clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `response.attestationObject`.
    pub attestation_object: Vec<u8>,
    /// `response.authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `response.transports`.
    pub transports: Vec<Transport>,
    /// `response.publicKey`: DER SubjectPublicKeyInfo. Empty where the client does not know the algorithm.
    pub public_key: Vec<u8>,
    /// `response.publicKeyAlgorithm`: the COSE algorithm identifier.
    pub public_key_algorithm: i64,
    /// `authenticatorAttachment`, where the client knows it.
    pub attachment: Option<Attachment>,
    /// `clientExtensionResults`
    pub extension_results: ExtensionResults,
}

impl RegistrationResponse {
    /// The names of the transports in `response.transports`: each once, in lexicographical order (§5.2.1).
    #[must_use]
    pub fn transport_names(&self) -> Vec<&'static str> {
        self.sorted_transports().collect()
    }

    /// The names of the transports as [`transport_names`](Self::transport_names) has them, without a list.
    pub(crate) fn sorted_transports(&self) -> impl Iterator<Item = &'static str> {
        SORTED_TRANSPORTS
            .into_iter()
            .filter(|name| self.transports.iter().any(|known| known.as_str() == *name))
    }

    /// The standard JSON form.
    #[must_use]
    pub fn to_json(&self) -> Json<'static> {
        object_tree(|object| self.write(object))
    }

    /// The members of `clientExtensionResults`.
    pub(crate) fn write_client_extension_results(&self, results: &mut ObjectWriter<'_>) {
        self.extension_results.write(results);
    }
}

impl JsonForm for RegistrationResponse {
    fn read(object: &Node<'_>) -> Result<Self, InputError> {
        read::registration(object)
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        let response = |response: &mut ObjectWriter<'_>| {
            response.base64url("clientDataJSON", &self.client_data_json);
            response.base64url("authenticatorData", &self.authenticator_data);
            response.texts("transports", self.sorted_transports());
            if !self.public_key.is_empty() {
                response.base64url("publicKey", &self.public_key);
            }
            response.int("publicKeyAlgorithm", self.public_key_algorithm);
            response.base64url("attestationObject", &self.attestation_object);
        };
        let results = |results: &mut ObjectWriter<'_>| self.write_client_extension_results(results);
        public_key_credential(object, &self.id, response, self.attachment, results);
    }
}

/// The transports in lexicographical order.
const SORTED_TRANSPORTS: [&str; Transport::ALL.len()] =
    ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// The members of `PublicKeyCredential.toJSON()`, of either ceremony.
fn public_key_credential(
    object: &mut ObjectWriter<'_>,
    id: &[u8],
    response: impl FnOnce(&mut ObjectWriter<'_>),
    attachment: Option<Attachment>,
    client_extension_results: impl FnOnce(&mut ObjectWriter<'_>),
) {
    object.base64url("id", id);
    object.base64url("rawId", id);
    object.object("response", response);
    if let Some(attachment) = attachment {
        object.text("authenticatorAttachment", attachment.as_str());
    }
    object.object("clientExtensionResults", client_extension_results);
    object.text("type", "public-key");
}

/// A client's response to request options.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticationResponse {
    /// The credential id: `id` and `rawId`.
    pub id: Vec<u8>,
    /// `response.clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `response.authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `response.signature`.
    pub signature: Vec<u8>,
    /// `response.userHandle`.
    pub user_handle: Option<Vec<u8>>,
    /// `authenticatorAttachment`, where the client knows it.
    pub attachment: Option<Attachment>,
    /// `clientExtensionResults`
    pub extension_results: ExtensionResults,
}

impl AuthenticationResponse {
    /// The standard JSON form.
    #[must_use]
    pub fn to_json(&self) -> Json<'static> {
        object_tree(|object| self.write(object))
    }
}

impl JsonForm for AuthenticationResponse {
    fn read(object: &Node<'_>) -> Result<Self, InputError> {
        read::authentication(object)
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        let response = |response: &mut ObjectWriter<'_>| {
            response.base64url("clientDataJSON", &self.client_data_json);
            response.base64url("authenticatorData", &self.authenticator_data);
            response.base64url("signature", &self.signature);
            if let Some(handle) = &self.user_handle {
                response.base64url("userHandle", handle);
            }
        };
        let results = |results: &mut ObjectWriter<'_>| self.extension_results.write(results);
        public_key_credential(object, &self.id, response, self.attachment, results);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transports_are_in_order() {
        let mut names: Vec<_> = Transport::ALL.iter().map(|transport| transport.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, SORTED_TRANSPORTS);
    }
}
