use super::{CborError, Value, Writer, read};

/// One data item that owns what it holds and can be changed: what an edit works on. It is written as it stands, so
/// map keys need not be in canonical order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Major types 0 and 1.
    Int(i64),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3.
    Text(String),
    /// Major type 4.
    Array(Vec<Item>),
    /// Major type 5, in the order in which the entries are written.
    Map(Vec<(Item, Item)>),
    /// `false` or `true`.
    Bool(bool),
    /// `null`.
    Null,
    /// These bytes, whatever they are: a number beyond [`Item::Int`], or no CBOR at all.
    Raw(Vec<u8>),
}

impl Item {
    /// Reads one canonical item that fills `bytes`.
    ///
    /// # Errors
    /// [`CborError`], as [`read`].
    pub fn read(bytes: &[u8]) -> Result<Self, CborError> {
        read(bytes).map(|value| Self::from(&value))
    }

    /// Writes the item. Lengths and integers take their shortest form.
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

    /// The encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// The value under a text or integer key, if this is a map that has it.
    pub fn member_mut(&mut self, key: impl Into<Item>) -> Option<&mut Item> {
        let key = key.into();
        self.entries_mut()?.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The value under a text or integer key, if this is a map that has it.
    pub fn member(&self, key: impl Into<Item>) -> Option<&Item> {
        let key = key.into();
        match self {
            Item::Map(entries) => entries.iter().find(|(known, _)| *known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Puts a value in the place of the one under a text or integer key, or at the end of the map. Nothing happens
    /// to an item that is no map.
    pub fn set(&mut self, key: impl Into<Item>, value: impl Into<Item>) {
        let key = key.into();
        if let Some(place) = self.member_mut(key.clone()) {
            *place = value.into();
        } else if let Some(entries) = self.entries_mut() {
            entries.push((key, value.into()));
        }
    }

    /// Takes the value under a text or integer key out of the map.
    pub fn remove(&mut self, key: impl Into<Item>) -> Option<Item> {
        let key = key.into();
        let entries = self.entries_mut()?;
        let at = entries.iter().position(|(known, _)| *known == key)?;
        Some(entries.remove(at).1)
    }

    /// The map's entries.
    pub fn entries_mut(&mut self) -> Option<&mut Vec<(Item, Item)>> {
        match self {
            Item::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The array's items.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Item>> {
        match self {
            Item::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The byte string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Item::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The byte string.
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
