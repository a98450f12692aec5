//! How far a run has come, on a terminal's standard error.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stuntkey_conformance::{CaseReport, Observer, Verdict};

pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::hidden();
        if io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn begins(&self, cases: usize) {
        self.bar.set_length(u64::try_from(cases).unwrap_or(u64::MAX));
    }

    fn ended(&self, case: &CaseReport) {
        if matches!(case.verdict, Verdict::Fail | Verdict::Error) {
            self.bar.println(format!("{:5} {}", case.verdict, case.id));
        }
        self.bar.set_message(case.id.clone());
        self.bar.inc(1);
    }
}
