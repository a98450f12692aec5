//! authenticatorMakeCredential (CTAP 2.1 §6.1).

use std::borrow::Cow;

use super::Status;
use super::extensions::{self, MakeCredentialExtensions};
use super::message;
use super::request::{self, Parameters, PinUvAuth, bytes, member, optional_text, text};
use super::response::Members;
use crate::crypto::PublicKey;
use crate::encoding::cbor::{Value, Writer};
use crate::webauthn::{AuthenticatorData, CredentialDescriptor, InputError, User};

/// The request. A client in the same process lends its options; a request that was read from bytes owns its members.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MakeCredentialRequest<'a> {
    /// 0x01: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x02, `id`.
    pub rp_id: Cow<'a, str>,
    /// 0x03: the account. The user handle has 1 to 64 bytes.
    pub user: Cow<'a, User>,
    /// 0x04: COSE algorithm identifiers, the most preferred first.
    pub pub_key_cred_params: Cow<'a, [i64]>,
    /// 0x05: the credentials of which the authenticator must have none.
    pub exclude_list: Cow<'a, [CredentialDescriptor]>,
    /// 0x07, `rk`: whether the credential has to be discoverable.
    pub resident_key: bool,
    /// 0x07, `uv`: whether the user has to be verified.
    pub user_verification: bool,
    /// Whether the authenticator asks for a touch. On the wire it always does; a client in the same process may leave
    /// it out for a conditional create (WebAuthn L3 §6.3.2).
    pub user_presence: bool,
    /// 0x0A: whether the relying party may have an enterprise attestation, and who says so.
    pub enterprise_attestation: Option<EnterpriseAttestation>,
    /// 0x0B: attestation statement format identifiers, the most preferred first.
    pub attestation_formats_preference: Cow<'a, [String]>,
    /// 0x08 and 0x09: the proof that a token was had.
    pub pin_uv_auth: Option<PinUvAuth<'a>>,
    /// 0x06: the inputs of extensions.
    pub extensions: MakeCredentialExtensions,
}

impl<'a> MakeCredentialRequest<'a> {
    /// A request with the members that every request has. It excludes no credential, asks for a touch, and asks for
    /// nothing else.
    #[must_use]
    pub fn new(
        client_data_hash: [u8; 32],
        rp_id: impl Into<Cow<'a, str>>,
        user: Cow<'a, User>,
        pub_key_cred_params: impl Into<Cow<'a, [i64]>>,
    ) -> Self {
        Self {
            client_data_hash,
            rp_id: rp_id.into(),
            user,
            pub_key_cred_params: pub_key_cred_params.into(),
            exclude_list: Cow::Borrowed(&[]),
            resident_key: false,
            user_verification: false,
            user_presence: true,
            enterprise_attestation: None,
            attestation_formats_preference: Cow::Borrowed(&[]),
            pin_uv_auth: None,
            extensions: MakeCredentialExtensions::default(),
        }
    }
}

/// Who vouches that the relying party may have an enterprise attestation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnterpriseAttestation {
    /// 1: the authenticator's own list of RP IDs.
    VendorFacilitated,
    /// 2: the platform.
    PlatformManaged,
    /// A number that CTAP gives no meaning.
    Unknown(i64),
}

impl MakeCredentialRequest<'_> {
    /// The parameters, in canonical CBOR: the request without its command byte. The touch stays out, as the wire always
    /// asks for one, and so do the descriptors' transports, which are for clients.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let excludes = !self.exclude_list.is_empty();
        let options = [("rk", self.resident_key), ("uv", self.user_verification)];
        let prefers = !self.attestation_formats_preference.is_empty();
        let mut writer = Writer::new();
        writer.map(
            4 + usize::from(excludes)
                + usize::from(options.iter().any(|(_, wanted)| *wanted))
                + extensions::count(&self.extensions)
                + self.pin_uv_auth.as_ref().map_or(0, PinUvAuth::len)
                + usize::from(self.enterprise_attestation.is_some())
                + usize::from(prefers),
        );
        writer.unsigned(0x01);
        writer.bytes(&self.client_data_hash);
        writer.unsigned(0x02);
        writer.map(1);
        writer.text("id");
        writer.text(&self.rp_id);
        writer.unsigned(0x03);
        let User { id, name, display_name } = self.user.as_ref();
        request::write_user(id, name, display_name, &mut writer);
        writer.unsigned(0x04);
        writer.array(self.pub_key_cred_params.len());
        for algorithm in self.pub_key_cred_params.iter() {
            writer.map(2);
            writer.text("alg");
            writer.int(*algorithm);
            writer.text("type");
            writer.text("public-key");
        }
        if excludes {
            request::write_descriptors(0x05, &self.exclude_list, &mut writer);
        }
        extensions::write(0x06, &self.extensions, &mut writer);
        request::write_options(0x07, options.into_iter().filter(|(_, wanted)| *wanted), &mut writer);
        if let Some(auth) = &self.pin_uv_auth {
            auth.write(0x08, 0x09, &mut writer);
        }
        if let Some(vouching) = self.enterprise_attestation {
            writer.unsigned(0x0a);
            writer.int(match vouching {
                EnterpriseAttestation::VendorFacilitated => 1,
                EnterpriseAttestation::PlatformManaged => 2,
                EnterpriseAttestation::Unknown(value) => value,
            });
        }
        if prefers {
            writer.unsigned(0x0b);
            writer.array(self.attestation_formats_preference.len());
            self.attestation_formats_preference.iter().for_each(|format| writer.text(format));
        }
        writer.into_bytes()
    }
}

impl MakeCredentialRequest<'static> {
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
        let rp = parameters.required(0x02)?;
        optional_text(rp, "name")?;
        let request = Self {
            client_data_hash: parameters.client_data_hash(0x01)?,
            rp_id: text(member(rp, "id")?)?.to_owned().into(),
            user: Cow::Owned(user(parameters.required(0x03)?)?),
            pub_key_cred_params: Cow::Owned(algorithms(parameters.required(0x04)?)?),
            exclude_list: parameters.descriptors(0x05)?.unwrap_or_default().into(),
            resident_key: parameters.option(0x07, "rk")?.unwrap_or(false),
            user_verification: parameters.option(0x07, "uv")?.unwrap_or(false),
            user_presence: true,
            enterprise_attestation: match parameters.get(0x0a).map(Value::as_int) {
                None => None,
                Some(Some(1)) => Some(EnterpriseAttestation::VendorFacilitated),
                Some(Some(2)) => Some(EnterpriseAttestation::PlatformManaged),
                Some(Some(other)) => Some(EnterpriseAttestation::Unknown(other)),
                Some(None) => return Err(Status::CborUnexpectedType),
            },
            attestation_formats_preference: Cow::Owned(formats(parameters.get(0x0b))?),
            pin_uv_auth: parameters.pin_uv_auth(0x08, 0x09)?,
            extensions: extensions::read(parameters.get(0x06), has)?,
        };
        // §6.1.2 step 5: `up` may only be true here.
        match parameters.option(0x07, "up")? {
            Some(false) => Err(Status::InvalidOption),
            _ => Ok(request),
        }
    }
}

fn user(value: &Value<'_>) -> Result<User, Status> {
    let id = bytes(member(value, "id")?)?;
    if !(1..=64).contains(&id.len()) {
        return Err(Status::InvalidLength);
    }
    Ok(User {
        id: id.to_vec(),
        name: optional_text(value, "name")?.unwrap_or_default().to_owned(),
        display_name: optional_text(value, "displayName")?.unwrap_or_default().to_owned(),
    })
}

fn algorithms(value: &Value<'_>) -> Result<Vec<i64>, Status> {
    let mut algorithms = Vec::new();
    for item in value.as_array().ok_or(Status::CborUnexpectedType)? {
        // §6.1.2 step 3: which members there have to be is a matter of the type. Nothing is known of those of others.
        if text(member(item, "type")?)? == "public-key" {
            algorithms.push(member(item, "alg")?.as_int().ok_or(Status::CborUnexpectedType)?);
        }
    }
    Ok(algorithms)
}

fn formats(value: Option<&Value<'_>>) -> Result<Vec<String>, Status> {
    let Some(value) = value else { return Ok(Vec::new()) };
    value
        .as_array()
        .ok_or(Status::CborUnexpectedType)?
        .iter()
        .map(|item| text(item).map(str::to_owned))
        .collect()
}

/// The response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MakeCredentialResponse {
    /// 0x01: the attestation statement format identifier.
    pub fmt: Cow<'static, str>,
    /// 0x02: authenticator data (WebAuthn L3 §6.1).
    pub auth_data: Vec<u8>,
    /// 0x03: the statement, one canonical CBOR item.
    pub att_stmt: Vec<u8>,
    /// 0x04: whether this is an enterprise attestation.
    pub ep_att: bool,
    /// 0x05: the key of the credential's large blob, if it was asked for.
    pub large_blob_key: Option<Vec<u8>>,
    /// 0x06: extension outputs that are not signed, one canonical CBOR map.
    pub unsigned_extension_outputs: Option<Vec<u8>>,
    /// The credential id, as in `auth_data`: not a member on the wire.
    pub credential_id: Vec<u8>,
    /// The credential public key, as in `auth_data`: not a member on the wire.
    pub public_key: PublicKey,
}

impl MakeCredentialResponse {
    /// A response that is no enterprise attestation. `att_stmt` is one canonical CBOR item; `credential_id` and
    /// `public_key` are those in `auth_data`.
    #[must_use]
    pub fn new(
        fmt: impl Into<Cow<'static, str>>,
        auth_data: Vec<u8>,
        att_stmt: Vec<u8>,
        credential_id: Vec<u8>,
        public_key: PublicKey,
    ) -> Self {
        Self {
            fmt: fmt.into(),
            auth_data,
            att_stmt,
            ep_att: false,
            large_blob_key: None,
            unsigned_extension_outputs: None,
            credential_id,
            public_key,
        }
    }

    /// The response in canonical CBOR, without its status byte.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Reads a response: what follows its status byte. The credential's id and key are read from the authenticator data.
    ///
    /// # Errors
    /// [`InputError`] with the member that is missing or wrong.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, InputError> {
        let members = Members::read(cbor)?;
        let auth_data = members.bytes(0x02, "authData")?;
        let wrong = |found: String| InputError::new("authData", found, "attested credential data");
        let parsed = AuthenticatorData::parse(auth_data).map_err(|error| wrong(error.to_string()))?;
        let attested = parsed.attested_credential_data.ok_or_else(|| wrong("none".into()))?;
        let mut att_stmt = Writer::new();
        members.required(0x03, "attStmt")?.write(&mut att_stmt);
        Ok(Self {
            fmt: members.text(0x01, "fmt")?.to_owned().into(),
            auth_data: auth_data.to_vec(),
            att_stmt: att_stmt.into_bytes(),
            ep_att: members.bool(0x04, "epAtt")?.unwrap_or(false),
            large_blob_key: members.bytes_if_there(0x05, "largeBlobKey")?.map(<[u8]>::to_vec),
            unsigned_extension_outputs: members.encoded_map(0x06, "unsignedExtensionOutputs")?,
            credential_id: attested.credential_id,
            public_key: attested.public_key,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let optional =
            [self.ep_att, self.large_blob_key.is_some(), self.unsigned_extension_outputs.is_some()];
        writer.map(3 + optional.into_iter().filter(|is_there| *is_there).count());
        writer.unsigned(0x01);
        writer.text(&self.fmt);
        writer.unsigned(0x02);
        writer.bytes(&self.auth_data);
        writer.unsigned(0x03);
        writer.encoded(&self.att_stmt);
        if self.ep_att {
            writer.unsigned(0x04);
            writer.bool(true);
        }
        message::write_member(0x05, &self.large_blob_key, writer);
        if let Some(outputs) = &self.unsigned_extension_outputs {
            writer.unsigned(0x06);
            writer.encoded(outputs);
        }
    }
}
