//! authenticatorMakeCredential (CTAP 2.1 §6.1.2).

use rand_core::{CryptoRng, Rng};

use super::keeping::Trace;
use super::model::{CounterPolicy, Extension};
use super::store::Credential;
use super::user::ConsentRequest;
use super::verification::Wanted;
use super::{Authenticator, AuthenticatorError};
use crate::attestation::{AttestationFormat, Subject};
use crate::crypto::{Algorithm, Backend, KeyPair};
use crate::ctap2::{EnterpriseAttestation, MakeCredentialRequest, MakeCredentialResponse, Permissions};
use crate::encoding::cbor::Writer;
use crate::webauthn::{AttestedCredentialData, Ceremony, Flags};

/// The formats of an authenticator whose model fixes none. The others are of particular makers, and no device is of several.
const UNFIXED_FORMATS: &[AttestationFormat] = &[AttestationFormat::Packed, AttestationFormat::None];

impl Authenticator {
    /// Makes a credential, attests it and stores it. Nothing is stored on an error.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn make_credential(
        &mut self,
        mut request: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, AuthenticatorError> {
        self.begin_ceremony();
        let consent = ConsentRequest {
            ceremony: Some(Ceremony::Create),
            rp_id: &request.rp_id,
            user_name: Some(&request.user.name),
            user_verification: false,
        };
        let auth = request.pin_uv_auth.as_ref();
        if auth.is_some_and(|auth| auth.param.is_empty()) {
            return Err(self.select(&consent));
        }
        self.examine_protocol(auth)?;
        let format = self.choose_format(&request.attestation_formats_preference);
        let algorithm = self.choose_algorithm(&request.pub_key_cred_params, format)?;
        if !self.attester.can_attest(format) {
            let algorithm = self.attester.algorithm();
            return Err(AuthenticatorError::UnsupportedAttestationKey { format, algorithm });
        }
        if request.resident_key && !self.model.resident_key {
            return Err(AuthenticatorError::NoDiscoverableCredentials);
        }
        let verification = self.choose_verification(&Wanted {
            auth,
            user_verification: request.user_verification,
            protects: true,
        })?;
        match request.enterprise_attestation {
            Some(_) if !self.model.enterprise_attestation => {
                return Err(AuthenticatorError::NoEnterpriseAttestation);
            }
            Some(EnterpriseAttestation::Unknown(value)) => {
                return Err(AuthenticatorError::InvalidEnterpriseAttestation(value));
            }
            _ => {}
        }

        let ceremony = (&*request.rp_id, &request.client_data_hash);
        self.check_token(verification, auth, Permissions::MAKE_CREDENTIAL, ceremony)?;
        let excluded = self.is_excluded(&request)?;
        // Step 12: the user is asked before the answer says that a credential is excluded. Without the user, a page does
        // not learn which credentials are here.
        let flags = match request.user_presence {
            true => self.verify(verification, &consent)?,
            false => Flags::default(),
        };
        if excluded {
            return Err(AuthenticatorError::CredentialExcluded);
        }

        let given = self.given_key(algorithm);
        let given_id = self.credential_ids.pop_front();
        let mut random =
            self.random.ceremony(&[&request.client_data_hash, request.rp_id.as_bytes(), &request.user.id]);
        let backend = self.traits.backend;
        let length = self.model.credential_id_length.get();
        let stateless = match &self.stateless {
            Some(stateless) if !request.resident_key && given.is_none() && given_id.is_none() => {
                stateless.make(algorithm, backend, &request.rp_id, length, &mut random)
            }
            _ => None,
        };
        let stored = stateless.is_none();
        let (key, id) = match stateless {
            Some((id, key)) => (key, id),
            None => {
                let key = match (given, &mut self.keys_ahead) {
                    (Some(key), _) => key.with_backend(backend),
                    (None, Some(ahead)) if algorithm == Algorithm::Es256 => ahead.take(&mut random),
                    (None, _) => new_key(algorithm, backend, self.traits.rsa_pool, &mut random)?,
                };
                // Not `vec!`, whose calloc takes longer.
                let mut id: Vec<u8> = std::iter::repeat_n(0, length.into()).collect();
                random.fill_bytes(&mut id);
                (key, given_id.unwrap_or(id))
            }
        };

        let stores_late = self.stores_late();
        let mut transaction = self.store.begin()?;
        let sign_count = match self.model.counter {
            CounterPolicy::PerCredential | CounterPolicy::Zero => 0,
            CounterPolicy::Global => transaction.next_global_count()?,
        };
        let user = std::mem::take(request.user.to_mut());
        let credential = Credential {
            discoverable: request.resident_key,
            sign_count,
            backup_eligible: self.model.backup.is_eligible(),
            backup_state: self.model.backup.is_backed_up(),
            ..Credential::new(id, request.rp_id.clone(), user, key)
        };
        if stores_late {
            drop(transaction);
            let response = self.attest(&request, &credential, flags, format);
            self.finish(Trace::Credential(stored.then(|| Box::new(credential))))?;
            return Ok(response);
        }
        if stored {
            transaction.put(&credential)?;
        }
        transaction.commit()?;
        Ok(self.attest(&request, &credential, flags, format))
    }

    /// The first algorithm of the request that this authenticator has and the format can attest.
    fn choose_algorithm(
        &self,
        wanted: &[i64],
        format: AttestationFormat,
    ) -> Result<Algorithm, AuthenticatorError> {
        let wanted = self.edits.algorithms_for(wanted);
        let mut known = wanted
            .iter()
            .filter_map(|identifier| Algorithm::from_cose_identifier(*identifier))
            .filter(|algorithm| self.model.algorithms.contains(algorithm));
        let first = known.next().ok_or(AuthenticatorError::UnsupportedAlgorithm)?;
        std::iter::once(first)
            .chain(known)
            .find(|algorithm| format.supports(*algorithm))
            .ok_or(AuthenticatorError::UnsupportedAttestation { format, algorithm: first })
    }

    /// Takes the first of the caller's keys that can sign by the algorithm.
    fn given_key(&mut self, algorithm: Algorithm) -> Option<KeyPair> {
        let serves = |key: &KeyPair| key.clone().with_algorithm(algorithm).ok();
        let at = self.credential_keys.iter().position(|key| serves(key).is_some())?;
        serves(&self.credential_keys.remove(at))
    }

    fn is_excluded(&mut self, request: &MakeCredentialRequest<'_>) -> Result<bool, AuthenticatorError> {
        if request.exclude_list.is_empty() {
            return Ok(false);
        }
        let mut transaction = self.store.begin()?;
        for descriptor in request.exclude_list.iter() {
            if self.stateless.as_ref().is_some_and(|made| made.made(&descriptor.id, &request.rp_id)) {
                return Ok(true);
            }
            if transaction.find(&descriptor.id)?.is_some_and(|found| found.rp_id == request.rp_id) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The response. This cannot fail, as the credential is stored already, unless the ceremony is edited.
    fn attest(
        &mut self,
        request: &MakeCredentialRequest<'_>,
        credential: &Credential,
        flags: Flags,
        format: AttestationFormat,
    ) -> MakeCredentialResponse {
        let rp_id_hash = self.rp_id_hash(&request.rp_id);
        let edits = &self.edits;
        let hmac_secret =
            request.extensions.hmac_secret && self.model.extensions.contains(&Extension::HmacSecret);
        let outputs = hmac_secret.then(|| {
            let mut outputs = Writer::new();
            outputs.map(1);
            outputs.text(Extension::HmacSecret.name());
            outputs.bool(true);
            outputs.into_bytes()
        });
        let mut data = self.authenticator_data(rp_id_hash, credential, flags.with(Flags::AT, true), outputs);
        data.attested_credential_data = Some(AttestedCredentialData {
            aaguid: self.traits.aaguid,
            credential_id: credential.id.clone(),
            public_key: credential.key.public_key().clone(),
        });
        let auth_data = edits.seal(&mut data);
        // The device has no list of RP IDs of its own, so only the platform can allow an enterprise attestation.
        let ep_att = request.enterprise_attestation == Some(EnterpriseAttestation::PlatformManaged)
            && format.can_be_enterprise();
        let att_stmt = format.statement(&Subject {
            auth_data: &auth_data,
            client_data_hash: &request.client_data_hash,
            credential_id: &credential.id,
            credential_key: &credential.key,
            aaguid: self.traits.aaguid,
            enterprise: ep_att,
            attester: &self.attester,
            edits,
        });
        let (credential_id, public_key) = match data.attested_credential_data {
            Some(attested) => (attested.credential_id, attested.public_key),
            None => (credential.id.clone(), credential.key.public_key().clone()),
        };
        MakeCredentialResponse {
            fmt: format.identifier().into(),
            auth_data,
            att_stmt,
            ep_att,
            credential_id,
            public_key,
        }
    }

    /// The format that the model fixes, else the first preferred one that this authenticator makes, else `packed`.
    fn choose_format(&self, preference: &[String]) -> AttestationFormat {
        self.model.attestation.format.unwrap_or_else(|| {
            let known = |identifier: &String| {
                UNFIXED_FORMATS.iter().copied().find(|format| format.identifier() == identifier)
            };
            preference.iter().find_map(known).unwrap_or(AttestationFormat::Packed)
        })
    }
}

fn new_key(
    algorithm: Algorithm,
    backend: Backend,
    rsa_pool: bool,
    random: &mut dyn CryptoRng,
) -> Result<KeyPair, AuthenticatorError> {
    let key = match algorithm.is_rsa() && rsa_pool {
        // RustCrypto computes RSA, whatever the backend.
        true => KeyPair::from_rsa_pool(algorithm, random),
        false => KeyPair::generate_with(backend, algorithm, random),
    };
    key.map_err(|_| AuthenticatorError::UnsupportedAlgorithm)
}
