//! authenticatorGetInfo (CTAP 2.1 §6.4).

use crate::crypto::Algorithm;
use crate::encoding::cbor::Writer;
use crate::webauthn::{Aaguid, Transport};

/// The response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetInfoResponse {
    /// 0x01: the protocol versions, as `FIDO_2_1`.
    pub versions: Vec<&'static str>,
    /// 0x03: the authenticator's model.
    pub aaguid: Aaguid,
    /// 0x04: what the authenticator can do, in canonical order (shorter names first).
    pub options: Vec<(&'static str, bool)>,
    /// 0x05: the longest message that it takes, in bytes.
    pub max_msg_size: u64,
    /// 0x08: the longest credential id that it takes, in bytes.
    pub max_credential_id_length: u64,
    /// 0x09: how a client may reach it.
    pub transports: Vec<Transport>,
    /// 0x0A: what its credentials sign with, the most preferred first.
    pub algorithms: Vec<Algorithm>,
    /// 0x16: the attestation statement format identifiers that it makes.
    pub attestation_formats: Vec<&'static str>,
}

impl GetInfoResponse {
    /// The response of an authenticator that has no options, no transports, no algorithms and no formats. It takes
    /// messages of 1,024 bytes (CTAP 2.1 §6.4: the default) and credential ids of 1,023 (WebAuthn L3 §4: the most).
    #[must_use]
    pub fn new(versions: Vec<&'static str>, aaguid: Aaguid) -> Self {
        Self {
            versions,
            aaguid,
            options: Vec::new(),
            max_msg_size: 1024,
            max_credential_id_length: 1023,
            transports: Vec::new(),
            algorithms: Vec::new(),
            attestation_formats: Vec::new(),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.map(8);
        writer.unsigned(0x01);
        texts(writer, &self.versions);
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
        writer.unsigned(0x08);
        writer.unsigned(self.max_credential_id_length);
        writer.unsigned(0x09);
        texts(writer, &self.transports.iter().map(|t| t.as_str()).collect::<Vec<_>>());
        writer.unsigned(0x0a);
        writer.array(self.algorithms.len());
        for algorithm in &self.algorithms {
            writer.map(2);
            writer.text("alg");
            writer.int(algorithm.cose_identifier());
            writer.text("type");
            writer.text("public-key");
        }
        writer.unsigned(0x16);
        texts(writer, &self.attestation_formats);
    }
}

fn texts(writer: &mut Writer, texts: &[&str]) {
    writer.array(texts.len());
    texts.iter().for_each(|text| writer.text(text));
}
