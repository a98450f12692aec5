//! Commands to a card, one by one.

use std::thread;
use std::time::{Duration, Instant};

use super::super::subject::Touches;
use super::super::wire::card::{Card, split};
use super::super::wire::{USER_PRESENCE_NEEDED, Wire};
use super::{Stage, stop};
use crate::core::outcome::Stop;

/// An answer: its data, and its status word.
pub(crate) type Told = (Vec<u8>, u16);

/// How long to wait before a card that is at work is asked again.
const PAUSE: Duration = Duration::from_millis(50);

impl Stage<'_> {
    fn card(&mut self) -> Result<&mut Card, Stop> {
        match self.wire()? {
            Wire::Card(card) => Ok(card),
            Wire::Hid(_) => Err(Stop::error("the target is no card")),
        }
    }

    /// Sends a command as it is.
    pub(crate) fn transmit(&mut self, what: &str, command: &[u8]) -> Result<Told, Stop> {
        let answer = self.card()?.transmit(command).map_err(|trouble| stop(&trouble))?;
        let (data, word) = split(&answer).map_err(|trouble| stop(&trouble))?;
        let told = (data.to_vec(), word);
        self.log_raw(what, command, format!("{} bytes and {word:04X}", data.len()));
        Ok(told)
    }

    /// Asks again until there is an answer, and touches the authenticator where it waits for that.
    pub(crate) fn polled(&mut self, mut told: Told) -> Result<Told, Stop> {
        let begun = Instant::now();
        let mut is_touched = false;
        while told.1 == 0x9100 {
            if begun.elapsed() > self.settings.patience.request {
                return Err(Stop::hung("signs of life, and no answer"));
            }
            let waits = told.0.first() == Some(&USER_PRESENCE_NEEDED);
            if waits && !is_touched && self.target.touches() == Touches::Given {
                is_touched = true;
                let touched = self.target.touch("a registration");
                touched.map_err(|why| Stop::error(format!("it could not be touched: {why}")))?;
            }
            thread::sleep(PAUSE);
            told = self.transmit("NFCCTAP_GETRESPONSE", &[0x80, 0x11, 0x00, 0x00, 0x00])?;
        }
        Ok(told)
    }

    /// The whole answer, whose first part came.
    pub(crate) fn rest_of(&mut self, told: &Told) -> Result<Told, Stop> {
        let first = [told.0.as_slice(), &told.1.to_be_bytes()].concat();
        self.card()?.rest(&first).map_err(|trouble| stop(&trouble))
    }
}
