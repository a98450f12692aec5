//! Relying parties and credentials, enumerated (CTAP 2.1 §6.8.3, §6.8.4).

use ciborium::Value;

use super::super::permissions::refused;
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::{Answer, named};
use crate::authenticator::platform::code::status as s;
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::platform::sub_command::credentials as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Made, Registration};
use crate::authenticator::stage::management::{Management, credential_id, enumerate_credentials, rp_id_hash};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// The least that is kept of an RP ID, in bytes (§6.8.7).
const LEAST_OF_RP_ID: usize = 32;
/// What stands for the part of an RP ID that was cut off (§6.8.7).
const CUT: char = '…';

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_relying_parties();
    cases.extend(of_states());
    cases.extend(of_credentials());
    cases.extend(of_members());
    cases
}

fn of_relying_parties() -> Vec<AuthenticatorCase> {
    let clause = "CTAP 2.1 §6.8.3";
    vec![
        AuthenticatorCase::of(
            "credential-management/relying-parties/listed",
            "enumerate each relying party with its id and the hash of that id",
            clause,
            |stage| {
                with_two_relying_parties(stage, |stage, rp_ids| {
                    let listed = stage.relying_parties()?;
                    for rp_id in rp_ids {
                        match listed.iter().find(|answer| answer.bytes(4) == Some(&rp_id_hash(rp_id))) {
                            Some(answer) if rp_id_of(answer) == Some(rp_id) => {}
                            Some(_) => return Err(Stop::fail(format!("{rp_id} has another id there"))),
                            None => return Err(Stop::fail(format!("{rp_id} is not enumerated"))),
                        }
                    }
                    Ok(())
                })
            },
        ),
        AuthenticatorCase::of(
            "credential-management/relying-parties/once",
            "enumerate a relying party with several credentials once",
            clause,
            |stage| {
                stage.with_accounts(2, |stage, made| {
                    let hash = made.first().map(|account| rp_id_hash(&account.rp_id));
                    let listed = stage.relying_parties()?;
                    let times = listed.iter().filter(|answer| answer.bytes(4) == hash.as_deref()).count();
                    match times {
                        1 => Ok(()),
                        times => Err(Stop::fail(format!("it is enumerated {times} times"))),
                    }
                })
            },
        ),
        AuthenticatorCase::of(
            "credential-management/relying-parties/total",
            "tell totalRPs in the first answer only",
            clause,
            |stage| with_two_relying_parties(stage, |stage, _| total_once(&stage.relying_parties()?, 5)),
        ),
        AuthenticatorCase::of(
            "credential-management/relying-parties/not-discoverable",
            "not enumerate a relying party without discoverable credentials",
            clause,
            |stage| {
                stage.with_accounts(1, |stage, _| {
                    let made = stage.made()?;
                    let hash = rp_id_hash(&made.rp_id);
                    match stage.relying_parties()?.iter().any(|answer| answer.bytes(4) == Some(&hash)) {
                        false => Ok(()),
                        true => Err(Stop::fail("it is enumerated")),
                    }
                })
            },
        ),
        AuthenticatorCase::of(
            "credential-management/relying-parties/long-id",
            "enumerate a relying party with its whole id or the end of it, and with the hash of the whole",
            "CTAP 2.1 §6.8.7",
            |stage| {
                let label = "a".repeat(56);
                let rp_id = format!("{label}.{label}.{label}.{}", stage.new_rp_id());
                let registration = stage.registration_at(&rp_id).discoverable();
                with_one(stage, registration, |stage, _| {
                    let listed = stage.relying_parties()?;
                    let hash = rp_id_hash(&rp_id);
                    let Some(found) = listed.iter().find(|answer| answer.bytes(4) == Some(&hash)) else {
                        return Err(Stop::fail("it is not enumerated by the hash of its id"));
                    };
                    let told = rp_id_of(found).unwrap_or_default();
                    let is_end = told.len() >= LEAST_OF_RP_ID
                        && told.strip_prefix(CUT).is_some_and(|end| rp_id.ends_with(end));
                    match told == rp_id || is_end {
                        true => Ok(()),
                        false => Err(Stop::fail(format!("the id {rp_id} became {told:?}"))),
                    }
                })
            },
        ),
    ]
}

/// What enumerateRPsGetNextRP and enumerateCredentialsGetNextCredential go on with, and what not.
fn of_states() -> Vec<AuthenticatorCase> {
    let rps = |id: &str, requirement: &str, clause: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(
            &format!("credential-management/relying-parties/{id}"),
            requirement,
            clause,
            play,
        )
    };
    let credentials = |id: &str, requirement: &str, clause: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(&format!("credential-management/credentials/{id}"), requirement, clause, play)
    };
    vec![
        rps(
            "next-without-begin",
            "refuse enumerateRPsGetNextRP when no enumeration was begun",
            "CTAP 2.1 §6.8.3",
            |stage| {
                stage.is_alive()?;
                refused(stage, &next_relying_party(), &[s::NOT_ALLOWED], &[])
            },
        ),
        rps(
            "past-the-end",
            "refuse enumerateRPsGetNextRP after the last relying party",
            "CTAP 2.1 §6.8.3",
            |stage| {
                with_two_relying_parties(stage, |stage, _| {
                    stage.relying_parties()?;
                    refused(stage, &next_relying_party(), &[s::NOT_ALLOWED], &[s::NO_CREDENTIALS])
                })
            },
        ),
        rps("power-cycle", "forget an enumeration when its power is taken away", "CTAP 2.1 §6", |stage| {
            with_two_relying_parties(stage, |stage, _| {
                let begin = Management::credentials(sub::ENUMERATE_RPS_BEGIN, None);
                let answer = stage.manage_permitted(begin)?;
                stage.control(answer, "enumerateRPsBegin")?;
                stage.power_cycle()?;
                refused(stage, &next_relying_party(), &[s::NOT_ALLOWED], &[])
            })
        })
        .should()
        .if_the_target(Need::PowerCycle),
        credentials(
            "next-without-begin",
            "refuse enumerateCredentialsGetNextCredential when no enumeration was begun",
            "CTAP 2.1 §6.8.4",
            |stage| {
                stage.is_alive()?;
                refused(stage, &next_credential(), &[s::NOT_ALLOWED], &[])
            },
        ),
        credentials(
            "past-the-end",
            "refuse enumerateCredentialsGetNextCredential after the last credential",
            "CTAP 2.1 §6.8.4",
            |stage| {
                stage.with_accounts(1, |stage, made| {
                    for account in made {
                        stage.listed(account)?;
                    }
                    refused(stage, &next_credential(), &[s::NOT_ALLOWED], &[s::NO_CREDENTIALS])
                })
            },
        ),
        credentials(
            "next-of-relying-parties",
            "refuse enumerateCredentialsGetNextCredential while only relying parties are enumerated",
            "CTAP 2.1 §6.8.4",
            |stage| {
                with_two_relying_parties(stage, |stage, _| {
                    let begin = Management::credentials(sub::ENUMERATE_RPS_BEGIN, None);
                    let answer = stage.manage_permitted(begin)?;
                    stage.control(answer, "enumerateRPsBegin")?;
                    refused(stage, &next_credential(), &[s::NOT_ALLOWED], &[])
                })
            },
        ),
        credentials(
            "interrupted",
            "continue an enumeration after another command, or answer NOT_ALLOWED",
            "CTAP 2.1 §6",
            |stage| {
                stage.with_accounts(2, |stage, made| {
                    let rp_id = made.first().map(|account| account.rp_id.as_str()).unwrap_or_default();
                    let answer = stage.manage_permitted(enumerate_credentials(rp_id))?;
                    stage.control(answer, "enumerateCredentialsBegin")?;
                    stage.is_alive()?;
                    refused(stage, &next_credential(), &[s::NOT_ALLOWED, s::OK], &[])
                })
            },
        )
        .should(),
    ]
}

fn of_credentials() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(
            &format!("credential-management/credentials/{id}"),
            requirement,
            "CTAP 2.1 §6.8.4",
            play,
        )
    };
    vec![
        case("listed", "enumerate every discoverable credential of a relying party", |stage| {
            stage.with_accounts(2, |stage, made| {
                let rp_id = made.first().map(|account| account.rp_id.as_str()).unwrap_or_default();
                let ids: Vec<&[u8]> = made.iter().map(Made::id).collect();
                lists(&stage.credentials_of(rp_id)?, &ids)
            })
        }),
        case("total", "tell totalCredentials in the first answer only", |stage| {
            stage.with_accounts(2, |stage, made| {
                let rp_id = made.first().map(|account| account.rp_id.as_str()).unwrap_or_default();
                total_once(&stage.credentials_of(rp_id)?, 9)
            })
        }),
        case("other-rp-listed", "not enumerate a credential of another relying party", |stage| {
            stage.with_accounts(1, |stage, first| {
                stage.with_accounts(1, |stage, second| {
                    for account in first.iter().chain(second) {
                        lists(&stage.credentials_of(&account.rp_id)?, &[account.id()])?;
                    }
                    Ok(())
                })
            })
        }),
        case("not-discoverable", "not enumerate a credential that is not discoverable", |stage| {
            stage.with_accounts(1, |stage, made| {
                let [account] = made else { return Err(Stop::error("no account was made")) };
                let registration = stage.registration_at(&account.rp_id);
                stage.make(registration)?;
                lists(&stage.credentials_of(&account.rp_id)?, &[account.id()])
            })
        }),
        case("replaced", "enumerate only the newer of two credentials for the same account", |stage| {
            stage.with_accounts(1, |stage, made| {
                let [account] = made else { return Err(Stop::error("no account was made")) };
                stage.listed(account)?;
                let again = stage.registration_at(&account.rp_id).user(&account.user_id).discoverable();
                with_one(stage, again, |stage, newer| {
                    lists(&stage.credentials_of(&newer.rp_id)?, &[newer.id()])
                })
            })
        }),
        case("none", "answer NO_CREDENTIALS for a relying party that has none", |stage| {
            let request = enumerate_credentials(&stage.new_rp_id());
            stage.expect_managed(request, "enumerateCredentialsBegin", &[s::NO_CREDENTIALS]).map(drop)
        }),
        case("no-hash", "refuse enumerateCredentialsBegin without rpIDHash", |stage| {
            let request = Management::credentials(sub::ENUMERATE_CREDENTIALS_BEGIN, None);
            let request = stage.permitted(request)?;
            refused(stage, &request, &[s::MISSING_PARAMETER], &[s::INVALID_PARAMETER])
        }),
    ]
}

/// What is told of a credential.
fn of_members() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        told("user", "tell the whole user of a credential: id, name and displayName", |made, answer| {
            let user = answer.get(6).cloned().unwrap_or(Value::Null);
            let id = named(&user, "id").and_then(Value::as_bytes);
            let text = |name| named(&user, name).and_then(Value::as_text);
            match (id, text("name"), text("displayName")) {
                (Some(id), Some("alice@example.com"), Some("Alice")) if *id == made.user_id => Ok(()),
                found => Err(Stop::fail(format!("found the user {found:?}"))),
            }
        }),
        told("public-key", "tell the public key that the credential was registered with", |made, answer| {
            let registered = made.data.attested.as_ref().map(|attested| attested.public_key.clone());
            match answer.get(8).map(encode) == registered {
                true => Ok(()),
                false => Err(Stop::fail("found another public key than at the registration")),
            }
        }),
        told("descriptor", "tell a credential as a descriptor of the type public-key", |_, answer| {
            let kind = answer.get(7).and_then(|told| named(told, "type")).and_then(Value::as_text);
            match kind {
                Some("public-key") => Ok(()),
                kind => Err(Stop::fail(format!("found the type {kind:?}"))),
            }
        }),
        told(
            "no-large-blob-key",
            "tell no largeBlobKey for a credential that was made without one",
            |_, answer| match answer.get(0x0b) {
                None => Ok(()),
                Some(_) => Err(Stop::fail("found a largeBlobKey")),
            },
        ),
        with_extension(
            "large-blob-key",
            "tell the largeBlobKey that the credential was registered with",
            ("largeBlobKey", true.into()),
            |made, answer| match (made.answer.bytes(5), answer.bytes(0x0b)) {
                (Some(made), Some(told)) if made == told => Ok(()),
                (None, _) => Err(Stop::error("the registration gave no largeBlobKey")),
                (_, Some(_)) => Err(Stop::fail("found another largeBlobKey than at the registration")),
                (_, None) => Err(Stop::fail("found no largeBlobKey")),
            },
        ),
    ];
    cases.extend([1_u64, 2, 3].map(|level| {
        with_extension(
            &format!("protection/{level}"),
            &format!("tell the credProtect level of a credential that was registered at level {level}"),
            ("credProtect", level.into()),
            |made, answer| {
                let outputs = made.data.extensions.as_ref();
                let registered = outputs.and_then(|outputs| named(outputs, "credProtect")).cloned();
                match (registered, answer.get(0x0a)) {
                    (None, _) => Err(Stop::skip("the registration did not tell its protection")),
                    (Some(registered), Some(told)) if registered == *told => Ok(()),
                    (Some(registered), told) => {
                        Err(Stop::fail(format!("registered at {registered:?}, enumerated at {told:?}")))
                    }
                }
            },
        )
    }));
    cases
}

/// What CTAP 2.2 added to that.
pub(super) fn of_payments() -> Vec<AuthenticatorCase> {
    vec![
        with_extension(
            "third-party-payment",
            "tell thirdPartyPayment true for a credential that was made with it",
            ("thirdPartyPayment", true.into()),
            |_, answer| match answer.get(0x0c).and_then(Value::as_bool) {
                Some(true) => Ok(()),
                told => Err(Stop::fail(format!("found thirdPartyPayment {told:?}"))),
            },
        ),
        told(
            "no-third-party-payment",
            "not tell thirdPartyPayment true for a credential that was made without it",
            |_, answer| match answer.get(0x0c).and_then(Value::as_bool) {
                None | Some(false) => Ok(()),
                Some(true) => Err(Stop::fail("found thirdPartyPayment true")),
            },
        )
        .if_the_target(Need::Extension("thirdPartyPayment")),
    ]
}

/// A case about what is told of a credential.
fn told(id: &str, requirement: &str, holds: fn(&Made, &Answer) -> Outcome) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("credential-management/credentials/{id}"),
        requirement,
        "CTAP 2.1 §6.8.4",
        move |stage| {
            stage.with_accounts(1, |stage, made| {
                let [account] = made else { return Err(Stop::error("no account was made")) };
                holds(account, &stage.listed(account)?)
            })
        },
    )
}

/// A case about what is told of a credential that was made with an extension.
fn with_extension(
    id: &str,
    requirement: &str,
    (extension, input): (&'static str, Value),
    holds: fn(&Made, &Answer) -> Outcome,
) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("credential-management/credentials/{id}"),
        requirement,
        "CTAP 2.1 §6.8.4",
        move |stage| {
            let registration = stage.registration().discoverable().extension(extension, input.clone());
            with_one(stage, registration, |stage, made| holds(made, &stage.listed(made)?))
        },
    )
    .if_the_target(Need::Extension(extension))
}

/// Plays before the credential of a registration, and deletes it again.
fn with_one(
    stage: &mut Stage<'_>,
    registration: Registration,
    play: impl FnOnce(&mut Stage<'_>, &Made) -> Outcome,
) -> Outcome {
    let made = stage.make(registration)?;
    let outcome = play(stage, &made);
    stage.forget(made.id());
    outcome
}

/// Plays before two relying parties that have a credential each.
fn with_two_relying_parties(
    stage: &mut Stage<'_>,
    play: impl FnOnce(&mut Stage<'_>, [&str; 2]) -> Outcome,
) -> Outcome {
    stage.with_accounts(1, |stage, first| {
        stage.with_accounts(1, |stage, second| match (first, second) {
            ([first], [second]) => play(stage, [&first.rp_id, &second.rp_id]),
            _ => Err(Stop::error("no account was made")),
        })
    })
}

fn next_relying_party() -> Management {
    Management::credentials(sub::ENUMERATE_RPS_GET_NEXT_RP, None)
}

fn next_credential() -> Management {
    Management::credentials(sub::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL, None)
}

/// `rp.id` of an answer.
fn rp_id_of(answer: &Answer) -> Option<&str> {
    named(answer.get(3)?, "id")?.as_text()
}

/// Holds that the answers after the first have no total.
fn total_once(answers: &[Answer], key: u64) -> Outcome {
    match answers.iter().skip(1).any(|answer| answer.get(key).is_some()) {
        false => Ok(()),
        true => Err(Stop::fail("the total is told again")),
    }
}

/// Holds that these credentials are enumerated, in any order, and no others.
fn lists(answers: &[Answer], ids: &[&[u8]]) -> Outcome {
    let mut found: Vec<Option<&[u8]>> = answers.iter().map(credential_id).collect();
    let mut expected: Vec<Option<&[u8]>> = ids.iter().map(|id| Some(*id)).collect();
    found.sort_unstable();
    expected.sort_unstable();
    match found == expected {
        true => Ok(()),
        false => {
            let missing = expected.iter().filter(|id| !found.contains(id)).count();
            Err(Stop::fail(format!(
                "{} credentials are enumerated, expected {}, of which {missing} are not there",
                found.len(),
                expected.len()
            )))
        }
    }
}
