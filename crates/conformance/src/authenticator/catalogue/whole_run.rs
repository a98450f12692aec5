//! What has to hold of every answer of a run.

use crate::authenticator::platform::code::command;
use crate::authenticator::stage::observations::Observations;
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    vec![
        look_back(
            "whole-run/encoding/canonical",
            "answer with one canonical map, or with nothing behind the status",
            "CTAP 2.1 §8",
            |seen| none(&seen.departures, "answers were not canonical"),
        ),
        look_back(
            "whole-run/status/known",
            "answer with statuses that the document defines",
            "CTAP 2.1 §8.2",
            |seen| none(&seen.unknown_statuses, "answers had statuses that no document defines"),
        ),
        look_back("whole-run/status/no-body", "send nothing behind an error", "CTAP 2.1 §8", |seen| {
            none(&seen.errors_with_bodies, "errors had something behind them")
        })
        .should(),
        look_back(
            "whole-run/unique",
            "never make the same credential id, key or token twice",
            "CTAP 2.1 §6.1.2 step 16, §6.5.5.7",
            |seen| {
                if seen.count("credential id") < 2 {
                    return Err(Stop::skip("the run made fewer than two credentials"));
                }
                none(&seen.repeated, "came twice")
            },
        ),
        look_back(
            "whole-run/counters",
            "let every signature counter rise that is not zero",
            "WebAuthn L3 §6.1.1",
            |seen| none(&seen.fallen, "signature counters did not rise"),
        ),
        look_back(
            "whole-run/relying-parties",
            "answer a relying party with nothing of another's",
            "CTAP 2.1 §6.2.2 step 7",
            |seen| none(&seen.of_others, "answers had something of another relying party"),
        ),
    ]
}

/// A case that looks back at the run, whatever was played.
fn look_back(
    id: &str,
    requirement: &str,
    clause: &str,
    holds: impl Fn(&Observations) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(id, requirement, clause, move |stage| {
        // Two of each, at the least, where nothing else was played.
        for made in [stage.made()?, stage.made()?] {
            for _ in 0..2 {
                // What was signed is another case's.
                let assertion = stage.assertion_with(&made);
                let assertion = stage.authorized(assertion)?;
                stage.call(command::GET_ASSERTION, &assertion.parameters)?;
            }
        }
        // A command that nobody knows, for an error. Whether there is one is another case's.
        let _ = stage.send(&[0x3e]);
        holds(&stage.world.observations)
    })
}

fn none(found: &[String], what: &str) -> Outcome {
    match found {
        [] => Ok(()),
        found => Err(Stop::fail(format!("{what}: {}", found.join("; ")))),
    }
}
