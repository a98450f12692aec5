//! Bringing the authenticator into the state that a case needs.

use std::thread;
use std::time::{Duration, Instant};

use super::super::need::Need;
use super::super::platform::code::{command, status};
use super::super::subject::Touches;
use super::super::wire::hid::command::PING;
use super::super::wire::hid::{CAPABILITY_CBOR, CAPABILITY_NMSG};
use super::super::wire::{Reaction, Wire};
use super::{Hand, Stage};
use crate::core::outcome::{Outcome, Stop};

/// What is known of the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PinState {
    /// There is none.
    Unset,
    /// It is this one.
    Known(String),
    /// There is one that nobody told.
    Unknown,
}

/// How long a power cycle may go on when whoever took the power away has said that it is back.
const SETTLING: Duration = Duration::from_millis(50);

/// The PIN that a run sets.
const PIN: &str = "24680135";

impl Wire {
    /// Whether it does not speak CTAP2.
    pub(super) fn has_no_cbor(&self) -> bool {
        match self {
            Wire::Hid(hid) => hid.capabilities & CAPABILITY_CBOR == 0,
            Wire::Card(card) => !card.has_cbor,
        }
    }

    fn has_u2f(&self) -> bool {
        match self {
            Wire::Hid(hid) => hid.capabilities & CAPABILITY_NMSG == 0,
            Wire::Card(card) => card.version == b"U2F_V2",
        }
    }
}

impl Stage<'_> {
    /// Sees to a need, or skips the case.
    pub(super) fn meet(&mut self, need: Need) -> Outcome {
        let is_met = match need {
            Need::Hid => matches!(self.wire()?, Wire::Hid(_)),
            Need::Card => matches!(self.wire()?, Wire::Card(_)),
            Need::U2f => self.wire()?.has_u2f(),
            Need::Option(name) => self.info.option(name).is_some(),
            Need::Enabled(name) => self.info.option(name) == Some(true),
            Need::Disabled(name) => self.info.option(name) != Some(true),
            Need::Extension(name) => self.info.has_extension(name),
            Need::Algorithms => !self.info.algorithms().is_empty(),
            Need::BuiltInUv => self.info.option("uv") == Some(true),
            Need::NoBuiltInUv => self.info.option("uv") != Some(true),
            Need::NoAlwaysUv => self.info.option("alwaysUv") != Some(true),
            Need::PinSet => return self.set_up_pin(),
            Need::NoPin => {
                if self.info.option("clientPin") != Some(true) {
                    return Ok(());
                }
                return self.reset(need);
            }
            Need::Fresh => return self.reset(need),
            Need::WithheldTouch => self.target.touches() == Touches::Given,
            // Only trying shows whether it can be done.
            Need::PowerCycle => true,
            Need::Reset => self.settings.allow_reset,
            Need::Time(time) => self.target.waits_in_no_time() || time <= self.settings.longest_wait,
        };
        match is_met {
            true => Ok(()),
            false => Err(lacking(need)),
        }
    }

    /// A PIN that the run knows.
    fn set_up_pin(&mut self) -> Outcome {
        match (self.info.option("clientPin"), &self.world.pin) {
            (None, _) => Err(lacking(Need::Option("clientPin"))),
            (Some(true), PinState::Known(_)) => Ok(()),
            (Some(true), _) if self.settings.pin.is_some() => {
                self.world.pin = PinState::Known(self.settings.pin.clone().unwrap_or_default());
                Ok(())
            }
            (Some(true), _) => {
                self.world.pin = PinState::Unknown;
                Err(lacking(Need::PinSet))
            }
            (Some(false), _) if !self.settings.allow_reset => Err(lacking(Need::PinSet)),
            (Some(false), _) => self.set_pin(PIN),
        }
    }

    /// Brings it back to what it was when it was made.
    pub(crate) fn reset(&mut self, need: Need) -> Outcome {
        if !self.settings.allow_reset {
            return Err(lacking(need));
        }
        match self.target.restore() {
            Some(Ok(())) => self.reopen()?,
            Some(Err(why)) => return Err(Stop::error(format!("it could not be brought back: {why}"))),
            None => {
                // A reset has to come soon after power-up.
                if let Some(cycled) = self.target.power_cycle() {
                    cycled.map_err(|why| Stop::error(format!("its power could not be taken away: {why}")))?;
                    self.reopen()?;
                }
                let answer = self.send_with(&[command::RESET], Hand::Touches)?;
                match answer.status {
                    status::OK => {}
                    status::NOT_ALLOWED => {
                        let why = "it takes no reset now, which has to come soon after power-up";
                        return Err(Stop::skip(why).testable_by(Need::PowerCycle.to_test()));
                    }
                    _ => return Err(Stop::error(format!("a reset was answered with {}", answer.name()))),
                }
            }
        }
        self.world.pin = PinState::Unset;
        self.world.left_behind.clear();
        self.info = self.get_info()?;
        Ok(())
    }

    /// Takes its power away for a moment.
    pub(crate) fn power_cycle(&mut self) -> Outcome {
        match self.target.power_cycle() {
            None => Err(lacking(Need::PowerCycle)),
            Some(Err(why)) => Err(Stop::error(format!("its power could not be taken away: {why}"))),
            Some(Ok(())) => {
                self.reopen()?;
                // INIT may be answered before the rest has come up, and time that is waited for begins when it has.
                if !self.speaks_u2f_alone()? {
                    self.get_info()?;
                }
                Ok(())
            }
        }
    }

    /// Finds the way to it again: its channels are gone.
    fn reopen(&mut self) -> Outcome {
        if !self.restarted() {
            self.world.wire = None;
            self.wire()?;
        }
        // What a hook has begun may end after it: a channel from before goes with the power.
        let settled = Instant::now() + if self.target.waits_in_no_time() { Duration::ZERO } else { SETTLING };
        while Instant::now() < settled {
            let Some(Wire::Hid(hid)) = self.world.wire.as_mut() else { return Ok(()) };
            if hid.call(PING, &[0; 8], &mut || Reaction::Wait).is_err() && !self.restarted() {
                self.world.wire = None;
                return self.wire().map(drop);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Asks for a new channel on the way that there is.
    fn restarted(&mut self) -> bool {
        match self.world.wire.as_mut() {
            Some(Wire::Hid(hid)) => hid.restart().is_ok(),
            _ => false,
        }
    }
}

fn lacking(need: Need) -> Stop {
    Stop::skip(format!("the case is about a target that {need}")).testable_by(need.to_test())
}
