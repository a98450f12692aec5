//! What a conformance harness is, whatever it tests: cases, runs, verdicts, expectations, reports and load.

pub(crate) mod case;
pub(crate) mod change;
pub(crate) mod clock;
pub(crate) mod defect;
pub(crate) mod exchange;
pub(crate) mod expectation;
pub(crate) mod explanation;
pub(crate) mod filter;
#[cfg(feature = "load")]
pub(crate) mod load;
pub(crate) mod outcome;
pub mod report;
pub(crate) mod run;
pub(crate) mod seed;
pub(crate) mod verdict;
