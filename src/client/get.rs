//! `navigator.credentials.get()` (WebAuthn L3 §5.1.4).

use std::borrow::Cow;

use super::Client;
use super::error::{Error, Refusal, from_authenticator};
use crate::authenticator::AuthenticatorError;
use crate::crypto::sha256;
use crate::ctap2::GetAssertionRequest;
use crate::webauthn::{
    AuthenticationResponse, Ceremony, CredentialDescriptor, RequestOptions, UserVerification,
};

impl Client {
    /// `rp_id` is in effect.
    pub(super) fn get_for(
        &mut self,
        options: &RequestOptions,
        rp_id: String,
        conditional: bool,
    ) -> Result<AuthenticationResponse, Error> {
        let can_verify = self.authenticator.can_verify_user();
        let verification = match options.user_verification {
            UserVerification::Required if !can_verify => return Err(Refusal::CannotVerifyUser.into()),
            UserVerification::Required => true,
            UserVerification::Preferred => can_verify,
            UserVerification::Discouraged => false,
        };
        let allow_list = self.allow_list(options, &rp_id, conditional)?;
        let client_data = self.client_data(Ceremony::Get, &options.challenge, &rp_id);
        let mut request = GetAssertionRequest {
            rp_id: Cow::Borrowed(&rp_id),
            client_data_hash: sha256(&[client_data.as_bytes()]),
            allow_list,
            user_presence: true,
            user_verification: verification,
            selection_probe: false,
        };
        let mut assertion = self.authenticator.get_assertion(&request);
        if let Err(AuthenticatorError::UserNotVerified) = assertion
            && options.user_verification == UserVerification::Preferred
        {
            request.user_verification = false;
            assertion = self.authenticator.get_assertion(&request);
        }
        let assertion = assertion.map_err(|error| match error {
            AuthenticatorError::NoCredentials => no_credentials(options, &rp_id).into(),
            error => from_authenticator(error, options.timeout),
        })?;

        Ok(AuthenticationResponse {
            id: assertion.credential_id,
            client_data_json: client_data.into_bytes(),
            authenticator_data: assertion.auth_data,
            signature: assertion.signature,
            user_handle: assertion.user.map(|user| user.id),
            attachment: self.authenticator.attachment(),
        })
    }

    /// The allow list for the authenticator; empty, any discoverable credential. A conditional request offers
    /// discoverable credentials only, and a chosen account narrows them down; so the client looks first.
    fn allow_list<'o>(
        &mut self,
        options: &'o RequestOptions,
        rp_id: &str,
        conditional: bool,
    ) -> Result<Cow<'o, [CredentialDescriptor]>, Error> {
        match &options.allow_credentials {
            Some(allowed) if allowed.is_empty() => return Err(no_credentials(options, rp_id).into()),
            Some(allowed) if !conditional => return Ok(Cow::Borrowed(allowed)),
            None if !conditional && self.settings.account.is_none() => return Ok(Cow::Borrowed(&[])),
            _ => {}
        }
        let mut found =
            self.authenticator.discover(rp_id).map_err(|error| from_authenticator(error, options.timeout))?;
        if let Some(allowed) = &options.allow_credentials {
            found.retain(|credential| allowed.iter().any(|a| a.id == credential.id));
        }
        if found.is_empty() {
            return Err(no_credentials(options, rp_id).into());
        }
        if let Some(name) = &self.settings.account {
            found.retain(|credential| credential.user.name == *name);
        }
        match found.into_iter().next() {
            Some(chosen) => {
                Ok(Cow::Owned(vec![CredentialDescriptor { id: chosen.id, transports: Vec::new() }]))
            }
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
