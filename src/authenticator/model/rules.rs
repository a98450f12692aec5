//! What CTAP forbids a device to be (CTAP 2.1 §6.4, §9), and what a build cannot have.

use super::{CtapVersion, Extension, Model};
use crate::webauthn::InputError;

/// A rule that a model can break.
struct Rule {
    /// The setting that breaks it.
    setting: &'static str,
    is_broken: fn(&Model) -> bool,
    expected: &'static str,
}

const fn rule(setting: &'static str, is_broken: fn(&Model) -> bool, expected: &'static str) -> Rule {
    Rule { setting, is_broken, expected }
}

impl Model {
    /// Whether it has an extension.
    fn extends(&self, extension: Extension) -> bool {
        self.extensions.contains(&extension)
    }

    fn is_from_2_1(&self) -> bool {
        self.ctap_version > CtapVersion::V2_0
    }

    /// The first rule that it breaks. A model that is [`nonconforming`](Model::nonconforming) keeps to those alone without
    /// which it could not be built.
    pub(in crate::authenticator) fn broken_rule(&self) -> Option<InputError> {
        let conforming = RULES.iter().filter(|_| !self.nonconforming);
        let broken = LIMITS.iter().chain(conforming).find(|rule| (rule.is_broken)(self))?;
        let found = match super::Setting::named(broken.setting) {
            Ok(setting) => setting.get(self).unwrap_or_else(|| "nothing".to_owned()),
            Err(_) => "another value".to_owned(),
        };
        Some(InputError::new(broken.setting, found, broken.expected))
    }
}

/// What holds of every model.
const LIMITS: &[Rule] = &[
    #[cfg(not(feature = "ctap"))]
    rule("ctap_version", Model::is_from_2_1, "2.0 or u2f, in a build without the Cargo feature `ctap`"),
    #[cfg(not(feature = "ctap"))]
    rule("client_pin", |model| model.client_pin, "false, in a build without the Cargo feature `ctap`"),
    #[cfg(not(feature = "ctap"))]
    rule(
        "extensions",
        |model| !model.extensions.is_empty(),
        "none, in a build without the Cargo feature `ctap`",
    ),
    rule("max_msg_size", |model| model.max_msg_size < 128, "at least 128 bytes"),
    rule("max_uv_retries", |model| !(1..=25).contains(&model.max_uv_retries), "1 to 25"),
    rule("uv_attempts", |model| !(1..=5).contains(&model.uv_attempts), "1 to 5"),
    rule(
        "large_blobs",
        |model| model.large_blobs.is_some_and(|room| room < 1024),
        "at least 1024 bytes (CTAP 2.1 §6.4)",
    ),
    rule(
        "pin_uv_auth_protocols",
        |model| model.pin_uv_auth_protocols.as_ref().is_some_and(Vec::is_empty),
        "a protocol",
    ),
    rule("max_fingers", |model| model.max_fingers == 0, "at least 1"),
    rule("samples_per_finger", |model| model.samples_per_finger == 0, "at least 1"),
];

/// What CTAP says of devices.
const RULES: &[Rule] = &[
    rule(
        "u2f",
        |model| model.ctap_version == CtapVersion::U2f && !model.u2f,
        "true, as it speaks nothing else",
    ),
    rule(
        "client_pin",
        |model| model.ctap_version == CtapVersion::U2f && model.client_pin,
        "false, as U2F has no PINs",
    ),
    rule("min_pin_length", |model| !(4..=63).contains(&model.min_pin_length), "4 to 63 (CTAP 2.1 §6.5.1)"),
    rule(
        "max_pin_length",
        |model| model.max_pin_length.is_some_and(|most| !(8.max(model.min_pin_length)..=63).contains(&most)),
        "8 to 63, and not less than min_pin_length (CTAP 2.2 §6.4, 0x1D)",
    ),
    rule(
        "max_cred_blob_length",
        |model| model.max_cred_blob_length < 32,
        "at least 32 (CTAP 2.1 §6.4, 0x0F)",
    ),
    rule(
        "preferred_platform_uv_attempts",
        |model| model.preferred_platform_uv_attempts == Some(0),
        "at least 1 (CTAP 2.1 §6.4, 0x11)",
    ),
    rule("max_credential_count_in_list", |model| model.max_credential_count_in_list == 0, "at least 1"),
    rule(
        "max_msg_size",
        |model| model.is_from_2_1() && model.max_msg_size < 1024,
        "at least 1024 (CTAP 2.1 §6.4, 0x05)",
    ),
    rule(
        "resident_key",
        |model| model.is_from_2_1() && model.resident_key && !model.client_pin && !model.user_verification,
        "false, as users cannot be verified: neither client_pin nor user_verification (CTAP 2.1 §9)",
    ),
    rule(
        "credential_management",
        |model| model.is_from_2_1() && model.resident_key && !model.credential_management,
        "true, as it keeps discoverable credentials (CTAP 2.1 §9)",
    ),
    rule(
        "extensions",
        |model| model.is_from_2_1() && !model.extends(Extension::HmacSecret),
        "hmac-secret among them, since CTAP 2.1 (§9)",
    ),
    rule(
        "extensions",
        |model| {
            let verifies = model.client_pin || model.user_verification;
            model.is_from_2_1() && verifies && !model.extends(Extension::CredProtect)
        },
        "credProtect among them, as users can be verified (CTAP 2.1 §9)",
    ),
    rule(
        "extensions",
        |model| model.extends(Extension::CredBlob) && !model.extends(Extension::CredProtect),
        "credProtect beside credBlob (CTAP 2.1 §9)",
    ),
    rule(
        "extensions",
        |model| model.extends(Extension::HmacSecretMc) && !model.extends(Extension::HmacSecret),
        "hmac-secret beside hmac-secret-mc (CTAP 2.2 §12.8)",
    ),
    rule(
        "extensions",
        |model| model.extends(Extension::LargeBlobKey) && model.large_blobs.is_none(),
        "large_blobs beside largeBlobKey (CTAP 2.1 §12.3)",
    ),
    rule(
        "extensions",
        |model| {
            model.extends(Extension::LargeBlob)
                && (model.extends(Extension::LargeBlobKey) || model.large_blobs.is_some())
        },
        "largeBlob, or largeBlobKey and large_blobs, but not both (CTAP 2.3 §12.4)",
    ),
    rule(
        "extensions",
        |model| {
            let sets = model.authenticator_config && model.client_pin;
            model.is_from_2_1() && sets && !model.extends(Extension::MinPinLength)
        },
        "minPinLength among them, as the length can be set (CTAP 2.1 §9)",
    ),
    rule(
        "extensions",
        |model| model.extends(Extension::PinComplexityPolicy) && model.pin_complexity_policy.is_none(),
        "pin_complexity_policy beside pinComplexityPolicy (CTAP 2.2 §12.6)",
    ),
    rule(
        "pin_uv_auth_protocols",
        |model| {
            let protocols = model.pin_uv_auth_protocols.as_deref();
            let two = crate::ctap2::PinUvAuthProtocol::Two;
            model.ctap_version >= CtapVersion::V2_3 && protocols.is_some_and(|list| !list.contains(&two))
        },
        "2 among them, since CTAP 2.3 (§9)",
    ),
    rule(
        "authenticator_config",
        |model| model.is_from_2_1() && model.enterprise_attestation && !model.authenticator_config,
        "true, as a platform has to be able to enable enterprise attestation (CTAP 2.1 §9)",
    ),
    rule(
        "no_mc_ga_permissions_with_client_pin",
        |model| model.no_mc_ga_permissions_with_client_pin && !model.client_pin,
        "false, as it has no PIN (CTAP 2.1 §6.4)",
    ),
    rule(
        "bio_enrollment",
        |model| model.bio_enrollment && !model.user_verification,
        "false, as it cannot verify its user by itself",
    ),
    rule(
        "uv_bio_enroll",
        |model| model.uv_bio_enroll && !model.bio_enrollment,
        "false without bio_enrollment",
    ),
    rule(
        "uv_acfg",
        |model| model.uv_acfg && !model.authenticator_config,
        "false without authenticator_config",
    ),
    rule(
        "credential_management_read_only",
        |model| {
            let verifies = model.client_pin || model.user_verification;
            let manages = model.credential_management && model.resident_key && model.is_from_2_1();
            model.credential_management_read_only && !(manages && verifies)
        },
        "false, as it gives no token for managing credentials (CTAP 2.2 §6.4)",
    ),
    rule(
        "pin_complexity_policy_url",
        |model| model.pin_complexity_policy_url.is_some() && model.pin_complexity_policy.is_none(),
        "nothing without pin_complexity_policy (CTAP 2.2 §6.4, 0x1C)",
    ),
];
