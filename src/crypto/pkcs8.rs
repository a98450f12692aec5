//! Private keys in the encodings that people keep them in: PKCS#8, SEC 1 and PKCS#1, as DER or PEM.

use der::asn1::{ContextSpecific, OctetStringRef};
use der::pem::{self, LineEnding};
use der::{Decode, Encode, ErrorKind, Reader, SliceReader, Tag, TagMode, TagNumber};
use p256::pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::asn1::{BIT_STRING, SEQUENCE, tlv};
use super::public_key::{UNCOMPRESSED, algorithm_identifier};
use super::{Algorithm, KeyError, KeyPair, PublicKey};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The tag `[0] IMPLICIT` of the seed in an ML-DSA private key.
const ML_DSA_SEED: TagNumber = TagNumber(0);

impl KeyPair {
    /// The private key as a DER `PrivateKeyInfo` (RFC 5958 version 1): SEC 1 with the public key for ECDSA, RFC 8410
    /// for EdDSA, PKCS #1 for RSA, the seed form of RFC 9881 for ML-DSA.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let secret = self.private().to_bytes();
        let ec = |x: &[u8], y: &[u8]| {
            let point = [&[UNCOMPRESSED], x, y].concat();
            written(&EcPrivateKey { private_key: &secret, parameters: None, public_key: Some(&point) })
        };
        let key = match self.public_key() {
            PublicKey::P256 { x, y } | PublicKey::Secp256k1 { x, y } => ec(x, y),
            PublicKey::P384 { x, y } => ec(x, y),
            PublicKey::P521 { x, y } => ec(x, y),
            PublicKey::Ed25519(_) | PublicKey::Ed448(_) => written(&octets(&secret)),
            PublicKey::Rsa { .. } => secret,
            PublicKey::MlDsa { .. } => written(&ContextSpecific {
                tag_number: ML_DSA_SEED,
                tag_mode: TagMode::Implicit,
                value: octets(&secret),
            }),
        };
        let identifier = tlv(SEQUENCE, &[algorithm_identifier(self.algorithm())]);
        let identifier = AlgorithmIdentifierRef::from_der(&identifier).expect("each algorithm's is tested");
        written(&PrivateKeyInfoRef::new(identifier, octets(&key)))
    }

    /// The private key as a PEM `PRIVATE KEY`.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        let text = pem::encode_string("PRIVATE KEY", LineEnding::LF, &self.to_pkcs8_der());
        Zeroizing::new(text.expect("a private key always fits the PEM encoding"))
    }

    /// Reads a DER `PrivateKeyInfo` with a key for any algorithm of this build. An RSA key becomes one for RS256;
    /// [`with_algorithm`](Self::with_algorithm) chooses another.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(unreadable)?;
        let algorithm = recognise(info.algorithm)?;
        if !algorithm.is_available() {
            return Err(KeyError::NotInBuild(algorithm));
        }
        let key = info.private_key.as_bytes();
        let pair = match algorithm {
            Algorithm::EdDsa | Algorithm::Ed448 => Self::from_secret(algorithm, octets_of(key)?),
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
                Self::from_secret(algorithm, ml_dsa_seed(key)?)
            }
            rsa if rsa.is_rsa() => Self::from_secret(algorithm, key),
            _ => Self::from_ec(algorithm, &EcPrivateKey::from_der(key).map_err(unreadable)?),
        }?;
        match info.public_key.is_some_and(|public| pair.public_key().to_spki_der() != spki(algorithm, public))
        {
            true => Err(KeyError::Unreadable("found the public key of another private key".into())),
            false => Ok(pair),
        }
    }

    /// Reads a PEM `PRIVATE KEY` (PKCS#8), `EC PRIVATE KEY` (SEC 1) or `RSA PRIVATE KEY` (PKCS#1), as
    /// [`from_pkcs8_der`](Self::from_pkcs8_der) does. Other blocks in the text are passed over.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let block = |label: &str| pem.find(&format!("-----BEGIN {label}-----")).and_then(|at| pem.get(at..));
        let decode = |block: &str| match pem::decode_vec(first_block(block).as_bytes()) {
            Ok((_, der)) => Ok(Zeroizing::new(der)),
            Err(error) => Err(unreadable(error)),
        };
        if let Some(block) = block("PRIVATE KEY") {
            Self::from_pkcs8_der(&decode(block)?)
        } else if let Some(block) = block("EC PRIVATE KEY") {
            let der = decode(block)?;
            let key = EcPrivateKey::from_der(&der).map_err(unreadable)?;
            let curve = key.parameters.as_ref().and_then(|parameters| parameters.named_curve());
            Self::from_ec(curve.map_or(Ok(Algorithm::Es256), recognise_curve)?, &key)
        } else if let Some(block) = block("RSA PRIVATE KEY") {
            Self::from_secret(Algorithm::Rs256, &decode(block)?)
        } else {
            Err(KeyError::Unreadable("found no PEM block of an unencrypted private key".into()))
        }
    }

    fn from_ec(algorithm: Algorithm, key: &EcPrivateKey<'_>) -> Result<Self, KeyError> {
        let curve = key.parameters.as_ref().and_then(|parameters| parameters.named_curve());
        if let Some(inner) = curve.map(recognise_curve).transpose()?
            && inner != algorithm
        {
            return Err(KeyError::OtherAlgorithm { found: inner, expected: algorithm });
        }
        if !algorithm.is_available() {
            return Err(KeyError::NotInBuild(algorithm));
        }
        let length = match algorithm {
            Algorithm::Es384 => 48,
            Algorithm::Es512 => 66,
            _ => 32,
        };
        // RFC 5915 §3 asks for the full length; some writers leave leading zeros out.
        let mut scalar = Zeroizing::new(vec![0; usize::saturating_sub(length, key.private_key.len())]);
        scalar.extend_from_slice(key.private_key);
        let pair = Self::from_secret(algorithm, &scalar)?;
        match key.public_key.is_some_and(|point| !is_point_of(point, pair.public_key())) {
            true => Err(KeyError::Unreadable("found the public key of another private key".into())),
            false => Ok(pair),
        }
    }
}

/// The `SubjectPublicKeyInfo` of a `PrivateKeyInfo`'s public key.
fn spki(algorithm: Algorithm, public: der::asn1::BitStringRef<'_>) -> Vec<u8> {
    let identifier = tlv(SEQUENCE, &[algorithm_identifier(algorithm)]);
    tlv(SEQUENCE, &[&identifier, &tlv(BIT_STRING, &[&[public.unused_bits()], public.raw_bytes()])])
}

/// The algorithm that keys of this type sign with: for RSA, RS256.
fn recognise(identifier: AlgorithmIdentifierRef<'_>) -> Result<Algorithm, KeyError> {
    if identifier.oid == EC_PUBLIC_KEY {
        return recognise_curve(identifier.parameters_oid().map_err(unreadable)?);
    }
    let none = identifier.parameters.is_none();
    match identifier.oid {
        // RFC 3279 §2.3.1 asks for NULL as parameters; many writers leave it out.
        RSA_ENCRYPTION => Ok(Algorithm::Rs256),
        oid => (Algorithm::ALL.iter().copied())
            .find(|algorithm| none && algorithm_identifier(*algorithm).get(2..) == Some(oid.as_bytes()))
            .ok_or_else(|| KeyError::UnsupportedKeyType(oid.to_string())),
    }
}

fn recognise_curve(curve: ObjectIdentifier) -> Result<Algorithm, KeyError> {
    [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::Es256k]
        .into_iter()
        .find(|algorithm| algorithm_identifier(*algorithm).ends_with(curve.as_bytes()))
        .ok_or_else(|| KeyError::UnsupportedKeyType(format!("{EC_PUBLIC_KEY} on the curve {curve}")))
}

/// Whether `point` (SEC 1 §2.3.3) has the coordinates of `public`.
fn is_point_of(point: &[u8], public: &PublicKey) -> bool {
    let same = |x: &[u8], y: &[u8]| match point.split_first() {
        Some((&UNCOMPRESSED, coordinates)) => coordinates == [x, y].concat(),
        Some((compressed, coordinate)) => {
            coordinate == x && y.last().is_some_and(|last| *compressed == 0x02 | last & 1)
        }
        None => false,
    };
    match public {
        PublicKey::P256 { x, y } | PublicKey::Secp256k1 { x, y } => same(x, y),
        PublicKey::P384 { x, y } => same(x, y),
        PublicKey::P521 { x, y } => same(x, y),
        _ => false,
    }
}

/// The seed in an ML-DSA private key (RFC 9881 §6), which is a CHOICE of the seed, the expanded key, and both.
fn ml_dsa_seed(key: &[u8]) -> Result<&[u8], KeyError> {
    let expanded = || KeyError::UnsupportedKeyType("ML-DSA without its seed".into());
    let [value] = items(key).map_err(unreadable)?[..] else {
        return Err(KeyError::Unreadable("found another number of values than one in an ML-DSA key".into()));
    };
    match value {
        (Tag::ContextSpecific { constructed: false, number: ML_DSA_SEED }, seed) => Ok(seed),
        (Tag::OctetString, _) => Err(expanded()),
        (Tag::Sequence, both) => match items(both).map_err(unreadable)?[..] {
            [(Tag::OctetString, seed), (Tag::OctetString, _)] => Ok(seed),
            _ => Err(expanded()),
        },
        (tag, _) => Err(KeyError::Unreadable(format!("found {tag} in an ML-DSA key"))),
    }
}

fn items(content: &[u8]) -> der::Result<Vec<(Tag, &[u8])>> {
    let mut reader = SliceReader::new(content)?;
    let mut items = Vec::new();
    while !reader.is_finished() {
        let item = der::asn1::AnyRef::decode(&mut reader)?;
        items.push((der::Tagged::tag(&item), item.value()));
    }
    Ok(items)
}

fn octets_of(key: &[u8]) -> Result<&[u8], KeyError> {
    match items(key).map_err(unreadable)?[..] {
        [(Tag::OctetString, content)] => Ok(content),
        _ => Err(unreadable(der::Error::from(ErrorKind::Failed))),
    }
}

fn octets(content: &[u8]) -> &OctetStringRef {
    OctetStringRef::new(content).expect("a key is shorter than DER can say")
}

fn written(value: &impl Encode) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.to_der().expect("a key is shorter than DER can say"))
}

/// `text` up to the end of the first block in it.
fn first_block(text: &str) -> &str {
    let end = text.find("-----END ").map(|end| end + "-----END ".len());
    let end = end.and_then(|end| Some(end + text.get(end..)?.find("-----")? + "-----".len()));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

fn unreadable(why: impl std::fmt::Display) -> KeyError {
    KeyError::Unreadable(why.to_string())
}

#[cfg(test)]
mod tests;
