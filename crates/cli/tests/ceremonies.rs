//! `register` and `authenticate`, as a script would use them.

mod common;

use common::{creation_options, json, listed, nevis, request_options, run, stderr, stdout, stuntkey};

#[test]
fn the_nevis_example_gives_a_reply_in_the_nevis_shape() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let output =
        run(stuntkey(&store).args(["register", "--origin", "https://login.example.com"]).arg(nevis()), b"");
    let reply = json(&output);
    let members: Vec<&String> = reply.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "response", "statusToken", "type"]);
    assert_eq!(reply["statusToken"], "eyJhbG...iJ9.eyJh...fQ.tcv...1jRRw");
    assert_eq!(
        stderr(&output),
        "stuntkey: warning: $.enrollment.credentialCreationOptions.relyingParty: \"relyingParty\", read as \"rp\"\n\
         stuntkey: warning: $.enrollment.credentialCreationOptions.relyingParty.id: an empty RP ID, taken as absent: \
         the origin's host is used\n"
    );
    assert_eq!(listed(&store).len(), 1);
}

#[test]
fn another_process_logs_in() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let registered = run(
        stuntkey(&store)
            .args(["register", "--origin", "https://login.example.com", "--reply", "l3"])
            .arg(nevis()),
        b"",
    );
    let id = json(&registered)["rawId"].clone();
    for count in 1..=3 {
        let output = run(
            stuntkey(&store).args(["authenticate", "--origin", "https://login.example.com", "-"]),
            request_options("login.example.com").as_bytes(),
        );
        let reply = json(&output);
        assert_eq!(reply["id"], id);
        assert_eq!(reply["response"]["userHandle"], "MzE1NjdhZTItMmZiMS00NjZlLTg0YWYtNGRhZmE4ZjljYTc4");
        assert_eq!(listed(&store)[0]["signCount"], count);
    }
}

#[test]
fn without_an_origin_the_rp_id_makes_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let output =
        run(stuntkey(&store).arg("register"), creation_options("login.example.com", "dQ").as_bytes());
    let reply = json(&output);
    let data = reply["response"]["clientDataJSON"].as_str().unwrap();
    let data = stuntkey::encoding::base64url::decode(data).unwrap();
    assert!(String::from_utf8(data).unwrap().contains("\"origin\":\"https://login.example.com\""));

    let output = run(stuntkey(&store).arg("register").arg(nevis()), b"");
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(message.contains("found no RP ID, expected one, as no origin is given\n"), "{message}");
    assert!(
        message.ends_with("stuntkey: hint: give the page's origin: --origin https://login.example.com\n"),
        "{message}"
    );
}

#[test]
fn a_seed_gives_the_same_bytes_in_every_process_and_store() {
    let directory = tempfile::tempdir().unwrap();
    let register = |store: &str, seed: &str| {
        let store = directory.path().join(store);
        let args = ["register", "--origin", "https://login.example.com", "--reply", "l3", "--seed", seed];
        let registered = run(stuntkey(&store).args(args).arg(nevis()), b"");
        assert_eq!(registered.status.code(), Some(0));
        let login = run(
            stuntkey(&store).args(["authenticate", "--seed", seed]),
            request_options("login.example.com").as_bytes(),
        );
        (stdout(&registered), stdout(&login))
    };
    let first = register("a", "golden");
    assert_eq!(first, register("b", "golden"));
    assert_ne!(first, register("c", "other"));
    // On one store too: the same credential takes its own place.
    assert_eq!(first.0, register("a", "golden").0);
}

#[test]
fn the_same_seed_never_gives_two_accounts_one_key() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for user in ["dQ", "dg"] {
        let input = creation_options("example.com", user);
        assert!(run(stuntkey(&store).args(["register", "--seed", "x"]), input.as_bytes()).status.success());
    }
    let listed = listed(&store);
    assert_eq!(listed.len(), 2);
    assert_ne!(listed[0]["id"], listed[1]["id"]);
}

#[test]
fn what_a_browser_refuses_exits_with_1_and_its_exception() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = creation_options("example.com", "dQ");
    let refused = |args: &[&str], input: &str| {
        let output = run(stuntkey(&store).args(args), input.as_bytes());
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()), "{args:?}");
        stderr(&output)
    };
    assert_eq!(
        refused(&["register", "--origin", "https://example.org"], &options),
        "stuntkey: error: SecurityError: the RP ID \"example.com\" is not for https://example.org, expected its host \
         or a registrable suffix of it\n\
         stuntkey: hint: if the page is elsewhere: --origin https://example.com; if the relying party lists \
         https://example.org as a related origin: --related-origin https://example.org\n"
    );
    assert_eq!(
        refused(&["register", "--user", "denied"], &options),
        "stuntkey: error: NotAllowedError: the user said no\n\
         stuntkey: hint: --user verified agrees, and passes verification\n"
    );
    assert_eq!(
        refused(&["register", "--no-resident-key"], &options),
        "stuntkey: error: ConstraintError: a discoverable credential is required, this key keeps none\n\
         stuntkey: hint: leave out --no-resident-key\n"
    );
    let message = refused(&["authenticate"], &request_options("example.com"));
    let (error, hint) = message.split_once('\n').unwrap();
    assert_eq!(error, "stuntkey: error: NotAllowedError: no discoverable credential for \"example.com\"");
    assert!(
        hint.starts_with("stuntkey: hint: `stuntkey credentials list --rp-id example.com` shows what "),
        "{hint}"
    );
    assert!(listed(&store).is_empty());
}

#[test]
fn strict_refuses_what_is_mended_otherwise() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let args = ["register", "--strict", "--origin", "https://login.example.com"];
    let output = run(stuntkey(&store).args(args).arg(nevis()), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with(
        "stuntkey: error: strict: $.enrollment.credentialCreationOptions.relyingParty: \"relyingParty\", read as \"rp\"; "
    ));
    assert!(listed(&store).is_empty());
}

#[test]
fn json_makes_messages_readable_for_machines() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let output = run(stuntkey(&store).args(["--json", "register"]), b"{}");
    let message: serde_json::Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!(message["level"], "error");
    assert_eq!(message["exception"], "TypeError");
    assert_eq!(message["path"], "$");
    assert_eq!(message["found"], "an empty object");
    let misuse = run(stuntkey(&store).args(["--json", "register", "--bogus"]), b"");
    assert_eq!(misuse.status.code(), Some(2));
    let message: serde_json::Value = serde_json::from_str(&stderr(&misuse)).unwrap();
    assert_eq!(message["message"], "unexpected argument '--bogus' found");
}

#[test]
fn a_missing_member_of_the_reply_is_told_and_can_be_given() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = creation_options("example.com", "dQ");
    let without = run(stuntkey(&store).args(["register", "--reply", "cognito"]), options.as_bytes());
    assert!(json(&without).get("AccessToken").is_none());
    assert!(stderr(&without).contains("the reply lacks AccessToken"));
    let with = run(
        stuntkey(&store).args(["register", "--reply", "cognito", "--with", "AccessToken=t=1"]),
        options.as_bytes(),
    );
    assert_eq!(json(&with)["AccessToken"], "t=1");
    assert_eq!(stderr(&with), "");
}

#[test]
fn help_and_version_fit_80_columns_and_misuse_exits_with_2() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for args in [
        &["--help"][..],
        &["register", "--help"],
        &["authenticate", "--help"],
        &["credentials", "--help"],
        &["credentials", "import", "--help"],
        &["attestation", "root", "--help"],
        &["--version"],
        &["--version", "-v"],
    ] {
        let output = run(stuntkey(&store).args(args).env("COLUMNS", "80"), b"");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        let long: Vec<String> =
            stdout(&output).lines().filter(|line| line.chars().count() > 80).map(str::to_owned).collect();
        assert!(long.is_empty(), "{args:?}: {long:#?}");
    }
    for args in [
        &[][..],
        &["frobnicate"],
        &["register", "--reply", "nobody"],
        &["register", "--flag", "uv"],
        &["register", "--aaguid", "1"],
        &["register", "--extension-data", "80"],
        &["credentials", "delete"],
        &["register", "no/such/file"],
        &["register", "--origin", "ftp://example.com"],
    ] {
        let output = run(stuntkey(&store).args(args), creation_options("example.com", "dQ").as_bytes());
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{args:?}");
        assert!(!stderr(&output).is_empty(), "{args:?}");
    }
}

#[test]
fn a_ca_of_the_users_own_is_what_the_server_trusts() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let authority = stuntkey::attestation::CertificateAuthority::seeded("somebody's");
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, &*authority.to_pem()).unwrap();
    let ca = ["--attestation-ca", file.to_str().unwrap()];
    let root = run(stuntkey(&store).args(["attestation", "root"]).args(ca), b"");
    assert_eq!(stdout(&root), authority.certificate_pem());
    let seeded = run(stuntkey(&store).args(["attestation", "root", "--seed", "somebody's"]), b"");
    assert_eq!(stdout(&seeded), authority.certificate_pem());
    let options = creation_options("example.com", "dQ");
    let reply = json(&run(stuntkey(&store).arg("register").args(ca), options.as_bytes()));
    let object =
        stuntkey::encoding::base64url::decode(reply["response"]["attestationObject"].as_str().unwrap())
            .unwrap();
    let leaf = authority.issue(stuntkey::webauthn::Aaguid::STUNTKEY, None);
    let leaf = &leaf.chain()[0];
    assert!(object.windows(leaf.len()).any(|window| window == leaf.as_slice()));
    let public = run(stuntkey(&store).args(["register", "--attestation-ca"]).arg(nevis()), b"");
    assert_eq!(public.status.code(), Some(2));
    assert!(stderr(&public).contains("found no PRIVATE KEY"), "{}", stderr(&public));
}

#[test]
fn every_algorithm_registers_and_logs_in_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    for (name, identifier) in
        [("ES384", -35), ("Ed448", -53), ("PS256", -37), ("RS1", -65535), ("ML-DSA-65", -49), ("ES256", -7)]
    {
        let options = creation_options("example.com", "YQ");
        let mut options: serde_json::Value = serde_json::from_str(&options).unwrap();
        options["pubKeyCredParams"] = serde_json::json!([{ "type": "public-key", "alg": identifier }]);
        let args = ["register", "--alg", name, "--seed", "s"];
        let made = run(stuntkey(&store).args(args), options.to_string().as_bytes());
        assert_eq!(json(&made)["response"]["publicKeyAlgorithm"], identifier, "{name}: {}", stderr(&made));
        let login = run(stuntkey(&store).arg("authenticate"), request_options("example.com").as_bytes());
        assert!(login.status.success(), "{name}: {}", stderr(&login));
    }
    let wrong = run(stuntkey(&store).args(["register", "--alg", "ES1"]), b"{}");
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn every_format_registers_by_its_name_with_attestation_keys_of_several_algorithms() {
    use stuntkey::attestation::AttestationFormat;
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let options = creation_options("example.com", "YQ");
    let mut registered = 0;
    for format in AttestationFormat::ALL {
        for name in ["ES256", "ES384", "RS256", "EdDSA"] {
            let args = ["register", "--seed", "s", "--format", format.name(), "--attestation-alg", name];
            let made = run(stuntkey(&store).args(args), options.as_bytes());
            let algorithm = stuntkey::crypto::Algorithm::from_name(name).unwrap();
            let has_key = !matches!(
                format,
                AttestationFormat::PackedSelf
                    | AttestationFormat::AndroidKey
                    | AttestationFormat::Apple
                    | AttestationFormat::None
            );
            if has_key && !format.supports_attestation_key(algorithm) {
                assert_eq!(made.status.code(), Some(1), "{args:?}");
                assert_eq!(
                    stderr(&made),
                    format!(
                        "stuntkey: error: NotSupportedError: {} attestation has no attestation key for {name}\n",
                        format.name()
                    )
                );
                continue;
            }
            let object = json(&made)["response"]["attestationObject"].as_str().unwrap().to_owned();
            let object = stuntkey::encoding::base64url::decode(&object).unwrap();
            let object = stuntkey::webauthn::AttestationObject::parse(&object).unwrap();
            assert_eq!(object.fmt, format.identifier(), "{args:?}");
            registered += 1;
        }
    }
    assert_eq!(registered, 4 * 9 - 1 - 2 - 3);
    let mut options: serde_json::Value = serde_json::from_str(&options).unwrap();
    options["pubKeyCredParams"] = serde_json::json!([{ "type": "public-key", "alg": -8 }]);
    let before = listed(&store).len();
    let refused = run(stuntkey(&store).args(["register", "--format", "tpm"]), options.to_string().as_bytes());
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        stderr(&refused),
        "stuntkey: error: NotSupportedError: tpm attestation is for no credential with EdDSA\n"
    );
    assert_eq!(listed(&store).len(), before);
}
