//! Where a key is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a key is, as the command line writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// `udp://HOST:PORT`: CTAPHID, one report a datagram.
    Udp(String),
    /// `tcp://HOST:PORT`: CTAPHID, one report after the other.
    Tcp(String),
    /// `hid:PATH`: a device of the system's, such as `/dev/hidraw0`; `hid:` for the only one that is a key.
    Hid(Option<PathBuf>),
    /// `reader:NAME`: a card in the reader whose name has this in it; `reader:` for the only one with a card.
    Reader(Option<String>),
    /// `exec:PROGRAM ARGUMENT…`: a program that speaks CTAPHID on its standard input and output. Words are parted by spaces.
    Exec(Vec<String>),
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError {
    found: String,
    expected: &'static str,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {:?}, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for AddressError {}

const FORMS: &str = "udp://HOST:PORT, tcp://HOST:PORT, hid:PATH, hid:, reader:NAME, reader:, or exec:PROGRAM and its arguments";

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = |expected| AddressError { found: text.to_owned(), expected };
        let (scheme, rest) = text.split_once(':').ok_or_else(|| wrong(FORMS))?;
        let given = (!rest.is_empty()).then_some(rest);
        let host = || -> Result<String, AddressError> {
            let at = rest.strip_prefix("//").unwrap_or(rest);
            match at.rsplit_once(':') {
                Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port != 0) => {
                    Ok(at.to_owned())
                }
                _ => Err(wrong("a host and a port, as in udp://127.0.0.1:8111")),
            }
        };
        match scheme {
            "udp" => host().map(Self::Udp),
            "tcp" => host().map(Self::Tcp),
            "hid" => Ok(Self::Hid(given.map(PathBuf::from))),
            "reader" => Ok(Self::Reader(given.map(str::to_owned))),
            "exec" => {
                let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
                match words.is_empty() {
                    true => Err(wrong("a program after exec:")),
                    false => Ok(Self::Exec(words)),
                }
            }
            _ => Err(wrong(FORMS)),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(at) => write!(f, "udp://{at}"),
            Self::Tcp(at) => write!(f, "tcp://{at}"),
            Self::Hid(path) => write!(f, "hid:{}", path.as_deref().unwrap_or("".as_ref()).display()),
            Self::Reader(name) => write!(f, "reader:{}", name.as_deref().unwrap_or_default()),
            Self::Exec(words) => write!(f, "exec:{}", words.join(" ")),
        }
    }
}
