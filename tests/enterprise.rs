//! Enterprise attestation: who gets it, and when (CTAP 2.1 §6.1.2 step 9, §7.1).

#![cfg(feature = "ctap")]

mod common;

use common::codes::{permission, status};
use common::device::{PIN, with_pin};
use common::platform::{OK, Platform};
use stuntkey::authenticator::Model;
use stuntkey::ctap2::EnterpriseAttestation::{self, PlatformManaged, Unknown, VendorFacilitated};

const ENABLE: u8 = 0x01;

/// After a reset, which leaves it off whatever the factory had.
fn key(change: impl FnOnce(&mut Model)) -> Platform {
    let mut key = with_pin("full", |model| {
        model.enterprise_rp_ids = vec!["example.org".into()];
        change(model);
    });
    key.authenticator.reset().unwrap();
    assert_eq!(key.set_pin(PIN), OK);
    key
}

fn enable(key: &mut Platform) {
    let token = key.permitted(permission::CONFIGURE, None).unwrap();
    assert_eq!(key.configure(ENABLE, None, Some(&token)), OK);
}

/// Whether an enterprise attestation came.
fn make(
    key: &mut Platform,
    rp_id: &'static str,
    vouching: Option<EnterpriseAttestation>,
) -> Result<bool, u8> {
    let token = key.permitted(permission::MAKE, Some(rp_id)).unwrap();
    let made = key.make_with(Some(&token), |request| {
        request.rp_id = rp_id.into();
        request.enterprise_attestation = vouching;
    });
    Ok(made?.ep_att)
}

#[test]
fn it_is_refused_until_it_is_enabled() {
    let mut key = key(|_| ());
    assert_eq!(key.option("ep"), Some(false));
    for vouching in [VendorFacilitated, PlatformManaged, Unknown(3)] {
        let refused = make(&mut key, "example.org", Some(vouching));
        assert_eq!(refused, Err(status::INVALID_PARAMETER), "{vouching:?}");
    }
    assert_eq!(make(&mut key, "example.org", None), Ok(false));
    for _ in 0..2 {
        enable(&mut key);
        assert_eq!(key.option("ep"), Some(true));
    }
    assert_eq!(make(&mut key, "example.org", Some(VendorFacilitated)), Ok(true));
    assert_eq!(make(&mut key, "example.org", None), Ok(false));
    key.authenticator.power_cycle();
    assert_eq!(key.option("ep"), Some(true));
    key.authenticator.reset().unwrap();
    assert_eq!(key.option("ep"), Some(false));
}

#[test]
fn a_value_that_there_is_not_is_refused() {
    let mut key = key(|_| ());
    enable(&mut key);
    for value in [0, 3] {
        let refused = make(&mut key, "example.org", Some(Unknown(value)));
        assert_eq!(refused, Err(status::INVALID_OPTION), "{value}");
    }
}

#[test]
fn who_gets_it_is_on_the_vendor_s_list_or_vouched_for_by_the_platform() {
    for (managed, expected) in [(true, [true, true, false, true]), (false, [true, true, false, false])] {
        let mut key = key(|model| model.platform_managed = managed);
        enable(&mut key);
        let given = [
            ("example.org", VendorFacilitated),
            ("example.org", PlatformManaged),
            ("example.com", VendorFacilitated),
            ("example.com", PlatformManaged),
        ]
        .map(|(rp_id, vouching)| make(&mut key, rp_id, Some(vouching)).unwrap());
        assert_eq!(given, expected, "platform-managed: {managed}");
    }
}

#[test]
fn a_device_that_gives_none_refuses_whoever_asks() {
    let mut key = with_pin("security_key_ctap2_3", |_| ());
    assert_eq!(key.option("ep"), None);
    for vouching in [VendorFacilitated, PlatformManaged, Unknown(3)] {
        let refused = make(&mut key, "example.org", Some(vouching));
        assert_eq!(refused, Err(status::INVALID_PARAMETER), "{vouching:?}");
    }
    assert_eq!(make(&mut key, "example.org", None), Ok(false));
}
