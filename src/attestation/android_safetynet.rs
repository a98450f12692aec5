//! `android-safetynet` (WebAuthn L3 §8.5): a JSON Web Signature in which Google's SafetyNet service vouches for the
//! device.

use base64ct::{Base64, Encoding};

use super::jws;
use super::profile::{Intermediate, Profile, subject};
use super::statement::Subject;
use crate::crypto::sha256;
use crate::draft::Extension;
use crate::encoding::cbor::Writer;
use crate::encoding::json::Json;

/// The version of Google Play Services that the statement claims to come from.
const VERSION: &str = "1";
/// The service's host name, which a verifier looks for in the leaf (§8.5).
const HOST: &str = "attest.android.com";

/// The statement `{ver, response}`. The attestation key signs the response.
pub(super) fn statement(subject: &Subject<'_>) -> Vec<u8> {
    let identity = subject.known_identity().unwrap_or_else(|| subject.issue_identity(&profile()));
    let chain = subject.edits.sent_chain(identity.chain());

    let mut header = jws::header(identity.key().algorithm(), &chain);
    subject.edits.safety_net_header(&mut header);
    let mut payload = payload(subject);
    subject.edits.safety_net_payload(&mut payload);
    let signed = jws::signing_input(&header, &payload);
    let signature = subject.edits.sign_message(identity.key(), &[signed.as_bytes()]);
    let mut signature = jws::signature_value(identity.key().algorithm(), signature);
    subject.edits.signature(&mut signature);
    let response = jws::compact(&signed, &signature);

    let mut writer = Writer::with_capacity(response.len() + 32);
    writer.map(2);
    writer.text("ver");
    writer.text(VERSION);
    writer.text("response");
    writer.bytes(response.as_bytes());
    writer.into_bytes()
}

fn payload(subject: &Subject<'_>) -> Json<'static> {
    let base64 = |bytes: &[u8]| Json::from(Base64::encode_string(bytes));
    let application = sha256(&[b"stuntkey test application"]);
    let now = i64::try_from(subject.attester.clock().now()).unwrap_or(i64::MAX);
    Json::object([
        ("nonce", base64(&sha256(&[subject.auth_data, subject.client_data_hash]))),
        ("timestampMs", now.into()),
        ("apkPackageName", "org.example.stuntkey".into()),
        ("apkDigestSha256", base64(&application)),
        ("ctsProfileMatch", true.into()),
        ("apkCertificateDigestSha256", Json::Array(vec![base64(&sha256(&[&application]))])),
        ("basicIntegrity", true.into()),
    ])
}

fn profile() -> Profile {
    Profile {
        purpose: b"android-safetynet leaf",
        subject: subject("Authenticator Attestation", HOST),
        extensions: vec![Extension::dns_name(HOST)],
        intermediate: Intermediate::IfAsked,
        sends_root: false,
    }
}
