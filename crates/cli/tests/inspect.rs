//! `inspect`: what it says of the vectors of WebAuthn Level 3, of every kind in every encoding, and of rubbish.

mod common;
#[path = "common/inspecting.rs"]
mod inspecting;

use inspecting::*;

#[test]
fn every_vector_shows_the_facts_that_the_standard_tells_of_it() {
    for id in IDS {
        let vector = Vector::of(id);
        let document = json(&inspect(&["--json"], vector.reply(0).to_string().as_bytes()));
        assert_eq!(document["kind"], "response", "{id}");
        let response = node(&document["tree"], &["response"]);
        let object = node(response, &["attestationObject"]);
        let data = node(object, &["authData"]);
        let attested = node(data, &["attestedCredentialData"]);
        let aaguid = to_hex(&vector.bytes(0, "aaguid"));
        assert_eq!(node(attested, &["aaguid"])["value"].as_str().unwrap().replace('-', ""), aaguid, "{id}");
        assert_eq!(
            node(attested, &["credentialId"])["hex"],
            to_hex(&vector.bytes(0, "credential_id")),
            "{id}"
        );
        assert_eq!(node(data, &["rpIdHash"])["hex"], to_hex(&Sha256::digest("example.org")), "{id}");
        assert_eq!(node(data, &["signCount"])["value"], 0, "{id}");
        let meaning = node(data, &["flags"])["meaning"].as_str().unwrap();
        assert!(
            meaning.starts_with("UP user present") && meaning.ends_with("AT attested credential data"),
            "{id}"
        );
        let hash = Sha256::digest(vector.bytes(0, "clientDataJSON"));
        assert_eq!(node(response, &["clientDataJSON", "SHA-256"])["value"], to_hex(&hash), "{id}");
        let challenge = node(response, &["clientDataJSON", "challenge"]);
        assert_eq!(challenge["text"], vector.challenge(0).as_str(), "{id}");
        let format = node(object, &["fmt"])["text"].as_str().unwrap();
        assert!(id.starts_with(format), "{id} has {format}");
        if let Some(serial) = vector.0[0]["attestation_cert_serial_number"].as_str() {
            let certificate = node(object, &["attStmt", "x5c", "[0]"]);
            assert_eq!(node(certificate, &["serial number"])["hex"], serial, "{id}");
            assert_eq!(node(certificate, &["version"])["value"], 3, "{id}");
        }
    }
}

/// What a node says stands at its offset in the bytes.
#[test]
fn offsets_are_those_of_the_bytes() {
    let vector = Vector::of("tpm-es256");
    let object = vector.bytes(0, "attestationObject");
    let document = json(&inspect(&["--json"], to_hex(&object).as_bytes()));
    let tree = &document["tree"];
    let place = |names: &[&str]| {
        let node = node(tree, names);
        let start = usize::try_from(node["offset"].as_u64().unwrap()).unwrap();
        object[start..start + usize::try_from(node["length"].as_u64().unwrap()).unwrap()].to_vec()
    };
    assert_eq!(place(&["authData", "attestedCredentialData", "aaguid"]), vector.bytes(0, "aaguid"));
    assert_eq!(
        place(&["authData", "attestedCredentialData", "credentialId"]),
        vector.bytes(0, "credential_id")
    );
    assert_eq!(place(&["attStmt", "certInfo", "magic"]), [0xff, 0x54, 0x43, 0x47]);
    assert_eq!(place(&["attStmt", "x5c", "[0]"])[..2], [0x30, 0x82]);
    assert_eq!(place(&["fmt"]), b"\x63tpm");
}

/// WebAuthn L3 §8.3, §8.4 and §8.8 say what binds the statement to the client data.
#[test]
fn statements_show_what_binds_them_to_the_client_data() {
    let statement = |id: &str| {
        let vector = Vector::of(id);
        let document = json(&inspect(&["--json"], vector.reply(0).to_string().as_bytes()));
        let object = node(&document["tree"], &["response", "attestationObject"]);
        let data = node(object, &["authData"]);
        let (start, length) = (data["offset"].as_u64().unwrap(), data["length"].as_u64().unwrap());
        let (start, length) = (usize::try_from(start).unwrap(), usize::try_from(length).unwrap());
        let hash = Sha256::digest(vector.bytes(0, "clientDataJSON"));
        let bytes = vector.bytes(0, "attestationObject");
        let nonce = Sha256::digest([&bytes[start..start + length], &hash].concat());
        (node(object, &["attStmt"]).clone(), to_hex(&hash), to_hex(&nonce))
    };
    let (tpm, _, nonce) = statement("tpm-es256");
    assert_eq!(node(&tpm, &["certInfo", "extraData"])["hex"], nonce);
    assert_eq!(node(&tpm, &["certInfo", "magic"])["meaning"], "TPM_GENERATED_VALUE");
    assert_eq!(node(&tpm, &["certInfo", "type"])["meaning"], "TPM_ST_ATTEST_CERTIFY");
    assert_eq!(node(&tpm, &["pubArea", "parameters.curveID"])["meaning"], "TPM_ECC_NIST_P256");
    let extensions = node(&tpm, &["x5c", "[0]", "extensions"]);
    assert_eq!(node(extensions, &["extKeyUsage"])["value"], "tcg-kp-AIKCertificate (2.23.133.8.3)");
    node(extensions, &["subjectAltName", "tpmManufacturer"]);

    let (android, hash, _) = statement("android-key-es256");
    let description = node(&android, &["x5c", "[0]", "extensions", "Android key description"]);
    assert_eq!(node(description, &["attestationChallenge"])["hex"], hash);

    let (apple, _, nonce) = statement("apple-es256");
    assert_eq!(node(&apple, &["x5c", "[0]", "extensions", "Apple nonce"])["hex"], nonce);
}

/// Every kind of bytes in every way of writing them.
#[test]
fn every_kind_is_recognised_in_every_encoding() {
    let vector = Vector::of("packed-es256");
    let object = vector.bytes(0, "attestationObject");
    let document = json(&inspect(&["--json"], to_hex(&object).as_bytes()));
    let cut = |names: &[&str]| {
        let node = node(&document["tree"], names);
        let start = usize::try_from(node["offset"].as_u64().unwrap()).unwrap();
        object[start..start + usize::try_from(node["length"].as_u64().unwrap()).unwrap()].to_vec()
    };
    let key = cut(&["authData", "attestedCredentialData", "credentialPublicKey"]);
    let spki = hex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
    // The COSE_Key of a point has x at 10 and y at 45 (RFC 9053 §7.1.1, in canonical form).
    let spki = [&spki[..], &[4], &key[10..42], &key[45..]].concat();
    let info = hex("a3 01 82 68 4649444f5f325f30 68 4649444f5f325f31 03 50 000102030405060708090a0b0c0d0e0f 04 a1 62 726b f5"
        .replace(' ', "").as_str());
    let kinds: [(&str, Vec<u8>); 9] = [
        ("attestation object", object.clone()),
        ("authenticator data", cut(&["authData"])),
        ("authenticator data", vector.bytes(1, "authenticatorData")),
        ("client data", vector.bytes(0, "clientDataJSON")),
        ("certificate", cut(&["attStmt", "x5c", "[0]"])),
        ("public key (COSE_Key)", key),
        ("public key (SubjectPublicKeyInfo)", spki),
        ("CTAP2 response", info),
        ("CBOR", vec![0x83, 0x01, 0x61, 0x61, 0xf5]),
    ];
    for (kind, bytes) in &kinds {
        let plain = to_hex(bytes);
        let spaced = |with: &str| {
            let pairs: Vec<&str> =
                plain.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
            pairs.join(with)
        };
        let base64 = encode(bytes);
        let standard = base64.replace('-', "+").replace('_', "/");
        let padded = format!("{standard}{}", "=".repeat((4 - base64.len() % 4) % 4));
        let lines: Vec<&str> =
            padded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let encodings = [
            plain.clone(),
            plain.to_uppercase(),
            format!("0x{plain}"),
            spaced(" "),
            spaced(":"),
            spaced("\n"),
            base64.clone(),
            format!("{base64}\n"),
            format!("\"{base64}\""),
            padded.clone(),
            lines.join("\n"),
        ];
        let mut inputs: Vec<Vec<u8>> = encodings.into_iter().map(String::into_bytes).collect();
        inputs.push(bytes.clone());
        for input in inputs {
            let output = inspect(&["--json"], &input);
            let shown = String::from_utf8_lossy(&input).into_owned();
            assert_eq!(json(&output)["kind"], *kind, "{shown}");
        }
    }
    for (label, kind) in [("CERTIFICATE", 4), ("PUBLIC KEY", 6)] {
        let (name, bytes) = &kinds[kind];
        let body = encode(bytes).replace('-', "+").replace('_', "/");
        let body = format!("{body}{}", "=".repeat((4 - body.len() % 4) % 4));
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        assert_eq!(json(&inspect(&["--json"], pem.as_bytes()))["kind"], *name);
    }
}

#[test]
fn a_response_is_found_in_any_wrapping() {
    let vector = Vector::of("packed-es256");
    let reply = vector.reply(0);
    let wrapped = [
        value!({"a": [1, {"credential": reply}]}),
        value!({"public_key_credential": reply.to_string()}),
        value!({"ChallengeResponses": {"CREDENTIAL": reply.to_string()}}),
        value!({"attestation": reply["response"]["attestationObject"], "clientData": reply["response"]["clientDataJSON"]}),
    ];
    let challenge = vector.challenge(0);
    for body in wrapped {
        let arguments = ["--json", "--origin", "https://example.org", "--challenge", &challenge];
        let document = json(&inspect(&arguments, body.to_string().as_bytes()));
        assert_eq!(document["kind"], "response", "{body}");
        assert_eq!(document["verification"]["holds"], true, "{body}");
    }
}

#[test]
fn a_nevis_reply_of_the_tool_itself_holds_with_the_options_that_it_answers() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let origin = "https://login.example.com";
    let reply = run(stuntkey(&store).args(["register", "--origin", origin]).arg(nevis()), b"");
    let root = directory.path().join("root.pem");
    std::fs::write(&root, run(stuntkey(&store).args(["attestation", "root"]), b"").stdout).unwrap();
    let (options, root) = (nevis(), root.display().to_string());
    let arguments = ["--options", options.to_str().unwrap(), "--origin", origin, "--trust", &root];
    let output = inspect(&arguments, &reply.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains(" 24  ✓ passed") && text.contains("statusToken"), "{text}");
}

#[test]
fn options_are_recognised_and_led_to_their_command() {
    let cases = [
        (creation_options("example.com", "dQ"), "`stuntkey register` answers them"),
        (request_options("example.com"), "`stuntkey authenticate` answers them"),
        (std::fs::read_to_string(nevis()).unwrap(), "`stuntkey register` answers them"),
    ];
    for (options, hint) in cases {
        let output = inspect(&[], options.as_bytes());
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains(hint), "{}", stdout(&output));
    }
}

#[test]
fn every_vector_holds_step_by_step() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root.der");
    std::fs::write(&root, Vector::of("attestation-root-cert").bytes(0, "attestation_ca_cert")).unwrap();
    let root = root.display().to_string();
    for id in IDS {
        let vector = Vector::of(id);
        let registration = directory.path().join("registration.json");
        std::fs::write(&registration, vector.reply(0).to_string()).unwrap();
        let registration = registration.display().to_string();
        for block in [0, 1] {
            let challenge = vector.challenge(block);
            let mut arguments = vec!["--json", "--origin", "https://example.org", "--challenge", &challenge];
            arguments.extend(willing(id));
            match block {
                0 => arguments.extend(["--trust", &root]),
                _ => arguments.extend(["--public-key", &registration, "--sign-count", "0"]),
            }
            if block == 0 && id == "android-key-es256" {
                arguments.push("--android-key-absent");
            }
            let output = inspect(&arguments, vector.reply(block).to_string().as_bytes());
            let document = json(&output);
            let steps = document["verification"]["steps"].as_array().unwrap().clone();
            assert_eq!(steps.len(), if block == 0 { 29 } else { 25 }, "{id}");
            let verdict = |number: usize| steps[number - 1]["verdict"].as_str().unwrap();
            assert!(steps.iter().all(|step| step["verdict"] != "not reached"), "{id}");
            assert_eq!(verdict(if block == 0 { 22 } else { 21 }), "passed", "{id}");
            assert_eq!(verdict(if block == 0 { 24 } else { 22 }), "passed", "{id}");
            assert_eq!(document["verification"]["holds"], true, "{id}");
        }
    }
}

/// Arguments, and the steps and checks that they make fail.
type WrongExpectation<'a> = (&'a [&'a str], &'a [(u64, &'a str)]);

#[test]
fn each_wrong_expectation_fails_its_own_step() {
    let vector = Vector::of("packed-es256");
    let (challenge, other) = (vector.challenge(0), vector.challenge(1));
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let store = directory.path().join("s");
    let root = file("root.pem", &run(stuntkey(&store).args(["attestation", "root"]), b"").stdout);
    let options = file("options.json", creation_options("example.com", "dQ").as_bytes());
    let good = ["--json", "--origin", "https://example.org", "--challenge", &challenge];
    let cases: [WrongExpectation<'_>; 5] = [
        (&["--challenge", &other], &[(8, "client-data/challenge")]),
        (&["--origin", "https://example.com", "--rp-id", "example.org"], &[(9, "client-data/origin")]),
        (&["--rp-id", "example.com"], &[(14, "authenticator-data/rp-id-hash")]),
        (&["--trust", &root], &[(24, "trust/anchor")]),
        (&["--options", &options], &[(14, "authenticator-data/rp-id-hash")]),
    ];
    for (wrong, expected) in cases {
        let mut arguments: Vec<&str> = wrong.to_vec();
        let pairs = good[1..].chunks(2).filter(|pair| !wrong.contains(&pair[0])).flatten();
        arguments.extend(pairs.copied());
        arguments.push("--json");
        let output = inspect(&arguments, vector.reply(0).to_string().as_bytes());
        assert_eq!(output.status.code(), Some(1), "{wrong:?}: {}", stdout(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let failed = failed(&document["verification"]);
        let failed: Vec<(u64, &str)> = failed.iter().map(|(step, check)| (*step, check.as_str())).collect();
        assert_eq!(failed, expected, "{wrong:?}");
        assert!(stderr(&output).contains(expected[0].1), "{wrong:?}");
    }
    let vector = Vector::of("fido-u2f-es256");
    let arguments = ["--json", "--rp-id", "example.org", "--user-verification", "required"];
    let output = inspect(&arguments, vector.reply(0).to_string().as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = vec![(16, "authenticator-data/user-verified".to_owned())];
    assert_eq!(self::failed(&document["verification"]), expected);

    // For people: number, title, what was found and expected, and the clause.
    let output = inspect(&["--origin", "https://example.com"], vector.reply(0).to_string().as_bytes());
    let text = stdout(&output);
    for part in [
        "  9  ✗ failed          origin",
        "\"https://example.org\"",
        "\"https://example.com\"",
        "§7.1 step 9; §13.4.9",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn another_key_or_counter_fails_an_authentication() {
    let vector = Vector::of("packed-es256");
    let other = encode(&hex(&{
        let document = json(&inspect(&["--json"], &Vector::of("none-es256").bytes(0, "attestationObject")));
        let object = to_hex(&Vector::of("none-es256").bytes(0, "attestationObject"));
        let key =
            node(&document["tree"], &["authData", "attestedCredentialData", "credentialPublicKey"]).clone();
        let start = usize::try_from(key["offset"].as_u64().unwrap()).unwrap() * 2;
        object[start..].to_owned()
    }));
    let challenge = vector.challenge(1);
    let good = ["--json", "--origin", "https://example.org", "--challenge", &challenge];
    let run = |more: &[&str]| {
        let output = inspect(&[&good, more].concat(), vector.reply(1).to_string().as_bytes());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), document["verification"].clone())
    };
    let (code, verification) = run(&["--public-key", &other]);
    assert_eq!((code, failed(&verification)), (Some(1), vec![(21, "signature/value".to_owned())]));
    let (code, verification) = run(&["--sign-count", "7"]);
    assert_eq!((code, failed(&verification)), (Some(1), vec![(22, "policy/sign-count".to_owned())]));
}
