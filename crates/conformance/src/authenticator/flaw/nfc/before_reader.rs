//! A flaw between a virtual reader and the key that is a card in it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::super::AuthenticatorFlaw;
use super::CardChange;

impl AuthenticatorFlaw {
    /// Whether it is one of cards, and changes what goes between a reader and a card.
    #[must_use]
    pub fn is_of_cards(&self) -> bool {
        self.card().is_some()
    }

    /// Puts the flaw before the virtual reader that listens there, if it is one of cards: the key goes to the address that is
    /// returned. `None` for another flaw.
    ///
    /// # Errors
    /// Nothing listens there.
    pub fn before_reader(&self, reader: SocketAddr) -> Option<io::Result<SocketAddr>> {
        self.card().map(|change| before(change, reader))
    }
}

fn before(change: CardChange, reader: SocketAddr) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let at = listener.local_addr()?;
    thread::spawn(move || {
        // A card that leaves the reader comes back by another connection.
        for card in listener.incoming() {
            // Where either end is gone, the other one is told by the end of its connection.
            drop(
                card.and_then(|card| {
                    TcpStream::connect(reader).and_then(|reader| carry(change, card, reader))
                }),
            );
        }
    });
    Ok(at)
}

/// Carries messages both ways until one end is gone.
fn carry(change: CardChange, card: TcpStream, reader: TcpStream) -> io::Result<()> {
    card.set_nodelay(true)?;
    reader.set_nodelay(true)?;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let last = Arc::clone(&asked);
    let (mut from_reader, mut to_card) = (reader.try_clone()?, card.try_clone()?);
    let commands = thread::spawn(move || {
        let mut memory = Vec::new();
        while let Ok(message) = receive(&mut from_reader) {
            // A message of one byte is the reader's, and no command.
            let sent = match message.len() {
                0 | 1 => message.clone(),
                _ => (change.command)(&mut memory, &message),
            };
            *last.lock().unwrap_or_else(PoisonError::into_inner) = message;
            if send(&mut to_card, &sent).is_err() {
                break;
            }
        }
        drop(to_card.shutdown(Shutdown::Both));
    });
    let (mut from_card, mut to_reader) = (card, reader);
    while let Ok(mut answer) = receive(&mut from_card) {
        let command = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if command.len() > 1 {
            (change.answer)(&command, &mut answer);
        }
        if send(&mut to_reader, &answer).is_err() {
            break;
        }
    }
    drop(to_reader.shutdown(Shutdown::Both));
    drop(commands.join());
    Ok(())
}

fn send(to: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::other("a message that is too long"))?;
    to.write_all(&[&length.to_be_bytes(), message].concat())
}

fn receive(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    from.read_exact(&mut length)?;
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    from.read_exact(&mut message)?;
    Ok(message)
}
