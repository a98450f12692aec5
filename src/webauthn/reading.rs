//! Reading JSON leniently where relying parties are known to stray, with a notice of each mend.

use std::borrow::Cow;
use std::cell::RefCell;

use super::input::{InputError, Leniency, Notice};
use crate::encoding::base64url::{self, NotBase64Url};
use crate::encoding::json::{self, Json, Value};

/// A value in a body, the way to it, and where notices go.
pub(crate) type Node<'n> = json::Node<'n, &'n RefCell<Vec<Notice>>>;

impl<'n> Node<'n> {
    /// Notes that something was mended here.
    pub(crate) fn notice(&self, leniency: Leniency) {
        self.carried.borrow_mut().push(Notice { path: self.path(), leniency });
    }

    /// A notice about a member that is not there.
    pub(crate) fn notice_at(&self, name: &str, leniency: Leniency) {
        self.carried.borrow_mut().push(Notice { path: format!("{self}.{name}"), leniency });
    }

    /// The error that the value is not what was expected.
    pub(crate) fn unexpected(&self, expected: &str) -> InputError {
        self.error(self.describe(), expected)
    }

    /// The error that `found` was found here.
    pub(crate) fn error(&self, found: impl Into<String>, expected: impl Into<String>) -> InputError {
        InputError::new(self.path(), found, expected)
    }

    /// The error that a required member is missing.
    pub(crate) fn missing(&self, name: &str, expected: &str) -> InputError {
        InputError::new(format!("{self}.{name}"), "nothing", expected)
    }

    /// The member of this name. `null` is taken as absent, with a notice.
    pub(crate) fn member<'m>(&'m self, name: &'m str) -> Option<Node<'m>> {
        self.inside(name, self.value.member(name)?)
    }

    /// The members of these names, as [`member`](Self::member) gives each.
    #[inline(always)]
    pub(crate) fn members<'m, const N: usize>(&'m self, names: [&'m str; N]) -> [Option<Node<'m>>; N] {
        let mut nodes = [None; N];
        for ((node, name), value) in nodes.iter_mut().zip(names).zip(self.value.members_named(names)) {
            *node = value.and_then(|value| self.inside(name, value));
        }
        nodes
    }

    #[inline(always)]
    fn inside<'m>(&'m self, name: &'m str, value: Value<'m>) -> Option<Node<'m>> {
        // Each arm makes the node, so that it is written where it is used. Copying what was just written takes processors
        // longer.
        match value.is_null() {
            true => {
                self.at_member(name, value).notice(Leniency::NullAsAbsent);
                None
            }
            false => Some(self.at_member(name, value)),
        }
    }

    /// Whether there is a member of this name, `null` or not.
    pub(crate) fn has_member(&self, name: &str) -> bool {
        self.value.member(name).is_some()
    }

    /// The member of this name.
    ///
    /// # Errors
    /// [`InputError`] if there is none.
    pub(crate) fn required<'m>(&'m self, name: &'m str, expected: &str) -> Result<Node<'m>, InputError> {
        self.member(name).ok_or_else(|| self.missing(name, expected))
    }

    pub(crate) fn object(&self) -> Result<(), InputError> {
        match self.value.is_object() {
            true => Ok(()),
            false => Err(self.unexpected("an object")),
        }
    }

    pub(crate) fn text(&self) -> Result<Cow<'n, str>, InputError> {
        self.value.as_str().ok_or_else(|| self.unexpected("a string"))
    }

    /// The items of an array.
    pub(crate) fn items<'m>(&'m self) -> Result<impl Iterator<Item = Node<'m>>, InputError> {
        match self.value.is_array() {
            true => Ok(self.at_items()),
            false => Err(self.unexpected("an array")),
        }
    }

    /// Bytes in base64url, or in any other base64 with a notice.
    pub(crate) fn bytes(&self, expected: &str) -> Result<Vec<u8>, InputError> {
        self.decoded(expected, |why| format!("{}: {why}", self.describe()))
    }

    /// As [`bytes`](Self::bytes), of a secret, which an error does not show.
    pub(crate) fn secret_bytes(&self, expected: &str) -> Result<Vec<u8>, InputError> {
        self.decoded(expected, |why| format!("a string that is no base64url: {why}"))
    }

    fn decoded(&self, expected: &str, found: impl Fn(NotBase64Url) -> String) -> Result<Vec<u8>, InputError> {
        let text = self.value.as_str().ok_or_else(|| self.unexpected(expected))?;
        let (bytes, mended) =
            base64url::decode_lenient(&text).map_err(|why| self.error(found(why), expected))?;
        if mended.standard_alphabet {
            self.notice(Leniency::StandardBase64);
        }
        if mended.padding {
            self.notice(Leniency::Base64Padding);
        }
        if mended.white_space {
            self.notice(Leniency::Base64WhiteSpace);
        }
        Ok(bytes)
    }

    /// An integer, or with a notice a text of one.
    pub(crate) fn int(&self, expected: &str) -> Result<i64, InputError> {
        if let Some(integer) = self.value.as_int() {
            return Ok(integer);
        }
        if !self.value.is_scalar() {
            return Err(self.unexpected(expected));
        }
        match self.value.to_json() {
            // 1.0 is an integer in JavaScript.
            Json::Number(number) => match number.as_f64() {
                Some(float) if float.fract() == 0.0 && float.abs() < 9.0e15 => {
                    format!("{float:.0}").parse().map_err(|_| self.unexpected(expected))
                }
                _ => Err(self.unexpected(expected)),
            },
            Json::String(text) => {
                let integer = text.trim().parse().map_err(|_| self.unexpected(expected))?;
                self.notice(Leniency::NumberAsText);
                Ok(integer)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    /// A boolean, or with a notice a text of one.
    pub(crate) fn boolean(&self) -> Result<bool, InputError> {
        if !self.value.is_scalar() {
            return Err(self.unexpected("true or false"));
        }
        let value = match self.value.to_json() {
            Json::Bool(value) => return Ok(value),
            Json::String(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes") => {
                true
            }
            Json::String(text) if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no") => {
                false
            }
            _ => return Err(self.unexpected("true or false")),
        };
        self.notice(Leniency::BooleanAsText);
        Ok(value)
    }

    /// One of an enumeration's values. An unknown one is ignored, as the standard says, with a notice.
    pub(crate) fn enumerated<T>(&self, known: impl Fn(&str) -> Option<T>) -> Result<Option<T>, InputError> {
        let value = known(&self.text()?);
        if value.is_none() {
            self.notice(Leniency::UnknownValue(self.describe()));
        }
        Ok(value)
    }

    fn describe(&self) -> String {
        self.value.describe()
    }
}
