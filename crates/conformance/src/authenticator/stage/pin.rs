//! The PIN and tokens, from the platform's side (CTAP 2.1 §6.5.5).

use ciborium::Value;

use super::super::platform::answer::Answer;
use super::super::platform::code::{command, status};
use super::super::platform::parameters::Parameters;
use super::super::platform::pin::{Protocol, Shared, Token, padded, pin_hash};
use super::{PinState, Stage};
use crate::core::outcome::{Outcome, Stop};

/// Sub-commands of authenticatorClientPIN.
pub(crate) mod sub {
    pub(crate) const GET_PIN_RETRIES: u64 = 0x01;
    pub(crate) const GET_KEY_AGREEMENT: u64 = 0x02;
    pub(crate) const SET_PIN: u64 = 0x03;
    pub(crate) const CHANGE_PIN: u64 = 0x04;
    pub(crate) const GET_PIN_TOKEN: u64 = 0x05;
    pub(crate) const GET_TOKEN_USING_UV: u64 = 0x06;
    pub(crate) const GET_UV_RETRIES: u64 = 0x07;
    pub(crate) const GET_TOKEN_USING_PIN: u64 = 0x09;
}

impl Stage<'_> {
    /// The protocol that the authenticator prefers of those that the document defines.
    pub(crate) fn protocol(&self) -> Result<Protocol, Stop> {
        let known = self.info.protocols().into_iter().find_map(Protocol::from_number);
        known.ok_or_else(|| Stop::error("getInfo lists no PIN/UV auth protocol that the document defines"))
    }

    /// Skips a case about both protocols where the authenticator does not list them.
    pub(crate) fn lists_both_protocols(&self) -> Outcome {
        let listed = self.info.protocols();
        match Protocol::ALL.iter().all(|protocol| listed.contains(&protocol.number())) {
            true => Ok(()),
            false => Err(Stop::skip("the target lists one protocol alone")),
        }
    }

    /// A request of authenticatorClientPIN, with the number of the protocol.
    pub(crate) fn client_pin(&self, sub_command: u64, protocol: Protocol) -> Parameters {
        Parameters::default().with(1, protocol.number()).with(2, sub_command)
    }

    /// Agrees on a secret with the authenticator.
    pub(crate) fn share(&mut self, protocol: Protocol) -> Result<Shared, Stop> {
        let request = self.client_pin(sub::GET_KEY_AGREEMENT, protocol);
        let answer = self.call(command::CLIENT_PIN, &request)?;
        let answer = self.control(answer, "getKeyAgreement")?;
        let random = self.random();
        let theirs = answer.get(1).cloned().unwrap_or(Value::Null);
        Shared::agree(protocol, &theirs, random)
            .ok_or_else(|| Stop::error("getKeyAgreement gave no point on P-256"))
    }

    /// 16 bytes that no other call gives.
    pub(crate) fn iv(&mut self) -> [u8; 16] {
        self.random().first_chunk().copied().unwrap_or_default()
    }

    /// setPIN, for a padded PIN of any length.
    pub(crate) fn set_pin_request(&mut self, shared: &Shared, padded: &[u8]) -> Parameters {
        let new_pin_enc = shared.encrypt(padded, self.iv());
        let param = shared.authenticate(&new_pin_enc);
        self.client_pin(sub::SET_PIN, shared.protocol)
            .with(3, shared.key_agreement.clone())
            .with(4, param)
            .with(5, new_pin_enc)
    }

    /// changePIN.
    pub(crate) fn change_pin_request(&mut self, shared: &Shared, old: &str, new: &[u8]) -> Parameters {
        let new_pin_enc = shared.encrypt(new, self.iv());
        let pin_hash_enc = shared.encrypt(&pin_hash(old), self.iv());
        let param = shared.authenticate(&[new_pin_enc.clone(), pin_hash_enc.clone()].concat());
        self.client_pin(sub::CHANGE_PIN, shared.protocol)
            .with(3, shared.key_agreement.clone())
            .with(4, param)
            .with(5, new_pin_enc)
            .with(6, pin_hash_enc)
    }

    /// A request for a token for a PIN.
    pub(crate) fn token_request(&mut self, shared: &Shared, sub_command: u64, pin: &str) -> Parameters {
        let pin_hash_enc = shared.encrypt(&pin_hash(pin), self.iv());
        self.client_pin(sub_command, shared.protocol)
            .with(3, shared.key_agreement.clone())
            .with(6, pin_hash_enc)
    }

    /// Sets the PIN of an authenticator that has none.
    pub(crate) fn set_pin(&mut self, pin: &str) -> Outcome {
        let shared = self.share(self.protocol()?)?;
        let request = self.set_pin_request(&shared, &padded(pin));
        let answer = self.call(command::CLIENT_PIN, &request)?;
        self.control(answer, "setPIN")?;
        self.world.pin = PinState::Known(pin.to_owned());
        self.info = self.get_info()?;
        Ok(())
    }

    /// The PIN that is set.
    pub(crate) fn pin(&self) -> Result<String, Stop> {
        match &self.world.pin {
            PinState::Known(pin) => Ok(pin.clone()),
            _ => Err(Stop::error("the case needs a PIN, and none is set")),
        }
    }

    /// A token for the PIN: with these permissions, where the authenticator has permissions.
    pub(crate) fn token(&mut self, permissions: u64, rp_id: Option<&str>) -> Result<Token, Stop> {
        let protocol = self.protocol()?;
        self.token_by(protocol, permissions, rp_id)
    }

    /// The same by a protocol.
    pub(crate) fn token_by(
        &mut self,
        protocol: Protocol,
        permissions: u64,
        rp_id: Option<&str>,
    ) -> Result<Token, Stop> {
        let pin = self.pin()?;
        let shared = self.share(protocol)?;
        let has_permissions = self.info.option("pinUvAuthToken") == Some(true);
        let sub_command = if has_permissions { sub::GET_TOKEN_USING_PIN } else { sub::GET_PIN_TOKEN };
        let mut request = self.token_request(&shared, sub_command, &pin);
        if has_permissions {
            request.set(9, permissions);
            if let Some(rp_id) = rp_id {
                request.set(10, rp_id);
            }
        }
        let answer = self.call(command::CLIENT_PIN, &request)?;
        let answer = self.control(answer, "a request for a token")?;
        self.read_token(&shared, &answer)
    }

    /// The token of an answer.
    pub(crate) fn read_token(&mut self, shared: &Shared, answer: &Answer) -> Result<Token, Stop> {
        let sent = answer.bytes(2).unwrap_or_default();
        self.world.observations.once("encrypted token", sent);
        if shared.protocol == Protocol::Two {
            self.world.observations.once("initialisation vector", sent.get(..16).unwrap_or_default());
        }
        let bytes = shared.decrypt(sent).filter(|token| matches!(token.len(), 16 | 32));
        let bytes =
            bytes.ok_or_else(|| Stop::fail(format!("found a token of {} bytes encrypted", sent.len())))?;
        // In CTAP 2.0 a token lasts until the power goes.
        if self.info.is_from_2_1() {
            self.world.observations.once("token", &bytes);
        }
        Ok(Token { protocol: shared.protocol, bytes })
    }

    /// How many wrong PINs are left.
    pub(crate) fn pin_retries(&mut self) -> Result<u64, Stop> {
        let request = Parameters::default().with(1, self.protocol()?.number()).with(2, sub::GET_PIN_RETRIES);
        let answer = self.call(command::CLIENT_PIN, &request)?;
        let answer = self.control(answer, "getPINRetries")?;
        answer.number(3).ok_or_else(|| Stop::fail("getPINRetries told no number"))
    }

    /// Whether it answers at all.
    pub(crate) fn is_alive(&mut self) -> Outcome {
        let answer = self.send(&[command::GET_INFO])?;
        match answer.status {
            status::OK => Ok(()),
            _ => Err(Stop::fail(format!("getInfo is answered with {} now", answer.name()))),
        }
    }
}
