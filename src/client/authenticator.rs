use crate::authenticator::{Authenticator, AuthenticatorBuilder, Model};
use crate::fault::Fault;

use super::error::Error;

/// An authenticator for a client: one that is built, or what builds one.
#[derive(Debug)]
pub struct ClientAuthenticator(Source);

#[derive(Debug)]
enum Source {
    Built(Box<Authenticator>),
    Builder(Box<AuthenticatorBuilder>),
}

impl ClientAuthenticator {
    /// Builds it as the faults need it, or refuses one that is built otherwise.
    pub(super) fn build(self, faults: &[Fault]) -> Result<Authenticator, Error> {
        match self.0 {
            Source::Built(authenticator) => {
                faults.iter().try_for_each(|fault| fault.fits(authenticator.model()))?;
                Ok(*authenticator)
            }
            Source::Builder(mut builder) => {
                faults.iter().try_for_each(|fault| fault.apply_to(builder.model_mut()))?;
                Ok(builder.build()?)
            }
        }
    }
}

impl Default for ClientAuthenticator {
    fn default() -> Self {
        Authenticator::builder().into()
    }
}

impl From<Authenticator> for ClientAuthenticator {
    fn from(authenticator: Authenticator) -> Self {
        Self(Source::Built(Box::new(authenticator)))
    }
}

impl From<AuthenticatorBuilder> for ClientAuthenticator {
    fn from(builder: AuthenticatorBuilder) -> Self {
        Self(Source::Builder(Box::new(builder)))
    }
}

impl From<Model> for ClientAuthenticator {
    fn from(model: Model) -> Self {
        model.builder().into()
    }
}
