//! `tpm`: §7.1 step 22 by WebAuthn L3 §8.3.

use super::Fault;
use super::edits::flip_last_bit;
use crate::attestation::AttestationFormat;
use crate::draft::Edit::{CertInfo, CertInfoBytes, Chain, Leaf, PubAreaBytes, Signature, Signed, Statement};
use crate::draft::certificate::{multi_valued_name, name};
use crate::draft::{Extension, Oid};
use crate::encoding::cbor::Item;

const fn tpm(id: &'static str, sentence: &'static str, edits: &'static [crate::draft::Edit]) -> Fault {
    Fault::create(id, 22, sentence, edits).format(AttestationFormat::Tpm)
}

pub(super) const FAULTS: &[Fault] = &[
    tpm("tpm/syntax/ver-missing", "the statement has no ver", &[Statement(|s| drop(s.remove("ver")))]),
    tpm("tpm/syntax/alg-missing", "the statement has no alg", &[Statement(|s| drop(s.remove("alg")))]),
    tpm("tpm/syntax/x5c-missing", "the statement has no x5c", &[Statement(|s| drop(s.remove("x5c")))]),
    tpm("tpm/syntax/x5c-empty", "x5c is empty", &[Statement(|s| s.set("x5c", Item::Array(Vec::new())))]),
    tpm("tpm/syntax/sig-missing", "the statement has no sig", &[Statement(|s| drop(s.remove("sig")))]),
    tpm(
        "tpm/syntax/cert-info-missing",
        "the statement has no certInfo",
        &[Statement(|s| drop(s.remove("certInfo")))],
    ),
    tpm(
        "tpm/syntax/pub-area-missing",
        "the statement has no pubArea",
        &[Statement(|s| drop(s.remove("pubArea")))],
    ),
    tpm("tpm/ver/1.2", "ver is \"1.2\"", &[Statement(|s| s.set("ver", "1.2"))]),
    tpm(
        "tpm/pub-area/truncated",
        "pubArea ends early",
        &[PubAreaBytes(|bytes| {
            bytes.pop();
        })],
    ),
    tpm("tpm/pub-area/trailing-bytes", "a byte follows pubArea", &[PubAreaBytes(|bytes| bytes.push(0))]),
    tpm(
        "tpm/pub-area/type",
        "pubArea is of a key that is neither RSA nor ECC",
        &[PubAreaBytes(|bytes| {
            if let Some(kind) = bytes.get_mut(..2) {
                kind.copy_from_slice(&[0x00, 0x25]);
            }
        })],
    ),
    tpm(
        "tpm/pub-area/key/other",
        "pubArea has another key than the credential",
        &[PubAreaBytes(|bytes| {
            flip_last_bit(bytes);
        })],
    ),
    tpm(
        "tpm/cert-info/truncated",
        "certInfo ends early",
        &[CertInfoBytes(|bytes| {
            bytes.pop();
        })],
    ),
    tpm("tpm/cert-info/trailing-bytes", "a byte follows certInfo", &[CertInfoBytes(|bytes| bytes.push(0))]),
    tpm(
        "tpm/cert-info/magic/other",
        "the TPM did not make certInfo",
        &[CertInfoBytes(|bytes| {
            if let Some(first) = bytes.first_mut() {
                *first = 0;
            }
        })],
    ),
    tpm(
        "tpm/cert-info/type/quote",
        "certInfo is a quote",
        &[CertInfoBytes(|bytes| {
            if let Some(kind) = bytes.get_mut(4..6) {
                kind.copy_from_slice(&[0x80, 0x18]);
            }
        })],
    ),
    tpm(
        "tpm/cert-info/extra-data/other",
        "extraData is the hash of something else",
        &[CertInfo(|info| {
            flip_last_bit(&mut info.extra_data);
        })],
    ),
    tpm("tpm/cert-info/extra-data/empty", "extraData is empty", &[CertInfo(|info| info.extra_data.clear())]),
    tpm(
        "tpm/cert-info/name/other",
        "the attested name is another object's",
        &[CertInfo(|info| {
            flip_last_bit(&mut info.name);
        })],
    ),
    tpm(
        "tpm/certificate/garbage",
        "the AIK certificate is no certificate",
        &[Chain(|chain| {
            if let Some(leaf) = chain.first_mut() {
                *leaf = vec![0x30, 0x03, 0x02, 0x01, 0x01];
            }
        })],
    ),
    tpm("tpm/signature/corrupted", "one bit of the signature is flipped", &[Signature(|s| flip_last_bit(s))]),
    tpm("tpm/signature/empty", "the signature is empty", &[Signature(Vec::clear)]),
    tpm(
        "tpm/signature/other-message",
        "the signature is over another certInfo",
        &[Signed(|m| flip_last_bit(m))],
    ),
    tpm("tpm/certificate/version/2", "the AIK certificate has version 2", &[Leaf(|leaf| leaf.version = 2)]),
    tpm(
        "tpm/certificate/subject/given",
        "the AIK certificate has a subject",
        &[Leaf(|leaf| {
            leaf.subject = name(&[(Oid::COMMON_NAME, "stuntkey test AIK")]);
        })],
    ),
    tpm(
        "tpm/certificate/subject-alternative-name/missing",
        "the AIK certificate has no alternative name",
        &[Leaf(|leaf| drop(leaf.remove_extension(Oid::SUBJECT_ALT_NAME)))],
    ),
    tpm(
        "tpm/certificate/subject-alternative-name/no-model",
        "the alternative name tells no model",
        &[Leaf(|leaf| {
            let told = multi_valued_name(&[
                (Oid::TPM_MANUFACTURER, "id:FFFFFFFF"),
                (Oid::TPM_VERSION, "id:00000001"),
            ]);
            leaf.set_extension(Extension::directory_name(&told));
        })],
    ),
    tpm(
        "tpm/certificate/subject-alternative-name/host",
        "the alternative name is a host",
        &[Leaf(|leaf| {
            leaf.set_extension(Extension::dns_name("tpm.example"));
        })],
    ),
    tpm(
        "tpm/certificate/extended-key-usage/missing",
        "the AIK certificate has no extended key usage",
        &[Leaf(|leaf| {
            drop(leaf.remove_extension(Oid::EXTENDED_KEY_USAGE));
        })],
    ),
    tpm(
        "tpm/certificate/extended-key-usage/other",
        "the AIK certificate has another extended key usage",
        &[Leaf(|leaf| leaf.set_extension(Extension::extended_key_usage(Oid::TPM_MANUFACTURER)))],
    ),
    tpm(
        "tpm/certificate/basic-constraints/authority",
        "the AIK certificate is an authority's",
        &[Leaf(|leaf| {
            leaf.set_extension(Extension::basic_constraints(true, None));
        })],
    ),
    tpm(
        "tpm/certificate/aaguid/other",
        "the AAGUID extension has another AAGUID",
        &[Leaf(|leaf| {
            leaf.set_extension(Extension::octets(Oid::FIDO_AAGUID, &[0x2a; 16]));
        })],
    ),
];
