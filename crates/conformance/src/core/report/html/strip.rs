//! The steps of each part as a strip of boxes. Each box has the colour of its worst case.

use super::Places;
use crate::core::report::markup::escaped;
use crate::core::report::standing::{Standing, counts};
use crate::core::report::target_kind::{Part, TargetKind};
use crate::core::report::{CaseReport, FailOn, Report};
use crate::core::verdict::Verdict;

/// The strips of the parts that have numbered steps.
pub(super) fn section(parts: &[(usize, Part, Places<'_>)], report: &Report, kind: &dyn TargetKind) -> String {
    let strips: String = parts
        .iter()
        .filter(|(_, part, _)| part.steps > 0)
        .map(|(number, part, places)| {
            let title = format!("<h3>{}</h3>\n", escaped(part.title));
            format!("{title}{}", strip(*number, part, places, report, kind))
        })
        .collect();
    if strips.is_empty() {
        return String::new();
    }
    format!(
        "<section id=\"steps\">\n<h2>Step by step</h2>\n{strips}\
         <p class=\"note\">Each box is a step and has the colour of its worst case: \
         <span class=\"key fail\">wrong</span> <span class=\"key error\">broken off</span> \
         <span class=\"key weak\">known, or does not count</span> <span class=\"key pass\">passed</span> \
         <span class=\"key skip\">skipped</span> <span class=\"key none\">dashed: no case tests this step</span>. \
         A box at which something is wrong is a link.</p>\n</section>\n"
    )
}

fn strip(number: usize, part: &Part, places: &Places<'_>, report: &Report, kind: &dyn TargetKind) -> String {
    let mut out = format!("<ol class=\"strip\" aria-label=\"Steps of {}\">\n", escaped(part.title));
    for step in 1..=part.steps {
        let here = |place: &super::Place| place.step == Some(step);
        let cases: Vec<&CaseReport> =
            places.iter().filter(|(place, _)| here(place)).flat_map(|(_, cases)| cases).copied().collect();
        let (class, is_alarm) = colour(&cases, report.fail_on);
        let found: Vec<String> = counts(&cases)
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        let found = if found.is_empty() { "no case tests this step".into() } else { found.join(", ") };
        let title = kind.step_title(number, step).unwrap_or_default();
        let label = escaped(&format!("Step {step}, {title}: {found}"));
        let shown = format!("<span aria-hidden=\"true\">{step}</span><span class=\"unseen\">{label}</span>");
        let shown = match places.keys().find(|place| here(place)).filter(|_| is_alarm) {
            Some(place) => format!("<a href=\"#{}\">{shown}</a>", place.anchor()),
            None => shown,
        };
        out.push_str(&format!("<li class=\"{class}\" title=\"{label}\">{shown}</li>\n"));
    }
    out.push_str("</ol>\n");
    out
}

/// The CSS class of the worst case, and whether that is an alarm.
fn colour(cases: &[&CaseReport], fail_on: FailOn) -> (&'static str, bool) {
    let worst = cases
        .iter()
        .map(|case| (case.standing(fail_on), case.verdict))
        .min_by_key(|(standing, _)| rank(*standing));
    match worst {
        None => ("none", false),
        Some((Standing::Alarm, Verdict::Error)) => ("error", true),
        Some((Standing::Alarm, _)) => ("fail", true),
        Some((Standing::Known | Standing::Uncounted, _)) => ("weak", false),
        Some((Standing::Passed, _)) => ("pass", false),
        Some((Standing::Skipped, _)) => ("skip", false),
    }
}

/// From bad to good.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Alarm => 0,
        Standing::Uncounted => 1,
        Standing::Known => 2,
        Standing::Passed => 3,
        Standing::Skipped => 4,
    }
}
