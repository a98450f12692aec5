//! How a request proves that its user was verified: by a token, or by the authenticator itself (CTAP 2.1 §6.1.2 steps 1, 2
//! and 5 to 11, §6.2.2 steps 1, 2 and 4 to 6).

use super::model::CtapVersion;
use super::session::Proof;
use super::state::State;
use super::user::{Answer, ConsentRequest};
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{Permissions, PinUvAuth, Status};
use crate::webauthn::Flags;

/// What a ceremony asks of its user.
pub(super) struct Wanted<'r> {
    pub(super) auth: Option<&'r PinUvAuth<'r>>,
    pub(super) user_verification: bool,
    pub(super) ceremony: Purpose,
}

/// What a ceremony is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Make { resident_key: bool },
    Assert { user_presence: bool },
}

/// How the user is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    /// Not at all.
    No,
    /// By the authenticator, which counts as a touch.
    BuiltIn,
    /// By a token, if it turns out to allow the ceremony.
    Token,
}

/// What became of built-in user verification.
pub(super) enum BuiltInUv {
    Verified,
    Failed,
    /// No retries are left.
    Blocked,
}

impl Authenticator {
    /// Whether a PIN is set.
    pub(super) fn pin_is_set(&self, state: &State) -> bool {
        self.model.client_pin && state.pin_hash.is_some()
    }

    /// Whether it can verify the user by itself, now: the option `uv`.
    pub(super) fn has_built_in_uv(&self, state: &State) -> bool {
        self.model.user_verification && (!self.model.bio_enrollment || !state.templates.is_empty())
    }

    /// Whether some form of user verification protects it.
    pub(super) fn is_protected(&self, state: &State) -> bool {
        self.pin_is_set(state) || self.has_built_in_uv(state)
    }

    /// Whether users are always verified: the option `alwaysUv`.
    pub(super) fn always_uv(&self, state: &State) -> bool {
        let preset = self.model.always_uv.filter(|_| self.model.ctap_version > CtapVersion::V2_0);
        preset.is_some_and(|preset| state.always_uv.unwrap_or(preset))
    }

    /// Whether credentials that need not be discoverable are made without verifying the user: `makeCredUvNotRqd`.
    pub(super) fn make_cred_uv_not_rqd(&self, state: &State) -> bool {
        self.model.ctap_version > CtapVersion::V2_0
            && self.model.make_cred_uv_not_rqd
            && !self.always_uv(state)
    }

    /// The error where a token is missing: that of one whom a PIN could give it, or the other.
    fn token_is_missing(&self, pin_gives_one: bool) -> AuthenticatorError {
        match pin_gives_one && !self.model.no_mc_ga_permissions_with_client_pin {
            true => Status::PuatRequired.into(),
            false => AuthenticatorError::UserVerificationRequired,
        }
    }

    /// Reads the protocol of `pinUvAuthParam` (§6.1.2 step 2).
    pub(super) fn examine_protocol(&self, auth: Option<&PinUvAuth<'_>>) -> Result<(), Status> {
        match auth {
            None => Ok(()),
            Some(auth) => self.protocol(auth.protocol).map(drop),
        }
    }

    /// How the user is to be verified (steps 5 to 8).
    pub(super) fn choose_verification(
        &self,
        state: &State,
        wanted: &Wanted<'_>,
    ) -> Result<Verification, AuthenticatorError> {
        let built_in = self.has_built_in_uv(state);
        let mut uv = wanted.user_verification && wanted.auth.is_none();
        if uv && !built_in {
            return Err(AuthenticatorError::NoUserVerification);
        }
        if self.always_uv(state) && wanted.ceremony != (Purpose::Assert { user_presence: false }) {
            if !self.is_protected(state) {
                return Err(self.token_is_missing(self.model.client_pin));
            }
            if wanted.auth.is_none() && !uv {
                if !built_in {
                    return Err(self.token_is_missing(true));
                }
                uv = true;
            }
        }
        match wanted.auth {
            Some(_) if self.is_protected(state) => return Ok(Verification::Token),
            // A parameter that nobody can have made is neither checked nor an error.
            Some(_) => return Ok(Verification::No),
            None if uv => return Ok(Verification::BuiltIn),
            None => {}
        }
        let has_to = match wanted.ceremony {
            Purpose::Make { .. } if self.model.ctap_version <= CtapVersion::V2_0 => self.pin_is_set(state),
            Purpose::Make { resident_key } => {
                self.is_protected(state) && (resident_key || !self.make_cred_uv_not_rqd(state))
            }
            Purpose::Assert { .. } => false,
        };
        match has_to {
            true => Err(self.token_is_missing(self.pin_is_set(state))),
            false => Ok(Verification::No),
        }
    }

    /// Verifies the user of a ceremony as chosen (step 11). The flag UP is set where that was a touch, too.
    pub(super) fn verify(
        &mut self,
        state: &State,
        verification: Verification,
        (auth, permission, client_data_hash): (Option<&PinUvAuth<'_>>, Permissions, &[u8; 32]),
        consent: &ConsentRequest<'_>,
    ) -> Result<Flags, AuthenticatorError> {
        match (verification, auth) {
            (Verification::No, _) => Ok(Flags::default()),
            (Verification::BuiltIn, _) if self.model.ctap_version <= CtapVersion::V2_0 => {
                self.ask(&ConsentRequest { user_verification: true, ..*consent })
            }
            (Verification::BuiltIn, _) => match self.perform_built_in_uv(consent, self.model.uv_attempts)? {
                BuiltInUv::Verified => Ok(Flags::UP.with(Flags::UV, true)),
                _ if self.pin_is_set(state) && !self.model.no_mc_ga_permissions_with_client_pin => {
                    Err(Status::PuatRequired.into())
                }
                BuiltInUv::Blocked => Err(Status::PinBlocked.into()),
                BuiltInUv::Failed => Err(AuthenticatorError::UserNotVerified),
            },
            (Verification::Token, Some(auth)) => {
                let protocol = self.protocol(auth.protocol)?;
                let proof = Proof { protocol, message: &[client_data_hash], param: &auth.param };
                let allowed = self.token_allows(state, proof, permission)?;
                self.token_is_for(consent.rp_id)?;
                Ok(Flags::UV.with(Flags::UP, allowed.user_present))
            }
            (Verification::Token, None) => Err(Status::PinAuthInvalid.into()),
        }
    }

    /// Tests for presence, unless that is done (step 14).
    pub(super) fn touch(
        &mut self,
        flags: Flags,
        consent: &ConsentRequest<'_>,
    ) -> Result<Flags, AuthenticatorError> {
        if !flags.contains(Flags::UP) {
            self.ask(&ConsentRequest { user_verification: false, ..*consent })?;
        }
        self.spend_token();
        Ok(flags.with(Flags::UP, true))
    }

    /// Whether a request asks for the touch that finds out which key the user means (step 1).
    pub(super) fn asks_for_touch(&self, auth: Option<&PinUvAuth<'_>>) -> bool {
        // In CTAP 2.0, of every authenticator (CTAP 2.0 §5.1).
        let answers = self.model.ctap_version <= CtapVersion::V2_0 || !self.protocols_told().is_empty();
        answers && auth.is_some_and(|auth| auth.param.is_empty())
    }

    /// Asks for the touch that finds out which key the user means (step 1): it always ends in an error.
    pub(super) fn select(&mut self, consent: &ConsentRequest<'_>) -> AuthenticatorError {
        let asked = self.ask(&ConsentRequest { user_verification: false, ..*consent });
        match asked.and_then(|_| self.state()) {
            Ok(state) if self.pin_is_set(&state) => Status::PinInvalid.into(),
            Ok(_) => AuthenticatorError::PinNotSet,
            Err(error) => error,
        }
    }

    /// How many failures of built-in user verification are left.
    pub(super) fn uv_retries(&self, state: &State) -> u64 {
        uv_retries(state, self.model.client_pin, self.model.max_uv_retries)
    }

    /// Verifies the user by the authenticator itself (performBuiltInUv, §6.5.3.1). A retry is spent, for good, before each
    /// attempt, and all of them come back with the first success.
    ///
    /// # Errors
    /// [`AuthenticatorError`]: the user says no, or does not answer.
    pub(super) fn perform_built_in_uv(
        &mut self,
        consent: &ConsentRequest<'_>,
        attempts: u8,
    ) -> Result<BuiltInUv, AuthenticatorError> {
        for _ in 0..attempts.max(1) {
            let (has_pin, most) = (self.model.client_pin, self.model.max_uv_retries);
            let spent = self.change_state(|state| {
                let left = uv_retries(state, has_pin, most).checked_sub(1)?;
                state.uv_retries = Some(left);
                Some(())
            })?;
            if spent.is_none() {
                return Ok(BuiltInUv::Blocked);
            }
            match self.user.answer(&ConsentRequest { user_verification: true, ..*consent }) {
                Answer::Verified => {
                    self.change_state(|state| {
                        state.uv_retries = None;
                        state.uv_count_since_last_pin_entry =
                            state.uv_count_since_last_pin_entry.saturating_add(1);
                    })?;
                    return Ok(BuiltInUv::Verified);
                }
                Answer::Present => {}
                Answer::Denied => return Err(AuthenticatorError::OperationDenied),
                Answer::NoAnswer => return Err(AuthenticatorError::UserActionTimeout),
            }
        }
        let state = self.state()?;
        Ok(if self.uv_retries(&state) == 0 { BuiltInUv::Blocked } else { BuiltInUv::Failed })
    }
}

/// How many failures of built-in user verification are left of so many.
fn uv_retries(state: &State, has_pin: bool, most: u8) -> u64 {
    let most = u64::from(most);
    match has_pin && state.pin_hash.is_some() && state.pin_retries() == 0 {
        // Where the PIN is blocked, so is this (§6.5.3.1).
        true => 0,
        false => state.uv_retries.unwrap_or(most).min(most),
    }
}
