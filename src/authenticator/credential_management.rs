//! authenticatorCredentialManagement (CTAP 2.1 §6.8).

use std::collections::VecDeque;

use super::model::CtapVersion;
use super::pending::Continuation;
use super::persistent::credentials_change;
use super::session::{Allowed, Proof};
use super::store::Credential;
use super::{Authenticator, AuthenticatorError};
use crate::crypto::sha256;
use crate::ctap2::{
    CredentialManagementParameters, CredentialManagementRequest, CredentialManagementResponse,
    CredentialManagementSubCommand as Sub, EncodedItem, Permissions, PublicKeyCredentialDescriptor, RpEntity,
    Status, UserEntity,
};

/// How many more credentials there is room for, as getCredsMetadata tells where a model has no limit.
const MANY: u64 = 1000;

impl Authenticator {
    /// Tells of discoverable credentials, deletes them, and changes their accounts.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn credential_management(
        &mut self,
        request: &CredentialManagementRequest,
    ) -> Result<CredentialManagementResponse, AuthenticatorError> {
        if !self.has_credential_management() {
            return Err(Status::InvalidCommand.into());
        }
        let pending = self.take_pending();
        let sub_command = Sub::from_number(request.sub_command).ok_or(Status::InvalidSubcommand)?;
        match (sub_command, pending) {
            (Sub::EnumerateRpsGetNextRp, Some(Continuation::RelyingParties(left))) => {
                self.next_relying_party(left)
            }
            (Sub::EnumerateCredentialsGetNextCredential, Some(Continuation::Credentials(left))) => {
                self.next_credential(left)
            }
            (Sub::EnumerateRpsGetNextRp | Sub::EnumerateCredentialsGetNextCredential, _) => {
                Err(Status::NotAllowed.into())
            }
            (Sub::GetCredsMetadata, _) => {
                let allowed = self.may_manage(request, sub_command)?;
                not_bound(&allowed)?;
                self.credentials_metadata()
            }
            (Sub::EnumerateRpsBegin, _) => {
                let allowed = self.may_manage(request, sub_command)?;
                not_bound(&allowed)?;
                self.enumerate_relying_parties()
            }
            (Sub::EnumerateCredentialsBegin, _) => {
                let rp_id_hash = request.read_parameters()?.rp_id_hash.ok_or(Status::MissingParameter)?;
                let allowed = self.may_manage(request, sub_command)?;
                if allowed.rp_id.is_some_and(|rp_id| sha256(&[rp_id.as_bytes()])[..] != rp_id_hash) {
                    return Err(Status::PinAuthInvalid.into());
                }
                self.enumerate_credentials(&rp_id_hash)
            }
            (Sub::DeleteCredential, _) => {
                let CredentialManagementParameters { credential_id, .. } = request.read_parameters()?;
                let credential_id = credential_id.ok_or(Status::MissingParameter)?;
                let allowed = self.may_manage(request, sub_command)?;
                self.delete_credential(&credential_id.id, &allowed)?;
                Ok(CredentialManagementResponse::default())
            }
            (Sub::UpdateUserInformation, _) => {
                let CredentialManagementParameters { credential_id, user, .. } = request.read_parameters()?;
                let credential_id = credential_id.ok_or(Status::MissingParameter)?;
                let user = user.ok_or(Status::MissingParameter)?;
                let allowed = self.may_manage(request, sub_command)?;
                self.update_user_information(&credential_id.id, user, &allowed)?;
                Ok(CredentialManagementResponse::default())
            }
        }
    }

    /// Checks the token of a request, which may be the persistent one where nothing changes.
    fn may_manage(
        &mut self,
        request: &CredentialManagementRequest,
        sub_command: Sub,
    ) -> Result<Allowed, AuthenticatorError> {
        let param = request.pin_uv_auth_param.as_deref().ok_or(Status::PuatRequired)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        let number = [request.sub_command.to_be_bytes()[7]];
        let parameters = match (&request.parameters, sub_command) {
            (_, Sub::GetCredsMetadata | Sub::EnumerateRpsBegin) | (None, _) => &[][..],
            (Some(EncodedItem(cbor)), _) => cbor,
        };
        let message = &[&number[..], parameters];
        let state = self.state()?;
        let reads = matches!(
            sub_command,
            Sub::GetCredsMetadata | Sub::EnumerateRpsBegin | Sub::EnumerateCredentialsBegin
        );
        if let Some(token) = state.persistent_token.as_ref().filter(|_| reads)
            && protocol.verify(token.bytes(), message, param)
        {
            return Ok(Allowed { rp_id: None, user_present: false });
        }
        let proof = Proof { protocol, message, param };
        Ok(self.token_allows(&state, proof, Permissions::CREDENTIAL_MANAGEMENT)?)
    }

    /// Discoverable credentials, newest first.
    fn managed(&mut self) -> Result<Vec<Credential>, AuthenticatorError> {
        let mut credentials = self.store.begin()?.all()?;
        credentials.retain(|credential| credential.discoverable);
        Ok(credentials)
    }

    /// How many more discoverable credentials there is room for, beside so many.
    pub(super) fn room_beside(&self, count: usize) -> u64 {
        let left = self.model.max_credentials.map(|most| usize::from(most).saturating_sub(count));
        left.map_or(MANY, |left| u64::try_from(left).unwrap_or(MANY))
    }

    /// How many more discoverable credentials there is room for.
    pub(super) fn remaining_credentials(&mut self) -> Result<u64, AuthenticatorError> {
        let count = self.managed()?.len();
        Ok(self.room_beside(count))
    }

    /// §6.8.2
    fn credentials_metadata(&mut self) -> Result<CredentialManagementResponse, AuthenticatorError> {
        let count = self.managed()?.len();
        Ok(CredentialManagementResponse {
            existing_resident_credentials_count: u64::try_from(count).ok(),
            max_possible_remaining_resident_credentials_count: Some(self.room_beside(count)),
            ..CredentialManagementResponse::default()
        })
    }

    /// §6.8.3
    fn enumerate_relying_parties(&mut self) -> Result<CredentialManagementResponse, AuthenticatorError> {
        let mut rp_ids = VecDeque::new();
        for credential in self.managed()? {
            if !rp_ids.contains(&credential.rp_id) {
                rp_ids.push_back(credential.rp_id);
            }
        }
        if rp_ids.is_empty() {
            return Err(AuthenticatorError::NoCredentials);
        }
        let total_rps = u64::try_from(rp_ids.len()).ok();
        let first = self.next_relying_party(rp_ids)?;
        Ok(CredentialManagementResponse { total_rps, ..first })
    }

    fn next_relying_party(
        &mut self,
        mut left: VecDeque<String>,
    ) -> Result<CredentialManagementResponse, AuthenticatorError> {
        let rp_id = left.pop_front().ok_or(Status::NotAllowed)?;
        if !left.is_empty() {
            self.keep_pending(Continuation::RelyingParties(left));
        }
        Ok(CredentialManagementResponse {
            rp_id_hash: Some(sha256(&[rp_id.as_bytes()]).to_vec()),
            rp: Some(RpEntity::new(rp_id)),
            ..CredentialManagementResponse::default()
        })
    }

    /// §6.8.4
    fn enumerate_credentials(
        &mut self,
        rp_id_hash: &[u8],
    ) -> Result<CredentialManagementResponse, AuthenticatorError> {
        let mut credentials = self.managed()?;
        credentials.retain(|credential| sha256(&[credential.rp_id.as_bytes()])[..] == *rp_id_hash);
        if credentials.is_empty() {
            return Err(AuthenticatorError::NoCredentials);
        }
        let total_credentials = u64::try_from(credentials.len()).ok();
        let ids = credentials.into_iter().map(|credential| credential.id).collect();
        let first = self.next_credential(ids)?;
        Ok(CredentialManagementResponse { total_credentials, ..first })
    }

    fn next_credential(
        &mut self,
        mut left: VecDeque<Vec<u8>>,
    ) -> Result<CredentialManagementResponse, AuthenticatorError> {
        let id = left.pop_front().ok_or(Status::NotAllowed)?;
        let credential = self.store.begin()?.find(&id)?.ok_or(AuthenticatorError::NoCredentials)?;
        if !left.is_empty() {
            self.keep_pending(Continuation::Credentials(left));
        }
        let there = |name: String| Some(name).filter(|name| !name.is_empty());
        let has_payments = self.model.has_extension("thirdPartyPayment");
        Ok(CredentialManagementResponse {
            user: Some(UserEntity {
                id: credential.user.id,
                name: there(credential.user.name),
                display_name: there(credential.user.display_name),
            }),
            credential_id: Some(PublicKeyCredentialDescriptor::new(credential.id)),
            public_key: Some(credential.key.public_key().clone()),
            cred_protect: Some(u64::from(credential.cred_protect.max(1))),
            large_blob_key: Some(credential.large_blob_key).filter(|key| !key.is_empty()),
            third_party_payment: has_payments.then_some(credential.third_party_payment),
            ..CredentialManagementResponse::default()
        })
    }

    /// §6.8.5
    fn delete_credential(&mut self, id: &[u8], allowed: &Allowed) -> Result<(), AuthenticatorError> {
        let mut transaction = self.store.begin()?;
        let credential = transaction.find(id)?.filter(|credential| credential.discoverable);
        may_change(credential.as_ref(), allowed)?;
        transaction.remove(id)?;
        credentials_change(transaction.as_mut(), &mut self.random)?;
        Ok(transaction.commit()?)
    }

    /// §6.8.6
    fn update_user_information(
        &mut self,
        id: &[u8],
        user: UserEntity,
        allowed: &Allowed,
    ) -> Result<(), AuthenticatorError> {
        if self.model.ctap_version <= CtapVersion::V2_0 {
            return Err(Status::InvalidSubcommand.into());
        }
        let mut transaction = self.store.begin()?;
        let credential = transaction.find(id)?.filter(|credential| credential.discoverable);
        let mut credential = may_change(credential.as_ref(), allowed)?.clone();
        if credential.user.id != user.id {
            return Err(Status::InvalidParameter.into());
        }
        credential.user.name = user.name.unwrap_or_default();
        credential.user.display_name = user.display_name.unwrap_or_default();
        transaction.put(&credential)?;
        credentials_change(transaction.as_mut(), &mut self.random)?;
        Ok(transaction.commit()?)
    }
}

/// A token that is for one relying party tells nothing of all of them.
fn not_bound(allowed: &Allowed) -> Result<(), Status> {
    allowed.rp_id.as_ref().map_or(Ok(()), |_| Err(Status::PinAuthInvalid))
}

/// The credential that is to change, if it is there and the token may change it.
fn may_change<'c>(
    credential: Option<&'c Credential>,
    allowed: &Allowed,
) -> Result<&'c Credential, AuthenticatorError> {
    let credential = credential.ok_or(AuthenticatorError::NoCredentials)?;
    match allowed.rp_id.as_ref().is_none_or(|rp_id| *rp_id == credential.rp_id) {
        true => Ok(credential),
        false => Err(Status::PinAuthInvalid.into()),
    }
}
