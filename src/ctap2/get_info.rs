//! authenticatorGetInfo (CTAP 2.1 §6.4).

use crate::crypto::Algorithm;
use crate::encoding::cbor::Writer;
use crate::webauthn::{Aaguid, Transport};

/// The response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetInfoResponse {
    /// 0x01
    pub versions: Vec<&'static str>,
    /// 0x03
    pub aaguid: Aaguid,
    /// 0x04, in canonical order: shorter names first.
    pub options: Vec<(&'static str, bool)>,
    /// 0x05: bytes.
    pub max_msg_size: u64,
    /// 0x08: bytes.
    pub max_credential_id_length: u64,
    /// 0x09
    pub transports: Vec<Transport>,
    /// 0x0A
    pub algorithms: Vec<Algorithm>,
    /// 0x16
    pub attestation_formats: Vec<&'static str>,
}

impl GetInfoResponse {
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
