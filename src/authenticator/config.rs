//! authenticatorConfig (CTAP 2.1 §6.11).

use super::model::CtapVersion;
use super::session::Proof;
use super::state::State;
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{
    Command, ConfigRequest, ConfigSubCommand as Sub, EncodedItem, Permissions, SetMinPinLengthParameters,
    Status,
};

impl Authenticator {
    /// Configures the authenticator.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn config(&mut self, request: &ConfigRequest) -> Result<(), AuthenticatorError> {
        self.requires(Command::Config)?;
        let sub_command = Sub::from_number(request.sub_command)
            .filter(|sub_command| self.config_sub_commands().contains(sub_command))
            // §8.1; §6.11 step 2 has another status.
            .ok_or(Status::InvalidSubcommand)?;
        let state = self.state()?;
        let always_uv = self.always_uv(&state);
        let is_protected = self.is_protected(&state);
        // Step 3: who can be verified by nothing can still switch it off.
        let is_free = !is_protected && (!always_uv || sub_command == Sub::ToggleAlwaysUv);
        if !is_free {
            self.may_configure(request, &state)?;
        }
        match sub_command {
            Sub::EnableEnterpriseAttestation => {
                self.change_state(|state| state.enterprise_attestation = Some(true))
            }
            Sub::ToggleAlwaysUv => {
                let preset = self.model.always_uv == Some(true);
                self.change_state(|state| state.always_uv = Some(!state.always_uv.unwrap_or(preset)))
            }
            Sub::SetMinPinLength => self.set_min_pin_length(&request.set_min_pin_length()?),
            Sub::EnableLongTouchForReset => {
                self.change_state(|state| state.long_touch_for_reset = Some(true))
            }
            Sub::VendorPrototype => {
                let wanted = request.vendor_prototype()?.vendor_command_id;
                match self.model.vendor_config_commands.iter().flatten().any(|known| *known == wanted) {
                    // A vendor's command changes nothing that a platform sees.
                    true => Ok(()),
                    false => Err(Status::InvalidParameter.into()),
                }
            }
        }
    }

    /// The sub-commands that it has.
    pub(super) fn config_sub_commands(&self) -> Vec<Sub> {
        let model = &self.model;
        let from_2_3 = model.ctap_version >= CtapVersion::V2_3;
        let has = |sub_command: &Sub| match sub_command {
            Sub::EnableEnterpriseAttestation => model.enterprise_attestation,
            Sub::ToggleAlwaysUv => model.always_uv.is_some(),
            Sub::SetMinPinLength => self.sets_min_pin_length(),
            Sub::EnableLongTouchForReset => model.long_touch_for_reset.is_some() && from_2_3,
            Sub::VendorPrototype => model.vendor_config_commands.is_some(),
        };
        let all = Sub::ALL.iter().copied().filter(|_| model.authenticator_config);
        all.filter(has).collect()
    }

    /// Whether platforms set the least length of a PIN: the option `setMinPINLength`.
    pub(super) fn sets_min_pin_length(&self) -> bool {
        self.model.authenticator_config && self.model.client_pin && self.model.has_extension("minPinLength")
    }

    /// Checks the token of a request (step 4).
    fn may_configure(&mut self, request: &ConfigRequest, state: &State) -> Result<(), AuthenticatorError> {
        let param = request.pin_uv_auth_param.as_deref().ok_or(Status::PuatRequired)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        let numbers = [Command::Config.number(), request.sub_command.to_be_bytes()[7]];
        let parameters = request.parameters.as_ref().map_or(&[][..], |EncodedItem(cbor)| cbor);
        let proof = Proof { protocol, message: &[&[0xff; 32], &numbers, parameters], param };
        self.token_allows(state, proof, Permissions::AUTHENTICATOR_CONFIGURATION)?;
        Ok(())
    }

    /// §6.11.4
    fn set_min_pin_length(
        &mut self,
        parameters: &SetMinPinLengthParameters,
    ) -> Result<(), AuthenticatorError> {
        let preset = u64::from(self.model.min_pin_length);
        // No PIN has more than 63 code points (§6.5.1).
        let most = self.model.max_pin_length.map_or(63, u64::from);
        let forces = parameters.force_change_pin == Some(true);
        let rp_ids = parameters.min_pin_length_rp_ids.as_ref().filter(|rp_ids| !rp_ids.is_empty());
        let room = usize::from(self.model.max_rpids_for_set_min_pin_length);
        // Since CTAP 2.3; what has no such policy ignores it.
        let policy = parameters.pin_complexity_policy.filter(|_| {
            self.model.ctap_version >= CtapVersion::V2_3 && self.model.pin_complexity_policy.is_some()
        });
        let has_to_change = self.change_state(|state| {
            let current = state.min_pin_length.unwrap_or(preset).max(preset);
            let new = parameters.new_min_pin_length.unwrap_or(current);
            if new < current || new > most {
                return Err(Status::PinPolicyViolation);
            }
            if forces && state.pin_hash.is_none() {
                return Err(Status::PinNotSet);
            }
            if rp_ids.is_some_and(|rp_ids| rp_ids.len() > room) {
                return Err(Status::KeyStoreFull);
            }
            let has_to_change = forces || state.pin().is_some_and(|pin| pin.code_points < new);
            state.min_pin_length = Some(new);
            state.force_pin_change |= has_to_change;
            if let Some(rp_ids) = rp_ids {
                state.min_pin_length_rp_ids.clone_from(rp_ids);
            }
            // Only a reset takes it back.
            if policy == Some(true) {
                state.pin_complexity_policy = Some(true);
            }
            // CTAP 2.3: who has to change the PIN gets a new token after that.
            if has_to_change {
                state.persistent_token = None;
            }
            Ok(has_to_change)
        })??;
        if has_to_change {
            self.end_token();
        }
        Ok(())
    }
}
