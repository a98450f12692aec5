//! A case explained: what it asks, where that stands, what it catches, and what happens in it.

use std::time::Duration;

use super::need::Need;
use super::reference::{Flaw, ReferenceRelyingParty, Settings};
use super::report::clause_title;
use super::stage::{RunSettings, cited_step};
use super::suite::{Case, Profile};
use crate::core::exchange::Exchange;
use crate::core::explanation::Explanation;

const ORIGIN: &str = "https://example.org";
/// Short enough to wait for.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Explains a case. The case is played against the reference relying party for it, which takes some milliseconds, and
/// some seconds if it waits for a challenge to expire.
#[must_use]
pub fn explain(case: &Case) -> Explanation {
    let profile = case.profiles().first().copied().unwrap_or(Profile::L3);
    let others = case.profiles().iter().filter(|other| case.level(**other) != case.level(profile));
    let others = others.map(|other| format!("; {} in {}", case.level(*other).name(), other.name()));
    let mut facts = vec![
        ("level", format!("{}{}", case.level(profile).name(), others.collect::<String>())),
        ("severity", case.severity().name().to_owned()),
        ("clause", clause_title(&case.clause(profile))),
    ];
    if case.profiles() != Profile::ALL {
        let names: Vec<&str> = case.profiles().iter().map(|profile| profile.name()).collect();
        facts.push(("profiles", names.join(", ")));
    }
    let defect = case.defect();
    facts.push(("who fails it", format!("{}: {}", defect.title, defect.consequence)));
    facts.push(("what to do", defect.remedy.to_owned()));
    facts.extend(case.needs().iter().map(|need| ("needs", format!("a target that {need}"))));
    facts.extend(case.aligned_suite().map(|suite| ("aligns with", suite.to_owned())));
    let flaw = Flaw::from_id(case.caught_flaw());
    let sentence = flaw.map(|flaw| format!(": {}", flaw.sentence())).unwrap_or_default();
    facts.push(("catches", format!("{}{sentence}", case.caught_flaw())));
    let second = if case.needs().contains(&Need::SecondRelyingParty) { "--second-url URL " } else { "" };
    Explanation {
        sentence: format!("A relying party {}.", case.sentence(profile)),
        facts,
        steps: steps(case),
        command: format!("stuntkey conform URL {second}--only {}", case.id()),
    }
}

fn steps(case: &Case) -> Vec<String> {
    let settings = Settings::new("example.org", ORIGIN)
        .timeout(TIMEOUT)
        .second("second.example", "https://second.example");
    let Ok(target) = ReferenceRelyingParty::new(settings) else { return Vec::new() };
    let settings = RunSettings { deadline: Duration::from_secs(60), ..RunSettings::new(ORIGIN, "explained") };
    // The reference passes every case; what it would fail is told by the tests.
    let (_, exchanges) = case.play_before(&target, &settings);
    let mut steps: Vec<String> = exchanges.iter().map(step).collect();
    // What is asked again and again is one step: how often may be chance.
    steps.dedup();
    steps
}

fn step(exchange: &Exchange) -> String {
    let action = &exchange.action;
    match exchange.received.strip_prefix("refused: ") {
        None => format!("{action}: accepted"),
        Some(why) => match cited_step(why) {
            Some(step) => format!("{action}: refused, {step}"),
            None => format!("{action}: refused"),
        },
    }
}

#[cfg(test)]
mod tests;
