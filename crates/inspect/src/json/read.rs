//! The reader.

use std::borrow::Cow;
use std::ops::Range;

use super::{Json, Kind, Member, Reading};
use crate::cbor::Stop;
use crate::text::count;

/// Deeper nesting is gone over, and not kept.
const MAX_DEPTH: usize = 64;
/// More values are not read.
const MAX_VALUES: usize = 50_000;

/// Reads a text of one value.
#[must_use]
pub fn read(text: &str) -> Reading<'_> {
    let mut reader = Reader { text, at: 0, values: 0, stop: None };
    let value = reader.value(0);
    reader.skip_white_space();
    if reader.stop.is_none() && reader.at < text.len() {
        let at = reader.at;
        let more = count(text.len() - at, "byte", "bytes");
        reader.stop_at::<()>(at, format!("{more} more after the value"));
    }
    Reading { value, stop: reader.stop }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    values: usize,
    stop: Option<Stop>,
}

impl<'a> Reader<'a> {
    fn stop_at<T>(&mut self, offset: usize, why: impl Into<String>) -> Option<T> {
        self.stop.get_or_insert(Stop { offset, why: why.into() });
        None
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The byte that comes next. All that has a meaning in JSON is one byte.
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes over the bytes that come next and are such.
    fn skip_while(&mut self, is_such: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_such(*byte)).unwrap_or(rest.len());
    }

    /// Goes over what stands for itself in a string.
    fn skip_plain(&mut self) {
        let is_plain = |byte: u8| (byte != b'"') & (byte != b'\\') & (byte >= b' ');
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        // Without a branch for each byte, so that one instruction looks at many.
        let (chunks, _) = rest.as_chunks::<32>();
        let plain = |chunk: &&[u8; 32]| chunk.map(is_plain) == [true; 32];
        self.at += 32 * chunks.iter().take_while(plain).count();
        self.skip_while(is_plain);
    }

    fn skip_white_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    /// Takes an ASCII character if it comes next.
    fn take(&mut self, wanted: u8) -> bool {
        let next = self.peek() == Some(wanted);
        self.at += usize::from(next);
        next
    }

    /// Stops at what stands here, where something else should be.
    fn expected<T>(&mut self, wanted: &str) -> Option<T> {
        let next = self.rest().chars().next();
        let found = next.map_or_else(|| "the end".to_owned(), |found| format!("{found:?}"));
        self.stop_at(self.at, format!("{found}, where {wanted} should be"))
    }

    /// Counts a value that begins here.
    fn begin(&mut self) -> Option<usize> {
        self.skip_white_space();
        self.values += 1;
        match self.values > MAX_VALUES {
            true => self.stop_at(self.at, format!("more than {MAX_VALUES} values")),
            false => Some(self.at),
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        let start = self.begin()?;
        let kind = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                self.skip()?;
                Kind::Deep
            }
            Some(b'{') => Kind::Object(self.object(depth)),
            Some(b'[') => Kind::Array(self.array(depth)),
            _ => self.scalar()?,
        };
        Some(Json { kind, range: start..self.at })
    }

    fn scalar(&mut self) -> Option<Kind<'a>> {
        match self.peek() {
            Some(b'"') => Some(Kind::String(self.string())),
            Some(b'-' | b'0'..=b'9') => Some(Kind::Number(self.number()?)),
            _ => {
                let words = [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))];
                let found = words.into_iter().find(|(word, _)| self.rest().starts_with(word));
                let Some((word, kind)) = found else { return self.expected("a value") };
                self.at += word.len();
                Some(kind)
            }
        }
    }

    /// Goes over a value of any depth and keeps nothing of it.
    fn skip(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    self.at += 1;
                    self.skip_white_space();
                    let close = if bracket == b'{' { b'}' } else { b']' };
                    if !self.take(close) {
                        open.push(close);
                        if close == b'}' {
                            self.name()?;
                        }
                        self.begin()?;
                        continue;
                    }
                }
                _ => drop(self.scalar()?),
            }
            // Behind a value: what closes, or a comma and another value.
            loop {
                if self.stop.is_some() {
                    return None;
                }
                let Some(close) = open.last().copied() else { return Some(()) };
                self.skip_white_space();
                if self.take(close) {
                    open.pop();
                } else if self.take(b',') {
                    if close == b'}' {
                        self.name()?;
                    }
                    self.begin()?;
                    break;
                } else {
                    return self.expected("a comma or the end");
                }
            }
        }
    }

    /// The name of a member and its place; takes the colon too.
    fn name(&mut self) -> Option<(Cow<'a, str>, Range<usize>)> {
        self.skip_white_space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.expected("the name of a member");
        }
        let name = self.string();
        let key = start..self.at;
        self.skip_white_space();
        match self.stop.is_none() && self.take(b':') {
            true => Some((name, key)),
            false => self.expected("a colon"),
        }
    }

    fn object(&mut self, depth: usize) -> Vec<Member<'a>> {
        let mut members = Vec::new();
        self.at += 1;
        self.skip_white_space();
        if self.take(b'}') {
            return members;
        }
        while let Some((name, key)) = self.name() {
            let Some(value) = self.value(depth + 1) else { break };
            members.push(Member { name, key, value });
            if !self.goes_on(b'}', "a comma or the end of the object") {
                break;
            }
        }
        members
    }

    fn array(&mut self, depth: usize) -> Vec<Json<'a>> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_white_space();
        if self.take(b']') {
            return items;
        }
        while let Some(item) = self.value(depth + 1) {
            items.push(item);
            if !self.goes_on(b']', "a comma or the end of the array") {
                break;
            }
        }
        items
    }

    /// Whether a comma follows; takes it, or what closes.
    fn goes_on(&mut self, close: u8, wanted: &str) -> bool {
        if self.stop.is_some() {
            return false;
        }
        self.skip_white_space();
        let more = self.take(b',');
        if !more && !self.take(close) {
            self.expected::<()>(wanted);
        }
        more
    }

    /// A string, or as much of it as there is.
    fn string(&mut self) -> Cow<'a, str> {
        self.at += 1;
        let start = self.at;
        let mut text: Option<String> = None;
        loop {
            let from = self.at;
            self.skip_plain();
            let end = self.at;
            if let Some(text) = &mut text {
                text.push_str(self.text.get(from..end).unwrap_or_default());
            }
            let done = |text: Option<String>, whole: &'a str| {
                text.map_or_else(|| Cow::Borrowed(whole.get(start..end).unwrap_or_default()), Cow::Owned)
            };
            if self.take(b'"') {
                return done(text, self.text);
            }
            if self.peek() != Some(b'\\') {
                self.expected::<()>("the end of the string");
                return done(text, self.text);
            }
            match self.escape() {
                Some(character) => {
                    let before = self.text.get(start..end).unwrap_or_default();
                    text.get_or_insert_with(|| before.to_owned()).push(character);
                }
                None => return done(text, self.text),
            }
        }
    }

    /// The character that an escape stands for.
    fn escape(&mut self) -> Option<char> {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.rest().chars().next() else { return self.expected("what is escaped") };
        self.at += letter.len_utf8();
        Some(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let Some(unit) = self.code_unit() else {
                    return self.stop_at(start, "an escape without four hex digits");
                };
                let high = (0xd800..0xdc00).contains(&unit);
                if high && self.rest().starts_with("\\u") {
                    let before = self.at;
                    self.at += 2;
                    if let Some(low @ 0xdc00..0xe000) = self.code_unit() {
                        let scalar = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        return Some(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = before;
                }
                char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return self.stop_at(start, format!("an escape of {letter:?}")),
        })
    }

    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let from = reader.at;
            reader.skip_while(|byte| byte.is_ascii_digit());
            reader.at > from
        };
        self.take(b'-');
        let whole = self.take(b'0') || digits(self);
        let fraction = !self.take(b'.') || digits(self);
        let exponent = if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            digits(self)
        } else {
            true
        };
        match whole && fraction && exponent {
            true => self.text.get(start..self.at),
            false => self.expected("a digit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_is_read_whole() {
        for (text, kind) in [
            ("null", Kind::Null),
            (" true ", Kind::Bool(true)),
            ("-0.5e+999", Kind::Number("-0.5e+999")),
            (r#""a\u00e9\ud83d\ude00\n""#, Kind::String("aé😀\n".into())),
            // Half of a pair.
            (r#""\ud83dx\ude00\ud83d\u0041""#, Kind::String("\u{fffd}x\u{fffd}\u{fffd}A".into())),
            ("[]", Kind::Array(Vec::new())),
            ("{}", Kind::Object(Vec::new())),
        ] {
            let reading = read(text);
            assert_eq!(reading.stop, None, "{text}");
            assert_eq!(reading.value.unwrap().kind, kind, "{text}");
        }
    }

    #[test]
    fn members_have_their_places_and_none_is_lost() {
        let text = r#"{"a": 1, "a":[2 ,"x"]}"#;
        let json = read(text).whole().unwrap();
        let places: Vec<(&str, &str)> =
            json.members().iter().map(|m| (&text[m.key.clone()], &text[m.value.range.clone()])).collect();
        assert_eq!(places, [("\"a\"", "1"), ("\"a\"", "[2 ,\"x\"]")]);
        assert_eq!(json.member("a").unwrap().kind, Kind::Number("1"));
    }

    #[test]
    fn what_is_cut_keeps_the_members_that_are_whole() {
        let reading = read(r#"{"a": {"b": true, "c": "xy"#);
        assert_eq!(reading.stop.as_ref().unwrap().offset, 26);
        let json = reading.value.unwrap();
        let inner = json.member("a").unwrap();
        assert_eq!(inner.member("b").unwrap().kind, Kind::Bool(true));
        assert_eq!(inner.member("c").unwrap().as_str(), Some("xy"));
    }

    #[test]
    fn what_is_no_json_stops_where_it_ceases_to_be() {
        for (text, offset) in [
            ("", 0),
            ("nul", 0),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("{a:1}", 1),
            ("{\"a\" 1}", 5),
            ("{\"a\":1,}", 7),
            ("01", 1),
            ("1.", 2),
            ("-", 1),
            ("1e", 2),
            ("\"a\nb\"", 2),
            ("\"\\x\"", 1),
            ("\"\\u12\"", 1),
            ("\"\\u+123\"", 1),
            ("1 1", 2),
        ] {
            assert_eq!(read(text).stop.unwrap().offset, offset, "{text}");
        }
    }

    #[test]
    fn depth_and_number_are_limited() {
        let nested = |levels: usize| "{\"a\":[".repeat(levels) + "1" + &"]}".repeat(levels);
        let text = nested(20_000);
        let reading = read(&text);
        assert_eq!(reading.stop, None);
        let mut value = &reading.value.unwrap();
        for _ in 0..MAX_DEPTH / 2 {
            let Kind::Array(items) = &value.member("a").unwrap().kind else { panic!() };
            value = &items[0];
        }
        assert_eq!(value.kind, Kind::Deep);
        assert!(read(&"[".repeat(1_000_000)).stop.unwrap().why.contains("values"));
        assert!(read(&"[".repeat(40_000)).stop.unwrap().why.contains("the end"));
        assert!(read(&format!("[{}0]", "0,".repeat(60_000))).stop.unwrap().why.contains("values"));
        // What is gone over has to be JSON as well.
        let around = |inner: &str| format!("{}{inner}{}", "[".repeat(80), "]".repeat(80));
        for (inner, good) in [
            ("{\"a\":[],\"b\":{}}", true),
            ("{\"a\"}", false),
            ("1 2", false),
            ("{,}", false),
            ("[1,]", false),
            ("}", false),
        ] {
            assert_eq!(read(&around(inner)).stop.is_none(), good, "{inner}");
        }
    }

    /// What `serde_json` reads, this reader reads too, and the other way round but for what `serde_json` cannot hold.
    #[test]
    fn another_reader_takes_the_same_texts() {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            "\"a\"",
            ":",
            ",",
            "1",
            "-",
            "0",
            ".5",
            "e9",
            "null",
            "true",
            " ",
            "\"\\n\"",
            "\"\\u0041\"",
        ];
        let mut random = 0x5eed_u64;
        let mut both = 0;
        for length in (1..9).cycle().take(60_000) {
            let text: String = (0..length)
                .map(|_| {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    pieces[usize::try_from(random >> 32).unwrap() % pieces.len()]
                })
                .collect();
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            if theirs.as_ref().is_err_and(|error| error.to_string().contains("number out of range")) {
                continue;
            }
            let theirs = theirs.is_ok();
            assert_eq!(read(&text).stop.is_none(), theirs, "{text}");
            both += usize::from(theirs);
        }
        assert!(both > 1_000, "{both}");
    }
}
