//! stuntkey: the default, which signs with Graviola where the processor can, and with RustCrypto only.

use std::hint::black_box;

use stuntkey::crypto::Backend;
use stuntkey::{Authenticator, Client};

use super::{
    AUTHENTICATE, Contender, Lengths, ORIGIN, REGISTER_NONE, REGISTER_PACKED, STUNTKEY, STUNTKEY_RUSTCRYPTO,
    Work,
};
use crate::check;

/// All works, twice; and how many bytes are signed.
pub(super) fn contenders() -> Result<(Vec<Contender>, Lengths), String> {
    let (mut all, lengths) = client_of(STUNTKEY, None)?;
    all.extend(client_of(STUNTKEY_RUSTCRYPTO, Some(Backend::RustCrypto))?.0);
    Ok((all, lengths))
}

fn client_of(who: &'static str, backend: Option<Backend>) -> Result<(Vec<Contender>, Lengths), String> {
    let wrong = |work: Work, error: String| format!("{who}: {}: {error}", work.name());

    let mut packed = client(backend)?;
    let reply = register(&mut packed, REGISTER_PACKED);
    let registered =
        check::registration(&reply, "packed").map_err(|error| wrong(Work::RegisterPacked, error))?;

    let mut none = client(backend)?;
    check::registration(&register(&mut none, &REGISTER_NONE), "none")
        .map_err(|error| wrong(Work::RegisterNone, error))?;

    let mut login = client(backend)?;
    let owner = check::registration(&register(&mut login, &REGISTER_NONE), "none")
        .map_err(|error| wrong(Work::Authenticate, error))?;
    let asserted = check::authentication(&authenticate(&mut login), &owner.key)
        .map_err(|error| wrong(Work::Authenticate, error))?;

    let lengths = Lengths { packed: registered.message_length, login: asserted.message_length };
    let run: [(Work, Box<dyn FnMut()>); 3] = [
        (Work::RegisterPacked, Box::new(move || drop(black_box(register(&mut packed, REGISTER_PACKED))))),
        (Work::RegisterNone, Box::new(move || drop(black_box(register(&mut none, &REGISTER_NONE))))),
        (Work::Authenticate, Box::new(move || drop(black_box(authenticate(&mut login))))),
    ];
    Ok((run.into_iter().map(|(work, run)| Contender { who, work, run }).collect(), lengths))
}

/// Without a seed, as a user gets it: everything random.
fn client(backend: Option<Backend>) -> Result<Client, String> {
    let mut authenticator = Authenticator::builder();
    if let Some(backend) = backend {
        authenticator = authenticator.backend(backend);
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
