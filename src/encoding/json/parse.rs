//! The parser: one pass over a text, which finds where its values stand.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Number;
use super::error::{JsonError, JsonErrorKind, MAX_BODY_LENGTH, MAX_DEPTH, Refusal, Segment};
use super::escape::{escaped_length, plain_length, unescaped};
use super::tape::{Entry, Kind, Literal};

/// The entries of a document.
///
/// # Errors
/// [`JsonError`].
pub(super) fn read(text: &str) -> Result<Vec<Entry>, JsonError> {
    match text.len() > MAX_BODY_LENGTH {
        true => Err(Refusal::of(JsonErrorKind::TooLong).into_error(text)),
        false => read_any_length(text),
    }
}

/// As [`read`], without the limit on the length.
pub(super) fn read_any_length(text: &str) -> Result<Vec<Entry>, JsonError> {
    // Most options fit into these capacities.
    let mut parser = Parser { text, at: 0, entries: Vec::with_capacity(32), open: Vec::with_capacity(16) };
    match parser.document() {
        Ok(whole) => parser.entries.push(whole),
        Err(refusal) => return Err(refusal.into_error(text)),
    }
    Ok(parser.entries)
}

/// One pass over the text.
struct Parser<'t> {
    text: &'t str,
    /// The offset of the next byte.
    at: usize,
    /// The values inside the arrays and objects that are complete.
    entries: Vec<Entry>,
    /// The values so far inside those that are not.
    open: Vec<Entry>,
}

type Parsed<'t, T> = Result<T, Box<Refusal<'t>>>;

impl<'t> Parser<'t> {
    fn document(&mut self) -> Parsed<'t, Entry> {
        let whole = self.value(Literal::NONE, 0)?;
        match self.next_token() {
            None => Ok(whole),
            Some(_) => Err(Refusal::of(JsonErrorKind::Syntax)),
        }
    }

    /// `depth`: how many arrays and objects the value stands in.
    // Inlined, as most values are short.
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
        // Comparing names one by one is fastest for the handful that options have, but quadratic. Names with escapes are
        // rare; from the first on, every name is unescaped once.
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

    /// Completes the array or object whose values are the open ones from `first` on.
    fn close(&mut self, first: usize) -> Literal {
        let start = self.entries.len();
        self.entries.extend_from_slice(self.open.get(first..).unwrap_or_default());
        self.open.truncate(first);
        Literal::new(start, self.entries.len() - start, false)
    }

    /// The string whose opening quotation mark was passed.
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
        // Long integers, fractions, powers and what only looks like a number are left to serde_json.
        let short_integer =
            matches!(digits.len(), 1..18) && digits.bytes().all(|digit| digit.is_ascii_digit());
        let sound = match short_integer && (digits == "0" || !digits.starts_with('0')) {
            true => true,
            false => Number::parse(literal).is_some(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::{Json, parse};

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
