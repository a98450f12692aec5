//! What getInfo can tell wrongly.

use ciborium::Value;

use super::{AuthenticatorFlaw, Change, Reply, set};
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::platform::parameters::members;

/// A flaw in what getInfo tells.
macro_rules! told {
    ($id:literal, $sentence:literal, |$reply:ident| $body:block) => {
        AuthenticatorFlaw::new(
            $id,
            $sentence,
            Change::Answer(|call, $reply| {
                if call.command == command::GET_INFO && $reply.is_ok() {
                    $body
                }
            }),
        )
    };
}

pub(super) const FLAWS: &[AuthenticatorFlaw] = &[
    told!("get-info/lists/pinUvAuthProtocols", "lists something twice in pinUvAuthProtocols", |reply| {
        twice(reply, 0x06);
    }),
    told!("get-info/lists/transports", "lists something twice in transports", |reply| {
        twice(reply, 0x09);
    }),
    told!("get-info/lists/algorithms", "lists something twice in algorithms", |reply| {
        twice(reply, 0x0a);
    }),
    told!("get-info/lists/attestationFormats", "lists something twice in attestationFormats", |reply| {
        twice(reply, 0x16);
    }),
    told!("get-info/lists/transportsForReset", "lists something twice in transportsForReset", |reply| {
        twice(reply, 0x1a);
    }),
    told!("get-info/numbers/maxMsgSize", "tells a maxMsgSize of 1023", |reply| {
        reply.set(0x05, 1023);
    }),
    told!("get-info/numbers/maxCredentialCountInList", "tells a maxCredentialCountInList of 0", |reply| {
        reply.set(0x07, 0);
    }),
    told!("get-info/numbers/maxCredentialIdLength", "tells a maxCredentialIdLength of 0", |reply| {
        reply.set(0x08, 0);
    }),
    told!(
        "get-info/numbers/maxSerializedLargeBlobArray",
        "tells a maxSerializedLargeBlobArray of 1023",
        |reply| {
            reply.set(0x0b, 1023);
        }
    ),
    told!("get-info/numbers/minPINLength", "tells a minPINLength of 3", |reply| {
        reply.set(0x0d, 3);
    }),
    told!("get-info/numbers/firmwareVersion", "tells firmwareVersion as a text", |reply| {
        reply.set(0x0e, "1");
    }),
    told!("get-info/numbers/maxCredBlobLength", "tells a maxCredBlobLength of 31", |reply| {
        reply.set(0x0f, 31);
    }),
    told!(
        "get-info/numbers/maxRPIDsForSetMinPINLength",
        "tells maxRPIDsForSetMinPINLength as a text",
        |reply| {
            reply.set(0x10, "1");
        }
    ),
    told!(
        "get-info/numbers/preferredPlatformUvAttempts",
        "tells a preferredPlatformUvAttempts of 0",
        |reply| {
            reply.set(0x11, 0);
        }
    ),
    told!("get-info/numbers/uvModality", "tells uvModality as a text", |reply| {
        reply.set(0x12, "1");
    }),
    told!(
        "get-info/numbers/remainingDiscoverableCredentials",
        "tells remainingDiscoverableCredentials as a text",
        |reply| {
            reply.set(0x14, "1");
        }
    ),
    told!("get-info/numbers/uvCountSinceLastPinEntry", "tells uvCountSinceLastPinEntry as a text", |reply| {
        reply.set(0x17, "1");
    }),
    told!("get-info/booleans/forcePINChange", "tells forcePINChange as a number", |reply| {
        reply.set(0x0c, 1);
    }),
    told!("get-info/booleans/longTouchForReset", "tells longTouchForReset as a number", |reply| {
        reply.set(0x18, 1);
    }),
    told!("get-info/booleans/pinComplexityPolicy", "tells pinComplexityPolicy as a number", |reply| {
        reply.set(0x1b, 1);
    }),
    told!("get-info/versions/present", "lists no version", |reply| {
        reply.remove(0x01);
    }),
    told!("get-info/versions/texts", "lists a number as a version", |reply| {
        push(reply, 0x01, Value::from(2));
    }),
    told!("get-info/versions/unique", "lists a version twice", |reply| {
        twice(reply, 0x01);
    }),
    told!("get-info/versions/no-2-2", "lists FIDO_2_2", |reply| {
        push(reply, 0x01, Value::from("FIDO_2_2"));
    }),
    told!("get-info/versions/known", "lists FIDO_9_9", |reply| {
        push(reply, 0x01, Value::from("FIDO_9_9"));
    }),
    told!("get-info/aaguid/length", "tells an AAGUID of 15 bytes", |reply| {
        reply.set(0x03, vec![1; 15]);
    }),
    told!("get-info/extensions/texts", "lists a number as an extension", |reply| {
        push(reply, 0x02, Value::from(2));
    }),
    told!("get-info/extensions/unique", "lists an extension twice", |reply| {
        twice(reply, 0x02);
    }),
    told!("get-info/algorithms/shape", "lists algorithms as numbers", |reply| {
        reply.set(0x0a, Value::Array(vec![(-7).into()]));
    }),
    told!("get-info/options/booleans", "tells an option as a number", |reply| {
        option(reply, "rk", Value::from(1));
    }),
    told!("get-info/options/up", "says that it cannot test for a user", |reply| {
        option(reply, "up", Value::from(false));
    }),
    told!("get-info/options/pin-protocols", "lists no PIN/UV auth protocol, and has a PIN", |reply| {
        reply.remove(0x06);
    }),
    told!("get-info/options/always-uv", "always verifies its user, and makes credentials without", |reply| {
        option(reply, "alwaysUv", Value::from(true));
        option(reply, "makeCredUvNotRqd", Value::from(true));
    }),
    told!(
        "get-info/options/noMcGaPermissionsWithClientPin",
        "has noMcGaPermissionsWithClientPin alone",
        |reply| {
            option(reply, "noMcGaPermissionsWithClientPin", Value::from(true));
            without(reply, "clientPin");
        }
    ),
    told!("get-info/options/uvAcfg", "has uvAcfg alone", |reply| {
        option(reply, "uvAcfg", Value::from(true));
        without(reply, "authnrCfg");
    }),
    told!("get-info/options/uvBioEnroll", "has uvBioEnroll alone", |reply| {
        option(reply, "uvBioEnroll", Value::from(true));
        without(reply, "bioEnroll");
    }),
    told!("get-info/options/perCredMgmtRO", "has perCredMgmtRO alone", |reply| {
        option(reply, "perCredMgmtRO", Value::from(true));
        without(reply, "credMgmt");
    }),
    told!("get-info/options/setMinPINLength", "has setMinPINLength alone", |reply| {
        option(reply, "setMinPINLength", Value::from(true));
        without(reply, "authnrCfg");
    }),
    told!("get-info/options/pinUvAuthToken", "has pinUvAuthToken alone", |reply| {
        option(reply, "pinUvAuthToken", Value::from(true));
        without(reply, "clientPin");
        without(reply, "uv");
    }),
    told!("get-info/protocols/two", "has PIN/UV auth protocol one alone", |reply| {
        reply.set(0x06, Value::Array(vec![1.into()]));
    }),
    told!("get-info/extensions/hmac-secret", "lacks hmac-secret", |reply| {
        unlisted(reply, 0x02, "hmac-secret");
    }),
    told!("get-info/extensions/cred-protect", "lacks credProtect", |reply| {
        unlisted(reply, 0x02, "credProtect");
    }),
    told!("get-info/extensions/cred-blob", "has credBlob without credProtect", |reply| {
        listed(reply, 0x02, "credBlob");
        unlisted(reply, 0x02, "credProtect");
    }),
    told!("get-info/extensions/large-blob-key", "has largeBlobKey without the command", |reply| {
        listed(reply, 0x02, "largeBlobKey");
        without(reply, "largeBlobs");
    }),
    told!(
        "get-info/extensions/min-pin-length",
        "lets the length of PINs be set, and tells nobody",
        |reply| {
            option(reply, "setMinPINLength", Value::from(true));
            unlisted(reply, 0x02, "minPinLength");
        }
    ),
    told!("get-info/options/tokens", "has a PIN, and no tokens", |reply| {
        without(reply, "pinUvAuthToken");
    }),
    told!("get-info/options/rk-verifies", "keeps discoverable credentials, and verifies nobody", |reply| {
        option(reply, "rk", Value::from(true));
        without(reply, "clientPin");
        without(reply, "uv");
    }),
    told!(
        "get-info/options/rk-managed",
        "keeps discoverable credentials, and lets nobody manage them",
        |reply| {
            without(reply, "credMgmt");
        }
    ),
    told!("get-info/options/ep-config", "has enterprise attestation, and no authenticatorConfig", |reply| {
        option(reply, "ep", Value::from(true));
        without(reply, "authnrCfg");
    }),
    told!("get-info/pairs/large-blobs", "leaves out a member that goes with what it has", |reply| {
        reply.remove(0x0b);
    }),
    told!("get-info/pairs/cred-blob", "leaves out a member that goes with what it has", |reply| {
        reply.remove(0x0f);
    }),
    told!("get-info/pairs/pin", "leaves out a member that goes with what it has", |reply| {
        reply.remove(0x0d);
    }),
    told!("get-info/pairs/rp-ids", "leaves out a member that goes with what it has", |reply| {
        reply.remove(0x10);
    }),
    told!("get-info/pin-length/greatest", "takes PINs of 7 code points at most", |reply| {
        reply.set(0x1d, 7);
    }),
    told!("get-info/attestation-formats/none", "lists none as an attestation format", |reply| {
        push(reply, 0x16, Value::from("none"));
    }),
    told!("get-info/extensions/hmac-secret-mc", "has hmac-secret-mc without hmac-secret", |reply| {
        listed(reply, 0x02, "hmac-secret-mc");
        unlisted(reply, 0x02, "hmac-secret");
    }),
    told!("get-info/extensions/large-blob", "has both kinds of large blobs", |reply| {
        listed(reply, 0x02, "largeBlob");
    }),
    told!("get-info/config-commands", "lists no sub-command of authenticatorConfig", |reply| {
        reply.set(0x1f, Value::Array(vec![2.into()]));
    }),
    told!("get-info/complexity-url", "describes a rule for PINs that it has not", |reply| {
        reply.set(0x1c, b"https://example.com".to_vec());
        reply.remove(0x1b);
    }),
    told!("get-info/aaguid/same", "tells another AAGUID than its credentials have", |reply| {
        reply.set(0x03, vec![7; 16]);
    }),
    told!(
        "get-info/max-credential-id-length/kept",
        "tells a greatest length of credential ids of 8 bytes",
        |reply| {
            reply.set(0x08, 8);
        }
    ),
    told!("get-info/algorithms/usable", "lists an algorithm that it has not", |reply| {
        let alg = members! { "alg" => -65_000, "type" => "public-key" };
        push(reply, 0x0a, alg);
    }),
    AuthenticatorFlaw::new(
        "get-info/stable",
        "tells another size of messages each time",
        Change::Both(
            |_, _| {},
            |memory, call, reply| {
                memory.count += 1;
                if call.command == command::GET_INFO {
                    reply.set(0x05, 2048 + memory.count);
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "get-info/no-touch",
        "waits for its user before it tells of itself",
        Change::Both(
            |memory, call| {
                // authenticatorSelection waits, and has no other effect.
                memory.count = u64::from(call.command == command::GET_INFO && !memory.kept.is_empty());
                if memory.count > 0 {
                    call.command = command::SELECTION;
                }
            },
            |memory, call, reply| {
                if call.command == command::GET_INFO {
                    memory.kept = reply.body.as_ref().map(encode).into_iter().collect();
                } else if memory.count > 0 {
                    // What it told at first.
                    reply.bytes = memory.kept.first().cloned();
                }
            },
        ),
    ),
    AuthenticatorFlaw::new(
        "get-info/parameters",
        "breaks down at parameters of getInfo",
        Change::Answer(|call, reply| {
            if call.command == command::GET_INFO && !call.bytes.is_empty() {
                reply.fail(status::OTHER);
            }
        }),
    ),
    AuthenticatorFlaw::new(
        "get-info/max-msg-size/refused",
        "parses requests that are longer than maxMsgSize",
        Change::Answer(|_, reply| reply.instead(status::REQUEST_TOO_LARGE, status::OTHER)),
    ),
];

/// Adds something to a list.
fn push(reply: &mut Reply, key: u64, value: Value) {
    let mut list = reply.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    list.push(value);
    reply.set(key, Value::Array(list));
}

/// Has the first of a list twice.
fn twice(reply: &mut Reply, key: u64) {
    let first = reply.get(key).and_then(Value::as_array).and_then(|list| list.first()).cloned();
    let first = first.unwrap_or_else(|| Value::from("usb"));
    push(reply, key, first.clone());
    if reply.get(key).and_then(Value::as_array).is_some_and(|list| list.len() < 2) {
        push(reply, key, first);
    }
}

fn unlisted(reply: &mut Reply, key: u64, text: &str) {
    let mut list = reply.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    list.retain(|value| value.as_text() != Some(text));
    reply.set(key, Value::Array(list));
}

fn listed(reply: &mut Reply, key: u64, text: &str) {
    unlisted(reply, key, text);
    push(reply, key, Value::from(text));
}

/// Sets an option.
fn option(reply: &mut Reply, name: &str, value: Value) {
    reply.change(0x04, |options| set(options, Value::from(name), Some(value)));
}

/// Leaves an option out.
fn without(reply: &mut Reply, name: &str) {
    reply.change(0x04, |options| set(options, Value::from(name), None));
}
