//! `stuntkey register` and `stuntkey authenticate`.

use std::fs;
use std::path::PathBuf;

use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::{Answer, Authenticator, CounterPolicy, FileStore, FlagOverrides};
use stuntkey::client::{Client, Preset, Reply};
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{Attachment, Transport};

use crate::arguments::{self, Backup, Ceremony, Counter, User};
use crate::failure::Failure;
use crate::output::Output;
use crate::{attestation, input, user};

pub(crate) fn register(arguments: &Ceremony, output: &Output) -> Result<(), Failure> {
    let body = input::read(&arguments.file)?;
    let reply = client(arguments)?.register(&body)?;
    print(&reply, output)
}

pub(crate) fn authenticate(arguments: &Ceremony, output: &Output) -> Result<(), Failure> {
    let body = input::read(&arguments.file)?;
    let reply = client(arguments)?.authenticate(&body)?;
    print(&reply, output)
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
        Some(json) => output.json_data(json),
        None => output.data(reply),
    }
}

fn client(arguments: &Ceremony) -> Result<Client, Failure> {
    let given = &arguments.client;
    let mut builder = match &given.origin {
        Some(origin) => Client::builder(origin),
        None => Client::builder_without_origin(),
    };
    builder = builder
        .authenticator(authenticator(arguments)?)
        .related_origins(&given.related_origins)
        .cross_origin(given.cross_origin)
        .enterprise_rp_ids(&given.enterprise_rp_ids)
        .strict(given.strict);
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
    if let Some(preset) = given.reply.as_deref().and_then(Preset::from_name) {
        builder = builder.reply(preset);
    }
    Ok(builder.build()?)
}

fn authenticator(arguments: &Ceremony) -> Result<Authenticator, Failure> {
    let given = &arguments.authenticator;
    let flags =
        given.flags.iter().fold(FlagOverrides::default(), |flags, (flag, on)| flags.force(*flag, *on));
    let mut builder = Authenticator::builder()
        .aaguid(given.aaguid)
        .credential_id_length(given.credential_id_length)
        .flags(flags)
        .counter(match given.counter {
            Counter::PerCredential => CounterPolicy::PerCredential,
            Counter::Global => CounterPolicy::Global,
            Counter::Zero => CounterPolicy::Zero,
        })
        .backup(!matches!(given.backup, Backup::No), matches!(given.backup, Backup::BackedUp))
        .resident_key(!given.no_resident_key)
        .user_verification(!given.no_user_verification)
        .attestation_intermediate(given.attestation_intermediate);
    if let Some(attachment) = Attachment::from_name(&given.attachment) {
        builder = builder.attachment(attachment);
    }
    if let Some(transports) = &given.transports {
        builder = builder.transports(transports.iter().filter_map(|name| Transport::from_name(name)));
    }
    if let Some(format) = given.format.as_deref().and_then(AttestationFormat::from_name) {
        builder = builder.format(format);
    }
    if let Some(name) = &given.alg {
        builder = builder.algorithms(Algorithm::ALL.iter().copied().filter(|a| a.name() == name));
    }
    if let Some(map) = &given.extension_data {
        builder = builder.extension_data(&map.0)?;
    }
    if !arguments.client.enterprise_rp_ids.is_empty() {
        builder = builder.enterprise_attestation(given.serial_number.as_bytes());
    }
    if let Some(authority) = attestation::own(&given.authority)? {
        builder = builder.attestation_authority(authority);
    }
    if let Some(seed) = &given.seed {
        builder = builder.seed(seed);
    }
    builder = match given.user {
        User::Verified => builder.user(Answer::Verified),
        User::Present => builder.user(Answer::Present),
        User::Denied => builder.user(Answer::Denied),
        User::None => builder.user(Answer::NoAnswer),
        User::Ask => builder.user(user::ask),
    };
    Ok(builder.store(store(&arguments.store)?).build()?)
}

/// The store that is named, or the one in the user's data directory.
pub(crate) fn store(arguments: &arguments::Store) -> Result<FileStore, Failure> {
    let file = match &arguments.file {
        Some(file) => file.clone(),
        None => default_store()?,
    };
    Ok(FileStore::new(file))
}

fn default_store() -> Result<PathBuf, Failure> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().map_err(|error| {
        Failure::Tool(format!("no data directory ({error}): name a store by --store FILE"))
    })?;
    let directory = base.data_dir().join("stuntkey");
    fs::create_dir_all(&directory).map_err(|error| {
        Failure::Tool(format!("{}: cannot make the directory: {error}", directory.display()))
    })?;
    Ok(directory.join("credentials.store"))
}
