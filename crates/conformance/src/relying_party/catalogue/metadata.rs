//! Metadata: what a relying party knows of the authenticator's model, and from whom.

use stuntkey::attestation::AttestationFormat;
use stuntkey::webauthn::Ceremony;

use super::play::registers_and_logs_in;
use crate::core::case::Level;
use crate::core::outcome::Stop;
use crate::relying_party::metadata::{
    CERTIFIED, COMPROMISED, FORGED, OF_ANOTHER_AUTHORITY, ROLLED_BACK, STALE, TestModel, UNLISTED,
};
use crate::relying_party::need::Need;
use crate::relying_party::stage::{Person, Reason, Stage};
use crate::relying_party::suite::Case;

const RULES: &str = "FIDO MDS3 §3.2";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::of(
            Ceremony::Create,
            "accepts/metadata/certified",
            "accept a certified model whose root its metadata tells",
            "WebAuthn L3 §7.1 step 23; FIDO MDS3 §3.2",
            |stage| registers_and_logs_in(&mut person_with(stage, CERTIFIED)?),
        )
        .with_level(Level::May),
        refuses(
            "metadata/signature/forged",
            "refuse a model that only a BLOB with a wrong signature tells of",
            RULES,
            FORGED,
        )
        .with_level(Level::Should),
        refuses(
            "metadata/path/other-authority",
            "refuse a model that only a BLOB of another authority tells of",
            RULES,
            OF_ANOTHER_AUTHORITY,
        ),
        refuses(
            "metadata/number/rolled-back",
            "refuse a model that only an older BLOB tells of",
            RULES,
            ROLLED_BACK,
        )
        .with_level(Level::Should),
        refuses(
            "metadata/next-update/passed",
            "refuse a model that only a BLOB tells of that is years out of date",
            RULES,
            STALE,
        )
        .with_level(Level::Advice),
        refuses(
            "metadata/aaguid/unlisted",
            "refuse a model that no metadata tells of, though its root is another model's",
            "WebAuthn L3 §7.1 step 23",
            UNLISTED,
        )
        .with_level(Level::Advice),
    ];
    // Which statuses are acceptable is policy; a revoked model should not be trusted for any reason.
    cases.extend(COMPROMISED.map(|model| {
        let status = model.status_name();
        let level = if status == "revoked" { Level::Should } else { Level::Advice };
        let requirement = format!("refuse a model whose status is {status}");
        refuses(&format!("metadata/status/{status}"), &requirement, "FIDO MDS3 §3.1.4", model)
            .with_level(level)
    }));
    let needs =
        [Need::Attestation, Need::TrustAnchors, Need::Metadata, Need::Format(AttestationFormat::Packed)];
    let with_needs = |case: Case| needs.into_iter().fold(case, Case::if_the_target);
    cases.into_iter().map(with_needs).collect()
}

/// A case about a model that is to be refused, after a certified one has been accepted.
fn refuses(id: &str, requirement: &str, clause: &str, model: TestModel) -> Case {
    let flaw = id.rsplit_once('/').map_or(id, |(check, _)| check).to_owned();
    Case::of(Ceremony::Create, id, requirement, clause, move |stage| {
        person_with(stage, CERTIFIED)?
            .register()?
            .required("a model that `stuntkey attestation blobs` tells of")?;
        person_with(stage, model)?.register()?.refused("the model", Reason::step("7.1", 24))
    })
    .catches(flaw)
}

/// Somebody with an authenticator of this model.
fn person_with<'a>(stage: &mut Stage<'a>, model: TestModel) -> Result<Person<'a>, Stop> {
    stage.person_with(|authenticator| {
        authenticator
            .format(AttestationFormat::Packed)
            .aaguid(model.aaguid())
            .attestation_authority(model.authority())
    })
}
