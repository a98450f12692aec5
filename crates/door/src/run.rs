//! A run of the suite that a door keeps.

use stuntkey_conformance::{Report, StepRun};

/// A run, and its report once it is over.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) steps: StepRun,
    pub(crate) report: Option<Box<Report>>,
}
