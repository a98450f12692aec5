//! authenticatorGetInfo (CTAP 2.1 §6.4).

use super::make_credential::UNFIXED_FORMATS;
use super::{Authenticator, MAX_MSG_SIZE};
use crate::ctap2::GetInfoResponse;
use crate::webauthn::Attachment;

impl Authenticator {
    /// What this authenticator is and can do.
    #[must_use]
    pub fn get_info(&self) -> GetInfoResponse {
        let settings = &self.settings;
        let mut options = Vec::new();
        if settings.enterprise_attestation {
            options.push(("ep".into(), true));
        }
        options.push(("rk".into(), settings.resident_key));
        options.push(("up".into(), true));
        if settings.user_verification {
            options.push(("uv".into(), true));
        }
        options.push(("plat".into(), settings.attachment == Attachment::Platform));
        GetInfoResponse {
            versions: vec!["FIDO_2_0".into()],
            aaguid: settings.aaguid,
            options,
            max_msg_size: u64::try_from(MAX_MSG_SIZE).unwrap_or(u64::MAX),
            max_credential_id_length: u64::from(settings.credential_id_length).max(1023),
            transports: settings.transports.clone(),
            algorithms: settings.algorithms.clone(),
            attestation_formats: match settings.format {
                Some(format) => vec![format.identifier().into()],
                None => UNFIXED_FORMATS.iter().map(|format| format.identifier().into()).collect(),
            },
        }
    }
}
