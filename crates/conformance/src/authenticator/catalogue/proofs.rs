//! How registrations and assertions prove that their user was verified: by a token, or by asking the authenticator to do it
//! (CTAP 2.1 §6.1.2 steps 1 to 11, §6.2.2 steps 1 to 6).

use super::ceremony::{Played, flags};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{permission, status as s};
use crate::authenticator::platform::data::{AuthData, flag};
use crate::authenticator::platform::pin::{Protocol, Token};
use crate::authenticator::stage::ceremony::{Ceremony, Getting, Kind, Made, Making};
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// What a fair reader accepts where nobody touched in time, or refused.
const UNTOUCHED: &[u8] =
    &[s::KEEPALIVE_CANCEL, s::OPERATION_DENIED, s::USER_ACTION_TIMEOUT, s::ACTION_TIMEOUT];

/// The cases of one kind of ceremony.
pub(super) fn cases<K: Played>() -> Vec<AuthenticatorCase> {
    let mut cases = empty::<K>();
    cases.extend(tokens::<K>());
    cases.extend(permissions::<K>());
    cases.extend(built_in::<K>());
    cases
}

/// A case of the chapter of this kind.
fn of<K: Played>(
    id: &str,
    requirement: &str,
    step: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("{}/{id}", K::CHAPTER),
        requirement,
        format!("{} step {step}", K::ALGORITHM),
        play,
    )
}

/// A ceremony without a proof, and its credential.
fn begin<K: Played>(stage: &mut Stage<'_>) -> Result<(Ceremony<K>, Option<Made>), Stop> {
    K::begin(stage).map(|(ceremony, made)| (ceremony.unproven(), made))
}

/// A token for a ceremony.
fn token_for<K: Kind>(stage: &mut Stage<'_>, ceremony: &Ceremony<K>) -> Result<Token, Stop> {
    stage.token(K::PERMISSION, Some(ceremony.rp_id()))
}

/// Sends a ceremony with this param and the token's protocol, and holds its status.
fn refused<K: Played>(
    stage: &mut Stage<'_>,
    accepted: &[u8],
    tolerated: &[u8],
    param: impl FnOnce(&Token, &[u8]) -> Vec<u8>,
) -> Outcome {
    let (ceremony, _) = begin::<K>(stage)?;
    let token = token_for(stage, &ceremony)?;
    let ceremony = ceremony
        .clone()
        .proven(&token)
        .with(K::PIN_UV_AUTH_PARAM, param(&token, &ceremony.client_data.hash()));
    let answer = stage.call(K::COMMAND, &ceremony.parameters)?;
    stage.expect_of(&answer, K::NAME, accepted, tolerated)
}

/// The authenticator data of a ceremony that has to be taken.
fn taken<K: Played>(
    stage: &mut Stage<'_>,
    ceremony: &Ceremony<K>,
    made: Option<&Made>,
) -> Result<AuthData, Stop> {
    let answer = stage.expect_ceremony(ceremony, K::NAME, &[s::OK])?;
    let data = AuthData::of(&answer)?;
    K::verify(stage, ceremony, answer, made)?;
    Ok(data)
}

/// A param without a byte asks for a touch alone.
fn empty<K: Played>() -> Vec<AuthenticatorCase> {
    let empty = |stage: &mut Stage<'_>, hand: Hand| {
        let (ceremony, _) = begin::<K>(stage)?;
        let ceremony = ceremony
            .with(K::PIN_UV_AUTH_PARAM, Vec::<u8>::new())
            .with(K::PIN_UV_AUTH_PROTOCOL, stage.protocol()?.number());
        stage.send_with(&ceremony.request(), hand)
    };
    vec![
        of::<K>(
            "empty-proof/no-pin",
            "say that no PIN is set where a proof without a byte asks, and a touch came",
            "1",
            move |stage| {
                let answer = empty(stage, Hand::Touches)?;
                let tolerated: &[u8] = if stage.info.is_from_2_1() { &[] } else { &[s::PIN_AUTH_INVALID] };
                stage.expect_of(&answer, "a proof without a byte", &[s::PIN_NOT_SET], tolerated)
            },
        )
        .if_the_target(Need::NoPin)
        .if_the_target(Need::NoBuiltInUv),
        of::<K>(
            "empty-proof/pin",
            "say that a PIN is set where a proof without a byte asks, and a touch came",
            "1",
            move |stage| {
                let answer = empty(stage, Hand::Touches)?;
                let tolerated: &[u8] = if stage.info.is_from_2_1() { &[] } else { &[s::PIN_AUTH_INVALID] };
                stage.expect_of(&answer, "a proof without a byte", &[s::PIN_INVALID], tolerated)
            },
        )
        .if_the_target(Need::PinSet),
        of::<K>(
            "empty-proof/untouched",
            "not say whether a PIN is set before a touch came",
            "1",
            move |stage| {
                let answer = empty(stage, Hand::Cancels)?;
                stage.expect_of(&answer, "a proof without a byte that nobody touched", UNTOUCHED, &[])
            },
        )
        .if_the_target(Need::PinSet)
        .if_the_target(Need::WithheldTouch),
    ]
    .into_iter()
    .map(|case| case.if_the_target(Need::Option("clientPin")))
    .collect()
}

/// Proofs by a token, in every version.
fn tokens<K: Played>() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        of::<K>("token/wrong", "refuse a proof that no token gives", K::PROOF, |stage| {
            refused::<K>(stage, &[s::PIN_AUTH_INVALID], &[], |token, hash| {
                let mut param = token.authenticate(hash);
                if let Some(byte) = param.first_mut() {
                    *byte ^= 1;
                }
                param
            })
        }),
        of::<K>("token/other-hash", "refuse the proof of another ceremony", K::PROOF, |stage| {
            refused::<K>(stage, &[s::PIN_AUTH_INVALID], &[], |token, _| token.authenticate(&[7; 32]))
        }),
        of::<K>("token/short", "refuse a proof of which the last byte is missing", K::PROOF, |stage| {
            let accepted = [s::PIN_AUTH_INVALID, s::INVALID_PARAMETER];
            refused::<K>(stage, &accepted, &[s::INVALID_LENGTH], |token, hash| {
                let mut param = token.authenticate(hash);
                param.pop();
                param
            })
        }),
        of::<K>("token/long", "refuse a proof with a byte too many", K::PROOF, |stage| {
            let accepted = [s::PIN_AUTH_INVALID, s::INVALID_PARAMETER];
            refused::<K>(stage, &accepted, &[s::INVALID_LENGTH], |token, hash| {
                [token.authenticate(hash), vec![0]].concat()
            })
        }),
        of::<K>("token/no-protocol", "refuse a proof whose protocol is not named", "2", |stage| {
            let (ceremony, _) = begin::<K>(stage)?;
            let token = token_for(stage, &ceremony)?;
            let ceremony = ceremony.proven(&token).without(K::PIN_UV_AUTH_PROTOCOL);
            let answer = stage.call(K::COMMAND, &ceremony.parameters)?;
            let tolerated: &[u8] = if stage.info.is_from_2_1() { &[] } else { &[s::PIN_AUTH_INVALID] };
            stage.expect_of(&answer, K::NAME, &[s::MISSING_PARAMETER], tolerated)
        }),
        of::<K>(
            "token/unknown-protocol",
            "refuse a proof by a protocol that it does not list",
            "2",
            |stage| {
                let (ceremony, _) = begin::<K>(stage)?;
                let token = token_for(stage, &ceremony)?;
                let ceremony = ceremony.proven(&token).with(K::PIN_UV_AUTH_PROTOCOL, 0x7f);
                let answer = stage.call(K::COMMAND, &ceremony.parameters)?;
                let accepted: &[u8] = match stage.info.is_from_2_1() {
                    true => &[s::INVALID_PARAMETER],
                    false => &[s::INVALID_PARAMETER, s::PIN_AUTH_INVALID],
                };
                stage.expect_of(&answer, K::NAME, accepted, &[s::PIN_AUTH_INVALID])
            },
        ),
        of::<K>(
            "token/other-protocol",
            "not take a token of one protocol for one of the other",
            K::PROOF,
            |stage| {
                stage.lists_both_protocols()?;
                let (ceremony, _) = begin::<K>(stage)?;
                let token = stage.token_by(Protocol::Two, K::PERMISSION, Some(ceremony.rp_id()))?;
                let ceremony = ceremony.proven(&Token { protocol: Protocol::One, ..token });
                let answer = stage.call(K::COMMAND, &ceremony.parameters)?;
                stage.expect_of(&answer, "the other protocol's token", &[s::PIN_AUTH_INVALID], &[])
            },
        )
        .only_in(FROM_2_1),
        of::<K>("token/power", "forget its token when the power goes", K::PROOF, |stage| {
            let (ceremony, _) = begin::<K>(stage)?;
            let token = token_for(stage, &ceremony)?;
            stage.power_cycle()?;
            let answer = stage.call(K::COMMAND, &ceremony.proven(&token).parameters)?;
            stage.expect_of(&answer, "a token from before a power cycle", &[s::PIN_AUTH_INVALID], &[])
        })
        .if_the_target(Need::PowerCycle),
    ];
    for (name, protocol) in [("one", Protocol::One), ("two", Protocol::Two)] {
        let case = of::<K>(
            &format!("token/verified/{name}"),
            &format!("say that its user was verified where a token of protocol {name} proves it"),
            K::PROOF,
            move |stage| {
                if !stage.info.protocols().contains(&protocol.number()) {
                    return Err(Stop::skip("the target does not list the protocol"));
                }
                let (ceremony, made) = begin::<K>(stage)?;
                let token = stage.token_by(protocol, K::PERMISSION, Some(ceremony.rp_id()))?;
                let data = taken(stage, &ceremony.proven(&token), made.as_ref())?;
                flags(data.has(flag::UV), "UV is not set")
            },
        );
        cases.push(match protocol {
            Protocol::One => case,
            Protocol::Two => case.only_in(FROM_2_1),
        });
    }
    cases.into_iter().map(|case| case.if_the_target(Need::PinSet)).collect()
}

/// What came with permissions, in CTAP 2.1.
fn permissions<K: Played>() -> Vec<AuthenticatorCase> {
    vec![
        of::<K>("token/permission", "refuse a token for something else", K::PROOF, |stage| {
            let (ceremony, _) = begin::<K>(stage)?;
            let other = (permission::MAKE_CREDENTIAL | permission::GET_ASSERTION) & !K::PERMISSION;
            let token = stage.token(other, Some(ceremony.rp_id()))?;
            let answer = stage.call(K::COMMAND, &ceremony.proven(&token).parameters)?;
            stage.expect_of(&answer, "a token without the permission", &[s::PIN_AUTH_INVALID], &[])
        })
        .if_the_target(Need::Enabled("pinUvAuthToken")),
        of::<K>("token/rp-id", "refuse a token that is for another relying party", K::PROOF, |stage| {
            let (ceremony, _) = begin::<K>(stage)?;
            let other = stage.new_rp_id();
            let token = stage.token(K::PERMISSION, Some(&other))?;
            let answer = stage.call(K::COMMAND, &ceremony.proven(&token).parameters)?;
            stage.expect_of(&answer, "another relying party's token", &[s::PIN_AUTH_INVALID], &[])
        })
        .if_the_target(Need::Enabled("pinUvAuthToken")),
        of::<K>("token/once", "not take a token for a second touch", K::TOUCH, |stage| {
            let (first, _) = begin::<K>(stage)?;
            let token = token_for(stage, &first)?;
            stage.call_ceremony(&first.clone().proven(&token))?;
            let answer = stage.call(K::COMMAND, &first.proven(&token).parameters)?;
            stage.expect_of(&answer, "a token that was used", &[s::PIN_AUTH_INVALID], &[])
        }),
        of::<K>("token/uv-too", "take uv for false where a token is there", K::OPTIONS_STEP, |stage| {
            let (ceremony, made) = begin::<K>(stage)?;
            let token = token_for(stage, &ceremony)?;
            let ceremony = ceremony.proven(&token).option("uv", true);
            let data = taken(stage, &ceremony, made.as_ref())?;
            flags(data.has(flag::UV), "UV is not set")
        }),
    ]
    .into_iter()
    .map(|case| case.if_the_target(Need::PinSet).only_in(FROM_2_1))
    .collect()
}

/// Without a token.
fn built_in<K: Played>() -> Vec<AuthenticatorCase> {
    vec![
        of::<K>("uv/verified", "say that it verified its user where it did", K::PROOF, |stage| {
            let (ceremony, made) = begin::<K>(stage)?;
            let data = taken(stage, &ceremony.option("uv", true), made.as_ref())?;
            flags(data.has(flag::UV) && data.has(flag::UP), "UV or UP is not set")
        })
        .if_the_target(Need::BuiltInUv),
        of::<K>("uv/untouched", "verify nobody who is not there", K::PROOF, |stage| {
            let (ceremony, _) = begin::<K>(stage)?;
            let answer = stage.send_with(&ceremony.option("uv", true).request(), Hand::Cancels)?;
            let accepted = [UNTOUCHED, &[s::PUAT_REQUIRED, s::UV_INVALID]].concat();
            stage.expect_of(&answer, "an option uv to which nobody came", &accepted, &[])
        })
        .if_the_target(Need::BuiltInUv)
        .if_the_target(Need::WithheldTouch),
        of::<K>(
            "proof/unprotected",
            "not say that its user was verified where a proof is there, and no PIN is set",
            K::PROOF,
            |stage| {
                let (ceremony, made) = begin::<K>(stage)?;
                let ceremony = ceremony
                    .with(K::PIN_UV_AUTH_PARAM, vec![7; 16])
                    .with(K::PIN_UV_AUTH_PROTOCOL, stage.protocol()?.number());
                let answer = stage.call(K::COMMAND, &ceremony.parameters)?;
                let accepted = [s::OK, s::PIN_NOT_SET, s::PIN_AUTH_INVALID, s::INVALID_OPTION];
                if answer.status != s::OK {
                    return stage.expect_of(&answer, "a proof without a PIN", &accepted, &[]);
                }
                let data = AuthData::of(&answer)?;
                K::verify(stage, &ceremony, answer, made.as_ref())?;
                flags(!data.has(flag::UV), "UV is set")
            },
        )
        .should()
        .if_the_target(Need::Option("clientPin"))
        .if_the_target(Need::NoPin)
        .if_the_target(Need::NoBuiltInUv)
        .if_the_target(Need::NoAlwaysUv),
    ]
}

/// What a registration alone has.
pub(super) fn of_registrations() -> Vec<AuthenticatorCase> {
    let unproven = |stage: &mut Stage<'_>, is_discoverable: bool, accepted: &[u8]| {
        let registration = stage.registration().option("rk", is_discoverable);
        let registration = if is_discoverable { registration } else { registration.without(Making::OPTIONS) };
        let answer = stage.call(Making::COMMAND, &registration.parameters)?;
        stage.expect_of(&answer, "a registration without a proof", accepted, &[]).map(|()| answer)
    };
    vec![
        of::<Making>(
            "proof/required",
            "make no credential without a proof once a PIN is set",
            "8",
            move |stage| unproven(stage, false, &[s::PUAT_REQUIRED]).map(drop),
        )
        .if_the_target(Need::Disabled("makeCredUvNotRqd"))
        .if_the_target(Need::NoBuiltInUv)
        .if_the_target(Need::PinSet),
        of::<Making>(
            "proof/required-discoverable",
            "make no discoverable credential without a proof once a PIN is set",
            "7",
            move |stage| unproven(stage, true, &[s::PUAT_REQUIRED]).map(drop),
        )
        .if_the_target(Need::Enabled("rk"))
        .if_the_target(Need::NoBuiltInUv)
        .if_the_target(Need::PinSet),
        of::<Making>(
            "proof/not-required",
            "make a credential that is not discoverable without a proof, where it says so",
            "10",
            move |stage| {
                let answer = unproven(stage, false, &[s::OK])?;
                let data = AuthData::of(&answer)?;
                flags(!data.has(flag::UV), "UV is set")
            },
        )
        .only_in(FROM_2_1)
        .if_the_target(Need::Enabled("makeCredUvNotRqd"))
        .if_the_target(Need::NoAlwaysUv)
        .if_the_target(Need::PinSet),
    ]
}

/// What an assertion alone has.
pub(super) fn of_assertions() -> Vec<AuthenticatorCase> {
    vec![
        of::<Getting>(
            "proof/not-required",
            "sign without a proof, and say so, where none is asked for",
            "6",
            |stage| {
                let (assertion, made) = begin::<Getting>(stage)?;
                let data = taken(stage, &assertion, made.as_ref())?;
                flags(!data.has(flag::UV), "UV is set")
            },
        )
        .if_the_target(Need::NoAlwaysUv)
        .if_the_target(Need::PinSet),
        of::<Getting>(
            "token/silent",
            "keep a token that was used without a touch",
            Getting::TOUCH,
            |stage| {
                let (assertion, made) = begin::<Getting>(stage)?;
                let token = token_for(stage, &assertion)?;
                let silent = assertion.clone().option("up", false).proven(&token);
                stage.call_ceremony(&silent)?;
                taken(stage, &assertion.proven(&token), made.as_ref()).map(drop)
            },
        )
        .only_in(FROM_2_1)
        .if_the_target(Need::PinSet),
    ]
}
