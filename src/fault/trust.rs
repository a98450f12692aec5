//! Certificate paths and what attestation is acceptable: §7.1 step 24.

use super::Fault;
use super::changes::flip_last_bit;
use crate::attestation::AttestationFormat;
use crate::draft::certificate::{name, year};
use crate::draft::{Edit, Extension, Oid, constant_edits as edits};

const fn packed(id: &'static str, sentence: &'static str, edits: &'static [Edit]) -> Fault {
    Fault::create(id, 24, sentence, edits).format(AttestationFormat::Packed)
}

const ONE_INTERMEDIATE: &[(&str, &str)] =
    &[("attestation.format", "packed"), ("attestation.intermediates", "1")];

pub(super) const FAULTS: &[Fault] = &[
    Fault::create("trust/none/given", 24, "there is no attestation, though one is required", &[])
        .format(AttestationFormat::None),
    Fault::create("trust/self/given", 24, "there is self attestation, though another's is required", &[])
        .format(AttestationFormat::PackedSelf),
    packed(
        "trust/certificate/garbage",
        "the issuer's certificate is no certificate",
        edits![Chain(|chain| {
            chain.push(vec![0x30, 0x03, 0x02, 0x01, 0x01]);
        })],
    ),
    packed(
        "trust/certificate/intermediate-version-1",
        "the issuer's certificate has version 1",
        edits![Intermediate(|issuer| {
            issuer.version = 1;
            issuer.extensions.clear();
        })],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/certificate/intermediate-extension-twice",
        "the issuer's certificate has its basic constraints twice (RFC 5280 §4.2)",
        edits![Intermediate(|issuer| issuer.extensions.push(Extension::basic_constraints(true, None)))],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/order/leaf-twice",
        "the certificate after the first is not its issuer's",
        edits![Chain(|chain| {
            if let Some(leaf) = chain.first().cloned() {
                chain.insert(1, leaf);
            }
        })],
    ),
    packed("trust/root-included/root", "x5c includes the trust anchor, though that is forbidden", &[])
        .on(&[("attestation.format", "packed"), ("attestation.root_in_x5c", "true")]),
    packed(
        "trust/not-yet-valid/leaf",
        "the attestation certificate is yet to become valid",
        edits![Leaf(|leaf| {
            (leaf.not_before, leaf.not_after) = (year(2090), year(2099));
        })],
    ),
    packed(
        "trust/not-yet-valid/intermediate",
        "the issuer's certificate is yet to become valid",
        edits![Intermediate(|issuer| (issuer.not_before, issuer.not_after) = (year(2090), year(2099)))],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/expired/leaf",
        "the attestation certificate has expired",
        edits![Leaf(|leaf| {
            (leaf.not_before, leaf.not_after) = (year(2020), year(2021));
        })],
    ),
    packed(
        "trust/expired/intermediate",
        "the issuer's certificate has expired",
        edits![Intermediate(|issuer| {
            (issuer.not_before, issuer.not_after) = (year(2020), year(2021));
        })],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/basic-constraints/not-an-authority",
        "the issuer is no authority",
        edits![Intermediate(|issuer| {
            issuer.set_extension(Extension::basic_constraints(false, None));
        })],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/basic-constraints/missing",
        "the issuer has no basic constraints",
        edits![Intermediate(|issuer| {
            drop(issuer.remove_extension(Oid::BASIC_CONSTRAINTS));
        })],
    )
    .on(ONE_INTERMEDIATE),
    packed("trust/path-length/two-below-zero", "an authority stands below one that allows none", &[])
        .on(&[("attestation.format", "packed"), ("attestation.intermediates", "2")]),
    packed(
        "trust/key-usage/no-certificate-signing",
        "the issuer may not sign certificates",
        edits![Intermediate(|issuer| issuer.set_extension(Extension::key_usage(0x80, 7)))],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/anchor/unknown-issuer",
        "the attestation certificate's issuer is unknown",
        edits![Leaf(|leaf| {
            leaf.issuer = name(&[(Oid::COMMON_NAME, "nobody knows")]);
        })],
    ),
    packed(
        "trust/anchor/intermediate-missing",
        "the issuer's certificate is missing",
        edits![Chain(|chain| {
            chain.truncate(1);
        })],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/signature/leaf",
        "the attestation certificate's signature is not its issuer's",
        edits![Chain(|chain| {
            if let Some(leaf) = chain.first_mut() {
                flip_last_bit(leaf);
            }
        })],
    ),
    packed(
        "trust/signature/intermediate",
        "the issuer's certificate is not signed by its own issuer",
        edits![Chain(|chain| {
            if let Some(issuer) = chain.get_mut(1) {
                flip_last_bit(issuer);
            }
        })],
    )
    .on(ONE_INTERMEDIATE),
    packed(
        "trust/path/critical-extension",
        "a critical extension is one that nobody knows",
        edits![Leaf(|leaf| {
            if let Some(oid) = Oid::new("1.3.6.1.4.1.45724.1.1.99") {
                leaf.set_extension(Extension { critical: true, ..Extension::octets(oid, b"1") });
            }
        })],
    ),
];
