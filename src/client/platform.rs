//! The platform's side of CTAP: how the user of a device is verified, and the PIN (CTAP 2.1 §6.5).

use zeroize::Zeroizing;

use super::Client;
use super::device::{Device, DeviceError};
use super::error::{Error, Refusal, status};
use crate::crypto::{KeyAgreement, RandomSource, sha256};
use crate::ctap2::{
    ClientPinRequest, ClientPinSubCommand as Sub, GetInfoResponse, KeyAgreementKey, Permissions, PinUvAuth,
    PinUvAuthProtocol, SharedSecret, Status,
};
use crate::webauthn::UserVerification;

/// The length of a padded PIN in bytes (§6.5.1).
const PADDED_PIN: usize = 64;

/// What a ceremony asks of its user.
pub(super) struct Wanted<'w> {
    pub(super) user_verification: UserVerification,
    /// Whether nothing may be shown, so that nobody can be verified.
    pub(super) conditional: bool,
    /// Whether a credential is made, and whether it has to be discoverable.
    pub(super) makes: Option<bool>,
    pub(super) rp_id: &'w str,
    pub(super) client_data_hash: &'w [u8; 32],
}

impl Wanted<'_> {
    /// The error where the device can verify nobody.
    fn impossible(&self) -> Error {
        match self.makes {
            Some(_) => Refusal::CannotVerifyNewUser.into(),
            None => Refusal::CannotVerifyUser.into(),
        }
    }
}

/// How the user of a ceremony is verified.
#[derive(Default)]
pub(super) struct Verified {
    /// By the device itself: the option `uv`.
    pub(super) user_verification: bool,
    /// By a PIN, which gave a token.
    pub(super) pin_uv_auth: Option<PinUvAuth<'static>>,
}

/// What the client and a device share.
pub(super) struct Agreement {
    pub(super) protocol: PinUvAuthProtocol,
    own: KeyAgreement,
    pub(super) secret: SharedSecret,
}

impl Agreement {
    /// The client's public key.
    pub(super) fn public_key(&self) -> KeyAgreementKey {
        KeyAgreementKey(self.own.public_key())
    }
}

impl<D: Device> Client<D> {
    /// How the user is verified (WebAuthn L3 §5.1.3 step 22.4). `info` is that of a device that has a PIN, or the rules of
    /// CTAP 2.1: what such a device asks for is CTAP 2.1 §6.1.2 steps 6 to 8.
    pub(super) fn verify(
        &mut self,
        info: Option<&GetInfoResponse>,
        wanted: &Wanted<'_>,
    ) -> Result<Verified, Error> {
        let Some(info) = info else {
            let can_verify = self.device.abilities().user_verification;
            let user_verification = match wanted.user_verification {
                UserVerification::Required if !can_verify => return Err(wanted.impossible()),
                UserVerification::Required => true,
                UserVerification::Preferred => can_verify && !wanted.conditional,
                UserVerification::Discouraged => false,
            };
            return Ok(Verified { user_verification, pin_uv_auth: None });
        };
        let option = |name| info.options.get(name);
        let built_in = option("uv") == Some(true);
        let pin_is_set = option("clientPin") == Some(true);
        let takes_pin =
            option("clientPin").is_some() && option("noMcGaPermissionsWithClientPin") != Some(true);
        let knows_pin = self.settings.pin.is_some() && takes_pin;
        let can_verify = built_in || knows_pin;
        let is_from_2_1 = info.versions.iter().any(|version| version == "FIDO_2_1");
        let always = option("alwaysUv") == Some(true);
        let device_wants = match wanted.makes {
            None => always,
            Some(_) if !is_from_2_1 => pin_is_set,
            Some(discoverable) => {
                let lets_others = option("makeCredUvNotRqd") == Some(true) && !discoverable;
                always || ((built_in || pin_is_set) && !lets_others)
            }
        };
        let wants = match wanted.user_verification {
            UserVerification::Required => true,
            UserVerification::Preferred => can_verify && !wanted.conditional,
            UserVerification::Discouraged => false,
        };
        match (wants || device_wants, built_in) {
            (false, _) => Ok(Verified::default()),
            (true, true) => Ok(Verified { user_verification: true, pin_uv_auth: None }),
            (true, false) => {
                let pin_uv_auth = Some(self.verify_by_pin(info, wanted)?);
                Ok(Verified { user_verification: false, pin_uv_auth })
            }
        }
    }

    /// Gets a token for the PIN, and proves the ceremony by it. A device that has none yet is given the user's.
    fn verify_by_pin(
        &mut self,
        info: &GetInfoResponse,
        wanted: &Wanted<'_>,
    ) -> Result<PinUvAuth<'static>, Error> {
        let makes = wanted.makes.is_some();
        let gives_tokens = info.options.get("noMcGaPermissionsWithClientPin") != Some(true);
        let Some(is_set) = info.options.get("clientPin").filter(|_| gives_tokens) else {
            return Err(wanted.impossible());
        };
        let pin = self.settings.pin.clone().ok_or(Refusal::PinUnknown)?;
        if !is_set {
            if self.settings.leaves_pin_unset {
                return Err(Refusal::Pin(Status::PinNotSet).into());
            }
            self.set_first_pin(info, &pin)?;
        }
        let permission = match makes {
            true => Permissions::MAKE_CREDENTIAL,
            false => Permissions::GET_ASSERTION,
        };
        let has_permissions = info.options.get("pinUvAuthToken") == Some(true);
        let agreement = self.agree(info)?;
        let mut request = agreement.request(match has_permissions {
            true => Sub::GetTokenUsingPin,
            false => Sub::GetPinToken,
        });
        if has_permissions {
            request.permissions = Some(permission.bits());
            request.rp_id = Some(wanted.rp_id.to_owned());
        }
        let hash = Zeroizing::new(sha256(&[pin.as_bytes()]));
        request.pin_hash_enc = self.encrypted(&agreement, hash.get(..16).unwrap_or_default())?;
        let token = self.device.client_pin(&request).map_err(of_pin)?.pin_uv_auth_token;
        let token = token.and_then(|token| agreement.secret.decrypt(&token)).ok_or_else(unusable)?;
        let protocol = agreement.protocol;
        let param = protocol.authenticate(&token, &[wanted.client_data_hash]);
        Ok(PinUvAuth { param: param.into(), protocol: Some(protocol.number()) })
    }

    /// Sets the PIN of a device that has none (§6.5.5.5).
    fn set_first_pin(&mut self, info: &GetInfoResponse, pin: &str) -> Result<(), Error> {
        let mut padded = Zeroizing::new([0; PADDED_PIN]);
        match padded.get_mut(..pin.len()) {
            Some(start) if pin.len() < PADDED_PIN => start.copy_from_slice(pin.as_bytes()),
            _ => return Err(Refusal::Pin(Status::PinPolicyViolation).into()),
        }
        let agreement = self.agree(info)?;
        let mut request = agreement.request(Sub::SetPin);
        request.new_pin_enc = self.encrypted(&agreement, &*padded)?;
        let new_pin_enc = request.new_pin_enc.as_deref().unwrap_or_default();
        request.pin_uv_auth_param = Some(agreement.secret.authenticate(&[new_pin_enc]));
        self.device.client_pin(&request).map_err(of_pin)?;
        Ok(())
    }

    /// Agrees on a secret with the device, by the protocol that it prefers among those that this library knows (§6.5.5.4).
    pub(super) fn agree(&mut self, info: &GetInfoResponse) -> Result<Agreement, Error> {
        let mut known = info.pin_uv_auth_protocols.iter().copied();
        let protocol = known.find_map(PinUvAuthProtocol::from_number).ok_or_else(unusable)?;
        let mut request = ClientPinRequest::new(Sub::GetKeyAgreement);
        request.pin_uv_auth_protocol = Some(protocol.number());
        let theirs = self.device.client_pin(&request).map_err(of_pin)?.key_agreement;
        let own = KeyAgreement::generate(&mut self.random()?.ceremony(&[b"key agreement"]));
        let secret = theirs.and_then(|theirs| theirs.agree(&own, protocol)).ok_or_else(unusable)?;
        Ok(Agreement { protocol, own, secret })
    }

    /// A plaintext of whole blocks under the shared secret.
    pub(super) fn encrypted(
        &mut self,
        agreement: &Agreement,
        plaintext: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        Ok(agreement.secret.encrypt(plaintext, &mut self.random()?.ceremony(&[b"encrypt"])))
    }

    fn random(&mut self) -> Result<&mut RandomSource, Error> {
        if self.random.is_none() {
            self.random = Some(self.device.client_random()?);
        }
        self.random.as_mut().ok_or_else(unusable)
    }
}

impl Agreement {
    /// A request of this sub-command, with the client's public key.
    fn request(&self, sub_command: Sub) -> ClientPinRequest {
        let mut request = ClientPinRequest::new(sub_command);
        request.pin_uv_auth_protocol = Some(self.protocol.number());
        request.key_agreement = Some(self.public_key());
        request
    }
}

/// The error for an answer of the device's that goes with none of its others.
pub(super) fn unusable() -> Error {
    Error::Device(DeviceError::Status(Status::InvalidParameter))
}

fn of_pin(error: DeviceError) -> Error {
    match status(&error) {
        Some(
            status @ (Status::PinInvalid
            | Status::PinBlocked
            | Status::PinAuthBlocked
            | Status::PinPolicyViolation),
        ) => Refusal::Pin(status).into(),
        _ => Error::Device(error),
    }
}
