//! credProtect (CTAP 2.1 §12.1): which credentials are there only for a user who was verified.

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::number;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::stage::ceremony::{Made, Registration};
use crate::authenticator::stage::u2f::{apdu, application, word};
use crate::authenticator::stage::{Hand, Stage};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// The levels, by number.
const LEVELS: [(u64, &str); 3] = [
    (1, "userVerificationOptional"),
    (2, "userVerificationOptionalWithCredentialIDList"),
    (3, "userVerificationRequired"),
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = levels();
    cases.extend(finding());
    cases.extend(excluding());
    cases
        .into_iter()
        .map(|case| case.only_in(FROM_2_1).if_the_target(Need::Extension("credProtect")))
        .collect()
}

/// The level that a registration was answered with: the one that was asked for, or a higher one.
fn level_of(made: &Made, asked: u64) -> Result<u64, Stop> {
    match made.data.output("credProtect").and_then(number) {
        Some(level) if (asked..=3).contains(&level) => Ok(level),
        found => Err(Stop::fail(format!("credProtect: found {found:?}, expected {asked} or a higher level"))),
    }
}

/// A credential of a level.
fn protected(
    stage: &mut Stage<'_>,
    level: u64,
    change: impl FnOnce(Registration) -> Registration,
) -> Result<(Made, u64), Stop> {
    let registration = change(stage.registration().extension("credProtect", level));
    let made = stage.make(registration)?;
    let level = level_of(&made, level)?;
    Ok((made, level))
}

fn levels() -> Vec<AuthenticatorCase> {
    let mut cases: Vec<AuthenticatorCase> = LEVELS
        .into_iter()
        .map(|(level, name)| {
            AuthenticatorCase::of(
                &format!("extensions/cred-protect/level/{level}"),
                format!("say which level it gave a credential for {name}"),
                "CTAP 2.1 §12.1",
                move |stage| protected(stage, level, |registration| registration).map(drop),
            )
        })
        .collect();
    for level in [0_u64, 4] {
        cases.push(
            AuthenticatorCase::of(
                &format!("extensions/cred-protect/invalid/{level}"),
                format!("refuse the level {level}, which is none, or give one of those that there are"),
                "CTAP 2.1 §12.1",
                move |stage| invalid(stage, level.into()),
            )
            .should(),
        );
    }
    cases.push(
        AuthenticatorCase::of(
            "extensions/cred-protect/invalid/text",
            "refuse a level that is a text, or pass over it",
            "CTAP 2.1 §12.1",
            |stage| invalid(stage, "userVerificationRequired".into()),
        )
        .should(),
    );
    cases
}

/// A level that is none.
fn invalid(stage: &mut Stage<'_>, level: Value) -> Outcome {
    let registration = stage.registration().extension("credProtect", level);
    let registration = stage.authorized(registration)?;
    let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
    if answer.status == s::OK {
        let made = stage.read_made(&registration, answer)?;
        let found = made.data.output("credProtect");
        return match found.is_none_or(|level| matches!(number(level), Some(1..=3))) {
            true => Ok(()),
            false => Err(Stop::fail(format!("credProtect: found {found:?}, which is no level"))),
        };
    }
    let accepted = [s::INVALID_PARAMETER, s::INVALID_OPTION, s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR];
    stage.expect_of(&answer, "a level that is none", &accepted, &[])?;
    stage.is_alive()
}

/// Whether a credential of the level is found (§6.2.2 step 7).
fn is_found(level: u64, with_list: bool, verified: bool) -> bool {
    verified || level == 1 || (level == 2 && with_list)
}

/// Every level, with and without a list, for a user who was verified and one who was not.
fn finding() -> Vec<AuthenticatorCase> {
    let mut cases = Vec::new();
    for (level, _) in LEVELS {
        for (with_list, list) in [(true, "list"), (false, "no-list")] {
            for (verified, user) in [(true, "verified"), (false, "unverified")] {
                let verb = if is_found(level, with_list, verified) { "find" } else { "not find" };
                let how = if with_list { "by its id" } else { "without its id" };
                let case = AuthenticatorCase::of(
                    &format!("extensions/cred-protect/find/{level}/{list}/{user}"),
                    format!("{verb} a credential of level {level} {how} for a user who is {user}"),
                    "CTAP 2.1 §6.2.2 step 7, §12.1",
                    move |stage| find(stage, level, with_list, verified),
                );
                let case = if with_list { case } else { case.if_the_target(Need::Enabled("rk")) };
                cases.push(case.if_the_target(if verified { Need::PinSet } else { Need::NoAlwaysUv }));
            }
        }
    }
    for level in [2, 3] {
        let verb = if level == 2 { "tell" } else { "not tell" };
        cases.push(
            AuthenticatorCase::of(
                &format!("extensions/cred-protect/silent/{level}"),
                format!("{verb} without a touch that there is a credential of level {level}"),
                "CTAP 2.1 §6.2.2 step 7, §12.1",
                move |stage| {
                    let (made, level) = protected(stage, level, |registration| registration)?;
                    let assertion = stage.assertion_with(&made).option("up", false);
                    let status = if level == 3 { s::NO_CREDENTIALS } else { s::OK };
                    stage.expect_ceremony(&assertion, "an assertion without a touch", &[status]).map(drop)
                },
            )
            .if_the_target(Need::NoAlwaysUv),
        );
    }
    cases.push(
        AuthenticatorCase::of(
            "extensions/cred-protect/count",
            "not count credentials that a user who was not verified cannot use",
            "CTAP 2.1 §6.2.2 step 7, §12.1",
            |stage| {
                let (open, level) = protected(stage, 1, Registration::discoverable)?;
                if level != 1 {
                    return Err(Stop::skip("the target gives every credential a higher level"));
                }
                let hidden = stage.registration_at(&open.rp_id).extension("credProtect", 3).discoverable();
                stage.make(hidden)?;
                let assertion = stage.assertion(&open.rp_id);
                let answer = stage.expect_ceremony(&assertion, "an assertion without a list", &[s::OK])?;
                stage.read_assertion(&assertion, &answer, &open)?;
                match answer.number(5) {
                    None | Some(1) => Ok(()),
                    Some(number) => Err(Stop::fail(format!("numberOfCredentials is {number}"))),
                }
            },
        )
        .if_the_target(Need::Enabled("rk"))
        .if_the_target(Need::NoAlwaysUv),
    );
    cases
}

fn find(stage: &mut Stage<'_>, level: u64, with_list: bool, verified: bool) -> Outcome {
    let (made, level) = protected(stage, level, |registration| match with_list {
        true => registration,
        false => registration.discoverable(),
    })?;
    let assertion = match with_list {
        true => stage.assertion_with(&made),
        false => stage.assertion(&made.rp_id),
    };
    let assertion = if verified { stage.verified(assertion)? } else { assertion };
    let status = if is_found(level, with_list, verified) { s::OK } else { s::NO_CREDENTIALS };
    let answer = stage.expect_ceremony(&assertion, "the assertion", &[status])?;
    match status {
        s::OK => stage.read_assertion(&assertion, &answer, &made).map(drop),
        _ => Ok(()),
    }
}

fn excluding() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "extensions/cred-protect/exclude/unverified",
            "not tell by the exclude list that there is a credential of level 3, to a user who was not verified",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let (made, level) = protected(stage, 3, |registration| registration)?;
                if level != 3 {
                    return Err(Stop::error("the credential has another level"));
                }
                let registration = stage.registration_at(&made.rp_id).list([made.id()]);
                let what = "a registration that excludes a credential of level 3";
                stage.expect_ceremony(&registration, what, &[s::OK]).map(drop)
            },
        )
        .if_the_target(Need::NoPin)
        .if_the_target(Need::NoBuiltInUv)
        .if_the_target(Need::NoAlwaysUv),
        AuthenticatorCase::of(
            "extensions/cred-protect/exclude/verified",
            "exclude a credential of level 3 for a user who was verified",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let (made, _) = protected(stage, 3, |registration| registration)?;
                let registration = stage.registration_at(&made.rp_id).list([made.id()]);
                let registration = stage.verified(registration)?;
                let what = "a registration that excludes a credential of level 3";
                stage.expect_ceremony(&registration, what, &[s::CREDENTIAL_EXCLUDED]).map(drop)
            },
        )
        .if_the_target(Need::PinSet),
        AuthenticatorCase::of(
            "extensions/cred-protect/u2f",
            "not sign by U2F with a credential of level 3",
            "CTAP 2.1 §10, §12.1",
            |stage| {
                let (made, _) = protected(stage, 3, |registration| registration)?;
                let Ok(length) = u8::try_from(made.id().len()) else {
                    return Err(Stop::skip("the target's credential ids are too long for U2F"));
                };
                let challenge = stage.random();
                let data = [&challenge[..], &application(&made.rp_id), &[length], made.id()].concat();
                // Some wait for their user before they look at the credential.
                let reply = stage.u2f("U2F_AUTHENTICATE", &apdu(0, 2, 3, &data), Hand::Touches)?;
                match reply.word {
                    word::WRONG_DATA => Ok(()),
                    found => Err(Stop::fail(format!("it was answered with {found:04X}, expected 6A80"))),
                }
            },
        )
        .if_the_target(Need::U2f)
        .if_the_target(Need::NoAlwaysUv),
    ]
}
