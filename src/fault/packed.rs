//! `packed`: §7.1 step 22 by WebAuthn L3 §8.2.

use super::Fault;
use super::changes::{GENERATOR, flip_last_bit, with_white_space_in_client_data};
use crate::attestation::AttestationFormat;
use crate::draft::certificate::name;
use crate::draft::{CertificateDraft, Edit, Extension, Oid, constant_edits as edits};
use crate::encoding::cbor::Item;

const fn packed(id: &'static str, sentence: &'static str, edits: &'static [Edit]) -> Fault {
    Fault::create(id, 22, sentence, edits).format(AttestationFormat::Packed)
}

const fn own(id: &'static str, sentence: &'static str, edits: &'static [Edit]) -> Fault {
    Fault::create(id, 22, sentence, edits).format(AttestationFormat::PackedSelf)
}

pub(super) const FAULTS: &[Fault] = &[
    packed(
        "packed/syntax/empty",
        "the statement is an empty map",
        edits![Statement(|s| *s = Item::Map(Vec::new()))],
    ),
    packed(
        "packed/syntax/alg-missing",
        "the statement has no alg",
        edits![Statement(|s| drop(s.remove("alg")))],
    ),
    packed("packed/syntax/alg-not-integer", "alg is a text", edits![Statement(|s| s.set("alg", "ES256"))]),
    packed(
        "packed/syntax/sig-missing",
        "the statement has no sig",
        edits![Statement(|s| drop(s.remove("sig")))],
    ),
    packed("packed/syntax/sig-not-bytes", "sig is a text", edits![Statement(|s| s.set("sig", "signature"))]),
    packed(
        "packed/syntax/x5c-not-array",
        "x5c is a byte string",
        edits![Statement(|s| s.set("x5c", vec![0; 4]))],
    ),
    packed(
        "packed/syntax/x5c-empty",
        "x5c is empty",
        edits![Statement(|s| s.set("x5c", Item::Array(Vec::new())))],
    ),
    packed(
        "packed/syntax/x5c-not-bytes",
        "x5c has a text",
        edits![Statement(|s| {
            s.set("x5c", Item::Array(vec!["certificate".into()]));
        })],
    ),
    packed(
        "packed/syntax/further-member",
        "the statement has a member of no use",
        edits![Statement(|s| {
            s.set("ecdaaKeyId", vec![0; 4]);
        })],
    ),
    packed(
        "packed/certificate/garbage",
        "the attestation certificate is no certificate",
        edits![Chain(|chain| {
            if let Some(leaf) = chain.first_mut() {
                *leaf = vec![0x30, 0x03, 0x02, 0x01, 0x01];
            }
        })],
    ),
    packed(
        "packed/certificate/extension-twice",
        "the attestation certificate has its basic constraints twice (RFC 5280 §4.2)",
        edits![Leaf(|leaf| leaf.extensions.push(Extension::basic_constraints(true, None)))],
    ),
    packed(
        "packed/signature/corrupted",
        "one bit of the signature is flipped",
        edits![Signature(|s| flip_last_bit(s))],
    ),
    packed("packed/signature/empty", "the signature is empty", edits![Signature(Vec::clear)]),
    packed("packed/signature/zero", "every byte of the signature is zero", edits![Signature(|s| s.fill(0))]),
    packed(
        "packed/signature/trailing-bytes",
        "a byte follows the signature",
        edits![Signature(|s| s.push(0))],
    ),
    packed(
        "packed/signature/other-client-data",
        "the signature is over other client data",
        edits![Signed(|message| {
            flip_last_bit(message);
        })],
    ),
    packed(
        "packed/signature/without-client-data",
        "the signature is over the authenticator data alone",
        edits![Signed(|message| message.truncate(message.len().saturating_sub(32)))],
    ),
    packed(
        "packed/signature/other-key",
        "the certificate is another key's than the one that signs",
        edits![Leaf(|leaf| leaf.subject_public_key_info = GENERATOR.to_vec())],
    ),
    packed(
        "packed/signature/client-data-written-anew",
        "the client data was written anew after it was signed",
        edits![Reply(with_white_space_in_client_data)],
    ),
    packed(
        "packed/signature/other-algorithm",
        "alg is not that of the attestation key",
        edits![Statement(|s| {
            s.set("alg", -257);
        })],
    ),
    packed(
        "packed/certificate/version/1",
        "the attestation certificate has version 1",
        edits![Leaf(|leaf| {
            leaf.version = 1;
            leaf.extensions.clear();
        })],
    ),
    packed(
        "packed/certificate/version/2",
        "the attestation certificate has version 2",
        edits![Leaf(|leaf| {
            leaf.version = 2;
        })],
    ),
    packed(
        "packed/certificate/subject/no-country",
        "the subject has no country",
        edits![Leaf(|leaf| {
            subject(
                leaf,
                &[(Oid::ORGANIZATION, "o"), (Oid::ORGANIZATIONAL_UNIT, UNIT), (Oid::COMMON_NAME, "n")],
            );
        })],
    ),
    packed(
        "packed/certificate/subject/country-name",
        "the subject's country is no ISO 3166 code",
        edits![Leaf(|leaf| {
            subject(
                leaf,
                &[
                    (Oid::COUNTRY, "Antarctica"),
                    (Oid::ORGANIZATION, "o"),
                    (Oid::ORGANIZATIONAL_UNIT, UNIT),
                    (Oid::COMMON_NAME, "n"),
                ],
            );
        })],
    ),
    packed(
        "packed/certificate/subject/no-organization",
        "the subject has no organization",
        edits![Leaf(|leaf| {
            subject(leaf, &[(Oid::COUNTRY, "AQ"), (Oid::ORGANIZATIONAL_UNIT, UNIT), (Oid::COMMON_NAME, "n")]);
        })],
    ),
    packed(
        "packed/certificate/subject/other-unit",
        "the subject's unit is not the one that is asked for",
        edits![Leaf(|leaf| {
            subject(
                leaf,
                &[
                    (Oid::COUNTRY, "AQ"),
                    (Oid::ORGANIZATION, "o"),
                    (Oid::ORGANIZATIONAL_UNIT, "Authenticator"),
                    (Oid::COMMON_NAME, "n"),
                ],
            );
        })],
    ),
    packed(
        "packed/certificate/subject/no-common-name",
        "the subject has no common name",
        edits![Leaf(|leaf| {
            subject(
                leaf,
                &[(Oid::COUNTRY, "AQ"), (Oid::ORGANIZATION, "o"), (Oid::ORGANIZATIONAL_UNIT, UNIT)],
            );
        })],
    ),
    packed(
        "packed/certificate/basic-constraints/authority",
        "the attestation certificate is an authority's",
        edits![Leaf(|leaf| leaf.set_extension(Extension::basic_constraints(true, None)))],
    ),
    packed(
        "packed/certificate/basic-constraints/missing",
        "the attestation certificate has no basic constraints",
        edits![Leaf(|leaf| drop(leaf.remove_extension(Oid::BASIC_CONSTRAINTS)))],
    ),
    packed(
        "packed/certificate/aaguid-critical/critical",
        "the AAGUID extension is critical",
        edits![Leaf(|leaf| {
            if let Some(extension) = leaf.extension_mut(Oid::FIDO_AAGUID) {
                extension.critical = true;
            }
        })],
    ),
    packed(
        "packed/certificate/aaguid/other",
        "the AAGUID extension has another AAGUID",
        edits![Leaf(|leaf| {
            leaf.set_extension(Extension::octets(Oid::FIDO_AAGUID, &[0x2a; 16]));
        })],
    ),
    packed(
        "packed/certificate/aaguid/not-wrapped",
        "the AAGUID extension lacks its inner OCTET STRING",
        edits![Leaf(|leaf| {
            if let Some(extension) = leaf.extension_mut(Oid::FIDO_AAGUID) {
                extension.value.drain(..2);
            }
        })],
    ),
    packed(
        "packed/certificate/serial-number/unasked",
        "there is a device serial number that nobody asked for",
        edits![Leaf(|leaf| leaf.set_extension(Extension::octets(Oid::FIDO_SERIAL_NUMBER, b"1")))],
    ),
    packed(
        "packed/certificate/serial-number/critical",
        "the device serial number extension is critical",
        edits![Leaf(|leaf| {
            let extension = Extension::octets(Oid::FIDO_SERIAL_NUMBER, b"1");
            leaf.set_extension(Extension { critical: true, ..extension });
        })],
    ),
    own(
        "packed-self/algorithm/other",
        "alg is not that of the credential key",
        edits![Statement(|s| s.set("alg", -257))],
    )
    .on(&[("attestation.format", "packed-self"), ("algorithms", "ES256")]),
    own(
        "packed-self/signature/corrupted",
        "one bit of the signature is flipped",
        edits![Signature(|s| flip_last_bit(s))],
    ),
    packed(
        "packed-self/signature/x5c-removed",
        "the signature is an attestation key's, whose certificates were taken away",
        edits![Statement(|s| drop(s.remove("x5c")))],
    )
    .on(&[("attestation.format", "packed"), ("algorithms", "ES256")]),
    own("packed-self/signature/empty", "the signature is empty", edits![Signature(Vec::clear)]),
    own(
        "packed-self/signature/other-client-data",
        "the signature is over other client data",
        edits![Signed(|message| {
            flip_last_bit(message);
        })],
    ),
];

const UNIT: &str = "Authenticator Attestation";

fn subject(leaf: &mut CertificateDraft, attributes: &[(Oid, &str)]) {
    leaf.subject = name(attributes);
}
