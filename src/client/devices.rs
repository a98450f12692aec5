//! Several devices at one client, as a person has them.

use super::device::{Abilities, Candidate, Choice, Device, DeviceError};
use crate::authenticator::Signal;
use crate::crypto::{Algorithm, RandomError, RandomSource};
use crate::ctap2::{
    ClientPinRequest, ClientPinResponse, GetAssertionRequest, GetAssertionResponse, GetInfoResponse,
    MakeCredentialRequest, MakeCredentialResponse, Status,
};
use crate::webauthn::CredentialDescriptor;

/// Devices, of which each ceremony uses one: the first that can do what is asked for. Those come first that a hint speaks
/// of; for a login, only those that have a credential for it.
///
/// What else a person decides, the order decides: the first of several that would do is the one that is touched.
#[derive(Default)]
pub struct Devices {
    devices: Vec<Box<dyn Device>>,
    chosen: usize,
}

impl Devices {
    /// These devices, the one first that is at hand first.
    #[must_use]
    pub fn new(devices: Vec<Box<dyn Device>>) -> Self {
        Self { devices, chosen: 0 }
    }

    /// Adds a device.
    pub fn push(&mut self, device: impl Device + 'static) {
        self.devices.push(Box::new(device));
    }

    fn chosen(&mut self) -> Result<&mut Box<dyn Device>, DeviceError> {
        self.devices.get_mut(self.chosen).ok_or(DeviceError::Status(Status::Other))
    }

    /// Whether a device can do what a ceremony asks for.
    fn fits(device: &mut dyn Device, choice: &Choice<'_>) -> Result<bool, DeviceError> {
        let abilities = device.abilities();
        let attached = choice.attachment.is_none_or(|attachment| abilities.attachment == attachment);
        let keeps = !choice.discoverable || abilities.discoverable;
        // One with state tells by getInfo whether a PIN can verify its user.
        let verifies = !choice.user_verification || abilities.user_verification || abilities.has_state;
        let has = |algorithm: &Algorithm| choice.algorithms.contains(&algorithm.cose_identifier());
        let signs = choice.is_login || abilities.algorithms.iter().any(has);
        if !attached || !keeps || !verifies || !signs {
            return Ok(false);
        }
        match choice.is_login {
            true => Ok(!device.candidates(choice.rp_id, choice.credentials)?.is_empty()),
            false => Ok(true),
        }
    }
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Devices").field("devices", &self.devices.len()).finish_non_exhaustive()
    }
}

impl Device for Devices {
    fn abilities(&self) -> Abilities<'_> {
        match self.devices.get(self.chosen) {
            Some(device) => device.abilities(),
            None => Abilities::new(&[], crate::webauthn::Attachment::CrossPlatform, &[]),
        }
    }

    fn choose(&mut self, choice: &Choice<'_>) -> Result<(), DeviceError> {
        let hinted = |device: &dyn Device| {
            let attachment = device.abilities().attachment;
            choice.hints.iter().position(|hint| hint.attachment() == attachment).unwrap_or(usize::MAX)
        };
        let mut order: Vec<usize> = (0..self.devices.len()).collect();
        order.sort_by_key(|at| self.devices.get(*at).map(|device| hinted(device.as_ref())));
        for at in order.iter().copied() {
            if let Some(device) = self.devices.get_mut(at)
                && Self::fits(device.as_mut(), choice)?
            {
                self.chosen = at;
                return Ok(());
            }
        }
        // None fits: the first one says what is missing.
        self.chosen = order.first().copied().unwrap_or(0);
        Ok(())
    }

    fn make_credential(
        &mut self,
        request: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, DeviceError> {
        self.chosen()?.make_credential(request)
    }

    fn get_assertion(
        &mut self,
        request: &GetAssertionRequest<'_>,
    ) -> Result<GetAssertionResponse, DeviceError> {
        self.chosen()?.get_assertion(request)
    }

    fn candidates(
        &mut self,
        rp_id: &str,
        allow_list: Option<&[CredentialDescriptor]>,
    ) -> Result<Vec<Candidate>, DeviceError> {
        self.chosen()?.candidates(rp_id, allow_list)
    }

    fn get_info(&mut self) -> Result<GetInfoResponse, DeviceError> {
        self.chosen()?.get_info()
    }

    fn client_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, DeviceError> {
        self.chosen()?.client_pin(request)
    }

    fn client_random(&mut self) -> Result<RandomSource, RandomError> {
        match self.devices.get_mut(self.chosen) {
            Some(device) => device.client_random(),
            None => RandomSource::from_os(),
        }
    }

    fn selection(&mut self) -> Result<(), DeviceError> {
        self.chosen()?.selection()
    }

    fn follow(&mut self, rp_id: &str, signal: &Signal) -> Result<(), DeviceError> {
        self.devices.iter_mut().try_for_each(|device| device.follow(rp_id, signal))
    }

    fn defer(&mut self, deferred: bool) {
        self.devices.iter_mut().for_each(|device| device.defer(deferred));
    }

    fn seal(&mut self) -> Result<(), DeviceError> {
        self.chosen()?.seal()
    }
}
