use std::cmp::Ordering;
use std::fmt;

use super::{MAX_NESTING, Value};

/// Reads exactly one item that fills `bytes`, in canonical form.
///
/// # Errors
/// [`CborError`]: the offset and the rule that is broken there.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, CborError> {
    let (value, rest) = read_prefix(bytes)?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(CborError { offset: bytes.len() - rest.len(), kind: CborErrorKind::TrailingBytes })
    }
}

/// Reads one canonical item and returns what follows it.
///
/// # Errors
/// As [`read`], but for trailing bytes.
pub fn read_prefix(bytes: &[u8]) -> Result<(Value<'_>, &[u8]), CborError> {
    let mut reader = Reader { bytes, offset: 0 };
    let value = reader.item(0)?;
    Ok((value, reader.rest()))
}

struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], CborError> {
        let taken = usize::try_from(len).ok().and_then(|len| self.rest().get(..len));
        let taken =
            taken.ok_or(CborError { offset: self.bytes.len(), kind: CborErrorKind::UnexpectedEnd })?;
        self.offset += taken.len();
        Ok(taken)
    }

    fn big_endian(&mut self, width: u64) -> Result<u64, CborError> {
        Ok(self.take(width)?.iter().fold(0, |n, &byte| n << 8 | u64::from(byte)))
    }

    fn item(&mut self, depth: usize) -> Result<Value<'a>, CborError> {
        let start = self.offset;
        let fail = |kind| Err(CborError { offset: start, kind });
        let head = self.big_endian(1)?;
        let (major, info) = (head >> 5, head & 0x1f);
        if major == 7 {
            return match info {
                20 => Ok(Value::Bool(false)),
                21 => Ok(Value::Bool(true)),
                22 => Ok(Value::Null),
                23 => Ok(Value::Undefined),
                25 => Ok(Value::Float { width: 2, bits: self.big_endian(2)? }),
                26 => Ok(Value::Float { width: 4, bits: self.big_endian(4)? }),
                27 => Ok(Value::Float { width: 8, bits: self.big_endian(8)? }),
                31 => fail(CborErrorKind::IndefiniteLength),
                _ => fail(CborErrorKind::UnassignedSimpleValue),
            };
        }
        let (argument, least) = match info {
            0..24 => (info, 0),
            24 => (self.big_endian(1)?, 24),
            25 => (self.big_endian(2)?, 0x100),
            26 => (self.big_endian(4)?, 0x1_0000),
            27 => (self.big_endian(8)?, 0x1_0000_0000),
            31 if (2..=5).contains(&major) => return fail(CborErrorKind::IndefiniteLength),
            _ => return fail(CborErrorKind::ReservedAdditionalInformation),
        };
        if argument < least {
            return fail(CborErrorKind::NotShortestForm);
        }
        match major {
            0 => Ok(Value::Unsigned(argument)),
            1 => Ok(Value::Negative(argument)),
            2 => Ok(Value::Bytes(self.take(argument)?)),
            3 => match std::str::from_utf8(self.take(argument)?) {
                Ok(text) => Ok(Value::Text(text)),
                Err(_) => fail(CborErrorKind::InvalidUtf8),
            },
            4 | 5 if depth == MAX_NESTING => fail(CborErrorKind::NestedTooDeep),
            4 => {
                let mut items = self.room_for(argument, 1)?;
                for _ in 0..argument {
                    items.push(self.item(depth + 1)?);
                }
                Ok(Value::Array(items))
            }
            5 => self.map(argument, depth),
            _ => fail(CborErrorKind::Tag),
        }
    }

    fn map(&mut self, len: u64, depth: usize) -> Result<Value<'a>, CborError> {
        let mut entries = self.room_for(len, 2)?;
        let mut last_key: &[u8] = &[];
        for _ in 0..len {
            let start = self.offset;
            let key = self.item(depth + 1)?;
            let encoded = self.bytes.get(start..self.offset).unwrap_or_default();
            match rank(encoded).cmp(&rank(last_key)) {
                Ordering::Greater => last_key = encoded,
                Ordering::Equal => {
                    return Err(CborError { offset: start, kind: CborErrorKind::DuplicateKey });
                }
                Ordering::Less => {
                    return Err(CborError { offset: start, kind: CborErrorKind::KeysOutOfOrder });
                }
            }
            entries.push((key, self.item(depth + 1)?));
        }
        Ok(Value::Map(entries))
    }

    /// An empty list for `len` entries of at least `least` bytes each. The input must be long enough for them, so a length
    /// on the wire never makes the reader allocate more than a small multiple of the input.
    fn room_for<T>(&self, len: u64, least: u64) -> Result<Vec<T>, CborError> {
        let rest = u64::try_from(self.rest().len()).unwrap_or(u64::MAX);
        match usize::try_from(len) {
            Ok(capacity) if len.saturating_mul(least) <= rest => Ok(Vec::with_capacity(capacity.min(64))),
            _ => Err(CborError { offset: self.bytes.len(), kind: CborErrorKind::UnexpectedEnd }),
        }
    }
}

/// The order of map keys: by major type, then by length, then by bytes (CTAP 2.1 §8). It differs from the order of the
/// bytes only for keys that are arrays or maps.
fn rank(key: &[u8]) -> (Option<u8>, usize, &[u8]) {
    (key.first().map(|head| head >> 5), key.len(), key)
}

/// Why bytes are not canonical CBOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CborError {
    /// The offset of the error in the input, in bytes.
    pub offset: usize,
    /// The rule that is broken there.
    pub kind: CborErrorKind,
}

/// The rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CborErrorKind {
    /// The input ends within an item.
    UnexpectedEnd,
    /// Bytes after the item.
    TrailingBytes,
    /// An integer or length that a shorter head can carry.
    NotShortestForm,
    /// An indefinite-length item, or a break outside one.
    IndefiniteLength,
    /// Additional information 28 to 30.
    ReservedAdditionalInformation,
    /// A simple value other than false, true, null and undefined.
    UnassignedSimpleValue,
    /// Map keys not in canonical order.
    KeysOutOfOrder,
    /// A map has a key twice.
    DuplicateKey,
    /// A text string that is not UTF-8.
    InvalidUtf8,
    /// Containers nested deeper than [`MAX_NESTING`].
    NestedTooDeep,
    /// A tag.
    Tag,
}

impl fmt::Display for CborError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            CborErrorKind::UnexpectedEnd => "the input ends within an item",
            CborErrorKind::TrailingBytes => "bytes after the item",
            CborErrorKind::NotShortestForm => "an integer or length not in its shortest form",
            CborErrorKind::IndefiniteLength => "an indefinite length",
            CborErrorKind::ReservedAdditionalInformation => "reserved additional information",
            CborErrorKind::UnassignedSimpleValue => "an unassigned simple value",
            CborErrorKind::KeysOutOfOrder => "a map key out of canonical order",
            CborErrorKind::DuplicateKey => "a duplicate map key",
            CborErrorKind::InvalidUtf8 => "a text string that is not UTF-8",
            CborErrorKind::NestedTooDeep => "containers nested deeper than 8 levels",
            CborErrorKind::Tag => "a tag",
        };
        write!(f, "CBOR offset {}: {what}, expected CTAP2 canonical form", self.offset)
    }
}

impl std::error::Error for CborError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> (usize, CborErrorKind) {
        let error = read(bytes).expect_err("must be refused");
        (error.offset, error.kind)
    }

    #[test]
    fn reads_the_rfc_8949_examples() {
        // RFC 8949 appendix A.
        assert_eq!(
            read(&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Ok(Value::Unsigned(u64::MAX))
        );
        assert_eq!(read(&[0x39, 0x03, 0xe7]).map(|v| v.as_int()), Ok(Some(-1000)));
        assert_eq!(read(&[0x62, 0xc3, 0xbc]), Ok(Value::Text("ü")));
        assert_eq!(read(&[0x44, 1, 2, 3, 4]), Ok(Value::Bytes(&[1, 2, 3, 4])));
        assert_eq!(
            read(&[0xa2, 0x61, 0x61, 0x01, 0x61, 0x62, 0x82, 0x02, 0x03]),
            Ok(Value::Map(vec![
                (Value::Text("a"), Value::Unsigned(1)),
                (Value::Text("b"), Value::Array(vec![Value::Unsigned(2), Value::Unsigned(3)])),
            ]))
        );
        assert_eq!(read(&[0xf9, 0x3c, 0x00]), Ok(Value::Float { width: 2, bits: 0x3c00 }));
    }

    #[test]
    fn names_each_broken_rule_and_its_place() {
        assert_eq!(refused(&[]), (0, CborErrorKind::UnexpectedEnd));
        assert_eq!(refused(&[0x42, 0x00]), (2, CborErrorKind::UnexpectedEnd));
        assert_eq!(refused(&[0x00, 0x00]), (1, CborErrorKind::TrailingBytes));
        assert_eq!(refused(&[0x18, 0x17]), (0, CborErrorKind::NotShortestForm));
        assert_eq!(refused(&[0x58, 0x01, 0xff]), (0, CborErrorKind::NotShortestForm));
        assert_eq!(refused(&[0x5f, 0xff]), (0, CborErrorKind::IndefiniteLength));
        assert_eq!(refused(&[0xff]), (0, CborErrorKind::IndefiniteLength));
        assert_eq!(refused(&[0x1c]), (0, CborErrorKind::ReservedAdditionalInformation));
        assert_eq!(refused(&[0x1f]), (0, CborErrorKind::ReservedAdditionalInformation));
        assert_eq!(refused(&[0xf8, 0x20]), (0, CborErrorKind::UnassignedSimpleValue));
        assert_eq!(refused(&[0xa2, 0x02, 0x00, 0x01, 0x00]), (3, CborErrorKind::KeysOutOfOrder));
        assert_eq!(refused(&[0xa2, 0x61, 0x61, 0x00, 0x01, 0x00]), (4, CborErrorKind::KeysOutOfOrder));
        assert_eq!(refused(&[0xa2, 0x01, 0x00, 0x01, 0x00]), (3, CborErrorKind::DuplicateKey));
        // {[256]: 0, [1, 2]: 0}: the longer array goes first in the order of the bytes.
        let keys = [0xa2, 0x81, 0x19, 0x01, 0x00, 0x00, 0x82, 0x01, 0x02, 0x00];
        assert_eq!(refused(&keys), (6, CborErrorKind::KeysOutOfOrder));
        assert_eq!(refused(&[0x61, 0xff]), (0, CborErrorKind::InvalidUtf8));
        assert_eq!(refused(&[0x81; 9]), (8, CborErrorKind::NestedTooDeep));
        assert_eq!(refused(&[0xc0, 0x00]), (0, CborErrorKind::Tag));
    }

    #[test]
    fn a_huge_declared_length_allocates_nothing() {
        assert_eq!(
            refused(&[0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).1,
            CborErrorKind::UnexpectedEnd
        );
        assert_eq!(
            refused(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).1,
            CborErrorKind::UnexpectedEnd
        );
    }
}
