//! Challenges: each is good once, in its own session, for its own ceremony, and not for ever.

use std::time::Duration;

use stuntkey::authenticator::CounterPolicy;
use stuntkey::draft::Edit;
use stuntkey::webauthn::Ceremony;

use super::body::{base64url, with_member};
use super::play::{
    begun_login, begun_registration, login_case, login_with_challenge_is_refused, registration_case,
    registration_with_challenge_is_refused,
};
use crate::core::case::Level;
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::need::Need;
use crate::relying_party::stage::{Answered, Stage};
use crate::relying_party::suite::Case;
use crate::relying_party::target::Answer;

const NOBODYS_CHALLENGE: [u8; 32] = [0x5a; 32];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn registration() -> Vec<Case> {
    vec![
        registration_case(
            "challenge/replayed",
            "refuse a second registration with the challenge of one that it has accepted",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                let (mut person, begun) = begun_registration(stage)?;
                let reply = person.create(&begun.body)?;
                person.finish_registration(&reply)?.required("a registration")?;
                // Of another authenticator, so that the credential is new.
                stage.reequip(&mut person, |authenticator| authenticator)?;
                let reply = person.create(&begun.body)?;
                person.finish_registration(&reply)?.refused("a second reply to the same challenge", None)
            },
        ),
        registration_case(
            "challenge/at-once",
            "refuse one of two registrations that answer one challenge at the same moment",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let (mut person, begun) = begun_registration(stage)?;
                let first = person.create(&begun.body)?;
                // Of another authenticator, so that the credential is another.
                stage.reequip(&mut person, |authenticator| authenticator)?;
                let second = person.create(&begun.body)?;
                one_is_refused(person.finish_at_once(Ceremony::Create, [&first, &second])?)
            },
        )
        .with_level(Level::Should),
        registration_case(
            "challenge/other-session",
            "refuse a registration with the challenge of another session",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                // Their session goes on.
                let (_somebody, begun) = begun_registration(stage)?;
                let (mut other, own) = begun_registration(stage)?;
                registration_with_challenge_is_refused(
                    &mut other,
                    &own,
                    &begun.options.challenge,
                    "the reply to another session's challenge",
                )
            },
        ),
        registration_case(
            "challenge/of-a-login",
            "refuse a registration with the challenge of a login",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                let (mut person, login) = begun_login(stage)?;
                stage.reequip(&mut person, |authenticator| authenticator)?;
                let begun = person.begin_registration()?;
                registration_with_challenge_is_refused(
                    &mut person,
                    &begun,
                    &login.options.challenge,
                    "the reply to a login's challenge",
                )
            },
        ),
        registration_case(
            "challenge/unasked",
            "refuse a registration that nobody began, by a challenge that nobody issued",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                let mut person = stage.person()?;
                let mut other = stage.person()?;
                let begun = person.begin_registration()?;
                let body = with_member(&begun.body, "challenge", &base64url(&NOBODYS_CHALLENGE))?;
                let reply = person.create(&body)?;
                other
                    .finish_registration(&reply)?
                    .refused("the reply in a session that asked for no options", None)
            },
        ),
        registration_case(
            "challenge/after-a-refusal",
            "refuse a registration whose challenge an earlier reply has used up",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let (mut person, begun) = begun_registration(stage)?;
                let edit = Edit::client_data_json(|json| json.truncate(json.len().saturating_sub(1)));
                let wrong = person.create_edited([edit], &begun.body)?;
                person.finish_registration(&wrong)?.refused("a reply whose client data is cut", None)?;
                let reply = person.create(&begun.body)?;
                person.finish_registration(&reply)?.refused("a second reply to the same challenge", None)
            },
        )
        .with_level(Level::Advice),
        registration_case(
            "challenge/expired",
            "refuse a registration whose time is over",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let (mut person, begun) = begun_registration(stage)?;
                let reply = person.create(&begun.body)?;
                wait_out(stage, begun.options.timeout)?;
                person.finish_registration(&reply)?.refused("a reply after the timeout", None)
            },
        )
        .with_level(Level::Advice)
        .if_the_target(Need::ShortTimeout),
    ]
}

fn authentication() -> Vec<Case> {
    vec![
        login_case(
            "challenge/replayed",
            "refuse a login that was posted before",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                // Without a counter, which would give the replay away.
                let mut person = stage.registered_with(|a| a.counter(CounterPolicy::Zero))?;
                let begun = person.begin_authentication(true)?;
                let reply = person.get(&begun.body)?;
                person.finish_authentication(&reply)?.required("the login")?;
                person.finish_authentication(&reply)?.refused("the same reply a second time", None)
            },
        ),
        login_case(
            "challenge/at-once",
            "refuse one of two logins that answer one challenge at the same moment",
            "WebAuthn L3 §13.4.3",
            |stage| {
                // Without a counter, which would give the second away.
                let mut person = stage.registered_with(|a| a.counter(CounterPolicy::Zero))?;
                let begun = person.begin_authentication(true)?;
                let reply = person.get(&begun.body)?;
                one_is_refused(person.finish_at_once(Ceremony::Get, [&reply, &reply])?)
            },
        )
        .with_level(Level::Should),
        login_case(
            "challenge/other-session",
            "refuse a login with the challenge of another session",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let mut elsewhere = stage.elsewhere(&person)?;
                let begun = elsewhere.begin_authentication(true)?;
                let own = person.begin_authentication(true)?;
                login_with_challenge_is_refused(
                    &mut person,
                    &own,
                    &begun.options.challenge,
                    "the reply to another session's challenge",
                )
            },
        ),
        login_case(
            "challenge/of-a-registration",
            "refuse a login with the challenge of a registration",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let registration = person.begin_registration()?;
                let begun = person.begin_authentication(true)?;
                login_with_challenge_is_refused(
                    &mut person,
                    &begun,
                    &registration.options.challenge,
                    "the reply to a registration's challenge",
                )
            },
        ),
        login_case(
            "challenge/unasked",
            "refuse a login that nobody began, by a challenge that nobody issued",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.elsewhere(&person)?;
                let begun = person.begin_authentication(true)?;
                let body = with_member(&begun.body, "challenge", &base64url(&NOBODYS_CHALLENGE))?;
                let reply = person.get(&body)?;
                other
                    .finish_authentication(&reply)?
                    .refused("the reply in a session that asked for no options", None)
            },
        ),
        login_case(
            "challenge/after-a-refusal",
            "refuse a login whose challenge an earlier reply has used up",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let (mut person, begun) = begun_login(stage)?;
                let edit = Edit::signature(|signature| signature.truncate(signature.len().saturating_sub(1)));
                let wrong = person.get_edited([edit], &begun.body)?;
                person.finish_authentication(&wrong)?.refused("a reply whose signature is cut", None)?;
                let reply = person.get(&begun.body)?;
                person.finish_authentication(&reply)?.refused("a second reply to the same challenge", None)
            },
        )
        .with_level(Level::Advice),
        login_case(
            "challenge/expired",
            "refuse a login whose time is over",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let (mut person, begun) = begun_login(stage)?;
                let reply = person.get(&begun.body)?;
                wait_out(stage, begun.options.timeout)?;
                person.finish_authentication(&reply)?.refused("a reply after the timeout", None)
            },
        )
        .with_level(Level::Advice)
        .if_the_target(Need::ShortTimeout),
    ]
}

/// Which of two comes first is the target's affair.
fn one_is_refused([first, second]: [Answered; 2]) -> Outcome {
    match (&first.answer, &second.answer) {
        (Answer::Accepted(_), _) => second.refused("both of them", None),
        _ => {
            first.refused("one of two replies", None)?;
            second.required("the other reply").map(drop)
        }
    }
}

/// Waits until the challenge has expired, if that is not too long.
fn wait_out(stage: &mut Stage<'_>, timeout: Option<u64>) -> Outcome {
    let Some(timeout) = timeout.map(Duration::from_millis) else {
        return Err(Stop::skip("the target's options have no timeout"));
    };
    let longest = stage.settings().longest_wait;
    if timeout > longest {
        return Err(Stop::skip(format!("the timeout of {timeout:?} is longer than {longest:?}")));
    }
    stage.wait(timeout + timeout / 4);
    Ok(())
}
