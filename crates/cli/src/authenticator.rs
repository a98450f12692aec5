//! The authenticator that the arguments describe.

use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::crypto::Backend;

use crate::arguments::Authenticator;
use crate::failure::Failure;
use crate::{authority, user};

pub(crate) fn builder(given: &Authenticator) -> Result<AuthenticatorBuilder, Failure> {
    let model = given.settings.model.clone();
    if let Some(backend) = model.backend.filter(|backend| !backend.is_available()) {
        return Err(Failure::Usage(format!(
            "--backend {}: this build or this processor lacks it; {} is there",
            backend.name(),
            Backend::fastest().name(),
        )));
    }
    let mut builder = model.builder();
    if let Some(authority) = authority::own(&given.authority)? {
        builder = builder.attestation_authority(authority);
    }
    if let Some(seed) = given.seed.read()? {
        builder = builder.seed(&seed);
    }
    if let Some(secret) = given.stateless.read()? {
        builder = builder.stateless(&secret);
    }
    if given.settings.asks {
        user::can_be_asked()?;
        builder = builder.user(user::ask);
    }
    Ok(builder)
}
