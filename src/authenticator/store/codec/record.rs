//! A credential as the file store keeps it: a canonical CBOR map with integer keys.

use zeroize::Zeroizing;

use crate::authenticator::store::credential::{Credential, FIELDS, Place};
use crate::crypto::{KeyError, KeyPair, PrivateKey};
use crate::encoding::cbor::{self, Value, Writer};
use crate::encoding::cose;
use crate::webauthn::User;

/// The keys of the fields that are looked at alone. The key pair has two members.
const ID: i64 = 1;
const RP_ID: i64 = 2;
const USER_ID: i64 = 3;
const PRIVATE_KEY: i64 = 6;
const PUBLIC_KEY: i64 = 7;
const DISCOVERABLE: i64 = 8;

pub(crate) fn encode(credential: &Credential) -> Zeroizing<Vec<u8>> {
    let secret = credential.key.private().to_bytes();
    let mut writer = Writer::with_capacity(512);
    let fields = || FIELDS.iter().filter(|field| field.is_written(credential));
    // The key pair has two members.
    writer.map(fields().count() + 1);
    for field in fields() {
        writer.int(field.record);
        match field.place {
            Place::Bytes(read, _) => writer.bytes(read(credential)),
            Place::Text(read, _) => writer.text(read(credential)),
            Place::Flag(read, _) => writer.bool(*read(credential)),
            Place::Count(read, _) => writer.unsigned((*read(credential)).into()),
            Place::Key => {
                writer.bytes(&secret);
                writer.int(PUBLIC_KEY);
                cose::write_public_key(&mut writer, credential.key.public_key());
            }
        }
    }
    Zeroizing::new(writer.into_bytes())
}

/// Why a record cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RecordError {
    Damaged(String),
    Key(KeyError),
}

impl From<String> for RecordError {
    fn from(why: String) -> Self {
        Self::Damaged(why)
    }
}

/// The credential id in a record.
pub(crate) fn id(record: &[u8]) -> Option<Vec<u8>> {
    cbor::read(record).ok()?.at(ID)?.as_bytes().map(<[u8]>::to_vec)
}

/// The RP ID and the user handle in a record, if the credential is discoverable.
pub(crate) fn account(record: &[u8]) -> Result<Option<(&str, &[u8])>, RecordError> {
    let members = Members::read(record)?;
    let account = (members.text(RP_ID)?, members.bytes(USER_ID)?);
    Ok(members.flag(DISCOVERABLE)?.then_some(account))
}

pub(crate) fn decode(record: &[u8]) -> Result<Credential, RecordError> {
    let members = Members::read(record)?;
    let public = cose::read_public_key(members.at(PUBLIC_KEY)?).map_err(|e| e.to_string())?;
    let key = PrivateKey::from_bytes(public.algorithm(), members.bytes(PRIVATE_KEY)?)
        .and_then(|private| KeyPair::from_parts(private, public))
        .map_err(|error| match error {
            KeyError::Unreadable(why) => RecordError::Damaged(why),
            KeyError::ScalarOutOfRange => RecordError::Damaged(error.to_string()),
            error => RecordError::Key(error),
        })?;
    let mut credential = Credential::new(Vec::new(), "", User::default(), key);
    for field in FIELDS.iter().filter(|field| field.is_of_first_version() || members.has(field.record)) {
        match field.place {
            Place::Bytes(_, write) => *write(&mut credential) = members.bytes(field.record)?.to_vec(),
            Place::Text(_, write) => *write(&mut credential) = members.text(field.record)?.to_owned(),
            Place::Flag(_, write) => *write(&mut credential) = members.flag(field.record)?,
            Place::Count(_, write) => *write(&mut credential) = members.count(field.record)?,
            Place::Key => {}
        }
    }
    Ok(credential)
}

/// The members of a record.
struct Members<'r>(Value<'r>);

impl<'r> Members<'r> {
    fn read(record: &'r [u8]) -> Result<Self, String> {
        cbor::read(record).map(Self).map_err(|e| e.to_string())
    }

    fn at(&self, key: i64) -> Result<&Value<'r>, String> {
        self.0.at(key).ok_or_else(|| format!("member {key} is missing"))
    }

    fn has(&self, key: i64) -> bool {
        self.0.at(key).is_some()
    }

    fn bytes(&self, key: i64) -> Result<&'r [u8], String> {
        self.at(key)?.as_bytes().ok_or_else(|| format!("member {key} is no byte string"))
    }

    fn text(&self, key: i64) -> Result<&'r str, String> {
        self.at(key)?.as_text().ok_or_else(|| format!("member {key} is no text"))
    }

    fn flag(&self, key: i64) -> Result<bool, String> {
        self.at(key)?.as_bool().ok_or_else(|| format!("member {key} is no boolean"))
    }

    fn count(&self, key: i64) -> Result<u32, String> {
        match self.at(key)? {
            Value::Unsigned(count) => u32::try_from(*count).map_err(|_| "the counter is out of range".into()),
            _ => Err("the counter is no number".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Algorithm, PublicKey, derived_rng};
    use crate::encoding::cbor::Item;

    /// The record of [`sample`], written by version 0.1.0 before there was any algorithm but ES256.
    const OLD: &str = "ab015001010101010101010101010101010101026b6578616d706c652e6f726703410204616e0561640658200303030303\
        03030303030303030303030303030303030303030303030303030307a5010203262001215820591ab771ebbcfd6d9cb9094d106528\
        add1a69d44c2c1f627f089ec58b9c61adf2258209f4e6abf0d045c0c693a3c68ad7c97ca72be64def4a26fecd263dd98a92780f008\
        f509070af50bf4";

    fn sample(key: KeyPair) -> Credential {
        let user = User { id: vec![2], name: "n".into(), display_name: "d".into() };
        Credential {
            discoverable: true,
            sign_count: 7,
            backup_eligible: true,
            ..Credential::new(vec![1; 16], "example.org", user, key)
        }
    }

    #[test]
    fn a_record_of_the_first_version_is_still_read_and_written() {
        let old = base16ct::lower::decode_vec(OLD).unwrap();
        let credential = sample(KeyPair::from_p256_scalar(&[3; 32]).unwrap());
        assert_eq!(decode(&old).unwrap(), credential);
        assert_eq!(*encode(&credential), old);
    }

    #[test]
    fn every_key_comes_back() {
        let mut random = derived_rng(b"record", &[]);
        for algorithm in Algorithm::available() {
            let key = match algorithm.is_rsa() {
                true => KeyPair::from_rsa_pool(*algorithm, &mut random).unwrap(),
                false => KeyPair::generate(*algorithm, &mut random).unwrap(),
            };
            let credential = sample(key);
            assert_eq!(decode(&encode(&credential)).unwrap(), credential, "{algorithm}");
        }
    }

    /// The record of a key pair, with another secret in its place.
    fn with_secret(key: KeyPair, secret: &[u8]) -> Vec<u8> {
        let mut record = Item::read(&encode(&sample(key))).unwrap();
        record.set(PRIVATE_KEY, secret.to_vec());
        record.to_bytes()
    }

    #[test]
    fn a_scalar_out_of_range_is_damage() {
        let key = KeyPair::from_p256_scalar(&[3; 32]).unwrap();
        assert!(decode(&with_secret(key.clone(), &[3; 32])).is_ok());
        for scalar in [[0; 32], [0xff; 32]] {
            let RecordError::Damaged(why) = decode(&with_secret(key.clone(), &scalar)).unwrap_err() else {
                panic!("another error")
            };
            assert!(why.contains("out of range"), "{why}");
        }
    }

    #[cfg(feature = "rsa")]
    #[test]
    fn an_rsa_key_whose_factors_are_no_primes_is_damage() {
        use der::Decode;
        use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};

        let key = KeyPair::from_rsa_pool(Algorithm::Rs256, &mut derived_rng(b"record", &[])).unwrap();
        let secret = key.private().to_bytes();
        assert!(decode(&with_secret(key.clone(), &secret)).is_ok());
        let factors = RsaPrivateKeyRef::from_der(&secret).unwrap();
        let [p, q] = [factors.prime1, factors.prime2]
            .map(|factor| rsa::BoxedUint::from_be_slice_vartime(factor.as_bytes()));
        // Two more than this prime is none.
        let composite =
            rsa::PrivateKey::from_p_q(p + rsa::BoxedUint::from(2u8), q, 65_537u64.into()).unwrap();
        let composite = composite.to_pkcs1_der().unwrap();
        let RecordError::Damaged(why) = decode(&with_secret(key, &composite.to_bytes())).unwrap_err() else {
            panic!("another error")
        };
        assert!(why.contains("no primes"), "{why}");
    }

    #[test]
    fn an_algorithm_that_this_build_lacks_is_named() {
        let key = KeyPair::from_p256_scalar(&[3; 32]).unwrap();
        for (public, algorithm) in [
            (PublicKey::Ed448([5; 57]), Algorithm::Ed448),
            (PublicKey::P384 { x: [5; 48], y: [6; 48] }, Algorithm::Es384),
        ] {
            let record = encode(&sample(KeyPair::from_parts(key.private().clone(), public).unwrap()));
            match algorithm.is_available() {
                true => {
                    assert!(matches!(decode(&record), Err(RecordError::Damaged(_))), "a secret of 32 bytes")
                }
                false => assert_eq!(decode(&record), Err(RecordError::Key(KeyError::NotInBuild(algorithm)))),
            }
        }
    }
}
