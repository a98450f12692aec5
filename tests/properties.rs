//! Every encoder against an independent reader: `base64`, `ciborium`, `coset`, `serde_json`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use stuntkey::Client;
use stuntkey::crypto::{Algorithm, KeyPair, PublicKey};
use stuntkey::encoding::cbor::{self, Value, Writer};
use stuntkey::encoding::{base64url, cose, json};
use stuntkey::webauthn::{
    Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, Ceremony, ClientData, Flags,
};

#[path = "../fuzz/src/canonical_cbor.rs"]
pub mod canonical_cbor;

#[path = "common/regressions.rs"]
mod regressions;

use canonical_cbor::{canonical, canonical_cbor};

/// CBOR values as `ciborium` has them, within what the canonical form allows.
fn cbor_value() -> impl Strategy<Value = ciborium::Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(|n| ciborium::Value::Integer(n.into())),
        any::<i64>().prop_map(|n| ciborium::Value::Integer(n.into())),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(ciborium::Value::Bytes),
        ".{0,40}".prop_map(ciborium::Value::Text),
        any::<bool>().prop_map(ciborium::Value::Bool),
        Just(ciborium::Value::Null),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(ciborium::Value::Array),
            prop::collection::vec((inner.clone(), inner), 0..6).prop_map(ciborium::Value::Map),
        ]
    })
}

fn encoded(value: &ciborium::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn write(value: &Value<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    value.write(&mut writer);
    writer.into_bytes()
}

fn public_key() -> impl Strategy<Value = PublicKey> {
    any::<[u8; 32]>().prop_filter_map("a scalar", |scalar| {
        KeyPair::from_p256_scalar(&scalar).ok().map(|pair| pair.public_key().clone())
    })
}

/// A key of any kind, with any coordinates.
fn any_public_key() -> impl Strategy<Value = PublicKey> {
    let bytes = prop::collection::vec(any::<u8>(), 2592);
    (0..Algorithm::ALL.len(), bytes, 1..600_usize).prop_map(|(index, bytes, length)| {
        fn at<const N: usize>(bytes: &[u8], from: usize) -> [u8; N] {
            bytes[from..from + N].try_into().unwrap()
        }
        let number = |length: usize| [&[1], &bytes[..length]].concat();
        match Algorithm::ALL[index] {
            Algorithm::Es256 => PublicKey::P256 { x: at(&bytes, 0), y: at(&bytes, 32) },
            Algorithm::Es384 => PublicKey::P384 { x: at(&bytes, 0), y: at(&bytes, 48) },
            Algorithm::Es512 => PublicKey::P521 { x: at(&bytes, 0), y: at(&bytes, 66) },
            Algorithm::Es256k => PublicKey::Secp256k1 { x: at(&bytes, 0), y: at(&bytes, 32) },
            Algorithm::EdDsa => PublicKey::Ed25519(at(&bytes, 0)),
            Algorithm::Ed448 => PublicKey::Ed448(at(&bytes, 0)),
            algorithm @ Algorithm::MlDsa44 => PublicKey::MlDsa { algorithm, key: bytes[..1312].to_vec() },
            algorithm @ Algorithm::MlDsa65 => PublicKey::MlDsa { algorithm, key: bytes[..1952].to_vec() },
            algorithm @ Algorithm::MlDsa87 => PublicKey::MlDsa { algorithm, key: bytes },
            algorithm => PublicKey::Rsa { algorithm, n: number(length), e: number(length % 8) },
        }
    })
}

prop_compose! {
    fn attested()(
        aaguid: [u8; 16],
        credential_id in prop::collection::vec(any::<u8>(), 0..1100),
        public_key in prop_oneof![public_key(), any_public_key()],
    ) -> AttestedCredentialData {
        AttestedCredentialData { aaguid: Aaguid(aaguid), credential_id, public_key }
    }
}

prop_compose! {
    fn authenticator_data()(
        rp_id_hash: [u8; 32],
        flags: u8,
        sign_count: u32,
        attested_credential_data in prop::option::of(attested()),
        extensions in prop::option::of(".{0,20}"),
    ) -> AuthenticatorData {
        let extensions = extensions.map(|name| write(&Value::Map(vec![(Value::Text(&name), Value::Bool(true))])));
        let flags = Flags(flags)
            .with(Flags::AT, attested_credential_data.is_some())
            .with(Flags::ED, extensions.is_some());
        AuthenticatorData { rp_id_hash, flags, sign_count, attested_credential_data, extensions }
    }
}

prop_compose! {
    fn client_data()(
        create: bool,
        challenge in prop::collection::vec(any::<u8>(), 0..80),
        origin in any::<String>(),
        cross_origin: bool,
        top_origin in prop::option::of(any::<String>()),
        extra in prop::collection::btree_map("[^tco].{0,8}", any::<String>(), 0..4),
    ) -> ClientData {
        ClientData {
            ceremony: if create { Ceremony::Create } else { Ceremony::Get },
            challenge,
            origin,
            cross_origin,
            top_origin,
            extra: extra.into_iter().map(|(name, text)| (name, json::Json::from(text))).collect(),
        }
    }
}

fn json_piece() -> impl Strategy<Value = String> {
    let punctuation = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "{\"a\":",
        "[1,",
        "\"",
        "\\",
        " ",
        "\n",
        "true",
        "false",
        "null",
        "nul",
        "-",
        "+",
        "0",
        "01",
        "-0",
        "1",
        "9",
        "1.",
        "1.5",
        ".5",
        "1e3",
        "1E-2",
        "1e",
        "1e999",
        "12345678901234567",
        "123456789012345678",
        "18446744073709551616",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\u12\"",
        "\"\\x\"",
        "\"\\\"\\/\\b\\f\\n\\r\\t\"",
        "\"\u{1f}\"",
        "\u{7f}",
        "\u{a0}",
        "\u{feff}",
    ]);
    let string = any::<String>().prop_map(|text| serde_json::Value::from(text).to_string());
    prop_oneof![
        6 => punctuation.prop_map(str::to_owned),
        1 => string,
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        // Something whole, so that not everything ends at the first token.
        2 => (any::<bool>(), any::<String>()).prop_map(|(flag, text)| serde_json::json!({"k": [flag, text, {}]}).to_string()),
    ]
}

proptest! {
    #![proptest_config(regressions::kept_in("proptest-regressions/properties.txt"))]
    #[test]
    fn canonical_cbor_is_read_and_written_back(
        value in cbor_value().prop_filter_map("a key twice", |value| canonical(&value, 0)),
    ) {
        let bytes = encoded(&value);
        let read = cbor::read(&bytes).unwrap();
        prop_assert_eq!(write(&read), bytes);
    }

    #[test]
    fn cbor_is_taken_in_its_canonical_form_and_in_no_other(value in cbor_value()) {
        canonical_cbor(&encoded(&value));
    }

    #[test]
    fn any_bytes_are_read_by_both_or_refused_by_ours(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok((value, rest)) = cbor::read_prefix(&bytes) {
            let item = &bytes[..bytes.len() - rest.len()];
            let theirs: ciborium::Value = ciborium::from_reader(item).unwrap();
            prop_assert_eq!(write(&value), item);
            if !item.contains(&0xf7) && !item.iter().any(|b| (0xf9..=0xfb).contains(b)) {
                prop_assert_eq!(encoded(&theirs), item);
            }
        }
    }

    #[test]
    fn cose_keys_are_read_by_coset(key in public_key()) {
        use coset::{CborSerializable, CoseKey, Label, RegisteredLabel, RegisteredLabelWithPrivate, iana};
        let mut writer = Writer::new();
        cose::write_public_key(&mut writer, &key);
        let bytes = writer.into_bytes();
        let theirs = CoseKey::from_slice(&bytes).unwrap();
        let PublicKey::P256 { x, y } = key else { unreachable!() };
        prop_assert_eq!(theirs.kty, RegisteredLabel::Assigned(iana::KeyType::EC2));
        prop_assert_eq!(theirs.alg, Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES256)));
        prop_assert_eq!(theirs.params, vec![
            (Label::Int(-1), ciborium::Value::from(1)),
            (Label::Int(-2), ciborium::Value::Bytes(x.to_vec())),
            (Label::Int(-3), ciborium::Value::Bytes(y.to_vec())),
        ]);
        prop_assert_eq!(cose::read_public_key(&cbor::read(&bytes).unwrap()).unwrap(), key);
    }

    #[test]
    fn cose_keys_of_every_kind_are_read_by_ciborium(key in any_public_key()) {
        let mut writer = Writer::new();
        cose::write_public_key(&mut writer, &key);
        let bytes = writer.into_bytes();
        let theirs: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
        prop_assert_eq!(encoded(&canonical(&theirs, 0).unwrap()), &bytes[..]);
        prop_assert_eq!(cose::read_public_key(&cbor::read(&bytes).unwrap()).unwrap(), key);
    }

    #[test]
    fn authenticator_data_comes_back(data in authenticator_data()) {
        let bytes = data.to_bytes();
        prop_assert_eq!(AuthenticatorData::parse(&bytes).unwrap(), data);
    }

    #[test]
    fn attestation_objects_are_read_by_ciborium(
        fmt in ".{0,20}",
        alg: i64,
        auth_data in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let number = if alg < 0 { Value::Negative(alg.unsigned_abs() - 1) } else { Value::Unsigned(alg.unsigned_abs()) };
        let att_stmt = write(&Value::Map(vec![(Value::Text("alg"), number)]));
        let object = AttestationObject { fmt: fmt.clone(), att_stmt, auth_data: auth_data.clone() };
        let bytes = object.to_bytes();
        let theirs: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
        let text = |text: &str| ciborium::Value::Text(text.to_owned());
        prop_assert_eq!(theirs, ciborium::Value::Map(vec![
            (text("fmt"), text(&fmt)),
            (text("attStmt"), ciborium::Value::Map(vec![(text("alg"), alg.into())])),
            (text("authData"), ciborium::Value::Bytes(auth_data)),
        ]));
        prop_assert_eq!(AttestationObject::parse(&bytes).unwrap(), object);
    }

    #[test]
    fn client_data_is_read_by_serde_json(data in client_data()) {
        let text = data.to_json();
        let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&theirs["type"], data.ceremony.client_data_type());
        prop_assert_eq!(&theirs["challenge"], &base64url::encode(&data.challenge));
        prop_assert_eq!(&theirs["origin"], &data.origin);
        prop_assert_eq!(&theirs["crossOrigin"], data.cross_origin);
        prop_assert_eq!(theirs.get("topOrigin").and_then(|v| v.as_str()), data.top_origin.as_deref());
        for (name, value) in &data.extra {
            prop_assert_eq!(theirs[name].as_str(), value.as_str());
        }
        prop_assert_eq!(ClientData::parse(text.as_bytes()).unwrap(), data);
    }

    #[test]
    fn json_is_read_and_printed_as_serde_json_does(text in any::<String>(), number: i64, flag: bool) {
        let theirs = serde_json::json!([text, number, flag, null, {"k": [text]}]);
        let printed = theirs.to_string();
        let ours = json::parse(&printed).unwrap();
        let back: serde_json::Value = serde_json::from_str(&ours.to_string()).unwrap();
        prop_assert_eq!(&back, &theirs);
        let pretty: serde_json::Value = serde_json::from_str(&ours.to_pretty_string()).unwrap();
        prop_assert_eq!(&pretty, &theirs);
    }

    /// Texts that are nearly JSON: pieces of the grammar in any order.
    #[test]
    fn json_is_taken_and_refused_as_serde_json_does(pieces in prop::collection::vec(json_piece(), 0..14)) {
        let text = pieces.concat();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match json::parse(&text) {
            Ok(ours) => {
                let back: serde_json::Value = serde_json::from_str(&ours.to_string()).unwrap();
                prop_assert_eq!(theirs.ok(), Some(back), "{}", text);
            }
            Err(error) if error.kind == json::JsonErrorKind::DuplicateMember => {}
            Err(error) => prop_assert!(theirs.is_err(), "{}: {}", text, error),
        }
    }

    #[test]
    fn base64url_comes_back_and_has_no_padding(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let text = base64url::encode(&bytes);
        prop_assert_eq!(&text, &URL_SAFE_NO_PAD.encode(&bytes));
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        prop_assert_eq!(base64url::decode(&text).unwrap(), bytes);
    }

    /// Every text, and nearly base64url.
    #[test]
    fn base64url_is_taken_and_refused_as_base64_does(text in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,12}[A-Za-z0-9_=+/-]?"]) {
        let theirs = URL_SAFE_NO_PAD.decode(&text);
        prop_assert_eq!(base64url::decode(&text).ok(), theirs.ok());
    }

    /// Either alphabet, padded or not, with white space: what `base64` takes once the alphabet is one and the space gone.
    #[test]
    fn lenient_base64_is_taken_and_refused_as_base64_does(
        text in prop_oneof![any::<String>(), "[A-Za-z0-9+/_ \n-]{0,12}={0,3} ?"],
    ) {
        let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let plain = plain.replace('-', "+").replace('_', "/");
        let theirs = if plain.contains('=') { STANDARD.decode(&plain) } else { STANDARD_NO_PAD.decode(&plain) };
        let ours = base64url::decode_lenient(&text);
        prop_assert_eq!(ours.as_ref().ok().map(|(bytes, _)| bytes), theirs.as_ref().ok());
        if let Ok((_, mended)) = ours {
            prop_assert_eq!(mended.padding, text.contains('='));
            prop_assert_eq!(mended.standard_alphabet, text.contains(['+', '/']));
            prop_assert_eq!(mended.white_space, text.contains(|c: char| c.is_ascii_whitespace()));
        }
    }

    #[test]
    fn no_body_makes_a_client_panic(body in any::<String>()) {
        let mut client = Client::builder_without_origin().build().unwrap();
        prop_assert!(client.register(&body).is_err());
        prop_assert!(client.authenticate(&body).is_err());
    }

    /// One member of good options replaced by any JSON: an error or a reply, and no panic.
    #[test]
    fn no_member_makes_a_client_panic(
        member in prop::sample::select(vec!["rp", "user", "challenge", "pubKeyCredParams", "timeout", "attestation",
            "excludeCredentials", "authenticatorSelection", "hints", "attestationFormats", "extensions"]),
        value in prop_oneof![
            Just(serde_json::json!({})), Just(serde_json::json!([])), Just(serde_json::json!([{}])),
            any::<i64>().prop_map(|n| n.into()), any::<f64>().prop_map(|n| n.into()),
            any::<String>().prop_map(|s| s.into()), any::<String>().prop_map(|s| serde_json::json!([s])),
            any::<String>().prop_map(|s| serde_json::json!({"id": s, "name": s, "displayName": s})),
            any::<String>().prop_map(|s| serde_json::json!([{"type": s, "alg": s, "id": s}])),
        ],
    ) {
        let text = include_str!("../examples/nevis-enroll-response.json");
        let mut body: serde_json::Value = serde_json::from_str(text).unwrap();
        body["enrollment"]["credentialCreationOptions"][member] = value;
        let mut client = Client::new("https://login.example.com").unwrap();
        if client.register(&body.to_string()).is_err() {
            prop_assert!(client.authenticator().store().begin().unwrap().all().unwrap().is_empty());
        }
    }
}
