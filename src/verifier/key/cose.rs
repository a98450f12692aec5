//! COSE_Key (RFC 9052 §7, RFC 9053 §7), read and written.

use stuntkey_inspect::cbor::{Item, read_within};

use super::{KeyRefusal, KeyType, RsaValue, VerifyingKey};
use crate::crypto::Algorithm;
use crate::verifier::cbor;

const KTY: i128 = 1;
const ALG: i128 = 3;
const CRV: i128 = -1;

/// Key types (RFC 9053 §7, RFC 8230 §4, draft-ietf-cose-dilithium).
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const AKP: i64 = 7;

impl VerifyingKey {
    /// Reads a COSE_Key (RFC 9052 §7), which has to state its algorithm (WebAuthn L3 §6.5.1.1), and returns that too.
    ///
    /// # Errors
    /// [`KeyRefusal`]: what was found.
    pub fn from_cose(bytes: &[u8]) -> Result<(Self, Algorithm), KeyRefusal> {
        let reading = read_within(bytes, 0..bytes.len(), cbor::LIMITS);
        match (reading.item, reading.stop) {
            (Some(item), None) if reading.end == bytes.len() => Self::from_item(&item),
            (_, Some(stop)) => refuse(format!("no COSE_Key ({})", cbor::place(&stop))),
            _ => refuse(format!("no COSE_Key ({} bytes more)", bytes.len().saturating_sub(reading.end))),
        }
    }

    /// Reads a COSE_Key from a CBOR item.
    pub(in crate::verifier) fn from_item(key: &Item<'_>) -> Result<(Self, Algorithm), KeyRefusal> {
        if !key.is_map() {
            return refuse(format!("no COSE_Key ({})", key.kind_name()));
        }
        // In the canonical form, no key can be there twice.
        if key.first_departure().is_some() && key.has_a_key_twice() {
            return refuse("a COSE_Key with one label twice".into());
        }
        let algorithm = algorithm_of(key)?;
        let key_type = KeyType::of(algorithm);
        expect_type(key, key_type)?;
        let part = |label: i128, name: &str| {
            let part = key.labelled(label);
            part.and_then(Item::bytes)
                .ok_or_else(|| KeyRefusal { found: format!("{} as {name}", cbor::kind_of(part)) })
        };
        let key = match key_type {
            KeyType::P256 | KeyType::P384 | KeyType::P521 | KeyType::Secp256k1 => {
                let (x, y) = (part(-2, "x")?, part(-3, "y")?);
                let length = key_type.coordinate_length();
                for (name, coordinate) in [("x", x), ("y", y)] {
                    if coordinate.len() != length {
                        let found = coordinate.len();
                        return refuse(format!("{name} of {found} bytes, where {key_type} has {length}"));
                    }
                }
                Self::from_value(key_type, &[&[4], x, y].concat())?
            }
            KeyType::Ed25519 | KeyType::Ed448 => Self::from_value(key_type, part(-2, "x")?)?,
            KeyType::Rsa => {
                let key = Self::from_rsa(part(-1, "n")?, part(-2, "e")?)?;
                key.expect_rsa_bits()?;
                key
            }
            KeyType::MlDsa44 | KeyType::MlDsa65 | KeyType::MlDsa87 => {
                Self::from_value(key_type, part(-1, "pub")?)?
            }
        };
        Ok((key, algorithm))
    }

    /// Writes the key as a COSE_Key in the CTAP2 canonical form, with `algorithm` as its `alg`.
    #[must_use]
    pub fn to_cose(&self, algorithm: Algorithm) -> Vec<u8> {
        let (kty, crv) = self.key_type().cose();
        let value = self.value();
        let parts: Vec<&[u8]> = match kty {
            EC2 => {
                let point = value.get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                vec![x, y]
            }
            RSA => {
                let (n, e) = RsaValue(value).parts();
                vec![n, e]
            }
            _ => vec![value],
        };
        let mut out = Vec::new();
        head(&mut out, 5, 2 + usize::from(crv.is_some()) + parts.len());
        [1, kty, 3, algorithm.cose_identifier()].into_iter().for_each(|number| integer(&mut out, number));
        // The parameters of a type have the labels -1, -2 and so on.
        let mut label = -1;
        if let Some(crv) = crv {
            integer(&mut out, label);
            integer(&mut out, crv);
            label -= 1;
        }
        for part in parts {
            integer(&mut out, label);
            head(&mut out, 2, part.len());
            out.extend_from_slice(part);
            label -= 1;
        }
        out
    }
}

/// Writes the shortest head of an item with this major type and argument (RFC 8949 §3).
fn head(out: &mut Vec<u8>, major: u8, argument: usize) {
    let major = major << 5;
    match (u8::try_from(argument), u16::try_from(argument)) {
        (Ok(short @ 0..24), _) => out.push(major | short),
        (Ok(byte), _) => out.extend([major | 24, byte]),
        (_, Ok(two)) => {
            out.push(major | 25);
            out.extend(two.to_be_bytes());
        }
        // No part of a key is longer.
        _ => {
            out.push(major | 26);
            out.extend(u32::try_from(argument).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

fn integer(out: &mut Vec<u8>, number: i64) {
    let argument = usize::try_from(if number < 0 { -1 - number } else { number }).unwrap_or_default();
    head(out, u8::from(number < 0), argument);
}

fn refuse<T>(found: String) -> Result<T, KeyRefusal> {
    Err(KeyRefusal { found })
}

impl KeyType {
    /// `kty` and, for curves, `crv` (RFC 9053 §7, RFC 8812 §3.1, RFC 8230 §4, draft-ietf-cose-dilithium).
    const fn cose(self) -> (i64, Option<i64>) {
        match self {
            KeyType::P256 => (EC2, Some(1)),
            KeyType::P384 => (EC2, Some(2)),
            KeyType::P521 => (EC2, Some(3)),
            KeyType::Secp256k1 => (EC2, Some(8)),
            KeyType::Ed25519 => (OKP, Some(6)),
            KeyType::Ed448 => (OKP, Some(7)),
            KeyType::Rsa => (RSA, None),
            KeyType::MlDsa44 | KeyType::MlDsa65 | KeyType::MlDsa87 => (AKP, None),
        }
    }
}

fn algorithm_of(key: &Item<'_>) -> Result<Algorithm, KeyRefusal> {
    let Some(alg) = key.labelled(ALG) else { return refuse("a COSE_Key without alg".into()) };
    let Some(identifier) = alg.integer() else {
        let found = alg
            .text()
            .map_or_else(|| format!("{} as alg", alg.kind_name()), |name| format!("the algorithm {name:?}"));
        return refuse(found);
    };
    let known = i64::try_from(identifier).ok().and_then(Algorithm::from_cose_identifier);
    known.map_or_else(|| refuse(format!("the algorithm {identifier}, which the verifier does not know")), Ok)
}

/// Checks that the key has the type and curve of its algorithm, and no parameter that the type does not have.
fn expect_type(key: &Item<'_>, key_type: KeyType) -> Result<(), KeyRefusal> {
    let (kty, crv) = key_type.cose();
    let shown = |item: Option<&Item<'_>>| {
        let number = item.and_then(Item::integer).map(|number| number.to_string());
        number.unwrap_or_else(|| cbor::kind_of(item).to_owned())
    };
    let is = |item: Option<&Item<'_>>, wanted: i64| item.and_then(Item::integer) == Some(wanted.into());
    let found = key.labelled(KTY);
    if !is(found, kty) {
        return refuse(format!("kty {}, where a {key_type} key has {kty}", shown(found)));
    }
    if let Some(crv) = crv {
        let found = key.labelled(CRV);
        if !is(found, crv) {
            return refuse(format!("{} as crv, where a {key_type} key has {crv}", shown(found)));
        }
    }
    let parameters = match kty {
        EC2 => 3,
        OKP | RSA => 2,
        _ => 1,
    };
    // WebAuthn L3 §6.5.1.1: no optional parameters beside `kty` and `alg`.
    if key.entries().len() != 2 + parameters {
        return refuse(format!(
            "a {key_type} COSE_Key with parameters that it does not have, or without some"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator of P-256 (SEC 2 §2.4.2) in the form of WebAuthn L3 §6.5.1.1.
    #[test]
    fn a_key_is_written_as_it_was_read() {
        let x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
        let y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
        let bytes = stuntkey_inspect::text::from_hex(&format!("a5010203262001215820{x}225820{y}")).unwrap();
        let (key, algorithm) = VerifyingKey::from_cose(&bytes).unwrap();
        assert_eq!(key.to_cose(algorithm), bytes);
        assert_eq!(
            VerifyingKey::from_cose(&[&bytes[..], &[0]].concat()).unwrap_err().found,
            "no COSE_Key (1 bytes more)"
        );
    }

    /// The exponent and the modulus may have zeros inside.
    #[cfg(feature = "rsa")]
    #[test]
    fn an_rsa_key_is_written_as_it_was_read() {
        let mut n = vec![0; 256];
        (n[0], n[255]) = (0x80, 1);
        let key = VerifyingKey::from_rsa(&n, &[1, 0, 1]).unwrap();
        let bytes = key.to_cose(Algorithm::Rs256);
        assert_eq!(bytes[..10], [0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1]);
        let (read, algorithm) = VerifyingKey::from_cose(&bytes).unwrap();
        assert_eq!((read, algorithm), (key, Algorithm::Rs256));
    }
}
