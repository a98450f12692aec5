//! The persistent token, which reads credentials (CTAP 2.2 §6.5.2.2, §6.8), and what its holder learns from getInfo (CTAP
//! 2.3 §6.4).

use super::super::permissions::refused;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::platform::parameters::members;
use crate::authenticator::platform::store_state::decrypt;
use crate::authenticator::platform::sub_command::credentials as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::Made;
use crate::authenticator::stage::management::{
    Management, delete_credential, enumerate_credentials, update_user,
};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_tokens();
    cases.extend(of_store_states());
    cases.into_iter().map(|case| case.if_the_target(Need::Enabled("perCredMgmtRO"))).collect()
}

/// What a request is about.
type OfAccount = fn(&Made) -> Management;

fn of_tokens() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>, &Made) -> Outcome| {
        AuthenticatorCase::of(
            &format!("credential-management/read-only/{id}"),
            requirement,
            "CTAP 2.2 §6.8",
            move |stage| {
                stage.with_accounts(1, |stage, made| {
                    let [account] = made else { return Err(Stop::error("no account was made")) };
                    play(stage, account)
                })
            },
        )
    };
    vec![
        case("metadata", "accept the persistent token for getCredsMetadata", |stage, made| {
            reads(stage, made, |_| Management::credentials(sub::GET_CREDS_METADATA, None))
        }),
        case("relying-parties", "accept the persistent token for enumerateRPsBegin", |stage, made| {
            reads(stage, made, |_| Management::credentials(sub::ENUMERATE_RPS_BEGIN, None))
        }),
        case("credentials", "accept the persistent token for enumerateCredentialsBegin", |stage, made| {
            reads(stage, made, |made| enumerate_credentials(&made.rp_id))
        }),
        case("delete", "refuse deleteCredential by the persistent token", |stage, made| {
            let token = stage.persistent_token()?;
            let request = delete_credential(made.id()).proven(&token);
            refused(stage, &request, &[s::PIN_AUTH_INVALID], &[])
        }),
        case("update", "refuse updateUserInformation by the persistent token", |stage, made| {
            let token = stage.persistent_token()?;
            let user = members! { "id" => made.user_id.clone(), "name" => "bob" };
            let request = update_user(made.id(), user).proven(&token);
            refused(stage, &request, &[s::PIN_AUTH_INVALID], &[])
        }),
        case("power-cycle", "keep the persistent token when its power is taken away", |stage, _| {
            let token = stage.persistent_token()?;
            stage.power_cycle()?;
            let request = Management::credentials(sub::GET_CREDS_METADATA, None).proven(&token);
            let answer = stage.manage(&request)?;
            stage.expect_of(&answer, "getCredsMetadata after that", &[s::OK], &[])
        })
        .if_the_target(Need::PowerCycle),
    ]
}

/// A request by the persistent token, which has to be taken.
fn reads(stage: &mut Stage<'_>, made: &Made, request: OfAccount) -> Outcome {
    let token = stage.persistent_token()?;
    let answer = stage.manage(&request(made).proven(&token))?;
    stage.expect_of(&answer, "the request", &[s::OK], &[])
}

/// encCredStoreState, which tells whether credentials changed.
fn of_store_states() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(
            &format!("credential-management/store-state/{id}"),
            requirement,
            "CTAP 2.3 §6.4",
            play,
        )
    };
    vec![
        case("same", "keep the value of encCredStoreState while no credential changes", |stage| {
            let (first, second) = (store_state(stage)?, store_state(stage)?);
            match first == second {
                true => Ok(()),
                false => Err(Stop::fail("encCredStoreState changed")),
            }
        }),
        case("created", "change the value of encCredStoreState when a credential is made", |stage| {
            let before = store_state(stage)?;
            stage.with_accounts(1, |stage, _| changed(stage, before))
        }),
        case("deleted", "change the value of encCredStoreState when a credential is deleted", |stage| {
            stage.with_accounts(1, |stage, made| {
                let before = store_state(stage)?;
                for account in made {
                    let answer = stage.manage_permitted(delete_credential(account.id()))?;
                    stage.control(answer, "deleteCredential")?;
                }
                changed(stage, before)
            })
        }),
        case("updated", "change the value of encCredStoreState when a user is updated", |stage| {
            stage.with_accounts(1, |stage, made| {
                let before = store_state(stage)?;
                for account in made {
                    let user = members! { "id" => account.user_id.clone(), "name" => "bob" };
                    let answer = stage.manage_permitted(update_user(account.id(), user))?;
                    stage.control(answer, "updateUserInformation")?;
                }
                changed(stage, before)
            })
        }),
    ]
}

/// The value of encCredStoreState.
fn store_state(stage: &mut Stage<'_>) -> Result<[u8; 16], Stop> {
    let token = stage.persistent_token()?;
    let info = stage.get_info()?;
    let member =
        info.get(0x1e).ok_or_else(|| Stop::skip("the target tells no encCredStoreState"))?.as_bytes();
    let value = member.and_then(|member| decrypt(&token.bytes, "encCredStoreState", member));
    value.ok_or_else(|| Stop::fail("encCredStoreState is not of two blocks"))
}

fn changed(stage: &mut Stage<'_>, before: [u8; 16]) -> Outcome {
    match store_state(stage)? == before {
        false => Ok(()),
        true => Err(Stop::fail("encCredStoreState is the same")),
    }
}
