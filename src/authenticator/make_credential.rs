//! authenticatorMakeCredential (CTAP 2.1 §6.1.2).

use rand_core::Rng;

use super::builder::CounterPolicy;
use super::store::Credential;
use super::user::ConsentRequest;
use super::{Authenticator, AuthenticatorError};
use crate::attestation::{AttestationFormat, Subject};
use crate::crypto::{Algorithm, KeyPair};
use crate::ctap2::{EnterpriseAttestation, MakeCredentialRequest, MakeCredentialResponse};
use crate::webauthn::{AttestedCredentialData, Ceremony, Flags};

impl Authenticator {
    /// Makes a credential, attests it and stores it. Nothing is stored on an error.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn make_credential(
        &mut self,
        request: &MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, AuthenticatorError> {
        self.pending = None;
        let mut consent = ConsentRequest {
            ceremony: Some(Ceremony::Create),
            rp_id: &request.rp_id,
            user_name: Some(&request.user.name),
            user_verification: false,
        };
        if request.selection_probe {
            self.ask(&consent)?;
            return Err(AuthenticatorError::PinNotSet);
        }
        let algorithm = self.choose_algorithm(&request.pub_key_cred_params)?;
        if request.resident_key && !self.settings.resident_key {
            return Err(AuthenticatorError::UnsupportedOption("rk"));
        }
        if request.user_verification && !self.settings.user_verification {
            return Err(AuthenticatorError::UnsupportedOption("uv"));
        }
        match request.enterprise_attestation {
            Some(_) if !self.settings.enterprise_attestation => {
                return Err(AuthenticatorError::NoEnterpriseAttestation);
            }
            Some(EnterpriseAttestation::Unknown(value)) => {
                return Err(AuthenticatorError::InvalidEnterpriseAttestation(value));
            }
            _ => {}
        }

        consent.user_verification = request.user_verification;
        let excluded = self.is_excluded(request)?;
        // The user is asked before an exclusion is told (step 12), so that it says nothing to a page alone.
        let flags = match request.user_presence {
            true => self.ask(&consent)?,
            false => Flags::default(),
        };
        if excluded {
            return Err(AuthenticatorError::CredentialExcluded);
        }

        let mut random =
            self.random.ceremony(&[&request.client_data_hash, request.rp_id.as_bytes(), &request.user.id]);
        let key = KeyPair::generate(algorithm, &mut random);
        let mut id = vec![0; usize::from(self.settings.credential_id_length)];
        random.fill_bytes(&mut id);

        let mut transaction = self.store.begin()?;
        let sign_count = match self.settings.counter {
            CounterPolicy::PerCredential | CounterPolicy::Zero => 0,
            CounterPolicy::Global => transaction.next_global_count()?,
        };
        let credential = Credential {
            id,
            rp_id: request.rp_id.clone().into_owned(),
            user: request.user.clone().into_owned(),
            key,
            discoverable: request.resident_key,
            sign_count,
            backup_eligible: self.settings.backup_eligible,
            backup_state: self.settings.backup_state,
        };
        transaction.put(&credential)?;
        transaction.commit()?;
        Ok(self.attest(request, credential, flags))
    }

    /// The first algorithm of the request that this authenticator has.
    fn choose_algorithm(&self, wanted: &[i64]) -> Result<Algorithm, AuthenticatorError> {
        wanted
            .iter()
            .filter_map(|identifier| Algorithm::from_cose_identifier(*identifier))
            .find(|algorithm| self.settings.algorithms.contains(algorithm))
            .ok_or(AuthenticatorError::UnsupportedAlgorithm)
    }

    fn is_excluded(&mut self, request: &MakeCredentialRequest<'_>) -> Result<bool, AuthenticatorError> {
        if request.exclude_list.is_empty() {
            return Ok(false);
        }
        let mut transaction = self.store.begin()?;
        for descriptor in request.exclude_list.iter() {
            if transaction.find(&descriptor.id)?.is_some_and(|found| found.rp_id == request.rp_id) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Cannot fail: the credential is stored already.
    fn attest(
        &self,
        request: &MakeCredentialRequest<'_>,
        credential: Credential,
        flags: Flags,
    ) -> MakeCredentialResponse {
        let public_key = *credential.key.public_key();
        let mut data = self.authenticator_data(&request.rp_id, &credential, flags.with(Flags::AT, true));
        data.attested_credential_data = Some(AttestedCredentialData {
            aaguid: self.settings.aaguid,
            credential_id: credential.id.clone(),
            public_key,
        });
        let auth_data = data.to_bytes();
        let format = self.choose_format(&request.attestation_formats_preference);
        // No RP ID is on a list of the vendor's own, so only the platform can vouch for one.
        let ep_att = request.enterprise_attestation == Some(EnterpriseAttestation::PlatformManaged)
            && format.needs_identity();
        let subject = Subject {
            auth_data: &auth_data,
            client_data_hash: &request.client_data_hash,
            credential_key: &credential.key,
        };
        let identity = format.needs_identity().then(|| self.identity(ep_att));
        let att_stmt = format.statement(&subject, identity);
        MakeCredentialResponse {
            fmt: format.identifier(),
            auth_data,
            att_stmt,
            ep_att,
            credential_id: credential.id,
            public_key,
        }
    }

    /// The format the policy fixes, else the first of the preference that this authenticator makes, else `packed`.
    fn choose_format(&self, preference: &[String]) -> AttestationFormat {
        self.settings.format.unwrap_or_else(|| {
            let known = |identifier: &String| {
                AttestationFormat::ALL.iter().copied().find(|format| format.identifier() == identifier)
            };
            preference.iter().find_map(known).unwrap_or(AttestationFormat::Packed)
        })
    }
}
