//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2.2, §6.3).

use std::collections::VecDeque;

#[cfg(feature = "ctap")]
use super::hmac_secret::Salts;
use super::keeping::Trace;
use super::model::CounterPolicy;
#[cfg(feature = "ctap")]
use super::model::Extension;
use super::store::{Credential, StoreError};
use super::user::ConsentRequest;
use super::verification::{Verification, Wanted};
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{AssertionUser, GetAssertionRequest, GetAssertionResponse, Permissions};
#[cfg(feature = "ctap")]
use crate::encoding::cbor::Writer;
use crate::webauthn::{Ceremony, CredentialDescriptor, Flags};

/// The longest time between one assertion and the next, in milliseconds (§6.3).
const NEXT_WITHIN: u64 = 30_000;

/// What getNextAssertion continues: a request, and the credentials that are left, newest first.
#[derive(Debug)]
pub(super) struct PendingAssertions {
    /// The channel that the request came by; 0 for a call of the typed method.
    pub(super) channel: u32,
    /// When the last of its assertions was given, in milliseconds of the clock.
    since: u64,
    credential_ids: VecDeque<Vec<u8>>,
    rp_id: String,
    client_data_hash: [u8; 32],
    flags: Flags,
    /// The input of hmac-secret.
    #[cfg(feature = "ctap")]
    salts: Option<Salts>,
}

impl Authenticator {
    /// Signs an assertion with the first credential of the allow list, or with the newest discoverable one. No
    /// counter moves on an error.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn get_assertion(
        &mut self,
        request: &GetAssertionRequest<'_>,
    ) -> Result<GetAssertionResponse, AuthenticatorError> {
        self.begin_ceremony();
        let auth = request.pin_uv_auth.as_ref();
        let consent = ConsentRequest {
            ceremony: Some(Ceremony::Get),
            rp_id: &request.rp_id,
            user_name: None,
            user_verification: false,
        };
        if auth.is_some_and(|auth| auth.param.is_empty()) {
            return Err(self.select(&consent));
        }
        self.examine_protocol(auth)?;
        let verification = self.choose_verification(&Wanted {
            auth,
            user_verification: request.user_verification,
            protects: false,
        })?;
        let ceremony = (&*request.rp_id, &request.client_data_hash);
        self.check_token(verification, auth, Permissions::GET_ASSERTION, ceremony)?;
        let (mut candidates, stateless) = self.look_up(&request.rp_id, request.allow_list.as_deref())?;
        if request.allow_list.is_some() {
            // With an allow list one credential is enough (§6.2.2 step 7); without, the user may choose.
            candidates.truncate(1);
        }
        #[cfg(feature = "ctap")]
        let salts = self.salts(request.extensions.hmac_secret.as_ref(), request.user_presence)?;
        let user_name = candidates.first().map(|c| c.user.name.as_str());
        let flags = match request.user_presence || verification == Verification::BuiltIn {
            true => {
                let consent = ConsentRequest { user_name, ..consent };
                self.verify(verification, &consent)?.with(Flags::UP, request.user_presence)
            }
            false => Flags::default().with(Flags::UV, verification == Verification::Token),
        };
        if candidates.is_empty() {
            return Err(AuthenticatorError::NoCredentials);
        }
        let rest = candidates.split_off(1);
        let first = candidates.remove(0);
        let mut pending = PendingAssertions {
            channel: 0,
            since: 0,
            credential_ids: rest.into_iter().map(|credential| credential.id).collect(),
            rp_id: request.rp_id.clone().into_owned(),
            client_data_hash: request.client_data_hash,
            flags,
            #[cfg(feature = "ctap")]
            salts,
        };
        let left = pending.credential_ids.len();
        let mut response = self.assert(first, stateless, &pending, left > 0)?;
        if left > 0 {
            response.number_of_credentials = u64::try_from(left + 1).ok();
            pending.since = self.now();
            self.pending = Some(pending);
        }
        Ok(response)
    }

    /// Signs with the next credential of the last getAssertion, within 30 seconds of the last assertion.
    ///
    /// # Errors
    /// [`AuthenticatorError::NoPendingAssertions`] if there is none any more, or that the store failed.
    pub fn get_next_assertion(&mut self) -> Result<GetAssertionResponse, AuthenticatorError> {
        let pending = self.pending.take();
        let mut pending = pending
            .filter(|pending| self.now().saturating_sub(pending.since) <= NEXT_WITHIN)
            .ok_or(AuthenticatorError::NoPendingAssertions)?;
        self.begin_ceremony();
        let id = pending.credential_ids.pop_front().ok_or(AuthenticatorError::NoPendingAssertions)?;
        let credential = self.store.begin()?.find(&id)?.ok_or(AuthenticatorError::NoCredentials)?;
        let response = self.assert(credential, false, &pending, true)?;
        if !pending.credential_ids.is_empty() {
            pending.since = self.now();
            self.pending = Some(pending);
        }
        Ok(response)
    }

    /// The credentials of a relying party that a request could use, without asking the user (WebAuthn L3 §6.3.4):
    /// those of the allow list in its order, or without one the discoverable ones, newest first.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub(crate) fn candidates(
        &mut self,
        rp_id: &str,
        allow_list: Option<&[CredentialDescriptor]>,
    ) -> Result<Vec<Credential>, AuthenticatorError> {
        Ok(self.look_up(rp_id, allow_list)?.0)
    }

    /// The [`candidates`](Self::candidates), and whether the first is one that takes no storage.
    fn look_up(
        &mut self,
        rp_id: &str,
        allow_list: Option<&[CredentialDescriptor]>,
    ) -> Result<(Vec<Credential>, bool), AuthenticatorError> {
        let mut transaction = self.store.begin()?;
        let Some(allow_list) = allow_list else {
            return Ok((transaction.discoverable(rp_id)?, false));
        };
        let (mut found, mut stateless) = (Vec::new(), false);
        for descriptor in allow_list {
            match transaction.find(&descriptor.id)? {
                Some(stored) => found.extend((stored.rp_id == rp_id).then_some(stored)),
                None => {
                    let maker = self.stateless.as_ref();
                    let made = maker.and_then(|maker| {
                        maker.open(&descriptor.id, rp_id, self.traits.backend, self.model.backup)
                    });
                    stateless |= made.is_some() && found.is_empty();
                    found.extend(made);
                }
            }
        }
        Ok((found, stateless))
    }

    /// Raises the counter and signs. One transaction reads the count and writes it, so two processes never use the
    /// same count.
    fn assert(
        &mut self,
        mut credential: Credential,
        stateless: bool,
        pending: &PendingAssertions,
        choosing: bool,
    ) -> Result<GetAssertionResponse, AuthenticatorError> {
        let stores_late = self.stores_late();
        let mut transaction = self.store.begin()?;
        let stored = transaction.sign_count(&credential.id)?;
        if stored.is_none() && !stateless {
            return Err(AuthenticatorError::NoCredentials);
        }
        let kept = stored.unwrap_or(0);
        credential.sign_count = match self.model.counter {
            CounterPolicy::PerCredential if stored.is_none() => 0,
            CounterPolicy::PerCredential => kept.checked_add(1).ok_or(StoreError::CounterExhausted)?,
            // An imported credential may be ahead of the shared counter; its own count must not fall.
            CounterPolicy::Global => {
                let least = kept.checked_add(1).ok_or(StoreError::CounterExhausted)?;
                transaction.next_global_count()?.max(least)
            }
            CounterPolicy::Zero => 0,
        };
        let counts = stored.is_some() && credential.sign_count > kept;
        if stores_late {
            drop(transaction);
        } else {
            if counts {
                transaction.set_sign_count(&credential.id, credential.sign_count)?;
            }
            transaction.commit()?;
        }
        credential.key = credential.key.with_backend(self.traits.backend);
        let rp_id_hash = self.rp_id_hash(&pending.rp_id);
        #[cfg(feature = "ctap")]
        let outputs = pending.salts.as_ref().and_then(|salts| {
            let secret = self.hmac_secret(salts, &credential, pending.flags.contains(Flags::UV))?;
            let mut outputs = Writer::new();
            outputs.map(1);
            outputs.text(Extension::HmacSecret.name());
            outputs.bytes(&secret);
            Some(outputs.into_bytes())
        });
        #[cfg(not(feature = "ctap"))]
        let outputs = None;
        let edits = &self.edits;
        let mut data = self.authenticator_data(rp_id_hash, &credential, pending.flags, outputs);
        let auth_data = edits.seal(&mut data);
        let signature = edits.sign(&credential.key, &[&auth_data, &pending.client_data_hash]);
        if stores_late {
            self.finish(Trace::Count(credential.id.clone(), counts.then_some(credential.sign_count)))?;
        }
        let identified = pending.flags.contains(Flags::UV) && choosing;
        let told = |name: String| Some(name).filter(|name| identified && !name.is_empty());
        let user = credential.discoverable.then(|| AssertionUser {
            id: credential.user.id,
            name: told(credential.user.name),
            display_name: told(credential.user.display_name),
        });
        Ok(GetAssertionResponse {
            credential_id: credential.id,
            auth_data,
            signature,
            user,
            number_of_credentials: None,
        })
    }
}
