//! Secrets that need not stand in an argument, which every process on the machine can read: a file or a variable of the
//! environment may give them as well. The option comes before its file's option, and both before the variable.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;
use crate::input;

/// What everything follows from.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// Make keys, ids, certificates and signatures follow from this text [env: STUNTKEY_SEED]
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

/// What the keys of credentials that take no storage follow from.
#[derive(Debug, Args)]
pub(crate) struct Stateless {
    /// Keep credentials that need not be discoverable in their ids, under this secret, and not in the store
    /// [env: STUNTKEY_STATELESS]
    #[arg(long, value_name = "SECRET")]
    stateless: Option<String>,

    /// Read that secret from this file
    #[arg(long, value_name = "FILE", conflicts_with = "stateless")]
    stateless_file: Option<PathBuf>,
}

impl Stateless {
    /// The secret, if there is one.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        let (value, file) = (self.stateless.as_deref(), self.stateless_file.as_deref());
        secret("stateless", value, file, "STUNTKEY_STATELESS")
    }
}

/// What a server asks of those who call it.
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

/// What our own relying party asks of those who call it.
#[derive(Debug, Args)]
pub(crate) struct AccessKey {
    /// The bearer token that enrolments in the Nevis shape need [default: none] [env: STUNTKEY_ACCESS_KEY]
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

/// The end of the file's last line is no part of the secret.
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
