//! credBlob and largeBlobKey (CTAP 2.1 §12.2, §12.3), and largeBlob (CTAP 2.3 §12.4).

use ciborium::Value;

use super::{next, output_is, signed};
use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::{Answer, named};
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::data::AuthData;
use crate::authenticator::platform::parameters::members;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Made, Registration};
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let cred_blob = cred_blob().into_iter().map(|case| {
        case.only_in(FROM_2_1).if_the_target(Need::Extension("credBlob")).if_the_target(Need::Enabled("rk"))
    });
    let large_blob_key = large_blob_key().into_iter().map(|case| {
        case.only_in(FROM_2_1)
            .if_the_target(Need::Extension("largeBlobKey"))
            .if_the_target(Need::Enabled("rk"))
    });
    let large_blob = large_blob().into_iter().map(|case| {
        case.only_in(FROM_2_3).if_the_target(Need::Extension("largeBlob")).if_the_target(Need::Enabled("rk"))
    });
    cred_blob.chain(large_blob_key).chain(large_blob).collect()
}

/// A discoverable credential with an extension.
fn made_with(stage: &mut Stage<'_>, extension: &str, input: impl Into<Value>) -> Result<Made, Stop> {
    let registration = stage.registration().discoverable().extension(extension, input);
    stage.make(registration)
}

// credBlob

fn of_cred_blob(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("extensions/cred-blob/{id}"), requirement, "CTAP 2.1 §12.2", play)
}

/// The blob of a credential.
fn blob_of(stage: &mut Stage<'_>, made: &Made) -> Result<Option<Value>, Stop> {
    let (_, data) = signed(stage, made, |assertion| assertion.extension("credBlob", true))?;
    Ok(data.output("credBlob").cloned())
}

/// Stores a blob of so many bytes, and reads it back.
fn stores(stage: &mut Stage<'_>, length: usize) -> Outcome {
    let blob = Value::Bytes((0..=u8::MAX).cycle().take(length).collect());
    let made = made_with(stage, "credBlob", blob.clone())?;
    output_is(&made.data, "credBlob", Some(&Value::Bool(true)))?;
    let found = blob_of(stage, &made)?;
    match found.as_ref() == Some(&blob) {
        true => Ok(()),
        false => Err(Stop::fail(format!("credBlob: found {found:?}, expected the blob of {length} bytes"))),
    }
}

/// The longest blob that the authenticator says it stores.
fn longest(stage: &Stage<'_>) -> Result<usize, Stop> {
    let longest = stage.info.number(0x0f).and_then(|length| usize::try_from(length).ok());
    longest.ok_or_else(|| Stop::error("getInfo has no maxCredBlobLength"))
}

fn cred_blob() -> Vec<AuthenticatorCase> {
    vec![
        of_cred_blob("length/1", "store a blob of one byte", |stage| stores(stage, 1)),
        of_cred_blob(
            "length/32",
            "store a blob of 32 bytes, as every authenticator with credBlob can",
            |stage| stores(stage, 32),
        ),
        of_cred_blob("length/longest", "store a blob as long as maxCredBlobLength", |stage| {
            let length = longest(stage)?;
            stores(stage, length)
        }),
        of_cred_blob(
            "length/longer",
            "make a credential without a blob, and say so, where that is longer than maxCredBlobLength",
            |stage| {
                let length = longest(stage)?;
                let registration =
                    stage.registration().discoverable().extension("credBlob", vec![7; length + 1]);
                let registration = stage.authorized(registration)?;
                let what = "a registration with a blob that is too long";
                let answer = stage.expect_ceremony(&registration, what, &[s::OK])?;
                output_is(&AuthData::of(&answer)?, "credBlob", Some(&Value::Bool(false)))
            },
        ),
        of_cred_blob("none", "answer with an empty blob where none was stored", |stage| {
            let registration = stage.registration().discoverable();
            let made = stage.make(registration)?;
            match blob_of(stage, &made)? {
                Some(Value::Bytes(blob)) if blob.is_empty() => Ok(()),
                found => Err(Stop::fail(format!("credBlob: found {found:?}, expected no byte"))),
            }
        }),
        of_cred_blob("unasked", "tell no blob that was not asked for", |stage| {
            let made = made_with(stage, "credBlob", vec![7; 16])?;
            let (_, data) = signed(stage, &made, |assertion| assertion)?;
            output_is(&data, "credBlob", None)
        }),
        of_cred_blob(
            "replaced",
            "forget a blob with the credential that another one took the place of",
            |stage| {
                let made = made_with(stage, "credBlob", vec![7; 16])?;
                let again = stage.registration_at(&made.rp_id).discoverable().user(&made.user_id);
                let second = stage.make(again)?;
                match blob_of(stage, &second)? {
                    Some(Value::Bytes(blob)) if blob.is_empty() => Ok(()),
                    found => Err(Stop::fail(format!("credBlob: found {found:?}, expected no byte"))),
                }
            },
        ),
        of_cred_blob("next", "answer with each credential's own blob", |stage| {
            let older = made_with(stage, "credBlob", vec![1; 8])?;
            let registration = stage.registration_at(&older.rp_id).discoverable();
            stage.make(registration.extension("credBlob", vec![2; 8]))?;
            let assertion = stage.assertion(&older.rp_id).extension("credBlob", true);
            let answer = stage.call_ceremony(&assertion)?;
            output_is(&AuthData::of(&answer)?, "credBlob", Some(&vec![2; 8].into()))?;
            let (_, second) = next(stage)?;
            output_is(&second, "credBlob", Some(&vec![1; 8].into()))
        })
        .if_the_target(Need::NoAlwaysUv),
    ]
}

// largeBlobKey

fn of_large_blob_key(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("extensions/large-blob-key/{id}"), requirement, "CTAP 2.1 §12.3", play)
}

/// The key of an answer; a registration has it in member 5, an assertion in member 7.
fn key_in(answer: &Answer, member: u64) -> Result<Vec<u8>, Stop> {
    match answer.get(member) {
        Some(Value::Bytes(key)) if key.len() == 32 => Ok(key.clone()),
        found => Err(Stop::fail(format!("largeBlobKey: found {found:?}, expected 32 bytes"))),
    }
}

fn keyed(stage: &mut Stage<'_>) -> Result<(Made, Vec<u8>), Stop> {
    let made = made_with(stage, "largeBlobKey", true)?;
    let key = key_in(&made.answer, 5)?;
    Ok((made, key))
}

fn large_blob_key() -> Vec<AuthenticatorCase> {
    let refuses_making =
        |id: &str, requirement: &str, tolerated: &'static [u8], change: fn(Registration) -> Registration| {
            of_large_blob_key(id, requirement, move |stage| {
                let registration = change(stage.registration());
                let registration = stage.authorized(registration)?;
                let answer = stage.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
                stage.expect_of(&answer, "the registration", &[s::INVALID_OPTION], tolerated)
            })
        };
    vec![
        of_large_blob_key("made", "give a new credential a key, outside of its signed data", |stage| {
            let (made, _) = keyed(stage)?;
            output_is(&made.data, "largeBlobKey", None)
        }),
        of_large_blob_key("differs", "give each credential a key of its own", |stage| {
            let ((_, first), (_, second)) = (keyed(stage)?, keyed(stage)?);
            match first == second {
                false => Ok(()),
                true => Err(Stop::fail("two credentials have the same key")),
            }
        }),
        of_large_blob_key("same", "tell the key of a credential where it is asked for", |stage| {
            let (made, key) = keyed(stage)?;
            let (answer, data) = signed(stage, &made, |assertion| assertion.extension("largeBlobKey", true))?;
            output_is(&data, "largeBlobKey", None)?;
            match key_in(&answer, 7)? == key {
                true => Ok(()),
                false => Err(Stop::fail("the key is another one than at the registration")),
            }
        }),
        of_large_blob_key("unasked/registration", "give no key that was not asked for", |stage| {
            let registration = stage.registration().discoverable();
            let made = stage.make(registration)?;
            match made.answer.get(5) {
                None => Ok(()),
                Some(_) => Err(Stop::fail("a key came that nobody asked for")),
            }
        }),
        of_large_blob_key("unasked/assertion", "tell no key that was not asked for", |stage| {
            let (made, _) = keyed(stage)?;
            let (answer, _) = signed(stage, &made, |assertion| assertion)?;
            match answer.get(7) {
                None => Ok(()),
                Some(_) => Err(Stop::fail("a key came that nobody asked for")),
            }
        }),
        of_large_blob_key("none", "sign with a credential that has no key, and tell none", |stage| {
            let registration = stage.registration().discoverable();
            let made = stage.make(registration)?;
            let (answer, _) = signed(stage, &made, |assertion| assertion.extension("largeBlobKey", true))?;
            match answer.get(7) {
                None => Ok(()),
                Some(_) => Err(Stop::fail("a key came for a credential that has none")),
            }
        }),
        of_large_blob_key("next", "answer with each credential's own key", |stage| {
            let (older, key) = keyed(stage)?;
            let registration = stage.registration_at(&older.rp_id).discoverable();
            stage.make(registration.extension("largeBlobKey", true))?;
            let assertion = stage.assertion(&older.rp_id).extension("largeBlobKey", true);
            stage.call_ceremony(&assertion)?;
            let (answer, _) = next(stage)?;
            match key_in(&answer, 7)? == key {
                true => Ok(()),
                false => Err(Stop::fail("the second answer has another key than its credential")),
            }
        })
        .if_the_target(Need::NoAlwaysUv),
        refuses_making(
            "false/registration",
            "refuse largeBlobKey with the value false",
            &[s::INVALID_PARAMETER],
            |registration| registration.discoverable().extension("largeBlobKey", false),
        ),
        refuses_making(
            "not-discoverable",
            "refuse a key for a credential that is not discoverable",
            &[s::OK],
            |registration| registration.extension("largeBlobKey", true),
        ),
        of_large_blob_key(
            "false/assertion",
            "refuse largeBlobKey with the value false in an assertion",
            |stage| {
                let (made, _) = keyed(stage)?;
                let assertion = stage.assertion_with(&made).extension("largeBlobKey", false);
                let assertion = stage.authorized(assertion)?;
                let answer = stage.call(command::GET_ASSERTION, &assertion.parameters)?;
                stage.expect_of(&answer, "the assertion", &[s::INVALID_OPTION], &[s::INVALID_PARAMETER])
            },
        ),
    ]
}

// largeBlob

fn of_large_blob(
    id: &str,
    requirement: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("extensions/large-blob/{id}"), requirement, "CTAP 2.3 §12.4", play)
}

/// An input that is not of the form that it has to have: the case's name, its requirement, and the input.
type Malformed = (&'static str, &'static str, fn() -> Value);

/// The unsigned output of an answer; a registration has them in member 6, an assertion in member 8.
fn unsigned(answer: &Answer, member: u64) -> Option<&Value> {
    answer.get(member).and_then(|outputs| named(outputs, "largeBlob"))
}

fn supported(stage: &mut Stage<'_>) -> Result<Made, Stop> {
    made_with(stage, "largeBlob", members! { "support" => "preferred" })
}

fn large_blob() -> Vec<AuthenticatorCase> {
    let blob = || vec![0x55_u8; 40];
    let write = move || members! { "write" => blob(), "originalSize" => 100 };
    let mut cases = vec![
        of_large_blob(
            "supported",
            "say outside of the signed data whether a credential can have a blob",
            |stage| {
                let made = supported(stage)?;
                output_is(&made.data, "largeBlob", None)?;
                match unsigned(&made.answer, 6).and_then(|output| named(output, "supported")) {
                    Some(Value::Bool(_)) => Ok(()),
                    found => Err(Stop::fail(format!("largeBlob: found {found:?}, expected supported"))),
                }
            },
        ),
        of_large_blob("written", "give a blob back that was written, with its original size", move |stage| {
            let made = supported(stage)?;
            let (answer, _) = signed(stage, &made, |assertion| assertion.extension("largeBlob", write()))?;
            let written = unsigned(&answer, 8).and_then(|output| named(output, "written"));
            if written != Some(&Value::Bool(true)) {
                return Err(Stop::fail(format!("largeBlob: found {written:?}, expected it to be written")));
            }
            let read = members! { "read" => true };
            let (answer, _) = signed(stage, &made, |assertion| assertion.extension("largeBlob", read))?;
            let output = unsigned(&answer, 8);
            let found = output.and_then(|output| named(output, "blob")).and_then(Value::as_bytes);
            let size = output.and_then(|output| named(output, "originalSize"));
            match (found == Some(&blob()), size == Some(&Value::from(100))) {
                (true, true) => Ok(()),
                _ => Err(Stop::fail(format!(
                    "largeBlob: found {found:?} of {size:?}, expected what was written"
                ))),
            }
        }),
        of_large_blob("none", "send no output where nothing was written", |stage| {
            let made = supported(stage)?;
            let read = members! { "read" => true };
            let (answer, _) = signed(stage, &made, |assertion| assertion.extension("largeBlob", read))?;
            match unsigned(&answer, 8) {
                None => Ok(()),
                Some(output) => Err(Stop::fail(format!("largeBlob: found {output:?}, expected no output"))),
            }
        }),
    ];
    let malformed: [Malformed; 3] = [
        ("empty", "refuse an input that asks for nothing", || Value::Map(Vec::new())),
        ("both", "refuse an input that reads and writes", || {
            members! { "read" => true, "write" => vec![1_u8; 17], "originalSize" => 1 }
        }),
        (
            "no-size",
            "refuse to write a blob without its original size",
            || members! { "write" => vec![1_u8; 17] },
        ),
    ];
    for (name, requirement, input) in malformed {
        cases.push(of_large_blob(&format!("malformed/{name}"), requirement, move |stage| {
            let made = supported(stage)?;
            let assertion = stage.assertion_with(&made).extension("largeBlob", input());
            let assertion = stage.authorized(assertion)?;
            let answer = stage.call(command::GET_ASSERTION, &assertion.parameters)?;
            let tolerated = [s::INVALID_PARAMETER, s::MISSING_PARAMETER, s::CBOR_UNEXPECTED_TYPE];
            stage.expect_of(&answer, "the assertion", &[s::INVALID_CBOR], &tolerated)
        }));
    }
    cases
}
