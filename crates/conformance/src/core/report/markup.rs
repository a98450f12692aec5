//! Text as HTML.

use crate::core::report::text::lines;

/// Escapes text for an element or an attribute in double quotes. Characters that HTML does not allow are replaced.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in lines(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Escapes a sentence of ours; what stands between backticks becomes code.
pub(crate) fn prose(text: &str) -> String {
    let part = |(place, part): (usize, &str)| match place % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    match text.matches('`').count() % 2 {
        0 => text.split('`').enumerate().map(part).collect(),
        _ => escaped(text),
    }
}

/// The beginning of a page that loads nothing from elsewhere, up to its body. `title` is escaped already; `scripts` is what the
/// Content Security Policy says of scripts, if the page has one.
pub(crate) fn head(title: &str, scripts: Option<&str>, style: &str) -> String {
    let scripts = scripts.map(|source| format!("script-src {source}; ")).unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         {scripts}base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
    )
}

/// The HTML id of a case.
pub(crate) fn anchor(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let plain: String = id.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    format!("case/{plain}")
}

/// A `details` element.
pub(crate) fn fold(class: &str, is_open: bool, title: &str, markup: &str) -> String {
    let open = if is_open { " open" } else { "" };
    format!("<details class=\"{class}\"{open}>\n<summary>{}</summary>\n{markup}</details>\n", escaped(title))
}

/// Preformatted text under a name.
pub(crate) fn block(name: &str, text: &str) -> String {
    format!("<p class=\"name\">{}</p>\n{}", escaped(name), pre(text))
}

pub(crate) fn pre(text: &str) -> String {
    // An HTML parser drops a line break right after the tag, so there is one to drop.
    format!("<pre>\n{}</pre>\n", escaped(text))
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(prose("compare `a<b>` and c"), "compare <code>a&lt;b&gt;</code> and c");
        assert_eq!(prose("one ` alone"), "one ` alone");
    }
}
