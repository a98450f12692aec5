use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Write as _};

use super::document::{Document, Entry, Kind, Literal};
use super::{Json, quoted_start};

/// Longer bodies are refused unread: 4 MiB, far above any options a relying party sends.
pub const MAX_BODY_LENGTH: usize = 4 << 20;

/// Arrays and objects may be nested this deep.
pub const MAX_DEPTH: usize = 64;

/// Reads one JSON text.
///
/// # Errors
/// [`JsonError`] with the JSON path: not JSON, a duplicate member, nested deeper than [`MAX_DEPTH`], longer than
/// [`MAX_BODY_LENGTH`].
pub fn parse(text: &str) -> Result<Json<'_>, JsonError> {
    Document::parse(text).map(|document| document.to_json())
}

/// That a text is not longer than [`MAX_BODY_LENGTH`].
pub(super) fn check_length(text: &str) -> Result<(), JsonError> {
    match text.len() > MAX_BODY_LENGTH {
        true => Err(Refusal::of(JsonErrorKind::TooLong).into_error(text)),
        false => Ok(()),
    }
}

/// One pass over the text.
pub(super) struct Parser<'t> {
    text: &'t str,
    /// The offset of the next byte.
    at: usize,
    /// Of arrays and objects that are complete.
    entries: Vec<Entry>,
    /// Of those that are not.
    open: Vec<Entry>,
}

type Parsed<'t, T> = Result<T, Box<Refusal<'t>>>;

/// Why the parser stopped, and the way to there from the inside out.
struct Refusal<'t> {
    kind: JsonErrorKind,
    way: Vec<Segment<'t>>,
}

enum Segment<'t> {
    Member(Cow<'t, str>),
    Item(usize),
}

impl<'t> Parser<'t> {
    /// The entries of a document.
    pub(super) fn read(text: &'t str) -> Result<Vec<Entry>, JsonError> {
        // Most options fit.
        let mut parser = Self { text, at: 0, entries: Vec::with_capacity(32), open: Vec::with_capacity(16) };
        match parser.document() {
            Ok(whole) => parser.entries.push(whole),
            Err(refusal) => return Err(refusal.into_error(text)),
        }
        Ok(parser.entries)
    }

    fn document(&mut self) -> Parsed<'t, Entry> {
        let whole = self.value(Literal::NONE, 0)?;
        match self.next_token() {
            None => Ok(whole),
            Some(_) => Err(Refusal::of(JsonErrorKind::Syntax)),
        }
    }

    /// `depth`: how many arrays and objects are around it.
    // In place: most values are short.
    #[inline(always)]
    fn value(&mut self, name: Literal, depth: usize) -> Parsed<'t, Entry> {
        let (kind, place) = match self.next_token() {
            Some(b'"') => {
                self.at += 1;
                (Kind::String, self.string()?)
            }
            Some(b'{' | b'[') if depth == MAX_DEPTH => return Err(Refusal::of(JsonErrorKind::TooDeep)),
            Some(b'{') => (Kind::Object, self.members(depth + 1)?),
            Some(b'[') => (Kind::Array, self.items(depth + 1)?),
            Some(b'-' | b'0'..=b'9') => (Kind::Number, self.number()?),
            Some(b't') => (Kind::Bool(true), self.word("true")?),
            Some(b'f') => (Kind::Bool(false), self.word("false")?),
            Some(b'n') => (Kind::Null, self.word("null")?),
            _ => return Err(Refusal::of(JsonErrorKind::Syntax)),
        };
        Ok(Entry { kind, name, place })
    }

    #[inline(never)]
    fn members(&mut self, depth: usize) -> Parsed<'t, Literal> {
        self.at += 1;
        let first = self.open.len();
        // Comparing names one by one is fastest for the handful that options have, and quadratic beyond. Escapes are
        // rare, and read once.
        let mut seen: Option<HashSet<Cow<'t, str>>> = None;
        while !self.passes(b'}') {
            let known = self.open.get(first..).unwrap_or_default();
            if !known.is_empty() {
                self.token(b',')?;
            }
            self.token(b'"')?;
            let name = self.string()?;
            let known = self.open.get(first..).unwrap_or_default();
            if seen.is_none() && (known.len() == 32 || name.escaped()) {
                seen = Some(known.iter().map(|member| member.name.string(self.text)).collect());
            }
            let duplicate = match &mut seen {
                Some(seen) => !seen.insert(name.string(self.text)),
                None => known.iter().any(|member| member.name.equals(name, self.text)),
            };
            if duplicate {
                let segment = Segment::Member(name.string(self.text));
                return Err(Refusal::of(JsonErrorKind::DuplicateMember).inside(segment));
            }
            self.token(b':')?;
            match self.value(name, depth) {
                Ok(member) => self.open.push(member),
                Err(refusal) => return Err(refusal.inside(Segment::Member(name.string(self.text)))),
            }
        }
        Ok(self.close(first))
    }

    #[inline(never)]
    fn items(&mut self, depth: usize) -> Parsed<'t, Literal> {
        self.at += 1;
        let first = self.open.len();
        while !self.passes(b']') {
            let index = self.open.len() - first;
            if index > 0 {
                self.token(b',')?;
            }
            match self.value(Literal::NONE, depth) {
                Ok(item) => self.open.push(item),
                Err(refusal) => return Err(refusal.inside(Segment::Item(index))),
            }
        }
        Ok(self.close(first))
    }

    /// Completes an array or an object whose first value is this one of the open ones.
    fn close(&mut self, first: usize) -> Literal {
        let start = self.entries.len();
        self.entries.extend_from_slice(self.open.get(first..).unwrap_or_default());
        self.open.truncate(first);
        Literal::new(start, self.entries.len() - start, false)
    }

    /// What follows a quotation mark.
    fn string(&mut self) -> Parsed<'t, Literal> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = plain_length(rest);
        match rest.get(length) {
            Some(b'"') => Ok(self.passed_string(length, false)),
            _ => self.string_with_escapes(length),
        }
    }

    /// `plain`: how many bytes there are before the first escape.
    #[cold]
    fn string_with_escapes(&mut self, plain: usize) -> Parsed<'t, Literal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = escaped_length(rest.as_bytes(), plain);
        let sound = length.and_then(|length| rest.get(..length)).and_then(unescaped).and(length);
        sound.map(|length| self.passed_string(length, true)).ok_or_else(|| Refusal::of(JsonErrorKind::Syntax))
    }

    fn passed_string(&mut self, length: usize, escaped: bool) -> Literal {
        let literal = Literal::new(self.at, length, escaped);
        self.at += length + 1;
        literal
    }

    fn number(&mut self) -> Parsed<'t, Literal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest
            .bytes()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        let literal = rest.get(..length).unwrap_or_default();
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        // Long ones, fractions and powers, and what looks like a number, are left to the library.
        let short_integer =
            matches!(digits.len(), 1..18) && digits.bytes().all(|digit| digit.is_ascii_digit());
        let sound = match short_integer && (digits == "0" || !digits.starts_with('0')) {
            true => true,
            false => literal.parse::<serde_json::Number>().is_ok(),
        };
        self.passed(length, sound)
    }

    fn word(&mut self, word: &str) -> Parsed<'t, Literal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.passed(word.len(), rest.starts_with(word))
    }

    /// Passes over a literal of this length, if it is sound.
    fn passed(&mut self, length: usize, sound: bool) -> Parsed<'t, Literal> {
        let literal = Literal::new(self.at, length, false);
        self.at += length;
        sound.then_some(literal).ok_or_else(|| Refusal::of(JsonErrorKind::Syntax))
    }

    /// Passes over this byte, which has to come next, and white space in front of it.
    fn token(&mut self, expected: u8) -> Parsed<'t, ()> {
        match self.passes(expected) {
            true => Ok(()),
            false => Err(Refusal::of(JsonErrorKind::Syntax)),
        }
    }

    /// Passes over this byte if it comes next, and over white space in front of it.
    fn passes(&mut self, expected: u8) -> bool {
        let found = self.next_token() == Some(expected);
        self.at += usize::from(found);
        found
    }

    /// The next byte that is no white space.
    fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                other => return Some(*other),
            }
        }
    }
}

/// How many bytes come before the quotation mark that ends a string literal with escapes. `plain`: how many there
/// are before the first of them.
fn escaped_length(bytes: &[u8], plain: usize) -> Option<usize> {
    let mut at = plain;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            // A control character.
            _ => return None,
        }
        at += plain_length(bytes.get(at..)?);
    }
}

/// What a string literal with escapes means (RFC 8259 §7); `None` if one of them is none.
pub(super) fn unescaped(literal: &str) -> Option<String> {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let character;
        (character, rest) = escaped(escape)?;
        out.push(character);
    }
    out.push_str(rest);
    Some(out)
}

/// The character behind a backslash, and what follows it.
fn escaped(escape: &str) -> Option<(char, &str)> {
    let (kind, rest) = escape.split_at_checked(1)?;
    let character = match kind {
        "\"" | "\\" | "/" => kind.chars().next()?,
        "b" => '\u{8}',
        "f" => '\u{c}',
        "n" => '\n',
        "r" => '\r',
        "t" => '\t',
        "u" => {
            let (first, mut rest) = code_unit(rest)?;
            let mut second = None;
            if matches!(first, 0xd800..=0xdbff) {
                let unit;
                (unit, rest) = code_unit(rest.strip_prefix("\\u")?)?;
                second = Some(unit);
            }
            let mut characters = char::decode_utf16(std::iter::once(first).chain(second));
            return match (characters.next(), characters.next()) {
                (Some(Ok(character)), None) => Some((character, rest)),
                // Half of a pair of surrogates is no character.
                _ => None,
            };
        }
        _ => return None,
    };
    Some((character, rest))
}

/// Four hexadecimal digits, and what follows them.
fn code_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    Some((hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())??, rest))
}

/// How many bytes come before the first quotation mark, backslash or control character: what a string literal has
/// as it is.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    // Eight at a time: a byte that is zero, or below a bound, borrows from its highest bit. What borrows from a byte
    // in front of it comes later than that byte, so the first is right.
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |bytes: u64, bound: u64| bytes.wrapping_sub(ONES * bound) & !bytes & (ONES * 0x80);
    let (chunks, rest) = bytes.as_chunks();
    let mut plain = 0;
    for chunk in chunks {
        let bytes = u64::from_le_bytes(*chunk);
        // A quotation mark (0x22) changes places with a space, and so comes next to the control characters.
        let special = below(bytes ^ (ONES * 0x02), 0x21) | below(bytes ^ (ONES * 0x5c), 1);
        if special != 0 {
            return plain + usize::try_from(special.trailing_zeros() / 8).unwrap_or(0);
        }
        plain += 8;
    }
    plain + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' ')).unwrap_or(rest.len())
}

impl<'t> Refusal<'t> {
    fn of(kind: JsonErrorKind) -> Box<Self> {
        Box::new(Self { kind, way: Vec::new() })
    }

    fn inside(mut self: Box<Self>, segment: Segment<'t>) -> Box<Self> {
        self.way.push(segment);
        self
    }

    fn into_error(self: Box<Self>, text: &str) -> JsonError {
        let (found, expected) = match self.kind {
            JsonErrorKind::Syntax => {
                let found = match text.trim() {
                    "" => "an empty text".into(),
                    _ => quoted_start(text.trim_start()),
                };
                // The library tells where it stopped, and why, better than we could.
                let told = serde_json::from_str::<serde_json::Value>(text).err();
                let told = told.map_or_else(|| "RFC 8259".into(), |error| error.to_string());
                let expected = format!("JSON ({told})");
                return JsonError { kind: self.kind, path: "$".into(), found, expected };
            }
            JsonErrorKind::DuplicateMember => ("a second member of this name".into(), "one".into()),
            JsonErrorKind::TooDeep => {
                (format!("more than {MAX_DEPTH} levels of nesting"), format!("at most {MAX_DEPTH} levels"))
            }
            JsonErrorKind::TooLong => (format!("{} bytes", text.len()), "at most 4 MiB".into()),
        };
        JsonError { kind: self.kind, path: self.to_string(), found, expected }
    }
}

/// The JSON path.
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        for segment in self.way.iter().rev().take(8) {
            match segment {
                Segment::Member(name) => write!(f, ".{name}")?,
                Segment::Item(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str(if self.way.len() > 8 { "…" } else { "" })
    }
}

/// Text that is not the JSON we take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// The JSON path.
    pub path: String,
    /// What was found there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// It is no JSON.
    Syntax,
    /// A member stands twice in an object.
    DuplicateMember,
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// It is longer than [`MAX_BODY_LENGTH`].
    TooLong,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.path, self.found, self.expected)
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_prints_what_it_read() {
        let text = r#"{"b":[1,-2,2.5,true,null],"a":{"é\n":"\"\\\u0001"}}"#;
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn a_number_is_the_nearest_double() {
        // The standard library's reader is correctly rounded.
        for text in
            ["4444400000000000000002027779346", "2.2250738585072011e-308", "9007199254740993.0", "-1.2e-310"]
        {
            let Json::Number(number) = parse(text).unwrap() else { panic!("{text} is a number") };
            assert_eq!(number.as_f64(), text.parse().ok(), "{text}");
            let written = number.to_string();
            assert_eq!(parse(&written).unwrap(), Json::Number(number), "{text}");
        }
    }

    #[test]
    fn pretty_print_is_the_same_value() {
        let value = parse(r#"{"b":[1,{}],"a":{"x":[]}}"#).unwrap();
        let pretty = value.to_pretty_string();
        assert_eq!(pretty, "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": {\n    \"x\": []\n  }\n}");
        assert_eq!(parse(&pretty).unwrap(), value);
    }

    #[test]
    fn a_duplicate_member_is_named_with_its_path() {
        let error = parse(r#"{"a":[{"b":1},{"c":1,"b":{"c":2},"c":3}]}"#).unwrap_err();
        assert_eq!(error.to_string(), "$.a[1].c: found a second member of this name, expected one");
        let many: Vec<String> = (0..40).chain([7]).map(|n| format!("\"m{n}\":0")).collect();
        assert_eq!(parse(&format!("{{{}}}", many.join(","))).unwrap_err().path, "$.m7");
    }

    #[test]
    fn nesting_and_length_have_limits() {
        let nested = "[".repeat(1 << 20);
        assert_eq!(parse(&nested).unwrap_err().found, "more than 64 levels of nesting");
        let deep = format!("{}0{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(parse(&deep).is_ok());
        assert_eq!(parse(&" ".repeat(MAX_BODY_LENGTH + 1)).unwrap_err().expected, "at most 4 MiB");
    }

    #[test]
    fn a_string_ends_where_its_first_special_byte_is() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[at] = byte;
                let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain_length(&bytes), if special { at } else { 20 }, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn escapes_are_read() {
        let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000""#;
        assert_eq!(parse(text).unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀\0".into());
        for wrong in [
            r#""\ud83d""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            r#""\u00g0""#,
            r#""\u+041""#,
            r#""\u00é""#,
            "\"\n\"",
            r#""\"#,
        ] {
            assert_eq!(parse(wrong).unwrap_err().kind, JsonErrorKind::Syntax, "{wrong}");
        }
    }

    #[test]
    fn says_what_stands_there_instead_of_json() {
        let error = parse("<html><body>502 Bad Gateway</body></html>").unwrap_err().to_string();
        assert!(error.starts_with("$: found \"<html><body>502 Bad Gateway</body></html"), "{error}");
        assert!(error.contains("expected JSON (expected value at line 1 column 1)"), "{error}");
        assert!(parse("").unwrap_err().found.contains("empty"));
        assert!(parse("{} x").is_err());
    }
}
