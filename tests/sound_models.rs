//! Whatever a caller sets: a model is refused, or tells nothing that CTAP forbids (CTAP 2.1 §6.4, §9).

#![cfg(feature = "ctap")]

mod common;

use chacha20::ChaCha20Rng;
use common::device::model;
use common::information::check;
use common::platform::Platform;
use rand_core::{Rng, SeedableRng};
use stuntkey::authenticator::{BuildError, CtapVersion, Extension, Model};
use stuntkey::crypto::Algorithm;
use stuntkey::ctap2::PinUvAuthProtocol;
use stuntkey::webauthn::Transport;

fn remove(model: &mut Model, extensions: &[Extension]) {
    model.extensions.retain(|extension| !extensions.contains(extension));
}

/// Models by chance.
#[test]
fn no_model_that_is_built_tells_what_is_forbidden() {
    let mut random = ChaCha20Rng::from_seed([3; 32]);
    let mut built = 0;
    for number in 0..3000 {
        let mut coin = || random.next_u32() % 2 == 0;
        let mut model = Model::named(if coin() { "security_key_ctap2_1" } else { "platform" }).unwrap();
        model.ctap_version = if coin() { CtapVersion::V2_1 } else { CtapVersion::V2_3 };
        for setting in [
            &mut model.u2f,
            &mut model.previews,
            &mut model.client_pin,
            &mut model.user_verification,
            &mut model.resident_key,
            &mut model.bio_enrollment,
            &mut model.uv_bio_enroll,
            &mut model.uv_acfg,
            &mut model.authenticator_config,
            &mut model.credential_management,
            &mut model.credential_management_read_only,
            &mut model.enterprise_attestation,
            &mut model.make_cred_uv_not_rqd,
            &mut model.no_mc_ga_permissions_with_client_pin,
        ] {
            *setting = if coin() { *setting } else { coin() };
        }
        model.always_uv = coin().then(&mut coin);
        model.pin_complexity_policy = coin().then(&mut coin);
        model.long_touch_for_reset = coin().then(&mut coin);
        model.large_blobs = coin().then_some(1024);
        model.max_pin_length = coin().then_some(20);
        model.vendor_config_commands = coin().then(Vec::new);
        for extension in Extension::ALL {
            if !coin() {
                remove(&mut model, &[*extension]);
            } else if coin() && !model.extensions.contains(extension) {
                model.extensions.push(*extension);
            }
        }
        if coin() {
            let sound = [Extension::HmacSecret, Extension::CredProtect, Extension::MinPinLength];
            remove(&mut model, &sound);
            model.extensions.extend(sound);
        }
        let described = format!("{number}: {model:?}");
        if let Ok(authenticator) = model.builder().build() {
            built += 1;
            check(&mut Platform::new(authenticator, PinUvAuthProtocol::Two), &described);
        }
    }
    assert!(built > 100, "{built}");
}

/// A model that is changed is refused, or tells nothing that is forbidden.
fn refused_or_sound(what: &str, change: fn(&mut Model)) {
    let mut model = model("full");
    change(&mut model);
    match model.builder().build() {
        Err(BuildError::Model(_)) => (),
        Err(error) => panic!("{error}"),
        Ok(authenticator) => check(&mut Platform::new(authenticator, PinUvAuthProtocol::Two), what),
    }
}

/// §6.4: no list of getInfo names anything twice.
#[test]
fn what_stands_twice_in_a_list_is_refused_or_told_once() {
    refused_or_sound("extensions", |model| model.extensions.push(Extension::HmacSecret));
    refused_or_sound("protocols", |model| {
        model.pin_uv_auth_protocols = Some(vec![PinUvAuthProtocol::Two; 2]);
    });
    refused_or_sound("algorithms", |model| model.algorithms = vec![Algorithm::Es256; 2]);
    refused_or_sound("transports", |model| model.transports = Some(vec![Transport::Usb; 2]));
    refused_or_sound("reset", |model| model.transports_for_reset = vec![Transport::Usb; 2]);
}

/// §6.4, 0x11: at least one.
#[test]
fn no_attempt_at_all_is_refused_or_not_told() {
    refused_or_sound("attempts", |model| model.preferred_platform_uv_attempts = Some(0));
    refused_or_sound("attempts", |model| model.preferred_platform_uv_attempts = Some(1));
}
