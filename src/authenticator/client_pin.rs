//! authenticatorClientPIN (CTAP 2.1 §6.5.5): the PIN. [`tokens`](super::tokens) has what gives tokens.

use zeroize::Zeroizing;

use super::model::{CtapVersion, Extension};
use super::state::{Pin, Secret, State};
use super::{Authenticator, AuthenticatorError};
use crate::crypto::{sha256, symmetric};
use crate::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand as Sub, KeyAgreementKey, PinUvAuthProtocol,
    SharedSecret, Status,
};

/// Wrong PINs in a row after which the power has to be cycled (§6.5.5.6 step 7).
const MOST_MISMATCHES: u8 = 3;
/// The length of a padded PIN in bytes (§6.5.1).
const PADDED_PIN: usize = 64;

impl Authenticator {
    /// Sets, changes and checks the PIN, and issues tokens.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn client_pin(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        let sub_command = Sub::from_number(request.sub_command);
        match sub_command {
            _ if self.protocols_told().is_empty() => Err(Status::InvalidCommand.into()),
            Some(Sub::GetKeyAgreement) => self.get_key_agreement(request),
            Some(Sub::GetUvRetries) if self.gives_tokens_by_uv() => self.get_uv_retries(),
            Some(Sub::GetTokenUsingUv) if self.gives_tokens_by_uv() => self.get_token_using_uv(request),
            _ if !self.model.client_pin && self.model.ctap_version == CtapVersion::V2_0 => {
                Err(Status::InvalidCommand.into())
            }
            Some(Sub::GetPinRetries) if self.model.client_pin => self.get_pin_retries(),
            Some(Sub::SetPin) if self.model.client_pin => self.set_pin(request),
            Some(Sub::ChangePin) if self.model.client_pin => self.change_pin(request),
            Some(Sub::GetPinToken) if self.model.client_pin => self.get_pin_token(request),
            Some(Sub::GetTokenUsingPin)
                if self.model.client_pin && self.model.ctap_version > CtapVersion::V2_0 =>
            {
                self.get_token_using_pin(request)
            }
            _ => Err(self.unknown_sub_command().into()),
        }
    }

    /// What a sub-command is refused with that this authenticator does not have (§8.1).
    pub(super) fn unknown_sub_command(&self) -> Status {
        match self.model.ctap_version > CtapVersion::V2_0 {
            true => Status::InvalidSubcommand,
            false => Status::InvalidParameter,
        }
    }

    /// Whether users who are verified by the authenticator itself get tokens.
    pub(super) fn gives_tokens_by_uv(&self) -> bool {
        self.model.user_verification && self.model.ctap_version > CtapVersion::V2_0
    }

    /// The protocols, the preferred one first.
    pub(super) fn pin_uv_auth_protocols(&self) -> &[PinUvAuthProtocol] {
        match (&self.model.pin_uv_auth_protocols, self.model.ctap_version) {
            (Some(protocols), _) => protocols,
            (None, CtapVersion::U2f | CtapVersion::V2_0) => &[PinUvAuthProtocol::One],
            (None, _) => &[PinUvAuthProtocol::Two, PinUvAuthProtocol::One],
        }
    }

    /// The protocols that getInfo tells: those of an authenticator that agrees on secrets with platforms.
    pub(super) fn protocols_told(&self) -> &[PinUvAuthProtocol] {
        let agrees = self.model.client_pin
            || self.gives_tokens_by_uv()
            || self.model.extensions.contains(&Extension::HmacSecret);
        match agrees {
            true => self.pin_uv_auth_protocols(),
            false => &[],
        }
    }

    /// The protocol of a number that has to be there, and that this authenticator has.
    pub(super) fn protocol(&self, number: Option<u64>) -> Result<PinUvAuthProtocol, Status> {
        let number = number.ok_or(Status::MissingParameter)?;
        PinUvAuthProtocol::from_number(number)
            .filter(|protocol| self.protocols_told().contains(protocol))
            .ok_or(Status::InvalidParameter)
    }

    /// §6.5.5.2
    fn get_pin_retries(&mut self) -> Result<ClientPinResponse, AuthenticatorError> {
        let pin_retries = Some(self.state()?.pin_retries());
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
        let state = self.state()?;
        if state.pin_hash.is_some() {
            return Err(Status::PinAuthInvalid.into());
        }
        let secret = self.agree(protocol, key)?;
        if !secret.verify(&[new_pin_enc], param) {
            return Err(Status::PinAuthInvalid.into());
        }
        let pin = self.new_pin(&state, &secret.decrypt(new_pin_enc).ok_or(Status::PinAuthInvalid)?)?;
        // Another authenticator on the same store may have set one since, or made the rules stricter.
        self.change_state(|state| {
            if state.pin_hash.is_some() {
                return Err(Status::PinAuthInvalid);
            }
            if state.min_pin_length.is_some_and(|least| pin.code_points < least) {
                return Err(Status::PinPolicyViolation);
            }
            state.set_pin(pin);
            state.pin_retries = None;
            Ok(())
        })??;
        Ok(ClientPinResponse::default())
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
        let state = self.state()?;
        let pin = self.new_pin(&state, &secret.decrypt(new_pin_enc).ok_or(Status::PinAuthInvalid)?)?;
        if state.force_pin_change && pin.hash == old.hash {
            return Err(Status::PinPolicyViolation.into());
        }
        let is_still_set = self.change_state(|state| {
            let is_still_set = state.pin().as_ref() == Some(&old);
            if is_still_set {
                state.set_pin(pin);
                state.force_pin_change = false;
                // Step 20 of CTAP 2.2.
                state.persistent_token = None;
            }
            is_still_set
        })?;
        self.end_token();
        match is_still_set {
            true => Ok(ClientPinResponse::default()),
            false => Err(Status::PinInvalid.into()),
        }
    }

    /// §6.5.5.3
    fn get_uv_retries(&mut self) -> Result<ClientPinResponse, AuthenticatorError> {
        let state = self.state()?;
        let uv_retries = Some(self.uv_retries(&state));
        Ok(ClientPinResponse { uv_retries, ..ClientPinResponse::default() })
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
    pub(super) fn may_try_pin(&mut self) -> Result<(), AuthenticatorError> {
        let state = self.state()?;
        Err(match state.pin_hash {
            None => Status::PinNotSet,
            Some(_) if state.pin_retries() == 0 => Status::PinBlocked,
            Some(_) if self.session.mismatches >= MOST_MISMATCHES => Status::PinAuthBlocked,
            Some(_) => return Ok(()),
        }
        .into())
    }

    /// Compares a PIN (§6.5.5.6 steps 6 to 8), and returns what is kept of it. A retry is spent, for good, before the
    /// comparison, by whoever looks for one: each of several authenticators on a store has to find one left.
    pub(super) fn try_pin(
        &mut self,
        secret: &SharedSecret,
        pin_hash_enc: &[u8],
    ) -> Result<Pin, AuthenticatorError> {
        let spent = self.change_state(|state| {
            let pin = state.pin()?;
            let left = state.pin_retries().checked_sub(1)?;
            state.pin_retries = Some(left);
            Some((pin, left))
        })?;
        let (pin, left) = spent.ok_or(Status::PinBlocked)?;
        let hash = secret.decrypt(pin_hash_enc);
        if hash.is_some_and(|hash| symmetric::same(pin.hash.bytes(), &hash)) {
            self.session.mismatches = 0;
            self.change_state(|state| {
                if state.pin().as_ref() == Some(&pin) {
                    (state.pin_retries, state.uv_retries) = (None, None);
                    state.uv_count_since_last_pin_entry = 0;
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

    /// The least length of a PIN, in code points.
    pub(super) fn min_pin_length(&self, state: &State) -> u64 {
        let preset = u64::from(self.model.min_pin_length);
        state.min_pin_length.unwrap_or(preset).max(preset)
    }

    /// Whether PINs have to be complex; `None` where there is no such rule.
    pub(super) fn pin_complexity_policy(&self, state: &State) -> Option<bool> {
        let preset = self.model.pin_complexity_policy?;
        Some(state.pin_complexity_policy.unwrap_or(preset))
    }

    /// What is kept of a padded new PIN, if it keeps to the rules (§6.5.5.5 steps 7 to 12).
    fn new_pin(&self, state: &State, padded: &[u8]) -> Result<Pin, Status> {
        if padded.len() != PADDED_PIN {
            return Err(Status::InvalidParameter);
        }
        let length = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let pin = padded.get(..length).unwrap_or_default();
        // At most 63 bytes of UTF-8 (§6.5.1).
        let text = std::str::from_utf8(pin).map_err(|_| Status::PinPolicyViolation)?;
        let code_points = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        let most = self.model.max_pin_length.map_or(u64::MAX, u64::from);
        let too_simple = self.pin_complexity_policy(state) == Some(true) && is_simple(text);
        if length == PADDED_PIN
            || code_points < self.min_pin_length(state)
            || code_points > most
            || too_simple
        {
            return Err(Status::PinPolicyViolation);
        }
        let digest = Zeroizing::new(sha256(&[pin]));
        let hash = Secret::new(*digest.first_chunk().unwrap_or(&[0; 16]));
        Ok(Pin { hash, code_points })
    }
}

pub(super) fn there(member: &Option<Vec<u8>>) -> Result<&[u8], Status> {
    member.as_deref().ok_or(Status::MissingParameter)
}

/// Whether a PIN is one character again and again, or goes up or down by one: `1111`, `1234`, `dcba`. That is the rule which
/// this authenticator has for PINs that have to be complex (CTAP 2.2 §7.5 leaves it to each).
fn is_simple(pin: &str) -> bool {
    let code_points: Vec<u32> = pin.chars().map(u32::from).collect();
    let mut steps = code_points.windows(2).map(|pair| match pair {
        [one, next] => i64::from(*next) - i64::from(*one),
        _ => 0,
    });
    let Some(first) = steps.next() else { return true };
    first.abs() <= 1 && steps.all(|step| step == first)
}
