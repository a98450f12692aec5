//! Models that are ready to use.

use super::lists::every_sound_algorithm;
use super::{Backup, CounterPolicy, CtapVersion, Extension, Model};
use crate::attestation::AttestationFormat;
use crate::ctap2::PinUvAuthProtocol;
use crate::webauthn::{Attachment, Transport};

/// A model that is ready to use.
struct Named {
    name: &'static str,
    /// A sentence without its full stop.
    what: &'static str,
    make: fn() -> Model,
}

const NAMED: [Named; 10] = [
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
    Named { name: "u2f_only", what: "A security key on USB that speaks U2F, and no CTAP2", make: u2f_only },
    Named {
        name: "security_key_ctap2_0",
        what: "A security key on USB with a PIN by PIN protocol one, as CTAP 2.0 has it",
        make: security_key_ctap2_0,
    },
    Named {
        name: "security_key_ctap2_1",
        what: "A security key on USB with a PIN, as CTAP 2.1 has it, and U2F",
        make: security_key_ctap2_1,
    },
    Named {
        name: "security_key_ctap2_3",
        what: "A security key on USB with a PIN, as CTAP 2.3 has it",
        make: security_key_ctap2_3,
    },
    Named {
        name: "no_pin",
        what: "A security key on USB of CTAP 2.1 that can verify nobody, and keeps no discoverable credentials",
        make: no_pin,
    },
    Named {
        name: "with_fingers",
        what: "A security key on USB of CTAP 2.1 with a PIN and a sensor for fingers",
        make: with_fingers,
    },
    Named {
        name: "full",
        what: "A security key on USB with everything that CTAP 2.3 lets one device have",
        make: full,
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

/// What the security keys have in common.
fn security_key(ctap_version: CtapVersion) -> Model {
    Model {
        ctap_version,
        attachment: Attachment::CrossPlatform,
        transports: Some(vec![Transport::Usb]),
        counter: CounterPolicy::Global,
        user_verification: false,
        // Of every device without a display (CTAP 2.0 §5.6, CTAP 2.1 §6.6).
        reset_within: Some(10),
        ..Model::default()
    }
}

fn u2f_only() -> Model {
    Model { u2f: true, resident_key: false, ..security_key(CtapVersion::U2f) }
}

fn security_key_ctap2_0() -> Model {
    Model {
        client_pin: true,
        pin_uv_auth_protocols: Some(vec![PinUvAuthProtocol::One]),
        extensions: vec![Extension::HmacSecret],
        ..security_key(CtapVersion::V2_0)
    }
}

fn security_key_ctap2_1() -> Model {
    Model {
        u2f: true,
        previews: true,
        client_pin: true,
        extensions: vec![
            Extension::CredProtect,
            Extension::HmacSecret,
            Extension::CredBlob,
            Extension::LargeBlobKey,
            Extension::MinPinLength,
        ],
        large_blobs: Some(1024),
        authenticator_config: true,
        always_uv: Some(false),
        max_credentials: Some(100),
        ..security_key(CtapVersion::V2_1)
    }
}

fn security_key_ctap2_3() -> Model {
    let mut model = security_key_ctap2_1();
    model.ctap_version = CtapVersion::V2_3;
    (model.u2f, model.previews) = (false, false);
    model.credential_management_read_only = true;
    model.max_pin_length = Some(63);
    model.pin_complexity_policy = Some(false);
    model.long_touch_for_reset = Some(false);
    model.transports_for_reset = vec![Transport::Usb];
    let new = [Extension::HmacSecretMc, Extension::PinComplexityPolicy, Extension::ThirdPartyPayment];
    model.extensions.extend(new);
    model
}

fn no_pin() -> Model {
    Model { resident_key: false, extensions: vec![Extension::HmacSecret], ..security_key(CtapVersion::V2_1) }
}

fn with_fingers() -> Model {
    Model { user_verification: true, bio_enrollment: true, uv_bio_enroll: true, ..security_key_ctap2_1() }
}

fn full() -> Model {
    let mut model = security_key_ctap2_3();
    model.algorithms = every_sound_algorithm();
    (model.u2f, model.previews) = (true, true);
    model.user_verification = true;
    model.bio_enrollment = true;
    model.uv_bio_enroll = true;
    model.uv_acfg = true;
    model.large_blobs = Some(4096);
    model.enterprise_attestation = true;
    model.vendor_config_commands = Some(Vec::new());
    model.firmware_version = Some(1);
    model.extensions.push(Extension::Uvm);
    model
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
