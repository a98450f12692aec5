//! What can go wrong, and the exit status it has.

use std::process::ExitCode;

use stuntkey::Error;
use stuntkey::authenticator::StoreError;
use stuntkey::client::Refusal;
use stuntkey::crypto::RandomError;
use stuntkey::webauthn::InputError;

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// 1, or as the library's error says.
    Library(Error),
    /// 1: what was looked at does not hold.
    Refuted(String),
    /// 2: arguments that do not fit together, or a file of the caller's that cannot be used.
    Usage(String),
    /// 3: the tool could not do its work.
    Tool(String),
    /// 4: a filter matched nothing.
    NothingMatched(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            // The options could not be met by any authenticator of ours: malformed for our purposes.
            Failure::Library(Error::Refused(Refusal::NoUsableAlgorithm { .. })) => 2.into(),
            Failure::Library(Error::Refused(_)) | Failure::Refuted(_) => 1.into(),
            Failure::Library(Error::Input(_) | Error::NotStrict(_)) | Failure::Usage(_) => 2.into(),
            Failure::Library(_) | Failure::Tool(_) => 3.into(),
            Failure::NothingMatched(_) => 4.into(),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Library(error) => error.fmt(f),
            Failure::Refuted(text)
            | Failure::Usage(text)
            | Failure::Tool(text)
            | Failure::NothingMatched(text) => f.write_str(text),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Library(error)
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Failure::Library(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Library(error.into())
    }
}

impl From<RandomError> for Failure {
    fn from(error: RandomError) -> Self {
        Failure::Library(error.into())
    }
}
