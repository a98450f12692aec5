//! Settings as a map of any format that serde knows: JSON most often.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;

use super::{Row, SettingKind, items};

/// Writes every setting that is set.
pub(crate) fn write<T, M: SerializeMap>(map: &mut M, rows: &[Row<T>], settings: &T) -> Result<(), M::Error> {
    for row in rows {
        let Some(text) = (row.get)(settings) else { continue };
        match row.kind {
            SettingKind::Flag => map.serialize_entry(row.name, &(text == "true"))?,
            SettingKind::Number => match text.parse::<u64>() {
                Ok(number) => map.serialize_entry(row.name, &number)?,
                Err(_) => map.serialize_entry(row.name, &text)?,
            },
            SettingKind::Text => map.serialize_entry(row.name, &text)?,
            SettingKind::List => map.serialize_entry(row.name, &items(&text).collect::<Vec<_>>())?,
        }
    }
    Ok(())
}

/// Sets the setting of this name. `place` is what stands before its name, for errors.
pub(crate) fn set<T, E: de::Error>(
    rows: &[Row<T>],
    settings: &mut T,
    place: &str,
    name: &str,
    found: &Found,
) -> Result<(), E> {
    let Some(row) = rows.iter().find(|row| row.name == name) else {
        let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
        return Err(E::custom(format!(
            "{place}{name}: found a name that no setting has, expected one of {}",
            names.join(", ")
        )));
    };
    let wrong = |found: &dyn fmt::Display, expected: &str| {
        E::custom(format!("{place}{name}: found {found}, expected {expected}"))
    };
    match found {
        // As if it were not there.
        Found::Null => Ok(()),
        Found::Text(text) => {
            (row.set)(settings, text).map_err(|expected| wrong(&format_args!("{text:?}"), &expected))
        }
        Found::Map => Err(wrong(&"an object", "the text form of the setting")),
    }
}

/// The value of a member, in its text form.
pub(crate) enum Found {
    Null,
    Text(String),
    Map,
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FoundVisitor)
    }
}

struct FoundVisitor;

impl<'de> Visitor<'de> for FoundVisitor {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a setting")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Found, E> {
        Ok(Found::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Found, E> {
        Ok(Found::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Found, E> {
        Ok(Found::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Found, E> {
        Ok(Found::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Found, E> {
        Ok(Found::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::Null)
    }

    fn visit_none<E>(self) -> Result<Found, E> {
        Ok(Found::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Found, A::Error> {
        let mut texts = Vec::new();
        while let Some(item) = sequence.next_element()? {
            match item {
                Found::Text(text) => texts.push(text),
                Found::Null | Found::Map => {
                    return Err(de::Error::custom("found a list of other things than texts"));
                }
            }
        }
        Ok(Found::Text(texts.join(",")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Found::Map)
    }
}
