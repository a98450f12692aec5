//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2, §6.3).

use std::borrow::Cow;

use super::Status;
use super::request::{Parameters, text};
use crate::encoding::cbor::Writer;
use crate::webauthn::CredentialDescriptor;

/// The request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAssertionRequest<'a> {
    /// 0x01: the relying party's id.
    pub rp_id: Cow<'a, str>,
    /// 0x02: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x03: the credentials that will do. If the list is empty, any discoverable credential of the relying party does.
    pub allow_list: Cow<'a, [CredentialDescriptor]>,
    /// 0x05, `up`: whether the authenticator asks for a touch.
    pub user_presence: bool,
    /// 0x05, `uv`: whether the user has to be verified.
    pub user_verification: bool,
    /// 0x06 with no bytes: the platform only asks for a touch, to find out which key the user means.
    pub selection_probe: bool,
}

impl<'a> GetAssertionRequest<'a> {
    /// A request for any discoverable credential of the relying party, with a touch and without user verification.
    #[must_use]
    pub fn new(client_data_hash: [u8; 32], rp_id: impl Into<Cow<'a, str>>) -> Self {
        Self {
            rp_id: rp_id.into(),
            client_data_hash,
            allow_list: Cow::Borrowed(&[]),
            user_presence: true,
            user_verification: false,
            selection_probe: false,
        }
    }
}

impl GetAssertionRequest<'static> {
    /// Reads the parameters of a request.
    pub(crate) fn from_cbor(cbor: &[u8]) -> Result<Self, Status> {
        let parameters = Parameters::read(cbor)?;
        let request = Self {
            rp_id: text(parameters.required(0x01)?)?.to_owned().into(),
            client_data_hash: parameters.client_data_hash(0x02)?,
            allow_list: parameters.descriptors(0x03)?.into(),
            user_presence: parameters.option(0x05, "up")?.unwrap_or(true),
            user_verification: parameters.option(0x05, "uv")?.unwrap_or(false),
            selection_probe: parameters.selection_probe(0x06, 0x07)?,
        };
        parameters.extensions(0x04)?;
        // §6.2.2 step 5: `rk` has no meaning here.
        match parameters.option(0x05, "rk")? {
            Some(_) => Err(Status::UnsupportedOption),
            None => Ok(request),
        }
    }
}

/// The response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAssertionResponse {
    /// 0x01, `id`.
    pub credential_id: Vec<u8>,
    /// 0x02: authenticator data (WebAuthn L3 §6.1).
    pub auth_data: Vec<u8>,
    /// 0x03: the signature over authenticator data and client data hash.
    pub signature: Vec<u8>,
    /// 0x04: the account, if the credential is discoverable.
    pub user: Option<AssertionUser>,
    /// 0x05: how many accounts there are to choose from, if there is more than one.
    pub number_of_credentials: Option<u64>,
}

/// The account that an assertion is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssertionUser {
    /// The user handle.
    pub id: Vec<u8>,
    /// The name and the display name: only if the user was verified and has to choose (§6.2.2 step 12).
    pub names: Option<(String, String)>,
}

impl AssertionUser {
    /// The account with this user handle, without names.
    #[must_use]
    pub fn new(id: Vec<u8>) -> Self {
        Self { id, names: None }
    }
}

impl GetAssertionResponse {
    /// A response that names no account.
    #[must_use]
    pub fn new(credential_id: Vec<u8>, auth_data: Vec<u8>, signature: Vec<u8>) -> Self {
        Self { credential_id, auth_data, signature, user: None, number_of_credentials: None }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.map(3 + usize::from(self.user.is_some()) + usize::from(self.number_of_credentials.is_some()));
        writer.unsigned(0x01);
        writer.map(2);
        writer.text("id");
        writer.bytes(&self.credential_id);
        writer.text("type");
        writer.text("public-key");
        writer.unsigned(0x02);
        writer.bytes(&self.auth_data);
        writer.unsigned(0x03);
        writer.bytes(&self.signature);
        if let Some(user) = &self.user {
            writer.unsigned(0x04);
            writer.map(if user.names.is_some() { 3 } else { 1 });
            writer.text("id");
            writer.bytes(&user.id);
            if let Some((name, display_name)) = &user.names {
                writer.text("name");
                writer.text(name);
                writer.text("displayName");
                writer.text(display_name);
            }
        }
        if let Some(number) = self.number_of_credentials {
            writer.unsigned(0x05);
            writer.unsigned(number);
        }
    }
}
