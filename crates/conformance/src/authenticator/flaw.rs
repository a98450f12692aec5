//! What is wrong with a flawed authenticator: each case is proven to catch one of these.
//!
//! A flaw is one change to a sound authenticator: a request that it takes for another, an answer that it
//! changes, or reports that it loses.

/// Whether a call is of a command, or of one of its sub-commands.
macro_rules! is_of {
    ($call:ident, $command:ident) => {
        $call.command == command::$command
    };
    ($call:ident, $command:ident / $sub_command:expr) => {
        $call.command == command::$command && $call.sub_command() == Some($sub_command)
    };
}

/// A check that is missing: the request is mended before the sound authenticator sees it.
macro_rules! mends {
    ($command:ident $(/ $sub:expr)?, $id:expr, $sentence:expr, |$call:ident| $body:block) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Request(|$call| {
                if is_of!($call, $command $(/ $sub)?) {
                    $body
                }
            }),
        )
    };
}

/// An answer that is changed.
macro_rules! answers {
    ($command:ident $(/ $sub:expr)?, $id:expr, $sentence:expr, |$call:ident, $reply:ident| $body:block) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Answer(|$call, $reply| {
                if is_of!($call, $command $(/ $sub)?) {
                    $body
                }
            }),
        )
    };
}

/// One status in the place of another.
macro_rules! says {
    ($command:ident $(/ $sub:expr)?, $id:expr, $sentence:expr, $sound:expr, $other:expr) => {
        answers!($command $(/ $sub)?, $id, $sentence, |call, reply| {
            reply.instead($sound, $other);
        })
    };
}

mod answers;
mod bio_enrollment;
mod client_pin;
mod config;
mod credential_management;
mod encoding;
mod extensions;
mod get_assertion;
mod get_info;
mod get_next_assertion;
mod hid;
mod large_blobs;
mod make_credential;
mod nfc;
mod options;
mod permissions;
mod proofs;
mod read_only;
mod reset;
mod u2f;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ciborium::Value;
use stuntkey::authenticator::{Answer, Answers, Authenticator, BuildError, Model};
use stuntkey_transport::Key;
use stuntkey_transport::ctaphid::Offers;
use stuntkey_transport::host::Presence;

use super::platform::code::{command, status};
use super::platform::parameters::encode;
use super::subject::InProcessAuthenticator;
use crate::authenticator::subject::TimedKey;
pub(crate) use hid::{FlawedReports, HidChange};
pub(crate) use nfc::{CardChange, FlawedReader};

/// One thing that is wrong with an authenticator.
pub struct AuthenticatorFlaw {
    id: &'static str,
    sentence: &'static str,
    change: Change,
}

/// How a flawed authenticator differs from a sound one.
pub(super) enum Change {
    /// It takes a request for another: a check is missing.
    Request(fn(&mut Call)),
    /// It changes what it answers.
    Answer(fn(&Call, &mut Reply)),
    /// It remembers something from one request to the next.
    Both(fn(&mut Memory, &mut Call), fn(&mut Memory, &Call, &mut Reply)),
    /// It changes what it answers to a message of U2F.
    Msg(fn(&[u8], &mut Vec<u8>)),
    /// It loses or changes reports.
    Hid(HidChange),
    /// It changes what goes between a reader and a card.
    Card(CardChange),
}

/// A request of CTAP2, as a flaw sees it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) command: u8,
    /// The parameters, if they can be read.
    pub(super) parameters: Option<Value>,
    /// The bytes behind the command.
    pub(super) bytes: Vec<u8>,
}

/// An answer, as a flaw sees it.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u8,
    /// The map behind it, if there is one.
    pub(super) body: Option<Value>,
    /// The bytes behind the status, if they are no encoding of `body`.
    pub(super) bytes: Option<Vec<u8>>,
}

/// What a flaw remembers.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) count: u64,
    pub(super) kept: Vec<Vec<u8>>,
}

impl Call {
    fn read(request: &[u8]) -> Option<Self> {
        let (&command, bytes) = request.split_first()?;
        let parameters = ciborium::from_reader(bytes).ok();
        Some(Self { command, parameters, bytes: bytes.to_vec() })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut request = vec![self.command];
        match &self.parameters {
            Some(parameters) => request.extend(encode(parameters)),
            None => request.extend(&self.bytes),
        }
        request
    }

    /// A member of the parameters.
    pub(super) fn get(&self, key: u64) -> Option<&Value> {
        super::platform::answer::member(self.parameters.as_ref()?, &Value::from(key))
    }

    pub(super) fn number(&self, key: u64) -> Option<u64> {
        super::platform::answer::number(self.get(key)?)
    }

    /// The number of the sub-command, of a command that has some.
    pub(super) fn sub_command(&self) -> Option<u64> {
        match self.command {
            command::CREDENTIAL_MANAGEMENT | command::CONFIG => self.number(0x01),
            _ => self.number(0x02),
        }
    }

    /// Drops an option, if it has this value.
    pub(super) fn without_option(&mut self, name: &str, value: bool) {
        let key = if self.command == command::MAKE_CREDENTIAL { 0x07 } else { 0x05 };
        let Some(options) = self.get(key).and_then(Value::as_map).cloned() else { return };
        let is_it =
            |known: &Value, told: &Value| known.as_text() == Some(name) && told.as_bool() == Some(value);
        let left = options.into_iter().filter(|(known, told)| !is_it(known, told)).collect();
        self.set(key, Value::Map(left));
    }

    /// Sets a member of the parameters, in the canonical order.
    pub(super) fn set(&mut self, key: u64, value: impl Into<Value>) {
        let parameters = self.parameters.get_or_insert(Value::Map(Vec::new()));
        set(parameters, Value::from(key), Some(value.into()));
    }

    pub(super) fn remove(&mut self, key: u64) {
        if let Some(parameters) = &mut self.parameters {
            set(parameters, Value::from(key), None);
        }
    }
}

impl Reply {
    fn read(answer: &[u8]) -> Option<Self> {
        let (&status, bytes) = answer.split_first()?;
        let body = (!bytes.is_empty()).then(|| ciborium::from_reader(bytes).ok()).flatten();
        Some(Self { status, body, bytes: None })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut answer = vec![self.status];
        match (&self.bytes, &self.body) {
            (Some(bytes), _) => answer.extend(bytes),
            (None, Some(body)) => answer.extend(encode(body)),
            (None, None) => {}
        }
        answer
    }

    /// Answers with this status alone.
    pub(super) fn fail(&mut self, code: u8) {
        (self.status, self.body, self.bytes) = (code, None, None);
    }

    /// Answers with this status where it would answer with another.
    pub(super) fn instead(&mut self, sound: u8, other: u8) {
        if self.status == sound {
            self.fail(other);
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.status == status::OK
    }

    pub(super) fn get(&self, key: u64) -> Option<&Value> {
        super::platform::answer::member(self.body.as_ref()?, &Value::from(key))
    }

    /// Sets a member of the body, in the canonical order.
    pub(super) fn set(&mut self, key: u64, value: impl Into<Value>) {
        if let Some(body) = &mut self.body {
            set(body, Value::from(key), Some(value.into()));
        }
    }

    pub(super) fn remove(&mut self, key: u64) {
        if let Some(body) = &mut self.body {
            set(body, Value::from(key), None);
        }
    }

    /// Changes a member of the body.
    pub(super) fn change(&mut self, key: u64, change: impl FnOnce(&mut Value)) {
        let Some(Value::Map(entries)) = &mut self.body else { return };
        if let Some((_, value)) = entries.iter_mut().find(|(known, _)| *known == Value::from(key)) {
            change(value);
        }
    }
}

/// What flaws do to extensions.
impl Call {
    fn extensions_key(&self) -> u64 {
        if self.command == command::MAKE_CREDENTIAL { 0x06 } else { 0x04 }
    }

    /// An extension's input.
    pub(super) fn input(&self, extension: &str) -> Option<&Value> {
        super::platform::answer::named(self.get(self.extensions_key())?, extension)
    }

    /// Sets an extension's input, or takes it away.
    pub(super) fn set_input(&mut self, extension: &str, input: Option<Value>) {
        let key = self.extensions_key();
        let mut inputs = self.get(key).cloned().unwrap_or_else(|| Value::Map(Vec::new()));
        set(&mut inputs, extension.into(), input);
        match inputs.as_map().is_some_and(Vec::is_empty) {
            true => self.remove(key),
            false => self.set(key, inputs),
        }
    }

    /// Whether its user is to be verified: by a token, or by the option uv.
    pub(super) fn is_verified(&self) -> bool {
        let (options, param) =
            if self.command == command::MAKE_CREDENTIAL { (0x07, 0x08) } else { (0x05, 0x06) };
        let uv = self.get(options).and_then(|options| super::platform::answer::named(options, "uv"));
        self.get(param).is_some() || uv.and_then(Value::as_bool) == Some(true)
    }
}

impl Reply {
    /// Changes an extension's output, or adds it, or takes it away. What was signed no longer verifies.
    pub(super) fn set_output(&mut self, extension: &str, output: Option<Value>) {
        self.change_data(|data| {
            let Some(at) = super::platform::data::extensions_at(data) else { return };
            let found = data.get(at..).and_then(|bytes| ciborium::from_reader(bytes).ok());
            let mut outputs = found.unwrap_or_else(|| Value::Map(Vec::new()));
            set(&mut outputs, extension.into(), output);
            data.truncate(at);
            data.extend(encode(&outputs));
            if let Some(flags) = data.get_mut(32) {
                *flags |= super::platform::data::flag::ED;
            }
        });
    }

    /// Changes the last byte of an extension's output.
    pub(super) fn garble_output(&mut self, extension: &str, by: u8) {
        let data = self.get(0x02).and_then(Value::as_bytes);
        let data = data.and_then(|data| super::platform::data::AuthData::read(data).ok());
        if let Some(Value::Bytes(mut output)) = data.and_then(|data| data.output(extension).cloned()) {
            if let Some(last) = output.last_mut() {
                *last ^= by;
            }
            self.set_output(extension, Some(Value::Bytes(output)));
        }
    }

    /// Changes the authenticator data of a ceremony that went well.
    pub(super) fn change_data(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        self.change(0x02, |data| {
            if let Value::Bytes(bytes) = data {
                change(bytes);
            }
        });
    }

    /// Changes the flags of the authenticator data.
    pub(super) fn change_flags(&mut self, change: impl FnOnce(u8) -> u8) {
        self.change_data(|data| {
            if let Some(flags) = data.get_mut(32) {
                *flags = change(*flags);
            }
        });
    }
}

/// Sets a member of a map, or removes it, and keeps the canonical order.
pub(super) fn set(map: &mut Value, key: Value, value: Option<Value>) {
    let Value::Map(entries) = map else { return };
    let mut entries = std::mem::take(entries);
    entries.retain(|(known, _)| *known != key);
    entries.extend(value.map(|value| (key, value)));
    *map = super::platform::parameters::map(entries);
}

impl AuthenticatorFlaw {
    const fn new(id: &'static str, sentence: &'static str, change: Change) -> Self {
        Self { id, sentence, change }
    }

    /// Every flaw, by chapter.
    pub fn all() -> impl Iterator<Item = &'static AuthenticatorFlaw> {
        CHAPTERS.iter().flat_map(|chapter| chapter.iter())
    }

    /// The flaw of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<&'static AuthenticatorFlaw> {
        Self::all().find(|flaw| flaw.id == id)
    }

    /// A stable, hierarchical name.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// What it does wrong, in a sentence without its subject and full stop.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }

    /// What it does between a reader and a card, if it does something.
    pub(crate) fn card(&self) -> Option<CardChange> {
        match self.change {
            Change::Card(change) => Some(change),
            _ => None,
        }
    }

    /// What it does to reports, if it does something.
    pub(crate) fn hid(&self) -> Option<HidChange> {
        match self.change {
            Change::Hid(change) => Some(change),
            _ => None,
        }
    }
}

impl fmt::Debug for AuthenticatorFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthenticatorFlaw({})", self.id)
    }
}

const CHAPTERS: &[&[AuthenticatorFlaw]] = &[
    answers::FLAWS,
    get_info::FLAWS,
    make_credential::FLAWS,
    get_assertion::FLAWS,
    get_next_assertion::FLAWS,
    options::FLAWS,
    proofs::OF_REGISTRATIONS,
    proofs::OF_ASSERTIONS,
    proofs::FLAWS,
    client_pin::FLAWS,
    client_pin::lifetimes::FLAWS,
    extensions::FLAWS,
    extensions::cred_protect::FLAWS,
    extensions::hmac_secret::FLAWS,
    extensions::blobs::FLAWS,
    extensions::policies::FLAWS,
    permissions::FLAWS,
    permissions::OF_PROTOCOLS,
    permissions::OF_RELYING_PARTIES,
    permissions::OF_MESSAGES,
    credential_management::FLAWS,
    read_only::FLAWS,
    large_blobs::FLAWS,
    config::FLAWS,
    bio_enrollment::FLAWS,
    encoding::FLAWS,
    reset::FLAWS,
    u2f::FLAWS,
    hid::FLAWS,
    nfc::FLAWS,
];

/// A key with a flaw.
pub struct FlawedKey<K> {
    key: K,
    flaw: Option<&'static AuthenticatorFlaw>,
    memory: Memory,
}

impl<K> fmt::Debug for FlawedKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlawedKey").field("flaw", &self.flaw).finish_non_exhaustive()
    }
}

impl<K: Key> FlawedKey<K> {
    /// The key with a flaw, or without one.
    #[must_use]
    pub fn new(key: K, flaw: Option<&'static AuthenticatorFlaw>) -> Self {
        Self { key, flaw, memory: Memory::default() }
    }
}

impl<K: Key> Key for FlawedKey<K> {
    fn offers(&self) -> Offers {
        self.key.offers()
    }

    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        let change = match self.flaw.map(|flaw| &flaw.change) {
            None | Some(Change::Hid(_) | Change::Card(_) | Change::Msg(_)) => {
                return self.key.cbor(channel, request);
            }
            Some(change) => change,
        };
        let Some(mut call) = Call::read(request) else { return self.key.cbor(channel, request) };
        let before = call.to_bytes();
        match change {
            Change::Request(change) => change(&mut call),
            Change::Both(change, _) => change(&mut self.memory, &mut call),
            _ => {}
        }
        // A request that the flaw leaves alone goes on byte for byte, canonical or not.
        let changed = call.to_bytes();
        let answer = match changed == before {
            true => self.key.cbor(channel, request)?,
            false => self.key.cbor(channel, &changed)?,
        };
        let Some(mut reply) = Reply::read(&answer) else { return Some(answer) };
        match change {
            Change::Answer(change) => change(&call, &mut reply),
            Change::Both(_, change) => change(&mut self.memory, &call, &mut reply),
            _ => return Some(answer),
        }
        Some(reply.to_bytes())
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        let mut answer = self.key.msg(apdu);
        if let Some(Change::Msg(change)) = self.flaw.map(|flaw| &flaw.change) {
            change(apdu, &mut answer);
        }
        answer
    }

    fn power_cycle(&mut self) {
        self.key.power_cycle();
    }
}

impl<K: TimedKey> TimedKey for FlawedKey<K> {
    fn set_time(&mut self, milliseconds: u64) {
        self.key.set_time(milliseconds);
    }
}

impl InProcessAuthenticator {
    /// An authenticator of a model, with a flaw or without one. Its keys follow from the seed.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn new(
        model: &Model,
        flaw: Option<&'static AuthenticatorFlaw>,
        seed: &str,
    ) -> Result<Self, BuildError> {
        let mut model = model.clone();
        model.user = Answers::Always(Answer::NoAnswer);
        let build = {
            let (seed, made) = (seed.to_owned(), AtomicU64::new(0));
            move |presence: &Presence, patience: Duration| -> Result<Authenticator, BuildError> {
                let user = presence.before(model.user.clone(), patience);
                // Each time that it comes from the factory it is another one.
                let seed = format!("{seed} {}", made.fetch_add(1, Ordering::Relaxed));
                model.clone().builder().seed(&seed).user(user).build()
            }
        };
        // A model that can be built once can be built again.
        build(&Presence::new(), Duration::ZERO)?;
        let make = move |presence: Presence, patience: Duration| -> Box<dyn TimedKey> {
            match build(&presence, patience) {
                Ok(authenticator) => Box::new(FlawedKey::new(authenticator, flaw)),
                Err(_) => Box::new(Absent),
            }
        };
        Ok(Self::of(make, flaw.and_then(AuthenticatorFlaw::hid), flaw.and_then(AuthenticatorFlaw::card)))
    }
}

/// A key that is not there.
struct Absent;

impl Key for Absent {
    fn offers(&self) -> Offers {
        Offers { cbor: false, msg: false }
    }

    fn cbor(&mut self, _: u32, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn msg(&mut self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn power_cycle(&mut self) {}
}

impl TimedKey for Absent {
    fn set_time(&mut self, _: u64) {}
}
