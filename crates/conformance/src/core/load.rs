//! Load: many users at once, at a rate or as fast as the target lets them, and what they measure.

pub(crate) mod chart;
pub(crate) mod report;
pub(crate) mod schedule;
pub(crate) mod seed;
pub(crate) mod tally;
pub(crate) mod timeline;
pub(crate) mod worker;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use schedule::Schedule;
use seed::Seed;
use tally::Tally;
use timeline::Timeline;
use worker::Worker;

/// How often a watcher is told.
const TICK: Duration = Duration::from_millis(500);

/// How far a load has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Ceremonies that were accepted.
    pub accepted: u64,
    /// Sound ceremonies that were not.
    pub failed: u64,
    /// How long it has run.
    pub elapsed: Duration,
}

/// Users at once, each in a thread of its own.
pub(crate) struct Crowd<'a> {
    pub(crate) users: usize,
    pub(crate) schedule: Schedule,
    /// The names of the requests that are timed.
    pub(crate) steps: &'static [&'static str],
    pub(crate) seed: &'a Seed,
    pub(crate) watcher: Option<&'a (dyn Fn(Progress) + Sync)>,
    /// Becomes true when it is to end.
    pub(crate) stop: Option<&'a AtomicBool>,
}

/// What a crowd has done.
pub(crate) struct Done {
    pub(crate) took: Duration,
    pub(crate) tally: Tally,
    pub(crate) timeline: Timeline,
    /// How many arrivals were due and never begun, as every user was busy until the end.
    pub(crate) missed: u64,
}

/// What workers share.
pub(crate) struct Shared {
    pub(crate) began: Instant,
    pub(crate) accepted: AtomicU64,
    pub(crate) failed: AtomicU64,
    /// The number of the next arrival, at a rate.
    pub(crate) arrivals: AtomicU64,
    timeline: Mutex<Timeline>,
    over: AtomicBool,
}

impl Crowd<'_> {
    /// Lets every user work.
    pub(crate) fn run(&self, work: impl Fn(&mut Worker<'_>) + Sync) -> Done {
        let shared = Shared {
            began: Instant::now(),
            accepted: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            arrivals: AtomicU64::new(0),
            timeline: Mutex::new(Timeline::new(self.steps.len())),
            over: AtomicBool::new(false),
        };
        let tallies: Mutex<Tally> = Mutex::new(Tally::new(self.steps));
        let took = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.users)
                .map(|number| {
                    let (shared, tallies, work) = (&shared, &tallies, &work);
                    scope.spawn(move || {
                        let mut worker = Worker::new(self, shared, number);
                        work(&mut worker);
                        worker.hand_in();
                        tallies.lock().unwrap_or_else(PoisonError::into_inner).add(&worker.tally);
                    })
                })
                .collect();
            let watching = self.watcher.map(|watcher| {
                let shared = &shared;
                scope.spawn(move || {
                    while !shared.over.load(Ordering::Relaxed) {
                        watcher(shared.progress());
                        thread::park_timeout(TICK);
                    }
                })
            });
            let ends: Vec<thread::Result<()>> = workers.into_iter().map(|worker| worker.join()).collect();
            let took = shared.began.elapsed();
            shared.over.store(true, Ordering::Relaxed);
            if let Some(watching) = watching {
                watching.thread().unpark();
            }
            // A worker's panic is a bug of ours, and goes on: once nobody waits for the end any more.
            if let Some(panic) = ends.into_iter().find_map(Result::err) {
                std::panic::resume_unwind(panic);
            }
            took
        });
        let tally = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
        let due = self.schedule.arrivals(took.min(self.schedule.duration));
        let mut timeline = shared.timeline.into_inner().unwrap_or_else(PoisonError::into_inner);
        timeline.end(took);
        Done { took, missed: due.saturating_sub(tally.begun), tally, timeline }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn progress(&self) -> Progress {
        Progress {
            accepted: self.accepted.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            elapsed: self.began.elapsed(),
        }
    }
}
