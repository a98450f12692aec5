//! What was read as JSON, or any other format that serde knows.

use ::serde::ser::{Serialize, SerializeMap, Serializer};

use crate::recognise::Recognised;
use crate::text::hex;
use crate::tree::{Node, Note, Value};

/// `kind` (`null` if it is nothing that is known), `encoding`, `stop` (where and why the first reader stopped, or `null`) and
/// `tree`.
impl Serialize for Recognised {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind.map(|kind| kind.name()))?;
        map.serialize_entry("encoding", self.encoding)?;
        map.serialize_entry("stop", &self.tree.first_stop())?;
        map.serialize_entry("tree", &self.tree)?;
        map.end()
    }
}

/// `name`; what it holds as `value`, `text` or `hex`; `meaning`; `offset` and `length` in the nearest `bytes` above, itself
/// included; `bytes` in hexadecimal; `remarks`, `odd` and `stops`; `children`. Members that would be empty are left out.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        match &self.value {
            Value::None => {}
            Value::Word(word) => map.serialize_entry("value", word)?,
            Value::Number(number) => match i64::try_from(*number) {
                Ok(number) => map.serialize_entry("value", &number)?,
                // Where JSON's numbers end, its digits.
                Err(_) => map.serialize_entry("value", &number.to_string())?,
            },
            Value::Truth(truth) => map.serialize_entry("value", truth)?,
            Value::Text(text) => map.serialize_entry("text", text)?,
            Value::Bytes(bytes) => map.serialize_entry("hex", &hex(bytes))?,
        }
        if let Some(meaning) = &self.meaning {
            map.serialize_entry("meaning", meaning)?;
        }
        if let Some(range) = &self.range {
            map.serialize_entry("offset", &range.start)?;
            map.serialize_entry("length", &range.len())?;
        }
        if let Some(bytes) = &self.bytes {
            map.serialize_entry("bytes", &hex(bytes))?;
        }
        let (mut remarks, mut odd, mut stops) = (Vec::new(), Vec::new(), Vec::new());
        for note in &self.notes {
            match note {
                Note::Remark(text) => remarks.push(text),
                Note::Odd(text) => odd.push(text),
                Note::Stop(text) => stops.push(text),
            }
        }
        for (name, notes) in [("remarks", remarks), ("odd", odd), ("stops", stops)] {
            if !notes.is_empty() {
                map.serialize_entry(name, &notes)?;
            }
        }
        if !self.children.is_empty() {
            map.serialize_entry("children", &self.children)?;
        }
        map.end()
    }
}
