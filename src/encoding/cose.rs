//! Public keys as COSE_Key maps (RFC 9052 §7, RFC 9053 §7; the form WebAuthn L3 §6.5.1.1 asks for).

use std::fmt;

use super::cbor::{Value, Writer};
use crate::crypto::{Algorithm, PublicKey};

// COSE_Key common and EC2 parameters.
const KTY: i64 = 1;
const ALG: i64 = 3;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;

const KTY_EC2: i64 = 2;
const CRV_P256: i64 = 1;

/// Writes `key` as a COSE_Key with `alg`: 77 bytes for ES256.
pub fn write_public_key(writer: &mut Writer, key: &PublicKey) {
    match key {
        PublicKey::P256 { x, y } => {
            writer.map(5);
            writer.int(KTY);
            writer.int(KTY_EC2);
            writer.int(ALG);
            writer.int(Algorithm::Es256.cose_identifier());
            writer.int(CRV);
            writer.int(CRV_P256);
            writer.int(X);
            writer.bytes(x);
            writer.int(Y);
            writer.bytes(y);
        }
    }
}

/// Reads a COSE_Key with exactly the parameters that its type has. Whether the point lies on the curve is for
/// whoever computes with it.
///
/// # Errors
/// [`CoseKeyError`]: the parameter, what was found and what was expected.
pub fn read_public_key(value: &Value<'_>) -> Result<PublicKey, CoseKeyError> {
    let Some(entries) = value.as_map() else {
        return Err(CoseKeyError { parameter: "COSE_Key", found: value.kind().into(), expected: "a map" });
    };
    expect_int(value, KTY, "kty (1)", KTY_EC2, "2 (EC2)")?;
    expect_int(value, ALG, "alg (3)", Algorithm::Es256.cose_identifier(), "-7 (ES256)")?;
    expect_int(value, CRV, "crv (-1)", CRV_P256, "1 (P-256)")?;
    let key = PublicKey::P256 { x: coordinate(value, X, "x (-2)")?, y: coordinate(value, Y, "y (-3)")? };
    if entries.len() == 5 {
        Ok(key)
    } else {
        let found = format!("{} parameters", entries.len());
        Err(CoseKeyError { parameter: "COSE_Key", found, expected: "kty, alg, crv, x and y only" })
    }
}

fn expect_int(
    key: &Value<'_>,
    label: i64,
    parameter: &'static str,
    wanted: i64,
    expected: &'static str,
) -> Result<(), CoseKeyError> {
    let found = match key.at(label) {
        Some(value) if value.as_int() == Some(wanted) => return Ok(()),
        Some(value) => value.as_int().map_or_else(|| value.kind().to_owned(), |n| n.to_string()),
        None => "nothing".to_owned(),
    };
    Err(CoseKeyError { parameter, found, expected })
}

fn coordinate(key: &Value<'_>, label: i64, parameter: &'static str) -> Result<[u8; 32], CoseKeyError> {
    let expected = "a byte string of 32 bytes";
    let found = match key.at(label) {
        Some(Value::Bytes(bytes)) => match (*bytes).try_into() {
            Ok(coordinate) => return Ok(coordinate),
            Err(_) => format!("{} bytes", bytes.len()),
        },
        Some(value) => value.kind().to_owned(),
        None => "nothing".to_owned(),
    };
    Err(CoseKeyError { parameter, found, expected })
}

/// A COSE_Key that is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoseKeyError {
    /// The parameter, with its label.
    pub parameter: &'static str,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: &'static str,
}

impl fmt::Display for CoseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "COSE key {}: found {}, expected {}", self.parameter, self.found, self.expected)
    }
}

impl std::error::Error for CoseKeyError {}

#[cfg(test)]
mod tests {
    use super::super::cbor;
    use super::*;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new();
        write_public_key(&mut writer, &PublicKey::P256 { x: [1; 32], y: [2; 32] });
        writer.into_bytes()
    }

    fn refused(position: usize, byte: u8) -> &'static str {
        let mut bytes = sample();
        bytes[position] = byte;
        read_public_key(&cbor::read(&bytes).unwrap()).unwrap_err().parameter
    }

    #[test]
    fn an_es256_key_is_77_bytes_and_comes_back() {
        let bytes = sample();
        assert_eq!(bytes.len(), 77);
        let key = read_public_key(&cbor::read(&bytes).unwrap()).unwrap();
        assert_eq!(key, PublicKey::P256 { x: [1; 32], y: [2; 32] });
    }

    #[test]
    fn names_the_parameter_that_is_wrong() {
        assert_eq!(refused(2, 0x03), "kty (1)");
        assert_eq!(refused(4, 0x27), "alg (3)");
        assert_eq!(refused(6, 0x02), "crv (-1)");
        assert_eq!(read_public_key(&Value::Null).unwrap_err().parameter, "COSE_Key");
        let short = [&sample()[..7], &[0x21, 0x41, 1, 0x22, 0x41, 2]].concat();
        assert_eq!(read_public_key(&cbor::read(&short).unwrap()).unwrap_err().found, "1 bytes");
        let extra = [&[0xa6][..], &sample()[1..], &[0x23, 0xf5]].concat();
        assert_eq!(read_public_key(&cbor::read(&extra).unwrap()).unwrap_err().found, "6 parameters");
    }
}
