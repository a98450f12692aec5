//! The authenticator that the arguments describe.

use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::{Answer, AuthenticatorBuilder, CounterPolicy, FlagOverrides};
use stuntkey::crypto::{Algorithm, Backend};
use stuntkey::fault::Fault;
use stuntkey::webauthn::{Attachment, Transport};

use crate::arguments::{Authenticator, Backup, Counter, User};
use crate::failure::Failure;
use crate::{authority, user};

/// What the arguments ask for, set up for the fault.
pub(crate) fn builder(given: &Authenticator, fault: Option<&Fault>) -> Result<AuthenticatorBuilder, Failure> {
    let flags =
        given.flags.iter().fold(FlagOverrides::default(), |flags, (flag, on)| flags.force(*flag, *on));
    let mut builder = stuntkey::Authenticator::builder()
        .credential_id_length(given.credential_id_length)
        .flags(flags)
        .counter(match given.counter {
            Counter::PerCredential => CounterPolicy::PerCredential,
            Counter::Global => CounterPolicy::Global,
            Counter::Zero => CounterPolicy::Zero,
        })
        .backup(!matches!(given.backup, Backup::No), matches!(given.backup, Backup::BackedUp))
        .resident_key(!given.no_resident_key)
        .user_verification(!given.no_user_verification);
    if given.attestation_intermediate {
        builder = builder.attestation_intermediates(1);
    }
    // Before what was asked for by name, which has the last word.
    if let Some(fault) = fault {
        builder = fault.prepare(builder);
    }
    if let Some(aaguid) = given.aaguid {
        builder = builder.aaguid(aaguid);
    }
    if let Some(algorithm) = given.attestation_alg.as_deref().and_then(Algorithm::from_name) {
        builder = builder.attestation_algorithm(algorithm);
    }
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
        builder = builder.algorithms(Algorithm::from_name(name));
    }
    if let Some(map) = &given.extension_data {
        builder = builder.extension_data(&map.0)?;
    }
    if let Some(authority) = authority::own(&given.authority)? {
        builder = builder.attestation_authority(authority);
    }
    if let Some(seed) = given.seed.read()? {
        builder = builder.seed(&seed);
    }
    if let Some(secret) = given.stateless.read()? {
        builder = builder.stateless(&secret);
    }
    if let Some(backend) = given.backend.as_deref().and_then(Backend::from_name) {
        if !backend.is_available() {
            return Err(Failure::Usage(format!(
                "--backend {}: this build or this processor lacks it; {} is there",
                backend.name(),
                Backend::fastest().name(),
            )));
        }
        builder = builder.backend(backend);
    }
    Ok(match given.user {
        User::Verified => builder.user(Answer::Verified),
        User::Present => builder.user(Answer::Present),
        User::Denied => builder.user(Answer::Denied),
        User::None => builder.user(Answer::NoAnswer),
        User::Ask => {
            user::can_be_asked()?;
            builder.user(user::ask)
        }
    })
}
