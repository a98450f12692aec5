//! The requests of one ceremony.

use std::fmt;

use serde::Deserialize;

use super::call::{Call, Purpose};

/// The requests of one ceremony.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    /// Whether an authentication can begin with the user's name. Default: it can.
    pub(super) by_name: Option<bool>,
    /// Whether each ceremony begins as in a browser that has never been there.
    #[serde(default)]
    pub(crate) new_session: bool,
    /// Requests that come before the options, in order: to sign up, to sign in by other means, to fetch a page.
    #[serde(default)]
    pub(crate) before: Vec<Call>,
    pub(crate) options: Call,
    pub(crate) result: Call,
    /// A request whose answer says whether the result was accepted, if the answer to the result does not say so.
    pub(crate) confirm: Option<Call>,
}

/// Which of a ceremony's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) purpose: Purpose,
    number: usize,
}

impl Flow {
    /// The requests in their order.
    pub(super) fn calls(&self) -> impl Iterator<Item = (Step, &Call)> {
        let before = self.before.iter().enumerate().map(|(index, call)| (Step::before(index), call));
        let others = [(Purpose::Options, Some(&self.options)), (Purpose::Result, Some(&self.result))];
        let others = others.into_iter().chain([(Purpose::Confirm, self.confirm.as_ref())]);
        before.chain(others.filter_map(|(purpose, call)| Some((Step { purpose, number: 0 }, call?))))
    }

    /// The names that answers give values to.
    pub(super) fn captured(&self) -> impl Iterator<Item = &str> {
        self.calls().flat_map(|(_, call)| call.capture.keys()).map(String::as_str)
    }

    /// The requests, to change them.
    pub(super) fn calls_mut(&mut self) -> impl Iterator<Item = (Step, &mut Call)> {
        let before = self.before.iter_mut().enumerate().map(|(index, call)| (Step::before(index), call));
        let others = [(Purpose::Options, Some(&mut self.options)), (Purpose::Result, Some(&mut self.result))];
        let others = others.into_iter().chain([(Purpose::Confirm, self.confirm.as_mut())]);
        before.chain(others.filter_map(|(purpose, call)| Some((Step { purpose, number: 0 }, call?))))
    }
}

impl Step {
    fn before(index: usize) -> Self {
        Self { purpose: Purpose::Before, number: index + 1 }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.purpose {
            Purpose::Before => write!(f, "before, request {}", self.number),
            Purpose::Options => f.write_str("options"),
            Purpose::Result => f.write_str("result"),
            Purpose::Confirm => f.write_str("confirm"),
        }
    }
}
