//! What those who watch a key are told.

use std::fmt;
use std::time::Duration;

use stuntkey::ctap2::{
    ClientPinRequest, ClientPinSubCommand, Command, GetAssertionRequest, MakeCredentialRequest, Status,
    U2fRequest, U2fStatus,
};

use crate::ctaphid::Kind;

/// Something that happened at a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// It waits for its user.
    Waits {
        /// What for: a command and a relying party, where they are known.
        request: String,
    },
    /// A request was answered.
    Served(Served),
    /// Somebody asked which device this is.
    Wink,
    /// The power was away for a moment.
    PowerCycle,
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Served {
    /// The channel that it came by.
    pub channel: u32,
    /// The command, and the relying party where there is one.
    pub request: String,
    /// The name of the status that it was answered with.
    pub status: String,
    /// The bytes of the answer.
    pub length: usize,
    /// How long that took, the user included.
    pub took: Duration,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waits { request } => write!(f, "{request}: waits for the user"),
            Self::Served(Served { channel, request, status, length, took }) => {
                let milliseconds = took.as_secs_f64() * 1e3;
                write!(f, "{request}: {status}, {length} bytes in {milliseconds:.1} ms on channel {channel}")
            }
            Self::Wink => f.write_str("wink"),
            Self::PowerCycle => f.write_str("the power was away"),
        }
    }
}

/// A request in a few words.
pub(super) fn describe(kind: Kind, request: &[u8]) -> String {
    match kind {
        Kind::Cbor => describe_cbor(request),
        Kind::Msg => match U2fRequest::from_apdu(request) {
            Ok(U2fRequest::Version) => "U2F_VERSION".to_owned(),
            Ok(U2fRequest::Register { .. }) => "U2F_REGISTER".to_owned(),
            Ok(U2fRequest::Authenticate { control, .. }) => format!("U2F_AUTHENTICATE ({control:?})"),
            _ => "a U2F message".to_owned(),
        },
    }
}

fn describe_cbor(request: &[u8]) -> String {
    let Some((&number, parameters)) = request.split_first() else { return "an empty request".to_owned() };
    let Some(command) = Command::from_number(number) else { return format!("command {number:#04x}") };
    let detail =
        match command {
            Command::MakeCredential => {
                MakeCredentialRequest::from_cbor(parameters).ok().map(|request| request.rp_id.into_owned())
            }
            Command::GetAssertion => {
                GetAssertionRequest::from_cbor(parameters).ok().map(|request| request.rp_id.into_owned())
            }
            Command::ClientPin => ClientPinRequest::from_cbor(parameters).ok().map(|request| {
                match ClientPinSubCommand::from_number(request.sub_command) {
                    Some(known) => format!("{known:?}"),
                    None => format!("sub-command {:#04x}", request.sub_command),
                }
            }),
            _ => None,
        };
    match detail {
        Some(detail) => format!("{command:?} {detail}"),
        None => format!("{command:?}"),
    }
}

/// The status of an answer by its name.
pub(super) fn status_of(kind: Kind, answer: &[u8]) -> String {
    match kind {
        Kind::Cbor => match answer.first() {
            Some(code) => match Status::from_code(*code) {
                Some(status) => format!("{status:?}"),
                None => format!("status {code:#04x}"),
            },
            None => "an empty answer".to_owned(),
        },
        Kind::Msg => match answer.split_last_chunk() {
            Some((_, word)) => {
                let word = u16::from_be_bytes(*word);
                match U2fStatus::from_number(word) {
                    Some(status) => format!("{status:?}"),
                    None => format!("status {word:04X}"),
                }
            }
            None => "an empty answer".to_owned(),
        },
    }
}
