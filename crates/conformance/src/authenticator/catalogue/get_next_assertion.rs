//! authenticatorGetNextAssertion (CTAP 2.1 §6.3), and what it goes through: the discoverable credentials of a relying party.

use std::time::Duration;

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::{Answer, named};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::{AuthData, flag};
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Assertion, Made, descriptor};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let cases = vec![
        AuthenticatorCase::of(
            "get-next-assertion/order",
            "sign with the newest credential first, and then with each that is older",
            "CTAP 2.1 §6.2.2 step 12, §6.3",
            |stage| {
                let made = discoverable(stage, 3)?;
                let found = all_of(stage, &made)?;
                let newest: Vec<&[u8]> = made.iter().rev().map(Made::id).collect();
                match found.iter().map(Vec::as_slice).eq(newest.iter().copied()) {
                    true => Ok(()),
                    false => Err(Stop::fail("the credentials did not come from the newest to the oldest")),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/number",
            "tell how many credentials there are, once",
            "CTAP 2.1 §6.2.2 step 12, §6.3",
            |stage| {
                let made = discoverable(stage, 2)?;
                let rp_id = rp_of(&made)?;
                let assertion = stage.assertion(&rp_id);
                let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
                if answer.number(5) != Some(2) {
                    return Err(Stop::fail(format!(
                        "numberOfCredentials is {:?}, expected 2",
                        answer.number(5)
                    )));
                }
                let next = stage.call(command::GET_NEXT_ASSERTION, &Parameters::default())?;
                let next = stage.control(next, "getNextAssertion")?;
                match next.number(5) {
                    None => Ok(()),
                    Some(number) => Err(Stop::fail(format!("getNextAssertion told {number} credentials"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/end",
            "refuse to go on behind the last credential",
            "CTAP 2.1 §6.3",
            |stage| {
                let made = discoverable(stage, 2)?;
                all_of(stage, &made)?;
                let what = "getNextAssertion behind the last credential";
                let none = Parameters::default();
                stage.expect(command::GET_NEXT_ASSERTION, &none, what, &[s::NOT_ALLOWED]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/single",
            "tell of no second credential where there is one, and have no next",
            "CTAP 2.1 §6.2.2 step 12, §6.3",
            |stage| {
                let made = discoverable(stage, 1)?;
                let rp_id = rp_of(&made)?;
                let assertion = stage.assertion(&rp_id);
                let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
                // "Optional; defaults to one" (§6.2): it may be there.
                if let Some(number) = answer.number(5).filter(|number| *number != 1) {
                    return Err(Stop::fail(format!("numberOfCredentials is {number}")));
                }
                let what = "getNextAssertion behind the only credential";
                let none = Parameters::default();
                stage.expect(command::GET_NEXT_ASSERTION, &none, what, &[s::NOT_ALLOWED]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/unasked",
            "refuse to go on where nothing has begun",
            "CTAP 2.1 §6.3",
            |stage| {
                stage.get_info()?;
                let what = "getNextAssertion, as nothing had begun";
                let none = Parameters::default();
                stage.expect(command::GET_NEXT_ASSERTION, &none, what, &[s::NOT_ALLOWED]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/privacy",
            "tell no names where the user was not verified",
            "CTAP 2.1 §6.2.2 step 12",
            |stage| {
                let made = discoverable(stage, 2)?;
                let rp_id = rp_of(&made)?;
                let assertion = stage.assertion(&rp_id);
                let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
                // One that verifies its user unasked may tell them.
                if AuthData::of(&answer)?.has(flag::UV) {
                    return Err(Stop::skip("the target verified its user unasked"));
                }
                let user = answer.get(4).cloned().unwrap_or(Value::Null);
                let told = ["name", "displayName"].into_iter().find(|name| named(&user, name).is_some());
                match told {
                    None => Ok(()),
                    Some(name) => Err(Stop::fail(format!("user.{name} came, and the user was not verified"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/overwritten",
            "replace the credential of an account by its next one",
            "CTAP 2.1 §6.1.2 step 17",
            |stage| {
                let made = discoverable(stage, 1)?;
                let first = made.first().ok_or_else(|| Stop::error("no credential was made"))?;
                let registration = stage.registration_at(&first.rp_id).discoverable();
                let second = stage.make(registration.user(&first.user_id))?;
                let assertion = stage.assertion(&first.rp_id);
                let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
                stage.read_assertion(&assertion, &answer, &second)?;
                let old = stage.assertion(&first.rp_id).with(3, Value::Array(vec![descriptor(first.id())]));
                let what = "an assertion with the credential that was replaced";
                stage.expect_ceremony(&old, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
    ];
    cases
        .into_iter()
        .chain(going_on())
        .map(|case| case.if_the_target(Need::Enabled("rk")).if_the_target(Need::NoAlwaysUv))
        .collect()
}

/// When it may go on, and what stays the same.
fn going_on() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "get-next-assertion/late",
            "refuse to go on when half a minute has gone by",
            "CTAP 2.1 §6, §6.3",
            |stage| {
                begun(stage, |assertion| assertion)?;
                stage.wait(Duration::from_secs(31));
                next_is(stage, "getNextAssertion after 31 seconds", &[s::NOT_ALLOWED]).map(drop)
            },
        )
        .if_the_target(Need::Hid)
        .if_the_target(Need::Time(Duration::from_secs(31))),
        AuthenticatorCase::of(
            "get-next-assertion/power",
            "refuse to go on when the power was away",
            "CTAP 2.1 §6",
            |stage| {
                begun(stage, |assertion| assertion)?;
                stage.power_cycle()?;
                next_is(stage, "getNextAssertion after a power cycle", &[s::NOT_ALLOWED]).map(drop)
            },
        )
        .should()
        .if_the_target(Need::PowerCycle),
        AuthenticatorCase::of(
            "get-next-assertion/list",
            "have no next credential where the first was found by a list",
            "CTAP 2.1 §6.2.2 step 11",
            |stage| {
                let made = discoverable(stage, 2)?;
                let ids: Vec<&[u8]> = made.iter().map(Made::id).collect();
                let rp_id = rp_of(&made)?;
                let assertion = stage.assertion(&rp_id).list(ids);
                stage.call_ceremony(&assertion)?;
                let what = "getNextAssertion after an assertion with a list";
                next_is(stage, what, &[s::NOT_ALLOWED]).map(drop)
            },
        )
        .only_in(FROM_2_1),
        AuthenticatorCase::of(
            "get-next-assertion/interrupted",
            "go on behind another command, or refuse to",
            "CTAP 2.1 §6",
            |stage| {
                begun(stage, |assertion| assertion)?;
                stage.get_info()?;
                next_is(stage, "getNextAssertion behind getInfo", &[s::OK, s::NOT_ALLOWED]).map(drop)
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/flags",
            "say of every credential what it said of its user for the first",
            "CTAP 2.1 §6.3",
            |stage| {
                for up in [true, false] {
                    let first = begun(stage, |assertion| assertion.option("up", up))?;
                    let next = next_is(stage, "getNextAssertion", &[s::OK])?;
                    let (first, next) = (AuthData::of(&first)?, AuthData::of(&next)?);
                    let said = |data: &AuthData| data.flags & (flag::UP | flag::UV);
                    if said(&first) != said(&next) {
                        return Err(Stop::fail(format!(
                            "the flags were {:#04x} at first and {:#04x} then",
                            first.flags, next.flags
                        )));
                    }
                }
                Ok(())
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/names",
            "tell the names of several accounts to a user who was verified",
            "CTAP 2.1 §6.2.2 step 12",
            |stage| {
                let made = discoverable(stage, 2)?;
                let rp_id = rp_of(&made)?;
                let assertion = stage.assertion(&rp_id);
                let assertion = stage.verified(assertion)?;
                let first = stage.call_ceremony(&assertion)?;
                let next = next_is(stage, "getNextAssertion", &[s::OK])?;
                let has_name =
                    |answer: &Answer| answer.get(4).is_some_and(|user| named(user, "name").is_some());
                match has_name(&first) && has_name(&next) {
                    true => Ok(()),
                    false => Err(Stop::fail("a user came without a name")),
                }
            },
        )
        .should()
        .if_the_target(Need::PinSet),
        AuthenticatorCase::of(
            "get-next-assertion/other-rp",
            "keep an account's credential where another relying party has an account of the same id",
            "CTAP 2.1 §6.1.2 step 17",
            |stage| {
                let made = discoverable(stage, 1)?;
                let first = made.first().ok_or_else(|| Stop::error("no credential was made"))?;
                let registration = stage.registration().discoverable().user(&first.user_id);
                stage.make(registration)?;
                still_signs(stage, first)
            },
        ),
        AuthenticatorCase::of(
            "get-next-assertion/not-discoverable",
            "keep an account's discoverable credential where it gets one that is not",
            "CTAP 2.1 §6.1.2 step 17",
            |stage| {
                let made = discoverable(stage, 1)?;
                let first = made.first().ok_or_else(|| Stop::error("no credential was made"))?;
                let registration = stage.registration_at(&first.rp_id).user(&first.user_id);
                stage.make(registration)?;
                still_signs(stage, first)
            },
        )
        .only_in(FROM_2_1),
    ]
}

/// A credential that has to be there still.
fn still_signs(stage: &mut Stage<'_>, made: &Made) -> Outcome {
    let assertion = stage.assertion_with(made);
    let assertion = stage.authorized(assertion)?;
    let what = "an assertion with the credential that was there";
    let answer = stage.expect_ceremony(&assertion, what, &[s::OK])?;
    stage.read_assertion(&assertion, &answer, made).map(drop)
}

/// Two credentials, and the answer to an assertion that found both.
fn begun(stage: &mut Stage<'_>, change: impl FnOnce(Assertion) -> Assertion) -> Result<Answer, Stop> {
    let made = discoverable(stage, 2)?;
    let rp_id = rp_of(&made)?;
    let assertion = change(stage.assertion(&rp_id));
    stage.call_ceremony(&assertion)
}

/// Goes on, and holds the status.
fn next_is(stage: &mut Stage<'_>, what: &str, accepted: &[u8]) -> Result<Answer, Stop> {
    stage.expect(command::GET_NEXT_ASSERTION, &Parameters::default(), what, accepted)
}

/// So many discoverable credentials of different accounts at a new relying party, the oldest first.
pub(super) fn discoverable(stage: &mut Stage<'_>, count: usize) -> Result<Vec<Made>, Stop> {
    let rp_id = stage.new_rp_id();
    (0..count)
        .map(|_| {
            let registration = stage.registration_at(&rp_id).discoverable();
            stage.make(registration)
        })
        .collect()
}

fn rp_of(made: &[Made]) -> Result<String, Stop> {
    made.first().map(|made| made.rp_id.clone()).ok_or_else(|| Stop::error("no credential was made"))
}

/// The ids of all credentials at the relying party of these, in the order in which they come.
fn all_of(stage: &mut Stage<'_>, made: &[Made]) -> Result<Vec<Vec<u8>>, Stop> {
    let rp_id = rp_of(made)?;
    let assertion = stage.assertion(&rp_id);
    let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
    let id = |answer: &Answer| {
        let id = answer.get(1).and_then(|credential| named(credential, "id")?.as_bytes().cloned());
        id.unwrap_or_default()
    };
    let mut ids = vec![id(&answer)];
    for _ in 1..made.len() {
        let next = stage.call(command::GET_NEXT_ASSERTION, &Parameters::default())?;
        let next = stage.control(next, "getNextAssertion")?;
        let found = id(&next);
        let made = made.iter().find(|made| made.id() == found);
        let made =
            made.ok_or_else(|| Stop::fail("getNextAssertion signed with a credential that is none of them"))?;
        stage.read_assertion(&assertion, &next, made)?;
        ids.push(found);
    }
    Ok(ids)
}
