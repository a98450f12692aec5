//! A key behind CTAPHID: reports come in, one request at a time is answered, and meanwhile the client hears of it.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::key::Key;
use super::notice::Notice;
use super::presence::Presence;
use super::wire::{Event, Wire};
use super::worker::Worker;
use crate::ctaphid::{CtapHid, Effect};

/// Answers what comes by a wire until it closes or [`Event::Stop`] comes. `watch` is told what happens.
///
/// # Errors
/// The wire's.
pub fn serve(
    key: impl Key + 'static,
    presence: &Presence,
    mut wire: impl Wire,
    (to_host, events): (Sender<Event>, Receiver<Event>),
    watch: impl FnMut(Notice),
) -> io::Result<()> {
    let offers = key.offers();
    let worker = Worker::start(key, presence, to_host, watch);
    let mut host = Host { machine: CtapHid::new(offers), worker, begun: Instant::now() };
    loop {
        let event = match host.time_left() {
            Some(time) => match events.recv_timeout(time) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Tick,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            },
            None => match events.recv() {
                Ok(event) => event,
                Err(_) => return Ok(()),
            },
        };
        if !host.take(event, &mut wire)? {
            return Ok(());
        }
    }
}

struct Host<F> {
    machine: CtapHid,
    worker: Worker<F>,
    begun: Instant,
}

impl<F: FnMut(Notice)> Host<F> {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn time_left(&self) -> Option<Duration> {
        self.machine.next_tick().map(|next| next.saturating_sub(self.now()))
    }

    /// Takes what happened; `false` at the end.
    fn take(&mut self, event: Event, wire: &mut impl Wire) -> io::Result<bool> {
        let now = self.now();
        let effects = match event {
            Event::Report { peer, report } => self.machine.report(now, peer, &report),
            Event::Tick | Event::Command(_) => self.machine.tick(now),
            Event::Waits(waits) => {
                self.worker.waits(waits);
                self.machine.waits_for_user(now, waits)
            }
            Event::Done(answer) => match self.worker.done(answer) {
                Some(answer) => self.machine.done(&answer),
                None => Vec::new(),
            },
            Event::PowerCycle => {
                self.worker.power_cycle()?;
                self.machine.power_cycle()
            }
            Event::Closed | Event::Stop => return Ok(false),
        };
        self.perform(effects, wire)?;
        Ok(true)
    }

    fn perform(&mut self, effects: Vec<Effect>, wire: &mut impl Wire) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Send { peer, report } => wire.send(peer, &report)?,
                Effect::Start { channel, kind, request } => self.worker.begin(channel, kind, request)?,
                Effect::Cancel => {
                    if let Some(answer) = self.worker.cancel() {
                        let effects = self.machine.done(&answer);
                        self.perform(effects, wire)?;
                    }
                }
                Effect::Wink => self.worker.notice(Notice::Wink),
            }
        }
        Ok(())
    }
}
