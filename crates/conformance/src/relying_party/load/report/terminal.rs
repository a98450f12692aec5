//! The report for a terminal, in 80 columns.

use super::LoadReport;
use super::runs::{MOST_SAID, Run, Runs, float, milliseconds, number, percentiles, rate, times};
use crate::core::load::report::StepReport;
use crate::core::report::text::line;

pub(super) fn one(report: &LoadReport) -> String {
    let [target, seed] = [&report.target, &report.seed].map(|text| line(text, MOST_SAID));
    let mut text = format!("{target}, seed {seed}\n\n");
    text.push_str(&format!(
        "registered {}, logged in {} in {:.1} s:\n{} ceremonies a second, {} users at once\n\n",
        report.registered,
        report.logged_in,
        report.seconds,
        rate(report.throughput),
        report.users
    ));
    text.push_str(&times_row(
        "ms until the answer",
        ["count", "p50", "p90", "p99", "p99.9", "max"].map(str::to_owned),
    ));
    for step in report.steps.iter().chain(&report.late) {
        text.push_str(&row(step));
    }
    if report.missed > 0 {
        text.push_str(&format!(
            "\n{} ceremonies were due and never begun, as every user was busy: try more --users\n",
            report.missed
        ));
    }
    if !report.errors.is_empty() {
        text.push_str("\nSound ceremonies that failed:\n");
    }
    for error in &report.errors {
        let first = line(&error.first, MOST_SAID);
        let [step, kind] = [&error.step, &error.kind].map(|text| line(text, MOST_SAID));
        text.push_str(&format!("  {step} {kind}: {} ({first})\n", error.count));
    }
    if report.bad > 0 {
        let accepted = report.accepted_wrongly();
        text.push_str(&format!("\nwith a fault: {} sent, {accepted} wrongly accepted\n", report.bad));
    }
    for (fault, count) in &report.wrongly_accepted {
        text.push_str(&format!("  {}: {count}\n", line(fault, MOST_SAID)));
    }
    text
}

fn row(step: &StepReport) -> String {
    let ms = |time: u64| format!("{:.2}", float(time) / 1000.0);
    let [p50, p90, p99, p999, max] = percentiles(step).map(ms);
    times_row(&line(&step.step, MOST_SAID), [step.count.to_string(), p50, p90, p99, p999, max])
}

/// At most 80 columns wide, unless a server is slower than ten minutes.
fn times_row(name: &str, cells: [String; 6]) -> String {
    let cells: String = cells.iter().map(|cell| format!(" {cell:>8}")).collect();
    format!("{name:22}{cells}\n")
}

/// One of the times of a step.
type Time = fn(&StepReport) -> u64;

pub(super) fn two(before: &LoadReport, now: &LoadReport) -> String {
    let runs = Runs::two(before, now);
    let mut text = String::new();
    for run in runs.all() {
        let Run { name, report } = run;
        let load = run.load().replacen(", for", &format!("\n{:8}for", ""), 1);
        text.push_str(&format!("{name:6}  {}\n{:8}{load}\n", line(&report.target, 50), ""));
    }
    let mut rows = vec![
        ("ceremonies a second", before.throughput, now.throughput),
        ("failed", float(before.failed()), float(now.failed())),
    ];
    if before.bad > 0 || now.bad > 0 {
        rows.push(("wrongly accepted", float(before.accepted_wrongly()), float(now.accepted_wrongly())));
    }
    text.push_str(&format!("\n{:22}{:>9}{:>9}\n", "", "before", "now"));
    for (name, before, now) in rows {
        let shown = |value: f64| if value.fract() == 0.0 { format!("{value:.0}") } else { rate(value) };
        let (first, second) = (shown(before), shown(now));
        let text_row = format!("{name:22}{first:>9}{second:>9}{:>8}", times(before, now));
        text.push_str(text_row.trim_end_matches([' ', '-']));
        text.push('\n');
    }
    text.push('\n');
    let head = ["p50", "p50 now", "", "p99", "p99 now", ""];
    text.push_str(&two_row("ms until the answer", head.map(str::to_owned)));
    for name in runs.steps() {
        let steps: Vec<Option<&StepReport>> = runs.all().iter().map(|run| run.step(name)).collect();
        let cell = |run: usize, time: Time| {
            let step = steps.get(run).copied().flatten();
            step.map_or_else(|| "-".to_owned(), |step| milliseconds(time(step)))
        };
        let ratio = |time: Time| match steps.as_slice() {
            [Some(before), Some(now)] => times(float(time(before)), float(time(now))),
            _ => "-".to_owned(),
        };
        let (p50, p99): (Time, Time) = (|step| step.p50, |step| step.p99);
        let cells = [cell(0, p50), cell(1, p50), ratio(p50), cell(0, p99), cell(1, p99), ratio(p99)];
        text.push_str(&two_row(&line(name, MOST_SAID), cells));
    }
    for run in runs.all() {
        for error in &run.report.errors {
            let first = line(&error.first, MOST_SAID);
            let [step, kind] = [&error.step, &error.kind].map(|text| line(text, MOST_SAID));
            text.push_str(&format!("\n{}: {step} {kind}: {} ({first})", run.name, number(error.count)));
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// At most 80 columns wide.
fn two_row(name: &str, cells: [String; 6]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>9}")).collect();
    format!("{name:22}{cells}").trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_a_terminal() {
        let step = StepReport {
            step: "authentication options".into(),
            count: 10_000_000,
            p50: 1,
            p90: 10,
            p99: 100_000,
            p999: 10_000_000,
            max: 99_999_990,
        };
        let row = row(&step);
        assert!(row.trim_end().chars().count() <= 80, "{row}");
    }
}
