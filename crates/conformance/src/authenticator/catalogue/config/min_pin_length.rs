//! setMinPINLength (CTAP 2.1 §6.11.4, §7.4).

use ciborium::Value;

use super::super::permissions::refused;
use super::super::reset::reset_now;
use super::{member_is, sub};
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::named;
use crate::authenticator::platform::code::{command, permission, status as s};
use crate::authenticator::platform::parameters::members;
use crate::authenticator::platform::pin::padded;
use crate::authenticator::stage::management::Management;
use crate::authenticator::stage::pin::sub::{GET_PIN_TOKEN, GET_TOKEN_USING_PIN};
use crate::authenticator::stage::{PinState, Stage};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// Members of getInfo.
const FORCE_PIN_CHANGE: u64 = 0x0c;
const MIN_PIN_LENGTH: u64 = 0x0d;
const MAX_RP_IDS: u64 = 0x10;
const PIN_COMPLEXITY_POLICY: u64 = 0x1b;
/// The longest PIN, in bytes (§6.5.1).
const MOST: u64 = 63;
/// A PIN that no other case sets.
const OTHER_PIN: &str = "8642097531";

/// The least length of a PIN that getInfo tells, in code points.
pub(super) fn current(stage: &Stage<'_>) -> u64 {
    stage.info.number(MIN_PIN_LENGTH).unwrap_or(4)
}

fn set(parameters: Value) -> Management {
    Management::config(sub::SET_MIN_PIN_LENGTH, Some(parameters))
}

/// What is refused, or changes nothing.
pub(super) fn refused_ones() -> Vec<AuthenticatorCase> {
    vec![
        case("min-pin-length/lower", "not lower the minimum PIN length", |stage| {
            let lower = current(stage).saturating_sub(1);
            let request = stage.permitted(set(members! { 1 => lower }))?;
            refused(stage, &request, &[s::PIN_POLICY_VIOLATION], &[])
        }),
        case("min-pin-length/same", "accept the minimum PIN length that is set already", |stage| {
            let same = current(stage);
            stage.expect_managed(set(members! { 1 => same }), "setMinPINLength", &[s::OK]).map(drop)
        }),
        case(
            "min-pin-length/no-parameters",
            "change nothing when no parameter is given, or answer MISSING_PARAMETER",
            |stage| {
                let request = stage.permitted(Management::config(sub::SET_MIN_PIN_LENGTH, None))?;
                let length = current(stage);
                refused(stage, &request, &[s::OK, s::MISSING_PARAMETER], &[])?;
                length_is(stage, length)
            },
        ),
        case("rp-ids/too-many", "refuse more relying parties than maxRPIDsForSetMinPINLength", |stage| {
            let most = stage.info.number(MAX_RP_IDS).unwrap_or_default();
            // All of them have to go into a message.
            if most > 16 {
                return Err(Stop::skip("the target takes more relying parties than a message holds"));
            }
            let rp_ids = (0..=most).map(|_| Value::from(stage.new_rp_id())).collect();
            let request = stage.permitted(set(members! { 2 => Value::Array(rp_ids) }))?;
            refused(stage, &request, &[s::KEY_STORE_FULL], &[])
        }),
    ]
}

/// What only a reset takes back.
pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_lengths();
    cases.extend(of_forced_changes());
    cases.extend(of_relying_parties());
    cases
}

fn of_lengths() -> Vec<AuthenticatorCase> {
    vec![
        then_reset("min-pin-length/raised", "tell the minimum PIN length that was set", |stage| {
            let length = raise(stage)?;
            length_is(stage, length)
        }),
        then_reset(
            "min-pin-length/short-pin",
            "refuse a PIN that is shorter than the minimum that was set",
            |stage| {
                let length = usize::try_from(raise(stage)?).unwrap_or_default();
                let short: String = OTHER_PIN.chars().cycle().take(length - 1).collect();
                let status = change_pin(stage, &short)?;
                expect(status, "a PIN that is too short", &[s::PIN_POLICY_VIOLATION])
            },
        ),
        then_reset(
            "min-pin-length/lower-again",
            "not lower the minimum PIN length again that was raised",
            |stage| {
                let lower = raise(stage)? - 1;
                let request = stage.permitted(set(members! { 1 => lower }))?;
                refused(stage, &request, &[s::PIN_POLICY_VIOLATION], &[])
            },
        ),
        then_reset("min-pin-length/too-long", "refuse a minimum PIN length that no PIN can have", |stage| {
            let request = stage.permitted(set(members! { 1 => MOST + 1 }))?;
            let accepted = [s::PIN_POLICY_VIOLATION, s::INVALID_PARAMETER];
            refused(stage, &request, &accepted, &[s::INVALID_LENGTH, s::LIMIT_EXCEEDED])
        })
        .should(),
        then_reset(
            "min-pin-length/power-cycle",
            "keep the minimum PIN length when its power is taken away",
            |stage| {
                let length = raise(stage)?;
                stage.power_cycle()?;
                length_is(stage, length)
            },
        )
        .if_the_target(Need::PowerCycle),
        then_reset("min-pin-length/reset", "restore the minimum PIN length in a reset", |stage| {
            let preset = current(stage);
            raise(stage)?;
            reset_now(stage)?;
            length_is(stage, preset)
        })
        .if_the_target(Need::PowerCycle),
    ]
}

fn of_forced_changes() -> Vec<AuthenticatorCase> {
    vec![
        then_reset(
            "force-change-pin/by-length",
            "set forcePINChange when the PIN is shorter than the new minimum",
            |stage| {
                let longer = u64::try_from(stage.pin()?.chars().count()).unwrap_or_default() + 1;
                if longer > MOST || longer <= current(stage) {
                    return Err(Stop::skip("no PIN is longer than the one that is set"));
                }
                stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 1 => longer }))?;
                member_is(stage, FORCE_PIN_CHANGE, Some(true))
            },
        ),
        then_reset("force-change-pin/told", "set forcePINChange when forceChangePin asks for it", |stage| {
            force(stage)?;
            member_is(stage, FORCE_PIN_CHANGE, Some(true))
        }),
        then_reset(
            "force-change-pin/token",
            "give no token for the PIN while forcePINChange is true",
            |stage| {
                force(stage)?;
                let pin = stage.pin()?;
                let shared = stage.share(stage.protocol()?)?;
                let request =
                    stage.token_request(&shared, GET_TOKEN_USING_PIN, &pin).with(9, permission::CONFIG);
                let accepted = [s::PIN_POLICY_VIOLATION, s::PIN_INVALID];
                stage.expect(command::CLIENT_PIN, &request, "a request for a token", &accepted).map(drop)
            },
        ),
        then_reset(
            "force-change-pin/get-pin-token",
            "refuse getPinToken while forcePINChange is true",
            |stage| {
                force(stage)?;
                let pin = stage.pin()?;
                let shared = stage.share(stage.protocol()?)?;
                let request = stage.token_request(&shared, GET_PIN_TOKEN, &pin);
                let accepted = [s::PIN_INVALID, s::PIN_POLICY_VIOLATION];
                stage.expect(command::CLIENT_PIN, &request, "getPinToken", &accepted).map(drop)
            },
        ),
        then_reset(
            "force-change-pin/same-pin",
            "refuse to change the PIN to the same one while forcePINChange is true",
            |stage| {
                force(stage)?;
                let pin = stage.pin()?;
                let status = change_pin(stage, &pin)?;
                expect(status, "the same PIN", &[s::PIN_POLICY_VIOLATION])
            },
        ),
        then_reset("force-change-pin/changed", "clear forcePINChange when the PIN is changed", |stage| {
            force(stage)?;
            let status = change_pin(stage, OTHER_PIN)?;
            expect(status, "another PIN", &[s::OK])?;
            match stage.get_info()?.get(FORCE_PIN_CHANGE).and_then(Value::as_bool) {
                None | Some(false) => Ok(()),
                Some(true) => Err(Stop::fail("forcePINChange is true")),
            }
        }),
    ]
}

fn of_relying_parties() -> Vec<AuthenticatorCase> {
    vec![
        then_reset(
            "rp-ids/told",
            "tell the minimum PIN length to a relying party of minPinLengthRPIDs",
            |stage| {
                let rp_id = listed(stage)?;
                match told_length(stage, &rp_id)? {
                    Some(length) if length == current(stage) => Ok(()),
                    told => Err(Stop::fail(format!("it is told {told:?}"))),
                }
            },
        ),
        then_reset(
            "rp-ids/replaced",
            "tell nothing to a relying party that a new minPinLengthRPIDs leaves out",
            |stage| {
                let before = listed(stage)?;
                listed(stage)?;
                match told_length(stage, &before)? {
                    None => Ok(()),
                    Some(length) => Err(Stop::fail(format!("it is told {length}"))),
                }
            },
        ),
        then_reset(
            "rp-ids/empty",
            "keep the list of relying parties when minPinLengthRPIDs is empty",
            |stage| {
                let rp_id = listed(stage)?;
                stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 2 => Value::Array(Vec::new()) }))?;
                match told_length(stage, &rp_id)? {
                    Some(_) => Ok(()),
                    None => Err(Stop::fail("it is told nothing")),
                }
            },
        ),
        then_reset("rp-ids/reset", "forget the list of relying parties in a reset", |stage| {
            let rp_id = listed(stage)?;
            reset_now(stage)?;
            match told_length(stage, &rp_id)? {
                None => Ok(()),
                Some(length) => Err(Stop::fail(format!("it is told {length}"))),
            }
        })
        .if_the_target(Need::PowerCycle),
    ]
    .into_iter()
    .map(|case| case.if_the_target(Need::Extension("minPinLength")))
    .collect()
}

/// Where no PIN is set and nothing else verifies the user.
pub(super) fn unprotected() -> Vec<AuthenticatorCase> {
    vec![
        then_reset(
            "unprotected/min-pin-length",
            "accept setMinPINLength without pinUvAuthParam while nothing protects it",
            |stage| {
                let length = current(stage) + 1;
                let answer = stage.manage(&set(members! { 1 => length }))?;
                stage.expect_of(&answer, "setMinPINLength", &[s::OK], &[])?;
                length_is(stage, length)
            },
        ),
        then_reset("unprotected/force-change-pin", "refuse forceChangePin while no PIN is set", |stage| {
            let answer = stage.manage(&set(members! { 3 => true }))?;
            stage.expect_of(&answer, "forceChangePin", &[s::PIN_NOT_SET], &[])
        }),
    ]
}

/// What came with CTAP 2.3.
pub(super) fn of_2_3() -> Vec<AuthenticatorCase> {
    vec![
        then_reset_of_2_3(
            "force-change-pin/tokens",
            "end the tokens when forceChangePin sets forcePINChange",
            |stage| {
                let made = stage.made()?;
                let token = stage.token(permission::GET_ASSERTION | permission::CONFIG, Some(&made.rp_id))?;
                let request = set(members! { 3 => true }).proven(&token);
                let answer = stage.manage(&request)?;
                stage.control(answer, "forceChangePin")?;
                let assertion = stage.assertion_with(&made).proven(&token);
                let accepted = [s::PIN_AUTH_INVALID, s::PIN_POLICY_VIOLATION];
                stage.expect_ceremony(&assertion, "an assertion with the token", &accepted).map(drop)
            },
        ),
        then_reset_of_2_3(
            "pin-complexity-policy/on",
            "tell pinComplexityPolicy true after it was set",
            |stage| {
                policy(stage)?;
                stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 4 => true }))?;
                member_is(stage, PIN_COMPLEXITY_POLICY, Some(true))
            },
        ),
        then_reset_of_2_3("pin-complexity-policy/reset", "restore pinComplexityPolicy in a reset", |stage| {
            let preset = policy(stage)?;
            stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 4 => true }))?;
            reset_now(stage)?;
            member_is(stage, PIN_COMPLEXITY_POLICY, Some(preset))
        })
        .if_the_target(Need::PowerCycle),
    ]
}

/// What CTAP 2.3 added to the sub-command.
fn then_reset_of_2_3(id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("config/{id}"), requirement, "CTAP 2.3 §6.11.4", move |stage| {
        stage.then_reset(play)
    })
}

fn case(id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("config/{id}"), requirement, "CTAP 2.1 §6.11.4", play)
}

fn then_reset(id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("config/{id}"), requirement, "CTAP 2.1 §6.11.4", move |stage| {
        stage.then_reset(play)
    })
}

/// Raises the least length of PINs by two, which the run's PIN has as well, and returns it.
fn raise(stage: &mut Stage<'_>) -> Result<u64, Stop> {
    let length = current(stage) + 2;
    if stage.pin()?.chars().count() < usize::try_from(length).unwrap_or(usize::MAX) {
        return Err(Stop::skip("the PIN that is set is as short as it may be"));
    }
    stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 1 => length }))?;
    Ok(length)
}

/// Lets the PIN have to change.
fn force(stage: &mut Stage<'_>) -> Outcome {
    stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 3 => true }))
}

/// Whether PINs have to be complex when the authenticator is new.
fn policy(stage: &Stage<'_>) -> Result<bool, Stop> {
    let preset = stage.info.get(PIN_COMPLEXITY_POLICY).and_then(Value::as_bool);
    preset.ok_or_else(|| Stop::skip("the target has no policy for complex PINs"))
}

fn length_is(stage: &mut Stage<'_>, expected: u64) -> Outcome {
    match stage.get_info()?.number(MIN_PIN_LENGTH) {
        Some(found) if found == expected => Ok(()),
        found => Err(Stop::fail(format!("minPINLength is {found:?}, expected {expected}"))),
    }
}

/// The status of changePIN to this one.
fn change_pin(stage: &mut Stage<'_>, new: &str) -> Result<u8, Stop> {
    let (pin, shared) = (stage.pin()?, stage.share(stage.protocol()?)?);
    let request = stage.change_pin_request(&shared, &pin, &padded(new));
    let status = stage.call(command::CLIENT_PIN, &request)?.status;
    if status == s::OK {
        stage.world.pin = PinState::Known(new.to_owned());
    }
    Ok(status)
}

fn expect(status: u8, what: &str, accepted: &[u8]) -> Outcome {
    match accepted.contains(&status) {
        true => Ok(()),
        false => Err(Stop::fail(format!("{what} was answered with {}", s::name(status)))),
    }
}

/// Sets a list of one new relying party, and returns its id.
fn listed(stage: &mut Stage<'_>) -> Result<String, Stop> {
    if stage.info.number(MAX_RP_IDS) == Some(0) {
        return Err(Stop::skip("the target takes no relying parties"));
    }
    let rp_id = stage.new_rp_id();
    let rp_ids = Value::Array(vec![rp_id.clone().into()]);
    stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { 2 => rp_ids }))?;
    Ok(rp_id)
}

/// The least length of PINs that a relying party learns as it registers somebody.
fn told_length(stage: &mut Stage<'_>, rp_id: &str) -> Result<Option<u64>, Stop> {
    let registration = stage.registration_at(rp_id).extension("minPinLength", true);
    let made = stage.make(registration)?;
    let output = made.data.extensions.as_ref().and_then(|outputs| named(outputs, "minPinLength"));
    Ok(output.and_then(crate::authenticator::platform::answer::number))
}
