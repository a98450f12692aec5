//! What a case plays on: the authenticator under test in the state that the case needs, and a platform before it.

pub(crate) mod card;
pub(crate) mod ceremony;
pub(crate) mod fingers;
pub(crate) mod large_blobs;
pub(crate) mod management;
pub(crate) mod observations;
pub(crate) mod pin;
mod put_back;
pub(crate) mod secrets;
mod state;
pub(crate) mod u2f;

use std::time::Duration;

use ciborium::Value;
use sha2::{Digest, Sha256};
use stuntkey_inspect::text::hex;

use super::need::Need;
use super::platform::answer::Answer;
use super::platform::code::{command, status};
use super::platform::info::Info;
use super::platform::parameters::Parameters;
use super::subject::{AuthenticatorTarget, Touches};
use super::wire::hid::error;
use super::wire::{Heard, Patience, Reaction, Trouble, Wire};
use crate::core::exchange::{Exchange, Role};
use crate::core::outcome::{Outcome, Stop};
use observations::Observations;
pub(crate) use state::PinState;

/// How a run treats the authenticator.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// What everything random on our side follows from.
    pub(crate) seed: String,
    /// The PIN that is set already.
    pub(crate) pin: Option<String>,
    /// Whether it may be reset, which loses everything that it keeps.
    pub(crate) allow_reset: bool,
    /// How long a case may wait.
    pub(crate) longest_wait: Duration,
    /// How long the authenticator is waited for.
    pub(crate) patience: Patience,
}

/// What lasts from one case to the next.
pub(crate) struct World {
    wire: Option<Wire>,
    pub(crate) pin: PinState,
    pub(crate) observations: Observations,
    /// The ids of discoverable credentials that the run has made, and nobody has deleted.
    pub(crate) left_behind: Vec<Vec<u8>>,
    /// How much random there was, and how many names.
    drawn: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            wire: None,
            pin: PinState::Unset,
            observations: Observations::default(),
            left_behind: Vec::new(),
            drawn: 0,
        }
    }
}

/// What to do when the authenticator waits for its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Touch it.
    Touches,
    /// Do nothing.
    Withholds,
    /// Cancel the request.
    Cancels,
}

/// What a case plays on.
pub struct Stage<'a> {
    target: &'a dyn AuthenticatorTarget,
    settings: &'a Settings,
    pub(crate) world: &'a mut World,
    exchanges: Vec<Exchange>,
    /// What the authenticator said of itself when the case began.
    pub(crate) info: Info,
    /// How often it waited for its user, and the signs of life of the last request.
    pub(crate) waits: usize,
}

impl std::fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").finish_non_exhaustive()
    }
}

impl<'a> Stage<'a> {
    pub(crate) fn new(
        target: &'a dyn AuthenticatorTarget,
        settings: &'a Settings,
        world: &'a mut World,
    ) -> Self {
        Self { target, settings, world, exchanges: Vec::new(), info: Info::none(), waits: 0 }
    }

    /// What went over the wire since it was last taken.
    pub(crate) fn take_exchanges(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    /// Brings the authenticator into the state that a case needs, or says why the case cannot be played.
    pub(crate) fn prepare(&mut self, needs: &[Need]) -> Outcome {
        let is_u2f_alone = self.speaks_u2f_alone()?;
        if !is_u2f_alone {
            // The case before may have passed and left an unfinished message on the channel, or the authenticator may have
            // started anew and forgotten the channel.
            if self.get_info().is_err() {
                self.world.wire = None;
            }
            self.info = self.get_info()?;
        }
        // Nothing is set or reset for a case that is skipped.
        let (changing, others): (Vec<Need>, Vec<Need>) =
            needs.iter().partition(|need| matches!(need, Need::PinSet | Need::NoPin | Need::Fresh));
        others.into_iter().chain(changing).try_for_each(|need| self.meet(need))?;
        if !is_u2f_alone {
            self.info = self.get_info()?;
        }
        // What came before is no part of the case.
        self.exchanges.clear();
        self.waits = 0;
        Ok(())
    }

    /// Ends what a case has left behind on its channel, so that no other one is taken for it.
    pub(crate) fn begin_anew(&mut self) {
        if let Some(Wire::Hid(mut hid)) = self.world.wire.take() {
            hid.abort();
        }
    }

    /// Whether it answers on a new way to it.
    pub(crate) fn answers_again(&mut self) -> bool {
        self.world.wire = None;
        self.speaks_u2f_alone().is_ok_and(|is_u2f_alone| is_u2f_alone || self.get_info().is_ok())
    }

    /// Whether it does not speak CTAP2.
    pub(crate) fn speaks_u2f_alone(&mut self) -> Result<bool, Stop> {
        Ok(self.wire()?.has_no_cbor())
    }

    /// The open way to the authenticator.
    pub(crate) fn wire(&mut self) -> Result<&mut Wire, Stop> {
        if self.world.wire.is_none() {
            let link = self.target.connect().map_err(|error| Stop::gone(error.to_string()))?;
            self.world.wire =
                Some(Wire::open(link, self.settings.patience).map_err(|trouble| stop(&trouble))?);
        }
        self.world.wire.as_mut().ok_or_else(|| Stop::gone("there is no way to it"))
    }

    /// 32 bytes that no other call of the run gives.
    pub(crate) fn random(&mut self) -> [u8; 32] {
        self.world.drawn += 1;
        let mut hash = Sha256::new();
        hash.update(&self.settings.seed);
        hash.update(self.world.drawn.to_be_bytes());
        hash.finalize().into()
    }

    /// The RP ID of a relying party that the authenticator has never heard of.
    pub(crate) fn new_rp_id(&mut self) -> String {
        let random = self.random();
        format!("{}.stuntkey.example", hex(random.get(..6).unwrap_or_default()))
    }

    /// Sends a request as it is, touches the authenticator where it waits, and returns its answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<Answer, Stop> {
        self.send_with(request, Hand::Touches)
    }

    /// The same with another hand.
    pub(crate) fn send_with(&mut self, request: &[u8], hand: Hand) -> Result<Answer, Stop> {
        match self.transact(request, hand)? {
            Ok(heard) => Answer::read(&heard.answer)
                .ok_or_else(|| Stop::fail("the answer has no byte, expected a status")),
            // Something else is at work, which says nothing about the request.
            Err(trouble @ Trouble::Hid(error::CHANNEL_BUSY)) => Err(Stop::busy(format!("found {trouble}"))),
            Err(trouble) => Err(Stop::fail(format!("found {trouble}, expected an answer of CTAP2"))),
        }
    }

    /// Sends a command with parameters, and touches the authenticator where it waits.
    pub(crate) fn call(&mut self, command: u8, parameters: &Parameters) -> Result<Answer, Stop> {
        self.send(&parameters.request(command))
    }

    /// Sends a request: what was heard, or the error of the transport that answered it. Other troubles stop the case.
    pub(crate) fn transact(&mut self, request: &[u8], hand: Hand) -> Result<Result<Heard, Trouble>, Stop> {
        if hand == Hand::Withholds && self.target.touches() == Touches::Itself {
            return Err(Stop::skip("a touch cannot be withheld"));
        }
        let what = command::name(request.first().copied().unwrap_or_default());
        let target = self.target;
        let touch = self.touch_for(&what, request);
        let mut failed = None;
        let mut waits = 0;
        let mut react = || {
            waits += 1;
            match hand {
                Hand::Touches => {
                    failed = target.touch(&touch).err();
                    if failed.is_some() { Reaction::Cancel } else { Reaction::Wait }
                }
                Hand::Withholds => Reaction::Wait,
                Hand::Cancels => Reaction::Cancel,
            }
        };
        let mut heard = self.wire()?.cbor(request, &mut react);
        if matches!(heard, Err(Trouble::Hid(error::MSG_TIMEOUT))) {
            // It was this side that was slow; nothing was done.
            heard = self.wire()?.cbor(request, &mut react);
        }
        self.waits += waits;
        self.log(&what, request, heard.as_ref().map(|heard| heard.answer.as_slice()));
        if let Some(why) = failed {
            return Err(Stop::error(format!("it could not be touched: {why}")));
        }
        match heard {
            Ok(heard) => {
                self.world.observations.answer(&what, &heard.answer);
                self.world.observations.ceremony(request, &heard.answer);
                self.world.left_behind.extend(put_back::kept(request, &heard.answer));
                Ok(Ok(heard))
            }
            Err(trouble @ (Trouble::Hid(_) | Trouble::Card(_))) => {
                if trouble == Trouble::Hid(error::INVALID_CHANNEL) {
                    // The next request begins on a new channel.
                    self.world.wire = None;
                }
                Ok(Err(trouble))
            }
            Err(trouble) => {
                // Whatever is still to come on it would be taken for another answer.
                self.world.wire = None;
                Err(stop(&trouble))
            }
        }
    }

    /// What a touch is for, with what it has to be like where that is not any touch.
    fn touch_for(&self, what: &str, request: &[u8]) -> String {
        let is_long = self.info.get(0x18).and_then(Value::as_bool) == Some(true);
        match request.first() {
            Some(&command::RESET) if is_long => format!("{what}, for more than five seconds"),
            Some(&command::BIO_ENROLLMENT) => format!("{what}, with the finger that is enrolled"),
            _ => what.to_owned(),
        }
    }

    fn log(&mut self, what: &str, request: &[u8], answer: Result<&[u8], &Trouble>) {
        let received = match answer {
            Ok(bytes) => {
                let name = bytes.first().map_or_else(|| "nothing".to_owned(), |code| status::name(*code));
                format!("{name} {}", hex(bytes.get(1..).unwrap_or_default())).trim_end().to_owned()
            }
            Err(trouble) => trouble.to_string(),
        };
        let status = answer.ok().and_then(|bytes| bytes.first()).map(|code| u16::from(*code));
        self.exchanges.push(Exchange {
            action: what.to_owned(),
            sent: hex(request),
            status,
            received,
            ..Exchange::default()
        });
    }

    /// Logs what is no request of CTAP2.
    pub(crate) fn log_raw(&mut self, what: &str, sent: &[u8], received: String) {
        self.exchanges.push(Exchange {
            action: what.to_owned(),
            sent: hex(sent),
            received,
            ..Exchange::default()
        });
    }

    /// What the last request was for.
    pub(crate) fn last_was(&mut self, role: Role) {
        if let Some(last) = self.exchanges.last_mut() {
            last.role = Some(role);
        }
    }

    /// What the authenticator says of itself.
    pub(crate) fn get_info(&mut self) -> Result<Info, Stop> {
        let answer = self.send_with(&[command::GET_INFO], Hand::Touches)?;
        match answer.status {
            status::OK if !answer.body.as_ref().is_some_and(Value::is_map) => {
                Err(Stop::fail("getInfo was answered with what is no map of CBOR"))
            }
            status::OK => Ok(Info::new(answer)),
            _ => Err(Stop::error(format!("getInfo was answered with {}", answer.name()))),
        }
    }

    /// Holds an answer against the statuses that a fair reader of the document accepts, and those that it lets pass with a
    /// remark.
    pub(crate) fn expect_of(
        &mut self,
        answer: &Answer,
        what: &str,
        accepted: &[u8],
        tolerated: &[u8],
    ) -> Outcome {
        let is_sound = accepted == [status::OK];
        self.last_was(if is_sound { Role::Sound } else { Role::Attack });
        if accepted.contains(&answer.status) {
            return Ok(());
        }
        let names: Vec<String> = accepted.iter().map(|code| status::name(*code)).collect();
        let why = format!("{what} was answered with {}, expected {}", answer.name(), names.join(" or "));
        Err(match (tolerated.contains(&answer.status), is_sound) {
            (true, _) => Stop::weak(why),
            (false, true) => Stop::refused(why),
            (false, false) => Stop::fail(why),
        })
    }

    /// Sends a request, and holds its answer against what is accepted.
    pub(crate) fn expect(
        &mut self,
        command: u8,
        parameters: &Parameters,
        what: &str,
        accepted: &[u8],
    ) -> Result<Answer, Stop> {
        let answer = self.call(command, parameters)?;
        self.expect_of(&answer, what, accepted, &[])?;
        Ok(answer)
    }

    /// An answer that the case builds upon.
    pub(crate) fn control(&mut self, answer: Answer, what: &str) -> Result<Answer, Stop> {
        self.last_was(Role::Control);
        match answer.status {
            status::OK => Ok(answer),
            _ => Err(Stop::error(format!("{what}, which is sound, was answered with {}", answer.name()))),
        }
    }

    /// Lets time go by.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.target.wait(time);
    }
}

/// What a trouble is to a case.
pub(crate) fn stop(trouble: &Trouble) -> Stop {
    match trouble {
        Trouble::Hung(_) => Stop::hung(trouble.to_string()),
        Trouble::Gone(_) => Stop::gone(trouble.to_string()),
        Trouble::Malformed(_) => Stop::broke_down(format!("found {trouble}")),
        Trouble::Hid(_) | Trouble::Card(_) => Stop::fail(format!("found {trouble}")),
    }
}
