//! Writing JSON text member by member, without a tree.

use std::io::Write as _;

use super::Json;
use super::parse::plain_length;
use crate::encoding::base64url;

/// The text of an object with the members that `members` writes. `capacity`: about how many bytes it will have.
pub(crate) fn write_object(capacity: usize, members: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    let mut out = Vec::with_capacity(capacity);
    ObjectWriter::braces(&mut out, members);
    String::from_utf8(out).expect("it is made of strings and ASCII")
}

/// The text of an array of strings.
pub(crate) fn texts<'t>(values: impl IntoIterator<Item = &'t str>) -> String {
    let mut out = Vec::new();
    push_texts(&mut out, values);
    String::from_utf8(out).expect("it is made of strings and ASCII")
}

/// An object on its way into a text. Members stand in the order in which they are written.
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl ObjectWriter<'_> {
    #[inline]
    pub(crate) fn text(&mut self, name: &'static str, value: &str) {
        self.name(name);
        push_string(self.out, value);
    }

    pub(crate) fn base64url(&mut self, name: &'static str, bytes: &[u8]) {
        self.name(name);
        self.out.push(b'"');
        base64url::append(self.out, bytes);
        self.out.push(b'"');
    }

    pub(crate) fn int(&mut self, name: &'static str, value: i64) {
        self.name(name);
        write!(self.out, "{value}").expect("a Vec takes everything");
    }

    /// Any value.
    pub(crate) fn value(&mut self, name: &'static str, value: &Json<'_>) {
        match value {
            Json::String(text) => self.text(name, text),
            other => {
                self.name(name);
                self.out.extend_from_slice(other.to_string().as_bytes());
            }
        }
    }

    /// An array of strings.
    pub(crate) fn texts<'t>(&mut self, name: &'static str, values: impl IntoIterator<Item = &'t str>) {
        self.name(name);
        push_texts(self.out, values);
    }

    pub(crate) fn object(&mut self, name: &'static str, members: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.name(name);
        ObjectWriter::braces(self.out, members);
    }

    fn braces(out: &mut Vec<u8>, members: impl FnOnce(&mut ObjectWriter<'_>)) {
        out.push(b'{');
        members(&mut ObjectWriter { out, empty: true });
        out.push(b'}');
    }

    /// Names are the standard's and the vendors': nothing in them is escaped. Inlined, their lengths are known.
    #[inline(always)]
    fn name(&mut self, name: &'static str) {
        self.out.extend_from_slice(if self.empty { b"\"" } else { b",\"" });
        self.empty = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
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

/// A string literal. `short`: the escapes of control characters that have one of their own.
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

    #[test]
    fn members_are_written_as_a_tree_would_be() {
        let text = write_object(0, |object| {
            object.text("a", "é\"\\\n\r\t\u{1f}/\u{7f}");
            object.base64url("b", &[0xfb, 0xff]);
            object.texts("c", ["x", "y"]);
            object.texts("d", []);
            object.object("e", |_| {});
            object.object("f", |inner| inner.int("g", -7));
        });
        assert_eq!(
            text,
            r#"{"a":"é\"\\\n\r\t\u001f/","b":"-_8","c":["x","y"],"d":[],"e":{},"f":{"g":-7}}"#
                .replace('/', "/\u{7f}")
        );
        assert_eq!(super::super::parse(&text).unwrap().to_string(), text);
    }
}
