//! The report as Markdown (GFM). Time is drawn with block characters.

use super::runs::{MOST_SAID, Run, Runs, find, float, milliseconds, number, percentiles, ratios, times};
use crate::core::load::report::IntervalReport;
use crate::core::report::markdown::{code, row, table_head, words};
use crate::core::report::text::line;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// How many block characters a line has at most.
const MOST_BLOCKS: usize = 50;

pub(super) fn write(runs: &Runs<'_>) -> String {
    let mut out = format!("# Load on {}\n", words(&runs.target()));
    for run in runs.all() {
        let name = if run.name.is_empty() { String::new() } else { format!("{}: ", run.name) };
        out.push_str(&format!("\n**{name}{}**\n\n", run.headline()));
        for (name, value) in run.facts() {
            out.push_str(&format!("- {name}: {}\n", words(&value)));
        }
    }
    if let Some((before, now)) = runs.both() {
        let ratio = times(before.throughput, now.throughput);
        out.push_str(&format!("\nCeremonies a second, now to before: {ratio}\n"));
    }
    latencies(runs, &mut out);
    over_time(runs, &mut out);
    errors(runs, &mut out);
    wrongly_accepted(runs, &mut out);
    slowest(runs, &mut out);
    out
}

/// The columns of a table, with one for the runs' names if there are two.
fn of_runs(runs: &Runs<'_>, columns: &[&str]) -> Vec<String> {
    let run = runs.both().map(|_| "run");
    run.into_iter().chain(columns.iter().copied()).map(str::to_owned).collect()
}

/// A row of such a table.
fn of_run(run: &Run<'_>, cells: impl IntoIterator<Item = String>) -> Vec<String> {
    let name = (!run.name.is_empty()).then(|| run.name.to_owned());
    name.into_iter().chain(cells).collect()
}

fn latencies(runs: &Runs<'_>, out: &mut String) {
    out.push_str("\n## Milliseconds until the answer\n\n");
    let columns = ["count", "p50", "p90", "p99", "p99.9", "max"];
    out.push_str(&table_head("request", &of_runs(runs, &columns), true));
    let late = runs.all().iter().any(|run| run.report.late.is_some()).then_some("late");
    for name in runs.steps().into_iter().chain(late) {
        let title = if name == "late" { "later than due".to_owned() } else { words(name) };
        for run in runs.all() {
            let Some(step) = run.step_or_late(name) else { continue };
            let cells = percentiles(step).map(milliseconds);
            let cells = [number(step.count)].into_iter().chain(cells);
            out.push_str(&row(&title, &of_run(run, cells)));
        }
        if let [before, now] = runs.all()
            && let (Some(before), Some(now)) = (before.step_or_late(name), now.step_or_late(name))
        {
            let cells = ["ratio".to_owned(), String::new()].into_iter().chain(ratios(before, now));
            out.push_str(&row(&title, &cells.collect::<Vec<_>>()));
        }
    }
}

fn over_time(runs: &Runs<'_>, out: &mut String) {
    if runs.all().iter().all(|run| run.report.over_time.is_empty()) {
        return;
    }
    out.push_str("\n## Over time\n\nFrom the beginning to the end; each line has a scale of its own.\n\n");
    out.push_str(&table_head("what", &of_runs(runs, &["", "least", "most"]), false));
    let mut line = |name: &str, run: &Run<'_>, unit: &str, values: &[Option<f64>]| {
        let known = || values.iter().copied().flatten();
        let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(0.0, f64::max));
        if least.is_finite() {
            let shown = |value: f64| format!("{value:.*}{unit}", usize::from(value < 10.0) * 2);
            let cells = [format!("`{}`", blocks(values)), shown(least), shown(most)];
            out.push_str(&row(name, &of_run(run, cells)));
        }
    };
    for run in runs.all() {
        let rate = |interval: &IntervalReport| {
            (interval.seconds > 0.0).then(|| float(interval.accepted) / interval.seconds)
        };
        line("ceremonies a second", run, "", &run.intervals().map(rate).collect::<Vec<_>>());
    }
    for name in runs.steps() {
        for run in runs.all() {
            let p99 =
                |interval: &IntervalReport| find(&interval.steps, name).map(|step| float(step.p99) / 1000.0);
            let values: Vec<_> = run.intervals().map(p99).collect();
            line(&format!("p99 of {}", words(name)), run, " ms", &values);
        }
    }
}

/// The values as heights above 0: of neighbours, the highest.
fn blocks(values: &[Option<f64>]) -> String {
    let most = values.iter().copied().flatten().fold(f64::MIN_POSITIVE, f64::max);
    let together = values.len().div_ceil(MOST_BLOCKS).max(1);
    let height = |values: &[Option<f64>]| {
        let highest = values.iter().copied().flatten().reduce(f64::max);
        highest.map_or(' ', |value| {
            let place = BLOCKS.iter().enumerate().rfind(|(place, _)| {
                let steps = u32::try_from(*place).map_or(0.0, f64::from);
                value / most * 8.0 > steps
            });
            place.map_or(BLOCKS[0], |(_, block)| *block)
        })
    };
    values.chunks(together).map(height).collect()
}

fn errors(runs: &Runs<'_>, out: &mut String) {
    if runs.all().iter().all(|run| run.report.errors.is_empty()) {
        return;
    }
    out.push_str("\n## Sound ceremonies that failed\n\n");
    let columns = ["what happened", "count", "the first of them"];
    out.push_str(&table_head("request", &of_runs(runs, &columns), false));
    for run in runs.all() {
        for error in &run.report.errors {
            let cells = [words(&error.kind), number(error.count), words(&error.first)];
            out.push_str(&row(&words(&error.step), &of_run(run, cells)));
        }
    }
}

fn wrongly_accepted(runs: &Runs<'_>, out: &mut String) {
    if runs.all().iter().all(|run| run.report.wrongly_accepted.is_empty()) {
        return;
    }
    out.push_str("\n## Wrongly accepted\n\n");
    out.push_str(&table_head("fault", &of_runs(runs, &["count"]), false));
    for run in runs.all() {
        for (fault, count) in &run.report.wrongly_accepted {
            out.push_str(&row(&code(fault), &of_run(run, [number(*count)])));
        }
    }
}

fn slowest(runs: &Runs<'_>, out: &mut String) {
    if runs.all().iter().all(|run| run.report.slowest.is_empty()) {
        return;
    }
    out.push_str("\n## The slowest requests\n\n");
    let columns = ["request", "sent at", "user", "answer"];
    out.push_str(&table_head("ms", &of_runs(runs, &columns), false));
    for run in runs.all() {
        for slow in &run.report.slowest {
            let cells = [
                words(&slow.step),
                format!("{:.2} s", slow.at),
                words(&slow.user),
                words(&line(&slow.answer, MOST_SAID)),
            ];
            out.push_str(&row(&milliseconds(slow.microseconds), &of_run(run, cells)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_eighths_of_the_highest() {
        let values: Vec<_> = (0..=8).map(|value| Some(f64::from(value))).collect();
        assert_eq!(blocks(&values), "▁▁▂▃▄▅▆▇█");
        assert_eq!(blocks(&[None, Some(2.0)]), " █");
        assert_eq!(blocks(&[]), "");
        let many: Vec<_> = (0..100).map(|value| Some(f64::from(value % 2))).collect();
        assert_eq!(blocks(&many), "█".repeat(50));
    }
}
