//! stuntkey: the default, which computes with Graviola where the processor can, and with RustCrypto only.

use std::hint::black_box;
use std::rc::Rc;

use stuntkey::attestation::AttestationFormat;
use stuntkey::crypto::Backend;
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, RegisteredCredential, RegistrationExpectations,
    RelyingParty, RelyingPartyPolicy, Trust,
};
use stuntkey::{Authenticator, Client};

use super::{
    AUTHENTICATE, Contender, Lengths, ORIGIN, REGISTER_NONE, REGISTER_PACKED, RP_ID, STUNTKEY,
    STUNTKEY_RUSTCRYPTO, Work,
};
use crate::check::{self, Attestation};
use crate::fixture::{Fixture, Verdict};

/// All works of an authenticator, twice; and how many bytes are signed.
pub(super) fn keys() -> Result<(Vec<Contender>, Lengths), String> {
    let (mut all, lengths) = client_of(STUNTKEY, None)?;
    all.extend(client_of(STUNTKEY_RUSTCRYPTO, Some(Backend::RustCrypto))?.0);
    Ok((all, lengths))
}

/// Both works of a verifier, twice.
pub(super) fn verifiers(fixture: &Fixture) -> Result<Vec<Contender>, String> {
    let mut all = relying_party_of(STUNTKEY, Backend::fastest(), fixture)?;
    all.extend(relying_party_of(STUNTKEY_RUSTCRYPTO, Backend::RustCrypto, fixture)?);
    Ok(all)
}

fn client_of(who: &'static str, backend: Option<Backend>) -> Result<(Vec<Contender>, Lengths), String> {
    let wrong = |work: Work, error: String| format!("{who}: {}: {error}", work.name());

    let mut packed = client(backend, None)?;
    let reply = register(&mut packed, REGISTER_PACKED);
    let registered = check::registration(&reply, Attestation::Packed)
        .map_err(|error| wrong(Work::RegisterPacked, error))?;

    let mut itself = client(backend, Some(AttestationFormat::PackedSelf))?;
    check::registration(&register(&mut itself, REGISTER_PACKED), Attestation::PackedSelf)
        .map_err(|error| wrong(Work::RegisterSelf, error))?;

    let mut none = client(backend, None)?;
    check::registration(&register(&mut none, &REGISTER_NONE), Attestation::None)
        .map_err(|error| wrong(Work::RegisterNone, error))?;

    let mut login = client(backend, None)?;
    let owner = check::registration(&register(&mut login, &REGISTER_NONE), Attestation::None)
        .map_err(|error| wrong(Work::Authenticate, error))?;
    let asserted = check::authentication(&authenticate(&mut login), &owner.key)
        .map_err(|error| wrong(Work::Authenticate, error))?;

    let lengths = Lengths { packed: registered.message_length, login: asserted.message_length };
    let contenders = vec![
        Contender::here(who, Work::RegisterPacked, move || {
            drop(black_box(register(&mut packed, REGISTER_PACKED)));
        }),
        Contender::here(who, Work::RegisterSelf, move || {
            drop(black_box(register(&mut itself, REGISTER_PACKED)));
        }),
        Contender::here(who, Work::RegisterNone, move || {
            drop(black_box(register(&mut none, &REGISTER_NONE)));
        }),
        Contender::here(who, Work::Authenticate, move || drop(black_box(authenticate(&mut login)))),
    ];
    Ok((contenders, lengths))
}

/// Without a seed, as a user gets it: everything random.
fn client(backend: Option<Backend>, format: Option<AttestationFormat>) -> Result<Client, String> {
    let mut authenticator = Authenticator::builder();
    if let Some(backend) = backend {
        authenticator = authenticator.backend(backend);
    }
    if let Some(format) = format {
        authenticator = authenticator.format(format);
    }
    let authenticator = authenticator.build().map_err(|error| error.to_string())?;
    Client::builder(ORIGIN).authenticator(authenticator).build().map_err(|error| error.to_string())
}

fn register(client: &mut Client, options: &str) -> String {
    client.register(black_box(options)).expect("registers, as it did when it was checked").into_text()
}

fn authenticate(client: &mut Client) -> String {
    client.authenticate(black_box(AUTHENTICATE)).expect("logs in, as it did when it was checked").into_text()
}

fn relying_party_of(
    who: &'static str,
    backend: Backend,
    fixture: &Fixture,
) -> Result<Vec<Contender>, String> {
    let policy = AttestationPolicy {
        trust: Trust::Anchors(vec![fixture.root.certificate_der().to_vec()]),
        ..AttestationPolicy::default()
    };
    let relying_party =
        RelyingParty::new(RelyingPartyPolicy::new(RP_ID, ORIGIN)).with_backend(backend).attestation(policy);
    let relying_party = Rc::new(relying_party);

    let expected = RegistrationExpectations::with_challenge(&fixture.challenge);
    let nobody: [RegisteredCredential; 0] = [];
    let registered = relying_party
        .verify_registration(&fixture.registration, &expected, &nobody)
        .map_err(|refusal| format!("{who}: refuses the registration: {refusal}"))?;
    let judge = Rc::clone(&relying_party);
    let registration = move |reply: &str| {
        let verified = judge.verify_registration(black_box(reply), &expected, &nobody);
        black_box(verified).map(drop).map_err(|refusal| refusal.to_string())
    };

    // As it is stored after the registration, each time again.
    let expected = AuthenticationExpectations::with_challenge(&fixture.challenge);
    let known =
        [RegisteredCredential { user_handle: fixture.user_handle.clone(), record: registered.record }];
    let login = move |reply: &str| {
        let verified = relying_party.verify_authentication(black_box(reply), &expected, &known);
        black_box(verified).map(drop).map_err(|refusal| refusal.to_string())
    };
    Ok(vec![
        verifier(who, Work::VerifyRegistration, fixture, registration)?,
        verifier(who, Work::VerifyLogin, fixture, login)?,
    ])
}

/// A verifier in this process, after it has been checked.
pub(super) fn verifier(
    who: &'static str,
    work: Work,
    fixture: &Fixture,
    mut verify: impl FnMut(&str) -> Result<(), String> + 'static,
) -> Result<Contender, String> {
    let verdict = |reply: &str| match verify(reply) {
        Ok(()) => Ok(Verdict::Accepted),
        Err(why) => Ok(Verdict::Refused(why)),
    };
    fixture.check(work, verdict).map_err(|error| format!("{who}: {error}"))?;
    let reply = fixture.reply(work).to_owned();
    let run = move || verify(&reply).expect("accepts the reply, as it did when it was checked");
    Ok(Contender::here(who, work, run))
}
