//! authenticatorGetInfo (CTAP 2.1 §6.4).

use super::model::{CtapVersion, Extension};
use super::state::State;
use super::{Authenticator, AuthenticatorError};
use crate::attestation::AttestationFormat;
use crate::ctap2::{GetInfoResponse, InfoOptions};
use crate::webauthn::Attachment;

/// The longest credential id that an authenticator takes, in bytes (WebAuthn L3 §4).
const MAX_CREDENTIAL_ID_LENGTH: u16 = 1023;
/// User verification methods of the FIDO Registry of Predefined Values §3.1.
const FINGERPRINT_INTERNAL: u64 = 0x0002;
const PASSCODE_INTERNAL: u64 = 0x0004;

impl Authenticator {
    /// What this authenticator is and can do.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub fn get_info(&mut self) -> Result<GetInfoResponse, AuthenticatorError> {
        let state = self.state()?;
        let mut info = self.info(&state);
        if self.model.max_credentials.is_some() && self.model.ctap_version > CtapVersion::V2_0 {
            info.remaining_discoverable_credentials = Some(self.remaining_credentials()?);
        }
        [info.enc_identifier, info.enc_cred_store_state] = self.encrypted_members(&state);
        Ok(info)
    }

    /// What one of this model in this state is and can do, without what needs the store or randomness.
    pub(super) fn info(&self, state: &State) -> GetInfoResponse {
        let (model, traits) = (&self.model, &self.traits);
        let mut info = GetInfoResponse::new(self.versions(state), traits.aaguid);
        // Each once.
        let extensions = Extension::ALL.iter().filter(|extension| model.extensions.contains(extension));
        info.extensions = extensions.map(|extension| extension.name().into()).collect();
        info.options = self.options(state);
        info.max_msg_size = Some(u64::from(model.max_msg_size));
        info.pin_uv_auth_protocols = once(self.protocols_told().iter().map(|protocol| protocol.number()));
        // CTAP 2.0 has no other members.
        if model.ctap_version > CtapVersion::V2_0 {
            self.add_members_of_2_1(&mut info, state);
            self.add_members_of_2_2(&mut info, state);
        }
        info
    }

    fn versions(&self, state: &State) -> Vec<std::borrow::Cow<'static, str>> {
        let model = &self.model;
        let from = |version| model.ctap_version >= version;
        let versions = [
            ("U2F_V2", self.serves_u2f(state)),
            ("FIDO_2_0", from(CtapVersion::V2_0)),
            ("FIDO_2_1_PRE", model.previews),
            ("FIDO_2_1", from(CtapVersion::V2_1)),
            ("FIDO_2_3", from(CtapVersion::V2_3)),
        ];
        versions.into_iter().filter(|(_, speaks)| *speaks).map(|(version, _)| version.into()).collect()
    }

    fn options(&self, state: &State) -> InfoOptions {
        let model = &self.model;
        let has_uv = self.has_built_in_uv(state);
        let mut options = InfoOptions::default();
        let mut tell = |name: &'static str, value: Option<bool>| {
            if let Some(value) = value {
                options.set(name, value);
            }
        };
        let there = |is_there: bool| is_there.then_some(true);
        tell("rk", Some(model.resident_key));
        tell("up", Some(true));
        tell("uv", model.user_verification.then_some(has_uv));
        tell("plat", Some(model.attachment == Attachment::Platform));
        tell("clientPin", model.client_pin.then_some(self.pin_is_set(state)));
        if model.bio_enrollment && model.previews {
            tell("userVerificationMgmtPreview", Some(has_uv));
        }
        if self.has_credential_management() && model.previews {
            tell("credentialMgmtPreview", Some(true));
        }
        // CTAP 2.0 has no other options.
        if model.ctap_version > CtapVersion::V2_0 {
            let enterprise = self.has_enterprise_attestation(state);
            let always_uv = model.always_uv.map(|_| self.always_uv(state));
            tell("pinUvAuthToken", there(model.client_pin || model.user_verification));
            tell("noMcGaPermissionsWithClientPin", there(model.no_mc_ga_permissions_with_client_pin));
            tell("largeBlobs", there(model.large_blobs.is_some()));
            tell("ep", model.enterprise_attestation.then_some(enterprise));
            tell("bioEnroll", model.bio_enrollment.then_some(!state.templates.is_empty()));
            tell("uvBioEnroll", there(model.uv_bio_enroll));
            tell("authnrCfg", there(model.authenticator_config));
            tell("uvAcfg", there(model.uv_acfg));
            tell("credMgmt", there(self.has_credential_management()));
            tell("perCredMgmtRO", there(model.credential_management_read_only));
            tell("setMinPINLength", there(self.sets_min_pin_length()));
            tell("makeCredUvNotRqd", model.make_cred_uv_not_rqd.then(|| self.make_cred_uv_not_rqd(state)));
            tell("alwaysUv", always_uv);
        }
        for (name, told) in model.info_options.iter() {
            match told {
                Some(value) => options.set(name.to_owned(), value),
                None => options.remove(name),
            }
        }
        options
    }

    fn add_members_of_2_1(&self, info: &mut GetInfoResponse, state: &State) {
        let (model, traits) = (&self.model, &self.traits);
        info.max_credential_count_in_list = Some(model.max_credential_count_in_list.into());
        info.max_credential_id_length =
            Some(MAX_CREDENTIAL_ID_LENGTH.max(model.credential_id_length.get()).into());
        info.transports = once(traits.transports.iter().copied());
        info.algorithms = once(model.algorithms.iter().copied());
        info.max_serialized_large_blob_array = model.large_blobs.map(u64::from);
        if model.client_pin {
            info.force_pin_change = Some(state.force_pin_change);
            info.min_pin_length = Some(self.min_pin_length(state));
        }
        info.firmware_version = model.firmware_version.map(u64::from);
        info.max_cred_blob_length =
            model.has_extension("credBlob").then_some(u64::from(model.max_cred_blob_length));
        info.max_rp_ids_for_set_min_pin_length =
            self.sets_min_pin_length().then_some(u64::from(model.max_rpids_for_set_min_pin_length));
        info.preferred_platform_uv_attempts = model.preferred_platform_uv_attempts.map(u64::from);
        info.uv_modality = model.user_verification.then(|| self.uv_modality());
        info.certifications.clone_from(&model.certifications);
        let has_config = model.authenticator_config;
        info.vendor_prototype_config_commands = model.vendor_config_commands.clone().filter(|_| has_config);
    }

    fn add_members_of_2_2(&self, info: &mut GetInfoResponse, state: &State) {
        let model = &self.model;
        if model.ctap_version >= CtapVersion::V2_3 {
            let format = model.attestation.format.unwrap_or(AttestationFormat::Packed);
            // "none" is never told.
            if format != AttestationFormat::None {
                info.attestation_formats = vec![format.identifier().into()];
            }
            info.authenticator_config_commands =
                self.config_sub_commands().iter().map(|sub_command| sub_command.number()).collect();
            if model.user_verification && model.client_pin {
                info.uv_count_since_last_pin_entry = Some(state.uv_count_since_last_pin_entry);
            }
        }
        info.long_touch_for_reset = self.long_touch_for_reset(state);
        info.transports_for_reset = once(model.transports_for_reset.iter().copied());
        info.pin_complexity_policy = self.pin_complexity_policy(state);
        info.pin_complexity_policy_url =
            model.pin_complexity_policy_url.as_ref().map(|url| url.as_bytes().to_vec());
        info.max_pin_length = model.max_pin_length.filter(|_| model.client_pin).map(u64::from);
    }

    /// How it verifies its user by itself, as flags of the FIDO Registry of Predefined Values §3.1.
    pub(super) fn uv_modality(&self) -> u64 {
        let method = if self.model.bio_enrollment { FINGERPRINT_INTERNAL } else { PASSCODE_INTERNAL };
        self.model.uv_modality.map_or(method, u64::from)
    }
}

/// Each once, where it stands first.
fn once<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut known = Vec::new();
    for item in items {
        if !known.contains(&item) {
            known.push(item);
        }
    }
    known
}
