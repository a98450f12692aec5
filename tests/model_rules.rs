//! Which models are not built because CTAP forbids them (CTAP 2.1 §6.4, §9), and that no sound one is among them.

#![cfg(feature = "ctap")]

mod common;

use common::device::{device, model};
use common::information::check;
use stuntkey::authenticator::{BuildError, CtapVersion, Extension, Model};
use stuntkey::ctap2::PinUvAuthProtocol;

fn remove(model: &mut Model, extensions: &[Extension]) {
    model.extensions.retain(|extension| !extensions.contains(extension));
}

type Change = fn(&mut Model);

/// A model, the setting that breaks a rule, how, and how not.
const RULES: &[(&str, &str, Change, Change)] = {
    use Extension::*;
    &[
        ("u2f_only", "u2f", |model| model.u2f = false, |_| ()),
        (
            "u2f_only",
            "client_pin",
            |model| model.client_pin = true,
            |model| (model.client_pin, model.ctap_version) = (true, CtapVersion::V2_0),
        ),
        (
            "security_key_ctap2_1",
            "min_pin_length",
            |model| model.min_pin_length = 3,
            |model| {
                model.min_pin_length = 4;
            },
        ),
        (
            "security_key_ctap2_1",
            "min_pin_length",
            |model| model.min_pin_length = 64,
            |model| {
                model.min_pin_length = 63;
            },
        ),
        (
            "security_key_ctap2_3",
            "max_pin_length",
            |model| model.max_pin_length = Some(7),
            |model| {
                model.max_pin_length = Some(8);
            },
        ),
        (
            "security_key_ctap2_3",
            "max_pin_length",
            |model| model.max_pin_length = Some(64),
            |model| {
                model.max_pin_length = Some(63);
            },
        ),
        (
            "security_key_ctap2_3",
            "max_pin_length",
            |model| (model.min_pin_length, model.max_pin_length) = (10, Some(9)),
            |model| (model.min_pin_length, model.max_pin_length) = (10, Some(10)),
        ),
        (
            "security_key_ctap2_1",
            "max_cred_blob_length",
            |model| model.max_cred_blob_length = 31,
            |model| {
                model.max_cred_blob_length = 32;
            },
        ),
        (
            "security_key_ctap2_1",
            "max_credential_count_in_list",
            |model| model.max_credential_count_in_list = 0,
            |model| model.max_credential_count_in_list = 1,
        ),
        (
            "security_key_ctap2_1",
            "max_msg_size",
            |model| model.max_msg_size = 1023,
            |model| {
                model.max_msg_size = 1024;
            },
        ),
        (
            "no_pin",
            "resident_key",
            |model| model.resident_key = true,
            |model| {
                (model.resident_key, model.user_verification) = (true, true);
                model.extensions.push(CredProtect);
            },
        ),
        (
            "security_key_ctap2_1",
            "credential_management",
            |model| model.credential_management = false,
            |model| (model.credential_management, model.resident_key) = (false, false),
        ),
        ("no_pin", "extensions", |model| remove(model, &[HmacSecret]), |_| ()),
        (
            "security_key_ctap2_1",
            "extensions",
            |model| remove(model, &[CredProtect, CredBlob]),
            |model| remove(model, &[CredBlob]),
        ),
        (
            "no_pin",
            "extensions",
            |model| model.extensions.push(CredBlob),
            |model| {
                model.extensions.extend([CredBlob, CredProtect]);
            },
        ),
        (
            "security_key_ctap2_0",
            "extensions",
            |model| model.extensions = vec![HmacSecretMc],
            |model| model.extensions = vec![HmacSecretMc, HmacSecret],
        ),
        (
            "security_key_ctap2_1",
            "extensions",
            |model| model.large_blobs = None,
            |model| {
                model.large_blobs = None;
                remove(model, &[LargeBlobKey]);
            },
        ),
        (
            "security_key_ctap2_3",
            "extensions",
            |model| model.extensions.push(LargeBlob),
            |model| {
                model.large_blobs = None;
                remove(model, &[LargeBlobKey]);
                model.extensions.push(LargeBlob);
            },
        ),
        (
            "security_key_ctap2_3",
            "extensions",
            |model| {
                remove(model, &[LargeBlobKey]);
                model.extensions.push(LargeBlob);
            },
            |model| remove(model, &[LargeBlobKey]),
        ),
        (
            "security_key_ctap2_1",
            "extensions",
            |model| remove(model, &[MinPinLength]),
            |model| {
                model.authenticator_config = false;
                remove(model, &[MinPinLength]);
            },
        ),
        (
            "security_key_ctap2_1",
            "extensions",
            |model| model.extensions.push(PinComplexityPolicy),
            |model| {
                model.extensions.push(PinComplexityPolicy);
                model.pin_complexity_policy = Some(false);
            },
        ),
        (
            "security_key_ctap2_3",
            "pin_uv_auth_protocols",
            |model| model.pin_uv_auth_protocols = Some(vec![PinUvAuthProtocol::One]),
            |model| model.pin_uv_auth_protocols = Some(PinUvAuthProtocol::ALL.to_vec()),
        ),
        (
            "security_key_ctap2_1",
            "authenticator_config",
            |model| {
                (model.enterprise_attestation, model.authenticator_config) = (true, false);
                remove(model, &[MinPinLength]);
            },
            |model| model.enterprise_attestation = true,
        ),
        (
            "no_pin",
            "no_mc_ga_permissions_with_client_pin",
            |model| model.no_mc_ga_permissions_with_client_pin = true,
            |_| (),
        ),
        ("with_fingers", "bio_enrollment", |model| model.user_verification = false, |_| ()),
        (
            "with_fingers",
            "uv_bio_enroll",
            |model| model.bio_enrollment = false,
            |model| {
                (model.bio_enrollment, model.uv_bio_enroll) = (false, false);
            },
        ),
        (
            "with_fingers",
            "uv_acfg",
            |model| {
                (model.uv_acfg, model.authenticator_config) = (true, false);
                remove(model, &[MinPinLength]);
            },
            |model| model.uv_acfg = true,
        ),
        (
            "no_pin",
            "credential_management_read_only",
            |model| (model.credential_management, model.credential_management_read_only) = (false, true),
            |model| model.credential_management = false,
        ),
        (
            "security_key_ctap2_1",
            "pin_complexity_policy_url",
            |model| model.pin_complexity_policy_url = Some("https://example.org".into()),
            |model| {
                model.pin_complexity_policy_url = Some("https://example.org".into());
                model.pin_complexity_policy = Some(true);
            },
        ),
    ]
};

/// What no model may be, conforming or not.
const LIMITS: &[(&str, &str, Change, Change)] = &[
    ("platform", "max_msg_size", |model| model.max_msg_size = 127, |model| model.max_msg_size = 128),
    ("full", "max_uv_retries", |model| model.max_uv_retries = 0, |model| model.max_uv_retries = 1),
    ("full", "max_uv_retries", |model| model.max_uv_retries = 26, |model| model.max_uv_retries = 25),
    ("full", "uv_attempts", |model| model.uv_attempts = 0, |model| model.uv_attempts = 1),
    ("full", "uv_attempts", |model| model.uv_attempts = 6, |model| model.uv_attempts = 5),
    ("full", "large_blobs", |model| model.large_blobs = Some(1023), |model| model.large_blobs = Some(1024)),
    (
        "full",
        "pin_uv_auth_protocols",
        |model| model.pin_uv_auth_protocols = Some(Vec::new()),
        |model| {
            model.pin_uv_auth_protocols = Some(vec![PinUvAuthProtocol::Two]);
        },
    ),
];

fn broken(name: &str, change: Change, nonconforming: bool) -> Option<String> {
    let mut model = model(name);
    change(&mut model);
    model.nonconforming = nonconforming;
    match model.builder().build() {
        Ok(_) => None,
        Err(BuildError::Model(error)) => Some(error.path),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_the_document_forbids_is_not_built_unless_it_is_asked_for() {
    for (name, setting, forbidden, _) in RULES {
        assert_eq!(broken(name, *forbidden, false).as_deref(), Some(*setting), "{name}");
        assert_eq!(broken(name, *forbidden, true), None, "{name}: {setting}");
    }
    for (name, setting, forbidden, _) in LIMITS {
        for nonconforming in [false, true] {
            assert_eq!(broken(name, *forbidden, nonconforming).as_deref(), Some(*setting), "{name}");
        }
    }
}

#[test]
fn what_lies_beside_a_rule_is_built_and_keeps_the_others() {
    for (name, setting, _, allowed) in RULES.iter().chain(LIMITS) {
        let mut key = device(name, *allowed);
        if *name != "u2f_only" || key.authenticator.model().ctap_version != CtapVersion::U2f {
            check(&mut key, &format!("{name} beside the rule of {setting}"));
        }
    }
}
