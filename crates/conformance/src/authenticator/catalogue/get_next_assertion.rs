//! authenticatorGetNextAssertion (CTAP 2.1 §6.3), and what it goes through: the discoverable credentials of a relying party.

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::{Answer, named};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::{AuthData, flag};
use crate::authenticator::platform::parameters::{Parameters, members};
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Made, descriptor};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::Stop;

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
                let answer = stage.expect_assertion(&assertion, "an assertion without a list", &[s::OK])?;
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
                let answer = stage.expect_assertion(&assertion, "an assertion without a list", &[s::OK])?;
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
                let answer = stage.expect_assertion(&assertion, "an assertion without a list", &[s::OK])?;
                // One that verifies its user unasked may tell them.
                let data = AuthData::read(answer.bytes(2).unwrap_or_default()).map_err(Stop::fail)?;
                if data.has(flag::UV) {
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
                let mut registration = stage.registration_at(&first.rp_id).discoverable();
                registration.user_id.clone_from(&first.user_id);
                let user =
                    members! { "id" => first.user_id.clone(), "name" => "alice", "displayName" => "A" };
                let second = stage.make(registration.with(3, user))?;
                let assertion = stage.assertion(&first.rp_id);
                let answer = stage.expect_assertion(&assertion, "an assertion without a list", &[s::OK])?;
                stage.read_assertion(&assertion, &answer, &second)?;
                let old = stage.assertion(&first.rp_id).with(3, Value::Array(vec![descriptor(first.id())]));
                let what = "an assertion with the credential that was replaced";
                stage.expect_assertion(&old, what, &[s::NO_CREDENTIALS]).map(drop)
            },
        ),
    ];
    cases
        .into_iter()
        .map(|case| case.if_the_target(Need::Enabled("rk")).if_the_target(Need::NoAlwaysUv))
        .collect()
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
    let answer = stage.expect_assertion(&assertion, "an assertion without a list", &[s::OK])?;
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
