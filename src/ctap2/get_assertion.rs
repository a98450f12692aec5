//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2, §6.3).

use std::borrow::Cow;

use super::Status;
use super::entities::UserEntity;
use super::extensions::{self, GetAssertionExtensions};
use super::message;
use super::request::{self, Parameters, PinUvAuth, text};
use super::response::Members;
use crate::encoding::cbor::Writer;
use crate::webauthn::{CredentialDescriptor, InputError};

/// The request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAssertionRequest<'a> {
    /// 0x01: the relying party's id.
    pub rp_id: Cow<'a, str>,
    /// 0x02: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x03: the credentials that will do; without a list, any discoverable credential of the relying party does. In a
    /// list that is empty, or that had descriptors of unknown types only, there is none.
    pub allow_list: Option<Cow<'a, [CredentialDescriptor]>>,
    /// 0x05, `up`: whether the authenticator asks for a touch.
    pub user_presence: bool,
    /// 0x05, `uv`: whether the user has to be verified.
    pub user_verification: bool,
    /// 0x06 and 0x07: the proof that a token was had.
    pub pin_uv_auth: Option<PinUvAuth<'a>>,
    /// 0x04: the inputs of extensions.
    pub extensions: GetAssertionExtensions,
}

impl<'a> GetAssertionRequest<'a> {
    /// A request for any discoverable credential of the relying party, with a touch and without user verification.
    #[must_use]
    pub fn new(client_data_hash: [u8; 32], rp_id: impl Into<Cow<'a, str>>) -> Self {
        Self {
            rp_id: rp_id.into(),
            client_data_hash,
            allow_list: None,
            user_presence: true,
            user_verification: false,
            pin_uv_auth: None,
            extensions: GetAssertionExtensions::default(),
        }
    }
}

impl GetAssertionRequest<'_> {
    /// The parameters, in canonical CBOR: the request without its command byte. The descriptors' transports, which are
    /// for clients, stay out.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let options =
            [(!self.user_presence).then_some(("up", false)), self.user_verification.then_some(("uv", true))];
        let mut writer = Writer::new();
        writer.map(
            2 + usize::from(self.allow_list.is_some())
                + usize::from(options.iter().any(Option::is_some))
                + extensions::count(&self.extensions)
                + self.pin_uv_auth.as_ref().map_or(0, PinUvAuth::len),
        );
        writer.unsigned(0x01);
        writer.text(&self.rp_id);
        writer.unsigned(0x02);
        writer.bytes(&self.client_data_hash);
        if let Some(allow_list) = &self.allow_list {
            request::write_descriptors(0x03, allow_list, &mut writer);
        }
        extensions::write(0x04, &self.extensions, &mut writer);
        request::write_options(0x05, options.into_iter().flatten(), &mut writer);
        if let Some(auth) = &self.pin_uv_auth {
            auth.write(0x06, 0x07, &mut writer);
        }
        writer.into_bytes()
    }
}

impl GetAssertionRequest<'static> {
    /// Reads the parameters: the request without its command byte.
    ///
    /// # Errors
    /// The [`Status`] with which an authenticator refuses them.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, Status> {
        Self::read(cbor, &|_| true)
    }

    /// As [`from_cbor`](Self::from_cbor), for an authenticator that has these extensions.
    pub(crate) fn read(cbor: &[u8], has: &dyn Fn(&str) -> bool) -> Result<Self, Status> {
        let parameters = Parameters::read(cbor)?;
        let request = Self {
            rp_id: text(parameters.required(0x01)?)?.to_owned().into(),
            client_data_hash: parameters.client_data_hash(0x02)?,
            allow_list: parameters.descriptors(0x03)?.map(Cow::Owned),
            user_presence: parameters.option(0x05, "up")?.unwrap_or(true),
            user_verification: parameters.option(0x05, "uv")?.unwrap_or(false),
            pin_uv_auth: parameters.pin_uv_auth(0x06, 0x07)?,
            extensions: extensions::read(parameters.get(0x04), has)?,
        };
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
    /// 0x01, `id`. Empty where the device left it out, as CTAP 2.0 lets it for an allow list of one.
    pub credential_id: Vec<u8>,
    /// 0x02: authenticator data (WebAuthn L3 §6.1).
    pub auth_data: Vec<u8>,
    /// 0x03: the signature over authenticator data and client data hash.
    pub signature: Vec<u8>,
    /// 0x04: the account, if the credential is discoverable. It has names only if the user was verified and has to choose
    /// (§6.2.2 step 12).
    pub user: Option<UserEntity>,
    /// 0x05: how many accounts there are to choose from, if there is more than one.
    pub number_of_credentials: Option<u64>,
    /// 0x06: whether the user chose the account, on a display of the authenticator's.
    pub user_selected: Option<bool>,
    /// 0x07: the key of the credential's large blob, if it was asked for and there is one.
    pub large_blob_key: Option<Vec<u8>>,
    /// 0x08: extension outputs that are not signed, one canonical CBOR map.
    pub unsigned_extension_outputs: Option<Vec<u8>>,
}

impl GetAssertionResponse {
    /// A response that names no account.
    #[must_use]
    pub fn new(credential_id: Vec<u8>, auth_data: Vec<u8>, signature: Vec<u8>) -> Self {
        Self {
            credential_id,
            auth_data,
            signature,
            user: None,
            number_of_credentials: None,
            user_selected: None,
            large_blob_key: None,
            unsigned_extension_outputs: None,
        }
    }

    /// The response in canonical CBOR, without its status byte.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Reads a response: what follows its status byte.
    ///
    /// # Errors
    /// [`InputError`] with the member that is missing or wrong.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, InputError> {
        let members = Members::read(cbor)?;
        let credential_id = match members.map(0x01, "credential")? {
            Some(credential) => credential.bytes("id", "credential.id")?.to_vec(),
            None => Vec::new(),
        };
        Ok(Self {
            credential_id,
            auth_data: members.bytes(0x02, "authData")?.to_vec(),
            signature: members.bytes(0x03, "signature")?.to_vec(),
            user: members.member(0x04, "user")?,
            number_of_credentials: members.member(0x05, "number_of_credentials")?,
            user_selected: members.member(0x06, "user_selected")?,
            large_blob_key: members.member(0x07, "large_blob_key")?,
            unsigned_extension_outputs: members.encoded_map(0x08, "unsignedExtensionOutputs")?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let optional = [
            self.user.is_some(),
            self.number_of_credentials.is_some(),
            self.user_selected.is_some(),
            self.large_blob_key.is_some(),
            self.unsigned_extension_outputs.is_some(),
        ];
        writer.map(3 + optional.into_iter().filter(|is_there| *is_there).count());
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
        message::write_member(0x04, &self.user, writer);
        message::write_member(0x05, &self.number_of_credentials, writer);
        message::write_member(0x06, &self.user_selected, writer);
        message::write_member(0x07, &self.large_blob_key, writer);
        if let Some(outputs) = &self.unsigned_extension_outputs {
            writer.unsigned(0x08);
            writer.encoded(outputs);
        }
    }
}
