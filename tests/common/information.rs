//! The rules of getInfo (CTAP 2.1 §6.4, §9).

use std::collections::BTreeSet;

use ciborium::Value;
use stuntkey::ctap2::Command;

use super::platform::Platform;

/// Checks what an authenticator tells now.
pub fn check(key: &mut Platform, place: &str) {
    let cbor = key.command(Command::GetInfo, &[]).unwrap();
    let raw: Value = ciborium::from_reader(&cbor[..]).unwrap();
    let raw = raw.as_map().unwrap();
    let raw = |member: u64| raw.iter().find(|(known, _)| *known == Value::from(member)).map(|(_, v)| v);
    let info = key.info();
    let has = |name: &str| info.extensions.iter().any(|extension| extension == name);
    let version = |name: &str| info.versions.iter().any(|version| version == name);
    let option = |name: &str| info.options.get(name);
    let is = |name: &str| option(name) == Some(true);
    let new = version("FIDO_2_1") || version("FIDO_2_3");
    let iff = |this: bool, that: bool, what: &str| assert_eq!(this, that, "{place}: {what}: {info:?}");
    let then = |this: bool, that: bool, what: &str| assert!(!this || that, "{place}: {what}: {info:?}");

    // Lists have something in them, and nothing twice.
    for member in [0x01, 0x02, 0x06, 0x09, 0x0a, 0x16, 0x1a, 0x1f] {
        if let Some(list) = raw(member) {
            let list = list.as_array().unwrap();
            let unique: BTreeSet<String> = list.iter().map(|item| format!("{item:?}")).collect();
            assert!(!list.is_empty() && unique.len() == list.len(), "{place}: {member:#x}");
        }
    }
    then(version("FIDO_2_2"), false, "there is no such version");
    // Whether a key handle is the authenticator's: one that serves U2F says that this one is not.
    let check_only = [&[0, 2, 7, 0, 65][..], &[0; 65]].concat();
    let u2f = key.authenticator.u2f(&check_only) == [0x6a, 0x80];
    iff(version("U2F_V2"), u2f, "U2F is told where it is served");
    assert!(info.max_msg_size.unwrap_or(1024) >= 1024 || !new, "{place}");
    assert!(info.max_credential_count_in_list != Some(0) && info.max_credential_id_length != Some(0));

    // Members that follow from options and extensions.
    iff(info.max_serialized_large_blob_array.is_some(), is("largeBlobs"), "0x0B");
    assert!(info.max_serialized_large_blob_array.unwrap_or(1024) >= 1024, "{place}");
    iff(info.max_cred_blob_length.is_some(), has("credBlob"), "0x0F");
    assert!(info.max_cred_blob_length.unwrap_or(32) >= 32, "{place}");
    iff(info.min_pin_length.is_some(), new && option("clientPin").is_some(), "0x0D");
    assert!(info.min_pin_length.unwrap_or(4) >= 4, "{place}");
    then(info.max_pin_length.is_some(), option("clientPin").is_some(), "0x1D");
    if let (Some(least), Some(most)) = (info.min_pin_length, info.max_pin_length) {
        assert!((least.max(8)..=63).contains(&most), "{place}");
    }
    iff(info.max_rp_ids_for_set_min_pin_length.is_some(), is("setMinPINLength"), "0x10");
    then(info.preferred_platform_uv_attempts == Some(0), false, "0x11");
    then(info.pin_complexity_policy_url.is_some(), info.pin_complexity_policy.is_some(), "0x1C");
    assert_eq!((&info.enc_identifier, &info.enc_cred_store_state), (&None, &None), "{place}: no token yet");
    then(info.attestation_formats.iter().any(|format| format == "none"), false, "0x16");
    let commands = &info.authenticator_config_commands;
    if version("FIDO_2_3") && is("authnrCfg") {
        iff(commands.contains(&0x01), option("ep").is_some(), "0x1F: 01");
        iff(commands.contains(&0x03), is("setMinPINLength"), "0x1F: 03");
        iff(commands.contains(&0xff), info.vendor_prototype_config_commands.is_some(), "0x1F: FF");
        then(commands.contains(&0x04), info.long_touch_for_reset.is_some(), "0x1F: 04");
    }
    if !version("FIDO_2_3") {
        assert!(commands.is_empty() && raw(0x1e).is_none(), "{place}: since CTAP 2.3");
    }

    // Options.
    for name in [
        "pinUvAuthToken",
        "largeBlobs",
        "authnrCfg",
        "uvAcfg",
        "credMgmt",
        "perCredMgmtRO",
        "setMinPINLength",
    ] {
        then(option(name).is_some(), new, name);
    }
    let verifies = option("clientPin").is_some() || option("uv").is_some();
    then(new && (option("clientPin").is_some() || is("uv")), is("pinUvAuthToken"), "a token by PIN or UV");
    then(is("pinUvAuthToken"), verifies && !info.pin_uv_auth_protocols.is_empty(), "pinUvAuthToken");
    then(option("clientPin").is_some(), !info.pin_uv_auth_protocols.is_empty(), "protocols");
    then(new && is("rk"), verifies && is("credMgmt"), "rk");
    then(is("noMcGaPermissionsWithClientPin"), option("clientPin").is_some(), "no ceremonies by PIN");
    then(option("uvAcfg").is_some(), is("authnrCfg"), "uvAcfg");
    then(option("uvBioEnroll").is_some(), option("bioEnroll").is_some(), "uvBioEnroll");
    then(option("bioEnroll").is_some(), option("uv").is_some(), "bioEnroll");
    then(is("perCredMgmtRO"), is("credMgmt"), "perCredMgmtRO");
    then(is("setMinPINLength"), is("authnrCfg") && option("clientPin").is_some(), "setMinPINLength");
    then(is("alwaysUv"), !is("makeCredUvNotRqd"), "alwaysUv");
    then(new && option("ep").is_some(), is("authnrCfg"), "ep");

    // Extensions.
    then(new, has("hmac-secret"), "hmac-secret");
    then(new && verifies, has("credProtect"), "credProtect");
    then(has("credBlob"), has("credProtect"), "credBlob");
    then(is("setMinPINLength"), has("minPinLength"), "minPinLength");
    then(has("largeBlobKey"), is("largeBlobs"), "largeBlobKey");
    then(has("largeBlob"), !is("largeBlobs") && !has("largeBlobKey"), "largeBlob");
    then(has("hmac-secret-mc"), has("hmac-secret"), "hmac-secret-mc");
    then(has("pinComplexityPolicy"), info.pin_complexity_policy.is_some(), "pinComplexityPolicy");
    then(version("FIDO_2_3") && verifies, info.pin_uv_auth_protocols.contains(&2), "protocol two");
}
