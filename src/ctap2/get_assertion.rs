//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2, §6.3).

use std::borrow::Cow;

use super::Status;
use super::extensions::GetAssertionExtensions;
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
                + usize::from(!self.extensions.is_empty())
                + self.pin_uv_auth.as_ref().map_or(0, PinUvAuth::len),
        );
        writer.unsigned(0x01);
        writer.text(&self.rp_id);
        writer.unsigned(0x02);
        writer.bytes(&self.client_data_hash);
        if let Some(allow_list) = &self.allow_list {
            request::write_descriptors(0x03, allow_list, &mut writer);
        }
        self.extensions.write(0x04, &mut writer);
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
            extensions: GetAssertionExtensions::read(parameters.get(0x04), has)?,
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
    /// The name: only if there is one, and the user was verified and has to choose (§6.2.2 step 12).
    pub name: Option<String>,
    /// The display name, as the name.
    pub display_name: Option<String>,
}

impl AssertionUser {
    /// The account with this user handle, without names.
    #[must_use]
    pub fn new(id: Vec<u8>) -> Self {
        Self { id, name: None, display_name: None }
    }
}

impl GetAssertionResponse {
    /// A response that names no account.
    #[must_use]
    pub fn new(credential_id: Vec<u8>, auth_data: Vec<u8>, signature: Vec<u8>) -> Self {
        Self { credential_id, auth_data, signature, user: None, number_of_credentials: None }
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
        let user = match members.map(0x04, "user")? {
            None => None,
            Some(user) => {
                let id = user.bytes("id", "user.id")?.to_vec();
                let name = user.text_if_there("name", "user.name")?;
                let display_name = user.text_if_there("displayName", "user.displayName")?;
                let owned = |name: Option<&str>| name.map(str::to_owned);
                Some(AssertionUser { id, name: owned(name), display_name: owned(display_name) })
            }
        };
        Ok(Self {
            credential_id,
            auth_data: members.bytes(0x02, "authData")?.to_vec(),
            signature: members.bytes(0x03, "signature")?.to_vec(),
            user,
            number_of_credentials: members.unsigned(0x05, "numberOfCredentials")?,
        })
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
            request::write_user(
                &user.id,
                user.name.as_deref().unwrap_or_default(),
                user.display_name.as_deref().unwrap_or_default(),
                writer,
            );
        }
        if let Some(number) = self.number_of_credentials {
            writer.unsigned(0x05);
            writer.unsigned(number);
        }
    }
}
