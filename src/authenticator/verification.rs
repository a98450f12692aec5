//! How a request proves that its user was verified: by a token, or by the authenticator itself (CTAP 2.1 §6.1.2 steps 1, 2
//! and 5 to 11, §6.2.2 steps 1, 2 and 4 to 6).

use super::user::ConsentRequest;
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{Permissions, PinUvAuth, Status};
use crate::webauthn::Flags;

/// What a ceremony asks of its user.
pub(super) struct Wanted<'r> {
    pub(super) auth: Option<&'r PinUvAuth<'r>>,
    pub(super) user_verification: bool,
    /// Whether the user has to be verified if anybody can be: for a new credential.
    pub(super) protects: bool,
}

/// How the user is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    /// Not at all.
    No,
    /// By the authenticator, with the touch.
    BuiltIn,
    /// By a token, if it turns out to allow the ceremony.
    Token,
}

impl Authenticator {
    /// Whether a PIN is set.
    pub(super) fn pin_is_set(&mut self) -> Result<bool, AuthenticatorError> {
        #[cfg(feature = "ctap")]
        if self.model.client_pin {
            return Ok(self.state()?.pin.is_some());
        }
        Ok(false)
    }

    /// Reads the protocol of `pinUvAuthParam` (§6.1.2 step 2).
    pub(super) fn examine_protocol(&self, auth: Option<&PinUvAuth<'_>>) -> Result<(), Status> {
        let Some(auth) = auth else { return Ok(()) };
        #[cfg(feature = "ctap")]
        if !self.protocols_told().is_empty() {
            return self.protocol(auth.protocol).map(drop);
        }
        Err(auth.protocol.map_or(Status::MissingParameter, |_| Status::InvalidParameter))
    }

    /// How the user is to be verified (steps 5 to 8).
    pub(super) fn choose_verification(
        &mut self,
        wanted: &Wanted<'_>,
    ) -> Result<Verification, AuthenticatorError> {
        match wanted.auth {
            Some(_) if self.model.user_verification || self.pin_is_set()? => Ok(Verification::Token),
            // A parameter that nobody can have made is neither checked nor an error.
            Some(_) => Ok(Verification::No),
            None if wanted.user_verification && !self.model.user_verification => {
                Err(AuthenticatorError::NoUserVerification)
            }
            None if wanted.user_verification => Ok(Verification::BuiltIn),
            None if wanted.protects && self.pin_is_set()? => Err(Status::PuatRequired.into()),
            None => Ok(Verification::No),
        }
    }

    /// Checks the token of a ceremony whose user is verified by one (step 11.1).
    pub(super) fn check_token(
        &mut self,
        verification: Verification,
        auth: Option<&PinUvAuth<'_>>,
        permission: Permissions,
        (rp_id, client_data_hash): (&str, &[u8; 32]),
    ) -> Result<(), AuthenticatorError> {
        let (Verification::Token, Some(auth)) = (verification, auth) else { return Ok(()) };
        #[cfg(feature = "ctap")]
        {
            let protocol = self.protocol(auth.protocol)?;
            let proof = (&[&client_data_hash[..]][..], &auth.param[..]);
            let pin = self.state()?.pin;
            if self.token_allows(protocol, pin.as_ref(), proof, permission, Some(rp_id)) {
                return Ok(());
            }
        }
        #[cfg(not(feature = "ctap"))]
        let _ = (auth, permission, rp_id, client_data_hash);
        Err(Status::PinAuthInvalid.into())
    }

    /// Asks for the touch that finds out which key the user means (step 1): it always ends in an error.
    pub(super) fn select(&mut self, consent: &ConsentRequest<'_>) -> AuthenticatorError {
        let asked = self.ask(&ConsentRequest { user_verification: false, ..*consent });
        match asked.and_then(|_| self.pin_is_set()) {
            Ok(true) => Status::PinInvalid.into(),
            Ok(false) => AuthenticatorError::PinNotSet,
            Err(error) => error,
        }
    }

    /// Asks the user, and returns UP and UV.
    pub(super) fn verify(
        &mut self,
        verification: Verification,
        consent: &ConsentRequest<'_>,
    ) -> Result<Flags, AuthenticatorError> {
        let by_itself = verification == Verification::BuiltIn;
        let flags = self.ask(&ConsentRequest { user_verification: by_itself, ..*consent })?;
        #[cfg(feature = "ctap")]
        self.spend_token();
        Ok(flags.with(Flags::UV, verification != Verification::No))
    }
}
