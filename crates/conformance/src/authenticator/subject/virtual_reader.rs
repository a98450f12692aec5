//! A card in the same process: a key in a virtual reader, and a client that speaks to it as a PC/SC service does.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Sender};
use std::thread;

use stuntkey_transport::host::{Event, Presence, serve_reader, virtual_reader};
use stuntkey_transport::{Key, Reader, TransportError};

/// The message that gives a card power.
const POWER_ON: u8 = 1;

/// The service's end of a virtual reader.
pub(super) struct ReaderOfCard(TcpStream);

/// Puts a key into a reader. The host ends with the event [`Event::Stop`], or with the reader.
pub(super) fn insert(
    key: impl Key + 'static,
    presence: Presence,
) -> Result<(ReaderOfCard, Sender<Event>), TransportError> {
    let service = TcpListener::bind("127.0.0.1:0").map_err(TransportError::Io)?;
    let at = service.local_addr().map_err(TransportError::Io)?;
    let (to_host, events) = mpsc::channel();
    let reader = virtual_reader(at, to_host.clone()).map_err(TransportError::Io)?;
    let (stream, _) = service.accept().map_err(TransportError::Io)?;
    stream.set_nodelay(true).map_err(TransportError::Io)?;
    let happens = to_host.clone();
    // A reader that has gone ends the host.
    thread::spawn(move || drop(serve_reader(key, &presence, reader, (to_host, events), |_| {})));
    let mut reader = ReaderOfCard(stream);
    reader.send(&[POWER_ON]).map_err(TransportError::Io)?;
    Ok((reader, happens))
}

impl ReaderOfCard {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length =
            u16::try_from(message.len()).map_err(|_| io::Error::other("a command that is too long"))?;
        self.0.write_all(&[&length.to_be_bytes(), message].concat())
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length)?;
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        self.0.read_exact(&mut message)?;
        Ok(message)
    }
}

impl Reader for ReaderOfCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.send(command).and_then(|()| self.receive()).map_err(TransportError::Io)
    }
}
