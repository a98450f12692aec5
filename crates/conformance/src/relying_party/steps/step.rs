//! What somebody else carries out: one step of a run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::core::report::{CaseReport, FailOn, Report};
use crate::core::verdict::Verdict;
use crate::relying_party::target::Asked;

/// One step of a run.
///
/// In JSON, the member `step` says which: `request`, `ask`, `wait` or `done`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "camelCase")]
pub enum Step {
    /// Send this request to the application, and answer with its response.
    Request(StepRequest),
    /// Ask the relying party this, and answer with what it says.
    Ask(Asked),
    /// Wait. There is nothing to answer.
    Wait {
        /// How long.
        milliseconds: u64,
    },
    /// The run is over.
    Done {
        /// What it came to.
        report: Box<Report>,
    },
}

/// A request to an application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRequest {
    /// The number of the request in the run, from 1 on.
    pub number: u64,
    /// The number of the session that it belongs to: a browser of its own, whose cookies are among the headers.
    pub session: u64,
    /// What it is for: "registration options", "registration result" …
    pub action: String,
    /// The HTTP method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The URL's path, with the query if there is one.
    pub path_and_query: String,
    /// Names and values, those of cookies included.
    pub headers: Vec<(String, String)>,
    /// The body; empty, if there is none.
    pub body: String,
}

/// A case that was played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndedCase {
    /// The case's id.
    pub id: String,
    /// The requirement, in a sentence without its subject and full stop: "must refuse …".
    pub requirement: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is no pass.
    pub why: String,
    /// Whether it speaks against the target, by what the run was told to fail on and to expect.
    pub alarm: bool,
}

impl EndedCase {
    pub(super) fn of(case: &CaseReport, fail_on: FailOn) -> Self {
        Self {
            id: case.id.clone(),
            requirement: case.requirement.clone(),
            verdict: case.verdict,
            why: case.why.clone(),
            alarm: case.is_alarm(fail_on),
        }
    }
}

/// Why a run cannot go on with an answer. The run is as it was, and takes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepError(pub(super) String);

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StepError {}
