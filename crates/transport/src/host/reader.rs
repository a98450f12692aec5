//! A key as a card in a virtual reader: vsmartcard's `vpcd`, which is a reader of the system's PC/SC service.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::key::Key;
use super::notice::Notice;
use super::presence::Presence;
use super::wire::Event;
use super::worker::Worker;
use crate::ctaphid::{KeepAlive, Kind};
use crate::nfc::{Applet, Step};

/// What a contactless card that says nothing of itself answers to a reset (PC/SC part 3 §3.1.3.2.3).
const ATR: [u8; 5] = [0x3b, 0x80, 0x80, 0x01, 0x01];

/// How long a reader waits that can ask again.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long a card is away that leaves the field for a moment: PC/SC services look for cards every 400 ms.
const AWAY: Duration = Duration::from_secs(1);

/// What a message of one byte means.
mod control {
    pub(super) const POWER_OFF: u8 = 0;
    pub(super) const POWER_ON: u8 = 1;
    pub(super) const RESET: u8 = 2;
    pub(super) const ATR: u8 = 4;
}

/// The reader's end of the connection.
#[derive(Debug)]
pub struct VirtualReader {
    stream: TcpStream,
    at: SocketAddr,
    receiving: JoinHandle<()>,
    /// Whether the card has left the field, so that the end of the connection is not the reader's.
    has_left: Arc<AtomicBool>,
}

impl VirtualReader {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len())
            .map_err(|_| io::Error::other("an answer of more than 65,535 bytes"))?;
        self.stream.write_all(&[&length.to_be_bytes(), message].concat())
    }

    /// Takes the card out of the field, and puts it back. What the reader has asked it meanwhile, nobody answers.
    fn leave_and_return(
        self,
        to_host: Sender<Event>,
        events: &Receiver<Event>,
        left_over: &mut VecDeque<Event>,
    ) -> io::Result<Self> {
        self.has_left.store(true, Ordering::Release);
        // The reader may have gone before.
        drop(self.stream.shutdown(Shutdown::Both));
        drop(self.receiving.join());
        left_over.extend(events.try_iter().filter(|event| !matches!(event, Event::Command(_))));
        thread::sleep(AWAY);
        virtual_reader(self.at, to_host)
    }
}

/// Puts a card into the virtual reader that listens there; `vpcd` does at port 35963.
///
/// # Errors
/// Nothing listens there.
pub fn virtual_reader(at: impl ToSocketAddrs, events: Sender<Event>) -> io::Result<VirtualReader> {
    let stream = TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    let at = stream.peer_addr()?;
    let mut from = stream.try_clone()?;
    let has_left = Arc::new(AtomicBool::new(false));
    let leaves = Arc::clone(&has_left);
    let receiving = thread::spawn(move || {
        while let Ok(message) = receive(&mut from) {
            if events.send(Event::Command(message)).is_err() {
                return;
            }
        }
        if !leaves.load(Ordering::Acquire) {
            drop(events.send(Event::Closed));
        }
    });
    Ok(VirtualReader { stream, at, receiving, has_left })
}

fn receive(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    from.read_exact(&mut length)?;
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    from.read_exact(&mut message)?;
    Ok(message)
}

/// Answers what the reader sends until it closes or [`Event::Stop`] comes. `watch` is told what happens. A card without power
/// is none: with [`Event::PowerCycle`] it leaves the reader, and comes back.
///
/// # Errors
/// The reader's.
pub fn serve_reader(
    key: impl Key + 'static,
    presence: &Presence,
    reader: VirtualReader,
    (to_host, events): (Sender<Event>, Receiver<Event>),
    watch: impl FnMut(Notice),
) -> io::Result<()> {
    let applet = Applet::new(key.offers());
    let worker = Worker::start(key, presence, to_host.clone(), watch);
    let mut left_over = VecDeque::new();
    let mut card = Card { reader, applet, worker, awaited: Awaited::Nothing, working: None, stale: 0 };
    loop {
        let event = match (left_over.pop_front(), &card.awaited) {
            (Some(event), _) => event,
            (None, Awaited::Until(end)) => {
                match events.recv_timeout(end.saturating_duration_since(Instant::now())) {
                    Ok(event) => event,
                    Err(RecvTimeoutError::Timeout) => Event::Tick,
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            }
            (None, Awaited::Nothing | Awaited::Answer) => match events.recv() {
                Ok(event) => event,
                Err(_) => return Ok(()),
            },
        };
        match event {
            Event::Command(message) => card.message(&message)?,
            Event::Done(answer) => card.done(answer)?,
            Event::Tick => card.sign_of_life()?,
            Event::Waits(waits) => card.worker.waits(waits),
            Event::PowerCycle => {
                card.abandon();
                card.reader = card.reader.leave_and_return(to_host.clone(), &events, &mut left_over)?;
                card.power_cycle()?;
            }
            Event::Report { .. } => {}
            Event::Closed | Event::Stop => return Ok(()),
        }
    }
}

/// What the reader waits for.
enum Awaited {
    Nothing,
    /// The answer, or a sign of life at this time.
    Until(Instant),
    /// The answer.
    Answer,
}

/// What the key works on.
enum Working {
    On(Kind),
    /// It is done, and the reader has not asked yet.
    Done(Kind, Vec<u8>),
}

struct Card<F> {
    reader: VirtualReader,
    applet: Applet,
    worker: Worker<F>,
    awaited: Awaited,
    working: Option<Working>,
    /// How many answers are still to come that nobody waits for any more.
    stale: usize,
}

impl<F: FnMut(Notice)> Card<F> {
    fn message(&mut self, message: &[u8]) -> io::Result<()> {
        match message {
            [control::POWER_OFF] => self.abandon(),
            [control::POWER_ON | control::RESET] => self.power_cycle()?,
            [control::ATR] => self.reader.send(&ATR)?,
            command => match self.applet.command(command) {
                Step::Answer(answer) => self.reader.send(&answer)?,
                Step::Start { kind, request, can_poll } => {
                    self.abandon();
                    self.worker.begin(0, kind, request)?;
                    self.working = Some(Working::On(kind));
                    self.awaited = match can_poll {
                        true => Awaited::Until(Instant::now() + PATIENCE),
                        false => Awaited::Answer,
                    };
                }
                Step::Poll => {
                    self.awaited = Awaited::Until(Instant::now() + PATIENCE);
                    self.hand_over()?;
                }
                Step::Cancel => {
                    self.awaited = Awaited::Answer;
                    match self.worker.cancel() {
                        Some(answer) => self.take(answer)?,
                        None => self.hand_over()?,
                    }
                }
            },
        }
        Ok(())
    }

    fn power_cycle(&mut self) -> io::Result<()> {
        self.abandon();
        self.applet.power_cycle();
        self.worker.power_cycle()
    }

    /// What the key works on, nobody waits for any more.
    fn abandon(&mut self) {
        if let Some(Working::On(_)) = self.working.take()
            && self.worker.cancel().is_none()
        {
            self.stale += 1;
        }
        self.awaited = Awaited::Nothing;
    }

    fn done(&mut self, answer: Option<Vec<u8>>) -> io::Result<()> {
        if self.stale > 0 {
            self.stale -= 1;
            return Ok(());
        }
        match self.worker.done(answer) {
            Some(answer) => self.take(answer),
            None => Ok(()),
        }
    }

    fn take(&mut self, answer: Vec<u8>) -> io::Result<()> {
        if let Some(Working::On(kind)) = self.working {
            self.working = Some(Working::Done(kind, answer));
        }
        match self.awaited {
            Awaited::Nothing => Ok(()),
            Awaited::Until(_) | Awaited::Answer => self.hand_over(),
        }
    }

    /// Answers the reader, if the key has come to its end.
    fn hand_over(&mut self) -> io::Result<()> {
        match self.working.take() {
            Some(Working::Done(kind, answer)) => {
                self.awaited = Awaited::Nothing;
                let answer = self.applet.done(kind, &answer);
                self.reader.send(&answer)
            }
            other => {
                self.working = other;
                Ok(())
            }
        }
    }

    fn sign_of_life(&mut self) -> io::Result<()> {
        self.awaited = Awaited::Nothing;
        let status = match self.worker.is_waiting() {
            true => KeepAlive::UserPresenceNeeded,
            false => KeepAlive::Processing,
        };
        self.reader.send(&Applet::keep_alive(status.number()))
    }
}
