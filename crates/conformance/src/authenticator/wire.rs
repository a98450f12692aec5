//! The ways to an authenticator, from the side of one who tests it: nothing of it is shared with the device's side.

pub(crate) mod card;
pub(crate) mod hid;

use std::time::{Duration, Instant};

use stuntkey_transport::{Link, TransportError};

use card::Card;
use hid::Hid;

/// How long an authenticator is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// How long it may be silent.
    pub(crate) silence: Duration,
    /// How long one request may take with signs of life. A user is waited for up to half a minute.
    pub(crate) request: Duration,
}

impl Patience {
    /// For this long with signs of life, and for five seconds at most without one.
    pub(crate) fn of(request: Duration) -> Self {
        Self { silence: request.min(Duration::from_secs(5)), request }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::of(Duration::from_secs(45))
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It said nothing, or gave signs of life and no answer.
    Hung(String),
    /// It went away.
    Gone(String),
    /// It answered what the transport does not define.
    Malformed(String),
    /// CTAPHID answered with this error.
    Hid(u8),
    /// A card answered with this status.
    Card(u16),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Hung(what) | Trouble::Gone(what) | Trouble::Malformed(what) => f.write_str(what),
            Trouble::Hid(code) => write!(f, "the CTAPHID error {}", hid::error_name(*code)),
            Trouble::Card(word) => write!(f, "the status word {word:04X}"),
        }
    }
}

impl From<TransportError> for Trouble {
    fn from(error: TransportError) -> Self {
        Trouble::Gone(error.to_string())
    }
}

/// What to do while it waits for its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    Wait,
    Cancel,
}

/// An answer, and how it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heard {
    pub(crate) answer: Vec<u8>,
    /// Signs of life before it: when, since the request, and their status.
    pub(crate) signs: Vec<(Duration, u8)>,
    pub(crate) took: Duration,
}

/// The status of a sign of life that says that the user is waited for (CTAP 2.1 §11.2.9.1.7).
pub(crate) const USER_PRESENCE_NEEDED: u8 = 2;

/// An open way to an authenticator.
pub(crate) enum Wire {
    Hid(Hid),
    Card(Card),
}

impl Wire {
    pub(crate) fn open(link: Link, patience: Patience) -> Result<Self, Trouble> {
        Ok(match link {
            Link::Reports(reports) => Wire::Hid(Hid::open(reports, patience)?),
            Link::Reader(reader) => Wire::Card(Card::select(reader, patience)?),
        })
    }

    /// Sends a U2F message once, in the extended form.
    pub(crate) fn msg(&mut self, apdu: &[u8]) -> Result<Heard, Trouble> {
        match self {
            Wire::Hid(hid) => hid.call(hid::command::MSG, apdu, &mut || Reaction::Wait),
            Wire::Card(card) => {
                let begun = Instant::now();
                let answer = card.transmit(apdu)?;
                Ok(Heard { answer, signs: Vec::new(), took: begun.elapsed() })
            }
        }
    }

    /// Sends a CTAP2 request. `waits` is asked when the authenticator begins to wait for its user.
    pub(crate) fn cbor(
        &mut self,
        request: &[u8],
        waits: &mut dyn FnMut() -> Reaction,
    ) -> Result<Heard, Trouble> {
        match self {
            Wire::Hid(hid) => hid.call(hid::command::CBOR, request, waits),
            Wire::Card(card) => card.cbor(request, waits),
        }
    }
}
