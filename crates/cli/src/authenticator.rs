//! The authenticator that the arguments describe.

use stuntkey::authenticator::{AuthenticatorBuilder, Model};
use stuntkey::crypto::Backend;

use crate::arguments::Authenticator;
use crate::failure::Failure;
use crate::{authority, user};

pub(crate) fn builder(given: &Authenticator) -> Result<AuthenticatorBuilder, Failure> {
    let builder = of_model(given.settings.model.clone(), given)?;
    if given.settings.asks {
        user::can_be_asked()?;
        return Ok(builder.user(user::ask));
    }
    Ok(builder)
}

/// One of this model, with all else that the arguments say but who the user is.
pub(crate) fn of_model(model: Model, given: &Authenticator) -> Result<AuthenticatorBuilder, Failure> {
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
    Ok(builder)
}
