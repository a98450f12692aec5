use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde_core::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_core::{Deserialize, Deserializer};

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
        let found = format!("{} bytes", text.len());
        let expected = "at most 4 MiB".into();
        return Err(JsonError { kind: JsonErrorKind::TooLong, path: "$".into(), found, expected });
    }
    let path = RefCell::new(Path { segments: Vec::with_capacity(8), refusal: None });
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Node { path: &path }.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        path.borrow_mut().refusal.take().unwrap_or_else(|| {
            let found =
                if text.trim().is_empty() { "an empty text".into() } else { quoted_start(text.trim_start()) };
            let expected = format!("JSON ({error})");
            JsonError { kind: JsonErrorKind::Syntax, path: "$".into(), found, expected }
        })
    })
}

/// Where the parser stands, and why it stopped if the reason is ours.
struct Path<'de> {
    segments: Vec<Segment<'de>>,
    refusal: Option<JsonError>,
}

enum Segment<'de> {
    Member(Cow<'de, str>),
    Item(usize),
}

impl Path<'_> {
    fn refuse<E: serde_core::de::Error>(&mut self, kind: JsonErrorKind, found: String, expected: &str) -> E {
        self.refusal = Some(JsonError { kind, path: self.to_string(), found, expected: expected.into() });
        E::custom("refused")
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        for segment in self.segments.iter().take(8) {
            match segment {
                Segment::Member(name) => write!(f, ".{name}")?,
                Segment::Item(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str(if self.segments.len() > 8 { "…" } else { "" })
    }
}

#[derive(Clone, Copy)]
struct Node<'p, 'de> {
    path: &'p RefCell<Path<'de>>,
}

impl<'de> Node<'_, 'de> {
    fn enter<E: serde_core::de::Error>(self, segment: Segment<'de>) -> Result<(), E> {
        let mut path = self.path.borrow_mut();
        if path.segments.len() == MAX_DEPTH {
            return Err(path.refuse(
                JsonErrorKind::TooDeep,
                format!("more than {MAX_DEPTH} levels of nesting"),
                "at most 64 levels",
            ));
        }
        path.segments.push(segment);
        Ok(())
    }

    fn leave(self) {
        self.path.borrow_mut().segments.pop();
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, 'de> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, 'de> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde_core::de::Error>(self, value: f64) -> Result<Json<'de>, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        loop {
            self.enter(Segment::Item(items.len()))?;
            let item = sequence.next_element_seed(self)?;
            self.leave();
            match item {
                Some(item) => items.push(item),
                None => return Ok(Json::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        // Most objects of options fit, so that one allocation is enough.
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::with_capacity(4);
        // Comparing names one by one is fastest for the handful that options have, and quadratic beyond.
        let mut seen: Option<HashSet<String>> = None;
        while let Some(Name(name)) = map.next_key()? {
            self.enter(Segment::Member(name.clone()))?;
            if members.len() == 32 {
                seen = Some(members.iter().map(|(name, _)| name.clone().into_owned()).collect());
            }
            let duplicate = match &mut seen {
                Some(seen) => !seen.insert(name.clone().into_owned()),
                None => members.iter().any(|(n, _)| *n == name),
            };
            if duplicate {
                return Err(self.path.borrow_mut().refuse(
                    JsonErrorKind::DuplicateMember,
                    "a second member of this name".into(),
                    "one",
                ));
            }
            members.push((name, map.next_value_seed(self)?));
            self.leave();
        }
        Ok(Json::Object(members))
    }
}

/// A member's name, borrowed where the text allows it.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Visit)
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
    fn says_what_stands_there_instead_of_json() {
        let error = parse("<html><body>502 Bad Gateway</body></html>").unwrap_err().to_string();
        assert!(error.starts_with("$: found \"<html><body>502 Bad Gateway</body></html"), "{error}");
        assert!(error.contains("expected JSON (expected value at line 1 column 1)"), "{error}");
        assert!(parse("").unwrap_err().found.contains("empty"));
        assert!(parse("{} x").is_err());
    }
}
