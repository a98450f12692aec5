//! Writing a JSON object member by member: as a text without a tree, or as a tree without a text.

use std::borrow::Cow;
use std::io::Write as _;

use super::Json;
use super::escape::plain_length;
use crate::encoding::base64url;

/// The text of an object with the members that `members` writes. `capacity`: about how many bytes it will have.
pub(crate) fn write_object(capacity: usize, members: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    let mut out = Vec::with_capacity(capacity);
    braces(&mut out, members);
    String::from_utf8(out).expect("it is made of strings and ASCII")
}

/// The tree of an object with the members that `members` writes.
pub(crate) fn object_tree(members: impl FnOnce(&mut ObjectWriter<'_>)) -> Json<'static> {
    let mut written = Vec::new();
    members(&mut ObjectWriter::Tree(&mut written));
    Json::Object(written)
}

/// The text of an array of strings.
pub(crate) fn texts<'t>(values: impl IntoIterator<Item = &'t str>) -> String {
    let mut out = Vec::new();
    push_texts(&mut out, values);
    String::from_utf8(out).expect("it is made of strings and ASCII")
}

/// An object that is being written. Its members stand in the order in which they are written.
pub(crate) enum ObjectWriter<'o> {
    /// At the end of a text.
    Text {
        out: &'o mut Vec<u8>,
        /// Whether no member was written yet.
        empty: bool,
    },
    /// Into the members of a tree's object.
    Tree(&'o mut Vec<(Cow<'static, str>, Json<'static>)>),
}

impl ObjectWriter<'_> {
    #[inline]
    pub(crate) fn text(&mut self, name: &'static str, value: &str) {
        self.member(name, |out| push_string(out, value), || Json::from(value.to_owned()));
    }

    pub(crate) fn base64url(&mut self, name: &'static str, bytes: &[u8]) {
        let text = |out: &mut Vec<u8>| {
            out.push(b'"');
            base64url::append(out, bytes);
            out.push(b'"');
        };
        self.member(name, text, || base64url::encode(bytes).into());
    }

    pub(crate) fn int(&mut self, name: &'static str, value: i64) {
        self.member(name, |out| write!(out, "{value}").expect("a Vec takes everything"), || value.into());
    }

    pub(crate) fn bool(&mut self, name: &'static str, value: bool) {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.member(name, |out| out.extend_from_slice(text), || value.into());
    }

    /// Any value.
    pub(crate) fn value(&mut self, name: &'static str, value: &Json<'_>) {
        match value {
            Json::String(text) => self.text(name, text),
            other => {
                let text = |out: &mut Vec<u8>| out.extend_from_slice(other.to_string().as_bytes());
                self.member(name, text, || other.clone().into_owned());
            }
        }
    }

    /// An array of strings.
    pub(crate) fn texts<'t>(&mut self, name: &'static str, values: impl IntoIterator<Item = &'t str>) {
        match self {
            Self::Text { out, empty } => {
                push_name(out, empty, name);
                push_texts(out, values);
            }
            Self::Tree(members) => {
                let values = values.into_iter().map(|value| Json::from(value.to_owned()));
                members.push((name.into(), Json::Array(values.collect())));
            }
        }
    }

    /// An object with the members that `members` writes.
    pub(crate) fn object(&mut self, name: &'static str, members: impl FnOnce(&mut ObjectWriter<'_>)) {
        match self {
            Self::Text { out, empty } => {
                push_name(out, empty, name);
                braces(out, members);
            }
            Self::Tree(outer) => outer.push((name.into(), object_tree(members))),
        }
    }

    /// An array of objects, each with the members that `members` writes of its item.
    pub(crate) fn objects<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        mut members: impl FnMut(T, &mut ObjectWriter<'_>),
    ) {
        match self {
            Self::Text { out, empty } => {
                push_name(out, empty, name);
                out.push(b'[');
                for (i, item) in items.into_iter().enumerate() {
                    out.extend_from_slice(if i == 0 { b"" } else { b"," });
                    braces(out, |object| members(item, object));
                }
                out.push(b']');
            }
            Self::Tree(outer) => {
                let items = items.into_iter().map(|item| object_tree(|object| members(item, object)));
                outer.push((name.into(), Json::Array(items.collect())));
            }
        }
    }

    #[inline(always)]
    fn member(
        &mut self,
        name: &'static str,
        text: impl FnOnce(&mut Vec<u8>),
        tree: impl FnOnce() -> Json<'static>,
    ) {
        match self {
            Self::Text { out, empty } => {
                push_name(out, empty, name);
                text(out);
            }
            Self::Tree(members) => members.push((name.into(), tree())),
        }
    }
}

/// Writes an object at the end of a text.
fn braces(out: &mut Vec<u8>, members: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.push(b'{');
    members(&mut ObjectWriter::Text { out, empty: true });
    out.push(b'}');
}

/// The standard and the vendors chose the names so that nothing in them is escaped. Inlined, their lengths are known.
#[inline(always)]
fn push_name(out: &mut Vec<u8>, empty: &mut bool, name: &'static str) {
    out.extend_from_slice(if *empty { b"\"" } else { b",\"" });
    *empty = false;
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn push_texts<'t>(out: &mut Vec<u8>, values: impl IntoIterator<Item = &'t str>) {
    out.push(b'[');
    for (i, value) in values.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        push_string(out, value);
    }
    out.push(b']');
}

/// A string literal (RFC 8259 §7): only what must be escaped is.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    push_escaped(out, text, |byte| match byte {
        b'\n' => Some(b"\\n"),
        b'\r' => Some(b"\\r"),
        b'\t' => Some(b"\\t"),
        _ => None,
    });
}

/// A string literal. `short` gives the two-character escape of those control characters that have one.
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str, short: impl Fn(u8) -> Option<&'static [u8; 2]>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, tail) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = tail.split_first() else { break };
        match (byte, short(byte)) {
            (_, Some(escape)) => out.extend_from_slice(escape),
            (b'"' | b'\\', None) => out.extend_from_slice(&[b'\\', byte]),
            (control, None) => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = tail;
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(object: &mut ObjectWriter<'_>) {
        object.text("a", "é\"\\\n\r\t\u{1f}/\u{7f}");
        object.base64url("b", &[0xfb, 0xff]);
        object.texts("c", ["x", "y"]);
        object.texts("d", []);
        object.object("e", |_| {});
        object.object("f", |inner| inner.int("g", -7));
        object.objects("h", [true, false], |item, object| object.bool("i", item));
        object.value("j", &Json::Null);
    }

    #[test]
    fn members_are_written_as_a_text_or_a_tree() {
        let text = write_object(0, members);
        assert_eq!(
            text,
            r#"{"a":"é\"\\\n\r\t\u001f/","b":"-_8","c":["x","y"],"d":[],"e":{},"f":{"g":-7},"h":[{"i":true},{"i":false}],"j":null}"#
                .replace('/', "/\u{7f}")
        );
        assert_eq!(super::super::parse(&text).unwrap(), object_tree(members));
    }
}
