//! Messages of CTAP as tables: each member of a map stands once, with its key, and readers and writers are made from that.

use std::borrow::Cow;

use super::Status;
use crate::encoding::cbor::{self, Value, Writer};
use crate::webauthn::InputError;

/// Why a member cannot be read.
#[derive(Debug)]
pub(crate) struct MemberError {
    /// The status with which an authenticator refuses the message.
    status: Status,
    /// The names of the members on the way to it, the innermost first.
    place: Vec<&'static str>,
    found: Cow<'static, str>,
    expected: &'static str,
}

impl MemberError {
    pub(crate) fn new(status: Status, found: impl Into<Cow<'static, str>>, expected: &'static str) -> Self {
        Self { status, place: Vec::new(), found: found.into(), expected }
    }

    /// A value of another type (§8.2).
    pub(crate) fn wrong_type(value: &Value<'_>, expected: &'static str) -> Self {
        Self::new(Status::CborUnexpectedType, value.kind(), expected)
    }

    fn missing(expected: &'static str) -> Self {
        Self::new(Status::MissingParameter, "nothing", expected)
    }

    fn not_cbor(error: &cbor::CborError) -> Self {
        Self::new(Status::InvalidCbor, error.to_string(), "canonical CBOR")
    }

    pub(crate) fn at(mut self, name: &'static str) -> Self {
        self.place.push(name);
        self
    }

    /// The error for those who read responses.
    pub(crate) fn in_response(self) -> InputError {
        let place: Vec<String> = self.place.iter().rev().map(|name| camel_case(name)).collect();
        let place = if place.is_empty() { "response".to_owned() } else { place.join(".") };
        InputError::new(place, self.found, self.expected)
    }
}

impl From<MemberError> for Status {
    fn from(error: MemberError) -> Self {
        error.status
    }
}

/// The document's name of a member.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        name + &initial.to_ascii_uppercase() + rest
    })
}

/// A data item of a message.
pub(crate) trait Element: Sized {
    /// What it is, with its article.
    const KIND: &'static str;

    fn write(&self, writer: &mut Writer);

    fn read(value: &Value<'_>) -> Result<Self, MemberError>;

    /// Reads an item of an array. `None` for one that is passed over because nothing is known of it.
    fn read_item(value: &Value<'_>) -> Result<Option<Self>, MemberError> {
        Self::read(value).map(Some)
    }
}

/// An [`Element`] that is a map.
pub(crate) trait Map: Element {
    /// How many members are there.
    fn len(&self) -> usize;
}

/// A member of a map: one that is required, or an `Option`.
pub(crate) trait Member: Sized {
    fn is_there(&self) -> bool;
    fn write_member(&self, writer: &mut Writer);
    fn read_member(value: Option<&Value<'_>>) -> Result<Self, MemberError>;
}

impl<T: Element> Member for T {
    fn is_there(&self) -> bool {
        true
    }

    fn write_member(&self, writer: &mut Writer) {
        self.write(writer);
    }

    fn read_member(value: Option<&Value<'_>>) -> Result<Self, MemberError> {
        T::read(value.ok_or_else(|| MemberError::missing(T::KIND))?)
    }
}

impl<T: Element> Member for Option<T> {
    fn is_there(&self) -> bool {
        self.is_some()
    }

    fn write_member(&self, writer: &mut Writer) {
        if let Some(element) = self {
            element.write(writer);
        }
    }

    fn read_member(value: Option<&Value<'_>>) -> Result<Self, MemberError> {
        value.map(T::read).transpose()
    }
}

/// The key of a member: an integer in messages, a name in maps of WebAuthn inside them.
pub(crate) trait Key: Copy {
    fn write(self, writer: &mut Writer);
    fn of<'v, 'a>(self, map: &'v Value<'a>) -> Option<&'v Value<'a>>;
}

impl Key for i64 {
    fn write(self, writer: &mut Writer) {
        writer.int(self);
    }

    fn of<'v, 'a>(self, map: &'v Value<'a>) -> Option<&'v Value<'a>> {
        map.at(self)
    }
}

impl Key for &'static str {
    fn write(self, writer: &mut Writer) {
        writer.text(self);
    }

    fn of<'v, 'a>(self, map: &'v Value<'a>) -> Option<&'v Value<'a>> {
        map.member(self)
    }
}

/// Whether a member has its type's default.
pub(crate) fn is_default<T: Default + PartialEq>(member: &T) -> bool {
    *member == T::default()
}

/// Writes a member, if it is there.
pub(crate) fn write_member(key: impl Key, member: &impl Member, writer: &mut Writer) {
    if member.is_there() {
        key.write(writer);
        member.write_member(writer);
    }
}

/// Reads a member of a map.
pub(crate) fn read_member<T: Member>(
    map: &Value<'_>,
    key: impl Key,
    name: &'static str,
) -> Result<T, MemberError> {
    T::read_member(key.of(map)).map_err(|error| error.at(name))
}

/// Reads a whole message.
pub(crate) fn read<T: Element>(cbor: &[u8]) -> Result<T, MemberError> {
    T::read(&cbor::read(cbor).map_err(|error| MemberError::not_cbor(&error))?)
}

/// Defines a map as a table of `name: type = key`, in canonical order. A member of the type `Option` may be absent; one whose
/// key stands in brackets is absent where it has its type's default.
macro_rules! message {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$member_meta:meta])* $member:ident: $type:ty = $key:tt,)*
    }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$member_meta])* $vis $member: $type,)* }

        impl $crate::ctap2::message::Element for $name {
            const KIND: &'static str = "a map";

            fn write(&self, writer: &mut $crate::encoding::cbor::Writer) {
                writer.map($crate::ctap2::message::Map::len(self));
                $($crate::ctap2::message::message!(@write $key, self.$member, writer);)*
            }

            fn read(
                value: &$crate::encoding::cbor::Value<'_>,
            ) -> Result<Self, $crate::ctap2::message::MemberError> {
                if !matches!(value, $crate::encoding::cbor::Value::Map(_)) {
                    return Err($crate::ctap2::message::MemberError::wrong_type(value, "a map"));
                }
                Ok(Self { $($member: $crate::ctap2::message::message!(@read $key, $member, value),)* })
            }
        }

        impl $crate::ctap2::message::Map for $name {
            fn len(&self) -> usize {
                [$($crate::ctap2::message::message!(@there $key, self.$member)),*]
                    .into_iter()
                    .filter(|is_there| *is_there)
                    .count()
            }
        }
    };
    (@there [$key:literal], $member:expr) => { !$crate::ctap2::message::is_default(&$member) };
    (@there $key:literal, $member:expr) => { $crate::ctap2::message::Member::is_there(&$member) };
    (@write [$key:literal], $member:expr, $writer:expr) => {
        if !$crate::ctap2::message::is_default(&$member) {
            $crate::ctap2::message::write_member($key, &$member, $writer);
        }
    };
    (@write $key:literal, $member:expr, $writer:expr) => {
        $crate::ctap2::message::write_member($key, &$member, $writer)
    };
    (@read [$key:literal], $member:ident, $map:expr) => {
        $crate::ctap2::message::read_member::<Option<_>>($map, $key, stringify!($member))?
            .unwrap_or_default()
    };
    (@read $key:literal, $member:ident, $map:expr) => {
        $crate::ctap2::message::read_member($map, $key, stringify!($member))?
    };
}
pub(crate) use message;

/// A [`message!`] that a platform sends.
macro_rules! request {
    ($(#[$meta:meta])* pub struct $name:ident { $($members:tt)* }) => {
        $crate::ctap2::message::message! { $(#[$meta])* pub struct $name { $($members)* } }

        impl $name {
            /// The parameters, in canonical CBOR: the request without its command byte.
            #[must_use]
            pub fn to_cbor(&self) -> Vec<u8> {
                let mut writer = $crate::encoding::cbor::Writer::new();
                $crate::ctap2::message::Element::write(self, &mut writer);
                writer.into_bytes()
            }

            /// Reads the parameters: the request without its command byte.
            ///
            /// # Errors
            /// The [`Status`](crate::ctap2::Status) with which an authenticator refuses them.
            pub fn from_cbor(cbor: &[u8]) -> Result<Self, $crate::ctap2::Status> {
                Ok($crate::ctap2::message::read(cbor)?)
            }
        }
    };
}
pub(crate) use request;

/// A [`message!`] that a request carries as `subCommandParams`.
macro_rules! parameters {
    ($(#[$meta:meta])* pub struct $name:ident { $($members:tt)* }) => {
        $crate::ctap2::message::message! { $(#[$meta])* pub struct $name { $($members)* } }

        impl From<&$name> for $crate::ctap2::EncodedItem {
            fn from(parameters: &$name) -> Self {
                let mut writer = $crate::encoding::cbor::Writer::new();
                $crate::ctap2::message::Element::write(parameters, &mut writer);
                Self(writer.into_bytes())
            }
        }
    };
}
pub(crate) use parameters;

/// A [`message!`] that an authenticator answers. One without members is nothing at all on the wire.
macro_rules! response {
    ($(#[$meta:meta])* pub struct $name:ident { $($members:tt)* }) => {
        $crate::ctap2::message::message! { $(#[$meta])* pub struct $name { $($members)* } }

        impl $name {
            /// The response in canonical CBOR, without its status byte; nothing at all if it has no members.
            #[must_use]
            pub fn to_cbor(&self) -> Vec<u8> {
                let mut writer = $crate::encoding::cbor::Writer::new();
                self.write_response(&mut writer);
                writer.into_bytes()
            }

            /// Reads a response: what follows its status byte.
            ///
            /// # Errors
            /// [`InputError`](crate::webauthn::InputError) with the member that is missing or wrong.
            pub fn from_cbor(cbor: &[u8]) -> Result<Self, $crate::webauthn::InputError> {
                // 0xA0 is a map without members.
                let cbor = if cbor.is_empty() { &[0xa0][..] } else { cbor };
                $crate::ctap2::message::read(cbor).map_err(|error| error.in_response())
            }

            pub(crate) fn write_response(&self, writer: &mut $crate::encoding::cbor::Writer) {
                if $crate::ctap2::message::Map::len(self) > 0 {
                    $crate::ctap2::message::Element::write(self, writer);
                }
            }
        }
    };
}
pub(crate) use response;

/// Defines an enumeration whose values have numbers.
macro_rules! numbered {
    ($(#[$meta:meta])* pub enum $name:ident: $number_type:ty {
        $($(#[$value_meta:meta])* $value:ident = $number:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$value_meta])* $value,)* }

        impl $name {
            /// Every one.
            pub const ALL: &[$name] = &[$($name::$value,)*];

            /// Its number.
            #[must_use]
            pub const fn number(self) -> $number_type {
                match self { $($name::$value => $number,)* }
            }

            /// The one of this number.
            #[must_use]
            pub const fn from_number(number: $number_type) -> Option<Self> {
                match number { $($number => Some($name::$value),)* _ => None }
            }
        }
    };
}
pub(crate) use numbered;

/// One data item as it was encoded: what a `pinUvAuthParam` is computed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedItem(pub Vec<u8>);

impl Element for EncodedItem {
    const KIND: &'static str = "a data item";

    fn write(&self, writer: &mut Writer) {
        writer.encoded(&self.0);
    }

    /// A canonical item has one encoding.
    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        let mut writer = Writer::new();
        value.write(&mut writer);
        Ok(Self(writer.into_bytes()))
    }
}

impl Element for bool {
    const KIND: &'static str = "true or false";

    fn write(&self, writer: &mut Writer) {
        writer.bool(*self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        value.as_bool().ok_or_else(|| MemberError::wrong_type(value, Self::KIND))
    }
}

impl Element for u64 {
    const KIND: &'static str = "an unsigned integer";

    fn write(&self, writer: &mut Writer) {
        writer.unsigned(*self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        match value {
            Value::Unsigned(number) => Ok(*number),
            _ => Err(MemberError::wrong_type(value, Self::KIND)),
        }
    }
}

impl Element for Vec<u8> {
    const KIND: &'static str = "a byte string";

    fn write(&self, writer: &mut Writer) {
        writer.bytes(self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        value.as_bytes().map(<[u8]>::to_vec).ok_or_else(|| MemberError::wrong_type(value, Self::KIND))
    }
}

impl<const LENGTH: usize> Element for [u8; LENGTH] {
    const KIND: &'static str = "a byte string of its length";

    fn write(&self, writer: &mut Writer) {
        writer.bytes(self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        let bytes = value.as_bytes().ok_or_else(|| MemberError::wrong_type(value, Self::KIND))?;
        bytes.try_into().map_err(|_| {
            MemberError::new(Status::InvalidLength, format!("{} bytes", bytes.len()), Self::KIND)
        })
    }
}

impl Element for Cow<'static, str> {
    const KIND: &'static str = "a text string";

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        let text = value.as_text().ok_or_else(|| MemberError::wrong_type(value, Self::KIND))?;
        Ok(Cow::Owned(text.to_owned()))
    }
}

impl Element for String {
    const KIND: &'static str = "a text string";

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        <Cow<'static, str>>::read(value).map(Cow::into_owned)
    }
}

impl<T: Element> Element for Box<T> {
    const KIND: &'static str = T::KIND;

    fn write(&self, writer: &mut Writer) {
        (**self).write(writer);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        T::read(value).map(Box::new)
    }
}

impl<T: Element> Element for Vec<T> {
    const KIND: &'static str = "an array";

    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        self.iter().for_each(|item| item.write(writer));
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        let items = value.as_array().ok_or_else(|| MemberError::wrong_type(value, Self::KIND))?;
        items.iter().filter_map(|item| T::read_item(item).transpose()).collect()
    }
}
