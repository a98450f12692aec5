//! Credentials, deleted, and their users, updated (CTAP 2.1 §6.8.5, §6.8.6).

use ciborium::Value;

use super::super::permissions::refused;
use super::NOBODYS_ID;
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::{Answer, named};
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::parameters::{Parameters, encode, members};
use crate::authenticator::platform::sub_command::credentials as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Made, descriptor};
use crate::authenticator::stage::management::{
    Management, credential_id, delete_credential, rp_id_hash, update_user,
};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_deletions();
    cases.extend(of_parameters());
    cases.extend(of_updates());
    cases
}

fn of_deletions() -> Vec<AuthenticatorCase> {
    vec![
        deletes("listed", "not enumerate a deleted credential any more", |stage, gone, left| {
            let listed = stage.credentials_of(&gone.rp_id)?;
            match listed.iter().map(credential_id).collect::<Vec<_>>().as_slice() {
                [Some(id)] if *id == left.id() => Ok(()),
                found => Err(Stop::fail(format!("{} credentials are enumerated", found.len()))),
            }
        }),
        deletes("signs", "not sign with a deleted credential", |stage, gone, _| {
            let assertion = stage.assertion_with(gone);
            let assertion = stage.authorized(assertion)?;
            stage.expect_ceremony(&assertion, "an assertion with it", &[s::NO_CREDENTIALS]).map(drop)
        }),
        deletes("others", "still sign with the credentials that are not deleted", |stage, _, left| {
            let assertion = stage.assertion_with(left);
            let assertion = stage.authorized(assertion)?;
            let answer = stage.expect_ceremony(&assertion, "an assertion with another", &[s::OK])?;
            stage.read_assertion(&assertion, &answer, left).map(drop)
        }),
        deletes("excludes", "not exclude an account because of a deleted credential", |stage, gone, _| {
            let registration = stage.registration_at(&gone.rp_id).list([gone.id()]);
            let registration = stage.authorized(registration)?;
            let what = "a registration that excludes it";
            stage.expect_ceremony(&registration, what, &[s::OK]).map(drop)
        }),
        deletes(
            "twice",
            "answer NO_CREDENTIALS when a credential is deleted a second time",
            |stage, gone, _| {
                let request = delete_credential(gone.id());
                stage.expect_managed(request, "deleteCredential again", &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "credential-management/delete/discovered",
            "not find a deleted credential when no allowList is given",
            "CTAP 2.1 §6.8.5",
            |stage| {
                let rp_id = without_its_credential(stage)?;
                let assertion = stage.assertion(&rp_id);
                let assertion = stage.authorized(assertion)?;
                stage.expect_ceremony(&assertion, "an assertion", &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "credential-management/delete/last",
            "not enumerate a relying party any more after its last credential is deleted",
            "CTAP 2.1 §6.8.5",
            |stage| {
                let hash = rp_id_hash(&without_its_credential(stage)?);
                match stage.relying_parties()?.iter().any(|answer| answer.bytes(4) == Some(&hash)) {
                    false => Ok(()),
                    true => Err(Stop::fail("it is enumerated")),
                }
            },
        ),
        AuthenticatorCase::of(
            "credential-management/delete/protected",
            "delete a credential whose credProtect level is 3",
            "CTAP 2.1 §12.1",
            |stage| {
                let registration = stage.registration().discoverable().extension("credProtect", 3);
                let made = stage.make(registration)?;
                stage.expect_managed(delete_credential(made.id()), "deleteCredential", &[s::OK]).map(drop)
            },
        )
        .if_the_target(Need::Extension("credProtect")),
        AuthenticatorCase::of(
            "credential-management/delete/same-rp",
            "delete a credential by a token that is for its relying party",
            "CTAP 2.1 §6.8.5",
            |stage| {
                stage.with_accounts(1, |stage, made| {
                    let [account] = made else { return Err(Stop::error("no account was made")) };
                    by_token_for_it(stage, account, delete_credential(account.id()))
                })
            },
        ),
    ]
}

/// Credentials that are not there, and parameters that are missing.
fn of_parameters() -> Vec<AuthenticatorCase> {
    let user = || members! { "id" => vec![1_u8], "name" => "bob" };
    let delete = "deleteCredential";
    let update = "updateUserInformation";
    let case = |id: &str, requirement: String, request: Management, accepted: &'static [u8]| {
        AuthenticatorCase::of(
            &format!("credential-management/{id}"),
            requirement,
            "CTAP 2.1 §6.8",
            move |stage| {
                let request = stage.permitted(request.clone())?;
                refused(stage, &request, accepted, &[s::INVALID_PARAMETER])
            },
        )
    };
    let without = |number, parameters: Value| Management::credentials(number, Some(parameters));
    vec![
        case(
            "delete/unknown",
            format!("answer NO_CREDENTIALS when {delete} names an unknown credential"),
            delete_credential(NOBODYS_ID),
            &[s::NO_CREDENTIALS],
        ),
        case(
            "update/unknown",
            format!("answer NO_CREDENTIALS when {update} names an unknown credential"),
            update_user(NOBODYS_ID, user()),
            &[s::NO_CREDENTIALS],
        ),
        case(
            "delete/no-credential-id",
            format!("refuse {delete} without credentialID"),
            without(sub::DELETE_CREDENTIAL, Value::Map(Vec::new())),
            &[s::MISSING_PARAMETER],
        ),
        case(
            "update/no-credential-id",
            format!("refuse {update} without credentialID"),
            without(sub::UPDATE_USER_INFORMATION, members! { 3 => user() }),
            &[s::MISSING_PARAMETER],
        ),
        case(
            "update/no-user",
            format!("refuse {update} without user"),
            without(sub::UPDATE_USER_INFORMATION, members! { 2 => descriptor(NOBODYS_ID) }),
            &[s::MISSING_PARAMETER],
        ),
    ]
}

fn of_updates() -> Vec<AuthenticatorCase> {
    vec![
        updates("listed", "enumerate an updated user with the new names", BOTH, |stage, made| {
            let user = listed_user(stage, made)?;
            named_so(&user, "name", Some("bob@example.com"))?;
            named_so(&user, "displayName", Some("Bob"))
        }),
        updates(
            "absent",
            "remove name and displayName when an update leaves them out",
            NONE,
            |stage, made| {
                let user = listed_user(stage, made)?;
                named_so(&user, "name", None)?;
                named_so(&user, "displayName", None)
            },
        ),
        updates(
            "empty",
            "remove name and displayName when an update has them empty",
            EMPTY,
            |stage, made| {
                let user = listed_user(stage, made)?;
                named_so(&user, "name", None)?;
                named_so(&user, "displayName", None)
            },
        ),
        updates(
            "same-key",
            "keep the id and the public key of a credential whose user is updated",
            BOTH,
            |stage, made| {
                let listed = stage.listed(made)?;
                let registered = made.data.attested.as_ref().map(|attested| attested.public_key.clone());
                match listed.get(8).map(encode) == registered {
                    true => Ok(()),
                    false => Err(Stop::fail("its public key is another one")),
                }
            },
        ),
        updates("signs", "sign with a credential whose user was updated", BOTH, |stage, made| {
            let assertion = stage.assertion_with(made);
            let assertion = stage.authorized(assertion)?;
            let answer = stage.expect_ceremony(&assertion, "an assertion with it", &[s::OK])?;
            stage.read_assertion(&assertion, &answer, made).map(drop)
        }),
        AuthenticatorCase::of(
            "credential-management/update/assertion",
            "tell no old name of an updated user in assertions",
            "CTAP 2.1 §6.8.6",
            |stage| {
                stage.with_accounts(2, |stage, made| {
                    let [account, _] = made else { return Err(Stop::error("no accounts were made")) };
                    update(stage, account, &BOTH)?;
                    let assertion = stage.assertion(&account.rp_id);
                    let assertion = stage.verified(assertion)?;
                    let mut answer = stage.call_ceremony(&assertion)?;
                    for _ in 0..made.len() {
                        if user_id(&answer) == Some(&account.user_id) {
                            return keeps_no_old_name(&answer);
                        }
                        answer = stage.call(command::GET_NEXT_ASSERTION, &Parameters::default())?;
                    }
                    Err(Stop::skip("the target lets its user choose the account"))
                })
            },
        ),
        AuthenticatorCase::of(
            "credential-management/update/other-user",
            "refuse updateUserInformation with another user.id",
            "CTAP 2.1 §6.8.6",
            |stage| {
                stage.with_accounts(1, |stage, made| {
                    let [account] = made else { return Err(Stop::error("no account was made")) };
                    let user = members! { "id" => vec![9_u8; 32], "name" => "bob" };
                    let request = stage.permitted(update_user(account.id(), user))?;
                    refused(stage, &request, &[s::INVALID_PARAMETER], &[])
                })
            },
        ),
        AuthenticatorCase::of(
            "credential-management/update/same-rp",
            "update a user by a token that is for its relying party",
            "CTAP 2.1 §6.8.6",
            |stage| {
                stage.with_accounts(1, |stage, made| {
                    let [account] = made else { return Err(Stop::error("no account was made")) };
                    by_token_for_it(stage, account, update_user(account.id(), user_of(account, &BOTH)))
                })
            },
        ),
    ]
}

/// A case that deletes one of two credentials of a relying party, and looks at what is left.
fn deletes(
    id: &str,
    requirement: &str,
    holds: fn(&mut Stage<'_>, &Made, &Made) -> Outcome,
) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("credential-management/delete/{id}"),
        requirement,
        "CTAP 2.1 §6.8.5",
        move |stage| {
            stage.with_accounts(2, |stage, made| {
                let [gone, left] = made else { return Err(Stop::error("no accounts were made")) };
                let answer = stage.manage_permitted(delete_credential(gone.id()))?;
                stage.control(answer, "deleteCredential")?;
                holds(stage, gone, left)
            })
        },
    )
}

/// The RP ID of a relying party whose only credential is deleted.
fn without_its_credential(stage: &mut Stage<'_>) -> Result<String, Stop> {
    let registration = stage.registration().discoverable();
    let made = stage.make(registration)?;
    let answer = stage.manage_permitted(delete_credential(made.id()))?;
    stage.control(answer, "deleteCredential")?;
    Ok(made.rp_id)
}

/// Names of a user: `name` and `displayName`.
type Names = [Option<&'static str>; 2];

const BOTH: Names = [Some("bob@example.com"), Some("Bob")];
const EMPTY: Names = [Some(""), Some("")];
const NONE: Names = [None, None];

/// A case that updates the user of a credential, and looks at what came of it.
fn updates(
    id: &str,
    requirement: &str,
    names: Names,
    holds: fn(&mut Stage<'_>, &Made) -> Outcome,
) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("credential-management/update/{id}"),
        requirement,
        "CTAP 2.1 §6.8.6",
        move |stage| {
            stage.with_accounts(1, |stage, made| {
                let [account] = made else { return Err(Stop::error("no account was made")) };
                update(stage, account, &names)?;
                holds(stage, account)
            })
        },
    )
}

/// The user of a credential with other names.
fn user_of(made: &Made, [name, display_name]: &Names) -> Value {
    let mut entries = vec![("id", Value::from(made.user_id.clone()))];
    entries.extend(name.map(|name| ("name", Value::from(name))));
    entries.extend(display_name.map(|name| ("displayName", Value::from(name))));
    crate::authenticator::platform::parameters::map(entries)
}

/// updateUserInformation, which has to work.
fn update(stage: &mut Stage<'_>, made: &Made, names: &Names) -> Outcome {
    let request = update_user(made.id(), user_of(made, names));
    let answer = stage.manage_permitted(request)?;
    stage.control(answer, "updateUserInformation").map(drop)
}

fn listed_user(stage: &mut Stage<'_>, made: &Made) -> Result<Value, Stop> {
    let listed = stage.listed(made)?;
    listed.get(6).cloned().ok_or_else(|| Stop::fail("no user is told"))
}

/// Holds that a name is this one. None is as good as an empty one.
fn named_so(user: &Value, name: &str, expected: Option<&str>) -> Outcome {
    let found = named(user, name).and_then(Value::as_text).filter(|text| !text.is_empty());
    match found == expected {
        true => Ok(()),
        false => Err(Stop::fail(format!("{name} is {found:?}, expected {expected:?}"))),
    }
}

fn user_id(answer: &Answer) -> Option<&Vec<u8>> {
    named(answer.get(4)?, "id")?.as_bytes()
}

/// Holds that an assertion has no name of before the update: whether it has one is for others to say.
fn keeps_no_old_name(answer: &Answer) -> Outcome {
    let user = answer.get(4).cloned().unwrap_or(Value::Null);
    for (name, new) in [("name", "bob@example.com"), ("displayName", "Bob")] {
        match named(&user, name).and_then(Value::as_text) {
            None => {}
            Some(found) if found == new => {}
            Some(found) => return Err(Stop::fail(format!("{name} is {found:?} in an assertion"))),
        }
    }
    Ok(())
}

/// A request by a token that is for the relying party of the credential, which has to be taken.
fn by_token_for_it(stage: &mut Stage<'_>, made: &Made, request: Management) -> Outcome {
    let token = stage.token(permission::CREDENTIAL_MANAGEMENT, Some(&made.rp_id))?;
    let answer = stage.manage(&request.proven(&token))?;
    stage.expect_of(&answer, "the request", &[s::OK], &[])
}
