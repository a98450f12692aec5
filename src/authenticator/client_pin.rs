//! authenticatorClientPIN (CTAP 2.1 §6.5.5).

use zeroize::Zeroizing;

use super::model::{CtapVersion, Extension};
use super::state::{MOST_PIN_RETRIES, Pin, State};
use super::{Authenticator, AuthenticatorError};
use crate::crypto::{sha256, symmetric};
use crate::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand, KeyAgreementKey, Permissions,
    PinUvAuthProtocol, SharedSecret, Status,
};

/// Wrong PINs in a row after which the power has to be cycled (§6.5.5.6 step 7).
const MOST_MISMATCHES: u8 = 3;
/// The length of a padded PIN in bytes (§6.5.1).
const PADDED_PIN: usize = 64;
/// The least length of a PIN in code points (§6.5.1).
const LEAST_PIN_LENGTH: usize = 4;

impl Authenticator {
    /// Sets, changes and checks the PIN, and issues tokens.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn client_pin(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        match ClientPinSubCommand::from_number(request.sub_command) {
            _ if self.protocols_told().is_empty() => Err(Status::InvalidCommand.into()),
            Some(ClientPinSubCommand::GetKeyAgreement) => self.get_key_agreement(request),
            _ if !self.model.client_pin => Err(Status::InvalidCommand.into()),
            Some(ClientPinSubCommand::GetPinRetries) => self.get_pin_retries(),
            Some(ClientPinSubCommand::SetPin) => self.set_pin(request),
            Some(ClientPinSubCommand::ChangePin) => self.change_pin(request),
            Some(ClientPinSubCommand::GetPinToken) => self.get_pin_token(request),
            _ if self.model.ctap_version == CtapVersion::V2_0 => Err(Status::InvalidParameter.into()),
            _ => Err(Status::InvalidSubcommand.into()),
        }
    }

    /// The protocols, the preferred one first.
    pub(super) fn pin_uv_auth_protocols(&self) -> &'static [PinUvAuthProtocol] {
        match self.model.ctap_version {
            CtapVersion::V2_0 => &[PinUvAuthProtocol::One],
        }
    }

    /// The protocols that getInfo tells: those of an authenticator that agrees on secrets with platforms.
    pub(super) fn protocols_told(&self) -> &'static [PinUvAuthProtocol] {
        match self.model.client_pin || self.model.extensions.contains(&Extension::HmacSecret) {
            true => self.pin_uv_auth_protocols(),
            false => &[],
        }
    }

    /// The protocol of a number that has to be there, and that this authenticator has.
    pub(super) fn protocol(&self, number: Option<u64>) -> Result<PinUvAuthProtocol, Status> {
        let number = number.ok_or(Status::MissingParameter)?;
        PinUvAuthProtocol::from_number(number)
            .filter(|protocol| self.pin_uv_auth_protocols().contains(protocol))
            .ok_or(Status::InvalidParameter)
    }

    /// §6.5.5.2
    fn get_pin_retries(&mut self) -> Result<ClientPinResponse, AuthenticatorError> {
        let pin_retries = Some(self.state()?.pin_retries.into());
        // The member came with CTAP 2.1.
        let blocked = self.session.mismatches >= MOST_MISMATCHES;
        let power_cycle_state = (blocked && self.model.ctap_version > CtapVersion::V2_0).then_some(true);
        Ok(ClientPinResponse { pin_retries, power_cycle_state, ..ClientPinResponse::default() })
    }

    /// §6.5.5.4
    fn get_key_agreement(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        let key_agreement = Some(KeyAgreementKey(self.key_agreement(protocol).public_key()));
        Ok(ClientPinResponse { key_agreement, ..ClientPinResponse::default() })
    }

    /// §6.5.5.5
    fn set_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, AuthenticatorError> {
        let (new_pin_enc, param) = (there(&request.new_pin_enc)?, there(&request.pin_uv_auth_param)?);
        let key = request.key_agreement.as_ref().ok_or(Status::MissingParameter)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        if self.state()?.pin.is_some() {
            return Err(Status::PinAuthInvalid.into());
        }
        let secret = self.agree(protocol, key)?;
        if !secret.verify(&[new_pin_enc], param) {
            return Err(Status::PinAuthInvalid.into());
        }
        let pin = new_pin(&secret.decrypt(new_pin_enc).ok_or(Status::PinAuthInvalid)?)?;
        // Somebody else may have set one since, at another authenticator on the same store.
        let was_set = self.change_state(|state| {
            let was_set = state.pin.is_some();
            if !was_set {
                *state = State { pin: Some(pin), ..State::default() };
            }
            was_set
        })?;
        match was_set {
            true => Err(Status::PinAuthInvalid.into()),
            false => Ok(ClientPinResponse::default()),
        }
    }

    /// §6.5.5.6
    fn change_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, AuthenticatorError> {
        let (new_pin_enc, param) = (there(&request.new_pin_enc)?, there(&request.pin_uv_auth_param)?);
        let pin_hash_enc = there(&request.pin_hash_enc)?;
        let key = request.key_agreement.as_ref().ok_or(Status::MissingParameter)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        self.may_try_pin()?;
        let secret = self.agree(protocol, key)?;
        if !secret.verify(&[new_pin_enc, pin_hash_enc], param) {
            return Err(Status::PinAuthInvalid.into());
        }
        let old = self.try_pin(&secret, pin_hash_enc)?;
        let pin = new_pin(&secret.decrypt(new_pin_enc).ok_or(Status::PinAuthInvalid)?)?;
        let is_still_set = self.change_state(|state| {
            let is_still_set = state.pin.as_ref() == Some(&old);
            if is_still_set {
                state.pin = Some(pin);
            }
            is_still_set
        })?;
        self.end_token();
        match is_still_set {
            true => Ok(ClientPinResponse::default()),
            false => Err(Status::PinInvalid.into()),
        }
    }

    /// §6.5.5.7.1
    fn get_pin_token(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, AuthenticatorError> {
        let pin_hash_enc = there(&request.pin_hash_enc)?;
        let key = request.key_agreement.as_ref().ok_or(Status::MissingParameter)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        if request.permissions.is_some() || request.rp_id.is_some() {
            return Err(Status::InvalidParameter.into());
        }
        self.may_try_pin()?;
        let secret = self.agree(protocol, key)?;
        let pin = self.try_pin(&secret, pin_hash_enc)?;
        let permissions = Permissions::MAKE_CREDENTIAL.or(Permissions::GET_ASSERTION);
        let token = self.issue_token(protocol, pin, permissions, None);
        let pin_uv_auth_token = secret.encrypt(&*token, &mut self.random.ceremony(&[b"encrypt"]));
        Ok(ClientPinResponse { pin_uv_auth_token, ..ClientPinResponse::default() })
    }

    /// `decapsulate` (§6.5.4)
    pub(super) fn agree(
        &mut self,
        protocol: PinUvAuthProtocol,
        key: &KeyAgreementKey,
    ) -> Result<SharedSecret, AuthenticatorError> {
        Ok(key.agree(&self.key_agreement(protocol), protocol).ok_or(Status::InvalidParameter)?)
    }

    /// Whether a PIN is set and may be tried.
    fn may_try_pin(&mut self) -> Result<(), AuthenticatorError> {
        let state = self.state()?;
        Err(match state.pin {
            None => Status::PinNotSet,
            Some(_) if state.pin_retries == 0 => Status::PinBlocked,
            Some(_) if self.session.mismatches >= MOST_MISMATCHES => Status::PinAuthBlocked,
            Some(_) => return Ok(()),
        }
        .into())
    }

    /// Compares a PIN (§6.5.5.6 steps 6 to 8), and returns what is kept of it. A retry is spent, for good, before the
    /// comparison, by whoever looks for one: each of several authenticators on a store has to find one left.
    fn try_pin(&mut self, secret: &SharedSecret, pin_hash_enc: &[u8]) -> Result<Pin, AuthenticatorError> {
        let spent = self.change_state(|state| {
            let pin = state.pin.clone()?;
            let left = state.pin_retries.checked_sub(1)?;
            state.pin_retries = left;
            Some((pin, left))
        })?;
        let (pin, left) = spent.ok_or(Status::PinBlocked)?;
        let hash = secret.decrypt(pin_hash_enc);
        if hash.is_some_and(|hash| symmetric::same(&pin.hash, &hash)) {
            self.session.mismatches = 0;
            self.change_state(|state| {
                if state.pin.as_ref() == Some(&pin) {
                    state.pin_retries = MOST_PIN_RETRIES;
                }
            })?;
            return Ok(pin);
        }
        self.forget_key_agreement();
        self.session.mismatches = self.session.mismatches.saturating_add(1);
        Err(match (left, self.session.mismatches) {
            (0, _) => Status::PinBlocked,
            (_, MOST_MISMATCHES..) => Status::PinAuthBlocked,
            _ => Status::PinInvalid,
        }
        .into())
    }
}

fn there(member: &Option<Vec<u8>>) -> Result<&[u8], Status> {
    member.as_deref().ok_or(Status::MissingParameter)
}

/// What is kept of a padded new PIN, if it keeps to the rules (§6.5.5.5 steps 7 to 12).
fn new_pin(padded: &[u8]) -> Result<Pin, Status> {
    if padded.len() != PADDED_PIN {
        return Err(Status::InvalidParameter);
    }
    let length = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let pin = padded.get(..length).unwrap_or_default();
    // At most 63 bytes of UTF-8 (§6.5.1).
    let code_points = std::str::from_utf8(pin).map_err(|_| Status::PinPolicyViolation)?.chars().count();
    if length == PADDED_PIN || code_points < LEAST_PIN_LENGTH {
        return Err(Status::PinPolicyViolation);
    }
    let digest = Zeroizing::new(sha256(&[pin]));
    let mut hash = [0; 16];
    hash.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    Ok(Pin { hash, code_points: u8::try_from(code_points).unwrap_or(u8::MAX) })
}
