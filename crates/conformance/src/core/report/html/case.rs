//! A case in the page: in full, if something is wrong; else in a line.

use super::markup::{anchor, block, escaped, fold, pre};
use crate::core::exchange::Exchange;
use crate::core::report::CaseReport;
use crate::core::report::subject::Subject;
use crate::core::report::text::{clip, count, line, seconds};
use crate::core::verdict::Verdict;

/// What a target says is cut here, in characters.
const MOST_FOUND: usize = 2000;
/// The same in lists.
const MOST_IN_LIST: usize = 400;
/// Bodies are cut here.
const MOST_BODY: usize = 20_000;

/// All that is known of it.
pub(super) fn alarm(case: &CaseReport, origin: &str, subject: &dyn Subject) -> String {
    let told = |text: &str| escaped(&line(text, MOST_FOUND));
    let clause = match subject.place(&case.clause).url {
        Some(url) => format!("<a href=\"{}\">{}</a>", escaped(&url), told(&case.clause)),
        None => told(&case.clause),
    };
    let mut out = format!(
        "<article class=\"case {0}\" id=\"{1}\" data-words=\"{2}\">\n<h4>{3} <code>{4}</code></h4>\n\
         <p class=\"about\"><b>{5}</b> · <b>{6}</b> · {clause}",
        colour(case),
        anchor(&case.id),
        words(case),
        verdict(case),
        broken_at_slashes(&told(&case.id)),
        case.level.name(),
        case.severity.name(),
    );
    if let Some(suite) = &case.aligns_with {
        out.push_str(&format!(" · aligns with {}", told(suite)));
    }
    if case.milliseconds > 0 {
        out.push_str(&format!(" · {} s", seconds(case.milliseconds)));
    }
    out.push_str("</p>\n<dl>\n");
    let mut entry = |name: &str, value: &str| {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", told(value)));
    };
    entry("asked", &case.requirement);
    entry("found", case.found());
    if let Some(expected) = case.expected_otherwise() {
        entry("expected", &expected);
    }
    out.push_str("</dl>\n");
    if !case.exchanges.is_empty() {
        let title = format!(
            "What was sent and what came back: {}",
            count(case.exchanges.len(), "request", "requests")
        );
        // The last one decided.
        let last = case.exchanges.len() - 1;
        let exchanges = case.exchanges.iter().enumerate();
        let exchanges: String = exchanges
            .map(|(number, exchange)| exchange_of(exchange, origin, number == last, subject))
            .collect();
        out.push_str(&fold("wire", false, &title, &exchanges));
        out.push_str(&commands(case, origin, subject));
    }
    out.push_str("</article>\n");
    out
}

fn exchange_of(exchange: &Exchange, origin: &str, is_open: bool, subject: &dyn Subject) -> String {
    let mut title = exchange.action.clone();
    if let Some(status) = exchange.status {
        title.push_str(&format!(" → {status}"));
    }
    let mut out = String::new();
    if !exchange.url.is_empty() {
        let mut head = format!("{} {}", exchange.method, exchange.url);
        for (name, value) in &exchange.headers {
            head.push_str(&format!("\n{name}: {value}"));
        }
        out.push_str(&block("request", &clip(&head, MOST_BODY)));
    }
    let decoded = subject.decode(&exchange.sent, origin);
    let sent = clip(&exchange.sent, MOST_BODY);
    for part in &decoded {
        out.push_str(&block(&format!("sent, decoded: {}", part.name), &clip(&part.text, MOST_BODY)));
    }
    match (sent.is_empty(), decoded.is_empty()) {
        (true, _) => {}
        (false, true) => out.push_str(&block("sent", &sent)),
        // Base64url is long, and nobody reads it.
        (false, false) => out.push_str(&fold("raw", false, "sent, as it was", &pre(&sent))),
    }
    let received = if exchange.received.is_empty() { "nothing" } else { &exchange.received };
    out.push_str(&block("came back", &clip(received, MOST_BODY)));
    fold("exchange", is_open, &line(&title, 200), &out)
}

fn commands(case: &CaseReport, origin: &str, subject: &dyn Subject) -> String {
    let Some(replay) = subject.replay(case, origin) else {
        return "<p class=\"note\">The target is in the process of the harness: there is no URL to send the requests to again.</p>\n".into();
    };
    let mut out = String::new();
    if let Some(anew) = &replay.anew {
        out.push_str(&block("the same change, in a fresh reply", anew));
    }
    out.push_str(&block("every request as it was sent", &replay.as_sent));
    out.push_str(
        "<p class=\"note\">A challenge is good once: a reply that was sent already is refused for its challenge. To \
         play a ceremony again, begin it again, in the same session (<code>jar</code> keeps the cookies). What stands as \
         <code>{{…}}</code> or <code>…</code> in a header was left out of the report, as it may be a secret; what an address \
         took from an earlier answer has to be taken from the new one.</p>\n",
    );
    fold("replay", false, "Replay with curl", &out)
}

/// A case in a line, and what was found.
pub(super) fn short(case: &CaseReport, found: Option<&str>) -> String {
    let told = |text: &str| escaped(&line(text, MOST_IN_LIST));
    let found = found.map(|found| format!("<br>{} {}: {}", verdict(case), case.why_uncounted(), told(found)));
    format!(
        "<li data-words=\"{}\"><code>{}</code> {}{}</li>\n",
        words(case),
        broken_at_slashes(&told(&case.id)),
        told(&case.requirement),
        found.unwrap_or_default()
    )
}

pub(super) fn verdict(case: &CaseReport) -> String {
    format!("<span class=\"verdict {}\">{}</span>", colour(case), case.verdict)
}

/// A pass that was not expected is no good sign.
fn colour(case: &CaseReport) -> Verdict {
    match (case.verdict, case.expected_otherwise()) {
        (Verdict::Pass | Verdict::Skip, Some(_)) => Verdict::Fail,
        (verdict, _) => verdict,
    }
}

/// What a reader may look for.
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

/// Where a narrow page may break an id.
fn broken_at_slashes(escaped_id: &str) -> String {
    escaped_id.replace('/', "/<wbr>")
}
