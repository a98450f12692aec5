//! Attestation: the attestation object, every format, and whom a chain leads to.

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{Aaguid, Ceremony};

use super::faults::{Chapter, MUST_IN_FIDO, advice, chapter, should};
use super::play::{registers_and_logs_in, registration_case, with_attestation, without_attestation};
use crate::core::case::Level;
use crate::relying_party::need::Need;
use crate::relying_party::stage::Reason;
use crate::relying_party::suite::{Case, FIDO_ONLY, L3_ONLY};

pub(super) const FAULTS: &[Chapter] = &[
    chapter("attestation-object").aligned(Some("Attestation Resp-3"), None),
    should("attestation-object/trailing-bytes")
        .cites("WebAuthn L3 §2.4; §6.5.4")
        .but(MUST_IN_FIDO)
        .aligned(Some("Attestation Resp-3"), None),
    // Decoders SHOULD reject what is not canonical.
    should("attestation-object/canonical").cites("WebAuthn L3 §2.4"),
    chapter("attestation/format").beside("§8.1").aligned(Some("Attestation Resp-5"), None),
    chapter("packed").beside("§8.2 step 2").aligned(Some("Attestation Resp-5"), None),
    chapter("packed/syntax").beside("§8.2 step 1").aligned(Some("Attestation Resp-3"), None),
    chapter("packed/certificate").beside("§8.2 step 2; §8.2.1").aligned(Some("Attestation Resp-5"), None),
    chapter("packed/certificate/aaguid").beside("§8.2 step 2").aligned(Some("Attestation Resp-5"), None),
    // Asked of those who make certificates.
    advice("packed/certificate/serial-number").cites("WebAuthn L3 §8.2.2").only_in(L3_ONLY),
    chapter("packed-self").beside("§8.2 step 3").aligned(Some("Attestation Resp-6"), None),
    // The procedure checks nothing.
    advice("none").cites("WebAuthn L3 §8.7").but(MUST_IN_FIDO).aligned(Some("Attestation Resp-7"), None),
    chapter("fido-u2f").beside("§8.6 steps 5 and 6").aligned(Some("Attestation Resp-8"), None),
    chapter("fido-u2f/syntax").beside("§8.6 step 1").aligned(Some("Attestation Resp-8"), None),
    chapter("fido-u2f/syntax/two-certificates")
        .beside("§8.6 step 2")
        .aligned(Some("Attestation Resp-8"), None),
    chapter("fido-u2f/certificate-key").beside("§8.6 step 2").aligned(Some("Attestation Resp-8"), None),
    chapter("fido-u2f/credential-key").beside("§8.6 step 4").aligned(Some("Attestation Resp-8"), None),
    chapter("fido-u2f/aaguid")
        .cites("FIDO server requirements")
        .only_in(FIDO_ONLY)
        .aligned(Some("Attestation Resp-8"), None),
    chapter("tpm").beside("§8.3").aligned(Some("Attestation Resp-9"), None),
    chapter("tpm/certificate").beside("§8.3; §8.3.1").aligned(Some("Attestation Resp-9"), None),
    chapter("tpm/certificate/aaguid").beside("§8.3").aligned(Some("Attestation Resp-9"), None),
    chapter("android-key").beside("§8.4").aligned(Some("Attestation Resp-A"), None),
    // Deprecated.
    chapter("android-safetynet").beside("§8.5"),
    // Only Google's guide speaks of them.
    advice("android-safetynet/cts-profile-match").cites("WebAuthn L3 §8.5"),
    advice("android-safetynet/timestamp").cites("WebAuthn L3 §8.5"),
    advice("android-safetynet/ver/empty").cites("WebAuthn L3 §8.5"),
    chapter("apple").beside("§8.8 step 4"),
    chapter("apple/syntax").beside("§8.8 step 1"),
    chapter("apple/public-key").beside("§8.8 step 5"),
    chapter("compound").beside("§8.9 step 2").only_in(L3_ONLY),
    // The procedure has no step for the syntax, and policy decides over a bad statement beside a sound one.
    advice("compound/syntax/one").cites("WebAuthn L3 §8.9").only_in(L3_ONLY),
    advice("compound/nested").cites("WebAuthn L3 §8.9").only_in(L3_ONLY),
    advice("compound/syntax/att-stmt-missing").cites("WebAuthn L3 §8.9 step 1").only_in(L3_ONLY),
    advice("packed/signature/in-compound").cites("WebAuthn L3 §8.9 step 1").only_in(L3_ONLY),
    advice("compound/format").cites("WebAuthn L3 §8.9 step 1").only_in(L3_ONLY),
    // What is not trustworthy SHOULD fail.
    should("trust").aligned(Some("Attestation Resp-5"), None),
    // The path is valid without them.
    advice("trust/certificate/garbage").aligned(Some("Attestation Resp-5"), None),
    advice("trust/order/leaf-twice").but(MUST_IN_FIDO).aligned(Some("Attestation Resp-5"), None),
    chapter("trust/root-included")
        .cites("FIDO server requirements")
        .only_in(FIDO_ONLY)
        .aligned(Some("Attestation Resp-5"), None),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = formats();
    cases.extend(attested_algorithms());
    cases.extend(attestation_keys());
    cases.extend(registration());
    cases.extend(other_authorities());
    cases
}

/// Each format has its own trust anchors, which a relying party may have forgotten.
fn other_authorities() -> Vec<Case> {
    let formats = [
        AttestationFormat::Tpm,
        AttestationFormat::AndroidKey,
        AttestationFormat::AndroidSafetynet,
        AttestationFormat::FidoU2f,
        AttestationFormat::Apple,
    ];
    let case = |format: AttestationFormat| {
        let id = format!("trust/anchor/other-authority-{}", format.name());
        let requirement =
            format!("refuse {} attestation by an authority that it does not trust", format.name());
        by_another_authority(&id, &requirement, "WebAuthn L3 §7.1 step 24", format, false)
    };
    formats.into_iter().map(case).collect()
}

fn formats() -> Vec<Case> {
    AttestationFormat::ALL.iter().map(|format| accepts_format(*format)).collect()
}

fn accepts_format(format: AttestationFormat) -> Case {
    let id = format!("accepts/format/{}", format.name());
    let requirement = format!("accept {} attestation that is sound and trusted", format.name());
    if format == AttestationFormat::None {
        let clause = "WebAuthn L3 §7.1 step 24; §5.4.7; §8.7";
        return without_attestation(&id, &requirement, clause, |a| a.format(AttestationFormat::None));
    }
    let clause = format!("WebAuthn L3 §7.1 step 21; {}", section(format));
    let case =
        with_attestation(&id, &requirement, &clause, move |authenticator| authenticator.format(format));
    optional(format, case)
}

/// The section of the format's procedure.
fn section(format: AttestationFormat) -> &'static str {
    match format {
        AttestationFormat::Packed | AttestationFormat::PackedSelf => "§8.2",
        AttestationFormat::Tpm => "§8.3",
        AttestationFormat::AndroidKey => "§8.4",
        AttestationFormat::AndroidSafetynet => "§8.5",
        AttestationFormat::FidoU2f => "§8.6",
        AttestationFormat::None => "§8.7",
        AttestationFormat::Apple => "§8.8",
        AttestationFormat::Compound => "§8.9",
        _ => "§8.1",
    }
}

/// The relying party decides which formats it supports, of those that the profile has.
fn optional(format: AttestationFormat, case: Case) -> Case {
    let case = case.with_level(Level::May);
    if format == AttestationFormat::Compound { case.only_in(L3_ONLY) } else { case }
}

/// Every algorithm that a credential of a format can have.
fn attested_algorithms() -> Vec<Case> {
    let formats = AttestationFormat::ALL.iter().filter(|format| **format != AttestationFormat::None);
    let pairs = formats.flat_map(|format| Algorithm::ALL.iter().map(|algorithm| (*format, *algorithm)));
    pairs.filter(|(format, algorithm)| format.supports(*algorithm)).map(accepts_attested).collect()
}

fn accepts_attested((format, algorithm): (AttestationFormat, Algorithm)) -> Case {
    let lower = algorithm.name().to_ascii_lowercase();
    let id = format!("accepts/attested/{}/{lower}", format.name());
    let requirement = format!("accept {} attestation of a credential of {}", format.name(), algorithm.name());
    let clause = format!("WebAuthn L3 §7.1 step 21; {}", section(format));
    let case =
        with_attestation(&id, &requirement, &clause, move |authenticator| authenticator.format(format))
            .if_the_target(Need::Algorithm(algorithm))
            .catches(format!("strict/algorithm/{lower}"));
    optional(format, case)
}

fn attestation_keys() -> Vec<Case> {
    let kinds = [
        (AttestationFormat::Packed, Algorithm::Es384),
        (AttestationFormat::Packed, Algorithm::Rs256),
        (AttestationFormat::Packed, Algorithm::EdDsa),
        (AttestationFormat::Tpm, Algorithm::Rs256),
        (AttestationFormat::Tpm, Algorithm::Rs1),
    ];
    let case = |(format, algorithm): (AttestationFormat, Algorithm)| {
        let id =
            format!("accepts/attestation-key/{}-{}", format.name(), algorithm.name().to_ascii_lowercase());
        let requirement = format!("accept {} attestation by a key of {}", format.name(), algorithm.name());
        let clause = format!("WebAuthn L3 §7.1 step 22; {}", section(format));
        with_attestation(&id, &requirement, &clause, move |authenticator| {
            authenticator.format(format).attestation_algorithm(algorithm)
        })
        .with_level(Level::May)
        .if_the_target(Need::Format(format))
        .aligned_with((format == AttestationFormat::Tpm).then_some("Attestation Resp-9"))
        .catches("strict/attestation-key")
    };
    kinds.into_iter().map(case).collect()
}

fn registration() -> Vec<Case> {
    vec![
        with_attestation(
            "accepts/attestation/intermediate",
            "accept packed attestation whose certificate an intermediate authority issued",
            "WebAuthn L3 §7.1 step 24",
            |authenticator| authenticator.format(AttestationFormat::Packed).attestation_intermediates(1),
        )
        .with_level(Level::May)
        .if_the_target(Need::Format(AttestationFormat::Packed)),
        without_attestation(
            "accepts/attestation/self-though-unasked",
            "accept self attestation where it asked for none, or refuse it without breaking",
            "WebAuthn L3 §7.1 step 24; §5.4.7; §5.1.3",
            |authenticator| authenticator.format(AttestationFormat::PackedSelf),
        )
        .with_level(Level::May)
        .aligned_with(Some("Attestation Resp-6")),
        Case::of(
            Ceremony::Create,
            "accepts/attestation/none-though-asked",
            "accept a registration without attestation, or refuse it without breaking",
            "WebAuthn L3 §7.1 step 24; §5.4.7",
            |stage| registers_and_logs_in(&mut stage.person_with(|a| a.format(AttestationFormat::None))?),
        )
        .with_level(Level::May),
        without_attestation(
            "accepts/aaguid/zero",
            "accept an authenticator that does not tell its model, if it asks for no attestation",
            "WebAuthn L3 §6.5.1; §5.1.3",
            |authenticator| authenticator.aaguid(Aaguid::default()).format(AttestationFormat::None),
        ),
        by_another_authority(
            "trust/anchor/other-authority",
            "refuse attestation by an authority that it does not trust, under the name of one that it does",
            "WebAuthn L3 §7.1 step 24",
            AttestationFormat::Packed,
            false,
        ),
        by_another_authority(
            "trust/anchor/own-root",
            "refuse attestation whose x5c brings its own root along",
            "WebAuthn L3 §7.1 step 24; RFC 5280 §6.1",
            AttestationFormat::Packed,
            true,
        ),
    ]
}

/// A case about attestation by an authority of the same name as the one that is trusted, with another key; perhaps with
/// its root in x5c.
fn by_another_authority(
    id: &str,
    requirement: &str,
    clause: &str,
    format: AttestationFormat,
    with_root: bool,
) -> Case {
    registration_case(id, requirement, clause, move |stage| {
        let mut control = stage.person_with(|authenticator| authenticator.format(format))?;
        control.register()?.required("the same attestation by the authority that it trusts")?;
        let mut person = stage.person_with(|authenticator| {
            authenticator
                .format(format)
                .attestation_authority(CertificateAuthority::seeded("somebody else"))
                .attestation_root_in_x5c(with_root)
        })?;
        let reason = Reason::step("7.1", 24);
        person.register()?.refused("attestation by an authority that it does not trust", reason)
    })
    .with_level(Level::Should)
    .if_the_target(Need::Attestation)
    .if_the_target(Need::TrustAnchors)
    .if_the_target(Need::Format(format))
    .catches("trust/signature")
}
