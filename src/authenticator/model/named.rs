//! Models that are ready to use.

use super::values::every_sound_algorithm;
use super::{Backup, CounterPolicy, Model};
use crate::attestation::AttestationFormat;
use crate::webauthn::{Attachment, Transport};

/// A model that is ready to use.
struct Named {
    name: &'static str,
    /// A sentence without its full stop.
    what: &'static str,
    make: fn() -> Model,
}

const NAMED: [Named; 4] = [
    Named {
        name: "platform",
        what: "A platform authenticator that signs by ES256: the library's default",
        make: Model::default,
    },
    Named {
        name: "every_algorithm",
        what: "A platform authenticator with every algorithm but RS1: the command line's default",
        make: every_algorithm,
    },
    Named {
        name: "security_key_ctap2_0",
        what: "A security key on USB that verifies its user by itself, with one signature counter for all",
        make: security_key_ctap2_0,
    },
    Named {
        name: "phone",
        what: "A phone that is reached by hybrid transport: its passkeys are backed up, uncounted and not attested",
        make: phone,
    },
];

impl Model {
    /// The names of the models that are ready to use, and a sentence about each without its full stop.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        NAMED.iter().map(|named| (named.name, named.what))
    }

    /// The model of this name, whatever the case of its letters and whether words are parted by `_` or `-`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        let found = NAMED.iter().find(|named| named.name.eq_ignore_ascii_case(&name))?;
        Some((found.make)())
    }
}

fn every_algorithm() -> Model {
    Model { algorithms: every_sound_algorithm(), ..Model::default() }
}

fn security_key_ctap2_0() -> Model {
    Model {
        attachment: Attachment::CrossPlatform,
        transports: Some(vec![Transport::Usb]),
        counter: CounterPolicy::Global,
        ..Model::default()
    }
}

fn phone() -> Model {
    let mut model = Model {
        attachment: Attachment::CrossPlatform,
        transports: Some(vec![Transport::Hybrid, Transport::Internal]),
        counter: CounterPolicy::Zero,
        backup: Backup::BackedUp,
        ..Model::default()
    };
    model.attestation.format = Some(AttestationFormat::None);
    model
}
