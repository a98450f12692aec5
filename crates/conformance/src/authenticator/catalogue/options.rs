//! The options of registrations and assertions, multiplied out (CTAP 2.1 §6.1.2 step 5, §6.2.2 step 4).

use std::fmt;

use super::ceremony::flags;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::{AuthData, flag};
use crate::authenticator::platform::info::Info;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Ceremony, Kind};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// An option of a request: it is not there, or has a value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Asked(Option<bool>);

const EACH: [Asked; 3] = [Asked(None), Asked(Some(false)), Asked(Some(true))];

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            None => "absent",
            Some(false) => "false",
            Some(true) => "true",
        })
    }
}

impl Asked {
    fn set<K: Kind>(self, name: &str, ceremony: Ceremony<K>) -> Ceremony<K> {
        match self.0 {
            None => ceremony,
            Some(value) => ceremony.option(name, value),
        }
    }
}

pub(super) fn of_registrations() -> Vec<AuthenticatorCase> {
    let mut cases = Vec::new();
    for rk in EACH {
        for up in EACH {
            for uv in EACH {
                cases.push(AuthenticatorCase::of(
                    &format!("make-credential/options/rk-{rk}/up-{up}/uv-{uv}"),
                    format!("do what the options say where rk is {rk}, up {up} and uv {uv}, or refuse it"),
                    "CTAP 2.1 §6.1.2 step 5",
                    move |stage| register(stage, rk, up, uv),
                ));
            }
        }
    }
    cases
}

pub(super) fn of_assertions() -> Vec<AuthenticatorCase> {
    let mut cases = Vec::new();
    for (with_list, list) in [(true, "list"), (false, "no-list")] {
        for up in EACH {
            for uv in EACH {
                let how = if with_list { "with a list" } else { "without a list" };
                let case = AuthenticatorCase::of(
                    &format!("get-assertion/options/{list}/up-{up}/uv-{uv}"),
                    format!("do what the options say {how} where up is {up} and uv {uv}, or refuse it"),
                    "CTAP 2.1 §6.2.2 step 4",
                    move |stage| assert(stage, with_list, up, uv),
                );
                cases.push(if with_list { case } else { case.if_the_target(Need::Enabled("rk")) });
            }
        }
    }
    cases
}

/// What a fair reader accepts for these options of a registration; empty if they have to be taken.
fn refusals(info: &Info, rk: Asked, up: Asked, uv: Asked) -> Vec<u8> {
    let mut refusals = Vec::new();
    if up.0 == Some(false) || (uv.0 == Some(true) && info.option("uv") != Some(true)) {
        refusals.extend([s::INVALID_OPTION, s::UNSUPPORTED_OPTION]);
    }
    if rk.0 == Some(true) && info.option("rk") != Some(true) {
        refusals.extend([s::INVALID_OPTION, s::UNSUPPORTED_OPTION]);
    }
    refusals
}

/// What may be refused as well as taken: rk with the value false where it is not known, and up, which CTAP 2.0 has not.
fn may_be_refused(info: &Info, rk: Asked, up: Asked) -> bool {
    (rk.0 == Some(false) && info.option("rk") != Some(true)) || (up.0.is_some() && !info.is_from_2_1())
}

fn register(stage: &mut Stage<'_>, rk: Asked, up: Asked, uv: Asked) -> Outcome {
    let registration = stage.registration();
    let registration = uv.set("uv", up.set("up", rk.set("rk", registration)));
    let registration = match stage.info.option("uv") == Some(true) && uv.0 == Some(true) {
        true => registration,
        false => stage.authorized(registration)?,
    };
    let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
    let refusals = refusals(&stage.info, rk, up, uv);
    if !refusals.is_empty() {
        return stage.expect_of(&answer, "the registration", &refusals, &[]);
    }
    let tolerated: &[u8] = &[s::INVALID_OPTION, s::UNSUPPORTED_OPTION];
    if may_be_refused(&stage.info, rk, up) && tolerated.contains(&answer.status) {
        return Ok(());
    }
    stage.expect_of(&answer, "the registration", &[s::OK], &[])?;
    let made = stage.read_made(&registration, answer)?;
    flags(made.data.has(flag::UP), "UP is not set")?;
    if registration.is_proven() {
        flags(made.data.has(flag::UV), "UV is not set")?;
    }
    if rk.0 == Some(true) {
        let assertion = stage.assertion(&made.rp_id);
        let assertion = stage.authorized(assertion)?;
        let what = "an assertion without a list";
        let answer = stage.expect_ceremony(&assertion, what, &[s::OK])?;
        return stage.read_assertion(&assertion, &answer, &made).map(drop);
    }
    Ok(())
}

fn assert(stage: &mut Stage<'_>, with_list: bool, up: Asked, uv: Asked) -> Outcome {
    let registration = stage.registration();
    let made = stage.make(if with_list { registration } else { registration.discoverable() })?;
    let assertion = match with_list {
        true => stage.assertion_with(&made),
        false => stage.assertion(&made.rp_id),
    };
    let is_silent = up.0 == Some(false);
    let has_uv = stage.info.option("uv") == Some(true);
    let assertion = uv.set("uv", up.set("up", assertion));
    let assertion = match is_silent || (has_uv && uv.0 == Some(true)) {
        true => assertion,
        false => stage.authorized(assertion)?,
    };
    stage.waits = 0;
    let answer = stage.call(command::GET_ASSERTION, &assertion.parameters)?;
    if uv.0 == Some(true) && !has_uv {
        return stage.expect_of(&answer, "the assertion", &[s::INVALID_OPTION, s::UNSUPPORTED_OPTION], &[]);
    }
    stage.expect_of(&answer, "the assertion", &[s::OK], &[])?;
    let data: AuthData = stage.read_assertion(&assertion, &answer, &made)?;
    if uv.0 == Some(true) {
        // Who is verified may have been present by that (§6.2.2 step 8).
        return flags(data.has(flag::UV), "UV is not set");
    }
    match is_silent {
        true if stage.waits > 0 => Err(Stop::fail("it waited for a touch that nobody asked for")),
        true => flags(!data.has(flag::UP), "UP is set, though nobody was asked"),
        false => flags(data.has(flag::UP), "UP is not set"),
    }
}
