//! Public keys as COSE_Key maps (RFC 9052 §7) in the form that WebAuthn L3 §6.5.1.1 asks for. EC2 and OKP keys are defined
//! by RFC 9053 §7, RSA keys by RFC 8230 §4, AKP keys by the draft on ML-DSA for COSE.

use std::fmt;

use super::cbor::{Value, Writer};
use crate::crypto::{Algorithm, PublicKey};

// COSE_Key common parameters, and those of each key type.
const KTY: i64 = 1;
const ALG: i64 = 3;
/// EC2 and OKP.
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
/// RSA (RFC 8230 §4).
const N: i64 = -1;
const E: i64 = -2;
/// AKP (draft-ietf-cose-dilithium §3).
const PUB: i64 = -1;

const KTY_OKP: i64 = 1;
const KTY_EC2: i64 = 2;
const KTY_RSA: i64 = 3;
const KTY_AKP: i64 = 7;

const CRV_P256: i64 = 1;
const CRV_P384: i64 = 2;
const CRV_P521: i64 = 3;
const CRV_ED25519: i64 = 6;
const CRV_ED448: i64 = 7;
const CRV_SECP256K1: i64 = 8;

/// Writes `key` as a COSE_Key with `alg`: 77 bytes for ES256.
pub fn write_public_key(writer: &mut Writer, key: &PublicKey) {
    let mut common = |members, kty| {
        writer.map(members);
        writer.int(KTY);
        writer.int(kty);
        writer.int(ALG);
        writer.int(key.algorithm().cose_identifier());
    };
    let (crv, x, y): (i64, &[u8], Option<&[u8]>) = match key {
        PublicKey::P256 { x, y } => (CRV_P256, x, Some(y)),
        PublicKey::P384 { x, y } => (CRV_P384, x, Some(y)),
        PublicKey::P521 { x, y } => (CRV_P521, x, Some(y)),
        PublicKey::Secp256k1 { x, y } => (CRV_SECP256K1, x, Some(y)),
        PublicKey::Ed25519(x) => (CRV_ED25519, x, None),
        PublicKey::Ed448(x) => (CRV_ED448, x, None),
        PublicKey::Rsa { n, e, .. } => {
            common(4, KTY_RSA);
            writer.int(N);
            writer.bytes(n);
            writer.int(E);
            writer.bytes(e);
            return;
        }
        PublicKey::MlDsa { key, .. } => {
            common(3, KTY_AKP);
            writer.int(PUB);
            writer.bytes(key);
            return;
        }
    };
    match y {
        Some(_) => common(5, KTY_EC2),
        None => common(4, KTY_OKP),
    }
    writer.int(CRV);
    writer.int(crv);
    writer.int(X);
    writer.bytes(x);
    if let Some(y) = y {
        writer.int(Y);
        writer.bytes(y);
    }
}

/// Reads a COSE_Key that has the parameters of its type and no others; `kty` and `alg` say which type it is. The reader
/// does not examine whether a point lies on its curve or whether a modulus is a product of primes.
///
/// # Errors
/// [`CoseKeyError`]: the parameter, what was found and what was expected.
pub fn read_public_key(value: &Value<'_>) -> Result<PublicKey, CoseKeyError> {
    let Some(entries) = value.as_map() else {
        return Err(CoseKeyError { parameter: "COSE_Key", found: value.kind().into(), expected: "a map" });
    };
    let (key, expected) = match value.at(KTY).and_then(Value::as_int) {
        Some(KTY_EC2) => (ec2(value)?, "kty, alg, crv, x and y only"),
        Some(KTY_OKP) => (okp(value)?, "kty, alg, crv and x only"),
        Some(KTY_RSA) => (rsa(value)?, "kty, alg, n and e only"),
        Some(KTY_AKP) => (akp(value)?, "kty, alg and pub only"),
        _ => return Err(refuse(value, KTY, "kty (1)", "1 (OKP), 2 (EC2), 3 (RSA) or 7 (AKP)")),
    };
    let members = match key {
        PublicKey::MlDsa { .. } => 3,
        PublicKey::Ed25519(_) | PublicKey::Ed448(_) | PublicKey::Rsa { .. } => 4,
        _ => 5,
    };
    if entries.len() == members {
        Ok(key)
    } else {
        let found = format!("{} parameters", entries.len());
        Err(CoseKeyError { parameter: "COSE_Key", found, expected })
    }
}

fn ec2(key: &Value<'_>) -> Result<PublicKey, CoseKeyError> {
    match algorithm(key) {
        Some(Algorithm::Es256) => {
            expect_curve(key, CRV_P256, "1 (P-256), as alg is -7")?;
            Ok(PublicKey::P256 { x: x(key)?, y: y(key)? })
        }
        Some(Algorithm::Es384) => {
            expect_curve(key, CRV_P384, "2 (P-384), as alg is -35")?;
            Ok(PublicKey::P384 { x: x(key)?, y: y(key)? })
        }
        Some(Algorithm::Es512) => {
            expect_curve(key, CRV_P521, "3 (P-521), as alg is -36")?;
            Ok(PublicKey::P521 { x: x(key)?, y: y(key)? })
        }
        Some(Algorithm::Es256k) => {
            expect_curve(key, CRV_SECP256K1, "8 (secp256k1), as alg is -47")?;
            Ok(PublicKey::Secp256k1 { x: x(key)?, y: y(key)? })
        }
        _ => Err(refuse(key, ALG, "alg (3)", "-7 (ES256), -35 (ES384), -36 (ES512) or -47 (ES256K)")),
    }
}

fn okp(key: &Value<'_>) -> Result<PublicKey, CoseKeyError> {
    match algorithm(key) {
        Some(Algorithm::EdDsa) => {
            expect_curve(key, CRV_ED25519, "6 (Ed25519), as alg is -8")?;
            Ok(PublicKey::Ed25519(x(key)?))
        }
        Some(Algorithm::Ed448) => {
            expect_curve(key, CRV_ED448, "7 (Ed448), as alg is -53")?;
            Ok(PublicKey::Ed448(x(key)?))
        }
        _ => Err(refuse(key, ALG, "alg (3)", "-8 (EdDSA) or -53 (Ed448)")),
    }
}

fn rsa(key: &Value<'_>) -> Result<PublicKey, CoseKeyError> {
    match algorithm(key) {
        Some(algorithm) if algorithm.is_rsa() => {
            Ok(PublicKey::Rsa { algorithm, n: number(key, N, "n (-1)")?, e: number(key, E, "e (-2)")? })
        }
        _ => Err(refuse(key, ALG, "alg (3)", "-257 to -259 (RS), -37 to -39 (PS) or -65535 (RS1)")),
    }
}

fn akp(key: &Value<'_>) -> Result<PublicKey, CoseKeyError> {
    let expected = "-48 (ML-DSA-44), -49 (ML-DSA-65) or -50 (ML-DSA-87)";
    let wrong = || refuse(key, ALG, "alg (3)", expected);
    let algorithm = algorithm(key).ok_or_else(wrong)?;
    let length = algorithm.ml_dsa_key_length().ok_or_else(wrong)?;
    match key.at(PUB).and_then(Value::as_bytes) {
        Some(bytes) if bytes.len() == length => Ok(PublicKey::MlDsa { algorithm, key: bytes.to_vec() }),
        _ => Err(refuse(key, PUB, "pub (-1)", "1312, 1952 or 2592 bytes, as alg says")),
    }
}

fn algorithm(key: &Value<'_>) -> Option<Algorithm> {
    Algorithm::from_cose_identifier(key.at(ALG)?.as_int()?)
}

fn expect_curve(key: &Value<'_>, wanted: i64, expected: &'static str) -> Result<(), CoseKeyError> {
    match key.at(CRV).and_then(Value::as_int) {
        Some(found) if found == wanted => Ok(()),
        _ => Err(refuse(key, CRV, "crv (-1)", expected)),
    }
}

fn x<const LENGTH: usize>(key: &Value<'_>) -> Result<[u8; LENGTH], CoseKeyError> {
    coordinate(key, X, "x (-2)")
}

fn y<const LENGTH: usize>(key: &Value<'_>) -> Result<[u8; LENGTH], CoseKeyError> {
    coordinate(key, Y, "y (-3)")
}

fn coordinate<const LENGTH: usize>(
    key: &Value<'_>,
    label: i64,
    parameter: &'static str,
) -> Result<[u8; LENGTH], CoseKeyError> {
    let bytes = key.at(label).and_then(Value::as_bytes).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        let expected = match LENGTH {
            32 => "a byte string of 32 bytes",
            48 => "a byte string of 48 bytes",
            57 => "a byte string of 57 bytes",
            66 => "a byte string of 66 bytes",
            _ => "a byte string as long as the curve's field",
        };
        refuse(key, label, parameter, expected)
    })
}

/// A positive number without leading zeros (RFC 8230 §4).
fn number(key: &Value<'_>, label: i64, parameter: &'static str) -> Result<Vec<u8>, CoseKeyError> {
    let expected = "a byte string that begins with no zero";
    match key.at(label).and_then(Value::as_bytes) {
        Some([0, ..]) => Err(CoseKeyError { parameter, found: "a leading zero".into(), expected }),
        Some(bytes @ [_, ..]) => Ok(bytes.to_vec()),
        _ => Err(refuse(key, label, parameter, expected)),
    }
}

/// The error that a parameter is another one than expected.
fn refuse(key: &Value<'_>, label: i64, parameter: &'static str, expected: &'static str) -> CoseKeyError {
    let found = match key.at(label) {
        Some(Value::Bytes(bytes)) => format!("{} bytes", bytes.len()),
        Some(value) => value.as_int().map_or_else(|| value.kind().to_owned(), |n| n.to_string()),
        None => "nothing".to_owned(),
    };
    CoseKeyError { parameter, found, expected }
}

/// Why a CBOR item is no COSE_Key that this crate knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoseKeyError {
    /// The parameter that is wrong, with its label.
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
        assert_eq!(refused(2, 0x04), "kty (1)");
        assert_eq!(refused(2, 0x03), "alg (3)", "an RSA key cannot be for ES256");
        assert_eq!(refused(4, 0x27), "alg (3)");
        assert_eq!(refused(6, 0x02), "crv (-1)");
        assert_eq!(read_public_key(&Value::Null).unwrap_err().parameter, "COSE_Key");
        let short = [&sample()[..7], &[0x21, 0x41, 1, 0x22, 0x41, 2]].concat();
        assert_eq!(read_public_key(&cbor::read(&short).unwrap()).unwrap_err().found, "1 bytes");
        let extra = [&[0xa6][..], &sample()[1..], &[0x23, 0xf5]].concat();
        assert_eq!(read_public_key(&cbor::read(&extra).unwrap()).unwrap_err().found, "6 parameters");
    }

    #[test]
    fn every_kind_of_key_comes_back_and_is_canonical() {
        for key in kinds() {
            let bytes = written(&key);
            assert_eq!(read_public_key(&cbor::read(&bytes).unwrap()), Ok(key));
        }
    }

    #[test]
    fn no_kind_of_key_takes_one_parameter_more_or_another_curve() {
        for key in kinds() {
            let bytes = written(&key);
            let extra = [&[bytes[0] + 1][..], &bytes[1..], &[0x29, 0xf5]].concat();
            assert_eq!(read_public_key(&cbor::read(&extra).unwrap()).unwrap_err().parameter, "COSE_Key");
            let mut value = cbor::read(&bytes).unwrap();
            let Value::Map(entries) = &mut value else { panic!("no map") };
            let Some((_, crv @ Value::Unsigned(_))) = entries.get_mut(2) else { continue };
            *crv = Value::Unsigned(4);
            assert_eq!(read_public_key(&value).unwrap_err().parameter, "crv (-1)");
        }
    }

    #[test]
    fn names_what_is_wrong_in_rsa_and_ml_dsa_keys() {
        let rsa = |n: &[u8], e: &[u8]| {
            let key = PublicKey::Rsa { algorithm: Algorithm::Ps256, n: n.to_vec(), e: e.to_vec() };
            let bytes = written(&key);
            read_public_key(&cbor::read(&bytes).unwrap()).unwrap_err()
        };
        assert_eq!(
            rsa(&[0, 1], &[3]).to_string(),
            "COSE key n (-1): found a leading zero, expected a byte string that begins with no zero"
        );
        assert_eq!(rsa(&[], &[3]).parameter, "n (-1)");
        assert_eq!(rsa(&[5], &[0]).parameter, "e (-2)");
        let short = written(&PublicKey::MlDsa { algorithm: Algorithm::MlDsa65, key: vec![1; 1312] });
        let error = read_public_key(&cbor::read(&short).unwrap()).unwrap_err();
        assert_eq!((error.parameter, error.found.as_str()), ("pub (-1)", "1312 bytes"));
    }

    fn written(key: &PublicKey) -> Vec<u8> {
        let mut writer = Writer::new();
        write_public_key(&mut writer, key);
        writer.into_bytes()
    }

    /// One key for each algorithm.
    fn kinds() -> Vec<PublicKey> {
        let mut keys = vec![
            PublicKey::P256 { x: [1; 32], y: [2; 32] },
            PublicKey::P384 { x: [1; 48], y: [2; 48] },
            PublicKey::P521 { x: [1; 66], y: [2; 66] },
            PublicKey::Secp256k1 { x: [1; 32], y: [2; 32] },
            PublicKey::Ed25519([1; 32]),
            PublicKey::Ed448([1; 57]),
        ];
        for algorithm in Algorithm::ALL {
            match algorithm.ml_dsa_key_length() {
                Some(length) => keys.push(PublicKey::MlDsa { algorithm: *algorithm, key: vec![1; length] }),
                None if algorithm.is_rsa() => {
                    keys.push(PublicKey::Rsa { algorithm: *algorithm, n: vec![0x80; 256], e: vec![1, 0, 1] });
                }
                None => {}
            }
        }
        assert_eq!(keys.len(), Algorithm::ALL.len());
        keys
    }
}
