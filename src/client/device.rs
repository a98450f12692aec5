//! What a client speaks to.

pub(super) mod u2f;

use std::error;
use std::fmt;

use crate::authenticator::{Authenticator, AuthenticatorError, Credential, Signal};
use crate::crypto::{Algorithm, RandomError, RandomSource};
use crate::ctap2::{
    ClientPinRequest, ClientPinResponse, GetAssertionRequest, GetAssertionResponse, GetInfoResponse,
    MakeCredentialRequest, MakeCredentialResponse, Status,
};
use crate::webauthn::{Attachment, CredentialDescriptor, Hint, Transport};

/// A security key as its client sees it: the [`Authenticator`] in the same process, or one at the other end of a
/// transport.
pub trait Device {
    /// What the device can do. The client looks at this before it asks.
    fn abilities(&self) -> Abilities<'_>;

    /// authenticatorMakeCredential (CTAP 2.1 §6.1).
    ///
    /// # Errors
    /// [`DeviceError`]. Nothing is stored then.
    fn make_credential(
        &mut self,
        request: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, DeviceError>;

    /// authenticatorGetAssertion (CTAP 2.1 §6.2).
    ///
    /// # Errors
    /// [`DeviceError`]. No counter moves then.
    fn get_assertion(
        &mut self,
        request: &GetAssertionRequest<'_>,
    ) -> Result<GetAssertionResponse, DeviceError>;

    /// The credentials for a relying party that a request speaks of, without asking the user (WebAuthn L3 §6.3.4):
    /// those of the allow list in its order, or without one the discoverable ones, newest first. The client asks
    /// for them where it has to choose: in a conditional request, or for an account of its caller's.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn candidates(
        &mut self,
        rp_id: &str,
        allow_list: Option<&[CredentialDescriptor]>,
    ) -> Result<Vec<Candidate>, DeviceError>;

    /// authenticatorGetInfo (CTAP 2.1 §6.4). The client asks for it where extensions are asked for, and where the device's
    /// [abilities](Abilities::has_state) depend on its state. Default: the device has no such command.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn get_info(&mut self) -> Result<GetInfoResponse, DeviceError> {
        Err(DeviceError::Status(Status::InvalidCommand))
    }

    /// authenticatorClientPIN (CTAP 2.1 §6.5): how the client agrees on secrets with the device, and uses its PIN. Default:
    /// the device has no such command.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn client_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, DeviceError> {
        let _ = request;
        Err(DeviceError::Status(Status::InvalidCommand))
    }

    /// What the client draws keys from for what it shares with the device. Default: the operating system.
    ///
    /// # Errors
    /// [`RandomError`].
    fn client_random(&mut self) -> Result<RandomSource, RandomError> {
        RandomSource::from_os()
    }

    /// Chooses among several devices the one that the next ceremony uses. Default: there is one.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn choose(&mut self, choice: &Choice<'_>) -> Result<(), DeviceError> {
        let _ = choice;
        Ok(())
    }

    /// authenticatorSelection (CTAP 2.1 §6.9): asks for a touch. Default: the device has no such command.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn selection(&mut self) -> Result<(), DeviceError> {
        Err(DeviceError::Status(Status::InvalidCommand))
    }

    /// Follows what a relying party tells of its credentials (WebAuthn L3 §5.1.10). Default: the device does not.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn follow(&mut self, rp_id: &str, signal: &Signal) -> Result<(), DeviceError> {
        let _ = (rp_id, signal);
        Ok(())
    }

    /// Tells the device whether ceremonies end with [`seal`](Self::seal), because the client edits them: an edited
    /// ceremony that fails after the device's part shall leave nothing behind. Default: the device keeps what it made at
    /// once.
    fn defer(&mut self, deferred: bool) {
        let _ = deferred;
    }

    /// Keeps what the last ceremony made, if it was deferred. Default: nothing is left to keep.
    ///
    /// # Errors
    /// [`DeviceError`]. Nothing is kept then.
    fn seal(&mut self) -> Result<(), DeviceError> {
        Ok(())
    }
}

/// What a [`Device`] can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abilities<'d> {
    /// The algorithms of credentials, in the order in which the device states them.
    pub algorithms: &'d [Algorithm],
    /// How the device is attached to the client's.
    pub attachment: Attachment,
    /// How the client reaches it.
    pub transports: &'d [Transport],
    /// Whether it can verify its user.
    pub user_verification: bool,
    /// Whether it can keep discoverable credentials.
    pub discoverable: bool,
    /// Whether it gives enterprise attestations.
    pub enterprise_attestation: bool,
    /// Whether it has a PIN, or rules of CTAP 2.1: then getInfo says how its user can and has to be verified, and this
    /// does not.
    pub has_state: bool,
}

impl<'d> Abilities<'d> {
    /// Those of a device that verifies its user, keeps discoverable credentials and gives no enterprise attestation.
    #[must_use]
    pub fn new(algorithms: &'d [Algorithm], attachment: Attachment, transports: &'d [Transport]) -> Self {
        Self {
            algorithms,
            attachment,
            transports,
            user_verification: true,
            discoverable: true,
            enterprise_attestation: false,
            has_state: false,
        }
    }
}

/// What a ceremony asks of the device that it uses.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Choice<'c> {
    /// The relying party.
    pub rp_id: &'c str,
    /// Whether it is a login.
    pub is_login: bool,
    /// The attachment that binds.
    pub attachment: Option<Attachment>,
    /// What the user probably has, most likely first.
    pub hints: &'c [Hint],
    /// Whether a discoverable credential has to be made.
    pub discoverable: bool,
    /// Whether the user has to be verified.
    pub user_verification: bool,
    /// The algorithms that will do for a new credential.
    pub algorithms: &'c [i64],
    /// The credentials that will do for a login; `None` for any discoverable one.
    pub credentials: Option<&'c [CredentialDescriptor]>,
}

/// A credential that a client may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The credential id.
    pub id: Vec<u8>,
    /// The account's name; empty where the device does not know it.
    pub user_name: String,
    /// Whether the credential is found without its id.
    pub discoverable: bool,
    /// How it is protected: 1 to 3 (`credProtect`, CTAP 2.1 §12.1), or 0 where that was not asked for.
    pub protection: u32,
}

impl Candidate {
    /// A credential with this id.
    #[must_use]
    pub fn new(id: Vec<u8>, user_name: impl Into<String>, discoverable: bool) -> Self {
        Self { id, user_name: user_name.into(), discoverable, protection: 0 }
    }
}

/// Why a device did not answer a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// The authenticator in the same process refused.
    Authenticator(AuthenticatorError),
    /// The device answered with this status.
    Status(Status),
    /// The device could not be reached, or its answer could not be read.
    Transport(Box<dyn error::Error + Send + Sync>),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticator(error) => error.fmt(f),
            Self::Status(status) => status.fmt(f),
            Self::Transport(_) => f.write_str("the device could not be reached"),
        }
    }
}

impl error::Error for DeviceError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            // It is printed as this error, so its cause is the next one.
            Self::Authenticator(error) => error.source(),
            Self::Status(_) => None,
            Self::Transport(error) => Some(error.as_ref()),
        }
    }
}

impl From<AuthenticatorError> for DeviceError {
    fn from(error: AuthenticatorError) -> Self {
        Self::Authenticator(error)
    }
}

/// Typed, without CBOR in between.
impl Device for Authenticator {
    fn abilities(&self) -> Abilities<'_> {
        Abilities {
            algorithms: self.algorithms(),
            attachment: self.attachment(),
            transports: self.transports(),
            user_verification: self.can_verify_user(),
            discoverable: self.can_keep_discoverable(),
            enterprise_attestation: self.gives_enterprise_attestation(),
            has_state: self.keeps_state(),
        }
    }

    fn make_credential(
        &mut self,
        request: MakeCredentialRequest<'_>,
    ) -> Result<MakeCredentialResponse, DeviceError> {
        match self.speaks_u2f_alone() {
            true => {
                let made = u2f::make_credential(&mut |apdu| self.u2f(apdu), &request);
                made.map_err(|error| of_edits(error, self))
            }
            false => Ok(Authenticator::make_credential(self, request)?),
        }
    }

    fn get_assertion(
        &mut self,
        request: &GetAssertionRequest<'_>,
    ) -> Result<GetAssertionResponse, DeviceError> {
        match self.speaks_u2f_alone() {
            true => {
                let got = u2f::get_assertion(&mut |apdu| self.u2f(apdu), request);
                got.map_err(|error| of_edits(error, self))
            }
            false => Ok(Authenticator::get_assertion(self, request)?),
        }
    }

    fn candidates(
        &mut self,
        rp_id: &str,
        allow_list: Option<&[CredentialDescriptor]>,
    ) -> Result<Vec<Candidate>, DeviceError> {
        let found = Authenticator::candidates(self, rp_id, allow_list)?;
        let candidate = |credential: Credential| Candidate {
            protection: credential.cred_protect,
            ..Candidate::new(credential.id, credential.user.name, credential.discoverable)
        };
        Ok(found.into_iter().map(candidate).collect())
    }

    fn get_info(&mut self) -> Result<GetInfoResponse, DeviceError> {
        Ok(Authenticator::get_info(self)?)
    }

    fn client_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, DeviceError> {
        Ok(Authenticator::client_pin(self, request)?)
    }

    fn client_random(&mut self) -> Result<RandomSource, RandomError> {
        Authenticator::client_random(self)
    }

    fn selection(&mut self) -> Result<(), DeviceError> {
        Ok(Authenticator::selection(self)?)
    }

    fn follow(&mut self, rp_id: &str, signal: &Signal) -> Result<(), DeviceError> {
        Ok(Authenticator::follow(self, rp_id, signal)?)
    }

    fn defer(&mut self, deferred: bool) {
        Authenticator::defer(self, deferred);
    }

    fn seal(&mut self) -> Result<(), DeviceError> {
        Ok(Authenticator::seal(self)?)
    }
}

/// U2F has no status for an edit that had no effect.
fn of_edits(error: DeviceError, authenticator: &mut Authenticator) -> DeviceError {
    match (&error, authenticator.edits_mut().all_effective()) {
        (DeviceError::Status(Status::Other), Err(ineffective)) => {
            DeviceError::Authenticator(AuthenticatorError::Edit(ineffective))
        }
        _ => error,
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<D: Device + ?Sized> Device for $pointer {
            fn abilities(&self) -> Abilities<'_> {
                (**self).abilities()
            }

            fn make_credential(
                &mut self,
                request: MakeCredentialRequest<'_>,
            ) -> Result<MakeCredentialResponse, DeviceError> {
                (**self).make_credential(request)
            }

            fn get_assertion(
                &mut self,
                request: &GetAssertionRequest<'_>,
            ) -> Result<GetAssertionResponse, DeviceError> {
                (**self).get_assertion(request)
            }

            fn candidates(
                &mut self,
                rp_id: &str,
                allow_list: Option<&[CredentialDescriptor]>,
            ) -> Result<Vec<Candidate>, DeviceError> {
                (**self).candidates(rp_id, allow_list)
            }

            fn get_info(&mut self) -> Result<GetInfoResponse, DeviceError> {
                (**self).get_info()
            }

            fn client_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, DeviceError> {
                (**self).client_pin(request)
            }

            fn client_random(&mut self) -> Result<RandomSource, RandomError> {
                (**self).client_random()
            }

            fn choose(&mut self, choice: &Choice<'_>) -> Result<(), DeviceError> {
                (**self).choose(choice)
            }

            fn selection(&mut self) -> Result<(), DeviceError> {
                (**self).selection()
            }

            fn follow(&mut self, rp_id: &str, signal: &Signal) -> Result<(), DeviceError> {
                (**self).follow(rp_id, signal)
            }

            fn defer(&mut self, deferred: bool) {
                (**self).defer(deferred);
            }

            fn seal(&mut self) -> Result<(), DeviceError> {
                (**self).seal()
            }
        }
    )*};
}

// For a client of whatever device is there, and of one that is lent.
forward!(Box<D>, &mut D);
