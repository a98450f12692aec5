//! authenticatorGetInfo (CTAP 2.1 §6.4).

use super::Authenticator;
use super::model::CtapVersion;
use crate::ctap2::GetInfoResponse;
use crate::webauthn::Attachment;

impl Authenticator {
    /// What this authenticator is and can do.
    #[must_use]
    pub fn get_info(&self) -> GetInfoResponse {
        let (model, traits) = (&self.model, &self.traits);
        let mut options = Vec::new();
        options.push(("rk".into(), model.resident_key));
        options.push(("up".into(), true));
        if model.user_verification {
            options.push(("uv".into(), true));
        }
        options.push(("plat".into(), model.attachment == Attachment::Platform));
        // What CTAP 2.0 has no member and no option for is not told.
        let versions = match model.ctap_version {
            CtapVersion::V2_0 => vec!["FIDO_2_0".into()],
        };
        GetInfoResponse {
            options,
            max_msg_size: u64::from(model.max_msg_size),
            ..GetInfoResponse::new(versions, traits.aaguid)
        }
    }
}
