//! authenticatorGetInfo (CTAP 2.1 §6.4).

use std::borrow::Cow;

use super::response::{Members, wrong};
use crate::crypto::Algorithm;
use crate::encoding::cbor::{Value, Writer};
use crate::webauthn::{Aaguid, InputError, Transport};

/// The response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetInfoResponse {
    /// 0x01: the protocol versions, as `FIDO_2_1`.
    pub versions: Vec<Cow<'static, str>>,
    /// 0x02: the extensions that it has.
    pub extensions: Vec<Cow<'static, str>>,
    /// 0x03: the authenticator's model.
    pub aaguid: Aaguid,
    /// 0x04: what the authenticator can do, in canonical order (shorter names first).
    pub options: Vec<(Cow<'static, str>, bool)>,
    /// 0x05: the longest message that it takes, in bytes.
    pub max_msg_size: u64,
    /// 0x06: the numbers of the PIN/UV auth protocols, the most preferred first.
    pub pin_uv_auth_protocols: Vec<u64>,
    /// 0x08: the longest credential id that it takes, in bytes; `None` where it does not say, as in CTAP 2.0.
    pub max_credential_id_length: Option<u64>,
    /// 0x09: how a client may reach it, as far as this library knows the ways; empty where it does not say.
    pub transports: Vec<Transport>,
    /// 0x0A: what its credentials sign with, the most preferred first, as far as this library knows the algorithms; empty
    /// where it does not say.
    pub algorithms: Vec<Algorithm>,
    /// 0x16: the attestation statement format identifiers that it makes; empty where it does not say.
    pub attestation_formats: Vec<Cow<'static, str>>,
}

impl GetInfoResponse {
    /// The response of an authenticator that says no more than it must. It takes messages of 1,024 bytes (CTAP 2.1 §6.4:
    /// the default).
    #[must_use]
    pub fn new(versions: Vec<Cow<'static, str>>, aaguid: Aaguid) -> Self {
        Self {
            versions,
            aaguid,
            extensions: Vec::new(),
            options: Vec::new(),
            max_msg_size: 1024,
            pin_uv_auth_protocols: Vec::new(),
            max_credential_id_length: None,
            transports: Vec::new(),
            algorithms: Vec::new(),
            attestation_formats: Vec::new(),
        }
    }

    /// The response in canonical CBOR, without its status byte.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Reads a response: what follows its status byte. Members that this type lacks are left out.
    ///
    /// # Errors
    /// [`InputError`] with the member that is missing or wrong.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, InputError> {
        let members = Members::read(cbor)?;
        let aaguid = members.bytes(0x03, "aaguid")?;
        let aaguid = aaguid
            .try_into()
            .map_err(|_| InputError::new("aaguid", format!("{} bytes", aaguid.len()), "16 bytes"))?;
        let mut options = Vec::new();
        for (name, value) in members.entries(0x04, "options")? {
            let (Some(name), Some(is_on)) = (name.as_text(), value.as_bool()) else {
                return Err(wrong("options", &value, "booleans by their names"));
            };
            options.push((name.to_owned().into(), is_on));
        }
        let owned = |texts: Vec<&str>| texts.into_iter().map(|text| text.to_owned().into()).collect();
        let unsigned = |item: &Value<'_>| item.as_int().and_then(|number| u64::try_from(number).ok());
        let algorithm = |item: &Value<'_>| Algorithm::from_cose_identifier(item.member("alg")?.as_int()?);
        Ok(Self {
            versions: owned(members.texts(0x01, "versions")?),
            extensions: owned(members.texts(0x02, "extensions")?),
            aaguid: Aaguid(aaguid),
            options,
            // §6.4: without this member, 1024 bytes.
            max_msg_size: members.unsigned(0x05, "maxMsgSize")?.unwrap_or(1024),
            pin_uv_auth_protocols: members
                .items(0x06, "pinUvAuthProtocols")?
                .iter()
                .filter_map(unsigned)
                .collect(),
            max_credential_id_length: members.unsigned(0x08, "maxCredentialIdLength")?,
            transports: members
                .texts(0x09, "transports")?
                .into_iter()
                .filter_map(Transport::from_name)
                .collect(),
            algorithms: members.items(0x0a, "algorithms")?.iter().filter_map(algorithm).collect(),
            attestation_formats: owned(members.texts(0x16, "attestationFormats")?),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let lists = [
            self.extensions.is_empty(),
            self.pin_uv_auth_protocols.is_empty(),
            self.transports.is_empty(),
            self.algorithms.is_empty(),
            self.attestation_formats.is_empty(),
        ];
        let there = lists.into_iter().filter(|is_empty| !is_empty).count();
        writer.map(4 + there + usize::from(self.max_credential_id_length.is_some()));
        writer.unsigned(0x01);
        texts(writer, self.versions.iter());
        if !self.extensions.is_empty() {
            writer.unsigned(0x02);
            texts(writer, self.extensions.iter());
        }
        writer.unsigned(0x03);
        writer.bytes(&self.aaguid.0);
        writer.unsigned(0x04);
        writer.map(self.options.len());
        for (name, value) in &self.options {
            writer.text(name);
            writer.bool(*value);
        }
        writer.unsigned(0x05);
        writer.unsigned(self.max_msg_size);
        if !self.pin_uv_auth_protocols.is_empty() {
            writer.unsigned(0x06);
            writer.array(self.pin_uv_auth_protocols.len());
            self.pin_uv_auth_protocols.iter().for_each(|number| writer.unsigned(*number));
        }
        if let Some(length) = self.max_credential_id_length {
            writer.unsigned(0x08);
            writer.unsigned(length);
        }
        if !self.transports.is_empty() {
            writer.unsigned(0x09);
            texts(writer, self.transports.iter().map(|transport| transport.as_str()));
        }
        if !self.algorithms.is_empty() {
            writer.unsigned(0x0a);
            writer.array(self.algorithms.len());
            for algorithm in &self.algorithms {
                writer.map(2);
                writer.text("alg");
                writer.int(algorithm.cose_identifier());
                writer.text("type");
                writer.text("public-key");
            }
        }
        if !self.attestation_formats.is_empty() {
            writer.unsigned(0x16);
            texts(writer, self.attestation_formats.iter());
        }
    }
}

fn texts<T: AsRef<str>>(writer: &mut Writer, texts: impl ExactSizeIterator<Item = T>) {
    writer.array(texts.len());
    texts.for_each(|text| writer.text(text.as_ref()));
}
