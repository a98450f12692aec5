//! What a page can learn before it asks, and what it can tell (WebAuthn L3 §5.1.7, §5.1.10).

use super::Client;
use super::device::Device;
use super::error::{Error, of_device};
use crate::authenticator::Signal;
use crate::webauthn::{Attachment, Transport};

impl<D: Device> Client<D> {
    /// `PublicKeyCredential.getClientCapabilities()` (§5.1.7): the keys that are true, in ascending order. What is not
    /// supported is left out (§14.5.4).
    ///
    /// # Errors
    /// [`Error::Device`].
    pub fn capabilities(&mut self) -> Result<Vec<&'static str>, Error> {
        let abilities = self.device.abilities();
        let is_platform = abilities.attachment == Attachment::Platform;
        let (verifies, keeps) = (abilities.user_verification, abilities.discoverable);
        let hybrid = abilities.transports.contains(&Transport::Hybrid);
        // A device that tells nothing of itself has no extensions.
        let extensions = self.device.get_info().map(|info| info.extensions).unwrap_or_default();
        let has = |identifier: &str| extensions.iter().any(|known| known == identifier);
        let capabilities = [
            ("conditionalCreate", keeps),
            ("conditionalGet", keeps),
            ("extension:appid", true),
            ("extension:appidExclude", true),
            ("extension:credBlob", has("credBlob")),
            ("extension:credProps", true),
            ("extension:credentialProtectionPolicy", has("credProtect")),
            ("extension:getCredBlob", has("credBlob")),
            ("extension:hmacCreateSecret", has("hmac-secret")),
            ("extension:largeBlob", has("largeBlob")),
            ("extension:minPinLength", has("minPinLength")),
            ("extension:payment", has("thirdPartyPayment")),
            ("extension:prf", has("hmac-secret")),
            ("extension:remoteClientDataJSON", self.settings.remote_client_data),
            ("hybridTransport", hybrid),
            ("passkeyPlatformAuthenticator", (is_platform && verifies) || hybrid),
            ("relatedOrigins", true),
            ("signalAllAcceptedCredentials", true),
            ("signalCurrentUserDetails", true),
            ("signalUnknownCredential", true),
            ("userVerifyingPlatformAuthenticator", is_platform && verifies),
        ];
        Ok(capabilities.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect())
    }

    /// `PublicKeyCredential.signal…()` (§5.1.10): what a relying party tells of its credentials. Whether any is here is
    /// not told.
    ///
    /// # Errors
    /// [`Error::Refused`]: the RP ID is not for this page; [`Error::Device`], [`Error::Store`].
    pub fn signal(&mut self, rp_id: &str, signal: &Signal) -> Result<(), Error> {
        let rp_id = self.rp_id(Some(rp_id), &"$.rpId", &mut Vec::new())?.into_owned();
        self.device.follow(&rp_id, signal).map_err(|error| of_device(error, None))
    }
}
