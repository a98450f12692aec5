//! Settings as data: each field of a structure with its name, its text form, and how a command line offers it.
//!
//! A structure's table of settings is written once. Its fields, its default, its JSON form, the builder's methods and the
//! command line's options are made from the table.

#[cfg(feature = "serde")]
pub(crate) mod json;

use crate::crypto::Algorithm;

/// How a setting stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingKind {
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array of strings; in the text form they stand side by side, with commas between them.
    List,
}

/// How a command line offers a setting.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SettingOption {
    /// The option's name, without the two hyphens.
    pub name: &'static str,
    /// What its value is called; `None` for an option that has no value.
    pub value_name: Option<&'static str>,
    /// The setting's text form where the option has no value.
    pub implied: Option<&'static str>,
    /// What the option is for, where it says something else than the setting.
    pub help: Option<&'static str>,
    /// What holds without the option, where the default's text form does not say it.
    pub default: Option<&'static str>,
}

impl SettingOption {
    /// An option with a value.
    pub(crate) const fn value(name: &'static str, value_name: &'static str) -> Option<Self> {
        Some(Self { name, value_name: Some(value_name), implied: None, help: None, default: None })
    }

    /// An option with a value, without which `default` holds.
    pub(crate) const fn or(
        name: &'static str,
        value_name: &'static str,
        default: &'static str,
    ) -> Option<Self> {
        Some(Self { name, value_name: Some(value_name), implied: None, help: None, default: Some(default) })
    }

    /// An option whose value may be left out.
    pub(crate) const fn implying(
        name: &'static str,
        value_name: &'static str,
        implied: &'static str,
        default: &'static str,
    ) -> Option<Self> {
        let implied = Some(implied);
        Some(Self { name, value_name: Some(value_name), implied, help: None, default: Some(default) })
    }

    /// An option without a value.
    pub(crate) const fn flag(name: &'static str, implied: &'static str, help: &'static str) -> Option<Self> {
        Some(Self { name, value_name: None, implied: Some(implied), help: Some(help), default: None })
    }
}

/// A value with a text form.
pub(crate) trait SettingValue: Sized {
    const KIND: SettingKind = SettingKind::Text;

    /// Every value and what it means, where they can be counted.
    fn values() -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// Reads the text form; names are read whatever their case.
    ///
    /// # Errors
    /// What was expected.
    fn from_text(text: &str) -> Result<Self, String>;

    /// The text form; `None` for a value that is not set.
    fn to_text(&self) -> Option<String>;
}

/// A setting that may be left open.
impl<T: SettingValue> SettingValue for Option<T> {
    const KIND: SettingKind = T::KIND;

    fn values() -> Vec<(&'static str, &'static str)> {
        T::values()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        T::from_text(text).map(Some)
    }

    fn to_text(&self) -> Option<String> {
        self.as_ref().and_then(T::to_text)
    }
}

impl SettingValue for bool {
    const KIND: SettingKind = SettingKind::Flag;

    fn from_text(text: &str) -> Result<Self, String> {
        text.to_ascii_lowercase().parse().map_err(|_| "true or false".to_owned())
    }

    fn to_text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

macro_rules! number {
    ($($type:ident),*) => {
        $(impl SettingValue for $type {
            const KIND: SettingKind = SettingKind::Number;

            fn from_text(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("a number from 0 to {}", $type::MAX))
            }

            fn to_text(&self) -> Option<String> {
                Some(self.to_string())
            }
        })*
    };
}

number!(u8, u16);

impl SettingValue for String {
    fn from_text(text: &str) -> Result<Self, String> {
        match text.contains(char::is_control) {
            true => Err("text without control characters".to_owned()),
            false => Ok(text.to_owned()),
        }
    }

    fn to_text(&self) -> Option<String> {
        Some(self.clone())
    }
}

/// Finds a value by its name, whatever the case of the letters.
pub(crate) fn by_name<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|value| name(*value).eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        names.join(", ")
    })
}

/// The items of a list's text form.
pub(crate) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Reads a list, item by item.
pub(crate) fn list<T>(text: &str, item: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    items(text).map(item).collect()
}

/// One line of a structure's table.
pub(crate) struct Row<T: 'static> {
    pub(crate) name: &'static str,
    /// What it is, line by line, as its documentation has it.
    pub(crate) doc: &'static [&'static str],
    pub(crate) option: Option<SettingOption>,
    pub(crate) kind: SettingKind,
    pub(crate) values: fn() -> Vec<(&'static str, &'static str)>,
    pub(crate) get: fn(&T) -> Option<String>,
    /// An error is what was expected.
    pub(crate) set: fn(&mut T, &str) -> Result<(), String>,
}

/// Makes a structure, its default and its rows from a table of `name: type = default, option, [setter];`. The setter is
/// for the builder.
macro_rules! define_settings {
    ($(#[$meta:meta])* $structure:ident;
     $($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $option:expr, [$($setter:tt)*];)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $structure {
            $($(#[doc = $doc])+ pub $name: $type,)*
        }

        impl Default for $structure {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl $structure {
            /// The settings that have a text form.
            pub(crate) const ROWS: &'static [$crate::encoding::setting::Row<Self>] = &[
                $($crate::encoding::setting::Row {
                    name: stringify!($name),
                    doc: &[$($doc),+],
                    option: $option,
                    kind: <$type as $crate::encoding::setting::SettingValue>::KIND,
                    values: <$type as $crate::encoding::setting::SettingValue>::values,
                    get: |this| $crate::encoding::setting::SettingValue::to_text(&this.$name),
                    set: |this, text| {
                        this.$name = $crate::encoding::setting::SettingValue::from_text(text)?;
                        Ok(())
                    },
                },)*
            ];
        }
    };
}
pub(crate) use define_settings;

/// Makes a builder's methods from a table, for the rows that name one: `[name: type]`.
macro_rules! setters {
    (@$part:ident $($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $option:expr,
        [$($setter:tt)*];)*) => {
        $($crate::encoding::setting::setters!(# [$($doc),+] $part $name $($setter)*);)*
    };
    (# [$($doc:literal),+] $part:ident $name:ident $setter:ident: $parameter:ty) => {
        $(#[doc = $doc])+
        pub fn $setter(mut self, $setter: $parameter) -> Self {
            self.$part().$name = $setter.into();
            self
        }
    };
    (# [$($doc:literal),+] $part:ident $name:ident) => {};
}
pub(crate) use setters;

impl SettingValue for Algorithm {
    fn values() -> Vec<(&'static str, &'static str)> {
        Self::ALL.iter().map(|algorithm| (algorithm.name(), "")).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        by_name(text, Self::ALL, Self::name)
    }

    fn to_text(&self) -> Option<String> {
        Some(self.name().to_owned())
    }
}
