//! What an answer over HTTP means: whether it is an acceptance, and what is to be kept of it.

use std::cell::OnceCell;

use serde_json::Value;

use super::send::Incoming;
use crate::relying_party::target::Answer;
use crate::relying_party::target::description::{Call, Part};

/// An answer, and the request that it answers.
pub(super) struct Judged<'a> {
    call: &'a Call,
    url: &'a str,
    answer: &'a Incoming,
    /// Read when somebody asks for it: most answers are taken by their status alone.
    json: OnceCell<Option<Value>>,
}

impl<'a> Judged<'a> {
    pub(super) fn new(call: &'a Call, url: &'a str, answer: &'a Incoming) -> Self {
        Self { call, url, answer, json: OnceCell::new() }
    }

    fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_str(&self.answer.body).ok()).as_ref()
    }

    /// Whether it is an acceptance, and what it is if not.
    pub(super) fn verdict(&self) -> Result<(), Answer> {
        let (call, status) = (self.call, self.answer.status);
        let is_accepted = match call.accepted.statuses() {
            [] => (200..300).contains(&status),
            statuses => statuses.contains(&status),
        };
        if !is_accepted {
            let is_refusal = status < 500
                || (call.refused.statuses().contains(&status)
                    && call.refused.unmet(|part| self.value(part)).is_none());
            return Err(match is_refusal {
                true => Answer::Refused(self.reason(None)),
                false => Answer::Crashed(self.reason(None)),
            });
        }
        match call.accepted.unmet(|part| self.value(part)) {
            None => Ok(()),
            // Text that is no JSON is no answer of such a server, unless it sent the browser to another page to say no.
            Some(_)
                if call.accepted.is_about_json() && self.json().is_none() && !self.answer.is_redirected =>
            {
                Err(Answer::Crashed(format!("no JSON: {}", self.reason(None))))
            }
            Some(unmet) => Err(Answer::Refused(self.reason(Some(&unmet)))),
        }
    }

    /// Whether a request with this answer is to be repeated.
    pub(super) fn is_pending(&self) -> bool {
        let pending = &self.call.pending;
        !pending.is_empty()
            && (pending.statuses().is_empty() || pending.statuses().contains(&self.answer.status))
            && pending.unmet(|part| self.value(part)).is_none()
    }

    /// The value of a part of the answer. A cookie is one that the answer sets, and not one that the session has.
    pub(super) fn value(&self, part: &Part) -> Option<Value> {
        let answer = self.answer;
        match part {
            Part::Status => Some(answer.status.into()),
            Part::Json(pointer) => self.json()?.pointer(pointer).cloned(),
            Part::Header(name) => {
                let header = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                header.map(|(_, value)| value.as_str().into())
            }
            Part::Cookie(name) => {
                let cookie = answer.cookies.iter().rev().find(|(known, _)| known == name);
                cookie.filter(|(_, value)| !value.is_empty()).map(|(_, value)| value.as_str().into())
            }
            Part::Html(element) => element.find(&answer.body).map(Value::from),
            Part::Text(text) => text.find(&answer.body).map(Value::from),
        }
    }

    /// Why the answer is what it is: the server's reason; without one, the answer itself, and what it lacks.
    pub(super) fn reason(&self, lack: Option<&str>) -> String {
        let status = self.answer.status;
        let usual = ["/errorMessage", "/error", "/message", "/detail"];
        let usual = usual.into_iter().filter_map(|pointer| self.json()?.pointer(pointer).cloned());
        let named = self.call.reason.iter().filter_map(|part| self.value(part));
        let mut texts = named.chain(usual).filter_map(|value| value.as_str().map(str::to_owned));
        match texts.find(|text| !text.is_empty()) {
            Some(text) => format!("{status} {text}"),
            None => {
                let lack = lack.map(|lack| format!(" ({lack})")).unwrap_or_default();
                format!("{status} from {}: {}{lack}", self.url, shown(&self.answer.body))
            }
        }
    }
}

/// A body in a line. An error page says little beside its title.
fn shown(body: &str) -> String {
    let start: String = body.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    if !start.starts_with("<!doctype html") && !start.starts_with("<html") {
        return body.chars().take(200).collect();
    }
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title>").map(|at| at + "<title>".len()).and_then(|begin| {
        let end = lower.get(begin..)?.find("</title>")?;
        body.get(begin..begin + end)
    });
    match title.map(str::trim).filter(|title| !title.is_empty()) {
        Some(title) => format!("an HTML page, {:?}", title.chars().take(80).collect::<String>()),
        None => "an HTML page".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn of_an_error_page_the_title_is_shown() {
        let page = "<!doctype html>\n<html><head><title> Not Found </title></head>\n<body>…</body></html>";
        assert_eq!(shown(page), "an HTML page, \"Not Found\"");
        assert_eq!(shown("<html>\n<p>x"), "an HTML page");
        assert_eq!(shown("no such user"), "no such user");
    }
}
