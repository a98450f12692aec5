//! The key's own thread: whoever speaks for it goes on while it works.

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Instant;

use super::key::Key;
use super::notice::{Notice, Served, describe, status_of};
use super::presence::Presence;
use super::wire::Event;
use crate::ctaphid::Kind;

/// The status of a request that was cancelled (CTAP 2.1 §8.2).
const KEEPALIVE_CANCEL: u8 = 0x2d;

enum Job {
    Request { number: u64, channel: u32, kind: Kind, request: Vec<u8> },
    PowerCycle,
}

/// A request that the key works on.
struct Current {
    number: u64,
    channel: u32,
    kind: Kind,
    request: String,
    since: Instant,
}

/// A key at work, with its user, and those who watch.
pub(super) struct Worker<F> {
    to_key: Sender<Job>,
    presence: Presence,
    current: Option<Current>,
    /// Whether the key has said that it will never answer.
    never_answers: bool,
    watch: F,
}

impl<F: FnMut(Notice)> Worker<F> {
    pub(super) fn start(
        mut key: impl Key + 'static,
        presence: &Presence,
        to_host: Sender<Event>,
        watch: F,
    ) -> Self {
        let listener = to_host.clone();
        // The host may be gone already.
        presence.listen(move |waits| drop(listener.send(Event::Waits(waits))));
        let (to_key, jobs) = mpsc::channel();
        let user = presence.clone();
        thread::spawn(move || {
            for job in jobs {
                let done = match job {
                    Job::PowerCycle => {
                        key.power_cycle();
                        continue;
                    }
                    Job::Request { number, channel, kind, request } => {
                        user.reach(number, kind == Kind::Msg);
                        match kind {
                            Kind::Cbor => key.cbor(channel, &request),
                            Kind::Msg => Some(key.msg(&request)),
                        }
                    }
                };
                if to_host.send(Event::Done(done)).is_err() {
                    return;
                }
            }
        });
        Self { to_key, presence: presence.clone(), current: None, never_answers: false, watch }
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        (self.watch)(notice);
    }

    /// Has the key answer.
    pub(super) fn begin(&mut self, channel: u32, kind: Kind, request: Vec<u8>) -> io::Result<()> {
        let number = self.presence.begin();
        let (described, since) = (describe(kind, &request), Instant::now());
        // That was said of an earlier request.
        self.never_answers = false;
        self.current = Some(Current { number, channel, kind, request: described, since });
        self.send(Job::Request { number, channel, kind, request })
    }

    /// The key waits for its user, or does so no more.
    pub(super) fn waits(&mut self, waits: bool) {
        if let (true, Some(current)) = (waits, &self.current) {
            (self.watch)(Notice::Waits { request: current.request.clone() });
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.presence.waits()
    }

    /// What the key's answer is taken for; `None` if there will be none.
    pub(super) fn done(&mut self, answer: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let number = self.current.as_ref().map(|current| current.number);
        let cancelled = number.is_some_and(|number| self.presence.is_cancelled(number));
        // One that never answers has its end where its client wants one, whichever was first.
        let answer = answer.or_else(|| cancelled.then(|| vec![KEEPALIVE_CANCEL]));
        self.never_answers = answer.is_none();
        let mut answer = answer?;
        if let Some(current) = self.current.take() {
            // A request that came to its end before its user was asked has its own answer.
            let in_vain = answer.first() != Some(&0) && current.kind == Kind::Cbor;
            if cancelled && in_vain {
                answer = vec![KEEPALIVE_CANCEL];
            }
            (self.watch)(Notice::Served(Served {
                channel: current.channel,
                status: status_of(current.kind, &answer),
                request: current.request,
                length: answer.len(),
                took: current.since.elapsed(),
            }));
        }
        Some(answer)
    }

    /// Ends the wait for the user. What is returned is the answer of a key that will never give one.
    pub(super) fn cancel(&mut self) -> Option<Vec<u8>> {
        self.presence.cancel();
        match self.never_answers {
            true => self.done(Some(vec![KEEPALIVE_CANCEL])),
            false => None,
        }
    }

    pub(super) fn power_cycle(&mut self) -> io::Result<()> {
        (self.watch)(Notice::PowerCycle);
        self.send(Job::PowerCycle)
    }

    fn send(&self, job: Job) -> io::Result<()> {
        self.to_key.send(job).map_err(|_| io::Error::other("the key's thread has ended"))
    }
}

impl<F> Drop for Worker<F> {
    /// Whoever waits shall not keep the thread.
    fn drop(&mut self) {
        self.presence.cancel();
    }
}
