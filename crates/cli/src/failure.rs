//! What can go wrong, and the exit status it has.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use stuntkey::Error;
use stuntkey::authenticator::{BuildError, StoreError};
use stuntkey::client::{DeviceError, Refusal};
use stuntkey::webauthn::InputError;

/// What can be done where another process holds the store.
pub(crate) const LOCKED: &str = "--lock-timeout TIME waits longer, and --store FILE is another key";

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
    /// 5: nothing is known of what was tested, as the run was interrupted or could not begin.
    NoVerdict(String),
    /// As the failure says; the file that it was found in.
    InFile(PathBuf, Box<Failure>),
    /// As the failure says; what the caller can do about it.
    Hinted(Box<Failure>, String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            // The options could not be met by any authenticator of ours: malformed for our purposes.
            Failure::Library(Error::Refused(Refusal::NoUsableAlgorithm { .. })) => 2.into(),
            // It could not be reached, or could not be understood.
            Failure::Library(Error::Device(DeviceError::Transport(_))) => 3.into(),
            Failure::Library(Error::Refused(_) | Error::Device(_)) | Failure::Refuted(_) => 1.into(),
            // An edit without effect: the options are not such that the fault could be made.
            Failure::Library(Error::Input(_) | Error::NotStrict(_) | Error::Fault(_) | Error::Edit(_))
            | Failure::Usage(_) => 2.into(),
            Failure::Library(_) | Failure::Tool(_) => 3.into(),
            Failure::NothingMatched(_) => 4.into(),
            Failure::NoVerdict(_) => 5.into(),
            Failure::InFile(_, failure) | Failure::Hinted(failure, _) => failure.exit_code(),
        }
    }

    /// Names the file whose content is at fault. Standard input has no name, and needs none.
    pub(crate) fn in_file(self, file: &Path) -> Self {
        match self {
            _ if file == Path::new("-") => self,
            Failure::Library(Error::Input(_)) => Failure::InFile(file.to_owned(), Box::new(self)),
            Failure::Hinted(failure, hint) => failure.in_file(file).hint(hint),
            other => other,
        }
    }

    /// The same as a refusal, where no verdict was asked for.
    pub(crate) fn refuted(self) -> Self {
        match self {
            Failure::NoVerdict(why) => Failure::Refuted(why),
            Failure::Hinted(failure, hint) => failure.refuted().hint(hint),
            other => other,
        }
    }

    /// Says what the caller can do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Failure::Hinted(Box::new(self), hint.into())
    }

    /// What the caller can do next, where it is known.
    pub(crate) fn what_to_do(&self) -> Option<&str> {
        match self {
            Failure::Hinted(_, hint) => Some(hint),
            Failure::InFile(_, failure) => failure.what_to_do(),
            _ => None,
        }
    }

    /// The file that it was found in, where it has a name.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Failure::InFile(file, _) => Some(file),
            Failure::Hinted(failure, _) => failure.file(),
            _ => None,
        }
    }

    /// The library's error, if it is one.
    pub(crate) fn library(&self) -> Option<&Error> {
        match self {
            Failure::Library(error) => Some(error),
            Failure::InFile(_, failure) | Failure::Hinted(failure, _) => failure.library(),
            _ => None,
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
            | Failure::NothingMatched(text)
            | Failure::NoVerdict(text) => f.write_str(text),
            Failure::InFile(file, failure) => write!(f, "{}: {failure}", file.display()),
            Failure::Hinted(failure, _) => failure.fmt(f),
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
        let is_locked = matches!(error, StoreError::Locked { .. });
        let failure = Failure::Library(error.into());
        if is_locked { failure.hint(LOCKED) } else { failure }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Failure::Library(error.into())
    }
}
