//! One run, or two beside each other, as every format shows them.

use super::LoadReport;
use crate::core::load::report::{IntervalReport, StepReport};
use crate::core::load::schedule::ratio;
pub(super) use crate::core::load::tally::MOST_SAID;
use crate::core::report::text::line;
use stuntkey_inspect::text::count;

/// A run, and what tells it from the other one.
#[derive(Clone, Copy)]
pub(super) struct Run<'r> {
    /// `before` or `now`; nothing if there is no other.
    pub(super) name: &'static str,
    pub(super) report: &'r LoadReport,
}

pub(super) struct Runs<'r>(Vec<Run<'r>>);

impl<'r> Runs<'r> {
    pub(super) fn one(report: &'r LoadReport) -> Self {
        Self(vec![Run { name: "", report }])
    }

    pub(super) fn two(before: &'r LoadReport, now: &'r LoadReport) -> Self {
        Self(vec![Run { name: "before", report: before }, Run { name: "now", report: now }])
    }

    pub(super) fn all(&self) -> &[Run<'r>] {
        &self.0
    }

    /// Both runs, if there are two: the older one first.
    pub(super) fn both(&self) -> Option<(&'r LoadReport, &'r LoadReport)> {
        match self.0.as_slice() {
            [before, now] => Some((before.report, now.report)),
            _ => None,
        }
    }

    /// The requests of either run.
    pub(super) fn steps(&self) -> Vec<&'r str> {
        let mut names: Vec<&str> = Vec::new();
        for step in self.0.iter().flat_map(|run| &run.report.steps) {
            if !names.contains(&step.step.as_str()) {
                names.push(&step.step);
            }
        }
        names
    }

    /// The target, or both if they differ.
    pub(super) fn target(&self) -> String {
        let mut targets: Vec<String> = self.0.iter().map(|run| line(&run.report.target, MOST_SAID)).collect();
        targets.dedup();
        targets.join(" and ")
    }
}

impl<'r> Run<'r> {
    /// The class in the style sheet.
    pub(super) fn class(&self) -> &'static str {
        if self.name == "before" { "before" } else { "now" }
    }

    /// The times of a request in the whole run.
    pub(super) fn step(&self, name: &str) -> Option<&'r StepReport> {
        find(&self.report.steps, name)
    }

    /// The same, or how much later than due ceremonies began, which reports call `late`.
    pub(super) fn step_or_late(&self, name: &str) -> Option<&'r StepReport> {
        if name == "late" { self.report.late.as_ref() } else { self.step(name) }
    }

    /// The intervals that can be compared with each other. The last one is cut by the end of the load: if hardly anything
    /// of it is left, it says nothing.
    pub(super) fn intervals(&self) -> impl Iterator<Item = &'r IntervalReport> + use<'r> {
        let width = self.report.over_time.first().map_or(0.0, |interval| interval.seconds);
        self.report.over_time.iter().filter(move |interval| interval.seconds >= width / 2.0)
    }

    /// What came of it, in a sentence without its full stop.
    pub(super) fn headline(&self) -> String {
        let LoadReport { throughput, registered, logged_in, bad, .. } = self.report;
        let accepted = self.report.accepted_wrongly();
        let failed = match self.report.failed() {
            0 => "none failed".to_owned(),
            failed => format!("{} failed", number(failed)),
        };
        let wrongly = match (bad, accepted) {
            (0, _) => String::new(),
            (bad, 0) => format!("; {} with a fault, none accepted", number(*bad)),
            (bad, accepted) => {
                format!("; {} with a fault, {} wrongly accepted", number(*bad), number(accepted))
            }
        };
        format!(
            "{} ceremonies a second: {} and {}, {failed}{wrongly}",
            rate(*throughput),
            counted(*registered, "registration"),
            counted(*logged_in, "login")
        )
    }

    /// What load it was.
    pub(super) fn load(&self) -> String {
        let LoadReport { users, rate, seconds, ramp_up, logins, bad_share, .. } = self.report;
        let mut load = match rate {
            Some(rate) => format!("{rate} ceremonies a second, at most {users} users at once"),
            None => format!("{} at once", counted(u64::try_from(*users).unwrap_or(u64::MAX), "user")),
        };
        load.push_str(&format!(", for {seconds:.1} s"));
        if *ramp_up > 0.0 {
            load.push_str(&format!(", rising for {ramp_up} s"));
        }
        for (share, of) in [(*logins, "logins"), (bad_share.filter(|share| *share > 0.0), "with a fault")] {
            if let Some(share) = share {
                load.push_str(&format!(", {:.0} % {of}", share * 100.0));
            }
        }
        load
    }

    /// What the run was, by name.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let LoadReport { seed, began, tool, .. } = self.report;
        let mut facts = vec![("load", self.load())];
        if self.report.missed > 0 {
            let missed = number(self.report.missed);
            facts.push(("missed", format!("{missed} ceremonies were due and never begun")));
        }
        facts.push(("seed", line(seed, MOST_SAID)));
        facts.extend((!began.is_empty()).then(|| ("began", line(began, MOST_SAID))));
        facts.push(("tool", line(tool, MOST_SAID)));
        facts
    }
}

/// The times of a request among others.
pub(super) fn find<'s>(steps: &'s [StepReport], name: &str) -> Option<&'s StepReport> {
    steps.iter().find(|step| step.step == name)
}

/// `1 login`, `40,000 logins`.
fn counted(n: u64, one: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), one, &format!("{one}s"))
}

/// With commas between thousands.
pub(super) fn number(n: u64) -> String {
    stuntkey_inspect::text::thousands(usize::try_from(n).unwrap_or(usize::MAX))
}

/// A count or a time as a float.
pub(super) fn float(number: u64) -> f64 {
    ratio(number, 1)
}

/// Ceremonies a second: few of them with decimals.
pub(super) fn rate(ceremonies: f64) -> String {
    match ceremonies {
        few if few < 10.0 => format!("{few:.2}"),
        many => format!("{many:.0}"),
    }
}

/// Microseconds as milliseconds, to three digits or more.
pub(super) fn milliseconds(time: u64) -> String {
    let time = float(time) / 1000.0;
    match time {
        time if time < 10.0 => format!("{time:.2}"),
        time if time < 100.0 => format!("{time:.1}"),
        time => format!("{time:.0}"),
    }
}

/// The times of a request that a table has: p50, p90, p99, p99.9 and the longest.
pub(super) fn percentiles(step: &StepReport) -> [u64; 5] {
    [step.p50, step.p90, step.p99, step.p999, step.max]
}

/// How many times as long they are now.
pub(super) fn ratios(before: &StepReport, now: &StepReport) -> impl Iterator<Item = String> {
    let pairs = percentiles(before).into_iter().zip(percentiles(now));
    pairs.map(|(before, now)| times(float(before), float(now)))
}

/// How many times as much.
pub(super) fn times(before: f64, now: f64) -> String {
    match before > 0.0 {
        true => format!("{:.2}×", now / before),
        false => "-".to_owned(),
    }
}
