//! An authenticator on standard input and output: a real client on the other side drives it byte for byte.
//!
//! A frame is a length of 4 bytes, big-endian, and so many bytes; in the first of them stands a command, as CTAPHID has
//! them, in the others its data. An answer is a frame without a command. It ends with its input.
//!
//! | command | data | answer |
//! |---|---|---|
//! | `03`, CTAPHID_MSG | an APDU of U2F | data and two bytes of status |
//! | `10`, CTAPHID_CBOR | a command byte and CBOR | a status byte and CBOR |
//! | `40`, of our own | none | none: the power was away |
//! | `42`, of our own | none | how many lies were told, 4 bytes big-endian |
//! | `41`, of our own | milliseconds, 4 bytes big-endian | none: the clock went on by so much, and stands still from now on |
//!
//! Arguments: `model=NAME` starts from a model that is ready to use, `store=FILE` keeps everything in a file, `fault=ID` tells
//! the lie of this id, and settings of the model follow, as `client_pin=true`.

use std::io::{self, ErrorKind, Read, Write};

use stuntkey::authenticator::{Authenticator, Clock, FileStore, Model};
use stuntkey::fault::{AnswerFault, LyingAuthenticator};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let mut device = device()?;
    let mut now = None;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(end) if end.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            result => result?,
        }
        let mut frame = Vec::new();
        input.by_ref().take(u32::from_be_bytes(length).into()).read_to_end(&mut frame)?;
        let (command, data) = frame.split_first().ok_or("a frame without a command")?;
        let response = match command {
            0x03 => device.authenticator().u2f(data),
            0x10 => match device.call(data) {
                Some(response) => response,
                None => continue,
            },
            0x40 => {
                device.authenticator().power_cycle();
                Vec::new()
            }
            0x41 => {
                let by = u32::from_be_bytes(data.try_into()?);
                let later = now.unwrap_or_else(|| Clock::System.now()) + u64::from(by);
                device.authenticator().set_clock(Clock::Fixed(later));
                now = Some(later);
                Vec::new()
            }
            0x42 => device.lies().to_be_bytes().to_vec(),
            other => return Err(format!("command {other:#04x}, expected 03, 10, 40, 41 or 42").into()),
        };
        output.write_all(&u32::try_from(response.len())?.to_be_bytes())?;
        output.write_all(&response)?;
        output.flush()?;
    }
}

/// An authenticator, sound or not.
enum Device {
    Sound(Box<Authenticator>),
    Lying(Box<LyingAuthenticator>),
}

impl Device {
    fn authenticator(&mut self) -> &mut Authenticator {
        match self {
            Self::Sound(authenticator) => authenticator,
            Self::Lying(lying) => lying.authenticator(),
        }
    }

    fn call(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Sound(authenticator) => Some(authenticator.call(1, request)),
            Self::Lying(lying) => lying.call(1, request),
        }
    }

    fn lies(&self) -> u32 {
        match self {
            Self::Sound(_) => 0,
            Self::Lying(lying) => lying.lies(),
        }
    }
}

fn device() -> Result<Device, Error> {
    let mut model = Model::default();
    let (mut store, mut fault) = (None, None);
    for argument in std::env::args().skip(1) {
        match argument.split_once('=').ok_or("an argument is NAME=VALUE")? {
            ("model", name) => model = Model::named(name).ok_or("no model has this name")?,
            ("fault", id) => fault = Some(AnswerFault::from_id(id).ok_or("no lie has this id")?),
            ("store", file) => store = Some(FileStore::open(file)?),
            (name, value) => model.set(name, value)?,
        }
    }
    let builder = model.builder();
    let authenticator = match store {
        Some(store) => builder.store(store).build()?,
        None => builder.build()?,
    };
    Ok(match fault {
        Some(fault) => Device::Lying(Box::new(LyingAuthenticator::new(authenticator, fault))),
        None => Device::Sound(Box::new(authenticator)),
    })
}
