//! The credential: its key, its id, its owner, and the authenticator that keeps it.

use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::Credential;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;
use stuntkey::webauthn::{Attachment, AttestationConveyance, Ceremony, Transport};

use super::body::{with_json, without};
use super::faults::{Chapter, advice, chapter, should};
use super::play::{registers_and_logs_in, registration_case, with_authenticator};
use crate::core::case::Level;
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::need::Need;
use crate::relying_party::stage::{Reason, Stage};
use crate::relying_party::suite::{Case, L3_ONLY, Profile};

pub(super) const FAULTS: &[Chapter] = &[
    // §7.1 step 20 looks at `alg` alone, and at whether there is a key. What else a key is, §6.5.1 and §5.8.5 say to those
    // who make it.
    chapter("credential-public-key"),
    advice("credential-public-key/key").cites("WebAuthn L3 §6.5.1"),
    chapter("credential-public-key/key/alg-missing").beside("§6.5.1"),
    chapter("credential-public-key/key/alg-unknown"),
    chapter("credential-public-key/key/not-a-map").beside("§6.5.1"),
    advice("credential-public-key/key/curve-other").cites("WebAuthn L3 §5.8.5"),
    advice("credential-public-key/key/off-curve").cites("WebAuthn L3 §5.8.5"),
    advice("credential-public-key/key/zero").cites("WebAuthn L3 §5.8.5"),
    advice("credential-public-key/key/rsa-exponent-one").cites("RFC 8812 §2"),
    advice("credential-public-key/key/rsa-modulus-small").cites("RFC 8812 §2"),
    chapter("credential-public-key/key/u2f-*").cites("WebAuthn L3 §7.1 step 22; §8.6 step 4"),
    should("credential-id/length").only_in(L3_ONLY),
    // The record may have the id of either.
    advice("credential-id/attested").cites("WebAuthn L3 §7.1 step 27"),
    chapter("credential-public-key/algorithm").aligned(Some("Attestation Resp-4"), None),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = algorithms();
    cases.extend(registration());
    cases
}

fn algorithms() -> Vec<Case> {
    let case = |algorithm: &'static Algorithm| {
        let algorithm = *algorithm;
        let id = format!("accepts/algorithm/{}", algorithm.name().to_ascii_lowercase());
        let requirement =
            format!("accept a credential of the algorithm {}, if it asks for it", algorithm.name());
        Case::of(Ceremony::Create, &id, requirement, "WebAuthn L3 §7.1 step 20; §5.4", move |stage| {
            registers_and_logs_in(&mut stage.person()?)
        })
        .if_the_target(Need::Algorithm(algorithm))
        .aligned_with(Some("Attestation Resp-4"))
    };
    Algorithm::ALL.iter().map(case).collect()
}

fn registration() -> Vec<Case> {
    vec![
with_authenticator(
            "accepts/authenticator/cross-platform",
            "accept a credential of a roaming authenticator",
            "WebAuthn L3 §5.4.4",
            |authenticator| authenticator.attachment(Attachment::CrossPlatform).transports([Transport::Usb, Transport::Nfc]),
        )
        .if_the_target(Need::Attachment(Attachment::CrossPlatform)),
with_authenticator(
            "accepts/credential-id/16-bytes",
            "accept a credential id of 16 bytes",
            "WebAuthn L3 §4, credential id",
            |authenticator| authenticator.credential_id_length(16),
        ),
with_authenticator(
            "accepts/credential-id/1023-bytes",
            "accept a credential id of 1,023 bytes",
            "WebAuthn L3 §7.1 step 25; §4, credential id",
            |authenticator| authenticator.credential_id_length(1023),
        ),
Case::of(
            Ceremony::Create,
            "accepts/credentials/second",
            "accept a second credential of a user, and both log in",
            "WebAuthn L3 §13.4.6",
            |stage| {
                let mut person = stage.registered()?;
                let first = stage.reequip(&mut person, |authenticator| authenticator)?;
                person.register()?.accepted("the second registration")?;
                person.log_in()?.accepted("a login with the second credential")?;
                person.replace_client(first);
                person.log_in()?.accepted("a login with the first credential").map(drop)
            },
        )
        .with_level(Level::Should),
Case::of(
            Ceremony::Create,
            "accepts/credentials/not-discoverable",
            "accept a credential that is not discoverable, if that is asked for, and its login without a user handle",
            "WebAuthn L3 §7.2 step 6; §5.4.6",
            |stage| registers_and_logs_in(&mut stage.person()?),
        )
        .if_the_target(Need::NotDiscoverable)
        .if_the_target(Need::NamedLogin),
registration_case(
            "credential-id/in-use/same-user",
            "refuse a credential id that the user has registered already",
            "WebAuthn L3 §7.1 step 26",
            |stage| in_use(stage, true, false),
        )
        .with_level(Level::Should)
        .with_level_in(Profile::L2, Level::Advice)
        .catches("credential-id/in-use"),
registration_case(
            "credential-id/in-use/other-user",
            "refuse a credential that another user has registered",
            "WebAuthn L3 §7.1 step 26",
            |stage| in_use(stage, false, false),
        )
        .with_level(Level::Should)
        .catches("credential-id/in-use"),
registration_case(
            "credential-id/in-use/other-key",
            "refuse another user's credential id with another key, and go on to know the first user's key",
            "WebAuthn L3 §7.1 step 26",
            |stage| in_use(stage, false, true),
        )
        .with_level(Level::Should)
        .catches("credential-id/in-use"),
registration_case(
            "credential-public-key/algorithm/not-offered",
            "refuse a credential of an algorithm that it did not ask for",
            "WebAuthn L3 §7.1 step 20",
            not_offered,
        )
        .if_the_target(Need::SomeAlgorithmLeftOut)
        .aligned_with(Some("Attestation Resp-4"))
        .catches("credential-public-key/algorithm"),
    ]
}

/// A credential id that is registered already, to the same user or another, perhaps with another key.
fn in_use(stage: &mut Stage<'_>, same_user: bool, other_key: bool) -> Outcome {
    let mut first = stage.registered()?;
    let taken = first.credential()?;
    let mut second = match same_user {
        true => stage.elsewhere(&first)?,
        false => stage.person()?,
    };
    let begun = second.begin_registration()?;
    // The authenticator is made anew with the credential's id, and with its key or one of its own.
    let reply = registration_of(stage, &begun.body, &taken, other_key)?;
    second
        .finish_registration(&reply)?
        .refused("the credential id that is in use", Reason::step("7.1", 26))?;
    first.log_in()?.accepted("a login of the first user afterwards").map(drop)
}

/// A sound registration with the id of another credential.
fn registration_of(
    stage: &mut Stage<'_>,
    body: &str,
    taken: &Credential,
    other_key: bool,
) -> Result<String, Stop> {
    let mut impostor = stage.person_with(|authenticator| {
        let authenticator = authenticator.credential_id(&taken.id);
        if other_key { authenticator } else { authenticator.credential_key(taken.key.clone()) }
    })?;
    impostor.create(&without(body, "excludeCredentials")?)
}

/// A credential of an algorithm that the options do not have.
fn not_offered(stage: &mut Stage<'_>) -> Outcome {
    let mut person = stage.person()?;
    // Some offer RS1, which only TPMs use, where they ask for attestation.
    person.wants.attestation = AttestationConveyance::None;
    let begun = person.begin_registration()?;
    let offered = &begun.options.pub_key_cred_params;
    let Some(algorithm) =
        Algorithm::available().iter().find(|algorithm| !offered.contains(&algorithm.cose_identifier()))
    else {
        return Err(Stop::skip("the target asks for every algorithm that there is"));
    };
    stage.reequip(&mut person, |authenticator| {
        authenticator.algorithms([*algorithm]).format(AttestationFormat::None)
    })?;
    let parameter =
        Json::object([("type", Json::from("public-key")), ("alg", Json::from(algorithm.cose_identifier()))]);
    let body = with_json(&begun.body, "pubKeyCredParams", &Json::Array(vec![parameter]))?;
    let reply = person.create(&body)?;
    person
        .finish_registration(&reply)?
        .refused(&format!("a credential with {}", algorithm.name()), Reason::step("7.1", 20))
}
