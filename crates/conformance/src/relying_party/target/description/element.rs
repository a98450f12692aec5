//! An element of an HTML page, as a description names it: `input[name=token]`, `form[id=login]@action`.

use std::fmt;

/// An element: the first with this tag and these attributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Element {
    tag: String,
    attributes: Vec<(String, String)>,
    /// The attribute whose value is wanted. Default: the one that says most with this tag.
    wanted: Option<String>,
}

impl Element {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let malformed = || {
            format!(
                "found \"html:{text}\", expected html:TAG, html:TAG[NAME=VALUE] or html:TAG[NAME=VALUE]@ATTRIBUTE"
            )
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        };
        // An @ within the brackets belongs to a value.
        let (front, wanted) = match text.rsplit_once('@').filter(|(_, after)| !after.contains(']')) {
            Some((front, attribute)) if is_name(attribute) => (front, Some(attribute.to_ascii_lowercase())),
            Some(_) => return Err(malformed()),
            None => (text, None),
        };
        let (tag, mut rest) = front.split_at(front.find('[').unwrap_or(front.len()));
        let mut attributes = Vec::new();
        while !rest.is_empty() {
            let (inside, after) =
                rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(malformed)?;
            let (name, value) = inside.split_once('=').ok_or_else(malformed)?;
            if !is_name(name) {
                return Err(malformed());
            }
            attributes.push((name.to_ascii_lowercase(), value.trim_matches(['"', '\'']).to_owned()));
            rest = after;
        }
        if !is_name(tag) {
            return Err(malformed());
        }
        Ok(Self { tag: tag.to_ascii_lowercase(), attributes, wanted })
    }

    /// What is wanted of the first such element of a page that has it.
    pub(crate) fn find(&self, page: &str) -> Option<String> {
        let usual = match self.tag.as_str() {
            "input" => Some("value"),
            "meta" => Some("content"),
            "form" => Some("action"),
            _ => None,
        };
        let wanted = self.wanted.as_deref().or(usual);
        Tags(page).filter(|tag| self.is(tag)).find_map(|tag| match wanted {
            Some(wanted) => tag.attribute(wanted).map(unescaped),
            None => Some(text_until_end(&self.tag, tag.rest)),
        })
    }

    fn is(&self, tag: &Tag<'_>) -> bool {
        tag.name.eq_ignore_ascii_case(&self.tag)
            && self
                .attributes
                .iter()
                .all(|(name, value)| tag.attribute(name).is_some_and(|found| unescaped(found) == *value))
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag)?;
        for (name, value) in &self.attributes {
            write!(f, "[{name}={value}]")?;
        }
        match &self.wanted {
            Some(wanted) => write!(f, "@{wanted}"),
            None => Ok(()),
        }
    }
}

/// A tag that begins an element.
struct Tag<'p> {
    name: &'p str,
    attributes: Vec<(&'p str, &'p str)>,
    /// The page after the tag.
    rest: &'p str,
}

impl<'p> Tag<'p> {
    fn attribute(&self, name: &str) -> Option<&'p str> {
        self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// The tags that begin elements, from here to the page's end. Comments and scripts have none.
struct Tags<'p>(&'p str);

impl<'p> Iterator for Tags<'p> {
    type Item = Tag<'p>;

    fn next(&mut self) -> Option<Tag<'p>> {
        loop {
            let (_, rest) = self.0.split_once('<')?;
            if let Some(comment) = rest.strip_prefix("!--") {
                self.0 = comment.split_once("-->")?.1;
            } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let tag = tag(rest);
                self.0 = match ["script", "style"].iter().find(|raw| tag.name.eq_ignore_ascii_case(raw)) {
                    Some(raw) => tag.rest.get(end_of(raw, tag.rest)..).unwrap_or_default(),
                    None => tag.rest,
                };
                return Some(tag);
            } else {
                self.0 = rest;
            }
        }
    }
}

/// Reads a tag, after its angle bracket. One that does not end goes to the end of the page.
fn tag(text: &str) -> Tag<'_> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/');
    let (name, mut rest) = text.split_at(text.find(is_end).unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        match rest.strip_prefix('>') {
            Some(after) => return Tag { name, attributes, rest: after },
            None if rest.is_empty() => return Tag { name, attributes, rest },
            None => {}
        }
        // An equals sign where a name begins belongs to the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest.get(first..).and_then(|tail| tail.find(|c: char| is_end(c) || c == '='));
        let (attribute, after) = rest.split_at(end.map_or(rest.len(), |end| first + end));
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        attributes.push((attribute, value));
        rest = after;
    }
}

/// An attribute's value, and what comes after it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len()))
}

/// Where the element with this tag ends.
fn end_of(tag: &str, rest: &str) -> usize {
    let is_end = |at: usize| {
        let name = rest.get(at + "</".len()..).and_then(|after| after.get(..tag.len()));
        name.is_some_and(|name| name.eq_ignore_ascii_case(tag))
    };
    rest.match_indices("</").map(|(at, _)| at).find(|at| is_end(*at)).unwrap_or(rest.len())
}

/// An element's text, without the tags in it. That of a script is as it stands.
fn text_until_end(tag: &str, rest: &str) -> String {
    let inner = rest.get(..end_of(tag, rest)).unwrap_or_default();
    if matches!(tag, "script" | "style") {
        return inner.trim().to_owned();
    }
    let mut parts = inner.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    text.extend(parts.filter_map(|part| part.split_once('>')).map(|(_, after)| after));
    unescaped(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text with its character references replaced: those that pages need to write any text.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let character = part.split_once(';').and_then(|(name, rest)| Some((referred(name)?, rest)));
        match character {
            Some((character, rest)) => {
                plain.push(character);
                plain.push_str(rest);
            }
            None => {
                plain.push('&');
                plain.push_str(part);
            }
        }
    }
    plain
}

fn referred(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        "nbsp" => return Some(' '),
        _ => name.strip_prefix('#')?,
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests;
