//! The strict CBOR reader against another one.

use ciborium::Value;
use stuntkey::encoding::cbor::{self, MAX_NESTING};

/// Deeper than ours reads, and shallow enough for the stack.
const DEPTH: usize = 4 * MAX_NESTING;

/// What the strict reader takes, `ciborium` reads as the same value; and whatever `ciborium` reads is taken in its
/// canonical form, and in no other. So each refusal is proven right.
pub fn canonical_cbor(data: &[u8]) {
    let ours = cbor::read(data);
    let mut rest = data;
    let theirs = ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, DEPTH);
    let theirs = theirs.ok().filter(|_| rest.is_empty());
    if let Ok(ours) = &ours {
        let theirs = theirs.as_ref().expect("ciborium reads all that is canonical");
        assert!(same(ours, theirs), "{ours:?} is not {theirs:?}");
    }
    let Some(canonical) = theirs.as_ref().and_then(|value| canonical(value, 0)) else {
        assert!(ours.iter().all(|ours| !has_one_form(ours)), "no canonical form, and taken: {ours:?}");
        return;
    };
    let mut form = Vec::new();
    ciborium::into_writer(&canonical, &mut form).expect("memory takes all");
    match cbor::read(&form) {
        Ok(ours) => assert!(same(&ours, &canonical), "{ours:?} is not {canonical:?}"),
        Err(error) => panic!("{error} in the canonical form of {canonical:?}"),
    }
    if ours.is_ok_and(|ours| has_one_form(&ours)) {
        assert_eq!(form, data, "taken, and not the canonical form");
    }
}

/// The value with its map keys in the order of CTAP 2.1 §8: lower major type, shorter, then bytewise. `None` for what
/// has no canonical form that the reader takes: a tag, a key twice, and more levels than it documents.
pub(super) fn canonical(value: &Value, depth: usize) -> Option<Value> {
    match value {
        Value::Tag(..) => None,
        Value::Array(_) | Value::Map(_) if depth == MAX_NESTING => None,
        Value::Array(items) => {
            items.iter().map(|item| canonical(item, depth + 1)).collect::<Option<_>>().map(Value::Array)
        }
        Value::Map(entries) => {
            let mut sorted = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                let (key, value) = (canonical(key, depth + 1)?, canonical(value, depth + 1)?);
                let mut encoded = Vec::new();
                ciborium::into_writer(&key, &mut encoded).ok()?;
                let major = encoded.first()? >> 5;
                sorted.push(((major, encoded.len(), encoded), (key, value)));
            }
            sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
            let twice = sorted.windows(2).any(|pair| pair[0].0 == pair[1].0);
            (!twice).then(|| Value::Map(sorted.into_iter().map(|(_, entry)| entry).collect()))
        }
        other => Some(other.clone()),
    }
}

/// Whether [`canonical`] gives the one form. A float keeps the width that it has (CTAP 2.1 §8), which `ciborium`
/// forgets, as it does what tells `undefined` from `null`.
fn has_one_form(value: &cbor::Value<'_>) -> bool {
    match value {
        cbor::Value::Float { .. } | cbor::Value::Undefined => false,
        cbor::Value::Array(items) => items.iter().all(has_one_form),
        cbor::Value::Map(entries) => {
            entries.iter().all(|(key, value)| has_one_form(key) && has_one_form(value))
        }
        _ => true,
    }
}

fn same(ours: &cbor::Value<'_>, theirs: &Value) -> bool {
    match (ours, theirs) {
        (cbor::Value::Unsigned(n), Value::Integer(integer)) => i128::from(*integer) == i128::from(*n),
        (cbor::Value::Negative(n), Value::Integer(integer)) => i128::from(*integer) == -1 - i128::from(*n),
        (cbor::Value::Bytes(ours), Value::Bytes(theirs)) => ours == theirs,
        (cbor::Value::Text(ours), Value::Text(theirs)) => ours == theirs,
        (cbor::Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (cbor::Value::Map(ours), Value::Map(theirs)) => {
            let pairs = || ours.iter().zip(theirs);
            ours.len() == theirs.len()
                && pairs().all(|(ours, theirs)| same(&ours.0, &theirs.0) && same(&ours.1, &theirs.1))
        }
        (cbor::Value::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (cbor::Value::Null | cbor::Value::Undefined, Value::Null) => true,
        (cbor::Value::Float { width, bits }, Value::Float(theirs)) => {
            let ours = float(*width, *bits);
            // Which NaN it is may be lost on the way to a double.
            ours == *theirs || ours.is_nan() && theirs.is_nan()
        }
        _ => false,
    }
}

fn float(width: u8, bits: u64) -> f64 {
    let narrow = || u32::try_from(bits).expect("as many bits as the width says");
    match width {
        2 => half(narrow()),
        4 => f32::from_bits(narrow()).into(),
        _ => f64::from_bits(bits),
    }
}

/// RFC 8949 appendix D.
fn half(bits: u32) -> f64 {
    let (exponent, mantissa) = (bits >> 10 & 0x1f, f64::from(bits & 0x3ff));
    let power = |exponent: u32| f64::from(exponent).exp2();
    let value = match exponent {
        0 => mantissa / power(24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * power(exponent) / power(25),
    };
    if bits & 0x8000 == 0 { value } else { -value }
}
