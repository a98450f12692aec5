//! `navigator.credentials.get()` (WebAuthn L3 §5.1.4).

use std::borrow::Cow;

use super::Client;
use super::device::{Candidate, Choice, Device};
use super::error::{Error, Refusal, of_device, status};
use super::extensions::{check_request, depends_on_credential, results_of_request};
use super::platform::Wanted;
use crate::crypto::sha256;
use crate::ctap2::{GetAssertionRequest, Status};
use crate::webauthn::{
    AuthenticationResponse, Ceremony, CredentialDescriptor, RequestOptions, UserVerification,
};

impl<D: Device> Client<D> {
    /// `rp_id` is in effect.
    pub(super) fn get_for(
        &mut self,
        options: &RequestOptions,
        rp_id: &str,
        conditional: bool,
    ) -> Result<AuthenticationResponse, Error> {
        self.begin(Ceremony::Get)?;
        let asked = &options.extensions;
        check_request(asked, options.allow_credentials.as_deref())?;
        let choice = Choice {
            rp_id,
            is_login: true,
            attachment: None,
            hints: &options.hints,
            discoverable: false,
            user_verification: options.user_verification == UserVerification::Required,
            algorithms: &[],
            credentials: options.allow_credentials.as_deref(),
        };
        self.device.choose(&choice).map_err(|error| of_device(error, options.timeout))?;
        let app_id = self.app_id("appid", asked.app_id.as_deref())?;
        let found = self.look_up(options, rp_id, conditional)?;
        let remote = self.remote_client_data(asked, options.rp_id.as_deref())?;
        let told = remote.is_some();
        let client_data = remote
            .unwrap_or_else(|| self.page.client_data(Ceremony::Get, &options.challenge, rp_id, &self.edits));
        let client_data_hash = sha256(&[&client_data]);
        let has_state = self.device.abilities().has_state;
        let extends = asked.concern_request();
        let info = (has_state || extends).then(|| self.device.get_info()).transpose();
        let info = info.map_err(|error| of_device(error, options.timeout))?;
        // §10.1.4: the function is that of a verified user.
        let wanted = match options.user_verification {
            UserVerification::Discouraged if asked.prf.is_some() => UserVerification::Preferred,
            other => other,
        };
        let verified = self.verify(
            info.as_ref().filter(|_| has_state),
            &Wanted {
                user_verification: wanted,
                conditional: false,
                makes: None,
                rp_id,
                client_data_hash: &client_data_hash,
            },
        )?;
        let verifies = verified.user_verification || verified.pin_uv_auth.is_some();
        let allow_list = match found {
            Some(found) => Some(Cow::Owned(self.choose(options, rp_id, found, verifies)?)),
            None => options.allow_credentials.as_deref().map(Cow::Borrowed),
        };
        let extended = match info.as_ref().filter(|_| extends) {
            Some(info) => Some(self.extend_request(asked, info, allow_list.as_deref())?),
            None => None,
        };
        let request = GetAssertionRequest {
            rp_id: Cow::Borrowed(rp_id),
            client_data_hash,
            allow_list,
            user_presence: true,
            user_verification: verified.user_verification,
            pin_uv_auth: verified.pin_uv_auth,
            extensions: extended.as_ref().map(|extended| extended.inputs.clone()).unwrap_or_default(),
        };
        let mut assertion = self.device.get_assertion(&request);
        let mut by_app_id = app_id.as_ref().map(|_| false);
        if let (Err(error), Some(app_id)) = (&assertion, &app_id)
            && status(error) == Some(Status::NoCredentials)
        {
            // §10.1.1: a credential of U2F is looked for under the AppID.
            // A token, if there is one, is for the RP ID; U2F verifies nobody.
            let request = GetAssertionRequest {
                rp_id: Cow::Borrowed(app_id),
                pin_uv_auth: None,
                user_verification: false,
                ..request
            };
            assertion = self.device.get_assertion(&request);
            by_app_id = Some(assertion.is_ok());
        }
        let assertion = assertion.map_err(|error| match status(&error) {
            Some(Status::NoCredentials) => no_credentials(options, rp_id).into(),
            _ => of_device(error, options.timeout),
        })?;

        let mut extension_results = results_of_request(asked, extended.as_ref(), &assertion);
        extension_results.app_id = by_app_id;
        extension_results.remote_client_data = told.then_some(true);
        Ok(AuthenticationResponse {
            extension_results,
            id: assertion.credential_id,
            client_data_json: client_data,
            authenticator_data: assertion.auth_data,
            signature: assertion.signature,
            user_handle: assertion.user.map(|user| user.id),
            attachment: Some(self.device.abilities().attachment),
        })
    }

    /// The credentials to choose from; `None` where the device chooses. A conditional request offers discoverable ones only,
    /// and a chosen account narrows them down; so the client looks first.
    fn look_up(
        &mut self,
        options: &RequestOptions,
        rp_id: &str,
        conditional: bool,
    ) -> Result<Option<Vec<Candidate>>, Error> {
        let allowed = options.allow_credentials.as_deref();
        if allowed.is_some_and(<[_]>::is_empty) {
            return Err(no_credentials(options, rp_id).into());
        }
        let chooses =
            conditional || self.settings.account.is_some() || depends_on_credential(&options.extensions);
        if !chooses {
            return Ok(None);
        }
        let mut found =
            self.device.candidates(rp_id, allowed).map_err(|error| of_device(error, options.timeout))?;
        found.retain(|credential| credential.discoverable || !conditional);
        match found.is_empty() {
            true => Err(no_credentials(options, rp_id).into()),
            false => Ok(Some(found)),
        }
    }

    /// The one that is chosen among them, as far as they are there for a user who is verified or not (CTAP 2.1 §12.1).
    fn choose(
        &self,
        options: &RequestOptions,
        rp_id: &str,
        mut found: Vec<Candidate>,
        verifies: bool,
    ) -> Result<Vec<CredentialDescriptor>, Error> {
        let least_protection_that_hides = if options.allow_credentials.is_some() { 3 } else { 2 };
        found.retain(|credential| verifies || credential.protection < least_protection_that_hides);
        if found.is_empty() {
            return Err(no_credentials(options, rp_id).into());
        }
        if let Some(name) = &self.settings.account {
            found.retain(|credential| credential.user_name == *name);
        }
        match found.into_iter().next() {
            Some(chosen) => Ok(vec![CredentialDescriptor { id: chosen.id, transports: Vec::new() }]),
            None => Err(Refusal::NoSuchAccount(self.settings.account.clone().unwrap_or_default()).into()),
        }
    }
}

fn no_credentials(options: &RequestOptions, rp_id: &str) -> Refusal {
    Refusal::NoCredentials {
        rp_id: rp_id.to_owned(),
        allowed: options.allow_credentials.as_ref().map(Vec::len),
    }
}
