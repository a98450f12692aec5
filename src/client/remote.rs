//! A security key at the other end of a transport.

use std::error;

use super::device::{Abilities, Candidate, Device, DeviceError, u2f};
use crate::crypto::Algorithm;
use crate::ctap2::{
    ClientPinRequest, ClientPinResponse, Command, GetAssertionRequest, GetAssertionResponse, GetInfoResponse,
    MakeCredentialRequest, MakeCredentialResponse, Status,
};
use crate::webauthn::{Attachment, CredentialDescriptor, Transport};

/// Why a message did not come through.
type Broken = Box<dyn error::Error + Send + Sync>;

/// A way to one security key, with nobody else on it (CTAP 2.1 §11).
pub trait Channel {
    /// Whether the key speaks CTAP2.
    fn has_cbor(&self) -> bool;

    /// Sends a CTAP2 request, a command byte and its CBOR parameters, and waits for the answer: a status byte and CBOR.
    ///
    /// # Errors
    /// The key cannot be reached, or its answer cannot be read.
    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Broken>;

    /// Sends a U2F message, an APDU, and waits for the answer: data, and two bytes of status. Where the key answers that it
    /// waits for a touch, it is asked again until one comes.
    ///
    /// # Errors
    /// The key cannot be reached, or its answer cannot be read.
    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Broken>;
}

impl<C: Channel + ?Sized> Channel for Box<C> {
    fn has_cbor(&self) -> bool {
        (**self).has_cbor()
    }

    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Broken> {
        (**self).cbor(request)
    }

    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Broken> {
        (**self).msg(apdu)
    }
}

/// A security key at the other end of a [`Channel`].
#[derive(Debug)]
pub struct RemoteDevice<C> {
    channel: C,
    /// What the key said of itself at first; nothing where it speaks U2F alone.
    info: Option<GetInfoResponse>,
    algorithms: Vec<Algorithm>,
    transports: Vec<Transport>,
}

impl<C: Channel> RemoteDevice<C> {
    /// Asks the key what it is.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub fn open(mut channel: C) -> Result<Self, DeviceError> {
        let info = channel.has_cbor().then(|| get_info(&mut channel)).transpose()?;
        let told = info.as_ref();
        // A key that lists none has what every key has.
        let mut algorithms = told.map(|info| info.algorithms.clone()).unwrap_or_default();
        if algorithms.is_empty() {
            algorithms.push(Algorithm::Es256);
        }
        let mut transports = told.map(|info| info.transports.clone()).unwrap_or_default();
        if transports.is_empty() {
            transports.push(Transport::Usb);
        }
        Ok(Self { channel, info, algorithms, transports })
    }

    fn option(&self, name: &str) -> Option<bool> {
        self.info.as_ref().and_then(|info| info.options.get(name))
    }

    fn u2f<T>(
        &mut self,
        act: impl FnOnce(&mut dyn FnMut(&[u8]) -> Vec<u8>) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        let mut broken = None;
        let channel = &mut self.channel;
        let outcome = act(&mut |apdu| match channel.msg(apdu) {
            Ok(answer) => answer,
            Err(error) => {
                broken = Some(error);
                Vec::new()
            }
        });
        match broken {
            Some(error) => Err(DeviceError::Transport(error)),
            None => outcome,
        }
    }

    /// What the key knows of these credentials without its user.
    fn look_up(&mut self, request: &GetAssertionRequest<'_>) -> Result<Vec<Candidate>, DeviceError> {
        let mut response = match call(&mut self.channel, Command::GetAssertion, &request.to_cbor()) {
            Ok(body) => read(GetAssertionResponse::from_cbor(&body))?,
            Err(DeviceError::Status(Status::NoCredentials)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        let count = response.number_of_credentials.unwrap_or(1);
        loop {
            let name = response.user.as_ref().and_then(|user| user.name.clone()).unwrap_or_default();
            let discoverable = request.allow_list.is_none() || response.user.is_some();
            found.push(Candidate::new(response.credential_id.clone(), name, discoverable));
            if u64::try_from(found.len()).is_ok_and(|found| found >= count) {
                return Ok(found);
            }
            let next = call(&mut self.channel, Command::GetNextAssertion, &[])?;
            response = read(GetAssertionResponse::from_cbor(&next))?;
        }
    }
}

fn get_info(channel: &mut impl Channel) -> Result<GetInfoResponse, DeviceError> {
    read(GetInfoResponse::from_cbor(&call(channel, Command::GetInfo, &[])?))
}

/// What follows the status OK.
fn call(channel: &mut impl Channel, command: Command, parameters: &[u8]) -> Result<Vec<u8>, DeviceError> {
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

fn read<T, E: Into<Broken>>(answer: Result<T, E>) -> Result<T, DeviceError> {
    answer.map_err(|error| DeviceError::Transport(error.into()))
}

impl<C: Channel> Device for RemoteDevice<C> {
    fn abilities(&self) -> Abilities<'_> {
        let attachment = match self.option("plat") {
            Some(true) => Attachment::Platform,
            _ => Attachment::CrossPlatform,
        };
        Abilities {
            user_verification: self.option("uv") == Some(true),
            discoverable: self.option("rk") == Some(true),
            enterprise_attestation: self.option("ep") == Some(true),
            has_state: self.info.is_some(),
            ..Abilities::new(&self.algorithms, attachment, &self.transports)
        }
    }

    fn make_credential(
        &mut self,
        request: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, DeviceError> {
        if self.info.is_none() {
            return self.u2f(|call| u2f::make_credential(call, &request));
        }
        let body = call(&mut self.channel, Command::MakeCredential, &request.to_cbor())?;
        read(MakeCredentialResponse::from_cbor(&body))
    }

    fn get_assertion(
        &mut self,
        request: &GetAssertionRequest<'_>,
    ) -> Result<GetAssertionResponse, DeviceError> {
        if self.info.is_none() {
            return self.u2f(|call| u2f::get_assertion(call, request));
        }
        let body = call(&mut self.channel, Command::GetAssertion, &request.to_cbor())?;
        read(GetAssertionResponse::from_cbor(&body))
    }

    /// By assertions that need no user (CTAP 2.1 §6.2.2, `up` false): a key tells names of several accounts only when it has
    /// verified its user, so they are not known here.
    fn candidates(
        &mut self,
        rp_id: &str,
        allow_list: Option<&[CredentialDescriptor]>,
    ) -> Result<Vec<Candidate>, DeviceError> {
        let mut request = GetAssertionRequest::new([0; 32], rp_id);
        request.user_presence = false;
        let Some(list) = allow_list else {
            return match self.info {
                Some(_) => self.look_up(&request),
                // U2F knows no account.
                None => Ok(Vec::new()),
            };
        };
        let mut found = Vec::new();
        // One at a time, as only the first that is there is used of a list.
        for descriptor in list {
            request.allow_list = Some(vec![descriptor.clone()].into());
            found.extend(match self.info {
                Some(_) => self.look_up(&request)?,
                None => match self.u2f(|call| u2f::is_known(call, &request)) {
                    Ok(true) => vec![Candidate::new(descriptor.id.clone(), "", false)],
                    Ok(false) => Vec::new(),
                    Err(error) => return Err(error),
                },
            });
        }
        Ok(found)
    }

    fn get_info(&mut self) -> Result<GetInfoResponse, DeviceError> {
        match self.info {
            Some(_) => get_info(&mut self.channel),
            None => Err(DeviceError::Status(Status::InvalidCommand)),
        }
    }

    fn client_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, DeviceError> {
        let body = call(&mut self.channel, Command::ClientPin, &request.to_cbor())?;
        read(ClientPinResponse::from_cbor(&body))
    }

    fn selection(&mut self) -> Result<(), DeviceError> {
        call(&mut self.channel, Command::Selection, &[]).map(drop)
    }
}
