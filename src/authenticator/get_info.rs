//! authenticatorGetInfo (CTAP 2.1 §6.4).

use super::model::{CtapVersion, Extension};
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::GetInfoResponse;
use crate::webauthn::Attachment;

impl Authenticator {
    /// What this authenticator is and can do.
    ///
    /// # Errors
    /// [`AuthenticatorError::Store`].
    pub fn get_info(&mut self) -> Result<GetInfoResponse, AuthenticatorError> {
        let pin_is_set = self.pin_is_set()?;
        Ok(self.info(pin_is_set))
    }

    /// What one of this model is and can do.
    pub(super) fn info(&self, pin_is_set: bool) -> GetInfoResponse {
        let (model, traits) = (&self.model, &self.traits);
        let mut options = Vec::new();
        options.push(("rk".into(), model.resident_key));
        options.push(("up".into(), true));
        if model.user_verification {
            options.push(("uv".into(), true));
        }
        options.push(("plat".into(), model.attachment == Attachment::Platform));
        if model.client_pin {
            options.push(("clientPin".into(), pin_is_set));
        }
        // What CTAP 2.0 has no member and no option for is not told.
        let versions = match model.ctap_version {
            CtapVersion::V2_0 => vec!["FIDO_2_0".into()],
        };
        let mut info = GetInfoResponse::new(versions, traits.aaguid);
        // Each once.
        let extensions = Extension::ALL.iter().filter(|extension| model.extensions.contains(extension));
        info.extensions = extensions.map(|extension| extension.name().into()).collect();
        info.options = options;
        info.max_msg_size = u64::from(model.max_msg_size);
        #[cfg(feature = "ctap")]
        {
            info.pin_uv_auth_protocols = self.protocols_told().iter().map(|p| p.number()).collect();
        }
        info
    }
}
