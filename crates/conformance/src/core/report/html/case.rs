//! A case in the page: in full if something is wrong, else in one line.

use super::contrast;
use crate::core::exchange::{Exchange, Role};
use crate::core::report::CaseReport;
use crate::core::report::markup::{anchor, block, escaped, fold, pre};
use crate::core::report::target_kind::TargetKind;
use crate::core::report::text::{clip, count, line, seconds};
use crate::core::verdict::Verdict;

/// How many characters of the target's words are shown.
const MOST_FOUND: usize = 2000;
/// How many of them are shown in a list.
const MOST_IN_LIST: usize = 400;
/// How many characters of a body are shown.
const MOST_BODY: usize = 20_000;

/// A case in full: requirement, finding, requests and answers.
pub(super) fn alarm(case: &CaseReport, origin: &str, kind: &dyn TargetKind) -> String {
    let shown = |text: &str| escaped(&line(text, MOST_FOUND));
    let clause = match kind.place(&case.clause).url {
        Some(url) => format!("<a href=\"{}\">{}</a>", escaped(&url), shown(&case.clause)),
        None => shown(&case.clause),
    };
    let mut out = format!(
        "<article class=\"case {0}\" id=\"{1}\" data-words=\"{2}\">\n<h4>{3} <code>{4}</code></h4>\n\
         <p class=\"about\"><b>{5}</b> · <b>{6}</b> · {clause}",
        colour(case),
        anchor(&case.id),
        words(case),
        verdict(case),
        broken_at_slashes(&shown(&case.id)),
        case.level.name(),
        case.severity.name(),
    );
    if let Some(suite) = &case.aligns_with {
        out.push_str(&format!(" · aligns with {}", shown(suite)));
    }
    if case.milliseconds > 0 {
        out.push_str(&format!(" · {} s", seconds(case.milliseconds)));
    }
    out.push_str("</p>\n<dl>\n");
    let mut entry = |name: &str, value: &str| {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", shown(value)));
    };
    entry("asked", &case.requirement);
    entry("found", case.found());
    if let Some(expected) = case.expected_otherwise() {
        entry("expected", &expected);
    }
    out.push_str("</dl>\n");
    out.push_str(&contrast::section(case));
    if !case.exchanges.is_empty() {
        out.push_str(&wire(case, origin, kind));
        out.push_str(&commands(case, origin, kind));
    }
    out.push_str("</article>\n");
    out
}

/// Every request with its answer. Open is the one that decided the case.
fn wire(case: &CaseReport, origin: &str, kind: &dyn TargetKind) -> String {
    let deciding = case.deciding().map(|(place, _)| place);
    let exchange = |(place, exchange): (usize, &Exchange)| {
        let title = line(&format!("{}. {}", place + 1, title(exchange)), 200);
        let class = if exchange.role == Some(Role::Attack) { "exchange attack" } else { "exchange" };
        fold(class, deciding == Some(place), &title, &exchange_of(exchange, origin, kind))
    };
    let exchanges: String = case.exchanges.iter().enumerate().map(exchange).collect();
    let number = count(case.exchanges.len(), "request", "requests");
    fold("wire", false, &format!("What was sent and what came back: {number}"), &exchanges)
}

fn title(exchange: &Exchange) -> String {
    let mut title = match exchange.role {
        Some(role) => format!("{}: {}", role.name(), exchange.action),
        None => exchange.action.clone(),
    };
    if let Some(status) = exchange.status {
        title.push_str(&format!(" → {status}"));
    }
    title
}

fn exchange_of(exchange: &Exchange, origin: &str, kind: &dyn TargetKind) -> String {
    let mut out = String::new();
    if !exchange.url.is_empty() {
        let mut head = format!("{} {}", exchange.method, exchange.url);
        for (name, value) in &exchange.headers {
            head.push_str(&format!("\n{name}: {value}"));
        }
        out.push_str(&block("request", &clip(&head, MOST_BODY)));
    }
    let decoded = kind.decode(&exchange.sent, origin);
    let sent = clip(&exchange.sent, MOST_BODY);
    for part in &decoded {
        out.push_str(&block(&format!("sent, decoded: {}", part.name), &clip(&part.text, MOST_BODY)));
    }
    match (sent.is_empty(), decoded.is_empty()) {
        (true, _) => {}
        (false, true) => out.push_str(&block("sent", &sent)),
        // The body itself is long base64url, which nobody reads.
        (false, false) => out.push_str(&fold("raw", false, "sent, as it was", &pre(&sent))),
    }
    let received = if exchange.received.is_empty() { "nothing" } else { &exchange.received };
    out.push_str(&block("came back", &clip(received, MOST_BODY)));
    out
}

fn commands(case: &CaseReport, origin: &str, kind: &dyn TargetKind) -> String {
    let Some(replay) = kind.replay(case, origin) else {
        return "<p class=\"note\">The target runs in the process of the harness, so there is no URL to which the requests could be sent again.</p>\n".into();
    };
    let mut out = String::new();
    if let Some(anew) = &replay.anew {
        out.push_str(&block("the same change in a fresh reply", anew));
    }
    out.push_str(&block("every request as it was sent", &replay.as_sent));
    out.push_str(
        "<p class=\"note\">A challenge can be answered once: a server refuses a reply that was sent before because of its \
         challenge. To play a ceremony again, begin it again, in the same session (<code>jar</code> keeps the cookies). \
         Where a header has <code>{{…}}</code> or <code>…</code>, the report leaves out a value that may be a secret. If a URL \
         contains a value from an earlier answer, take it from the new answer.</p>\n",
    );
    fold("replay", false, "Replay with curl", &out)
}

/// A case in one line, and what was found, if that is given.
pub(super) fn short(case: &CaseReport, found: Option<&str>) -> String {
    let shown = |text: &str| escaped(&line(text, MOST_IN_LIST));
    let found =
        found.map(|found| format!("<br>{} {}: {}", verdict(case), case.why_uncounted(), shown(found)));
    format!(
        "<li data-words=\"{}\"><code>{}</code> {}{}</li>\n",
        words(case),
        broken_at_slashes(&shown(&case.id)),
        shown(&case.requirement),
        found.unwrap_or_default()
    )
}

pub(super) fn verdict(case: &CaseReport) -> String {
    format!("<span class=\"verdict {}\">{}</span>", colour(case), case.verdict)
}

/// The CSS class of the verdict. An unexpected pass is shown like a failure.
fn colour(case: &CaseReport) -> Verdict {
    match (case.verdict, case.expected_otherwise()) {
        (Verdict::Pass | Verdict::Skip, Some(_)) => Verdict::Fail,
        (verdict, _) => verdict,
    }
}

/// The words by which the page's filter finds the case.
pub(super) fn words(case: &CaseReport) -> String {
    let words = format!(
        "{} {} {} {} {} {}",
        case.id,
        case.verdict,
        case.level.name(),
        case.severity.name(),
        case.clause,
        case.requirement
    );
    escaped(&line(&words, MOST_FOUND).to_lowercase())
}

/// Allows a line break after each slash of an id.
fn broken_at_slashes(escaped_id: &str) -> String {
    escaped_id.replace('/', "/<wbr>")
}
