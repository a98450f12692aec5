//! The byte codec: one CTAP2 request in, one response out.

use super::model::CtapVersion;
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{
    BioEnrollmentRequest, ClientPinRequest, Command, ConfigRequest, CredentialManagementRequest,
    GetAssertionRequest, LargeBlobsRequest, MakeCredentialRequest, Status,
};
use crate::encoding::cbor::Writer;

impl Authenticator {
    /// Answers one CTAP2 request, which is a command byte and its CBOR parameters. Every input has an answer: a status
    /// byte, and after the status zero a CBOR map if the command has a response.
    ///
    /// `channel` tells platforms apart that use the authenticator at the same time, as a channel of CTAPHID does: what one
    /// of them enumerates is not continued by another.
    #[must_use]
    pub fn call(&mut self, channel: u32, request: &[u8]) -> Vec<u8> {
        let mut writer = Writer::append_to(vec![Status::Ok.code()]);
        self.channel = channel;
        let outcome = self.dispatch(request, &mut writer);
        self.channel = 0;
        match outcome {
            Ok(()) => writer.into_bytes(),
            Err(status) => vec![status.code()],
        }
    }

    fn dispatch(&mut self, request: &[u8], response: &mut Writer) -> Result<(), Status> {
        if request.len() > usize::from(self.model.max_msg_size) {
            return Err(Status::RequestTooLarge);
        }
        let (&command, parameters) = request.split_first().ok_or(Status::InvalidLength)?;
        let command = Command::from_number(command).filter(|command| self.has(*command));
        let command = command.ok_or(Status::InvalidCommand)?;
        // These look themselves whether they continue what is pending.
        if !matches!(
            command,
            Command::GetNextAssertion
                | Command::CredentialManagement
                | Command::CredentialManagementPreview
                | Command::LargeBlobs
        ) {
            self.take_pending();
        }
        let status = |error: AuthenticatorError| error.status();
        let has_extension = |id: &str| self.model.has_extension(id);
        match command {
            Command::GetInfo | Command::Reset | Command::GetNextAssertion | Command::Selection
                if !parameters.is_empty() =>
            {
                return Err(Status::InvalidLength);
            }
            Command::MakeCredential => {
                let request = MakeCredentialRequest::read(parameters, &has_extension)?;
                not_empty(&request.rp_id)?;
                self.limit_list(request.exclude_list.len())?;
                self.make_credential(request).map_err(status)?.write(response);
            }
            Command::GetAssertion => {
                let request = GetAssertionRequest::read(parameters, &has_extension)?;
                not_empty(&request.rp_id)?;
                self.limit_list(request.allow_list.as_ref().map_or(0, |list| list.len()))?;
                self.get_assertion(&request).map_err(status)?.write(response);
            }
            Command::GetNextAssertion => self.get_next_assertion().map_err(status)?.write(response),
            Command::GetInfo => self.get_info().map_err(status)?.write_response(response),
            Command::ClientPin => {
                let request = ClientPinRequest::from_cbor(parameters)?;
                self.client_pin(&request).map_err(status)?.write_response(response);
            }
            Command::Reset => self.reset().map_err(status)?,
            Command::Selection => self.selection().map_err(status)?,
            Command::BioEnrollment | Command::BioEnrollmentPreview => {
                let request = BioEnrollmentRequest::from_cbor(parameters)?;
                self.bio_enrollment(&request).map_err(status)?.write_response(response);
            }
            Command::CredentialManagement | Command::CredentialManagementPreview => {
                let request = CredentialManagementRequest::from_cbor(parameters)?;
                self.credential_management(&request).map_err(status)?.write_response(response);
            }
            Command::LargeBlobs => {
                let request = LargeBlobsRequest::from_cbor(parameters)?;
                self.large_blobs(&request).map_err(status)?.write_response(response);
            }
            Command::Config => {
                let request = ConfigRequest::from_cbor(parameters)?;
                self.config(&request).map_err(status)?;
            }
        }
        Ok(())
    }

    /// Refuses a command that it does not have.
    pub(super) fn requires(&self, command: Command) -> Result<(), Status> {
        self.has(command).then_some(()).ok_or(Status::InvalidCommand)
    }

    /// Whether it has a command.
    fn has(&self, command: Command) -> bool {
        let model = &self.model;
        let from_2_1 = model.ctap_version > CtapVersion::V2_0;
        match command {
            _ if model.ctap_version == CtapVersion::U2f => false,
            Command::MakeCredential | Command::GetAssertion | Command::GetNextAssertion => true,
            Command::GetInfo | Command::Reset => true,
            Command::ClientPin => !self.protocols_told().is_empty(),
            Command::Selection => from_2_1,
            Command::BioEnrollment => model.bio_enrollment && from_2_1,
            Command::CredentialManagement => self.has_credential_management() && from_2_1,
            Command::LargeBlobs => model.large_blobs.is_some() && from_2_1,
            Command::Config => model.authenticator_config && from_2_1,
            Command::BioEnrollmentPreview => model.bio_enrollment && model.previews,
            Command::CredentialManagementPreview => self.has_credential_management() && model.previews,
        }
    }

    /// Refuses a list of credentials that is longer than getInfo says.
    fn limit_list(&self, length: usize) -> Result<(), Status> {
        let most = usize::from(self.model.max_credential_count_in_list);
        match self.model.ctap_version > CtapVersion::V2_0 && length > most {
            true => Err(Status::LimitExceeded),
            false => Ok(()),
        }
    }
}

/// An RP ID is a domain, and so not empty.
fn not_empty(rp_id: &str) -> Result<(), Status> {
    if rp_id.is_empty() { Err(Status::InvalidLength) } else { Ok(()) }
}
