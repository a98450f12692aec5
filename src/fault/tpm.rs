//! `tpm`: §7.1 step 22 by WebAuthn L3 §8.3.

use super::Fault;
use super::changes::flip_last_bit;
use crate::attestation::AttestationFormat;
use crate::draft::certificate::{multi_valued_name, name};
use crate::draft::{Edit, Extension, Oid, constant_edits as edits};
use crate::encoding::cbor::Item;

const fn tpm(id: &'static str, sentence: &'static str, edits: &'static [Edit]) -> Fault {
    Fault::create(id, 22, sentence, edits).format(AttestationFormat::Tpm)
}

pub(super) const FAULTS: &[Fault] = &[
    tpm("tpm/syntax/ver-missing", "the statement has no ver", edits![Statement(|s| drop(s.remove("ver")))]),
    tpm("tpm/syntax/alg-missing", "the statement has no alg", edits![Statement(|s| drop(s.remove("alg")))]),
    tpm("tpm/syntax/x5c-missing", "the statement has no x5c", edits![Statement(|s| drop(s.remove("x5c")))]),
    tpm("tpm/syntax/x5c-empty", "x5c is empty", edits![Statement(|s| s.set("x5c", Item::Array(Vec::new())))]),
    tpm("tpm/syntax/sig-missing", "the statement has no sig", edits![Statement(|s| drop(s.remove("sig")))]),
    tpm(
        "tpm/syntax/cert-info-missing",
        "the statement has no certInfo",
        edits![Statement(|s| drop(s.remove("certInfo")))],
    ),
    tpm(
        "tpm/syntax/pub-area-missing",
        "the statement has no pubArea",
        edits![Statement(|s| drop(s.remove("pubArea")))],
    ),
    tpm("tpm/ver/1.2", "ver is \"1.2\"", edits![Statement(|s| s.set("ver", "1.2"))]),
    tpm(
        "tpm/pub-area/truncated",
        "pubArea ends early",
        edits![PubAreaBytes(|bytes| {
            bytes.pop();
        })],
    ),
    tpm("tpm/pub-area/trailing-bytes", "a byte follows pubArea", edits![PubAreaBytes(|bytes| bytes.push(0))]),
    tpm(
        "tpm/pub-area/type",
        "pubArea is of a key that is neither RSA nor ECC",
        edits![PubAreaBytes(|bytes| {
            if let Some(kind) = bytes.get_mut(..2) {
                kind.copy_from_slice(&[0x00, 0x25]);
            }
        })],
    ),
    tpm(
        "tpm/pub-area/key/other",
        "pubArea has another key than the credential",
        edits![PubAreaBytes(|bytes| {
            flip_last_bit(bytes);
        })],
    ),
    tpm(
        "tpm/cert-info/truncated",
        "certInfo ends early",
        edits![CertInfoBytes(|bytes| {
            bytes.pop();
        })],
    ),
    tpm(
        "tpm/cert-info/trailing-bytes",
        "a byte follows certInfo",
        edits![CertInfoBytes(|bytes| bytes.push(0))],
    ),
    tpm(
        "tpm/cert-info/magic/other",
        "the TPM did not make certInfo",
        edits![CertInfoBytes(|bytes| {
            if let Some(first) = bytes.first_mut() {
                *first = 0;
            }
        })],
    ),
    tpm(
        "tpm/cert-info/type/quote",
        "certInfo is a quote",
        edits![CertInfoBytes(|bytes| {
            if let Some(kind) = bytes.get_mut(4..6) {
                kind.copy_from_slice(&[0x80, 0x18]);
            }
        })],
    ),
    tpm(
        "tpm/cert-info/extra-data/other",
        "extraData is the hash of something else",
        edits![CertInfo(|info| {
            flip_last_bit(&mut info.extra_data);
        })],
    ),
    tpm(
        "tpm/cert-info/extra-data/empty",
        "extraData is empty",
        edits![CertInfo(|info| info.extra_data.clear())],
    ),
    tpm(
        "tpm/cert-info/name/other",
        "the attested name is another object's",
        edits![CertInfo(|info| {
            flip_last_bit(&mut info.name);
        })],
    ),
    tpm(
        "tpm/certificate/garbage",
        "the AIK certificate is no certificate",
        edits![Chain(|chain| {
            if let Some(leaf) = chain.first_mut() {
                *leaf = vec![0x30, 0x03, 0x02, 0x01, 0x01];
            }
        })],
    ),
    tpm(
        "tpm/signature/corrupted",
        "one bit of the signature is flipped",
        edits![Signature(|s| flip_last_bit(s))],
    ),
    tpm("tpm/signature/empty", "the signature is empty", edits![Signature(Vec::clear)]),
    tpm(
        "tpm/signature/other-message",
        "the signature is over another certInfo",
        edits![Signed(|m| flip_last_bit(m))],
    ),
    tpm(
        "tpm/certificate/version/2",
        "the AIK certificate has version 2",
        edits![Leaf(|leaf| leaf.version = 2)],
    ),
    tpm(
        "tpm/certificate/subject/given",
        "the AIK certificate has a subject",
        edits![Leaf(|leaf| {
            leaf.subject = name(&[(Oid::COMMON_NAME, "stuntkey test AIK")]);
        })],
    ),
    tpm(
        "tpm/certificate/subject-alternative-name/missing",
        "the AIK certificate has no alternative name",
        edits![Leaf(|leaf| drop(leaf.remove_extension(Oid::SUBJECT_ALT_NAME)))],
    ),
    tpm(
        "tpm/certificate/subject-alternative-name/no-model",
        "the alternative name tells no model",
        edits![Leaf(|leaf| {
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
        edits![Leaf(|leaf| {
            leaf.set_extension(Extension::dns_name("tpm.example"));
        })],
    ),
    tpm(
        "tpm/certificate/extended-key-usage/missing",
        "the AIK certificate has no extended key usage",
        edits![Leaf(|leaf| {
            drop(leaf.remove_extension(Oid::EXTENDED_KEY_USAGE));
        })],
    ),
    tpm(
        "tpm/certificate/extended-key-usage/other",
        "the AIK certificate has another extended key usage",
        edits![Leaf(|leaf| leaf.set_extension(Extension::extended_key_usage(Oid::TPM_MANUFACTURER)))],
    ),
    tpm(
        "tpm/certificate/basic-constraints/authority",
        "the AIK certificate is an authority's",
        edits![Leaf(|leaf| {
            leaf.set_extension(Extension::basic_constraints(true, None));
        })],
    ),
    tpm(
        "tpm/certificate/aaguid/other",
        "the AAGUID extension has another AAGUID",
        edits![Leaf(|leaf| {
            leaf.set_extension(Extension::octets(Oid::FIDO_AAGUID, &[0x2a; 16]));
        })],
    ),
];
