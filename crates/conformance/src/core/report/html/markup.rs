//! Text as HTML.

use crate::core::report::text::lines;

/// As text or in double quotes; nothing in it is markup, or a character that HTML does not have.
pub(super) fn escaped(text: &str) -> String {
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

/// What an id, and a link to it, may look like.
pub(super) fn anchor(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let plain: String = id.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    format!("case/{plain}")
}

/// Something that can be opened, or is open.
pub(super) fn fold(class: &str, is_open: bool, title: &str, markup: &str) -> String {
    let open = if is_open { " open" } else { "" };
    format!("<details class=\"{class}\"{open}>\n<summary>{}</summary>\n{markup}</details>\n", escaped(title))
}

/// Text in lines, with a name.
pub(super) fn block(name: &str, text: &str) -> String {
    format!("<p class=\"name\">{}</p>\n{}", escaped(name), pre(text))
}

pub(super) fn pre(text: &str) -> String {
    // An HTML parser drops the first end of a line.
    format!("<pre>\n{}</pre>\n", escaped(text))
}
