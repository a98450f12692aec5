//! CTAP1: U2F (CTAP 2.1 §10, FIDO U2F Raw Message Formats 1.2).

use super::keeping::Trace;
use super::sign_count::next_count;
use super::state::State;
use super::store::Credential;
use super::user::ConsentRequest;
use super::verification::BuiltInUv;
use super::{Authenticator, AuthenticatorError};
use crate::attestation::{AttestationFormat, Subject};
use crate::crypto::{Algorithm, KeyPair, PublicKey, sha256};
use crate::ctap2::{U2fControl, U2fRequest, U2fStatus};
use crate::encoding::cbor;
use crate::webauthn::{AttestedCredentialData, Ceremony, Flags, User};
use rand_core::Rng as _;

/// The longest key handle that its length byte can say.
const MOST_KEY_HANDLE: u16 = 255;

impl Authenticator {
    /// Answers one U2F message, an APDU: data, and two bytes of status.
    #[must_use]
    pub fn u2f(&mut self, apdu: &[u8]) -> Vec<u8> {
        let answer = match self.model.u2f {
            true => U2fRequest::from_apdu(apdu).and_then(|request| self.answer_u2f(&request)),
            false => Err(U2fStatus::InstructionNotSupported),
        };
        let (mut response, status) = match answer {
            Ok(data) => (data, U2fStatus::NoError),
            Err(status) => (Vec::new(), status),
        };
        response.extend_from_slice(&status.number().to_be_bytes());
        response
    }

    fn answer_u2f(&mut self, request: &U2fRequest) -> Result<Vec<u8>, U2fStatus> {
        if *request == U2fRequest::Version {
            return Ok(b"U2F_V2".to_vec());
        }
        let state = self.state().map_err(status)?;
        if !self.serves_u2f(&state) {
            return Err(U2fStatus::CommandNotAllowed);
        }
        match request {
            U2fRequest::Version => Ok(Vec::new()),
            U2fRequest::Register { challenge, application } => {
                self.u2f_touch(&state, Ceremony::Create)?;
                self.u2f_register(challenge, application).map_err(status)
            }
            U2fRequest::Authenticate { control, challenge, application, key_handle } => {
                let found = self.u2f_credential(key_handle, application).map_err(status)?;
                let (credential, stateless) = found.ok_or(U2fStatus::WrongData)?;
                let present = match control {
                    U2fControl::CheckOnly => return Err(U2fStatus::ConditionsNotSatisfied),
                    U2fControl::EnforceUserPresence => {
                        self.u2f_touch(&state, Ceremony::Get)?;
                        true
                    }
                    // Where users are always verified, so they are here.
                    U2fControl::DontEnforceUserPresence if self.always_uv(&state) => {
                        self.u2f_touch(&state, Ceremony::Get)?;
                        true
                    }
                    U2fControl::DontEnforceUserPresence => false,
                };
                self.u2f_sign(credential, stateless, application, challenge, present).map_err(status)
            }
        }
    }

    /// Whether it answers U2F now: not where users are always to be verified, and it cannot do so by itself (§7.2.4).
    pub(super) fn serves_u2f(&self, state: &State) -> bool {
        self.model.u2f && (!self.always_uv(state) || self.has_built_in_uv(state))
    }

    fn u2f_touch(&mut self, state: &State, ceremony: Ceremony) -> Result<(), U2fStatus> {
        let consent = ConsentRequest { ceremony: Some(ceremony), ..ConsentRequest::touch() };
        let verified = match self.always_uv(state) {
            true => self.perform_built_in_uv(&consent, self.model.uv_attempts),
            false => self.ask(&consent).map(|_| BuiltInUv::Verified),
        };
        match verified {
            Ok(BuiltInUv::Verified) => Ok(()),
            _ => Err(U2fStatus::ConditionsNotSatisfied),
        }
    }

    fn u2f_register(
        &mut self,
        challenge: &[u8; 32],
        application: &[u8; 32],
    ) -> Result<Vec<u8>, AuthenticatorError> {
        self.begin_ceremony();
        let backend = self.traits.backend;
        let rp_id = hashed(application);
        let length = self.model.credential_id_length.get().min(MOST_KEY_HANDLE);
        let mut random = self.random.ceremony(&[challenge, application]);
        let made = self
            .stateless
            .as_ref()
            .and_then(|stateless| stateless.make(Algorithm::Es256, backend, &rp_id, length, &mut random));
        let is_stored = made.is_none();
        let (id, key) = match made {
            Some(made) => made,
            None => {
                let key = KeyPair::generate_with(backend, Algorithm::Es256, &mut random)
                    .map_err(|_| AuthenticatorError::UnsupportedAlgorithm)?;
                let mut id = vec![0; length.into()];
                random.fill_bytes(&mut id);
                (id, key)
            }
        };
        let credential = Credential::new(id, rp_id, User::default(), key);
        let response = self.u2f_attest(&credential, challenge, application)?;
        if self.stores_late() {
            self.finish(Trace::Credential(is_stored.then(|| Box::new(credential))))?;
        } else if is_stored {
            let mut transaction = self.store.begin()?;
            transaction.put(&credential)?;
            transaction.commit()?;
        }
        Ok(response)
    }

    /// The response to a registration (§4.3). Its signature is that of an attestation statement of the format `fido-u2f`.
    fn u2f_attest(
        &self,
        credential: &Credential,
        challenge: &[u8; 32],
        application: &[u8; 32],
    ) -> Result<Vec<u8>, AuthenticatorError> {
        let format = AttestationFormat::FidoU2f;
        let algorithm = self.attester.algorithm();
        let unsupported = AuthenticatorError::UnsupportedAttestationKey { format, algorithm };
        let (true, PublicKey::P256 { x, y }) =
            (self.attester.can_attest(format), credential.key.public_key())
        else {
            return Err(unsupported);
        };
        let mut data =
            self.authenticator_data(*application, credential, Flags::UP.with(Flags::AT, true), None);
        data.attested_credential_data = Some(AttestedCredentialData {
            aaguid: self.traits.aaguid,
            credential_id: credential.id.clone(),
            public_key: credential.key.public_key().clone(),
        });
        let statement = format.statement(&Subject {
            auth_data: &data.to_bytes(),
            client_data_hash: challenge,
            credential_id: &credential.id,
            credential_key: &credential.key,
            aaguid: self.traits.aaguid,
            enterprise: false,
            attester: &self.attester,
            edits: &self.edits,
        });
        let statement = cbor::read(&statement).ok();
        let member = |name: &str| statement.as_ref()?.member(name);
        let certificate = member("x5c").and_then(|x5c| x5c.as_array()?.first()?.as_bytes());
        let signature = member("sig").and_then(cbor::Value::as_bytes);
        let (Some(certificate), Some(signature)) = (certificate, signature) else { return Err(unsupported) };
        let length = u8::try_from(credential.id.len()).unwrap_or(u8::MAX);
        Ok([&[0x05, 0x04][..], x, y, &[length], &credential.id, certificate, signature].concat())
    }

    /// The credential of a key handle, if it is for the application, and whether it takes no storage.
    fn u2f_credential(
        &mut self,
        key_handle: &[u8],
        application: &[u8; 32],
    ) -> Result<Option<(Credential, bool)>, AuthenticatorError> {
        if let Some(stored) = self.store.begin()?.find(key_handle)? {
            let is_for =
                stored.rp_id == hashed(application) || sha256(&[stored.rp_id.as_bytes()]) == *application;
            // A credential that needs a verified user is none for U2F (§12.1).
            let serves = is_for && stored.cred_protect < 3 && stored.key.algorithm() == Algorithm::Es256;
            return Ok(serves.then_some((stored, false)));
        }
        let made = self.stateless.as_ref().and_then(|stateless| {
            let rp_id = hashed(application);
            stateless.open(key_handle, &rp_id, self.traits.backend, self.model.backup)
        });
        Ok(made.map(|credential| (credential, true)))
    }

    /// The response to an authentication (§5.4).
    fn u2f_sign(
        &mut self,
        credential: Credential,
        stateless: bool,
        application: &[u8; 32],
        challenge: &[u8; 32],
        present: bool,
    ) -> Result<Vec<u8>, AuthenticatorError> {
        self.begin_ceremony();
        let stores_late = self.stores_late();
        let mut transaction = self.store.begin()?;
        let stored = transaction.sign_count(&credential.id)?.filter(|_| !stateless);
        let count = next_count(self.model.counter, stored, transaction.as_mut())?;
        if stores_late {
            drop(transaction);
        } else {
            if stored.is_some() {
                transaction.set_sign_count(&credential.id, count)?;
            }
            transaction.commit()?;
        }
        let (flags, counted) = ([u8::from(present)], count.to_be_bytes());
        let key = credential.key.with_backend(self.traits.backend);
        let signature = self.edits.sign(&key, &[application, &flags, &counted, challenge]);
        if stores_late {
            self.finish(Trace::Count(credential.id, stored.map(|_| count)))?;
        }
        Ok([&flags[..], &counted, &signature].concat())
    }
}

/// What RP IDs of credentials of U2F begin with.
const HASHED: &str = "sha256:";

/// The RP ID of a credential of U2F, of which only the hash is known. It is no domain, and so that of no relying party.
pub(super) fn hashed(application: &[u8; 32]) -> String {
    format!("{HASHED}{}", base16ct::lower::encode_string(application))
}

/// Whether the credential with this RP ID is for a relying party, as those of U2F are whose application is its RP ID's hash
/// (§10).
pub(super) fn is_for(credential_rp_id: &str, rp_id: &str) -> bool {
    match credential_rp_id.starts_with(HASHED) {
        true => credential_rp_id == hashed(&sha256(&[rp_id.as_bytes()])),
        false => credential_rp_id == rp_id,
    }
}

/// What went wrong that is no touch.
fn status(_: AuthenticatorError) -> U2fStatus {
    U2fStatus::Other
}
