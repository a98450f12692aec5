//! The signature counter.

use stuntkey::authenticator::CounterPolicy;
use stuntkey::draft::Edit;
use stuntkey::webauthn::Ceremony;

use super::play::{edited_login, login_case, with_authenticator};
use crate::core::case::Level;
use crate::core::outcome::Outcome;
use crate::relying_party::stage::{Reason, Stage};
use crate::relying_party::suite::{Case, Profile};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn registration() -> Vec<Case> {
    vec![with_authenticator(
        "accepts/sign-count/begins-high",
        "accept a signature counter that begins above zero",
        "WebAuthn L3 §7.1 step 27",
        // One counter for all its credentials: the first registration is 1.
        |authenticator| authenticator.counter(CounterPolicy::Global),
    )]
}

fn authentication() -> Vec<Case> {
    vec![
        edited_login(
            "accepts/sign-count/leaps",
            "accept a signature counter that leaps ahead",
            "WebAuthn L3 §7.2 step 22",
            Edit::authenticator_data(|data| data.sign_count = u32::MAX),
        ),
        Case::of(
            Ceremony::Get,
            "accepts/sign-count/zero",
            "accept an authenticator without a signature counter, again and again",
            "WebAuthn L3 §7.2 step 22",
            |stage| {
                let mut person = stage.registered_with(|a| a.counter(CounterPolicy::Zero))?;
                for _ in 0..2 {
                    person.log_in()?.accepted("a login with the signature counter 0")?;
                }
                Ok(())
            },
        )
        .aligned_with(Some("Assertion Resp-3")),
        stale_case(
            "sign-count/same",
            "refuse a signature counter that does not move",
            "WebAuthn L3 §7.2 step 22; §6.1.1",
            |stage| counted(stage, Edit::authenticator_data(|data| data.sign_count = 2)),
        )
        .catches("policy/sign-count"),
        stale_case(
            "sign-count/lower",
            "refuse a signature counter that goes back",
            "WebAuthn L3 §7.2 step 22; §6.1.1",
            |stage| counted(stage, Edit::authenticator_data(|data| data.sign_count = 1)),
        )
        .catches("policy/sign-count"),
        stale_case(
            "sign-count/below-registration",
            "refuse a signature counter below the registration's",
            "WebAuthn L3 §7.2 step 22; §7.1 step 27; §6.1.1",
            |stage| {
                // One counter for all its credentials: the registration has 1, and its first login 2.
                let mut person = stage.registered_with(|a| a.counter(CounterPolicy::Global))?;
                let begun = person.begin_authentication(true)?;
                let edit = Edit::authenticator_data(|data| data.sign_count = 1);
                let reply = person.get_edited([edit], &begun.body)?;
                person.finish_authentication(&reply)?.refused("the login", Reason::step("7.2", 22))
            },
        ),
        stale_case(
            "sign-count/zero",
            "refuse a signature counter that is back at zero",
            "WebAuthn L3 §7.2 step 22; §6.1.1",
            |stage| counted(stage, Edit::authenticator_data(|data| data.sign_count = 0)),
        )
        .catches("policy/sign-count"),
    ]
}

/// A case about a signature counter that has not risen.
fn stale_case(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> Case {
    login_case(id, requirement, clause, play)
        .with_level(Level::Advice)
        .with_level_in(Profile::Fido, Level::Must)
        .aligned_with(Some("Assertion Resp-3"))
}

/// Two logins, by which the signature counter is 2, and a third with another.
fn counted(stage: &mut Stage<'_>, edit: Edit) -> Outcome {
    let mut person = stage.registered()?;
    for _ in 0..2 {
        person.log_in()?.required("a login")?;
    }
    let begun = person.begin_authentication(true)?;
    let reply = person.get_edited([edit], &begun.body)?;
    person.finish_authentication(&reply)?.refused("the login", Reason::step("7.2", 22))
}
