//! authenticatorGetInfo (CTAP 2.1 §6.4).

use super::Authenticator;
use super::make_credential::UNFIXED_FORMATS;
use super::model::CtapVersion;
use crate::ctap2::GetInfoResponse;
use crate::webauthn::Attachment;

impl Authenticator {
    /// What this authenticator is and can do.
    #[must_use]
    pub fn get_info(&self) -> GetInfoResponse {
        let (model, traits) = (&self.model, &self.traits);
        let mut options = Vec::new();
        if model.enterprise_attestation {
            options.push(("ep".into(), true));
        }
        options.push(("rk".into(), model.resident_key));
        options.push(("up".into(), true));
        if model.user_verification {
            options.push(("uv".into(), true));
        }
        options.push(("plat".into(), model.attachment == Attachment::Platform));
        GetInfoResponse {
            versions: match model.ctap_version {
                CtapVersion::V2_0 => vec!["FIDO_2_0".into()],
            },
            aaguid: traits.aaguid,
            options,
            max_msg_size: u64::from(model.max_msg_size),
            max_credential_id_length: u64::from(model.credential_id_length.get()).max(1023),
            transports: traits.transports.clone(),
            algorithms: model.algorithms.clone(),
            attestation_formats: match model.attestation.format {
                Some(format) => vec![format.identifier().into()],
                None => UNFIXED_FORMATS.iter().map(|format| format.identifier().into()).collect(),
            },
        }
    }
}
