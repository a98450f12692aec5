//! `RegistrationResponseJSON` and `AuthenticationResponseJSON` (WebAuthn L3 §5.1.8, toJSON).

use super::options::{Attachment, Transport};
use crate::encoding::base64url::encode;
use crate::encoding::json::Json;

/// What a client answers to creation options.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// `response.publicKey`: DER SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
    /// `response.publicKeyAlgorithm`: the COSE algorithm identifier.
    pub public_key_algorithm: i64,
    /// `authenticatorAttachment`.
    pub attachment: Attachment,
    /// `clientExtensionResults.credProps.rk`, if `credProps` was asked for.
    pub cred_props_rk: Option<bool>,
}

impl RegistrationResponse {
    /// `response.transports`: unique, in lexicographical order (§5.2.1).
    #[must_use]
    pub fn transport_names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.transports.iter().map(|t| t.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// `response.transports` as JSON.
    #[must_use]
    pub fn transports_json(&self) -> Json<'static> {
        Json::Array(self.transport_names().into_iter().map(Json::from).collect())
    }

    /// `clientExtensionResults` as JSON.
    #[must_use]
    pub fn client_extension_results_json(&self) -> Json<'static> {
        Json::object(self.cred_props_rk.map(|rk| ("credProps", Json::object([("rk", Json::from(rk))]))))
    }

    /// The standard JSON form.
    #[must_use]
    pub fn to_json(&self) -> Json<'static> {
        let id = encode(&self.id);
        Json::object([
            ("id", Json::from(id.clone())),
            ("rawId", id.into()),
            (
                "response",
                Json::object([
                    ("clientDataJSON", Json::from(encode(&self.client_data_json))),
                    ("authenticatorData", encode(&self.authenticator_data).into()),
                    ("transports", self.transports_json()),
                    ("publicKey", encode(&self.public_key).into()),
                    ("publicKeyAlgorithm", self.public_key_algorithm.into()),
                    ("attestationObject", encode(&self.attestation_object).into()),
                ]),
            ),
            ("authenticatorAttachment", self.attachment.as_str().into()),
            ("clientExtensionResults", self.client_extension_results_json()),
            ("type", "public-key".into()),
        ])
    }
}

/// What a client answers to request options.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// `authenticatorAttachment`.
    pub attachment: Attachment,
}

impl AuthenticationResponse {
    /// The standard JSON form.
    #[must_use]
    pub fn to_json(&self) -> Json<'static> {
        let id = encode(&self.id);
        let response = [
            ("clientDataJSON", Json::from(encode(&self.client_data_json))),
            ("authenticatorData", encode(&self.authenticator_data).into()),
            ("signature", encode(&self.signature).into()),
        ];
        let user_handle = self.user_handle.as_ref().map(|handle| ("userHandle", Json::from(encode(handle))));
        Json::object([
            ("id", Json::from(id.clone())),
            ("rawId", id.into()),
            ("response", Json::object(response.into_iter().chain(user_handle))),
            ("authenticatorAttachment", self.attachment.as_str().into()),
            ("clientExtensionResults", Json::Object(Vec::new())),
            ("type", "public-key".into()),
        ])
    }
}
