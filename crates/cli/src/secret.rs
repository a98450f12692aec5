//! Secrets. Every process on the machine can read an argument, so a secret may also come from a file or from an environment
//! variable. Both options take precedence over the variable.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;
use crate::input;

/// The seed from which everything follows.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// Derive keys, ids, certificates and signatures from this text [env: STUNTKEY_SEED]
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,

    /// Read the seed from this file
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    seed_file: Option<PathBuf>,
}

impl Seed {
    /// The seed, if there is one.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        secret("seed", self.seed.as_deref(), self.seed_file.as_deref(), "STUNTKEY_SEED")
    }

    /// Whether the arguments name a seed, whatever the environment says.
    pub(crate) fn is_an_argument(&self) -> bool {
        self.seed.is_some() || self.seed_file.is_some()
    }
}

/// The secret from which the keys of stateless credentials follow.
#[derive(Debug, Args)]
pub(crate) struct Stateless {
    /// Do not store credentials that need not be discoverable: their keys follow from this secret and their ids
    /// [env: STUNTKEY_STATELESS]
    #[arg(long, value_name = "SECRET")]
    stateless: Option<String>,

    /// Read that secret from this file
    #[arg(long, value_name = "FILE", conflicts_with = "stateless")]
    stateless_file: Option<PathBuf>,
}

impl Stateless {
    /// Whether the arguments name a secret, whatever the environment says.
    pub(crate) fn is_an_argument(&self) -> bool {
        self.stateless.is_some() || self.stateless_file.is_some()
    }

    /// The secret, if there is one.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        let (value, file) = (self.stateless.as_deref(), self.stateless_file.as_deref());
        secret("stateless", value, file, "STUNTKEY_STATELESS")
    }
}

/// The PIN of a security key.
#[derive(Debug, Args)]
pub(crate) struct Pin {
    /// The PIN that the user knows, for a model that takes one; a key that has none yet is given it [env: STUNTKEY_PIN]
    #[arg(long, value_name = "PIN")]
    pin: Option<String>,

    /// Read the PIN from this file
    #[arg(long, value_name = "FILE", conflicts_with = "pin")]
    pin_file: Option<PathBuf>,
}

impl Pin {
    /// The PIN, if there is one.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        secret("pin", self.pin.as_deref(), self.pin_file.as_deref(), "STUNTKEY_PIN")
    }
}

/// The bearer token that a server asks for.
#[derive(Debug, Args)]
pub(crate) struct Bearer {
    /// A bearer token for every request, and for the description's access_key [env: STUNTKEY_BEARER]
    #[arg(long, value_name = "TOKEN")]
    bearer: Option<String>,

    /// Read that token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "bearer")]
    bearer_file: Option<PathBuf>,
}

impl Bearer {
    /// The token, if there is one.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        secret("bearer", self.bearer.as_deref(), self.bearer_file.as_deref(), "STUNTKEY_BEARER")
    }
}

/// The access key that the reference relying party asks for.
#[derive(Debug, Args)]
pub(crate) struct AccessKey {
    /// The bearer token that enrolments and approvals need in the Nevis interface [default: none] [env: STUNTKEY_ACCESS_KEY]
    #[arg(long, value_name = "TOKEN")]
    access_key: Option<String>,

    /// Read that token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "access_key")]
    access_key_file: Option<PathBuf>,
}

impl AccessKey {
    /// The token, if there is one.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        let (value, file) = (self.access_key.as_deref(), self.access_key_file.as_deref());
        secret("access-key", value, file, "STUNTKEY_ACCESS_KEY")
    }
}

fn secret(
    option: &str,
    value: Option<&str>,
    file: Option<&Path>,
    variable: &str,
) -> Result<Option<String>, Failure> {
    if let Some(value) = value {
        return Ok(Some(value.to_owned()));
    }
    if let Some(file) = file {
        return in_file(option, file).map(Some);
    }
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(Some(value)),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::Usage(format!("{variable}: found bytes that are not UTF-8, expected a text")))
        }
    }
}

/// Reads a secret from a file, without the line break at its end.
fn in_file(option: &str, file: &Path) -> Result<String, Failure> {
    let text = input::read_text(file)?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    match secret.is_empty() {
        true => Err(Failure::Usage(format!(
            "--{option}-file: found nothing in {}, expected a secret",
            file.display()
        ))),
        false => Ok(secret.to_owned()),
    }
}
