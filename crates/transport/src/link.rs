//! The ways to somebody else's key.

mod address;
mod card;
mod exec;
mod hidraw;
mod pcsc;
mod received;
mod tcp;
mod udp;

use std::error::Error;
use std::fmt;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use stuntkey::client::Channel;

pub use address::{Address, AddressError};

pub use card::Reader;

use card::Card;

use crate::apdu::{split, status};
use crate::ctaphid::{Command, HidChannel, Reports};
use crate::error::TransportError;

/// Why a message did not come through.
type Broken = Box<dyn Error + Send + Sync>;

/// A way to a key, as it is.
pub enum Link {
    /// Reports of CTAPHID go by it.
    Reports(Box<dyn Reports>),
    /// Commands to a card go by it.
    Reader(Box<dyn Reader>),
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reports(_) => "Link::Reports",
            Self::Reader(_) => "Link::Reader",
        })
    }
}

/// The way to the key at an address. Nothing is sent yet.
///
/// # Errors
/// [`TransportError`].
pub fn connect(address: &Address) -> Result<Link, TransportError> {
    Ok(match address {
        Address::Udp(at) => Link::Reports(Box::new(udp::connect(at)?)),
        Address::Tcp(at) => Link::Reports(Box::new(tcp::connect(at)?)),
        Address::Hid(path) => Link::Reports(Box::new(hidraw::open(path.as_deref())?)),
        Address::Exec(command) => Link::Reports(Box::new(exec::start(command)?)),
        Address::Reader(name) => Link::Reader(Box::new(pcsc::connect(name.as_deref())?)),
    })
}

/// Opens a channel to the key at an address.
///
/// # Errors
/// [`TransportError`].
pub fn open(address: &Address) -> Result<Box<dyn Channel + Send>, TransportError> {
    match connect(address)? {
        Link::Reports(reports) => {
            // It tells the answer to this client from those to others.
            let mut nonce = [0; 8];
            getrandom::fill(&mut nonce).map_err(|error| io::Error::other(error.to_string()))?;
            Ok(Box::new(HidChannel::open(reports, nonce)?))
        }
        Link::Reader(reader) => Ok(Box::new(card::select(reader)?)),
    }
}

/// How long a key that speaks U2F may wait for a touch, and how often it is asked.
const TOUCH: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(200);

impl<R: Reports> Channel for HidChannel<R> {
    fn has_cbor(&self) -> bool {
        HidChannel::has_cbor(self)
    }

    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Broken> {
        Ok(self.exchange(Command::Cbor, request)?)
    }

    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Broken> {
        until_touched(apdu, || Ok(self.exchange(Command::Msg, apdu)?))
    }
}

impl<R: Reader> Channel for Card<R> {
    fn has_cbor(&self) -> bool {
        self.has_cbor
    }

    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Broken> {
        Ok(Card::cbor(self, request)?)
    }

    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Broken> {
        until_touched(apdu, || Ok(Card::msg(self, apdu)?))
    }
}

/// Asks again while the answer is that a touch is awaited (U2F Raw Message Formats §4.2, §5.2). The question whether a key
/// handle is known has the same answer, and is not asked again.
fn until_touched(apdu: &[u8], mut ask: impl FnMut() -> Result<Vec<u8>, Broken>) -> Result<Vec<u8>, Broken> {
    let is_question = matches!(apdu, [_, 0x02, 0x07, ..]);
    let end = Instant::now() + TOUCH;
    loop {
        let answer = ask()?;
        let waits = split(&answer).is_some_and(|(_, word)| word == status::CONDITIONS_NOT_SATISFIED);
        if is_question || !waits || Instant::now() > end {
            return Ok(answer);
        }
        thread::sleep(PAUSE);
    }
}
