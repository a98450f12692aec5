//! A case for authenticators explained: what it asks, where that stands, what it catches, and what happens in it.

use super::flaw::AuthenticatorFlaw;
use super::harness::AuthenticatorHarness;
use super::need::Need;
use super::sound::sound_model;
use super::subject::InProcessAuthenticator;
use super::suite::{AuthenticatorCase, AuthenticatorProfile};
use crate::core::exchange::Exchange;
use crate::core::explanation::Explanation;

/// Explains a case. The case is played against a sound authenticator for it.
#[must_use]
pub fn explain(case: &AuthenticatorCase) -> Explanation {
    let profile = case.profiles().last().copied().unwrap_or(AuthenticatorProfile::V2_3);
    let others = case.profiles().iter().filter(|other| case.level(**other) != case.level(profile));
    let others = others.map(|other| format!("; {} in {}", case.level(*other).name(), other.name()));
    let names: Vec<&str> = case.profiles().iter().map(|profile| profile.name()).collect();
    let mut facts = vec![
        ("level", format!("{}{}", case.level(profile).name(), others.collect::<String>())),
        ("severity", case.severity().name().to_owned()),
        ("clause", case.clause(profile).into_owned()),
        ("profiles", names.join(", ")),
    ];
    let defect = case.defect();
    facts.push(("who fails it", format!("{}: {}", defect.title, defect.consequence)));
    facts.push(("what to do", defect.remedy.to_owned()));
    facts.extend(case.needs().iter().map(|need| ("needs", format!("a target that {need}"))));
    let flaw = AuthenticatorFlaw::from_id(case.caught_flaw());
    let sentence = flaw.map(|flaw| format!(": {}", flaw.sentence())).unwrap_or_default();
    facts.push(("catches", format!("{}{sentence}", case.caught_flaw())));
    Explanation {
        sentence: format!("An authenticator {}.", case.sentence(profile)),
        facts,
        steps: steps(case, profile),
        command: format!(
            "stuntkey conform {} --allow-reset --only {}",
            if case.needs().contains(&Need::Card) { "reader:" } else { "udp://HOST:PORT" },
            case.id()
        ),
    }
}

fn steps(case: &AuthenticatorCase, profile: AuthenticatorProfile) -> Vec<String> {
    let Ok(target) = InProcessAuthenticator::new(&sound_model(profile), None, "explained") else {
        return Vec::new();
    };
    let is_of_cards = case.needs().contains(&Need::Card);
    let target = if is_of_cards { target.as_card() } else { target };
    let harness = AuthenticatorHarness::new(&target).seed("explained").allow_reset(true);
    let mut steps: Vec<String> = harness.exchanges_of(case).iter().map(step).collect();
    steps.dedup();
    steps
}

fn step(exchange: &Exchange) -> String {
    let status = exchange.received.split(' ').next().unwrap_or_default();
    match exchange.sent.is_empty() {
        true => format!("a message came: {}", exchange.received),
        false => format!("{}: {status}", exchange.action),
    }
}

#[cfg(test)]
mod tests;
