//! webauthn-rs. The core is asked, as the crate `webauthn-rs` asks it, with roots to trust.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationConveyancePreference, AuthenticationState, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

use super::ours::verifier;
use super::{Contender, ORIGIN, RP_ID, WEBAUTHN_RS, Work};
use crate::fixture::Fixture;

/// Both works.
pub(super) fn contenders(fixture: &Fixture) -> Result<Vec<Contender>, String> {
    let wrong = |error: String| format!("{WEBAUTHN_RS}: {error}");
    let origin = Url::parse(ORIGIN).map_err(|error| error.to_string())?;
    let minute = Duration::from_secs(60);
    let core = WebauthnCore::new_unsafe_experts_only("Example", RP_ID, vec![origin], minute, None, None);
    let core = Rc::new(core);
    let roots = AttestationCaList::try_from(fixture.root.certificate_pem().as_bytes())
        .map_err(|error| wrong(error.to_string()))?;

    let state = registration_state(&core, fixture).map_err(wrong)?;
    let reply: RegisterPublicKeyCredential = read(&fixture.registration).map_err(wrong)?;
    let credential = core
        .register_credential(&reply, &state, Some(&roots))
        .map_err(|error| wrong(format!("refuses the registration: {error:?}")))?;
    let judge = Rc::clone(&core);
    let registration = move |reply: &str| {
        let reply: RegisterPublicKeyCredential = read(black_box(reply))?;
        let verified = judge.register_credential(&reply, &state, Some(&roots));
        black_box(verified).map(drop).map_err(described)
    };

    let builder = core
        .new_challenge_authenticate_builder(vec![credential], Some(UserVerificationPolicy::Preferred))
        .map_err(described)?;
    let (_, state) = core.generate_challenge_authenticate(builder).map_err(described)?;
    let state: AuthenticationState = of_the_fixture(&state, fixture).map_err(wrong)?;
    let login = move |reply: &str| {
        let reply: PublicKeyCredential = read(black_box(reply))?;
        let verified = core.authenticate_credential(&reply, &state);
        black_box(verified).map(drop).map_err(described)
    };
    Ok(vec![
        verifier(WEBAUTHN_RS, Work::VerifyRegistration, fixture, registration)?,
        verifier(WEBAUTHN_RS, Work::VerifyLogin, fixture, login)?,
    ])
}

fn registration_state(core: &WebauthnCore, fixture: &Fixture) -> Result<RegistrationState, String> {
    let builder = core
        .new_challenge_register_builder(&fixture.user_handle, "u_1654", "John Doe")
        .map_err(described)?
        .attestation(AttestationConveyancePreference::Direct)
        .user_verification_policy(UserVerificationPolicy::Preferred);
    let (_, state) = core.generate_challenge_register(builder).map_err(described)?;
    of_the_fixture(&state, fixture)
}

/// The state of a ceremony, with the fixture's challenge: the library only makes its own.
fn of_the_fixture<T: Serialize + DeserializeOwned>(state: &T, fixture: &Fixture) -> Result<T, String> {
    let mut state = serde_json::to_value(state).map_err(|error| error.to_string())?;
    let challenge = state.get_mut("challenge").ok_or("the state has no challenge")?;
    *challenge = Base64UrlUnpadded::encode_string(&fixture.challenge).into();
    serde_json::from_value(state).map_err(|error| error.to_string())
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn described(error: WebauthnError) -> String {
    format!("{error:?}")
}
