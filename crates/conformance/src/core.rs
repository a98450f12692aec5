//! What a conformance harness is, whatever it tests: cases, runs, verdicts, expectations, reports and load.

pub(crate) mod case;
pub(crate) mod expectation;
pub(crate) mod load;
pub mod report;
pub(crate) mod run;
pub(crate) mod verdict;
