//! CBOR for the judge, read by `ciborium`.

use ciborium::Value;

/// As deep as WebAuthn's structures may nest: compound statements and extension outputs go a few levels down.
const MAX_DEPTH: usize = 16;

/// The first item, and how many bytes it takes.
pub(super) fn read_first(bytes: &[u8]) -> Result<(Value, usize), String> {
    let mut rest = bytes;
    match ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, MAX_DEPTH) {
        Ok(value) => Ok((value, bytes.len() - rest.len())),
        Err(ciborium::de::Error::Io(_)) => Err(format!("CBOR that ends early, after {} bytes", bytes.len())),
        Err(ciborium::de::Error::Syntax(offset)) => Err(format!("no CBOR at offset {offset}")),
        Err(ciborium::de::Error::Semantic(_, why)) => Err(format!("CBOR that cannot be used: {why}")),
        Err(ciborium::de::Error::RecursionLimitExceeded) => {
            Err(format!("CBOR nested more than {MAX_DEPTH} levels"))
        }
    }
}

/// Where `bytes`, which read as `value`, depart from the CTAP2 canonical CBOR encoding form. With `lenient`, only a
/// map key that is there twice counts: that is no valid CBOR in any form (RFC 8949 §5.6).
pub(super) fn departure(value: &Value, bytes: &[u8], lenient: bool) -> Option<String> {
    let Some(form) = canonical(value) else { return Some("a map with one key twice".into()) };
    if lenient || form == bytes {
        return None;
    }
    let same = form.iter().zip(bytes).take_while(|(one, other)| one == other).count();
    Some(format!("another encoding from offset {same} on"))
}

/// The bytes of `value` in the CTAP2 canonical CBOR encoding form (CTAP §8): shortest lengths, nothing indefinite,
/// map keys by major type, then by length and then by their bytes, each once. `None` if a key is there twice.
fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&sorted(value)?, &mut bytes).ok()?;
    Some(bytes)
}

fn sorted(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect::<Option<_>>()?),
        Value::Map(entries) => {
            let mut encoded = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                let mut bytes = Vec::new();
                ciborium::into_writer(key, &mut bytes).ok()?;
                encoded.push((bytes, (key.clone(), sorted(value)?)));
            }
            let major = |key: &[u8]| key.first().map(|head| head >> 5);
            encoded.sort_by(|(one, _), (other, _)| {
                (major(one), one.len(), one).cmp(&(major(other), other.len(), other))
            });
            if encoded.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
                return None;
            }
            Value::Map(encoded.into_iter().map(|(_, entry)| entry).collect())
        }
        other => other.clone(),
    })
}

/// The value at a text key.
pub(super) fn member<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// The names in a map that are not among `known`, and keys that are no text.
pub(super) fn unknown_members(map: &Value, known: &[&str]) -> Vec<String> {
    let keys = map.as_map().into_iter().flatten().map(|(key, _)| key);
    keys.filter(|key| !key.as_text().is_some_and(|name| known.contains(&name)))
        .map(|key| key.as_text().map_or_else(|| kind(key).to_owned(), |name| format!("{name:?}")))
        .collect()
}

/// What a value is, for people.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "an integer",
        Value::Bytes(_) => "a byte string",
        Value::Float(_) => "a float",
        Value::Text(_) => "a text",
        Value::Bool(_) => "a boolean",
        Value::Null => "null",
        Value::Tag(..) => "a tag",
        Value::Array(_) => "an array",
        Value::Map(_) => "a map",
        _ => "something else",
    }
}

/// What a member is, or that it is missing.
pub(super) fn kind_of(value: Option<&Value>) -> &'static str {
    value.map_or("nothing", kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn departs(bytes: &[u8]) -> bool {
        let (value, length) = read_first(bytes).unwrap();
        assert_eq!(length, bytes.len());
        departure(&value, bytes, false).is_some()
    }

    #[test]
    fn a_lower_major_type_goes_before_a_shorter_key() {
        // {24: 0, -1: 0, "": 0}: keys of two, one and one bytes.
        assert!(!departs(&[0xa3, 0x18, 0x18, 0x00, 0x20, 0x00, 0x60, 0x00]));
        assert!(departs(&[0xa3, 0x20, 0x00, 0x60, 0x00, 0x18, 0x18, 0x00]));
    }

    #[test]
    fn of_one_major_type_a_shorter_key_goes_first() {
        assert!(!departs(b"\xa2\x61b\x00\x62aa\x00"));
        assert!(departs(b"\xa2\x62aa\x00\x61b\x00"));
    }
}
