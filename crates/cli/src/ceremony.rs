//! `stuntkey register` and `stuntkey authenticate`.

mod device;
mod hint;

use stuntkey::Error;
use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::client::{Client, ClientBuilder, Preset, Reply};
use stuntkey::webauthn;

use crate::arguments::Ceremony;
use crate::failure::Failure;
use crate::output::Output;
use crate::store::{self, Store};
use crate::{authenticator, input};

pub(crate) fn register(arguments: &Ceremony, output: &Output) -> Result<(), Failure> {
    run(arguments, output, webauthn::Ceremony::Create, Client::register, Client::register)
}

pub(crate) fn authenticate(arguments: &Ceremony, output: &Output) -> Result<(), Failure> {
    run(arguments, output, webauthn::Ceremony::Get, Client::authenticate, Client::authenticate)
}

fn run<R>(
    arguments: &Ceremony,
    output: &Output,
    ceremony: webauthn::Ceremony,
    answer: impl FnOnce(&mut Client, &str) -> Result<Reply<R>, Error>,
    answer_with: impl Fn(&mut Client<device::Key>, &str) -> Result<Reply<R>, Error>,
) -> Result<(), Failure> {
    expect_ceremony(arguments, ceremony)?;
    let example = match ceremony {
        webauthn::Ceremony::Create => "stuntkey register options.json, or curl … | stuntkey register",
        webauthn::Ceremony::Get => "stuntkey authenticate options.json, or curl … | stuntkey authenticate",
    };
    let file = input::file_or_pipe(arguments.file.as_deref(), "the server's answer", example, output)?;
    let body = input::read(file)?;
    if let Some(address) = &arguments.device {
        let reply = device::answer(arguments, address, |client| answer_with(client, &body))
            .map_err(|failure| failure.in_file(file))?;
        return print(&reply, output);
    }
    let store = store::open(&arguments.store, output)?;
    let place = store.place().to_owned();
    let explained = |error: Error| {
        let hint = hint::hint(&error, arguments, &place);
        let failure = Failure::from(error).in_file(file);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    };
    let reply = answer(&mut client(arguments, store)?, &body).map_err(explained)?;
    print(&reply, output)
}

/// The fault asked for, if any, is one of this ceremony's.
fn expect_ceremony(arguments: &Ceremony, ceremony: webauthn::Ceremony) -> Result<(), Failure> {
    match arguments.fault {
        Some(fault) if fault.step(ceremony).is_none() => {
            let other = match ceremony {
                webauthn::Ceremony::Create => "authenticate",
                webauthn::Ceremony::Get => "register",
            };
            Err(Failure::Usage(format!("the fault {} is one for `stuntkey {other}`", fault.id())))
        }
        _ => Ok(()),
    }
}

fn print<R>(reply: &Reply<R>, output: &Output) -> Result<(), Failure> {
    for notice in reply.notices() {
        output.warning(notice);
    }
    for member in reply.missing() {
        output
            .warning(&format!("the reply lacks {member}: the input has none, give it by --with {member}=…"));
    }
    match reply.json() {
        Some(json) => output.json_data(&json),
        None => output.data(reply),
    }
}

fn client(arguments: &Ceremony, store: Store) -> Result<Client, Failure> {
    Ok(settings(arguments)?.authenticator(authenticator(arguments, store)?).build()?)
}

/// A client, whatever its key.
fn settings(arguments: &Ceremony) -> Result<ClientBuilder, Failure> {
    let given = &arguments.client;
    let mut builder = match &given.origin {
        Some(origin) => Client::builder(origin),
        None => Client::builder_without_origin(),
    };
    builder = builder
        .related_origins(&given.related_origins)
        .cross_origin(given.cross_origin)
        .enterprise_rp_ids(&given.enterprise_rp_ids)
        .strict(given.strict);
    if let Some(fault) = arguments.fault {
        builder = builder.fault(fault);
    }
    if let Some(origin) = &given.top_origin {
        builder = builder.top_origin(origin);
    }
    for (name, json) in &given.client_data {
        builder = builder.client_data_member(name, json);
    }
    for (name, value) in &given.members {
        builder = builder.reply_member(name, value);
    }
    if let Some(conditional) = given.conditional {
        builder = builder.conditional(conditional);
    }
    if let Some(name) = &given.account {
        builder = builder.account(name);
    }
    if let Some(pin) = given.pin.read()? {
        builder = builder.pin(&pin);
    }
    if let Some(preset) = given.reply.as_deref().and_then(Preset::from_name) {
        builder = builder.reply(preset);
    }
    Ok(builder)
}

fn authenticator(arguments: &Ceremony, store: Store) -> Result<AuthenticatorBuilder, Failure> {
    let mut builder = authenticator::builder(&arguments.authenticator)?.store(store);
    if !arguments.client.enterprise_rp_ids.is_empty() {
        builder.model_mut().enterprise_attestation = true;
    }
    Ok(builder)
}
