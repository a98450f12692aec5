//! The security key, and the commands that it is given.

use std::error::Error;

use sha2::{Digest, Sha256};
use stuntkey::client::{Channel, Device, DeviceError, RemoteDevice};
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, Command, CredentialManagementRequest, CredentialManagementResponse,
    GetAssertionRequest, GetAssertionResponse, GetInfoResponse, MakeCredentialRequest,
    MakeCredentialResponse, Status,
};
use stuntkey_transport::Address;

use crate::failure::{Code, Failure, with_causes};

type Broken = Box<dyn Error + Send + Sync>;

pub(crate) struct Key {
    channel: Box<dyn Channel>,
    /// Nothing where it speaks U2F alone.
    info: Option<GetInfoResponse>,
}

impl Key {
    pub(crate) fn open(address: &Address) -> Result<Self, Failure> {
        let channel = stuntkey_transport::open(address).map_err(|error| {
            Failure::new(Code::DeviceNotFound, format!("no key at {address}: {}", with_causes(&error)))
        })?;
        Self::at(channel)
    }

    /// Asks the key at the other end what it is.
    pub(crate) fn at(mut channel: Box<dyn Channel>) -> Result<Self, Failure> {
        let info = match channel.has_cbor() {
            true => Some(read(GetInfoResponse::from_cbor(&call(&mut *channel, Command::GetInfo, &[])?))?),
            false => None,
        };
        Ok(Self { channel, info })
    }

    pub(crate) fn info(&self) -> Option<&GetInfoResponse> {
        self.info.as_ref()
    }

    /// Whether it has this option, and the option is true (CTAP 2.1 §6.4).
    pub(crate) fn option(&self, name: &str) -> bool {
        self.info.as_ref().and_then(|info| info.options.get(name)) == Some(true)
    }

    pub(crate) fn has_extension(&self, name: &str) -> bool {
        self.info.as_ref().is_some_and(|info| info.extensions.iter().any(|extension| extension == name))
    }

    /// Whether a PIN is set.
    pub(crate) fn has_pin(&self) -> bool {
        self.option("clientPin")
    }

    /// Whether it can have a PIN, set or not.
    pub(crate) fn takes_pin(&self) -> bool {
        self.info.as_ref().is_some_and(|info| info.options.get("clientPin").is_some())
    }

    /// Whether it verifies its user by itself.
    pub(crate) fn verifies_user(&self) -> bool {
        self.option("uv")
    }

    /// Its command for credential management: that of CTAP 2.1, or the prototype's.
    pub(crate) fn credential_management_command(&self) -> Option<Command> {
        match (self.option("credMgmt"), self.option("credentialMgmtPreview")) {
            (true, _) => Some(Command::CredentialManagement),
            (false, true) => Some(Command::CredentialManagementPreview),
            (false, false) => None,
        }
    }

    pub(crate) fn make_credential(
        &mut self,
        request: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, DeviceError> {
        if self.info.is_none() {
            return RemoteDevice::open(Lent(&mut *self.channel))?.make_credential(request);
        }
        let answer = call(&mut *self.channel, Command::MakeCredential, &request.to_cbor())?;
        read(MakeCredentialResponse::from_cbor(&answer))
    }

    pub(crate) fn get_assertion(
        &mut self,
        request: &GetAssertionRequest<'_>,
    ) -> Result<GetAssertionResponse, DeviceError> {
        if self.info.is_none() {
            return RemoteDevice::open(Lent(&mut *self.channel))?.get_assertion(request);
        }
        let answer = call(&mut *self.channel, Command::GetAssertion, &request.to_cbor())?;
        read(GetAssertionResponse::from_cbor(&answer))
    }

    pub(crate) fn get_next_assertion(&mut self) -> Result<GetAssertionResponse, DeviceError> {
        let answer = call(&mut *self.channel, Command::GetNextAssertion, &[])?;
        read(GetAssertionResponse::from_cbor(&answer))
    }

    pub(crate) fn client_pin(
        &mut self,
        request: &ClientPinRequest,
    ) -> Result<ClientPinResponse, DeviceError> {
        let answer = call(&mut *self.channel, Command::ClientPin, &request.to_cbor())?;
        read(ClientPinResponse::from_cbor(&answer))
    }

    /// `command` is the key's [own](Self::credential_management_command).
    pub(crate) fn credential_management(
        &mut self,
        command: Command,
        request: &CredentialManagementRequest,
    ) -> Result<CredentialManagementResponse, DeviceError> {
        let answer = call(&mut *self.channel, command, &request.to_cbor())?;
        read(CredentialManagementResponse::from_cbor(&answer))
    }
}

pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

/// What follows the status OK.
fn call(channel: &mut dyn Channel, command: Command, parameters: &[u8]) -> Result<Vec<u8>, DeviceError> {
    let request = [&[command.number()], parameters].concat();
    let mut answer = channel.cbor(&request).map_err(DeviceError::Transport)?;
    match answer.first().copied() {
        Some(0) => Ok(answer.split_off(1)),
        Some(code) => Err(match Status::from_code(code) {
            Some(status) => DeviceError::Status(status),
            None => malformed(format!("found the status {code:#04x}, expected one that CTAP defines")),
        }),
        None => Err(malformed("found an answer of no bytes, expected a status")),
    }
}

fn malformed(what: impl Into<Broken>) -> DeviceError {
    DeviceError::Transport(what.into())
}

fn read<T>(answer: Result<T, impl Into<Broken>>) -> Result<T, DeviceError> {
    answer.map_err(malformed)
}

/// The channel, for one command over U2F.
struct Lent<'c>(&'c mut dyn Channel);

impl Channel for Lent<'_> {
    fn has_cbor(&self) -> bool {
        self.0.has_cbor()
    }

    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Broken> {
        self.0.cbor(request)
    }

    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Broken> {
        self.0.msg(apdu)
    }
}
