//! A part of an answer, in the words of a description: `/id`, `header:location`, `cookie:token`, `html:input[name=token]`,
//! `text:token = '{}'`, `status`.

use std::fmt;

use serde::Deserialize;

use super::element::Element;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Part {
    /// The status.
    Status,
    /// What a JSON pointer (RFC 6901) leads to.
    Json(String),
    /// The value of the header with this name.
    Header(String),
    /// The value of the cookie with this name.
    Cookie(String),
    /// An element's attribute, or its text.
    Html(Element),
    /// Text of the body.
    Text(Text),
}

/// Text of a body: the words themselves, or what stands between two of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text {
    before: String,
    after: Option<String>,
}

impl TryFrom<String> for Part {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((&text, ""));
        let is_named = !rest.is_empty() && !rest.contains(char::is_whitespace);
        match kind {
            _ if text.is_empty() || text.starts_with('/') => Ok(Self::Json(text)),
            "status" if rest.is_empty() => Ok(Self::Status),
            "header" if is_named => Ok(Self::Header(rest.to_owned())),
            "cookie" if is_named => Ok(Self::Cookie(rest.to_owned())),
            "html" => Element::parse(rest).map(Self::Html),
            "text" if !rest.is_empty() => Ok(Self::Text(match rest.split_once("{}") {
                Some((before, after)) => Text { before: before.to_owned(), after: Some(after.to_owned()) },
                None => Text { before: rest.to_owned(), after: None },
            })),
            _ => Err(format!(
                "found {text:?}, expected a JSON pointer, which begins with a slash, or header:NAME, cookie:NAME, \
                 html:TAG[NAME=VALUE] or text:WORDS"
            )),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("status"),
            Self::Json(pointer) => f.write_str(pointer),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Cookie(name) => write!(f, "cookie:{name}"),
            Self::Html(element) => write!(f, "html:{element}"),
            Self::Text(text) => match &text.after {
                Some(after) => write!(f, "text:{}{{}}{after}", text.before),
                None => write!(f, "text:{}", text.before),
            },
        }
    }
}

impl Part {
    /// Whether there is something to keep of it: words that are known beforehand say no more than that they are there.
    pub(super) fn has_value(&self) -> bool {
        !matches!(self, Self::Status | Self::Text(Text { after: None, .. }))
    }
}

impl Text {
    /// What is found of it in a body.
    pub(crate) fn find<'b>(&'b self, body: &'b str) -> Option<&'b str> {
        let begin = body.find(&self.before)? + self.before.len();
        match self.after.as_deref() {
            None => Some(&self.before),
            // Nothing after the braces: the rest of the line.
            Some("") => body.get(begin..)?.lines().next(),
            Some(after) => body.get(begin..)?.split_once(after).map(|(between, _)| between),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Result<Part, String> {
        Part::try_from(text.to_owned())
    }

    #[test]
    fn a_part_is_shown_as_it_is_written() {
        for text in [
            "status",
            "",
            "/a/b~1c",
            "header:x-csrf",
            "cookie:csrftoken",
            "html:input[name=csrf_token]",
            "html:form[id=f]@action",
            "text:Welcome",
            "text:challenge: '{}'",
        ] {
            assert_eq!(part(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_no_part() {
        for text in ["id", "status:200", "header:", "cookie:a b", "text:", "xpath://a", "Header:x"] {
            let error = part(text).unwrap_err();
            assert!(error.contains(&format!("found {text:?}, expected a JSON pointer")), "{error}");
        }
        assert!(part("html:input[name").unwrap_err().contains("expected"));
    }

    #[test]
    fn text_is_found_between_words() {
        let find = |form: &str, body: &str| match part(form).unwrap() {
            Part::Text(text) => text.find(body).map(str::to_owned),
            other => panic!("{other:?}"),
        };
        let script = "let a = { challenge: 'abc', user: 'x' };\ntoken=1";
        assert_eq!(find("text:challenge: '{}'", script).as_deref(), Some("abc"));
        assert_eq!(find("text:token={}", script).as_deref(), Some("1"));
        assert_eq!(find("text:challenge: '{}\"", script), None);
        assert_eq!(find("text:user", script).as_deref(), Some("user"));
        assert_eq!(find("text:User", script), None);
    }
}
