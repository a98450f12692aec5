//! Sound responses with a few changes. What the verifier accepts is what was made, but for what nobody signed and the
//! standard gives no meaning to.

mod change;
mod ecdsa;
mod harmless;

use std::fmt::Debug;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use arbitrary::{Result, Unstructured};
use base64ct::{Base64UrlUnpadded, Encoding};
use ciborium::Value;
use serde_json::json;
use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::{Authenticator, Clock};
use stuntkey::crypto::{Algorithm, Backend};
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, RegisteredCredential, RegistrationExpectations,
    RelyingParty, RelyingPartyPolicy, Trust, VerifiedRegistration,
};

use super::authority;
use super::choices::{flag, place};
use change::change;

const ORIGIN: &str = "https://login.example.com";
const RP_ID: &str = "login.example.com";
const CHALLENGE: [u8; 16] = [7; 16];
const USER: [u8; 4] = *b"user";

/// A registration response, as bytes.
#[derive(Clone, PartialEq)]
struct Registration {
    id: Vec<u8>,
    raw_id: Vec<u8>,
    client_data: Vec<u8>,
    object: Vec<u8>,
}

impl Registration {
    fn to_json(&self) -> String {
        json!({
            "id": encode(&self.id), "rawId": encode(&self.raw_id),
            "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&self.client_data), "attestationObject": encode(&self.object),
            },
        })
        .to_string()
    }
}

/// An authentication response, as bytes.
#[derive(Clone, PartialEq)]
struct Authentication {
    id: Vec<u8>,
    raw_id: Vec<u8>,
    client_data: Vec<u8>,
    auth_data: Vec<u8>,
    signature: Vec<u8>,
    user_handle: Option<Vec<u8>>,
}

impl Authentication {
    fn to_json(&self) -> String {
        json!({
            "id": encode(&self.id), "rawId": encode(&self.raw_id),
            "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&self.client_data), "authenticatorData": encode(&self.auth_data),
                "signature": encode(&self.signature), "userHandle": self.user_handle.as_deref().map(encode),
            },
        })
        .to_string()
    }
}

/// What an authenticator of one kind made.
struct Made {
    format: AttestationFormat,
    algorithm: Algorithm,
    registration: Registration,
    authentication: Authentication,
    judge: RelyingParty,
    verified: VerifiedRegistration,
}

/// A registration of each format, with up to three changes.
pub fn mutated_registration(data: &[u8]) {
    let _ = mutate_registration(&mut Unstructured::new(data));
}

fn mutate_registration(u: &mut Unstructured<'_>) -> Result<()> {
    let made = u.choose(of_each_format())?;
    let mut found = made.registration.clone();
    for _ in 0..u.int_in_range(1..=3)? {
        let donor = &u.choose(of_each_format())?.registration;
        match u.int_in_range(0..=8)? {
            0 => change(u, &mut found.client_data, &donor.client_data)?,
            1 => change(u, &mut found.object, &donor.object)?,
            2 => within(&mut found.object, |object| {
                let Some(Value::Bytes(data)) = member(object, "authData") else { return Ok(()) };
                change(u, data, &donor.object)
            })?,
            3 => within(&mut found.object, |object| {
                let mut leaves = Vec::new();
                collect_leaves(object, &mut leaves);
                let Some(at) = place(u, leaves.len())? else { return Ok(()) };
                change_leaf(u, leaves.swap_remove(at), &donor.object)
            })?,
            4 => within(&mut found.object, |object| {
                let mut lists = Vec::new();
                collect_lists(object, &mut lists);
                let Some(at) = place(u, lists.len())? else { return Ok(()) };
                change_list(u, lists.swap_remove(at))
            })?,
            5 => turn_signatures(&mut found.object),
            6 => within(&mut found.object, |object| {
                let root = Value::Bytes(authority().certificate_der().to_vec());
                let mut lists = Vec::new();
                collect_lists(object, &mut lists);
                for list in lists.into_iter().filter(|list| list.iter().all(Value::is_bytes)) {
                    list.push(root.clone());
                }
                Ok(())
            })?,
            7 => within(&mut found.object, |object| {
                let mut other = decode(&donor.object).expect("it was made");
                for name in ["fmt", "attStmt"] {
                    if let (Some(here), Some(there)) = (member(object, name), member(&mut other, name)) {
                        std::mem::swap(here, there);
                    }
                }
                Ok(())
            })?,
            _ => {
                let id = if flag(u)? { &mut found.id } else { &mut found.raw_id };
                change(u, id, &donor.id)?;
            }
        }
    }
    let reply = found.to_json();
    match of_one_mind(&made.judge, |judge| judge.verify_registration(&reply, &expected_registration(), &[])) {
        Ok(verified) => harmless::registration(made, &found, &verified),
        Err(refusal) => assert!(!harmless::is_certain(made, &found), "{refusal}"),
    }
    Ok(())
}

/// An authentication with each algorithm, with up to three changes: accepted if, and only if, what is signed, by whom
/// and for whom is as it was.
pub fn mutated_authentication(data: &[u8]) {
    let _ = mutate_authentication(&mut Unstructured::new(data));
}

fn mutate_authentication(u: &mut Unstructured<'_>) -> Result<()> {
    let made = u.choose(of_each_algorithm())?;
    let user_is_known = flag(u)?;
    let mut found = made.authentication.clone();
    for _ in 0..u.int_in_range(1..=3)? {
        let donor = &u.choose(of_each_algorithm())?.authentication;
        match u.int_in_range(0..=6)? {
            0 => change(u, &mut found.client_data, &donor.client_data)?,
            1 => change(u, &mut found.auth_data, &donor.auth_data)?,
            2 => change(u, &mut found.signature, &donor.signature)?,
            3 => change(u, found.user_handle.get_or_insert_default(), &donor.id)?,
            4 => found.user_handle = None,
            5 => {
                if let Some(other) = ecdsa::other(made.algorithm, &found.signature) {
                    found.signature = other;
                }
            }
            _ => {
                let id = if flag(u)? { &mut found.id } else { &mut found.raw_id };
                change(u, id, &donor.id)?;
            }
        }
    }
    let expected = AuthenticationExpectations::with_challenge(&CHALLENGE)
        .user_verification(true)
        .user(user_is_known.then(|| USER.to_vec()));
    let record = made.verified.record.clone();
    let credentials = [RegisteredCredential { user_handle: USER.to_vec(), record }];
    let reply = found.to_json();
    let verified =
        of_one_mind(&made.judge, |judge| judge.verify_authentication(&reply, &expected, &credentials));
    let harmless = harmless::authentication(made, &found, user_is_known);
    match verified {
        Ok(verified) => {
            assert!(harmless, "accepted");
            assert_eq!((verified.record.sign_count, verified.user_handle.as_slice()), (1, &USER[..]));
        }
        Err(refusal) => assert!(!harmless, "{refusal}"),
    }
    Ok(())
}

fn of_each_format() -> &'static [Made] {
    static MADE: OnceLock<Vec<Made>> = OnceLock::new();
    MADE.get_or_init(|| {
        let formats = AttestationFormat::ALL.iter();
        formats.map(|format| make(*format, Algorithm::Es256)).collect()
    })
}

fn of_each_algorithm() -> &'static [Made] {
    static MADE: OnceLock<Vec<Made>> = OnceLock::new();
    MADE.get_or_init(|| {
        let algorithms = Algorithm::available().iter();
        algorithms.map(|algorithm| make(AttestationFormat::PackedSelf, *algorithm)).collect()
    })
}

fn make(format: AttestationFormat, algorithm: Algorithm) -> Made {
    // Each with a seed of its own: with equal keys and ids, a statement would hold for another's data too.
    let builder = Authenticator::builder()
        .seed(&format!("{}, {algorithm}", format.name()))
        .attestation_authority(authority().clone())
        .attestation_algorithm(Algorithm::Es256)
        .algorithms([algorithm])
        .format(format);
    let authenticator = builder.build().expect("a seed needs no randomness");
    let mut client = Client::builder(ORIGIN).authenticator(authenticator).build().expect("it is an origin");
    let options = json!({
        "rp": { "name": "" }, "user": { "id": encode(USER), "name": "", "displayName": "" },
        "challenge": encode(CHALLENGE), "attestation": "direct",
        "pubKeyCredParams": [{ "type": "public-key", "alg": algorithm.cose_identifier() }],
        "authenticatorSelection": { "residentKey": "required", "userVerification": "required" },
    });
    let response = client.register(&options.to_string()).expect("it fits").into_response();
    let registration = Registration {
        id: response.id.clone(),
        raw_id: response.id,
        client_data: response.client_data_json,
        object: response.attestation_object,
    };
    let options = json!({ "challenge": encode(CHALLENGE), "userVerification": "required" });
    let response = client.authenticate(&options.to_string()).expect("there is a credential").into_response();
    let authentication = Authentication {
        id: response.id.clone(),
        raw_id: response.id,
        client_data: response.client_data_json,
        auth_data: response.authenticator_data,
        signature: response.signature,
        user_handle: response.user_handle,
    };
    let judge = judge(format);
    let verified = judge.verify_registration(&registration.to_json(), &expected_registration(), &[]);
    let verified = verified.unwrap_or_else(|refusal| panic!("{refusal}"));
    Made { format, algorithm, registration, authentication, judge, verified }
}

/// A relying party that is as strict as the format lets it be: one that accepts no attestation, or self attestation,
/// accepts it in the place of any other.
fn judge(format: AttestationFormat) -> RelyingParty {
    RelyingParty::new(RelyingPartyPolicy::new(RP_ID, ORIGIN)).attestation(AttestationPolicy {
        none: format == AttestationFormat::None,
        self_attestation: format == AttestationFormat::PackedSelf,
        trust: Trust::Anchors(vec![authority().certificate_der().to_vec()]),
        time: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(Clock::SEEDED.now())),
        ..AttestationPolicy::default()
    })
}

/// What the judge finds, by whichever backend.
fn of_one_mind<T: Debug + PartialEq>(judge: &RelyingParty, verify: impl Fn(&RelyingParty) -> T) -> T {
    let found = verify(judge);
    for backend in Backend::ALL.iter().filter(|backend| backend.is_available()) {
        assert_eq!(verify(&judge.clone().with_backend(*backend)), found, "{backend}");
    }
    found
}

fn expected_registration() -> RegistrationExpectations {
    RegistrationExpectations::with_challenge(&CHALLENGE)
        .algorithms(Algorithm::available().iter().map(|algorithm| algorithm.cose_identifier()))
        .user_verification(true)
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

fn decode(bytes: &[u8]) -> Option<Value> {
    ciborium::from_reader(bytes).ok()
}

/// Changes what CBOR says; bytes that are none any more stay as they are.
fn within(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Value) -> Result<()>) -> Result<()> {
    if let Some(mut value) = decode(bytes) {
        change(&mut value)?;
        bytes.clear();
        ciborium::into_writer(&value, bytes).expect("memory takes all");
    }
    Ok(())
}

fn member<'v>(map: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let entries = map.as_map_mut()?;
    entries.iter_mut().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// Every value that holds no other, map keys among them.
fn collect_leaves<'v>(value: &'v mut Value, leaves: &mut Vec<&'v mut Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| collect_leaves(item, leaves)),
        Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            collect_leaves(key, leaves);
            collect_leaves(value, leaves);
        }),
        leaf => leaves.push(leaf),
    }
}

/// Every list, outer ones in the place of those inside.
fn collect_lists<'v>(value: &'v mut Value, lists: &mut Vec<&'v mut Vec<Value>>) {
    match value {
        Value::Array(items) => lists.push(items),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, value)| collect_lists(value, lists)),
        _ => {}
    }
}

fn change_leaf(u: &mut Unstructured<'_>, leaf: &mut Value, donor: &[u8]) -> Result<()> {
    match leaf {
        Value::Bytes(bytes) => change(u, bytes, donor)?,
        Value::Text(text) => {
            let mut bytes = std::mem::take(text).into_bytes();
            change(u, &mut bytes, donor)?;
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        other => {
            let identifiers = Algorithm::ALL.iter().map(|algorithm| algorithm.cose_identifier());
            let identifiers: Vec<i64> = identifiers.collect();
            *other = Value::from(*u.choose(&identifiers)?);
        }
    }
    Ok(())
}

fn change_list(u: &mut Unstructured<'_>, list: &mut Vec<Value>) -> Result<()> {
    let (Some(one), Some(other)) = (place(u, list.len())?, place(u, list.len())?) else { return Ok(()) };
    match u.int_in_range(0..=2)? {
        0 => list.swap(one, other),
        1 => list.insert(other, list[one].clone()),
        _ => drop(list.remove(one)),
    }
    Ok(())
}

/// Puts the other signature that holds for the same message in the place of each: in statements and certificates.
fn turn_signatures(object: &mut Vec<u8>) {
    let turned = within(object, |object| {
        let mut leaves = Vec::new();
        collect_leaves(object, &mut leaves);
        for leaf in leaves {
            let Value::Bytes(bytes) = leaf else { continue };
            let other = ecdsa::other(Algorithm::Es256, bytes).or_else(|| ecdsa::other_in_jws(bytes));
            if let Some(other) = other.or_else(|| ecdsa::other_in_certificate(bytes)) {
                *bytes = other;
            }
        }
        Ok(())
    });
    turned.expect("nothing is drawn");
}
