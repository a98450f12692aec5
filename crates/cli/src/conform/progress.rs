//! How far a run has come, on a terminal's standard error: one line that fits. What failed is in the report at the end.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stuntkey_conformance::{CaseReport, Observer, Verdict};

pub(super) struct Progress {
    bar: ProgressBar,
    failed: AtomicU64,
    colour: bool,
}

/// A narrow terminal has room for the numbers only.
const NARROW: u16 = 60;

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::hidden();
        if io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0);
        let template = if width < NARROW { "{pos}/{len} {msg}" } else { "{bar:20} {pos}/{len} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { bar, failed: AtomicU64::new(0), colour }
    }

    /// Does something with the line out of the way.
    pub(super) fn suspended<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
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
        let is_bad = matches!(case.verdict, Verdict::Fail | Verdict::Error);
        let failed = self.failed.fetch_add(u64::from(is_bad), Ordering::Relaxed) + u64::from(is_bad);
        self.bar.set_message(message(failed, &case.id, self.colour));
        self.bar.inc(1);
    }
}

/// How many have failed, and where the run is.
fn message(failed: u64, id: &str, colour: bool) -> String {
    let chapter: Vec<&str> = id.split('/').take(2).collect();
    let failed = match (failed, colour) {
        (0, _) => String::new(),
        (failed, true) => format!("\u{1b}[1;31m{failed} failed\u{1b}[0m "),
        (failed, false) => format!("{failed} failed "),
    };
    // Cut, so that the line fits beside the bar and the numbers.
    failed + &chapter.join("/").chars().take(26).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn the_line_fits_a_narrow_terminal() {
        let message = message(455, "authentication/authenticator-data/rp-id-hash/subdomain", false);
        assert_eq!(message, "455 failed authentication/authenticat");
        assert!("455/455 ".len() + message.chars().count() <= 50);
    }
}
