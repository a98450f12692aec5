//! The request that decided a case beside a sound one: the members that differ, with what differs in them marked.

use crate::core::change::{Change, common};
use crate::core::report::CaseReport;
use crate::core::report::markup::{escaped, fold};
use crate::core::report::text::{count, line};

/// How many characters of a value are shown.
const MOST_VALUE: usize = 600;

/// The members that differ; nothing if there is no sound request to compare with.
pub(super) fn section(case: &CaseReport) -> String {
    let Some(contrast) = &case.contrast else { return String::new() };
    let role = case.exchanges.get(contrast.sent).and_then(|exchange| exchange.role);
    let role = role.map(|role| format!(" ({})", role.name())).unwrap_or_default();
    let beside = match contrast.sound {
        Some(place) => format!("request {}, which is sound", place + 1),
        None => "the sound one at the beginning of the run".to_owned(),
    };
    let title = format!("Request {}{role} beside {beside}", contrast.sent + 1);
    let (varying, telling): (Vec<&Change>, Vec<&Change>) =
        contrast.changes.iter().partition(|change| change.varies);
    let mut out = format!("<div class=\"contrast\">\n<p class=\"name\">{}</p>\n", escaped(&title));
    match telling.is_empty() {
        false => out.push_str(&table(&telling)),
        true => out.push_str(&format!("<p>{}</p>\n", escaped(&contrast.sentence()))),
    }
    if !varying.is_empty() {
        let number = count(varying.len(), "member that differs", "members that differ");
        out.push_str(&fold("varying", false, &format!("{number} in any two requests"), &table(&varying)));
    }
    out.push_str("</div>\n");
    out
}

fn table(changes: &[&Change]) -> String {
    let rows: String = changes.iter().map(|change| row(change)).collect();
    format!(
        "<table class=\"changes\">\n<thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Sound</th>\
         <th scope=\"col\">Sent</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn row(change: &Change) -> String {
    let (start, end) = match (&change.sound, &change.sent) {
        (Some(sound), Some(sent)) => common(sound, sent),
        _ => (0, 0),
    };
    let cell = |label: &str, value: &Option<String>| {
        let value = match value {
            Some(value) => format!("<code>{}</code>", marked(value, start, end)),
            None => "<mark>nothing</mark>".to_owned(),
        };
        format!("<td data-label=\"{label}\">{value}</td>")
    };
    // A line may break after each name of the path.
    let member = escaped(&line(&change.member, MOST_VALUE)).replace('.', ".<wbr>");
    format!(
        "<tr><th scope=\"row\"><code>{member}</code></th>{}{}</tr>\n",
        cell("sound", &change.sound),
        cell("sent", &change.sent)
    )
}

/// A value whose middle is marked: what is left without so many characters at its beginning and end.
fn marked(value: &str, start: usize, end: usize) -> String {
    let characters: Vec<char> = value.chars().collect();
    let stop = characters.len().saturating_sub(end).max(start);
    let part = |from: usize, to: usize| {
        let part: String = characters.get(from..to).unwrap_or_default().iter().collect();
        escaped(&part)
    };
    let middle = part(start, stop);
    let middle = if middle.is_empty() { middle } else { format!("<mark>{middle}</mark>") };
    format!("{}{middle}{}", part(0, start), part(stop, characters.len()))
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn what_differs_is_marked_and_escaped() {
        assert_eq!(marked("https://a.example", 8, 8), "https://<mark>a</mark>.example");
        assert_eq!(marked("a<b>c", 1, 1), "a<mark>&lt;b&gt;</mark>c");
        assert_eq!(marked("abc", 3, 0), "abc");
        assert_eq!(marked("äöü", 0, 0), "<mark>äöü</mark>");
    }
}
