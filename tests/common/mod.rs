//! Registering, and reading what comes of it without the library's own readers.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]

use std::convert::Infallible;

use der::asn1::Any;
use der::{Decode, Encode, Reader, SliceReader, Tagged};
use rand_core::{TryCryptoRng, TryRng};
use stuntkey::Client;
use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::crypto::{Algorithm, KeyPair};
use stuntkey::draft::certificate::{Extension, name, year};
use stuntkey::draft::{CertificateDraft, Oid};
use stuntkey::webauthn::{
    AttestationConveyance, CreationOptions, RegistrationResponse, RelyingParty, ResidentKey, User,
};
use x509_cert::Certificate;

#[cfg(feature = "ctap")]
pub mod codes;
#[cfg(feature = "ctap")]
pub mod credentials;
#[cfg(feature = "ctap")]
pub mod device;
#[cfg(feature = "ctap")]
pub mod extensions;
#[cfg(feature = "ctap")]
pub mod information;
#[cfg(feature = "ctap")]
pub mod management;
#[cfg(feature = "ctap")]
pub mod platform;

/// A generator that gives exactly these bytes.
pub struct Scripted(pub Vec<u8>);

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}

type Members = Vec<(ciborium::Value, ciborium::Value)>;

pub fn client(builder: AuthenticatorBuilder) -> Client {
    Client::builder("https://example.org").authenticator(builder.build().unwrap()).build().unwrap()
}

pub fn options(algorithms: &[Algorithm]) -> CreationOptions {
    let rp = RelyingParty { id: Some("example.org".into()), name: "Example".into() };
    let user = User { id: vec![1], name: "user".into(), display_name: "User".into() };
    let algorithms = algorithms.iter().map(|algorithm| algorithm.cose_identifier()).collect();
    let mut options = CreationOptions::new(rp, user, vec![7; 32], algorithms);
    options.authenticator_selection.resident_key = ResidentKey::Required;
    options.attestation = AttestationConveyance::Direct;
    options
}

/// Registers an ES256 credential.
pub fn register(builder: AuthenticatorBuilder) -> Registered {
    Registered::of(client(builder).create(&options(&[Algorithm::Es256])).unwrap())
}

/// A registration response, and its attestation statement as `ciborium` reads it.
pub struct Registered {
    pub response: RegistrationResponse,
    pub fmt: String,
    att_stmt: ciborium::Value,
    pub statement: Members,
}

/// One statement and its format.
pub struct Part {
    pub fmt: String,
    pub statement: Members,
}

impl Registered {
    pub fn of(response: RegistrationResponse) -> Self {
        let object: ciborium::Value = ciborium::from_reader(response.attestation_object.as_slice()).unwrap();
        let object = object.into_map().unwrap();
        let att_stmt = member(&object, "attStmt").clone();
        let fmt = member(&object, "fmt").as_text().unwrap().to_owned();
        assert_eq!(member(&object, "authData").as_bytes(), Some(&response.authenticator_data));
        let statement = att_stmt.as_map().cloned().unwrap_or_default();
        Self { response, fmt, att_stmt, statement }
    }

    pub fn part(&self) -> Part {
        Part { fmt: self.fmt.clone(), statement: self.statement.clone() }
    }

    /// The statements of a compound one.
    pub fn compound(&self) -> Vec<Part> {
        let parts = self.att_stmt.as_array().unwrap().iter();
        parts
            .map(|part| {
                let part = part.as_map().unwrap();
                assert_eq!(part.len(), 2);
                Part {
                    fmt: member(part, "fmt").as_text().unwrap().to_owned(),
                    statement: member(part, "attStmt").as_map().unwrap().clone(),
                }
            })
            .collect()
    }

    pub fn int(&self, name: &str) -> i64 {
        member(&self.statement, name).as_integer().unwrap().try_into().unwrap()
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        self.part().bytes(name)
    }

    pub fn chain(&self) -> Vec<Certificate> {
        self.part().chain()
    }

    /// Authenticator data and the hash of client data: what most formats sign.
    pub fn signed(&self) -> Vec<u8> {
        [&self.response.authenticator_data[..], &sha256(&self.response.client_data_json)].concat()
    }
}

impl Part {
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        member(&self.statement, name).as_bytes().unwrap().clone()
    }

    pub fn chain(&self) -> Vec<Certificate> {
        let x5c = member(&self.statement, "x5c").as_array().unwrap();
        x5c.iter()
            .map(|der| {
                let certificate = Certificate::from_der(der.as_bytes().unwrap()).unwrap();
                assert_eq!(&certificate.to_der().unwrap(), der.as_bytes().unwrap(), "no DER");
                certificate
            })
            .collect()
    }
}

#[track_caller]
pub fn member<'v>(map: &'v [(ciborium::Value, ciborium::Value)], name: &str) -> &'v ciborium::Value {
    &map.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap_or_else(|| panic!("no {name}")).1
}

/// A certificate's extension: whether it is critical, and what stands inside its OCTET STRING.
pub fn extension(certificate: &Certificate, oid: &str) -> Option<(bool, Vec<u8>)> {
    let extensions = certificate.tbs_certificate().extensions()?;
    let found = extensions.iter().find(|extension| extension.extn_id.to_string() == oid)?;
    Some((found.critical, found.extn_value.as_bytes().to_vec()))
}

/// The tags and contents inside a DER SEQUENCE.
pub fn sequence(der: &[u8]) -> Vec<(der::Tag, Vec<u8>)> {
    items(Any::from_der(der).unwrap().value())
}

/// The numbers of the context-specific tags in the content of a SEQUENCE, and what stands inside each.
pub fn tagged(content: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let number = |tag: der::Tag| match tag {
        der::Tag::ContextSpecific { constructed: true, number } => number.0,
        other => panic!("{other}"),
    };
    items(content).into_iter().map(|(tag, value)| (number(tag), value)).collect()
}

fn items(content: &[u8]) -> Vec<(der::Tag, Vec<u8>)> {
    let mut reader = SliceReader::new(content).unwrap();
    let mut items = Vec::new();
    while !reader.is_finished() {
        let item = Any::decode(&mut reader).unwrap();
        items.push((item.tag(), item.value().to_vec()));
    }
    items
}

/// The big-endian structures of a TPM, read from the front.
pub struct Tlv<'a>(pub &'a [u8]);

impl<'a> Tlv<'a> {
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(length);
        self.0 = tail;
        head
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    pub fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    pub fn sized(&mut self) -> &'a [u8] {
        let length = self.u16();
        self.take(length.into())
    }
}

/// A self-signed authority, PEM.
pub fn self_signed(key: &KeyPair) -> String {
    let subject = name(&[(Oid::COMMON_NAME, "somebody's CA")]);
    let draft = CertificateDraft {
        version: 3,
        serial_number: vec![1],
        issuer: subject.clone(),
        not_before: year(2025),
        not_after: year(2060),
        subject,
        subject_public_key_info: key.public_key().to_spki_der(),
        extensions: vec![
            Extension::basic_constraints(true, None),
            Extension::subject_key_identifier(&[1, 2, 3]),
        ],
    };
    let certificate = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &draft.sign(key));
    format!("{}{}", certificate.unwrap(), *key.to_pkcs8_pem())
}

/// Whether a signature over `message` is one of the key; `None` for an algorithm that is not verified here.
pub fn verifies(spki: &[u8], algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
    // The BIT STRING after its count of unused bits.
    let bits = sequence(spki).remove(1).1.split_off(1);
    #[allow(unused_macros, reason = "features decide which curves there are")]
    macro_rules! ecdsa {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::Verifier;
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(&bits).unwrap();
            let signature = $curve::ecdsa::DerSignature::try_from(signature);
            Some(signature.is_ok_and(|signature| key.verify(message, &signature).is_ok()))
        }};
    }
    match algorithm {
        Algorithm::Es256 => ecdsa!(p256),
        #[cfg(feature = "es384")]
        Algorithm::Es384 => ecdsa!(p384),
        #[cfg(feature = "es512")]
        Algorithm::Es512 => ecdsa!(p521),
        #[cfg(feature = "eddsa")]
        Algorithm::EdDsa => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(bits.as_slice().try_into().unwrap());
            let signature = ed25519_dalek::Signature::from_slice(signature);
            Some(signature.is_ok_and(|signature| key.unwrap().verify_strict(message, &signature).is_ok()))
        }
        #[cfg(feature = "rsa")]
        Algorithm::Rs256 => Some(rsa_pkcs1(&bits, &sha256(message), signature)),
        #[cfg(feature = "rsa")]
        Algorithm::Rs1 => {
            use sha1::Digest;
            Some(rsa_pkcs1(&bits, &sha1::Sha1::digest(message), signature))
        }
        _ => None,
    }
}

/// RFC 8017 §8.2.2, by the arithmetic of `rsa` alone: the padding ends in the hash.
#[cfg(feature = "rsa")]
fn rsa_pkcs1(public_key: &[u8], hash: &[u8], signature: &[u8]) -> bool {
    use rsa::BoxedUint;
    let [n, e] = sequence(public_key).try_into().unwrap();
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    let key = rsa::PublicKey::new(number(&n.1), number(&e.1)).unwrap();
    let length = n.1.len() - 1;
    let signature = BoxedUint::from_be_slice(signature, u32::try_from(8 * length).unwrap()).unwrap();
    let padded = rsa::hazmat::rsa_encrypt(&key, &signature).unwrap().to_be_bytes();
    let padded = &padded[padded.len() - length..];
    padded.starts_with(&[0, 1, 0xff, 0xff]) && padded.ends_with(hash)
}

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}
