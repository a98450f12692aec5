//! authenticatorMakeCredential (CTAP 2.1 §6.1.2).

use rand_core::{CryptoRng, Rng};

use super::extensions::{Made, Outputs, is_there};
use super::keeping::Trace;
use super::model::{CounterPolicy, CtapVersion};
use super::persistent::credentials_change;
use super::state::State;
use super::store::Credential;
use super::user::ConsentRequest;
use super::verification::{Purpose, Wanted};
use super::{Authenticator, AuthenticatorError, u2f};
use crate::attestation::{AttestationFormat, Subject};
use crate::crypto::{Algorithm, Backend, KeyPair, sha256};
use crate::ctap2::{
    EnterpriseAttestation, MakeCredentialRequest, MakeCredentialResponse, Permissions, Status,
};
use crate::webauthn::{AttestedCredentialData, Ceremony, Flags, User};

/// The formats of an authenticator whose model fixes none. The others are of particular makers, and no device is of several.
const UNFIXED_FORMATS: &[AttestationFormat] = &[AttestationFormat::Packed, AttestationFormat::None];

/// What an attestation is made from, beside the credential.
struct Attested<'r> {
    request: &'r MakeCredentialRequest<'r>,
    extensions: Option<&'r Made>,
    flags: Flags,
    format: AttestationFormat,
    /// Whether it may be an enterprise attestation.
    enterprise: bool,
}

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
            ..ConsentRequest::touch()
        };
        let auth = request.pin_uv_auth.as_ref();
        if self.asks_for_touch(auth) {
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
        let state = self.state()?;
        let verification = self.choose_verification(
            &state,
            &Wanted {
                auth,
                user_verification: request.user_verification,
                ceremony: Purpose::Make { resident_key: request.resident_key },
            },
        )?;
        let enterprise = self.may_be_enterprise(&request, &state)?;
        let proof = (auth, Permissions::MAKE_CREDENTIAL, &request.client_data_hash);
        let mut flags = self.verify(&state, verification, proof, &consent)?;
        let extensions = self.examine_made(&request, &state, verification)?;
        // Step 12: the user is asked before the answer says that a credential is excluded. Without the user, a page does
        // not learn which credentials are here.
        let excluded = self.is_excluded(&request, flags.contains(Flags::UV))?;
        if request.user_presence {
            match self.touch(flags, &consent) {
                Ok(touched) => flags = touched,
                // Since CTAP 2.1, whatever the user does.
                Err(_) if excluded && self.model.ctap_version > CtapVersion::V2_0 => {}
                Err(error) => return Err(error),
            }
        }
        if excluded {
            return Err(AuthenticatorError::CredentialExcluded);
        }
        self.has_room(&request)?;

        let given = self.given_key(algorithm);
        let given_id = self.credential_ids.pop_front();
        let mut random =
            self.random.ceremony(&[&request.client_data_hash, request.rp_id.as_bytes(), &request.user.id]);
        let backend = self.traits.backend;
        let length = self.model.credential_id_length.get();
        let stateless = match &self.stateless {
            Some(stateless)
                if !request.resident_key
                    && given.is_none()
                    && given_id.is_none()
                    && !extensions.as_deref().is_some_and(Made::takes_storage) =>
            {
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
        let mut credential = Credential {
            discoverable: request.resident_key,
            sign_count,
            backup_eligible: self.model.backup.is_eligible(),
            backup_state: self.model.backup.is_backed_up(),
            ..Credential::new(id, request.rp_id.clone(), user, key)
        };
        if let Some(made) = &extensions {
            made.keep(&mut credential, &mut self.random);
        }
        let attested =
            Attested { request: &request, extensions: extensions.as_deref(), flags, format, enterprise };
        if stores_late {
            drop(transaction);
            let response = self.attest(&attested, &credential);
            self.finish(Trace::Credential(stored.then(|| Box::new(credential))))?;
            return Ok(response);
        }
        if stored {
            transaction.put(&credential)?;
            if credential.discoverable && self.model.credential_management_read_only {
                credentials_change(transaction.as_mut(), &mut self.random)?;
            }
        }
        transaction.commit()?;
        Ok(self.attest(&attested, &credential))
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

    /// Whether a credential of the exclude list is here, as far as the user who is verified or not may see it.
    fn is_excluded(
        &mut self,
        request: &MakeCredentialRequest<'_>,
        user_verified: bool,
    ) -> Result<bool, AuthenticatorError> {
        if request.exclude_list.is_empty() {
            return Ok(false);
        }
        let mut transaction = self.store.begin()?;
        for descriptor in request.exclude_list.iter() {
            if self.stateless.as_ref().is_some_and(|made| {
                made.made(&descriptor.id, &request.rp_id)
                    || made.made(&descriptor.id, &u2f::hashed(&sha256(&[request.rp_id.as_bytes()])))
            }) {
                return Ok(true);
            }
            let found = transaction.find(&descriptor.id)?;
            if found.is_some_and(|found| {
                u2f::is_for(&found.rp_id, &request.rp_id) && is_there(&found, true, user_verified)
            }) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the attestation may be an enterprise attestation (§6.1.2 step 9).
    fn may_be_enterprise(
        &self,
        request: &MakeCredentialRequest<'_>,
        state: &State,
    ) -> Result<bool, AuthenticatorError> {
        let Some(asked) = request.enterprise_attestation else { return Ok(false) };
        if !self.has_enterprise_attestation(state) {
            return Err(AuthenticatorError::NoEnterpriseAttestation);
        }
        let is_listed = self.model.enterprise_rp_ids.iter().any(|rp_id| *rp_id == request.rp_id);
        match asked {
            EnterpriseAttestation::Unknown(value) => {
                Err(AuthenticatorError::InvalidEnterpriseAttestation(value))
            }
            EnterpriseAttestation::VendorFacilitated => Ok(is_listed),
            EnterpriseAttestation::PlatformManaged => Ok(is_listed || self.model.platform_managed),
        }
    }

    /// Whether enterprise attestations are enabled: the option `ep`.
    pub(super) fn has_enterprise_attestation(&self, state: &State) -> bool {
        self.model.enterprise_attestation && state.enterprise_attestation.unwrap_or(true)
    }

    /// Whether there is room for the credential (step 17).
    fn has_room(&mut self, request: &MakeCredentialRequest<'_>) -> Result<(), AuthenticatorError> {
        let Some(most) = self.model.max_credentials.filter(|_| request.resident_key) else { return Ok(()) };
        let kept = self.store.begin()?.all()?;
        let mut discoverable = kept.iter().filter(|credential| credential.discoverable);
        let takes_place = |kept: &Credential| kept.rp_id == request.rp_id && kept.user.id == request.user.id;
        match discoverable.clone().count() < usize::from(most) || discoverable.any(takes_place) {
            true => Ok(()),
            false => Err(Status::KeyStoreFull.into()),
        }
    }

    /// The response. This cannot fail, as the credential is stored already, unless the ceremony is edited.
    fn attest(&mut self, attested: &Attested<'_>, credential: &Credential) -> MakeCredentialResponse {
        let Attested { request, extensions, flags, format, enterprise } = attested;
        let rp_id_hash = self.rp_id_hash(&request.rp_id);
        let Outputs { signed, unsigned, large_blob_key } =
            extensions.map(|made| self.outputs_made(made, credential, *flags)).unwrap_or_default();
        let edits = &self.edits;
        let mut data = self.authenticator_data(rp_id_hash, credential, flags.with(Flags::AT, true), signed);
        data.attested_credential_data = Some(AttestedCredentialData {
            aaguid: self.traits.aaguid,
            credential_id: credential.id.clone(),
            public_key: credential.key.public_key().clone(),
        });
        let auth_data = edits.seal(&mut data);
        let ep_att = *enterprise && format.can_be_enterprise();
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
            ep_att,
            large_blob_key,
            unsigned_extension_outputs: unsigned,
            ..MakeCredentialResponse::new(format.identifier(), auth_data, att_stmt, credential_id, public_key)
        }
    }

    /// A credential that no ceremony makes, with a key and an id that are drawn as a ceremony's are. It is not stored: that is
    /// the [store](Self::store)'s.
    ///
    /// # Errors
    /// [`AuthenticatorError::UnsupportedAlgorithm`]: this build has no keys of the algorithm.
    pub fn draw_credential(
        &mut self,
        rp_id: &str,
        user: User,
        algorithm: Algorithm,
    ) -> Result<Credential, AuthenticatorError> {
        let mut random = self.random.ceremony(&[b"no ceremony", rp_id.as_bytes(), &user.id]);
        let key = new_key(algorithm, self.traits.backend, self.traits.rsa_pool, &mut random)?;
        let mut id = vec![0; self.model.credential_id_length.get().into()];
        random.fill_bytes(&mut id);
        Ok(Credential::new(id, rp_id, user, key))
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
