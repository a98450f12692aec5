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
mod enterprise;
mod extensions;
mod get_assertion;
mod get_info;
mod get_next_assertion;
mod hid;
mod key;
mod large_blobs;
mod make_credential;
mod message;
mod nfc;
mod options;
mod permissions;
mod proofs;
mod read_only;
mod reset;
mod u2f;

use std::fmt;

pub(crate) use hid::{FlawedReports, HidChange};
pub use key::FlawedKey;
use message::{Call, Memory, Reply, set};
pub(crate) use nfc::{CardChange, FlawedReader};

/// One thing that is wrong with an authenticator.
pub struct AuthenticatorFlaw {
    id: &'static str,
    sentence: &'static str,
    change: Change,
}

/// How a flawed authenticator differs from a sound one.
enum Change {
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
    enterprise::FLAWS,
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
