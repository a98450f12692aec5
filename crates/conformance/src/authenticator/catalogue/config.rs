//! authenticatorConfig (CTAP 2.1 §6.11).

mod always_uv;
mod min_pin_length;

use ciborium::Value;

use super::permissions::{Protected, of_proofs, of_protocols, refused};
use super::reset::reset_now;
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::number;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::platform::parameters::{Parameters, members};
use crate::authenticator::platform::sub_command::config as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::management::Management;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

/// What a fair reader accepts for a sub-command that is not known: two clauses disagree (§8.1, §6.11 step 2).
const UNKNOWN_SUB_COMMAND: &[u8] = &[s::INVALID_SUBCOMMAND, s::INVALID_PARAMETER];

/// The member of getInfo that lists the sub-commands.
const CONFIG_COMMANDS: u64 = 0x1f;
/// The member of getInfo that lists the vendor's commands.
const VENDOR_COMMANDS: u64 = 0x15;
/// The member of getInfo that says whether a reset takes a long touch.
const LONG_TOUCH_FOR_RESET: u64 = 0x18;

const ENTERPRISE_ATTESTATION: Protected = Protected {
    id: "config/enterprise-attestation",
    name: "enableEnterpriseAttestation",
    clause: "CTAP 2.1 §6.11.1",
    request: |_| Ok(Management::config(sub::ENABLE_ENTERPRISE_ATTESTATION, None)),
};

const ALWAYS_UV: Protected = Protected {
    id: "config/always-uv",
    name: "toggleAlwaysUv",
    clause: "CTAP 2.1 §6.11.2",
    request: |_| Ok(Management::config(sub::TOGGLE_ALWAYS_UV, None)),
};

const MIN_PIN_LENGTH: Protected = Protected {
    id: "config/min-pin-length",
    name: "setMinPINLength",
    clause: "CTAP 2.1 §6.11.4",
    request: |stage| {
        // The least length that it has: nothing changes by that.
        let length = min_pin_length::current(stage);
        Ok(Management::config(sub::SET_MIN_PIN_LENGTH, Some(members! { 1 => length })))
    },
};

const LONG_TOUCH: Protected = Protected {
    id: "config/long-touch",
    name: "enableLongTouchForReset",
    clause: "CTAP 2.3 §6.11.5",
    request: long_touch,
};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = Vec::new();
    let mut add = |of_chapter: Vec<AuthenticatorCase>, needs: &[Need]| {
        cases.extend(of_chapter.into_iter().map(|case| {
            let case = case.only_in(FROM_2_1).if_the_target(Need::Enabled("authnrCfg"));
            needs.iter().fold(case, |case, need| case.if_the_target(*need))
        }));
    };
    let (ep, always_uv) = (Need::Option("ep"), Need::Option("alwaysUv"));
    let min_pin_length = Need::Enabled("setMinPINLength");
    add(of_sub_commands(), &[Need::PinSet]);
    add(of_proofs(&[ENTERPRISE_ATTESTATION]), &[ep, Need::PinSet]);
    add(of_enterprise_attestation(), &[ep, Need::Fresh, Need::PinSet]);
    add(of_proofs(&[ALWAYS_UV]), &[always_uv, Need::PinSet]);
    add(always_uv::cases(), &[always_uv, Need::PinSet]);
    add(always_uv::of_verification(), &[always_uv, Need::NoBuiltInUv, Need::PinSet]);
    let unprotected = [Need::Fresh, Need::NoBuiltInUv, Need::NoAlwaysUv];
    add(always_uv::unprotected(), &[&[always_uv][..], &unprotected].concat());
    add(of_proofs(&[MIN_PIN_LENGTH]), &[min_pin_length, Need::PinSet]);
    add(of_protocols(MIN_PIN_LENGTH).into(), &[min_pin_length, Need::PinSet]);
    add(of_messages(), &[min_pin_length, Need::PinSet]);
    add(min_pin_length::refused_ones(), &[min_pin_length, Need::PinSet]);
    add(min_pin_length::cases(), &[min_pin_length, Need::Fresh, Need::PinSet]);
    add(min_pin_length::unprotected(), &[&[min_pin_length][..], &unprotected].concat());
    let mut of_2_3 = |of_chapter: Vec<AuthenticatorCase>, needs: &[Need]| {
        cases.extend(of_chapter.into_iter().map(|case| {
            let case = case.only_in(FROM_2_3).if_the_target(Need::Enabled("authnrCfg"));
            needs.iter().fold(case, |case, need| case.if_the_target(*need))
        }));
    };
    of_2_3(of_proofs(&[LONG_TOUCH]), &[Need::PinSet]);
    of_2_3(of_long_touch(), &[Need::Fresh, Need::PinSet]);
    of_2_3(min_pin_length::of_2_3(), &[min_pin_length, Need::Fresh, Need::PinSet]);
    cases
}

fn of_sub_commands() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "config/sub-command/missing",
            "refuse a request without a sub-command",
            "CTAP 2.1 §6.11 step 1",
            |stage| {
                let mut request = Management::config(sub::SET_MIN_PIN_LENGTH, None);
                request.parameters = Parameters::default().with(3, stage.protocol()?.number());
                let tolerated = [s::INVALID_PARAMETER, s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR];
                refused(stage, &request, &[s::MISSING_PARAMETER], &tolerated)
            },
        ),
        AuthenticatorCase::of(
            "config/sub-command/unknown",
            "refuse a sub-command that it does not know",
            "CTAP 2.1 §6.11 step 2",
            |stage| {
                let request = stage.permitted(Management::config(0x7e, None))?;
                refused(stage, &request, UNKNOWN_SUB_COMMAND, &[s::INVALID_COMMAND])
            },
        ),
        AuthenticatorCase::of(
            "config/sub-command/vendor",
            "refuse vendorPrototype with a command that getInfo does not list",
            "CTAP 2.1 §6.11.3",
            |stage| {
                let listed: Vec<u64> = stage.info.list(VENDOR_COMMANDS).iter().filter_map(number).collect();
                let id = (0x5eed_0000_0000_0000..).find(|id| !listed.contains(id)).unwrap_or_default();
                let parameters = Some(members! { 1 => id });
                let request = stage.permitted(Management::config(sub::VENDOR_PROTOTYPE, parameters))?;
                let tolerated = [s::INVALID_COMMAND, s::INVALID_OPTION, s::UNSUPPORTED_OPTION];
                refused(stage, &request, UNKNOWN_SUB_COMMAND, &tolerated)
            },
        )
        .should(),
    ]
}

/// Proofs over other messages than the one that is written down.
fn of_messages() -> Vec<AuthenticatorCase> {
    let case = |id: &str, what: &str, message: fn(&[u8]) -> Vec<u8>| {
        AuthenticatorCase::of(
            &format!("config/min-pin-length/message/{id}"),
            format!("refuse setMinPINLength whose pinUvAuthParam {what}"),
            "CTAP 2.1 §6.11 step 4",
            move |stage| {
                let request = (MIN_PIN_LENGTH.request)(stage)?;
                let token = stage.token(request.permission, None)?;
                let message = message(&request.message);
                refused(stage, &request.proven_over(&token, &message), &[s::PIN_AUTH_INVALID], &[])
            },
        )
    };
    // 32 bytes 0xff, the command, the sub-command, and its parameters.
    vec![
        case("prefix", "leaves the 32 bytes 0xff out", |message| message.iter().copied().skip(32).collect()),
        case("parameters", "leaves its parameters out", |message| message.iter().copied().take(34).collect()),
    ]
}

fn of_enterprise_attestation() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(
            &format!("config/enterprise-attestation/{id}"),
            requirement,
            "CTAP 2.1 §6.11.1",
            move |stage| stage.then_reset(play),
        )
    };
    vec![
        case("enabled", "set the option ep when enterprise attestation is enabled", |stage| {
            // The factory may have enabled it.
            if stage.info.option("ep") == Some(true) {
                let pin = stage.pin()?;
                reset_now(stage)?;
                stage.set_pin(&pin)?;
            }
            stage.configure(sub::ENABLE_ENTERPRISE_ATTESTATION, None)?;
            option_is(stage, "ep", true)
        }),
        case("twice", "accept enableEnterpriseAttestation a second time", |stage| {
            stage.configure(sub::ENABLE_ENTERPRISE_ATTESTATION, None)?;
            let again = Management::config(sub::ENABLE_ENTERPRISE_ATTESTATION, None);
            stage.expect_managed(again, "the same request again", &[s::OK])?;
            option_is(stage, "ep", true)
        }),
        case("reset", "switch enterprise attestation off in a reset", |stage| {
            stage.configure(sub::ENABLE_ENTERPRISE_ATTESTATION, None)?;
            reset_now(stage)?;
            option_is(stage, "ep", false)
        })
        .if_the_target(Need::PowerCycle),
    ]
}

/// enableLongTouchForReset, where getInfo lists it.
fn long_touch(stage: &mut Stage<'_>) -> Result<Management, Stop> {
    let number_of_it = Value::from(sub::ENABLE_LONG_TOUCH_FOR_RESET);
    match stage.info.list(CONFIG_COMMANDS).contains(&number_of_it) {
        true => Ok(Management::config(sub::ENABLE_LONG_TOUCH_FOR_RESET, None)),
        false => Err(Stop::skip("getInfo does not list enableLongTouchForReset")),
    }
}

fn of_long_touch() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(
            &format!("config/long-touch/{id}"),
            requirement,
            "CTAP 2.3 §6.11.5",
            move |stage| stage.then_reset(play),
        )
    };
    vec![
        case("enabled", "set longTouchForReset when it is enabled", |stage| {
            let request = long_touch(stage)?;
            stage.expect_managed(request, "enableLongTouchForReset", &[s::OK])?;
            member_is(stage, LONG_TOUCH_FOR_RESET, Some(true))
        }),
        case("twice", "accept enableLongTouchForReset a second time", |stage| {
            let request = long_touch(stage)?;
            stage.configure(sub::ENABLE_LONG_TOUCH_FOR_RESET, None)?;
            stage.expect_managed(request, "the same request again", &[s::OK]).map(drop)
        }),
        case("reset", "restore longTouchForReset in a reset", |stage| {
            long_touch(stage)?;
            let preset = stage.info.get(LONG_TOUCH_FOR_RESET).and_then(Value::as_bool);
            stage.configure(sub::ENABLE_LONG_TOUCH_FOR_RESET, None)?;
            reset_now(stage)?;
            member_is(stage, LONG_TOUCH_FOR_RESET, preset)
        })
        .if_the_target(Need::PowerCycle),
    ]
}

/// Holds that an option of getInfo has this value now.
fn option_is(stage: &mut Stage<'_>, name: &str, expected: bool) -> Outcome {
    match stage.get_info()?.option(name) {
        Some(found) if found == expected => Ok(()),
        found => Err(Stop::fail(format!("{name} is {found:?}, expected {expected}"))),
    }
}

/// Holds that a member of getInfo has this value now.
fn member_is(stage: &mut Stage<'_>, key: u64, expected: Option<bool>) -> Outcome {
    match stage.get_info()?.get(key).and_then(Value::as_bool) {
        found if found == expected => Ok(()),
        found => Err(Stop::fail(format!("the member {key:#04x} is {found:?}, expected {expected:?}"))),
    }
}
