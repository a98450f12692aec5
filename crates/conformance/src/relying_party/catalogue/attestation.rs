//! Attestation: the attestation object, every format, and whom a chain leads to.

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{Aaguid, AttestationConveyance, Ceremony};

use super::faults::{Chapter, chapter, only, should};
use super::play::{registers_and_logs_in, registration_case, with_attestation};
use crate::core::case::{Level, Severity};
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::stage::{Reason, Stage};
use crate::relying_party::suite::{Case, FIDO_ONLY, L3_ONLY};

pub(super) const FAULTS: &[Chapter] = &[
    chapter("attestation-object", Severity::Low, Some("Attestation Resp-3"), None),
    should(chapter("attestation-object/canonical", Severity::Low, None, None)),
    chapter("attestation/format", Severity::Medium, Some("Attestation Resp-5"), None),
    chapter("packed", Severity::High, Some("Attestation Resp-5"), None),
    chapter("packed/syntax", Severity::Medium, Some("Attestation Resp-3"), None),
    // §8.2.2 asks it of those who make certificates.
    should(chapter("packed/certificate/serial-number", Severity::Low, None, None)),
    chapter("packed-self", Severity::High, Some("Attestation Resp-6"), None),
    chapter("none", Severity::Low, Some("Attestation Resp-7"), None),
    chapter("fido-u2f", Severity::High, Some("Attestation Resp-8"), None),
    only(FIDO_ONLY, chapter("fido-u2f/aaguid", Severity::Low, Some("Attestation Resp-8"), None)),
    chapter("tpm", Severity::High, Some("Attestation Resp-9"), None),
    chapter("android-key", Severity::High, Some("Attestation Resp-A"), None),
    // Deprecated.
    chapter("android-safetynet", Severity::Medium, None, None),
    // Asked by FIDO's tests and Google's documentation, and not by §8.5 itself.
    should(chapter("android-safetynet/cts-profile-match", Severity::Medium, None, None)),
    should(chapter("android-safetynet/ver/empty", Severity::Low, None, None)),
    chapter("apple", Severity::High, None, None),
    only(L3_ONLY, chapter("compound", Severity::High, None, None)),
    // §7.1 step 24: what is not trustworthy SHOULD fail.
    should(chapter("trust", Severity::Medium, Some("Attestation Resp-5"), None)),
    only(FIDO_ONLY, chapter("trust/root-included", Severity::Low, Some("Attestation Resp-5"), None)),
    // Harmless, though a statement's syntax is closed (RFC 8610 §3.5).
    chapter("*/further-member", Severity::Low, None, None),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = formats();
    cases.extend(attested_algorithms());
    cases.extend(attestation_keys());
    cases.extend(registration());
    cases
}

fn formats() -> Vec<Case> {
    AttestationFormat::ALL.iter().map(|format| accepts_format(*format)).collect()
}

fn accepts_format(format: AttestationFormat) -> Case {
    let id = format!("accepts/format/{}", format.name());
    let requirement = format!("accept {} attestation that is sound and trusted", format.name());
    let clause = "WebAuthn L3 §7.1 step 21";
    if format == AttestationFormat::None {
        return Case::of(Ceremony::Create, &id, requirement, clause, |stage| {
            let mut person =
                stage.person_with(|authenticator| authenticator.format(AttestationFormat::None))?;
            person.wants.attestation = AttestationConveyance::None;
            match person.begin_registration()?.options.attestation {
                AttestationConveyance::None => registers_and_logs_in(&mut person),
                _ => Err(Stop::skip("the target asks for attestation")),
            }
        })
        .with_severity(Severity::Low)
        .if_the_target("asks for no attestation");
    }
    let case = with_attestation(&id, &requirement, clause, move |authenticator| authenticator.format(format));
    optional(format, case)
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
    let clause = "WebAuthn L3 §7.1 step 21";
    let case = Case::of(Ceremony::Create, &id, requirement, clause, move |stage| {
        let mut person = stage.person_with(|a| a.format(format).algorithms([algorithm]))?;
        person.expect_offered(algorithm)?;
        person.expect_attestation_asked()?;
        registers_and_logs_in(&mut person)
    })
    .with_severity(Severity::Low)
    .if_the_target(format!("asks for attestation and offers {}", algorithm.name()))
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
        with_attestation(&id, &requirement, "WebAuthn L3 §7.1 step 22", move |authenticator| {
            authenticator.format(format).attestation_algorithm(algorithm)
        })
        .with_level(Level::May)
        .if_the_target(format!("accepts {} attestation", format.name()))
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
        .if_the_target("accepts packed attestation"),
        Case::of(
            Ceremony::Create,
            "accepts/attestation/self-though-unasked",
            "accept self attestation where it asked for none, or refuse it without breaking",
            "WebAuthn L3 §7.1 step 22; §5.4.7",
            |stage| {
                let mut person = stage.person_with(|a| a.format(AttestationFormat::PackedSelf))?;
                person.wants.attestation = AttestationConveyance::None;
                match person.begin_registration()?.options.attestation {
                    AttestationConveyance::None => registers_and_logs_in(&mut person),
                    _ => Err(Stop::skip("the target asks for attestation")),
                }
            },
        )
        .with_level(Level::May)
        .with_severity(Severity::Low)
        .aligned_with(Some("Attestation Resp-6")),
        Case::of(
            Ceremony::Create,
            "accepts/attestation/none-though-asked",
            "accept a registration without attestation, or refuse it without breaking",
            "WebAuthn L3 §7.1 step 24; §5.4.7",
            |stage| registers_and_logs_in(&mut stage.person_with(|a| a.format(AttestationFormat::None))?),
        )
        .with_level(Level::May)
        .with_severity(Severity::Low),
        Case::of(
            Ceremony::Create,
            "accepts/aaguid/zero",
            "accept an authenticator that does not tell its model, if it asks for no attestation",
            "WebAuthn L3 §6.5.1; §5.1.3",
            |stage| {
                let mut person = stage.person_with(|authenticator| {
                    authenticator.aaguid(Aaguid::default()).format(AttestationFormat::None)
                })?;
                person.wants.attestation = AttestationConveyance::None;
                match person.begin_registration()?.options.attestation {
                    AttestationConveyance::None => registers_and_logs_in(&mut person),
                    _ => Err(Stop::skip("the target asks for attestation")),
                }
            },
        )
        .with_severity(Severity::Low)
        .if_the_target("asks for no attestation"),
        registration_case(
            "trust/anchor/other-authority",
            "refuse attestation by an authority that it does not trust, under the name of one that it does",
            "WebAuthn L3 §7.1 step 24",
            |stage| attested_by_another(stage, false),
        )
        .with_level(Level::Should)
        .if_the_target("accepts packed attestation")
        .catches("trust/signature"),
        registration_case(
            "trust/anchor/own-root",
            "refuse attestation whose x5c brings its own root along",
            "WebAuthn L3 §7.1 step 24; RFC 5280 §6.1",
            |stage| attested_by_another(stage, true),
        )
        .with_level(Level::Should)
        .if_the_target("accepts packed attestation")
        .catches("trust/signature"),
    ]
}

/// Packed attestation by an authority of the same name as the one that is trusted, with another key; perhaps with its
/// root in x5c.
fn attested_by_another(stage: &mut Stage<'_>, with_root: bool) -> Outcome {
    let mut control = stage.person_with(|authenticator| authenticator.format(AttestationFormat::Packed))?;
    control.expect_attestation_asked()?;
    control.register()?.required("packed attestation by the authority that it trusts")?;
    let mut person = stage.person_with(|authenticator| {
        authenticator
            .format(AttestationFormat::Packed)
            .attestation_authority(CertificateAuthority::seeded("somebody else"))
            .attestation_root_in_x5c(with_root)
    })?;
    let reason = Reason::step("7.1", 24);
    person.register()?.refused("attestation by an authority that it does not trust", reason)
}
