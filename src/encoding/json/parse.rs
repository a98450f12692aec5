use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Write as _};

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
    if text.len() > MAX_BODY_LENGTH {
        return Err(Refusal::of(JsonErrorKind::TooLong).into_error(text));
    }
    Parser { text, at: 0 }.document().map_err(|refusal| refusal.into_error(text))
}

/// One pass over the text. Strings without escapes are borrowed from it.
struct Parser<'t> {
    text: &'t str,
    /// The offset of the next byte.
    at: usize,
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
    fn document(&mut self) -> Parsed<'t, Json<'t>> {
        let value = self.value(0)?;
        match self.next_token() {
            None => Ok(value),
            Some(_) => Err(Refusal::of(JsonErrorKind::Syntax)),
        }
    }

    /// `depth`: how many arrays and objects are around it.
    fn value(&mut self, depth: usize) -> Parsed<'t, Json<'t>> {
        match self.next_token() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(Json::String)
            }
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(Refusal::of(JsonErrorKind::TooDeep)),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(Refusal::of(JsonErrorKind::Syntax)),
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<'t, Json<'t>> {
        self.at += 1;
        // Most objects of options fit, so that one allocation is enough.
        let mut members: Vec<(Cow<'t, str>, Json<'t>)> = Vec::with_capacity(8);
        // Comparing names one by one is fastest for the handful that options have, and quadratic beyond.
        let mut seen: Option<HashSet<Cow<'t, str>>> = None;
        if self.passes(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.token(b'"')?;
            let name = self.string()?;
            if members.len() == 32 {
                seen = Some(members.iter().map(|(name, _)| name.clone()).collect());
            }
            let duplicate = match &mut seen {
                Some(seen) => !seen.insert(name.clone()),
                None => members.iter().any(|(known, _)| *known == name),
            };
            if duplicate {
                return Err(Refusal::of(JsonErrorKind::DuplicateMember).inside(Segment::Member(name)));
            }
            self.token(b':')?;
            match self.value(depth) {
                Ok(value) => members.push((name, value)),
                Err(refusal) => return Err(refusal.inside(Segment::Member(name))),
            }
            if self.passes(b'}') {
                return Ok(Json::Object(members));
            }
            self.token(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<'t, Json<'t>> {
        self.at += 1;
        let mut items = Vec::new();
        if self.passes(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            match self.value(depth) {
                Ok(item) => items.push(item),
                Err(refusal) => return Err(refusal.inside(Segment::Item(items.len()))),
            }
            if self.passes(b']') {
                return Ok(Json::Array(items));
            }
            self.token(b',')?;
        }
    }

    /// What follows a quotation mark.
    fn string(&mut self) -> Parsed<'t, Cow<'t, str>> {
        let plain = self.plain();
        if self.byte() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escaped()?);
                }
                // A control character, or the end.
                _ => return Err(Refusal::of(JsonErrorKind::Syntax)),
            }
            text.push_str(self.plain());
        }
    }

    /// Everything up to a quotation mark, a backslash or a control character.
    fn plain(&mut self) -> &'t str {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = plain_length(rest);
        let plain = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        plain
    }

    /// The character behind a backslash (RFC 8259 §7).
    fn escaped(&mut self) -> Parsed<'t, char> {
        let escape = self.byte();
        self.at += 1;
        let syntax = || Refusal::of(JsonErrorKind::Syntax);
        Ok(match escape.ok_or_else(syntax)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut units = vec![self.code_unit().ok_or_else(syntax)?];
                if matches!(units[..], [0xd800..=0xdbff]) {
                    let behind = self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u"));
                    self.at += 2;
                    units.push(behind.then(|| self.code_unit()).flatten().ok_or_else(syntax)?);
                }
                let mut characters = char::decode_utf16(units);
                match (characters.next(), characters.next()) {
                    (Some(Ok(character)), None) => character,
                    // Half of a pair of surrogates is no character.
                    _ => return Err(syntax()),
                }
            }
            _ => return Err(syntax()),
        })
    }

    /// Four hexadecimal digits.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    }

    fn number(&mut self) -> Parsed<'t, Json<'t>> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest
            .bytes()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        self.at += length;
        let literal = rest.get(..length).unwrap_or_default();
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        // Long ones, fractions and powers, and what looks like a number, are left to the library.
        let short = digits.len() < 18 && digits.bytes().all(|digit| digit.is_ascii_digit());
        let number = match short && (digits == "0" || !digits.starts_with('0')) && literal != "-0" {
            true => literal.parse::<i64>().ok().map(serde_json::Number::from),
            false => literal.parse().ok(),
        };
        number.map(Json::Number).ok_or_else(|| Refusal::of(JsonErrorKind::Syntax))
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Parsed<'t, Json<'t>> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(Refusal::of(JsonErrorKind::Syntax));
        }
        self.at += word.len();
        Ok(value)
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
            match self.byte()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                other => return Some(other),
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// How many bytes come before the first quotation mark, backslash or control character: what a string literal has
/// as it is.
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    // Eight at a time: a byte that is zero, or below a bound, borrows from its highest bit. What borrows from a byte
    // in front of it comes later than that byte, so the first is right.
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |bytes: u64, bound: u64| bytes.wrapping_sub(ONES * bound) & !bytes & (ONES * 0x80);
    let (chunks, rest) = bytes.as_chunks();
    let mut plain = 0;
    for chunk in chunks {
        let bytes = u64::from_le_bytes(*chunk);
        let special = below(bytes, 0x20) | below(bytes ^ (ONES * 0x22), 1) | below(bytes ^ (ONES * 0x5c), 1);
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
