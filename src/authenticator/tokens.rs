//! What gives tokens: getPinToken and getPinUvAuthToken… of authenticatorClientPIN (CTAP 2.1 §6.5.5.7).

use super::client_pin::there;
use super::model::CtapVersion;
use super::session::Grant;
use super::state::Secret;
use super::user::ConsentRequest;
use super::verification::BuiltInUv;
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{
    ClientPinRequest, ClientPinResponse, KeyAgreementKey, Permissions, PinUvAuthProtocol, Status,
};

const CEREMONIES: Permissions = Permissions::MAKE_CREDENTIAL.or(Permissions::GET_ASSERTION);
const READ_ONLY: Permissions = Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY;

/// How the user is verified who gets a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Pin,
    BuiltInUv,
}

impl Authenticator {
    /// getPinToken (§6.5.5.7.1)
    pub(super) fn get_pin_token(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        let (protocol, key) = self.agreement(request)?;
        let pin_hash_enc = there(&request.pin_hash_enc)?;
        if request.permissions.is_some() || request.rp_id.is_some() {
            return Err(Status::InvalidParameter.into());
        }
        self.may_try_pin()?;
        let secret = self.agree(protocol, key)?;
        let pin = self.try_pin(&secret, pin_hash_enc)?;
        if self.state()?.force_pin_change {
            return Err(Status::PinInvalid.into());
        }
        let permissions = match self.model.no_mc_ga_permissions_with_client_pin {
            true => Permissions::default(),
            false => CEREMONIES,
        };
        let grant = Grant { protocol, permissions, rp_id: None, built_in_uv: false };
        let token = self.issue_token(Some(pin), grant);
        self.hand_over(protocol, key, &token)
    }

    /// getPinUvAuthTokenUsingPinWithPermissions (§6.5.5.7.2)
    pub(super) fn get_token_using_pin(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        let (protocol, key) = self.agreement(request)?;
        let pin_hash_enc = there(&request.pin_hash_enc)?;
        let permissions = self.permissions(request, By::Pin)?;
        self.may_try_pin()?;
        let secret = self.agree(protocol, key)?;
        let pin = self.try_pin(&secret, pin_hash_enc)?;
        if self.state()?.force_pin_change {
            return Err(Status::PinPolicyViolation.into());
        }
        let token = match permissions == READ_ONLY {
            true => self.persistent_token()?,
            false => {
                let rp_id = request.rp_id.clone();
                self.issue_token(Some(pin), Grant { protocol, permissions, rp_id, built_in_uv: false })
            }
        };
        self.hand_over(protocol, key, &token)
    }

    /// getPinUvAuthTokenUsingUvWithPermissions (§6.5.5.7.3)
    pub(super) fn get_token_using_uv(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        let (protocol, key) = self.agreement(request)?;
        let permissions = self.permissions(request, By::BuiltInUv)?;
        let state = self.state()?;
        if !self.has_built_in_uv(&state) {
            return Err(Status::NotAllowed.into());
        }
        // A key that is no point is refused before the user is asked.
        self.agree(protocol, key)?;
        let rp_id = request.rp_id.as_deref().unwrap_or_default();
        let consent = ConsentRequest { rp_id, ..ConsentRequest::touch() };
        // A platform that may try several times is asked for one attempt each time (§6.5.3.1).
        let attempts = match self.model.preferred_platform_uv_attempts {
            Some(2..) => 1,
            _ => self.model.uv_attempts,
        };
        match self.perform_built_in_uv(&consent, attempts)? {
            BuiltInUv::Verified => {}
            BuiltInUv::Failed => return Err(Status::UvInvalid.into()),
            BuiltInUv::Blocked => return Err(Status::UvBlocked.into()),
        }
        let token = match permissions == READ_ONLY {
            true => self.persistent_token()?,
            false => {
                let rp_id = request.rp_id.clone();
                let pin = self.state()?.pin();
                self.issue_token(pin, Grant { protocol, permissions, rp_id, built_in_uv: true })
            }
        };
        self.hand_over(protocol, key, &token)
    }

    /// The members that each of them needs.
    fn agreement<'r>(
        &self,
        request: &'r ClientPinRequest,
    ) -> Result<(PinUvAuthProtocol, &'r KeyAgreementKey), Status> {
        let key = request.key_agreement.as_ref().ok_or(Status::MissingParameter)?;
        Ok((self.protocol(request.pin_uv_auth_protocol)?, key))
    }

    /// The permissions that a request asks for, if it may have them. Bits without a meaning are passed over.
    fn permissions(&self, request: &ClientPinRequest, by: By) -> Result<Permissions, Status> {
        let bits = request.permissions.ok_or(Status::MissingParameter)?;
        if bits == 0 {
            return Err(Status::InvalidParameter);
        }
        let model = &self.model;
        let wanted = Permissions::new(bits).and(Permissions::ALL);
        let has_ceremonies = by == By::BuiltInUv || !model.no_mc_ga_permissions_with_client_pin;
        let has_bio = model.bio_enrollment && (by == By::Pin || model.uv_bio_enroll);
        let has_config = model.authenticator_config && (by == By::Pin || model.uv_acfg);
        let lacking = [
            (CEREMONIES, has_ceremonies),
            (Permissions::CREDENTIAL_MANAGEMENT, self.has_credential_management()),
            (Permissions::BIO_ENROLLMENT, has_bio),
            (Permissions::LARGE_BLOB_WRITE, model.large_blobs.is_some()),
            (Permissions::AUTHENTICATOR_CONFIGURATION, has_config),
            (READ_ONLY, model.credential_management_read_only && wanted == READ_ONLY),
        ];
        if lacking.iter().any(|(permission, has)| !has && wanted.and(*permission) != Permissions::default()) {
            return Err(Status::UnauthorizedPermission);
        }
        match wanted.and(CEREMONIES) != Permissions::default() && request.rp_id.is_none() {
            true => Err(Status::MissingParameter),
            false => Ok(wanted),
        }
    }

    /// The response with a token, encrypted.
    fn hand_over(
        &mut self,
        protocol: PinUvAuthProtocol,
        key: &KeyAgreementKey,
        token: &Secret<32>,
    ) -> Result<ClientPinResponse, AuthenticatorError> {
        let secret = self.agree(protocol, key)?;
        let pin_uv_auth_token = secret.encrypt(token.bytes(), &mut self.random.ceremony(&[b"encrypt"]));
        Ok(ClientPinResponse { pin_uv_auth_token, ..ClientPinResponse::default() })
    }

    /// Whether it lets platforms manage its credentials.
    pub(super) fn has_credential_management(&self) -> bool {
        let model = &self.model;
        let version = model.ctap_version > CtapVersion::V2_0 || model.previews;
        model.credential_management && model.resident_key && version
    }
}
