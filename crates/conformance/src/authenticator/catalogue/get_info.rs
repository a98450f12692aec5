//! authenticatorGetInfo (CTAP 2.3 §6.4, §9).

mod versions;

use std::collections::BTreeSet;

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::{named, number};
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::info::Info;
use crate::authenticator::platform::parameters::encode;
use crate::authenticator::stage::ceremony::parameter;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::Stop;

/// Members whose order or number is that of their list.
const LISTS: [(u64, &str); 5] = [
    (0x06, "pinUvAuthProtocols"),
    (0x09, "transports"),
    (0x0a, "algorithms"),
    (0x16, "attestationFormats"),
    (0x1a, "transportsForReset"),
];

/// Members that are unsigned integers, and the least that each may be.
const NUMBERS: [(u64, &str, u64); 12] = [
    (0x05, "maxMsgSize", 1024),
    (0x07, "maxCredentialCountInList", 1),
    (0x08, "maxCredentialIdLength", 1),
    (0x0b, "maxSerializedLargeBlobArray", 1024),
    (0x0d, "minPINLength", 4),
    (0x0e, "firmwareVersion", 0),
    (0x0f, "maxCredBlobLength", 32),
    (0x10, "maxRPIDsForSetMinPINLength", 0),
    (0x11, "preferredPlatformUvAttempts", 1),
    (0x12, "uvModality", 0),
    (0x14, "remainingDiscoverableCredentials", 0),
    (0x17, "uvCountSinceLastPinEntry", 0),
];

/// Members that are booleans.
const BOOLEANS: [(u64, &str); 3] =
    [(0x0c, "forcePINChange"), (0x18, "longTouchForReset"), (0x1b, "pinComplexityPolicy")];

/// Versions that the documents define.
const VERSIONS: [&str; 5] = ["U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3"];

/// An option that is of no use without others, of which one has to be there.
const DEPENDENT: [(&str, &[&str]); 6] = [
    ("noMcGaPermissionsWithClientPin", &["clientPin"]),
    ("uvAcfg", &["authnrCfg"]),
    ("uvBioEnroll", &["bioEnroll"]),
    ("perCredMgmtRO", &["credMgmt"]),
    ("setMinPINLength", &["authnrCfg"]),
    ("pinUvAuthToken", &["clientPin", "uv"]),
];

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = basics();
    cases.extend(LISTS.map(|(key, name)| {
        check(
            format!("get-info/lists/{name}"),
            format!("list something in {name}, and nothing twice"),
            "CTAP 2.1 §6.4",
            move |info| {
                let Some(value) = info.get(key) else { return Ok(()) };
                let list = value.as_array().ok_or_else(|| format!("{name} is no list"))?;
                let distinct: BTreeSet<Vec<u8>> = list.iter().map(encode).collect();
                match (list.is_empty(), distinct.len() == list.len()) {
                    (true, _) => Err(format!("{name} is there, and empty")),
                    (false, false) => Err(format!("{name} lists something twice")),
                    (false, true) => Ok(()),
                }
            },
        )
    }));
    cases.extend(NUMBERS.map(|(key, name, least)| {
        check(
            format!("get-info/numbers/{name}"),
            format!("tell {name} as an unsigned integer of at least {least}, if at all"),
            "CTAP 2.1 §6.4",
            move |info| {
                let Some(value) = info.get(key) else { return Ok(()) };
                match number(value) {
                    Some(told) if told >= least => Ok(()),
                    Some(told) => Err(format!("{name} is {told}, expected at least {least}")),
                    None => Err(format!("{name} is no unsigned integer")),
                }
            },
        )
    }));
    cases.extend(BOOLEANS.map(|(key, name)| {
        check(
            format!("get-info/booleans/{name}"),
            format!("tell {name} as true or false, if at all"),
            "CTAP 2.1 §6.4",
            move |info| match info.get(key) {
                None | Some(Value::Bool(_)) => Ok(()),
                Some(_) => Err(format!("{name} is no boolean")),
            },
        )
    }));
    cases.extend(options());
    cases.extend(versions::from_2_1());
    cases.extend(versions::from_2_3());
    cases.extend(with_credentials());
    cases
}

fn basics() -> Vec<AuthenticatorCase> {
    vec![
        check("get-info/versions/present", "list its versions", "CTAP 2.0 §5.4", |info| {
            match info.texts(0x01).is_empty() {
                true => Err("versions is not there, or lists no text".to_owned()),
                false => Ok(()),
            }
        }),
        check("get-info/versions/texts", "list texts alone as versions", "CTAP 2.0 §5.4", |info| {
            match info.texts(0x01).len() == info.list(0x01).len() {
                true => Ok(()),
                false => Err("versions lists something that is no text".to_owned()),
            }
        }),
        check("get-info/versions/unique", "list no version twice", "CTAP 2.1 §6.4", |info| {
            let versions = info.texts(0x01);
            let distinct: BTreeSet<&str> = versions.iter().copied().collect();
            match distinct.len() == versions.len() {
                true => Ok(()),
                false => Err(format!("versions lists something twice: {versions:?}")),
            }
        }),
        check(
            "get-info/versions/no-2-2",
            "not list FIDO_2_2, as there is no such version",
            "CTAP 2.2 §6.4",
            |info| match info.has_version("FIDO_2_2") {
                true => Err("versions lists FIDO_2_2".to_owned()),
                false => Ok(()),
            },
        ),
        check(
            "get-info/versions/known",
            "list no FIDO version that no document defines",
            "CTAP 2.3 §6.4",
            |info| {
                let versions = info.texts(0x01);
                let unknown = versions
                    .iter()
                    .find(|version| version.starts_with("FIDO_") && !VERSIONS.contains(version));
                match unknown {
                    Some(version) => Err(format!("versions lists {version:?}")),
                    None => Ok(()),
                }
            },
        )
        .should(),
        check("get-info/aaguid/length", "tell an AAGUID of 16 bytes", "CTAP 2.0 §5.4", |info| {
            match info.bytes(0x03).map(<[u8]>::len) {
                Some(16) => Ok(()),
                Some(length) => Err(format!("aaguid has {length} bytes")),
                None => Err("aaguid is not there, or is no byte string".to_owned()),
            }
        }),
        check("get-info/extensions/texts", "list texts alone as extensions", "CTAP 2.0 §5.4", |info| {
            match info.texts(0x02).len() == info.list(0x02).len() {
                true => Ok(()),
                false => Err("extensions lists something that is no text".to_owned()),
            }
        }),
        check("get-info/extensions/unique", "list no extension twice", "CTAP 2.1 §6.4", |info| {
            let extensions = info.texts(0x02);
            let distinct: BTreeSet<&str> = extensions.iter().copied().collect();
            match distinct.len() == extensions.len() {
                true => Ok(()),
                false => Err(format!("extensions lists something twice: {extensions:?}")),
            }
        }),
        check(
            "get-info/algorithms/shape",
            "list algorithms as pairs of alg and type",
            "CTAP 2.1 §6.4",
            |info| {
                let is_fair = |entry: &Value| {
                    let alg = named(entry, "alg").is_some_and(Value::is_integer);
                    alg && named(entry, "type").and_then(Value::as_text) == Some("public-key")
                };
                match info.list(0x0a).iter().all(is_fair) {
                    true => Ok(()),
                    false => Err("algorithms lists something without alg and type public-key".to_owned()),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-info/stable",
            "tell the same twice, but for what changes by its nature",
            "CTAP 2.1 §6.4",
            |stage| {
                let (first, second) = (stage.get_info()?, stage.get_info()?);
                // Those that are encrypted anew, and counts.
                let changing = [0x14, 0x17, 0x19, 0x1e];
                let stays = |info: &Info| -> Vec<(u64, Option<Value>)> {
                    let keys = (0x01..=0x1f_u64).filter(|key| !changing.contains(key));
                    keys.map(|key| (key, info.get(key).cloned())).collect()
                };
                match stays(&first) == stays(&second) {
                    true => Ok(()),
                    false => Err(Stop::fail("two calls told different things")),
                }
            },
        )
        .should(),
        AuthenticatorCase::of(
            "get-info/no-touch",
            "tell of itself without its user",
            "CTAP 2.1 §6.4",
            |stage| {
                stage.get_info()?;
                match stage.waits {
                    0 => Ok(()),
                    _ => Err(Stop::fail("it waited for its user")),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-info/parameters",
            "not break down at parameters, of which the command has none",
            "CTAP 2.1 §8.1",
            |stage| {
                let request = [&[command::GET_INFO][..], &encode(&Value::Map(Vec::new()))].concat();
                let answer = stage.send(&request)?;
                let accepted = [
                    status::OK,
                    status::INVALID_LENGTH,
                    status::INVALID_PARAMETER,
                    status::INVALID_CBOR,
                    status::CBOR_UNEXPECTED_TYPE,
                ];
                stage.expect_of(&answer, "getInfo with an empty map", &accepted, &[])?;
                stage.is_alive()
            },
        )
        .should(),
    ]
}

fn options() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        check("get-info/options/booleans", "tell options as true or false", "CTAP 2.0 §5.4", |info| {
            let options = info.get(0x04).and_then(Value::as_map);
            let odd = options.and_then(|options| options.iter().find(|(_, value)| !value.is_bool()));
            match odd {
                Some((name, _)) => Err(format!("the option {name:?} is no boolean")),
                None => Ok(()),
            }
        }),
        check(
            "get-info/options/up",
            "be able to test for a user, as making a credential needs that",
            "CTAP 2.1 §6.4",
            |info| match info.option("up") {
                Some(false) => Err("the option up is false".to_owned()),
                _ => Ok(()),
            },
        )
        .should(),
        check(
            "get-info/options/pin-protocols",
            "list PIN/UV auth protocols where it has a PIN or tokens",
            "CTAP 2.1 §6.4",
            |info| {
                let has_tokens =
                    info.option("clientPin").is_some() || info.option("pinUvAuthToken") == Some(true);
                match has_tokens && info.protocols().is_empty() {
                    true => Err("pinUvAuthProtocols is not there".to_owned()),
                    false => Ok(()),
                }
            },
        ),
        check(
            "get-info/options/always-uv",
            "not make credentials without verifying the user while users are always verified",
            "CTAP 2.1 §7.2",
            |info| match (info.option("alwaysUv"), info.option("makeCredUvNotRqd")) {
                (Some(true), Some(true)) => Err("alwaysUv and makeCredUvNotRqd are true".to_owned()),
                _ => Ok(()),
            },
        )
        .only_in(FROM_2_1),
    ];
    cases.extend(DEPENDENT.map(|(option, others)| {
        check(
            format!("get-info/options/{option}"),
            format!("have {option} only beside {}", others.join(" or ")),
            "CTAP 2.1 §6.4",
            move |info| {
                let has_other = others.iter().any(|other| info.option(other).is_some());
                match info.option(option) == Some(true) && !has_other {
                    true => Err(format!("{option} is true without {}", others.join(" and "))),
                    false => Ok(()),
                }
            },
        )
        .only_in(FROM_2_1)
    }));
    cases
}

/// What getInfo says, held against credentials.
fn with_credentials() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "get-info/aaguid/same",
            "make credentials of the model that it tells",
            "CTAP 2.1 §6.4",
            |stage| {
                let made = stage.made()?;
                let told = stage.info.bytes(0x03).unwrap_or_default().to_vec();
                let is = made.data.attested.map(|attested| attested.aaguid);
                match is.is_some_and(|aaguid| aaguid.as_slice() == told) {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("a credential is of the model {is:02x?}, getInfo says {told:02x?}"))),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-info/max-credential-id-length/kept",
            "make no credential id that is longer than it tells",
            "CTAP 2.1 §6.4",
            |stage| {
                let made = stage.made()?;
                let most = stage.info.number(0x08).unwrap_or(1023);
                match u64::try_from(made.id().len()).is_ok_and(|length| length <= most) {
                    true => Ok(()),
                    false => Err(Stop::fail(format!("a credential id has {} bytes, of {most}", made.id().len()))),
                }
            },
        ),
        AuthenticatorCase::of(
            "get-info/algorithms/usable",
            "sign by every algorithm that it lists",
            "CTAP 2.1 §6.1.2 step 16",
            |stage| {
                for algorithm in stage.info.algorithms() {
                    let registration =
                        stage.registration().with(4, Value::Array(vec![parameter(algorithm)]));
                    let registration = stage.authorized(registration)?;
                    let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
                    if answer.status != status::OK {
                        return Err(Stop::fail(format!(
                            "a registration by the algorithm {algorithm}, which is listed, was answered with {}",
                            answer.name()
                        )));
                    }
                    // A relying party looks at the algorithm, too.
                    match is_known(algorithm) {
                        true => drop(stage.read_made(&registration, answer)?),
                        false => drop(AuthData::of(&answer)?),
                    }
                }
                Ok(())
            },
        )
        .if_the_target(Need::Algorithms),
    ]
}

/// Whether the verifier knows an algorithm.
fn is_known(algorithm: i64) -> bool {
    stuntkey::crypto::Algorithm::from_cose_identifier(algorithm).is_some()
}

/// A case about what getInfo says, and nothing else.
fn check(
    id: impl Into<String>,
    requirement: impl Into<String>,
    clause: &str,
    holds: impl Fn(&Info) -> Result<(), String> + Send + Sync + 'static,
) -> AuthenticatorCase {
    let id: String = id.into();
    AuthenticatorCase::of(&id, requirement, clause, move |stage| {
        let info = stage.get_info()?;
        holds(&info).map_err(Stop::fail)
    })
}
