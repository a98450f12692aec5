//! authenticatorCredentialManagement (CTAP 2.1 §6.8).

mod changes;
mod enumerations;
mod read_only;

use super::permissions::{Protected, of_proofs, of_protocols, refused};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{permission, status as s};
use crate::authenticator::platform::parameters::{Parameters, members};
use crate::authenticator::platform::sub_command::credentials as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::management::{
    Management, delete_credential, enumerate_credentials, update_user,
};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

/// What a fair reader accepts for a sub-command that is not known: two clauses disagree.
const UNKNOWN_SUB_COMMAND: &[u8] = &[s::INVALID_SUBCOMMAND, s::INVALID_PARAMETER];

/// No authenticator makes an id of eight bytes, as ids are of 16 at the least (WebAuthn L3 §4).
const NOBODYS_ID: &[u8] = &[7; 8];

const METADATA: Protected = Protected {
    id: "credential-management/metadata",
    name: "getCredsMetadata",
    clause: "CTAP 2.1 §6.8.2",
    request: |_| Ok(Management::credentials(sub::GET_CREDS_METADATA, None)),
};

const PROTECTED: [Protected; 5] = [
    METADATA,
    Protected {
        id: "credential-management/relying-parties",
        name: "enumerateRPsBegin",
        clause: "CTAP 2.1 §6.8.3",
        request: |_| Ok(Management::credentials(sub::ENUMERATE_RPS_BEGIN, None)),
    },
    Protected {
        id: "credential-management/credentials",
        name: "enumerateCredentialsBegin",
        clause: "CTAP 2.1 §6.8.4",
        request: |stage| Ok(enumerate_credentials(&stage.new_rp_id())),
    },
    Protected {
        id: "credential-management/delete",
        name: "deleteCredential",
        clause: "CTAP 2.1 §6.8.5",
        request: |_| Ok(delete_credential(NOBODYS_ID)),
    },
    Protected {
        id: "credential-management/update",
        name: "updateUserInformation",
        clause: "CTAP 2.1 §6.8.6",
        request: |_| Ok(update_user(NOBODYS_ID, members! { "id" => vec![1_u8], "name" => "bob" })),
    },
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_proofs(&PROTECTED);
    cases.extend(of_protocols(METADATA));
    cases.extend(of_other_relying_parties());
    cases.extend(of_messages());
    cases.extend(of_sub_commands());
    cases.extend(of_metadata());
    cases.extend(enumerations::cases());
    cases.extend(changes::cases());
    let mut cases: Vec<AuthenticatorCase> =
        cases.into_iter().map(|case| managed(case.only_in(FROM_2_1)).if_the_target(Need::PinSet)).collect();
    cases.extend(
        of_new().into_iter().map(|case| {
            managed(case.only_in(FROM_2_1)).if_the_target(Need::Fresh).if_the_target(Need::PinSet)
        }),
    );
    let of_2_3 = enumerations::of_payments().into_iter().chain(read_only::cases());
    cases.extend(of_2_3.map(|case| managed(case.only_in(FROM_2_3)).if_the_target(Need::PinSet)));
    cases
}

/// A case about an authenticator that lets platforms manage its credentials.
fn managed(case: AuthenticatorCase) -> AuthenticatorCase {
    case.if_the_target(Need::Enabled("credMgmt")).if_the_target(Need::Enabled("pinUvAuthToken"))
}

/// What holds of an authenticator that has no credential.
fn of_new() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "credential-management/metadata/new",
            "tell of no credentials, and of room for some, when it is new",
            "CTAP 2.1 §6.8.2",
            |stage| {
                let request = Management::credentials(sub::GET_CREDS_METADATA, None);
                let answer = stage.expect_managed(request, "getCredsMetadata", &[s::OK])?;
                match (answer.number(1), answer.number(2)) {
                    (Some(0), Some(1..)) => Ok(()),
                    (count, room) => {
                        Err(Stop::fail(format!("found {count:?} credentials, and room for {room:?}")))
                    }
                }
            },
        ),
        AuthenticatorCase::of(
            "credential-management/relying-parties/none",
            "answer enumerateRPsBegin with NO_CREDENTIALS when it is new",
            "CTAP 2.1 §6.8.3",
            |stage| {
                let request = stage.permitted(Management::credentials(sub::ENUMERATE_RPS_BEGIN, None))?;
                let answer = stage.manage(&request)?;
                // Older ones tell a total of 0.
                let tolerated: &[u8] = if answer.number(5) == Some(0) { &[s::OK] } else { &[] };
                stage.expect_of(&answer, "enumerateRPsBegin", &[s::NO_CREDENTIALS], tolerated)
            },
        ),
    ]
}

/// Tokens that are for another relying party, or for one where the sub-command is about all.
fn of_other_relying_parties() -> Vec<AuthenticatorCase> {
    let other = |protected: Protected, sentence: &'static str| {
        AuthenticatorCase::of(
            &format!("{}/other-rp", protected.id),
            format!("refuse {} by a token that is for {sentence}", protected.name),
            protected.clause,
            move |stage| {
                stage.with_accounts(1, |stage, made| {
                    let [account] = made else { return Err(Stop::error("no account was made")) };
                    let user = members! { "id" => account.user_id.clone(), "name" => "bob" };
                    let (request, rp_id) = match protected.name {
                        "enumerateCredentialsBegin" => {
                            (enumerate_credentials(&account.rp_id), stage.new_rp_id())
                        }
                        "deleteCredential" => (delete_credential(account.id()), stage.new_rp_id()),
                        "updateUserInformation" => (update_user(account.id(), user), stage.new_rp_id()),
                        _ => ((protected.request)(stage)?, account.rp_id.clone()),
                    };
                    let token = stage.token(permission::CREDENTIAL_MANAGEMENT, Some(&rp_id))?;
                    refused(stage, &request.proven(&token), &[s::PIN_AUTH_INVALID], &[])
                })
            },
        )
    };
    let [metadata, relying_parties, credentials, delete, update] = PROTECTED;
    vec![
        other(metadata, "one relying party alone"),
        other(relying_parties, "one relying party alone"),
        other(credentials, "another relying party"),
        other(delete, "another relying party"),
        other(update, "another relying party"),
    ]
}

/// Proofs that leave the parameters out.
fn of_messages() -> Vec<AuthenticatorCase> {
    let [_, _, credentials, delete, update] = PROTECTED;
    let numbers = [
        (credentials, sub::ENUMERATE_CREDENTIALS_BEGIN),
        (delete, sub::DELETE_CREDENTIAL),
        (update, sub::UPDATE_USER_INFORMATION),
    ];
    let case = |(protected, number): (Protected, u64)| {
        AuthenticatorCase::of(
            &format!("{}/message", protected.id),
            format!("refuse {} whose pinUvAuthParam leaves its parameters out", protected.name),
            protected.clause,
            move |stage| {
                let request = (protected.request)(stage)?;
                let token = stage.token(permission::CREDENTIAL_MANAGEMENT, None)?;
                let without = Management::credentials(number, None).message;
                let request = request.proven_over(&token, &without);
                refused(stage, &request, &[s::PIN_AUTH_INVALID], &[])
            },
        )
    };
    numbers.map(case).into()
}

fn of_sub_commands() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "credential-management/sub-command/missing",
            "refuse a request without a sub-command",
            "CTAP 2.1 §6.8",
            |stage| {
                let mut request = Management::credentials(sub::GET_CREDS_METADATA, None);
                request.parameters = Parameters::default().with(3, stage.protocol()?.number());
                let tolerated = [s::INVALID_PARAMETER, s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR];
                refused(stage, &request, &[s::MISSING_PARAMETER], &tolerated)
            },
        ),
        AuthenticatorCase::of(
            "credential-management/sub-command/unknown",
            "refuse a sub-command that it does not know",
            "CTAP 2.1 §8.1",
            |stage| {
                let request = stage.permitted(Management::credentials(0x7f, None))?;
                refused(stage, &request, UNKNOWN_SUB_COMMAND, &[s::INVALID_COMMAND])
            },
        ),
    ]
}

fn of_metadata() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "credential-management/metadata/up",
            "count a new discoverable credential",
            "CTAP 2.1 §6.8.2",
            |stage| {
                let before = stage.count_credentials()?;
                stage.with_accounts(1, |stage, _| counts(stage, before, before + 1))
            },
        ),
        AuthenticatorCase::of(
            "credential-management/metadata/down",
            "not count a deleted credential any more",
            "CTAP 2.1 §6.8.2",
            |stage| {
                let before = stage.count_credentials()?;
                stage.with_accounts(1, |stage, made| {
                    stage.count_credentials()?;
                    for account in made {
                        stage.expect_managed(
                            delete_credential(account.id()),
                            "deleteCredential",
                            &[s::OK],
                        )?;
                    }
                    counts(stage, before + 1, before)
                })
            },
        ),
        AuthenticatorCase::of(
            "credential-management/metadata/not-discoverable",
            "count no credential that is not discoverable",
            "CTAP 2.1 §6.8.2",
            |stage| {
                let before = stage.count_credentials()?;
                stage.made()?;
                counts(stage, before, before)
            },
        ),
        AuthenticatorCase::of(
            "credential-management/metadata/again",
            "accept one token for several requests",
            "CTAP 2.1 §6.5.2.1",
            |stage| {
                let request = stage.permitted(Management::credentials(sub::GET_CREDS_METADATA, None))?;
                let answer = stage.manage(&request)?;
                stage.control(answer, "getCredsMetadata")?;
                let answer = stage.manage(&request)?;
                stage.expect_of(&answer, "the same request again", &[s::OK], &[])
            },
        ),
    ]
}

/// Holds that so many credentials are there now.
fn counts(stage: &mut Stage<'_>, before: u64, expected: u64) -> Outcome {
    match stage.count_credentials()? {
        found if found == expected => Ok(()),
        found => Err(Stop::fail(format!("the count went from {before} to {found}, expected {expected}"))),
    }
}
