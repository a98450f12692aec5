//! One HTML page that loads nothing and has no script. Every picture has its numbers in a table.
//!
//! ```text
//! what came of it ─ throughput over time ─ how long each request took, in all and over time ─ errors by kind
//! ─ the slowest requests ─ the numbers of each interval
//! ```

use super::LoadReport;
use super::runs::{self, MOST_SAID, Run, Runs, find, float, milliseconds, number, rate, ratios, times};
use crate::core::load::chart::{Chart, Line, Scale, Spread, plain, spreads};
use crate::core::load::report::{ErrorReport, IntervalReport, SlowReport, StepReport};
use crate::core::report::markup::{escaped, fold, head};
use crate::core::report::text::line;

const STYLE: &str =
    concat!(include_str!("../../../core/report/html/page.css"), include_str!("../../../core/load/chart.css"));

pub(super) fn write(runs: &Runs<'_>) -> String {
    let title = escaped(&runs.target());
    let mut out = head(&format!("Load on {title}"), None, STYLE);
    out.push_str(&format!("<header>\n<p class=\"kind\">Load on a relying party</p>\n<h1>{title}</h1>\n"));
    for run in runs.all() {
        out.push_str(&conclusion(run));
    }
    out.push_str("</header>\n<main>\n");
    out.push_str(&throughput(runs));
    out.push_str(&latency(runs));
    out.push_str(&errors(runs));
    out.push_str(&wrongly_accepted(runs));
    out.push_str(&slowest(runs));
    out.push_str(&intervals(runs));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn conclusion(run: &Run<'_>) -> String {
    let class = if run.report.is_clean() { "good" } else { "bad" };
    let mut headline = run.headline();
    if !run.name.is_empty() {
        headline = format!("{}: {headline}", run.name);
    }
    let mut out =
        format!("<p class=\"conclusion {class}\">{}</p>\n<dl class=\"facts\">\n", escaped(&headline));
    for (name, value) in run.facts() {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", escaped(&value)));
    }
    out + "</dl>\n"
}

fn throughput(runs: &Runs<'_>) -> String {
    let mut out = String::from("<section id=\"throughput\">\n<h2>Throughput</h2>\n");
    if let Some((before, now)) = runs.both() {
        out.push_str(&format!(
            "<p>{} ceremonies a second before, {} now: <b>{}</b></p>\n",
            rate(before.throughput),
            rate(now.throughput),
            times(before.throughput, now.throughput)
        ));
    }
    let per_second = |count: u64, interval: &IntervalReport| float(count) / interval.seconds.max(0.001);
    let mut lines = Vec::new();
    for run in runs.all() {
        let named = |what: &str| format!("{} {what}", run.name).trim().to_owned();
        let points = |count: fn(&IntervalReport) -> u64| {
            middles(run).map(|(at, interval)| (at, Some(per_second(count(interval), interval)))).collect()
        };
        lines.push(Line {
            class: run.class(),
            name: named("accepted"),
            points: points(|interval| interval.accepted),
        });
        if run.report.failed() > 0 {
            let class = if run.name == "before" { "before failed" } else { "failed" };
            lines.push(Line { class, name: named("failed"), points: points(|interval| interval.failed) });
        }
        if let (Some(rate), "now" | "") = (run.report.rate, run.name) {
            let LoadReport { ramp_up, seconds, bad_share, .. } = run.report;
            // Of sound ceremonies, which alone are accepted.
            let sound = rate * (1.0 - bad_share.unwrap_or_default());
            let points = vec![
                (0.0, Some(if *ramp_up > 0.0 { 0.0 } else { sound })),
                (*ramp_up, Some(sound)),
                (*seconds, Some(sound)),
            ];
            lines.push(Line { class: "asked", name: "asked for".to_owned(), points });
        }
    }
    let most = lines.iter().flat_map(|line| &line.points).filter_map(|(_, value)| *value).fold(0.0, f64::max);
    if runs.all().iter().all(|run| run.report.over_time.is_empty()) {
        return out + "<p class=\"note\">The report does not say what happened when.</p>\n</section>\n";
    }
    let chart = Chart {
        title: "Ceremonies a second",
        time: time(runs),
        values: Scale::linear(most),
        unit: plain,
        lines,
        told: told(runs, |interval| {
            let failed =
                if interval.failed > 0 { format!(", {} failed", interval.failed) } else { String::new() };
            Some(format!("{} a second{failed}", rate(per_second(interval.accepted, interval))))
        }),
    };
    out + &chart.html() + "</section>\n"
}

/// The intervals of a run and their middles.
fn middles<'r>(run: &Run<'r>) -> impl Iterator<Item = (f64, &'r IntervalReport)> {
    run.intervals().map(|interval| (interval.at + interval.seconds / 2.0, interval))
}

/// As long as the longer run.
fn time(runs: &Runs<'_>) -> Scale {
    Scale::until(runs.all().iter().map(|run| run.report.seconds).fold(0.0, f64::max))
}

/// What a reader is told who points at an interval of the newer run.
fn told(runs: &Runs<'_>, tell: impl Fn(&IntervalReport) -> Option<String>) -> Vec<(f64, f64, String)> {
    let Some(run) = runs.all().last() else { return Vec::new() };
    let stretch = |interval: &IntervalReport| {
        let (from, to) = (interval.at, interval.at + interval.seconds);
        Some((from, to, format!("{from:.1} to {to:.1} s: {}", tell(interval)?)))
    };
    run.intervals().filter_map(stretch).collect()
}

fn latency(runs: &Runs<'_>) -> String {
    let mut out = String::from("<section id=\"latency\">\n<h2>How long answers took</h2>\n");
    out.push_str(&percentiles(runs));
    let mut rows = Vec::new();
    for name in runs.steps() {
        for run in runs.all() {
            let Some(step) = run.step(name) else { continue };
            let name = if run.name == "now" { "now" } else { name };
            let times = [step.p50, step.p90, step.p99, step.max].map(float);
            rows.push(Spread { class: run.class(), name: name.to_owned(), times });
        }
    }
    let scale = Scale::logarithmic(rows.iter().flat_map(|row| row.times));
    let note = match runs.both() {
        Some(_) => {
            "Thick: from the median to the 90th percentile; then to the 99th; thin: to the longest. \
                    Above each other: before and now."
        }
        None => "Thick: from the median to the 90th percentile; then to the 99th; thin: to the longest.",
    };
    out.push_str(&format!("{}<p class=\"note\">{note}</p>\n", spreads(&rows, scale, duration)));
    out.push_str("<div class=\"charts\">\n");
    let values: Vec<f64> = runs
        .all()
        .iter()
        .flat_map(|run| &run.report.over_time)
        .flat_map(|interval| &interval.steps)
        .flat_map(|step| [float(step.p50), float(step.max)])
        .collect();
    let scale = Scale::logarithmic(values.into_iter());
    for name in runs.steps() {
        let tell = |interval: &IntervalReport| {
            let step = find(&interval.steps, name)?;
            let [p50, p90, p99, max] = [step.p50, step.p90, step.p99, step.max].map(milliseconds);
            Some(format!("{} answers, p50 {p50}, p90 {p90}, p99 {p99}, longest {max} ms", step.count))
        };
        let chart = Chart {
            title: name,
            time: time(runs),
            values: scale,
            unit: duration,
            lines: latency_lines(runs, name),
            told: told(runs, tell),
        };
        out.push_str(&chart.html());
    }
    out + "</div>\n</section>\n"
}

fn latency_lines(runs: &Runs<'_>, name: &str) -> Vec<Line> {
    type Time = fn(&StepReport) -> u64;
    let (p50, p90, p99, max): (Time, Time, Time, Time) =
        (|step| step.p50, |step| step.p90, |step| step.p99, |step| step.max);
    let line = |run: &Run<'_>, class: &'static str, what: &str, time: Time| {
        let points = middles(run)
            .map(|(at, interval)| (at, find(&interval.steps, name).map(|step| float(time(step)))))
            .collect();
        Line { class, name: format!("{} {what}", run.name).trim().to_owned(), points }
    };
    match runs.all() {
        [before, now] => vec![
            line(before, "before high", "p99", p99),
            line(before, "before", "p50", p50),
            line(now, "now high", "p99", p99),
            line(now, "now", "p50", p50),
        ],
        runs => runs
            .iter()
            .flat_map(|run| {
                [
                    line(run, "longest", "longest", max),
                    line(run, "p99", "p99", p99),
                    line(run, "p90", "p90", p90),
                    line(run, "p50", "p50", p50),
                ]
            })
            .collect(),
    }
}

/// Microseconds at an axis.
fn duration(micros: f64) -> String {
    match micros {
        time if time < 1e3 => format!("{} µs", plain(time)),
        time if time < 1e6 => format!("{} ms", plain(time / 1e3)),
        time => format!("{} s", plain(time / 1e6)),
    }
}

fn percentiles(runs: &Runs<'_>) -> String {
    let mut out = String::from(
        "<table class=\"percentiles\">\n<thead><tr><th scope=\"col\">Milliseconds</th><th scope=\"col\">count</th>\
         <th scope=\"col\">p50</th><th scope=\"col\">p90</th><th scope=\"col\">p99</th><th scope=\"col\">p99.9</th>\
         <th scope=\"col\">max</th></tr></thead>\n<tbody>\n",
    );
    let row = |class: &str, name: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr{class}><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(name))
    };
    let cells = |step: &StepReport| {
        let times = runs::percentiles(step).map(milliseconds);
        [number(step.count)].into_iter().chain(times).collect::<Vec<_>>()
    };
    for name in runs.steps() {
        match runs.all() {
            [before, now] => {
                let (before, now) = (before.step(name), now.step(name));
                let name = escaped(name);
                out.push_str(&format!(
                    "<tr class=\"head\"><th colspan=\"7\" scope=\"rowgroup\">{name}</th></tr>\n"
                ));
                for (name, step) in [("before", before), ("now", now)] {
                    out.extend(step.map(|step| row("", name, &cells(step))));
                }
                if let (Some(before), Some(now)) = (before, now) {
                    let cells: Vec<String> = [String::new()].into_iter().chain(ratios(before, now)).collect();
                    out.push_str(&row(" class=\"ratio\"", "ratio", &cells));
                }
            }
            all => {
                let step = all.first().and_then(|run| run.step(name));
                out.extend(step.map(|step| row("", name, &cells(step))));
            }
        }
    }
    for run in runs.all() {
        if let Some(late) = &run.report.late {
            let name = format!("{} later than due", run.name);
            out.push_str(&row("", name.trim(), &cells(late)));
        }
    }
    out + "</tbody>\n</table>\n"
}

/// An entry of a list, with a bar as long as its number.
struct Bar {
    number: u64,
    shown: String,
    /// What it is, as HTML.
    what: String,
    /// Of what.
    of: String,
    /// What the target said, if anything.
    said: Option<String>,
}

/// A section of bars, or nothing without any.
fn bars(id: &str, title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.number).max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let mut out = format!("<section id=\"{id}\">\n<h2>{title}</h2>\n<ul class=\"bars\">\n");
    for bar in bars {
        let said = bar.said.as_ref().map(|said| format!("<span class=\"said\">{}</span>", escaped(said)));
        out.push_str(&format!(
            "<li><b>{}</b> {} <span class=\"of\">{}</span><i style=\"width:{:.2}%\"></i>{}</li>\n",
            bar.shown,
            bar.what,
            escaped(bar.of.trim()),
            float(bar.number) / float(most) * 100.0,
            said.unwrap_or_default(),
        ));
    }
    out + "</ul>\n</section>\n"
}

fn errors(runs: &Runs<'_>) -> String {
    let bar = |run: &Run<'_>, error: &ErrorReport| Bar {
        number: error.count,
        shown: number(error.count),
        what: escaped(&line(&error.kind, MOST_SAID)),
        of: format!("{} {}", run.name, line(&error.step, MOST_SAID)),
        said: Some(line(&error.first, MOST_SAID)),
    };
    let all = runs.all().iter().flat_map(|run| run.report.errors.iter().map(move |error| bar(run, error)));
    bars("errors", "Sound ceremonies that failed", &all.collect::<Vec<_>>())
}

fn wrongly_accepted(runs: &Runs<'_>) -> String {
    let bar = |run: &Run<'_>, fault: &str, count: u64| Bar {
        number: count,
        shown: number(count),
        what: format!("<code>{}</code>", escaped(&line(fault, MOST_SAID))),
        of: run.name.to_owned(),
        said: None,
    };
    let all = runs.all().iter().flat_map(|run| {
        run.report.wrongly_accepted.iter().map(move |(fault, count)| bar(run, fault, *count))
    });
    bars("accepted", "Wrongly accepted", &all.collect::<Vec<_>>())
}

fn slowest(runs: &Runs<'_>) -> String {
    let bar = |run: &Run<'_>, slow: &SlowReport| Bar {
        number: slow.microseconds,
        shown: format!("{} ms", milliseconds(slow.microseconds)),
        what: escaped(&line(&slow.step, MOST_SAID)),
        of: format!("{} at {:.2} s", run.name, slow.at),
        said: Some(format!("{}: {}", line(&slow.user, MOST_SAID), line(&slow.answer, MOST_SAID))),
    };
    let all = runs.all().iter().flat_map(|run| run.report.slowest.iter().map(move |slow| bar(run, slow)));
    bars("slowest", "The slowest requests", &all.collect::<Vec<_>>())
}

/// What the pictures show, in numbers.
fn intervals(runs: &Runs<'_>) -> String {
    let mut out = String::new();
    for run in runs.all().iter().filter(|run| !run.report.over_time.is_empty()) {
        let mut table = String::from(
            "<div class=\"wide\">\n<table class=\"numbers\">\n<thead><tr><th scope=\"col\">Seconds</th>\
             <th scope=\"col\">accepted</th><th scope=\"col\">failed</th>",
        );
        for name in runs.steps() {
            table.push_str(&format!("<th scope=\"col\">{}: p50, p90, p99, max (ms)</th>", escaped(name)));
        }
        table.push_str("</tr></thead>\n<tbody>\n");
        for interval in &run.report.over_time {
            table.push_str(&format!(
                "<tr><th scope=\"row\">{:.1} to {:.1}</th><td>{}</td><td>{}</td>",
                interval.at,
                interval.at + interval.seconds,
                number(interval.accepted),
                number(interval.failed)
            ));
            for name in runs.steps() {
                let step = find(&interval.steps, name);
                let times =
                    step.map(|step| [step.p50, step.p90, step.p99, step.max].map(milliseconds).join(", "));
                table.push_str(&format!("<td>{}</td>", times.unwrap_or_default()));
            }
            table.push_str("</tr>\n");
        }
        table.push_str("</tbody>\n</table>\n</div>\n");
        let title = format!("Each interval in numbers {}", run.name);
        out.push_str(&fold("list", false, title.trim(), &table));
    }
    match out.is_empty() {
        true => out,
        false => format!("<section id=\"numbers\">\n<h2>Numbers</h2>\n{out}</section>\n"),
    }
}
