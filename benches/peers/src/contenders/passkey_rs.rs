//! passkey-rs, with each of its crypto backends.

use std::hint::black_box;

use async_trait::async_trait;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::DefaultClientData;
use passkey::crypto::CryptoBackend;
use passkey::crypto::aws_lc_rs::AwsLcRsBackend;
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use public_suffix::PublicSuffixList;
use url::Url;

use super::{AUTHENTICATE, Contender, ORIGIN, PASSKEY_AWS_LC, PASSKEY_RUSTCRYPTO, REGISTER_NONE, Work};
use crate::check::{self, Attestation};

/// Registration without attestation, as it makes none, and authentication; with each backend.
pub(super) fn contenders() -> Result<Vec<Contender>, String> {
    let mut all = client_of(PASSKEY_AWS_LC, || AwsLcRsBackend)?;
    all.extend(client_of(PASSKEY_RUSTCRYPTO, || RustCryptoBackend)?);
    Ok(all)
}

fn client_of<C>(who: &'static str, backend: fn() -> C) -> Result<Vec<Contender>, String>
where
    C: CryptoBackend + Sync + 'static,
{
    let wrong = |work: Work, error: String| format!("{who}: {}: {error}", work.name());
    let mut registering = Client::new(backend())?;
    check::registration(&registering.register(), Attestation::None)
        .map_err(|error| wrong(Work::RegisterNone, error))?;

    let mut login = Client::new(backend())?;
    let owner = check::registration(&login.register(), Attestation::None)
        .map_err(|error| wrong(Work::Authenticate, error))?;
    check::authentication(&login.authenticate(), &owner.key)
        .map_err(|error| wrong(Work::Authenticate, error))?;

    Ok(vec![
        Contender::here(who, Work::RegisterNone, move || drop(black_box(registering.register()))),
        Contender::here(who, Work::Authenticate, move || drop(black_box(login.authenticate()))),
    ])
}

/// Its client and authenticator, in memory, with JSON text in and out. The store holds one passkey.
struct Client<C: CryptoBackend> {
    client: passkey::client::Client<Option<Passkey>, AlwaysYes, C, PublicSuffixList, ()>,
    origin: Url,
}

impl<C: CryptoBackend + Sync> Client<C> {
    fn new(backend: C) -> Result<Self, String> {
        let authenticator = Authenticator::new(Aaguid::new_empty(), None, AlwaysYes, backend);
        Ok(Self {
            client: passkey::client::Client::new(authenticator),
            origin: Url::parse(ORIGIN).map_err(|error| error.to_string())?,
        })
    }

    fn register(&mut self) -> String {
        let options: CredentialCreationOptions =
            serde_json::from_str(black_box(&REGISTER_NONE)).expect("the options are sound");
        let created = pollster::block_on(self.client.register(&self.origin, options, DefaultClientData));
        serde_json::to_string(&created.expect("registers, as stuntkey does")).expect("writes JSON")
    }

    fn authenticate(&mut self) -> String {
        let options: CredentialRequestOptions =
            serde_json::from_str(black_box(AUTHENTICATE)).expect("the options are sound");
        let asserted = pollster::block_on(self.client.authenticate(&self.origin, options, DefaultClientData));
        serde_json::to_string(&asserted.expect("logs in, as stuntkey does")).expect("writes JSON")
    }
}

struct AlwaysYes;

#[async_trait]
impl UserValidationMethod for AlwaysYes {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        _: bool,
        _: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}
