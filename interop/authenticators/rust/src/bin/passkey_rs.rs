//! passkey-rs's authenticator, by its API for CTAP2, which takes and gives types of its crate `passkey-types`.
//!
//! It is for the inside of a program, and reads no messages. So they are read here as `passkey-rs` reads and writes them where
//! it is a client (`linux.rs` of `passkey-authenticator`): by `ciborium`, into those types. What status a message has that
//! cannot be read is decided here, too.
//!
//! The application has to store credentials and to ask the user. The stores that the crate has are for tests, and look at
//! no RP ID, so that this one does what the documentation of `CredentialStore` asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ciborium::de::{Error, from_reader};
use passkey_authenticator::{
    Authenticator, CredentialStore, DiscoverabilitySupport, StoreInfo, UiHint, UserCheck,
    UserValidationMethod,
};
use passkey_crypto::rust_crypto::RustCryptoBackend;
use passkey_types::Passkey;
use passkey_types::ctap2::make_credential::{
    Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity,
};
use passkey_types::ctap2::{Aaguid, Ctap2Command, Ctap2Error, StatusCode};
use passkey_types::webauthn::PublicKeyCredentialDescriptor;
use stuntkey_interop_authenticators::{SIGHUP, begin, flag_of, lend_ctaphid, obey_touches};
use stuntkey_transport::Key;
use stuntkey_transport::ctaphid::Offers;
use stuntkey_transport::host::Presence;

/// How long the user is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    let events = begin("passkey-authenticator 0.6.0");
    let presence = Presence::new();
    obey_touches(&presence);
    // It has no authenticatorReset.
    let forgets = flag_of(SIGHUP);
    let user = Toucher(presence.clone());
    let authenticator =
        Authenticator::new(Aaguid::new_empty(), Credentials::default(), user, RustCryptoBackend);
    lend_ctaphid(Messages { authenticator, forgets }, &presence, events);
}

/// The authenticator behind messages.
struct Messages {
    authenticator: Authenticator<Credentials, Toucher, RustCryptoBackend>,
    forgets: Arc<AtomicBool>,
}

impl Messages {
    fn answer(&mut self, request: &[u8]) -> Result<Vec<u8>, u8> {
        let (command, parameters) = request.split_first().ok_or(Ctap2Error::InvalidLength)?;
        let authenticator = &mut self.authenticator;
        match *command {
            command if command == u8::from(Ctap2Command::MakeCredential) => {
                let request = read(parameters)?;
                written(&pollster::block_on(authenticator.make_credential(request)).map_err(u8::from)?)
            }
            command if command == u8::from(Ctap2Command::GetAssertion) => {
                let request = read(parameters)?;
                written(&pollster::block_on(authenticator.get_assertion(request)).map_err(u8::from)?)
            }
            command if command == u8::from(Ctap2Command::GetInfo) => {
                written(&*pollster::block_on(authenticator.get_info()))
            }
            _ => Err(Ctap2Error::InvalidCommand.into()),
        }
    }
}

/// Reads parameters. The types know of each member whether it has to be there.
fn read<T: for<'a> serde::Deserialize<'a>>(mut parameters: &[u8]) -> Result<T, u8> {
    let read = from_reader(&mut parameters).map_err(|error| match error {
        Error::Semantic(_, why) if why.starts_with("missing field") => Ctap2Error::MissingParameter,
        Error::Semantic(..) => Ctap2Error::CborUnexpectedType,
        _ => Ctap2Error::InvalidCbor,
    })?;
    match parameters.is_empty() {
        true => Ok(read),
        false => Err(Ctap2Error::InvalidCbor.into()),
    }
}

fn written(answer: &impl serde::Serialize) -> Result<Vec<u8>, u8> {
    let mut bytes = vec![u8::from(Ctap2Error::Ok)];
    ciborium::into_writer(answer, &mut bytes).map_err(|_| Ctap2Error::Other)?;
    Ok(bytes)
}

impl Key for Messages {
    fn offers(&self) -> Offers {
        Offers { cbor: true, msg: false }
    }

    fn cbor(&mut self, _: u32, request: &[u8]) -> Option<Vec<u8>> {
        if self.forgets.swap(false, Ordering::SeqCst) {
            *self.authenticator.store_mut() = Credentials::default();
        }
        Some(self.answer(request).unwrap_or_else(|status| vec![status]))
    }

    fn msg(&mut self, _: &[u8]) -> Vec<u8> {
        unreachable!("it does not offer U2F")
    }

    fn power_cycle(&mut self) {}
}

/// Credentials, the newest first.
#[derive(Default)]
struct Credentials(Vec<Passkey>);

#[async_trait]
impl CredentialStore for Credentials {
    type PasskeyItem = Passkey;

    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp_id: &str,
        _: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let is_meant = |passkey: &&Passkey| {
            passkey.rp_id == rp_id
                && match ids {
                    Some(ids) => ids.iter().any(|descriptor| descriptor.id == passkey.credential_id),
                    None => passkey.user_handle.is_some(),
                }
        };
        match self.0.iter().filter(is_meant).cloned().collect::<Vec<_>>() {
            found if found.is_empty() => Err(Ctap2Error::NoCredentials.into()),
            found => Ok(found),
        }
    }

    async fn save_credential(
        &mut self,
        made: Passkey,
        _: PublicKeyCredentialUserEntity,
        _: PublicKeyCredentialRpEntity,
        _: Options,
    ) -> Result<(), StatusCode> {
        let is_overwritten = |old: &Passkey| {
            made.user_handle.is_some() && old.rp_id == made.rp_id && old.user_handle == made.user_handle
        };
        self.0.retain(|old| !is_overwritten(old));
        self.0.insert(0, made);
        Ok(())
    }

    async fn update_credential(&mut self, used: &Passkey) -> Result<(), StatusCode> {
        let same = |old: &&mut Passkey| old.credential_id == used.credential_id;
        *self.0.iter_mut().find(same).ok_or(Ctap2Error::NoCredentials)? = used.clone();
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo { discoverability: DiscoverabilitySupport::Full }
    }
}

/// A user whose touch is a verification as well.
struct Toucher(Presence);

#[async_trait]
impl UserValidationMethod for Toucher {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        // This one is not asked for anything, and another question follows in the same request.
        let is_told = matches!(hint, UiHint::InformExcludedCredentialFound(_));
        if !is_told && (presence || verification) && self.0.wait(PATIENCE).is_none() {
            return Err(Ctap2Error::UserActionTimeout);
        }
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}
