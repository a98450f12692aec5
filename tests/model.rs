//! A model is data: it has a text form, setting by setting, and builds the same authenticator in every build.

use stuntkey::attestation::{AttestationFormat, Authority};
use stuntkey::authenticator::{
    Answer, Answers, Authenticator, AuthenticatorBuilder, Backup, BuildError, CounterPolicy, FlagOverrides,
    Model, Setting, SettingKind,
};
use stuntkey::client::Client;
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{Aaguid, Attachment, Flags, Transport};

/// A value for each setting that is not its default, as text.
const OTHERS: [(&str, &str); 65] = [
    ("ctap_version", "2.3"),
    ("u2f", "true"),
    ("previews", "true"),
    ("aaguid", "00112233-4455-6677-8899-aabbccddeeff"),
    ("attachment", "cross-platform"),
    ("transports", "usb,nfc"),
    ("algorithms", "EdDSA,ES256"),
    ("backend", "graviola"),
    ("rsa_pool", "true"),
    ("credential_id_length", "64"),
    ("max_msg_size", "1024"),
    ("counter", "zero"),
    ("flags", "uv=0,be=1,rfu1=1"),
    ("backup", "backed-up"),
    ("extensions", "hmac-secret"),
    ("extension_data", "a0"),
    ("user_verification", "false"),
    ("client_pin", "true"),
    ("min_pin_length", "6"),
    ("max_pin_length", "32"),
    ("min_pin_length_rp_ids", "example.org,example.com"),
    ("max_rpids_for_set_min_pin_length", "2"),
    ("pin_complexity_policy", "true"),
    ("pin_complexity_policy_url", "https://example.org/pins"),
    ("pin_uv_auth_protocols", "2"),
    ("no_mc_ga_permissions_with_client_pin", "true"),
    ("make_cred_uv_not_rqd", "false"),
    ("always_uv", "true"),
    ("max_uv_retries", "8"),
    ("uv_attempts", "1"),
    ("preferred_platform_uv_attempts", "2"),
    ("uv_modality", "8"),
    ("bio_enrollment", "true"),
    ("max_fingers", "2"),
    ("samples_per_finger", "3"),
    ("finger_samples", "7,0,13"),
    ("uv_bio_enroll", "true"),
    ("uv_acfg", "true"),
    ("credential_management", "false"),
    ("credential_management_read_only", "true"),
    ("authenticator_config", "true"),
    ("vendor_config_commands", "1,18446744073709551615"),
    ("large_blobs", "2048"),
    ("max_cred_blob_length", "64"),
    ("max_credentials", "25"),
    ("max_credential_count_in_list", "20"),
    ("reset_within", "10"),
    ("long_touch_for_reset", "false"),
    ("transports_for_reset", "usb"),
    ("firmware_version", "5"),
    ("certifications", "FIDO=1,FIPS-CMVP-3=2"),
    ("info_options", "rk=false,uv=absent"),
    ("nonconforming", "true"),
    ("resident_key", "false"),
    ("enterprise_attestation", "true"),
    ("enterprise_rp_ids", "example.org"),
    ("platform_managed", "false"),
    ("user", "verified,denied"),
    ("attestation.format", "tpm"),
    ("attestation.authority", "seed:s"),
    ("attestation.intermediates", "1"),
    ("attestation.root_in_x5c", "true"),
    ("attestation.algorithm", "RS256"),
    ("attestation.serial_number", "hex:00ff"),
    ("attestation.clock", "7"),
];

fn other_model() -> Model {
    let mut model = Model::default();
    for (name, text) in OTHERS {
        model.set(name, text).unwrap();
    }
    model
}

#[test]
fn every_setting_is_read_and_written_as_text() {
    let names: Vec<String> = Model::settings().map(Setting::name).collect();
    assert_eq!(names, OTHERS.map(|(name, _)| name));
    for (setting, (name, text)) in Model::settings().zip(OTHERS) {
        let mut model = Model::default();
        setting.set(&mut model, text).unwrap();
        assert_eq!(setting.get(&model).as_deref(), Some(text), "{name}");
        assert_ne!(model, Model::default(), "{name}");
        assert!(!setting.doc().is_empty() && !setting.doc().ends_with('.'), "{name}");
        for (value, _) in setting.values() {
            setting.set(&mut model, &value.to_uppercase()).unwrap();
            let found = setting.get(&model).unwrap();
            assert_eq!(found, value, "{name}");
        }
    }
    let model = other_model();
    assert_eq!(model.aaguid, Aaguid::from_uuid("00112233445566778899aabbccddeeff"));
    assert_eq!(model.attachment, Attachment::CrossPlatform);
    assert_eq!(model.transports, Some(vec![Transport::Usb, Transport::Nfc]));
    assert_eq!(model.algorithms, [Algorithm::EdDsa, Algorithm::Es256]);
    assert_eq!(model.credential_id_length.get(), 64);
    assert_eq!((model.counter, model.backup), (CounterPolicy::Zero, Backup::BackedUp));
    let flags = FlagOverrides::default().force(Flags::UV, false).force(Flags::BE | Flags(2), true);
    assert_eq!(model.flags, flags);
    assert_eq!(model.extension_data.unwrap().as_bytes(), [0xa0]);
    assert_eq!(model.user, Answers::InTurn(vec![Answer::Verified, Answer::Denied]));
    assert_eq!(model.attestation.format, Some(AttestationFormat::Tpm));
    assert_eq!(model.attestation.authority, Some(Authority::Seeded("s".into())));
    assert_eq!(model.attestation.serial_number.0, [0, 0xff]);
}

#[test]
fn what_is_no_value_of_a_setting_is_refused_with_its_place() {
    for (name, text, message) in [
        ("counter", "never", "counter: found \"never\", expected per-credential, global, zero"),
        (
            "credential_id_length",
            "15",
            "credential_id_length: found \"15\", expected a number from 16 to 65535",
        ),
        ("extension_data", "80", "extension_data: found \"80\", expected a canonical CBOR map, not an array"),
        ("flags", "uv", "flags: found \"uv\", expected up, uv, be, bs, at or ed, then =0 or =1"),
        (
            "attestation.clock",
            "now",
            "attestation.clock: found \"now\", expected \"system\", or milliseconds since 1970",
        ),
    ] {
        assert_eq!(Model::default().set(name, text).unwrap_err().to_string(), message);
    }
    let error = Model::default().set("atachment", "platform").unwrap_err().to_string();
    assert!(error.starts_with("atachment: found a name that no setting has, expected one of "), "{error}");
    for (setting, text) in Model::settings().flat_map(|setting| ["\u{1}", "-1"].map(|text| (setting, text))) {
        let takes = match &*setting.name() {
            "attestation.serial_number" => true,
            "min_pin_length_rp_ids" | "enterprise_rp_ids" | "pin_complexity_policy_url" => text == "-1",
            _ => false,
        };
        assert_eq!(setting.set(&mut Model::default(), text).is_ok(), takes, "{setting:?} {text:?}");
    }
    // An empty list is none.
    let mut model = Model::default();
    model.set("transports", "").unwrap();
    assert_eq!(model.transports, Some(vec![]));
    assert_eq!(Model::settings().filter(|setting| setting.kind() == SettingKind::List).count(), 12);
}

#[test]
fn ready_made_models_are_what_their_names_say() {
    let names: Vec<&str> = Model::names().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "platform",
            "every_algorithm",
            "u2f_only",
            "security_key_ctap2_0",
            "security_key_ctap2_1",
            "security_key_ctap2_3",
            "no_pin",
            "with_fingers",
            "full",
            "phone"
        ]
    );
    #[cfg(feature = "ctap")]
    for name in names {
        Model::named(name).unwrap().builder().seed("s").build().unwrap();
    }
    assert_eq!(Model::named("platform"), Some(Model::default()));
    assert_eq!(Model::named("Security-Key-CTAP2_0").unwrap().attachment, Attachment::CrossPlatform);
    assert_eq!(Model::named("u2f"), None);
    for (name, text) in [
        ("algorithms", "ES256"),
        ("attachment", "platform"),
        ("counter", "per-credential"),
        ("credential_id_length", "32"),
        ("attestation.serial_number", "stuntkey-0001"),
    ] {
        let setting = Model::settings().find(|setting| setting.name() == name).unwrap();
        assert_eq!(setting.get(&Model::default()).as_deref(), Some(text), "{name}");
    }
    let mut phone = client(Model::named("phone").unwrap().builder());
    let response = phone.register(BODY).unwrap().into_response();
    assert_eq!(response.transports, [Transport::Hybrid, Transport::Internal]);
    let flags = Flags(response.authenticator_data[32]);
    assert!(flags.contains(Flags::BE | Flags::BS | Flags::UV));
    assert_eq!(Model::named("u2f_only").unwrap().counter, CounterPolicy::Global);
    let key = client(Authenticator::builder().counter(CounterPolicy::Global)).register(BODY).unwrap();
    assert_eq!(
        key.response().authenticator_data[33..37],
        [0, 0, 0, 1],
        "one counter for all, which has moved"
    );
}

#[test]
fn a_model_that_this_build_cannot_have_is_not_built() {
    for algorithm in Algorithm::ALL {
        let built = Authenticator::builder().algorithms([*algorithm]).seed("s").build();
        match (algorithm.is_available(), built.map(drop)) {
            (true, built) => built.unwrap(),
            (false, built) => {
                let error = built.unwrap_err();
                assert!(matches!(error, BuildError::Model(_)));
                assert!(error.to_string().contains(algorithm.feature().unwrap()), "{error}");
            }
        }
    }
    let mut model = Model::default();
    model.attestation.authority = Some(Authority::Pem("-----BEGIN nothing".into()));
    let error = model.builder().build().map(drop).unwrap_err().to_string();
    assert!(error.starts_with("attestation.authority: found "), "{error}");
    #[cfg(not(feature = "ctap"))]
    for name in ["security_key_ctap2_0", "security_key_ctap2_1", "phone"] {
        let built = Model::named(name).unwrap().builder().build().map(drop);
        assert_eq!(built.is_ok(), name == "phone", "{name}");
        assert!(built.err().is_none_or(|error| error.to_string().contains("Cargo feature `ctap`")), "{name}");
    }
}

#[test]
fn secrets_of_a_model_are_not_shown() {
    let mut model = Model::default();
    for authority in [Authority::Seeded("hush".into()), Authority::Pem("hush".into())] {
        model.attestation.authority = Some(authority);
        assert!(!format!("{model:?}").contains("hush"));
        assert!(!format!("{:?}", model.clone().builder()).contains("hush"));
    }
}

#[test]
fn the_plans_authority_is_the_one_that_is_given_to_the_builder() {
    let of_plan = |authority| {
        let mut model = Model::default();
        model.attestation.authority = authority;
        let authenticator = model.builder().seed("s").build().unwrap();
        authenticator.attestation_authority().certificate_der().to_vec()
    };
    let seeded = |seed| stuntkey::attestation::CertificateAuthority::seeded(seed);
    assert_eq!(of_plan(None), seeded("s").certificate_der());
    assert_eq!(of_plan(Some(Authority::Seeded("t".into()))), seeded("t").certificate_der());
    let pem = seeded("u").to_pem().to_string();
    assert_eq!(of_plan(Some(Authority::Pem(pem))), seeded("u").certificate_der());
    let test_root = stuntkey::attestation::CertificateAuthority::test_root();
    assert_eq!(of_plan(Some(Authority::TestRoot)), test_root.certificate_der());
}

/// EdDSA first and ES256 second, as widely used libraries ask.
const BODY: &str = r#"{"challenge":"BwcHBwcHBwcHBwcHBwcHBw","rp":{"id":"example.org","name":"Example"},
    "user":{"id":"AQ","name":"user","displayName":"User"},
    "pubKeyCredParams":[{"type":"public-key","alg":-8},{"type":"public-key","alg":-7}],"attestation":"direct",
    "authenticatorSelection":{"residentKey":"required"}}"#;

fn client(builder: AuthenticatorBuilder) -> Client {
    Client::builder("https://example.org").authenticator(builder).build().unwrap()
}

/// The same in a build with every feature and in one with none: `./check` runs this test in both. What a build has must
/// not change what a seed gives.
#[test]
fn a_seed_gives_the_same_bytes_whatever_features_the_build_has() {
    let mut client = client(Authenticator::builder().seed("the same in every build"));
    let registration = client.register(BODY).unwrap();
    assert_eq!(registration.response().public_key_algorithm, -7);
    let request = r#"{"challenge":"CAgICAgICAgICAgICAgICA","rpId":"example.org"}"#;
    let login = client.authenticate(request).unwrap();
    let digest = |text: String| base16ct::lower::encode_string(&<sha2::Sha256 as sha2::Digest>::digest(text));
    assert_eq!(
        [digest(registration.to_string()), digest(login.to_string())],
        [
            "112b9dbb5681b26315df4764ed42672b848e952ed20cf51276288128f524095f",
            "37509146131dad3ab5bd7fd27a60ebe0971404a3a650345af5263eeacbe2c54f"
        ]
    );
}

#[cfg(feature = "serde")]
mod json {
    use super::*;

    #[test]
    fn a_model_is_written_and_read() {
        for model in [other_model(), Model::default(), Model::named("phone").unwrap()] {
            let json = serde_json::to_string(&model).unwrap();
            assert_eq!(serde_json::from_str::<Model>(&json).unwrap(), model, "{json}");
        }
        let json = serde_json::to_value(other_model()).unwrap();
        assert_eq!(json["transports"], serde_json::json!(["usb", "nfc"]));
        assert_eq!(json["credential_id_length"], 64);
        assert_eq!(json["resident_key"], false);
        assert_eq!(json["attestation"]["intermediates"], 1);
        assert_eq!(serde_json::from_str::<Model>("{}").unwrap(), Model::default());
        assert_eq!(serde_json::from_str::<Model>(r#"{"aaguid":null}"#).unwrap(), Model::default());
        let plan = other_model().attestation;
        assert_eq!(
            serde_json::from_value::<stuntkey::attestation::Plan>(json["attestation"].clone()).unwrap(),
            plan
        );
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (json, message) in [
            (r#"{"atachment":"platform"}"#, "atachment: found a name that no setting has, expected one of "),
            (r#"{"attestation":{"formats":"tpm"}}"#, "attestation.formats: found a name that no setting has"),
            (
                r#"{"attestation":{"format":"tmp"}}"#,
                "attestation.format: found \"tmp\", expected packed, packed-self",
            ),
            (
                r#"{"credential_id_length":3}"#,
                "credential_id_length: found \"3\", expected a number from 16 to 65535",
            ),
            (r#"{"counter":{}}"#, "counter: found an object, expected the text form of the setting"),
            ("[]", "invalid type: sequence, expected an object with the settings of a model"),
        ] {
            let error = serde_json::from_str::<Model>(json).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
