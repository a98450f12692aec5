//! What CTAP 2.1 and 2.3 say of getInfo.

use super::check;
use crate::authenticator::platform::answer::number;
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::info::Info;
use crate::authenticator::suite::{AuthenticatorCase, AuthenticatorProfile, FROM_2_1, FROM_2_3};
use crate::core::case::Level;
use crate::core::outcome::Stop;

pub(super) fn from_2_1() -> Vec<AuthenticatorCase> {
    let cases = vec![
        check("get-info/protocols/two", "have PIN/UV auth protocol two", "CTAP 2.1 §9", |info| {
            let has_tokens = !info.protocols().is_empty();
            match has_tokens && !info.protocols().contains(&2) {
                true => Err(format!("pinUvAuthProtocols lists {:?}", info.protocols())),
                false => Ok(()),
            }
        })
        .should()
        .with_level_in(AuthenticatorProfile::V2_3, Level::Must),
        check("get-info/extensions/hmac-secret", "have the extension hmac-secret", "CTAP 2.1 §9", |info| {
            match info.has_extension("hmac-secret") {
                true => Ok(()),
                false => Err("extensions does not list hmac-secret".to_owned()),
            }
        }),
        check(
            "get-info/extensions/cred-protect",
            "have the extension credProtect where it can verify its user",
            "CTAP 2.1 §9",
            |info| {
                let verifies = info.option("clientPin").is_some() || info.option("uv").is_some();
                match verifies && !info.has_extension("credProtect") {
                    true => Err("extensions does not list credProtect".to_owned()),
                    false => Ok(()),
                }
            },
        ),
        check(
            "get-info/extensions/cred-blob",
            "have credBlob only beside credProtect",
            "CTAP 2.1 §9",
            |info| needs_extension(info, "credBlob", "credProtect"),
        ),
        check(
            "get-info/extensions/large-blob-key",
            "have largeBlobKey only beside the command for large blobs",
            "CTAP 2.1 §12.3",
            |info| match info.has_extension("largeBlobKey") && info.option("largeBlobs") != Some(true) {
                true => Err("extensions lists largeBlobKey, and largeBlobs is not true".to_owned()),
                false => Ok(()),
            },
        ),
        check(
            "get-info/extensions/min-pin-length",
            "have the extension minPinLength where the length can be set",
            "CTAP 2.1 §9",
            |info| match info.option("setMinPINLength") == Some(true) && !info.has_extension("minPinLength") {
                true => Err("setMinPINLength is true, and extensions does not list minPinLength".to_owned()),
                false => Ok(()),
            },
        ),
        check(
            "get-info/options/tokens",
            "give tokens where it has a PIN or verifies its user",
            "CTAP 2.1 §9",
            |info| {
                let verifies = info.option("clientPin").is_some() || info.option("uv") == Some(true);
                match verifies && info.option("pinUvAuthToken") != Some(true) {
                    true => Err("pinUvAuthToken is not true".to_owned()),
                    false => Ok(()),
                }
            },
        ),
        check(
            "get-info/options/rk-verifies",
            "keep discoverable credentials only where it can verify its user",
            "CTAP 2.1 §9",
            |info| {
                let verifies = info.option("clientPin").is_some() || info.option("uv").is_some();
                match info.option("rk") == Some(true) && !verifies {
                    true => Err("rk is true without clientPin and uv".to_owned()),
                    false => Ok(()),
                }
            },
        ),
        check(
            "get-info/options/rk-managed",
            "let discoverable credentials be managed",
            "CTAP 2.1 §9",
            |info| match info.option("rk") == Some(true) && info.option("credMgmt") != Some(true) {
                true => Err("rk is true, and credMgmt is not".to_owned()),
                false => Ok(()),
            },
        )
        // An interface of its own will do, which nobody sees from outside.
        .should(),
        check(
            "get-info/options/ep-config",
            "have authenticatorConfig where it has enterprise attestation",
            "CTAP 2.1 §9",
            |info| match info.option("ep").is_some() && info.option("authnrCfg") != Some(true) {
                true => Err("ep is there, and authnrCfg is not true".to_owned()),
                false => Ok(()),
            },
        ),
        pairs("get-info/pairs/large-blobs", 0x0b, "maxSerializedLargeBlobArray", "largeBlobs", |info| {
            info.option("largeBlobs") == Some(true)
        }),
        pairs("get-info/pairs/cred-blob", 0x0f, "maxCredBlobLength", "credBlob", |info| {
            info.has_extension("credBlob")
        }),
        pairs("get-info/pairs/pin", 0x0d, "minPINLength", "clientPin", |info| {
            info.option("clientPin").is_some()
        }),
        pairs("get-info/pairs/rp-ids", 0x10, "maxRPIDsForSetMinPINLength", "setMinPINLength", |info| {
            info.option("setMinPINLength") == Some(true)
        }),
        AuthenticatorCase::of(
            "get-info/max-msg-size/refused",
            "refuse a request that is longer than maxMsgSize",
            "CTAP 2.1 §8",
            |stage| {
                let longest = usize::try_from(stage.info.max_msg_size()).unwrap_or(usize::MAX);
                let mut registration = stage.registration();
                // What the transport cannot carry, the transport refuses.
                let length = longest.saturating_add(1);
                if length > 7609 {
                    return Err(Stop::skip("CTAPHID carries no message longer than its maxMsgSize"));
                }
                registration.parameters.set(0x0d, vec![0; length]);
                let request = registration.parameters.request(command::MAKE_CREDENTIAL);
                let answer = stage.send(request.get(..length.max(1)).unwrap_or(&request))?;
                let tolerated = [status::INVALID_LENGTH, status::LIMIT_EXCEEDED, status::INVALID_CBOR];
                stage.expect_of(
                    &answer,
                    "a request over maxMsgSize",
                    &[status::REQUEST_TOO_LARGE],
                    &tolerated,
                )
            },
        ),
    ];
    cases.into_iter().map(|case| case.only_in(FROM_2_1)).collect()
}

pub(super) fn from_2_3() -> Vec<AuthenticatorCase> {
    let cases = vec![
        check(
            "get-info/pin-length/greatest",
            "take PINs of at least 8 code points",
            "CTAP 2.2 §6.4",
            |info| {
                let Some(most) = info.number(0x1d) else { return Ok(()) };
                let least = info.number(0x0d).unwrap_or(4);
                match (8.max(least)..=63).contains(&most) && info.option("clientPin").is_some() {
                    true => Ok(()),
                    false => Err(format!("maxPINLength is {most}, minPINLength {least}")),
                }
            },
        ),
        check(
            "get-info/attestation-formats/none",
            "not list none as an attestation format",
            "CTAP 2.2 §6.4",
            |info| match info.texts(0x16).contains(&"none") {
                true => Err("attestationFormats lists none".to_owned()),
                false => Ok(()),
            },
        ),
        check(
            "get-info/extensions/hmac-secret-mc",
            "have hmac-secret-mc only beside hmac-secret",
            "CTAP 2.2 §12.8",
            |info| needs_extension(info, "hmac-secret-mc", "hmac-secret"),
        ),
        check(
            "get-info/extensions/large-blob",
            "have largeBlob or the command for large blobs, but not both",
            "CTAP 2.3 §12.4",
            |info| match info.has_extension("largeBlob") && info.option("largeBlobs") == Some(true) {
                true => Err("extensions lists largeBlob, and largeBlobs is true".to_owned()),
                false => Ok(()),
            },
        ),
        check(
            "get-info/config-commands",
            "list the sub-commands of authenticatorConfig that its options speak of",
            "CTAP 2.3 §6.4",
            |info| {
                if info.get(0x1f).is_none() {
                    return Ok(());
                }
                let listed: Vec<u64> = info.list(0x1f).iter().filter_map(number).collect();
                let wanted = [
                    (1, info.option("ep").is_some()),
                    (3, info.option("setMinPINLength") == Some(true)),
                    (0xff, info.get(0x15).is_some()),
                ];
                match wanted.iter().find(|(number, is_wanted)| *is_wanted && !listed.contains(number)) {
                    Some((number, _)) => Err(format!("authenticatorConfigCommands lacks {number:#04x}")),
                    None => Ok(()),
                }
            },
        ),
        check(
            "get-info/complexity-url",
            "tell where its rule for PINs is described only if it has one",
            "CTAP 2.2 §6.4",
            |info| match info.get(0x1c).is_some() && info.get(0x1b).is_none() {
                true => Err("pinComplexityPolicyURL is there, and pinComplexityPolicy is not".to_owned()),
                false => Ok(()),
            },
        ),
    ];
    cases.into_iter().map(|case| case.only_in(FROM_2_3)).collect()
}

fn needs_extension(info: &Info, extension: &str, other: &str) -> Result<(), String> {
    match info.has_extension(extension) && !info.has_extension(other) {
        true => Err(format!("extensions lists {extension}, and not {other}")),
        false => Ok(()),
    }
}

/// A member that is there exactly if something else is.
fn pairs(
    id: &str,
    key: u64,
    member: &'static str,
    other: &'static str,
    has_other: impl Fn(&Info) -> bool + Send + Sync + 'static,
) -> AuthenticatorCase {
    check(id, format!("tell {member} exactly if it has {other}"), "CTAP 2.1 §6.4", move |info| {
        match (info.get(key).is_some(), has_other(info)) {
            (true, false) => Err(format!("{member} is there without {other}")),
            (false, true) => Err(format!("{member} is not there, though it has {other}")),
            _ => Ok(()),
        }
    })
}
