use super::{CborError, Value, Writer, read};

/// One data item that owns its content and can be changed. Edits work on it. The entries of a map are written in their
/// order, so keys need not be canonical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An integer (major types 0 and 1).
    Int(i64),
    /// A byte string (major type 2).
    Bytes(Vec<u8>),
    /// A text string (major type 3).
    Text(String),
    /// An array (major type 4).
    Array(Vec<Item>),
    /// A map (major type 5), its entries in the order in which they are written.
    Map(Vec<(Item, Item)>),
    /// `false` or `true`.
    Bool(bool),
    /// `null`.
    Null,
    /// Bytes that are written unchanged: an item that the other variants cannot hold, or no CBOR at all.
    Raw(Vec<u8>),
}

impl Item {
    /// Reads one canonical item that fills `bytes`.
    ///
    /// # Errors
    /// [`CborError`]: the offset, and the rule of the canonical form that is broken there.
    pub fn read(bytes: &[u8]) -> Result<Self, CborError> {
        read(bytes).map(|value| Self::from(&value))
    }

    /// Writes the item. Lengths and integers take their shortest form.
    #[doc(hidden)]
    pub fn write(&self, writer: &mut Writer) {
        match self {
            Item::Int(value) => writer.int(*value),
            Item::Bytes(bytes) => writer.bytes(bytes),
            Item::Text(text) => writer.text(text),
            Item::Array(items) => {
                writer.array(items.len());
                items.iter().for_each(|item| item.write(writer));
            }
            Item::Map(entries) => {
                writer.map(entries.len());
                for (key, value) in entries {
                    key.write(writer);
                    value.write(writer);
                }
            }
            Item::Bool(value) => writer.bool(*value),
            Item::Null => writer.null(),
            Item::Raw(bytes) => writer.encoded(bytes),
        }
    }

    /// The item's encoding. Lengths and integers take their shortest form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// The value under a text or integer key, for a change, if this is a map that has the key.
    pub fn member_mut(&mut self, key: impl Into<Item>) -> Option<&mut Item> {
        let key = key.into();
        self.entries_mut()?.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The value under a text or integer key, if this is a map that has the key.
    pub fn member(&self, key: impl Into<Item>) -> Option<&Item> {
        let key = key.into();
        match self {
            Item::Map(entries) => entries.iter().find(|(known, _)| *known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Replaces the value under a text or integer key, or adds the entry at the end of the map. An item that is no map
    /// stays as it is.
    pub fn set(&mut self, key: impl Into<Item>, value: impl Into<Item>) {
        let key = key.into();
        if let Some(place) = self.member_mut(key.clone()) {
            *place = value.into();
        } else if let Some(entries) = self.entries_mut() {
            entries.push((key, value.into()));
        }
    }

    /// Removes the entry under a text or integer key from the map and returns its value.
    pub fn remove(&mut self, key: impl Into<Item>) -> Option<Item> {
        let key = key.into();
        let entries = self.entries_mut()?;
        let at = entries.iter().position(|(known, _)| *known == key)?;
        Some(entries.remove(at).1)
    }

    /// The map's entries, for a change; `None` for another kind of item.
    pub fn entries_mut(&mut self) -> Option<&mut Vec<(Item, Item)>> {
        match self {
            Item::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The array's items, for a change; `None` for another kind of item.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Item>> {
        match self {
            Item::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The byte string; `None` for another kind of item.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Item::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The byte string, for a change; `None` for another kind of item.
    pub fn bytes_mut(&mut self) -> Option<&mut Vec<u8>> {
        match self {
            Item::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl From<&Value<'_>> for Item {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Unsigned(_) | Value::Negative(_) | Value::Undefined | Value::Float { .. } => {
                match value.as_int() {
                    Some(int) => Item::Int(int),
                    None => {
                        let mut writer = Writer::new();
                        value.write(&mut writer);
                        Item::Raw(writer.into_bytes())
                    }
                }
            }
            Value::Bytes(bytes) => Item::Bytes(bytes.to_vec()),
            Value::Text(text) => Item::Text((*text).to_owned()),
            Value::Array(items) => Item::Array(items.iter().map(Item::from).collect()),
            Value::Map(entries) => {
                Item::Map(entries.iter().map(|(key, value)| (key.into(), value.into())).collect())
            }
            Value::Bool(value) => Item::Bool(*value),
            Value::Null => Item::Null,
        }
    }
}

impl From<i64> for Item {
    fn from(value: i64) -> Self {
        Item::Int(value)
    }
}

impl From<i32> for Item {
    fn from(value: i32) -> Self {
        Item::Int(value.into())
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Item::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Item {
    fn from(bytes: Vec<u8>) -> Self {
        Item::Bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_back() {
        // {1: [-1, h'00', "a"], "b": {"c": null, "d": true}, "e": 2^64-1, "f": undefined, "g": 1.0 (half)}
        let bytes = b"\xa5\x01\x83\x20\x41\x00\x61a\x61b\xa2\x61c\xf6\x61d\xf5\x61e\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x61f\xf7\x61g\xf9\x3c\x00";
        assert_eq!(Item::read(bytes).unwrap().to_bytes(), bytes);
    }

    #[test]
    fn is_written_as_it_stands() {
        let mut map = Item::Map(vec![("b".into(), 1.into()), ("a".into(), Item::Raw(vec![0xff]))]);
        assert_eq!(map.to_bytes(), b"\xa2\x61b\x01\x61a\xff");
        map.set("b", vec![7]);
        map.set(3, "c");
        assert_eq!(map.remove("a"), Some(Item::Raw(vec![0xff])));
        assert_eq!(map.remove("a"), None);
        assert_eq!(map.to_bytes(), b"\xa2\x61b\x41\x07\x03\x61c");
        assert_eq!(map.member("b").and_then(Item::as_bytes), Some(&[7][..]));
        let mut no_map = Item::Null;
        no_map.set("a", 1);
        assert_eq!(no_map, Item::Null);
    }
}
