//! What a door keeps between two calls.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use stuntkey::attestation::Clock;

use crate::error::{Name, Refusal};
use crate::held::Held;
use crate::run::Run;

/// The most that a door keeps of one kind, so that a host that never frees anything is told.
const MOST: usize = 100_000;

/// What a door keeps.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) clients: Handles<Held>,
    pub(crate) runs: Handles<Run>,
    time: Option<Time>,
}

/// A time in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) u64);

impl Time {
    pub(crate) fn as_system_time(self) -> SystemTime {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.0)).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// WebAssembly without a system has no clock, and asking for it would end the program.
const HAS_CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

impl State {
    /// A call begins, at this time of the host's.
    pub(crate) fn begin(&mut self, time: Option<Time>) {
        self.time = time;
    }

    /// The time that the host gave with the call, or else the system's.
    pub(crate) fn time(&self) -> Result<Time, Refusal> {
        match self.time {
            Some(time) => Ok(time),
            None if HAS_CLOCK => Ok(Time(Clock::System.now())),
            None => Err(Refusal::new(
                Name::Clock,
                "there is no clock here, expected a member \"now\" with milliseconds since 1970",
            )
            .at("$.now")
            .hint("send \"now\" with every request")),
        }
    }
}

/// Things by their handles: numbers below 2^53, drawn at random, so that a handle of one door is none of another's.
#[derive(Debug)]
pub(crate) struct Handles<T>(BTreeMap<u64, T>);

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Handles<T> {
    /// Keeps a thing, and gives its handle.
    pub(crate) fn keep(&mut self, thing: T) -> Result<u64, Refusal> {
        if self.0.len() >= MOST {
            return Err(Refusal::new(Name::Handle, format!("found {MOST} of them, expected fewer"))
                .hint("free what is no longer needed"));
        }
        loop {
            let drawn = getrandom::u64()
                .map_err(|error| Refusal::new(Name::Random, format!("no randomness: {error}")))?;
            let handle = drawn >> 11;
            if handle != 0 && !self.0.contains_key(&handle) {
                self.0.insert(handle, thing);
                return Ok(handle);
            }
        }
    }

    /// The thing of this handle; `what` is the member that has it.
    pub(crate) fn get(&mut self, what: &str, handle: u64) -> Result<&mut T, Refusal> {
        self.0.get_mut(&handle).ok_or_else(|| unknown(what, handle))
    }

    /// Takes the thing out.
    pub(crate) fn free(&mut self, what: &str, handle: u64) -> Result<T, Refusal> {
        self.0.remove(&handle).ok_or_else(|| unknown(what, handle))
    }
}

fn unknown(what: &str, handle: u64) -> Refusal {
    let maker = if what == "run" { "conform.new" } else { "client.new" };
    Refusal::new(Name::Handle, format!("$.{what}: found {handle}, expected a handle that this door gave"))
        .at(format!("$.{what}"))
        .hint(format!("make one with \"{maker}\"; what was freed, or made through another door, is not here"))
}
