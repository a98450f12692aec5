//! What a relying party asks for: the options of both ceremonies.

use std::collections::BTreeSet;

use stuntkey::Client;
use stuntkey::client::find_request_options;
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{AttestationConveyance, Ceremony, UserVerification};

use super::play::begun_registration;
use crate::core::case::Level;
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::need::Need;
use crate::relying_party::stage::Stage;
use crate::relying_party::suite::{Case, FIDO_ONLY, Profile};
use crate::relying_party::target::{Answer, BEFORE_THE_OPTIONS};

const CREATE: Option<&str> = Some("MakeCredential options");
const GET: Option<&str> = Some("GetAssertion options");

/// How many challenges are compared.
const CHALLENGES: usize = 8;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn create(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> Case {
    Case::of(Ceremony::Create, &format!("options/{id}"), requirement, clause, play).aligned_with(CREATE)
}

fn get(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> Case {
    Case::of(Ceremony::Get, &format!("options/{id}"), requirement, clause, play).aligned_with(GET)
}

fn registration() -> Vec<Case> {
    vec![
        create(
            "readable",
            "send creation options that a browser can read",
            "WebAuthn L3 §5.4; §5.1.8",
            |stage| {
                let mut person = stage.person()?;
                let body = person.ask_to_register()?.accepted("the request for creation options")?;
                reads(stage, &body, |client, body| client.register(body).map(drop))
            },
        ),
        create("challenge-length", "send a challenge of at least 16 bytes", "WebAuthn L3 §13.4.3", |stage| {
            let begun = stage.person()?.begin_registration()?;
            long_enough(&begun.options.challenge)
        })
        .with_level(Level::Should),
        create(
            "challenge-fresh",
            "send another challenge every time",
            "WebAuthn L3 §7.1 step 1; §13.4.3",
            |stage| {
                let mut challenges = Vec::new();
                for _ in 0..CHALLENGES {
                    challenges.push(stage.person()?.begin_registration()?.options.challenge);
                }
                all_different(&challenges)
            },
        ),
        create("user-id", "send a user handle that is not the user's name", "WebAuthn L3 §14.6.1", |stage| {
            let (person, begun) = begun_registration(stage)?;
            match begun.options.user.id == person.user_name().as_bytes() {
                true => Err(Stop::fail("the user handle is the user's name")),
                false => Ok(()),
            }
        }),
        create("user-id-own", "send every user a user handle of their own", "WebAuthn L3 §5.4.3", |stage| {
            let first = stage.person()?.begin_registration()?.options.user.id;
            let second = stage.person()?.begin_registration()?.options.user.id;
            match first == second {
                true => Err(Stop::fail("two users have the same user handle")),
                false => Ok(()),
            }
        })
        .with_level(Level::Should)
        .with_level_in(Profile::L2, Level::Advice),
        create(
            "user-id-same",
            "send a user the same user handle every time",
            "WebAuthn L3 §13.4.6; §4, user handle",
            |stage| {
                let (mut person, first) = begun_registration(stage)?;
                let reply = person.create(&first.body)?;
                person.finish_registration(&reply)?.required("a registration")?;
                let second = person.begin_registration()?;
                match first.options.user.id == second.options.user.id {
                    true => Ok(()),
                    false => Err(Stop::fail("a registered user gets another user handle")),
                }
            },
        )
        .with_level(Level::Should),
        create(
            "algorithms",
            "ask for ES256 or RS256, which every authenticator has one of",
            "WebAuthn L3 §5.4, pubKeyCredParams",
            |stage| {
                let offered = stage.person()?.begin_registration()?.options.pub_key_cred_params;
                let usual = [Algorithm::Es256, Algorithm::Rs256];
                match usual.iter().any(|algorithm| offered.contains(&algorithm.cose_identifier())) {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("it asks for {offered:?}"))),
                }
            },
        )
        // A SHOULD for those who want a wide range of authenticators, which nobody can see from outside.
        .with_level(Level::Advice),
        create(
            "exclude-credentials",
            "list the user's credentials in excludeCredentials",
            "WebAuthn L3 §5.4, excludeCredentials; §13.4.6",
            |stage| {
                let mut person = stage.registered()?;
                let id = person.credential()?.id;
                let begun = person.begin_registration()?;
                match begun.options.exclude_credentials.iter().any(|excluded| excluded.id == id) {
                    true => Ok(()),
                    false => Err(Stop::fail("the registered credential is not listed")),
                }
            },
        )
        .with_level(Level::Should)
        .aligned_with(Some("Attestation Resp-1")),
        create(
            "exclude-credentials-own",
            "list nobody else's credentials in excludeCredentials",
            "WebAuthn L3 §7; §14.6.3",
            |stage| {
                let mut person = stage.registered()?;
                let id = person.credential()?.id;
                let begun = stage.person()?.begin_registration()?;
                match begun.options.exclude_credentials.iter().any(|excluded| excluded.id == id) {
                    true => Err(Stop::fail("another user's credential is listed")),
                    false => Ok(()),
                }
            },
        )
        .with_level(Level::Should),
        create(
            "attestation-echoed",
            "ask for the attestation conveyance that was wanted",
            "FIDO conformance REST binding",
            |stage| {
                for wanted in [AttestationConveyance::None, AttestationConveyance::Direct] {
                    let mut person = stage.person()?;
                    person.wants.attestation = wanted;
                    let found = person.begin_registration()?.options.attestation;
                    if found != wanted {
                        let (found, wanted) = (found.as_str(), wanted.as_str());
                        return Err(Stop::fail(format!("found {found}, expected {wanted}")));
                    }
                }
                Ok(())
            },
        )
        .only_in(FIDO_ONLY),
        create(
            "extensions-echoed",
            "ask for the extensions that were wanted",
            "FIDO conformance REST binding",
            |stage| {
                let mut person = stage.person()?;
                person.wants.extensions = r#"{"example.extension":true}"#;
                let body = person.begin_registration()?.body;
                match body.contains("\"example.extension\"") {
                    true => Ok(()),
                    false => Err(Stop::fail("the extension is not in the options")),
                }
            },
        )
        .only_in(FIDO_ONLY),
        create(
            "user-verification-echoed",
            "ask for the user verification that was wanted",
            "FIDO conformance REST binding",
            |stage| {
                for wanted in UserVerification::ALL {
                    let mut person = stage.person()?;
                    person.wants.user_verification = *wanted;
                    let begun = person.begin_registration()?;
                    same(begun.options.authenticator_selection.user_verification, *wanted)?;
                }
                Ok(())
            },
        )
        .only_in(FIDO_ONLY),
    ]
}

fn authentication() -> Vec<Case> {
    vec![
        get(
            "readable",
            "send request options that a browser can read",
            "WebAuthn L3 §5.5; §5.1.9",
            |stage| {
                let mut person = stage.registered()?;
                let body = person.ask_to_log_in(true)?.accepted("the request for request options")?;
                reads(stage, &body, |client, body| client.authenticate(body).map(drop))
            },
        ),
        get("challenge-length", "send a challenge of at least 16 bytes", "WebAuthn L3 §13.4.3", |stage| {
            let mut person = stage.registered()?;
            long_enough(&person.begin_authentication(true)?.options.challenge)
        })
        .with_level(Level::Should),
        get(
            "challenge-fresh",
            "send another challenge every time",
            "WebAuthn L3 §7.2 step 1; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let mut challenges = Vec::new();
                for _ in 0..CHALLENGES {
                    challenges.push(person.begin_authentication(true)?.options.challenge);
                }
                all_different(&challenges)
            },
        ),
        get(
            "rp-id",
            "ask for the RP ID of the registration",
            "WebAuthn L3 §5.5, rpId; §4, RP ID",
            |stage| {
                let (mut person, registered) = begun_registration(stage)?;
                let reply = person.create(&registered.body)?;
                person.finish_registration(&reply)?.required("a registration for the login")?;
                let begun = person.begin_authentication(true)?;
                // Where it is absent, it is the host of the origin.
                let host = url::Url::parse(&stage.settings().origin).ok();
                let host = host.as_ref().and_then(|origin| origin.host_str()).unwrap_or_default();
                let found = begun.options.rp_id.as_deref().unwrap_or(host);
                let expected = registered.options.rp.id.as_deref().unwrap_or(host);
                match found == expected {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("found {found}, expected {expected}"))),
                }
            },
        )
        .with_level(Level::Advice),
        get(
            "allow-credentials",
            "list just the user's credentials in allowCredentials, or none",
            "WebAuthn L3 §5.5, allowCredentials; §7",
            |stage| {
                // Another user, whose credential is not to be listed.
                stage.registered()?;
                let mut person = stage.registered()?;
                let id = person.credential()?.id;
                let begun = person.begin_authentication(true)?;
                let listed: Vec<Vec<u8>> =
                    begun.options.allow_credentials.into_iter().flatten().map(|c| c.id).collect();
                match listed.is_empty() || listed == [id] {
                    true => Ok(()),
                    false => Err(Stop::fail(format!(
                        "{} credentials are listed, not the user's one",
                        listed.len()
                    ))),
                }
            },
        )
        .with_level(Level::Should),
        get(
            "unknown-user",
            "send options for a name that nobody has as for one that somebody has",
            "WebAuthn L3 §7; §14.6.2",
            |stage| {
                stage.registered()?.begin_authentication(true)?;
                let mut nobody = stage.person()?;
                let mut listed = Vec::new();
                // Made-up ids that change give themselves away.
                for _ in 0..2 {
                    let body = match nobody.ask_to_log_in(true)?.answer {
                        Answer::Accepted(body) => body,
                        Answer::Refused(why) if why.starts_with(BEFORE_THE_OPTIONS) => {
                            return Err(Stop::skip("the target wants another login before this one"));
                        }
                        Answer::Refused(why) => {
                            return Err(Stop::fail(format!("it tells that nobody has the name: {why}")));
                        }
                        other => {
                            return Err(Stop::fail(format!(
                                "it breaks down at a name that nobody has: {other:?}"
                            )));
                        }
                    };
                    let options =
                        find_request_options(&body).map_err(|error| Stop::fail(error.to_string()))?;
                    let ids = options.allow_credentials.into_iter().flatten().map(|c| c.id);
                    listed.push(ids.collect::<Vec<_>>());
                }
                match listed.as_slice() {
                    [first, _] if first.is_empty() => {
                        Err(Stop::fail("allowCredentials is empty only for a name that nobody has"))
                    }
                    [first, second] if first != second => Err(Stop::fail(
                        "allowCredentials is another every time, only for a name that nobody has",
                    )),
                    _ => Ok(()),
                }
            },
        )
        .with_level(Level::Should)
        .if_the_target(Need::NamedLogin),
        get(
            "user-verification-echoed",
            "ask for the user verification that was wanted",
            "FIDO conformance REST binding",
            |stage| {
                let mut person = stage.registered()?;
                for wanted in UserVerification::ALL {
                    person.wants.user_verification = *wanted;
                    same(person.begin_authentication(true)?.options.user_verification, *wanted)?;
                }
                Ok(())
            },
        )
        .only_in(FIDO_ONLY),
    ]
}

/// A client that mends nothing takes the options.
fn reads(
    stage: &mut Stage<'_>,
    body: &str,
    ceremony: impl FnOnce(&mut Client, &str) -> Result<(), stuntkey::Error>,
) -> Outcome {
    let mut client = Client::builder(&stage.settings().origin)
        .strict(true)
        .build()
        .map_err(|error| Stop::error(error.to_string()))?;
    match ceremony(&mut client, body) {
        Err(error @ (stuntkey::Error::NotStrict(_) | stuntkey::Error::Input(_))) => {
            Err(Stop::fail(error.to_string()))
        }
        // Whether the authenticator can do what is asked for is another matter.
        _ => Ok(()),
    }
}

fn long_enough(challenge: &[u8]) -> Outcome {
    match challenge.len() {
        0..16 => Err(Stop::fail(format!("the challenge has {} bytes", challenge.len()))),
        _ => Ok(()),
    }
}

fn all_different(challenges: &[Vec<u8>]) -> Outcome {
    let different: BTreeSet<&Vec<u8>> = challenges.iter().collect();
    match different.len() == challenges.len() {
        true => Ok(()),
        false => Err(Stop::fail(format!("{} of {} challenges differ", different.len(), challenges.len()))),
    }
}

fn same(found: UserVerification, wanted: UserVerification) -> Outcome {
    match found == wanted {
        true => Ok(()),
        false => Err(Stop::fail(format!("found {}, expected {}", found.as_str(), wanted.as_str()))),
    }
}
