//! Authenticator data, and what the verifier makes of an answer.

use ciborium::Value;
use sha2::{Digest, Sha256};
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, CredentialRecord, RegisteredCredential,
    RegistrationExpectations, RelyingParty, RelyingPartyPolicy, Trust,
};
use stuntkey_inspect::cbor;

use super::answer::{Answer, named};
use super::parameters::encode;
use crate::core::outcome::Stop;

/// Flags (WebAuthn L3 §6.1).
pub(crate) mod flag {
    pub(crate) const UP: u8 = 0x01;
    pub(crate) const UV: u8 = 0x04;
    pub(crate) const AT: u8 = 0x40;
    pub(crate) const ED: u8 = 0x80;
    /// Those that have no meaning.
    pub(crate) const RESERVED: u8 = 0x22;
}

/// Authenticator data, taken apart (WebAuthn L3 §6.1).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AuthData {
    pub(crate) rp_id_hash: [u8; 32],
    pub(crate) flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) attested: Option<Attested>,
    pub(crate) extensions: Option<Value>,
}

/// A credential of authenticator data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attested {
    pub(crate) aaguid: [u8; 16],
    pub(crate) id: Vec<u8>,
    /// A COSE_Key.
    pub(crate) public_key: Vec<u8>,
}

impl AuthData {
    /// Takes it apart to its last byte; `Err` says what is wrong.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let short = || format!("authenticator data of {} bytes, which end too early", bytes.len());
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or_else(short)?;
        let (&[flags, a, b, c, d], rest) = rest.split_first_chunk().ok_or_else(short)?;
        let mut at = bytes.len() - rest.len();
        let attested = match flags & flag::AT {
            0 => None,
            _ => {
                let (aaguid, rest) = rest.split_first_chunk::<16>().ok_or_else(short)?;
                let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
                let (id, rest) =
                    rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or_else(short)?;
                at = bytes.len() - rest.len();
                let end = end_of_item(bytes, at).ok_or_else(|| "a public key that is no CBOR".to_owned())?;
                let public_key = bytes.get(at..end).unwrap_or_default().to_vec();
                at = end;
                Some(Attested { aaguid: *aaguid, id: id.to_vec(), public_key })
            }
        };
        let extensions = match flags & flag::ED {
            0 => None,
            _ => {
                let end = end_of_item(bytes, at).ok_or_else(|| "extensions that are no CBOR".to_owned())?;
                let outputs = ciborium::from_reader(bytes.get(at..end).unwrap_or_default()).ok();
                at = end;
                outputs
            }
        };
        match bytes.len() - at {
            0 => Ok(Self {
                rp_id_hash: *rp_id_hash,
                flags,
                sign_count: u32::from_be_bytes([a, b, c, d]),
                attested,
                extensions,
            }),
            left => Err(format!("{left} bytes behind the authenticator data")),
        }
    }

    /// The authenticator data of an answer.
    pub(crate) fn of(answer: &Answer) -> Result<Self, Stop> {
        Self::read(answer.bytes(2).unwrap_or_default()).map_err(Stop::fail)
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The output of an extension.
    pub(crate) fn output(&self, extension: &str) -> Option<&Value> {
        named(self.extensions.as_ref()?, extension)
    }
}

/// Where the extensions begin in authenticator data that has them, or would.
pub(crate) fn extensions_at(bytes: &[u8]) -> Option<usize> {
    let has_credential = bytes.get(32)? & flag::AT != 0;
    if !has_credential {
        return Some(37);
    }
    let length = bytes.get(53..55)?.first_chunk().map(|length| u16::from_be_bytes(*length))?;
    end_of_item(bytes, 55 + usize::from(length))
}

/// Where the data item ends that begins there.
fn end_of_item(bytes: &[u8], at: usize) -> Option<usize> {
    let reading = cbor::read(bytes, at..bytes.len());
    reading.stop.is_none().then_some(reading.end)
}

/// A ceremony's client data, and the RP ID that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientData {
    pub(crate) rp_id: String,
    pub(crate) challenge: Vec<u8>,
    pub(crate) json: String,
}

impl ClientData {
    pub(crate) fn new(kind: &str, rp_id: &str, challenge: &[u8]) -> Self {
        let json = format!(
            r#"{{"type":"webauthn.{kind}","challenge":"{}","origin":"https://{rp_id}","crossOrigin":false}}"#,
            base64url(challenge)
        );
        Self { rp_id: rp_id.to_owned(), challenge: challenge.to_vec(), json }
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.json.as_bytes()).to_vec()
    }

    fn judge(&self) -> RelyingParty {
        let policy = RelyingPartyPolicy::new(&self.rp_id, &format!("https://{}", self.rp_id));
        let attestation = AttestationPolicy { trust: Trust::Anybody, ..AttestationPolicy::default() };
        RelyingParty::new(policy).attestation(attestation)
    }

    /// What a relying party makes of a registration: the credential's record.
    pub(crate) fn verify_registration(
        &self,
        answer: &Answer,
        algorithms: &[i64],
    ) -> Result<CredentialRecord, String> {
        let member = |key| answer.get(key).cloned().unwrap_or(Value::Null);
        let statement = match member(3) {
            // With the format `none` it may be left out.
            Value::Null => Value::Map(Vec::new()),
            statement => statement,
        };
        let object = Value::Map(vec![
            (Value::from("fmt"), member(1)),
            (Value::from("attStmt"), statement),
            (Value::from("authData"), member(2)),
        ]);
        let data = AuthData::read(answer.bytes(2).unwrap_or_default())?;
        let id = data.attested.map(|attested| attested.id).unwrap_or_default();
        let reply = format!(
            r#"{{"id":"{0}","rawId":"{0}","type":"public-key","clientExtensionResults":{{}},"response":{{"clientDataJSON":"{1}","attestationObject":"{2}"}}}}"#,
            base64url(&id),
            base64url(self.json.as_bytes()),
            base64url(&encode(&object))
        );
        let expected =
            RegistrationExpectations::with_challenge(&self.challenge).algorithms(algorithms.iter().copied());
        let none: [RegisteredCredential; 0] = [];
        let verified = self.judge().verify_registration(&reply, &expected, &none);
        Ok(verified.map_err(|failed| failed.to_string())?.record)
    }

    /// What a relying party makes of an assertion.
    pub(crate) fn verify_assertion(
        &self,
        answer: &Answer,
        record: &CredentialRecord,
        user_handle: &[u8],
    ) -> Result<(), String> {
        let text = |key| base64url(answer.bytes(key).unwrap_or_default());
        let reply = format!(
            r#"{{"id":"{0}","rawId":"{0}","type":"public-key","clientExtensionResults":{{}},"response":{{"clientDataJSON":"{1}","authenticatorData":"{2}","signature":"{3}"}}}}"#,
            base64url(&record.id),
            base64url(self.json.as_bytes()),
            text(2),
            text(3)
        );
        let expected = AuthenticationExpectations::with_challenge(&self.challenge)
            .allow_credentials([record.id.clone()])
            .user(Some(user_handle.to_vec()))
            .stale_sign_count(true);
        let credentials =
            [RegisteredCredential { user_handle: user_handle.to_vec(), record: record.clone() }];
        let verified = self.judge().verify_authentication(&reply, &expected, &credentials);
        verified.map(drop).map_err(|failed| failed.to_string())
    }
}

/// Without padding.
fn base64url(bytes: &[u8]) -> String {
    stuntkey::encoding::base64url::encode(bytes)
}
