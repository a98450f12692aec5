//! `navigator.credentials.create()` (WebAuthn L3 §5.1.3).

use std::borrow::Cow;
use std::fmt::Display;

use super::Client;
use super::error::{Error, Refusal, from_authenticator};
use crate::authenticator::AuthenticatorError;
use crate::crypto::{Algorithm, sha256};
use crate::ctap2::{EnterpriseAttestation, MakeCredentialRequest};
use crate::webauthn::{
    AttestationConveyance, AttestationObject, Ceremony, CreationOptions, RegistrationResponse, ResidentKey,
    User, UserVerification,
};

impl Client {
    /// `user` is the options'; `place` is where they stand, for errors; `rp_id` is in effect.
    pub(super) fn create_for(
        &mut self,
        options: &CreationOptions,
        user: Cow<'_, User>,
        rp_id: &str,
        place: &dyn Display,
        conditional: bool,
    ) -> Result<RegistrationResponse, Error> {
        self.edits.begin();
        let no_usable_algorithm = |has: &[Algorithm]| Refusal::NoUsableAlgorithm {
            path: format!("{place}.pubKeyCredParams"),
            found: options.pub_key_cred_params.clone(),
            expected: has.to_vec(),
        };
        // Step 10, before any authenticator is looked at.
        if options.pub_key_cred_params.is_empty() {
            return Err(no_usable_algorithm(self.authenticator.algorithms()).into());
        }
        self.check_attachment(options)?;
        let selection = options.authenticator_selection;
        let resident_key = match selection.resident_key {
            ResidentKey::Required if !self.authenticator.can_keep_discoverable() => {
                return Err(Refusal::CannotKeepDiscoverable.into());
            }
            ResidentKey::Required => true,
            ResidentKey::Preferred => self.authenticator.can_keep_discoverable(),
            ResidentKey::Discouraged => false,
        };
        let can_verify = self.authenticator.can_verify_user();
        let verification = match selection.user_verification {
            // A conditional create shows nothing, so it can verify nobody.
            UserVerification::Required if conditional => return Err(Refusal::ConditionalVerification.into()),
            UserVerification::Required if !can_verify => return Err(Refusal::CannotVerifyNewUser.into()),
            UserVerification::Required => true,
            UserVerification::Preferred => can_verify && !conditional,
            UserVerification::Discouraged => false,
        };

        let enterprise = options.attestation == AttestationConveyance::Enterprise
            && self.settings.enterprise_rp_ids.iter().any(|allowed| allowed == rp_id)
            && self.authenticator.gives_enterprise_attestation();
        let client_data = self.client_data(Ceremony::Create, &options.challenge, rp_id);
        let request = MakeCredentialRequest {
            client_data_hash: sha256(&[&client_data]),
            rp_id: Cow::Borrowed(rp_id),
            user,
            pub_key_cred_params: Cow::Borrowed(&options.pub_key_cred_params),
            exclude_list: Cow::Borrowed(&options.exclude_credentials),
            resident_key,
            user_verification: verification,
            user_presence: !conditional,
            enterprise_attestation: enterprise.then_some(EnterpriseAttestation::PlatformManaged),
            // Step 20: with "none", nothing else is wanted.
            attestation_formats_preference: match options.attestation {
                AttestationConveyance::None => Cow::Owned(vec!["none".to_owned()]),
                _ => Cow::Borrowed(&options.attestation_formats),
            },
            selection_probe: false,
        };
        let made = self.authenticator.make_credential(request);
        let made = made.map_err(|error| match error {
            AuthenticatorError::UnsupportedAlgorithm => {
                no_usable_algorithm(self.authenticator.algorithms()).into()
            }
            error => from_authenticator(error, options.timeout),
        })?;

        let attestation_object = self.edits.seal_attestation_object(
            made.fmt,
            &made.att_stmt,
            &made.auth_data,
            AttestationObject::encode,
        );
        Ok(RegistrationResponse {
            id: made.credential_id,
            client_data_json: client_data,
            attestation_object,
            authenticator_data: made.auth_data,
            transports: self.authenticator.transports().to_vec(),
            public_key: made.public_key.to_spki_der(),
            public_key_algorithm: made.public_key.algorithm().cose_identifier(),
            attachment: self.authenticator.attachment(),
            cred_props_rk: options.extensions.cred_props.then_some(resident_key),
        })
    }

    /// The attachment asked for binds, unless a hint contradicts it: then the hint has precedence (§5.8.7), and
    /// hints bind nobody.
    fn check_attachment(&self, options: &CreationOptions) -> Result<(), Refusal> {
        let found = self.authenticator.attachment();
        match options.authenticator_selection.attachment {
            Some(wanted) if wanted != found => {
                match options.hints.first().is_some_and(|hint| hint.attachment() != wanted) {
                    true => Ok(()),
                    false => Err(Refusal::WrongAttachment { wanted, found }),
                }
            }
            _ => Ok(()),
        }
    }
}
