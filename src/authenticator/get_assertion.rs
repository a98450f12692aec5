//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2.2, §6.3).

use super::extensions::{Outputs, is_there};
use super::keeping::Trace;
use super::model::CtapVersion;
use super::pending::{Continuation, PendingAssertions, Sealed};
use super::sign_count::next_count;
use super::stateless::Stateless;
use super::store::Credential;
use super::user::ConsentRequest;
use super::verification::{Purpose, Verification, Wanted};
use super::{Authenticator, AuthenticatorError, u2f};
use crate::crypto::sha256;
use crate::ctap2::{GetAssertionRequest, GetAssertionResponse, Permissions, UserEntity};
use crate::webauthn::{Ceremony, CredentialDescriptor, Flags};

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
            ..ConsentRequest::touch()
        };
        if self.asks_for_touch(auth) {
            return Err(self.select(&consent));
        }
        self.examine_protocol(auth)?;
        let state = self.state()?;
        let verification = self.choose_verification(
            &state,
            &Wanted {
                auth,
                user_verification: request.user_verification,
                ceremony: Purpose::Assert { user_presence: request.user_presence },
            },
        )?;
        let mut candidates = self.candidates(&request.rp_id, request.allow_list.as_deref())?;
        let proof = (auth, Permissions::GET_ASSERTION, &request.client_data_hash);
        let asked = ConsentRequest { user_name: name_of_first(&candidates), ..consent };
        let mut flags = self.verify(&state, verification, proof, &asked)?;
        let named = request.allow_list.is_some();
        let verified = flags.contains(Flags::UV);
        candidates.retain(|credential| is_there(credential, named, verified));
        if named {
            // With an allow list one credential is enough (§6.2.2 step 11); without, the user may choose.
            candidates.truncate(1);
        }
        // CTAP 2.0 asks the user before it tells that there is none.
        if candidates.is_empty() && self.model.ctap_version > CtapVersion::V2_0 {
            return Err(AuthenticatorError::NoCredentials);
        }
        let extensions = self.examine_asserted(request, verification)?;
        flags = match request.user_presence {
            true => {
                let asked = ConsentRequest { user_name: name_of_first(&candidates), ..consent };
                self.touch(flags, &asked)?
            }
            // Who verifies the user by itself has seen the user (steps 8 and 9).
            false if verification == Verification::BuiltIn && self.model.ctap_version > CtapVersion::V2_0 => {
                flags
            }
            false => flags.with(Flags::UP, false),
        };
        let mut candidates = candidates.into_iter();
        let first = candidates.next().ok_or(AuthenticatorError::NoCredentials)?;
        let left = candidates.len();
        let sealed = Sealed {
            rp_id: request.rp_id.clone().into_owned(),
            client_data_hash: request.client_data_hash,
            flags,
            extensions,
            choosing: left > 0,
        };
        let mut response = self.assert(first, &sealed)?;
        if left > 0 {
            response.number_of_credentials = u64::try_from(left + 1).ok();
            let credential_ids = candidates.map(|credential| credential.id).collect();
            let pending = PendingAssertions { credential_ids, request: sealed };
            self.keep_pending(Continuation::Assertions(Box::new(pending)));
        }
        Ok(response)
    }

    /// Signs with the next credential of the last getAssertion, within 30 seconds of the last assertion.
    ///
    /// # Errors
    /// [`AuthenticatorError::NoPendingAssertions`] if there is none any more, or that the store failed.
    pub fn get_next_assertion(&mut self) -> Result<GetAssertionResponse, AuthenticatorError> {
        let Some(Continuation::Assertions(mut pending)) = self.take_pending() else {
            return Err(AuthenticatorError::NoPendingAssertions);
        };
        self.begin_ceremony();
        let id = pending.credential_ids.pop_front().ok_or(AuthenticatorError::NoPendingAssertions)?;
        let credential = self.store.begin()?.find(&id)?.ok_or(AuthenticatorError::NoCredentials)?;
        let response = self.assert(credential, &pending.request)?;
        if !pending.credential_ids.is_empty() {
            self.keep_pending(Continuation::Assertions(pending));
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
        let mut transaction = self.store.begin()?;
        let Some(allow_list) = allow_list else {
            return Ok(transaction.discoverable(rp_id)?);
        };
        let mut found = Vec::new();
        for descriptor in allow_list {
            match transaction.find(&descriptor.id)? {
                Some(stored) => found.extend(u2f::is_for(&stored.rp_id, rp_id).then_some(stored)),
                None => {
                    let maker = self.stateless.as_ref();
                    let made = maker.and_then(|maker| {
                        let open = |rp_id: &str| {
                            maker.open(&descriptor.id, rp_id, self.traits.backend, self.model.backup)
                        };
                        let of_u2f = || open(&u2f::hashed(&sha256(&[rp_id.as_bytes()])));
                        let found = open(rp_id).or_else(|| self.model.u2f.then(of_u2f)?);
                        found.filter(|credential| u2f::is_for(&credential.rp_id, rp_id))
                    });
                    found.extend(made);
                }
            }
        }
        Ok(found)
    }

    /// Raises the counter and signs. One transaction reads the count and writes it, so two processes never use the
    /// same count.
    fn assert(
        &mut self,
        mut credential: Credential,
        request: &Sealed,
    ) -> Result<GetAssertionResponse, AuthenticatorError> {
        let stores_late = self.stores_late();
        let mut transaction = self.store.begin()?;
        let stored = transaction.sign_count(&credential.id)?;
        let made_again = |maker: &Stateless| maker.made(&credential.id, &credential.rp_id);
        if stored.is_none() && !self.stateless.as_ref().is_some_and(made_again) {
            return Err(AuthenticatorError::NoCredentials);
        }
        credential.sign_count = next_count(self.model.counter, stored, transaction.as_mut())?;
        let counts = stored.is_some_and(|kept| credential.sign_count > kept);
        let extensions = request.extensions.as_deref();
        let writes = stored.is_some() && extensions.is_some_and(|asserted| asserted.keep(&mut credential));
        if stores_late {
            drop(transaction);
        } else {
            match (writes, counts) {
                (true, _) => {
                    // As it is now: the account may have changed while the user was asked.
                    if let Some(mut kept) = transaction.find(&credential.id)? {
                        kept.sign_count = credential.sign_count;
                        if extensions.is_some_and(|asserted| asserted.keep(&mut kept)) {
                            transaction.put(&kept)?;
                        }
                    }
                }
                (false, true) => {
                    transaction.set_sign_count(&credential.id, credential.sign_count)?;
                }
                (false, false) => {}
            }
            transaction.commit()?;
        }
        credential.key = credential.key.with_backend(self.traits.backend);
        let rp_id_hash = self.rp_id_hash(&request.rp_id);
        let Outputs { signed, unsigned, large_blob_key } = extensions
            .map(|asserted| self.outputs_asserted(asserted, &credential, request.flags))
            .unwrap_or_default();
        let edits = &self.edits;
        let mut data = self.authenticator_data(rp_id_hash, &credential, request.flags, signed);
        let auth_data = edits.seal(&mut data);
        let signature = edits.sign(&credential.key, &[&auth_data, &request.client_data_hash]);
        if stores_late {
            self.finish(match writes {
                true => Trace::Credential(Some(Box::new(credential.clone()))),
                false => Trace::Count(credential.id.clone(), counts.then_some(credential.sign_count)),
            })?;
        }
        let identified = request.flags.contains(Flags::UV) && request.choosing;
        let told = |name: String| Some(name).filter(|name| identified && !name.is_empty());
        let user = credential.discoverable.then(|| UserEntity {
            id: credential.user.id,
            name: told(credential.user.name),
            display_name: told(credential.user.display_name),
        });
        Ok(GetAssertionResponse {
            user,
            large_blob_key,
            unsigned_extension_outputs: unsigned,
            ..GetAssertionResponse::new(credential.id, auth_data, signature)
        })
    }
}

fn name_of_first(candidates: &[Credential]) -> Option<&str> {
    candidates.first().map(|credential| credential.user.name.as_str())
}
