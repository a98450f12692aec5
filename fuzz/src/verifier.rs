//! What the targets of the verifier do with their bytes.

use base64ct::{Base64UrlUnpadded, Encoding};
use ciborium::Value;
use stuntkey::crypto::KeyPair;
use stuntkey::verifier::internals::AndroidKeyDescription;
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, CredentialRecord, RegisteredCredential,
    RegistrationExpectations, RelyingParty, RelyingPartyPolicy, StepVerdict, Trust, VerifyingKey,
};
use stuntkey_inspect::tpm::{self, Structure};

const ROOT: &[u8] = include_bytes!("../corpus/root.der");

/// A key description: no panic, and members in order.
pub fn key_description(data: &[u8]) {
    if let Ok(description) = AndroidKeyDescription::parse(data) {
        for list in [description.software_enforced, description.tee_enforced] {
            assert!(list.tags.is_sorted());
        }
    }
}

/// A TPMS_ATTEST: no panic, and every byte is in one field or in the rest.
pub fn tpm_cert_info(data: &[u8]) {
    covers(data, &tpm::attest(data, 0..data.len()));
}

/// A TPMT_PUBLIC: no panic, and every byte is in one field or in the rest.
pub fn tpm_pub_area(data: &[u8]) {
    covers(data, &tpm::public(data, 0..data.len()));
}

fn covers(data: &[u8], structure: &Structure<'_>) {
    let mut at = 0;
    for field in &structure.fields {
        assert_eq!(field.range.start, at);
        assert!(data[field.range.clone()].ends_with(field.bytes));
        at = field.range.end;
    }
    assert_eq!(structure.rest, at..data.len());
}

/// A COSE_Key or a SubjectPublicKeyInfo: no panic, in verifying neither.
pub fn cose_key(data: &[u8]) {
    if let Ok((key, algorithm)) = VerifyingKey::from_cose(data) {
        assert_eq!(key, key.clone());
        // Whether it holds is the key's owner's to know: a key can be made for any signature.
        let _ = key.verify(algorithm, b"message", &data[..data.len().min(64)]);
    }
    if let Ok(key) = VerifyingKey::from_spki(data) {
        assert!(key.rsa_bits().is_none_or(|bits| bits >= 1024));
    }
}

/// A PKCS#8 or SEC 1 private key: no panic, and one that is read signs.
pub fn private_key(data: &[u8]) {
    if let Ok(pair) = KeyPair::from_pkcs8_der(data) {
        assert!(!pair.sign(&[b"message"]).is_empty());
        assert_eq!(KeyPair::from_pkcs8_der(&pair.to_pkcs8_der()).as_ref(), Ok(&pair));
    }
}

/// Certificates in a statement: the first byte chooses the format, and each certificate has its length before it,
/// in two bytes. No panic, and none is accepted: nothing is signed.
pub fn x5c(data: &[u8]) {
    let Some((choice, mut rest)) = data.split_first() else { return };
    let mut certificates = Vec::new();
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(more.len());
        let (certificate, more) = more.split_at(length);
        certificates.push(Value::Bytes(certificate.to_vec()));
        rest = more;
    }
    let format = ["packed", "tpm", "android-key", "apple", "fido-u2f"][usize::from(*choice) % 5];
    let mut members = vec![(Value::from("x5c"), Value::Array(certificates))];
    let mut add = |name: &str, value: Value| members.push((Value::from(name), value));
    if format != "apple" {
        add("sig", Value::Bytes(vec![0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]));
    }
    if matches!(format, "packed" | "tpm" | "android-key") {
        add("alg", Value::from(-7));
    }
    if format == "tpm" {
        add("ver", Value::from("2.0"));
        add("certInfo", Value::Bytes(vec![0xff, 0x54, 0x43, 0x47, 0x80, 0x17]));
        add("pubArea", Value::Bytes(vec![0, 0x23, 0, 0x0b]));
    }
    registration_reply(reply(format, Value::Map(members)).as_bytes());
}

/// The JSON Web Signature of an android-safetynet statement: no panic, and none is accepted.
pub fn safetynet_response(data: &[u8]) {
    let members = [("ver", Value::from("1")), ("response", Value::Bytes(data.to_vec()))];
    let members = members.into_iter().map(|(name, value)| (Value::from(name), value)).collect();
    registration_reply(reply("android-safetynet", Value::Map(members)).as_bytes());
}

/// A registration reply: every step is reported, the first refusal is the one that is returned, and nothing is
/// accepted but what the authenticator made.
pub fn registration_reply(data: &[u8]) {
    let Ok(reply) = std::str::from_utf8(data) else { return };
    for trust in [Trust::Anybody, Trust::Anchors(vec![ROOT.to_vec()])] {
        let expected = registration();
        let judge = judge().attestation(AttestationPolicy { trust, ..AttestationPolicy::default() });
        let report = judge.examine_registration(reply, &expected, &[]);
        assert_eq!(report.steps.len(), 29);
        match judge.verify_registration(reply, &expected, &[]) {
            Ok(verified) => {
                assert!(report.steps.iter().all(|step| !matches!(step.verdict, StepVerdict::Failed(_))));
                VerifyingKey::from_cose(&verified.record.public_key).expect("an accepted key can verify");
            }
            Err(refusal) => assert_eq!(report.refusals().next(), Some(&refusal)),
        }
    }
}

/// An authentication reply: the same; whoever did not sign does not log in.
pub fn authentication_reply(data: &[u8]) {
    let Ok(reply) = std::str::from_utf8(data) else { return };
    let expected = AuthenticationExpectations::with_challenge(&[7; 16]).user(Some(vec![1]));
    let record = CredentialRecord {
        id: vec![9; 16],
        public_key: cose_p256(),
        sign_count: 0,
        uv_initialized: false,
        transports: Vec::new(),
        backup_eligible: false,
        backup_state: false,
    };
    let credentials = [RegisteredCredential { user_handle: vec![1], record }];
    let judge = judge();
    let report = judge.examine_authentication(reply, &expected, &credentials);
    assert_eq!(report.steps.len(), 25);
    let refusal =
        judge.verify_authentication(reply, &expected, &credentials).expect_err("nobody has the key");
    assert_eq!(report.refusals().next(), Some(&refusal));
}

fn registration() -> RegistrationExpectations {
    let challenge = Base64UrlUnpadded::decode_vec("GVeXqotfQOWSaaWZuWj94Q").expect("it is base64url");
    RegistrationExpectations::with_challenge(&challenge).algorithms(vec![-7])
}

fn judge() -> RelyingParty {
    RelyingParty::new(RelyingPartyPolicy::new("login.example.com", "https://login.example.com"))
}

/// A reply whose attestation object has this statement, and the rest in order.
fn reply(format: &str, statement: Value) -> String {
    let attested = [&[0; 16][..], &[0, 16], &[9; 16], &cose_p256()].concat();
    // SHA-256 of "login.example.com".
    let rp_id_hash = [
        0x0c, 0x6c, 0xa0, 0x83, 0x9c, 0x3a, 0x56, 0x83, 0x55, 0x78, 0x33, 0xf6, 0x18, 0xa2, 0x55, 0x66, 0x65,
        0xdf, 0x2a, 0x08, 0x89, 0x64, 0x78, 0x7d, 0x53, 0x85, 0x0b, 0x4a, 0xd4, 0xd3, 0xbe, 0xdc,
    ];
    let auth_data = [&rp_id_hash[..], &[0x45, 0, 0, 0, 0], &attested].concat();
    let object = Value::Map(vec![
        (Value::from("fmt"), Value::from(format)),
        (Value::from("attStmt"), statement),
        (Value::from("authData"), Value::Bytes(auth_data)),
    ]);
    let mut bytes = Vec::new();
    ciborium::into_writer(&object, &mut bytes).expect("memory takes all");
    let client_data = br#"{"type":"webauthn.create","challenge":"GVeXqotfQOWSaaWZuWj94Q","origin":"https://login.example.com"}"#;
    serde_json::json!({
        "id": "CQkJCQkJCQkJCQkJCQkJCQ", "type": "public-key",
        "response": {
            "clientDataJSON": Base64UrlUnpadded::encode_string(client_data),
            "attestationObject": Base64UrlUnpadded::encode_string(&bytes),
        },
    })
    .to_string()
}

/// The generator of P-256 (SEC 2 §2.4.2) as a COSE_Key.
fn cose_p256() -> Vec<u8> {
    const X: [u8; 32] = [
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
        0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    ];
    const Y: [u8; 32] = [
        0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b,
        0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
    ];
    let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    [&head[..], &X, &[0x22, 0x58, 0x20], &Y].concat()
}
