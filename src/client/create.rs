//! `navigator.credentials.create()` (WebAuthn L3 §5.1.3).

use std::borrow::Cow;
use std::fmt::Display;

use super::Client;
use super::device::{Choice, Device, DeviceError};
use super::error::{Error, Refusal, of_device};
use super::extensions::results_of_creation;
use super::platform::Wanted;
use crate::authenticator::AuthenticatorError;
use crate::crypto::{Algorithm, sha256};
use crate::ctap2::{EnterpriseAttestation, MakeCredentialRequest, Status};
use crate::webauthn::{
    Attachment, AttestationConveyance, AttestationObject, Ceremony, CreationOptions, RegistrationResponse,
    ResidentKey, User, UserVerification,
};

impl<D: Device> Client<D> {
    /// `user` is the options'; `place` is where they stand, for errors; `rp_id` is in effect.
    pub(super) fn create_for(
        &mut self,
        options: &CreationOptions,
        user: Cow<'_, User>,
        rp_id: &str,
        place: &dyn Display,
        conditional: bool,
    ) -> Result<RegistrationResponse, Error> {
        self.begin(Ceremony::Create)?;
        let no_usable_algorithm = |has: &[Algorithm]| Refusal::NoUsableAlgorithm {
            path: format!("{place}.pubKeyCredParams"),
            found: options.pub_key_cred_params.clone(),
            expected: has.to_vec(),
        };
        let selection = options.authenticator_selection;
        let choice = Choice {
            rp_id,
            is_login: false,
            attachment: selection
                .attachment
                .filter(|wanted| options.hints.first().is_none_or(|hint| hint.attachment() == *wanted)),
            hints: &options.hints,
            discoverable: selection.resident_key == ResidentKey::Required,
            user_verification: selection.user_verification == UserVerification::Required,
            algorithms: &options.pub_key_cred_params,
            credentials: None,
        };
        self.device.choose(&choice).map_err(|error| of_device(error, options.timeout))?;
        let abilities = self.device.abilities();
        // Step 10, before any authenticator is looked at.
        if options.pub_key_cred_params.is_empty() {
            return Err(no_usable_algorithm(abilities.algorithms).into());
        }
        check_attachment(options, abilities.attachment)?;
        let resident_key = match selection.resident_key {
            ResidentKey::Required if !abilities.discoverable => {
                return Err(Refusal::CannotKeepDiscoverable.into());
            }
            ResidentKey::Required => true,
            ResidentKey::Preferred => abilities.discoverable,
            ResidentKey::Discouraged => false,
        };
        // A conditional create shows nothing, so it can verify nobody.
        if selection.user_verification == UserVerification::Required && conditional {
            return Err(Refusal::ConditionalVerification.into());
        }
        let has_state = abilities.has_state;
        let enterprise = options.attestation == AttestationConveyance::Enterprise
            && self.settings.enterprise_rp_ids.iter().any(|allowed| allowed == rp_id)
            && abilities.enterprise_attestation;
        let remote = self.remote_client_data(&options.extensions, options.rp.id.as_deref())?;
        let told = remote.is_some();
        let client_data = remote.unwrap_or_else(|| {
            self.page.client_data(Ceremony::Create, &options.challenge, rp_id, &self.edits)
        });
        let client_data_hash = sha256(&[&client_data]);
        let extends = options.extensions.concern_creation();
        let info = (has_state || extends).then(|| self.device.get_info()).transpose();
        let info = info.map_err(|error| of_device(error, options.timeout))?;
        let app_id = self.app_id("appidExclude", options.extensions.app_id_exclude.as_deref())?;
        if let Some(app_id) = &app_id {
            let excluded = self.device.candidates(app_id, Some(&options.exclude_credentials));
            if !excluded.map_err(|error| of_device(error, options.timeout))?.is_empty() {
                // Nobody learns that without a touch, where the device can be asked for one.
                match self.device.selection() {
                    Ok(()) | Err(DeviceError::Status(_)) => {}
                    Err(error) => return Err(of_device(error, options.timeout)),
                }
                return Err(Refusal::CredentialExcluded.into());
            }
        }
        let extended = match info.as_ref().filter(|_| extends) {
            Some(info) => Some(self.extend_creation(&options.extensions, info, resident_key)?),
            None => None,
        };
        // §10.1.4: the function is that of a verified user.
        let wanted = match selection.user_verification {
            UserVerification::Discouraged if options.extensions.prf.is_some() => UserVerification::Preferred,
            other => other,
        };
        let verified = self.verify(
            info.as_ref().filter(|_| has_state),
            &Wanted {
                user_verification: wanted,
                conditional,
                makes: Some(resident_key),
                rp_id,
                client_data_hash: &client_data_hash,
            },
        )?;
        let request = MakeCredentialRequest {
            client_data_hash,
            rp_id: Cow::Borrowed(rp_id),
            user,
            pub_key_cred_params: Cow::Borrowed(&options.pub_key_cred_params),
            exclude_list: Cow::Borrowed(&options.exclude_credentials),
            resident_key,
            user_verification: verified.user_verification,
            user_presence: !conditional,
            enterprise_attestation: enterprise.then_some(EnterpriseAttestation::PlatformManaged),
            // Step 20: with "none", nothing else is wanted.
            attestation_formats_preference: match options.attestation {
                AttestationConveyance::None => Cow::Owned(vec!["none".to_owned()]),
                _ => Cow::Borrowed(&options.attestation_formats),
            },
            pin_uv_auth: verified.pin_uv_auth,
            extensions: extended.as_ref().map(|extended| extended.inputs.clone()).unwrap_or_default(),
        };
        let made = self.device.make_credential(request).map_err(|error| match error {
            DeviceError::Authenticator(AuthenticatorError::UnsupportedAlgorithm)
            | DeviceError::Status(Status::UnsupportedAlgorithm) => {
                no_usable_algorithm(self.device.abilities().algorithms).into()
            }
            error => of_device(error, options.timeout),
        })?;

        let mut extension_results = results_of_creation(&options.extensions, extended.as_ref(), &made);
        extension_results.remote_client_data = told.then_some(true);
        extension_results.app_id_exclude = app_id.map(|_| true);
        extension_results.cred_props_rk = options.extensions.cred_props.then_some(resident_key);
        let attestation_object = self.edits.seal_attestation_object(
            &made.fmt,
            &made.att_stmt,
            &made.auth_data,
            AttestationObject::encode,
        );
        let abilities = self.device.abilities();
        Ok(RegistrationResponse {
            id: made.credential_id,
            client_data_json: client_data,
            attestation_object,
            authenticator_data: made.auth_data,
            transports: abilities.transports.to_vec(),
            public_key: made.public_key.to_spki_der(),
            public_key_algorithm: made.public_key.algorithm().cose_identifier(),
            attachment: Some(abilities.attachment),
            extension_results,
        })
    }
}

/// The attachment asked for binds, unless a hint contradicts it: then the hint has precedence (§5.8.7), and hints bind
/// nobody.
fn check_attachment(options: &CreationOptions, found: Attachment) -> Result<(), Refusal> {
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
