//! `inspect`: what it says of the vectors of WebAuthn Level 3, of every kind in every encoding, and of rubbish.

mod common;

use common::{creation_options, json, nevis, request_options, run, stderr, stdout, stuntkey};
use serde_json::{Value, json as value};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Output;
use stuntkey::encoding::base64url::encode;

const VECTORS: &str = include_str!("../../../tests/vectors/webauthn-l3-vectors.json");
const IDS: [&str; 15] = [
    "none-es256",
    "packed-self-es256",
    "none-es256-crossOrigin",
    "none-es256-topOrigin",
    "none-es256-long-credential-id",
    "packed-es256",
    "packed-es384",
    "packed-es512",
    "packed-rs256",
    "packed-eddsa",
    "packed-ed448",
    "tpm-es256",
    "android-key-es256",
    "apple-es256",
    "fido-u2f-es256",
];

fn inspect(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = stuntkey(Path::new("/nonexistent"));
    command.env_remove("NO_COLOR").env("COLUMNS", "80").arg("inspect").args(arguments);
    run(&mut command, input)
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A registration (0) or an authentication (1) of the standard.
struct Vector(Value);

impl Vector {
    fn of(id: &str) -> Self {
        let sections: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        let wanted = format!("sctn-test-vectors-{id}");
        Self(sections.into_iter().find(|section| section["id"] == wanted.as_str()).unwrap()["blocks"].take())
    }

    fn bytes(&self, block: usize, name: &str) -> Vec<u8> {
        hex(self.0[block][name].as_str().unwrap_or_else(|| panic!("{name}")))
    }

    fn reply(&self, block: usize) -> Value {
        let id = encode(&self.bytes(0, "credential_id"));
        let names: &[&str] = match block {
            0 => &["clientDataJSON", "attestationObject"],
            _ => &["clientDataJSON", "authenticatorData", "signature"],
        };
        let members =
            names.iter().map(|name| ((*name).to_owned(), Value::from(encode(&self.bytes(block, name)))));
        let response: Value = members.collect::<serde_json::Map<_, _>>().into();
        value!({"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response})
    }

    fn challenge(&self, block: usize) -> String {
        encode(&self.bytes(block, "challenge"))
    }
}

/// The node that names lead to.
fn node<'a>(tree: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().fold(tree, |node, name| {
        let children =
            node["children"].as_array().unwrap_or_else(|| panic!("no children where {name} should be"));
        children.iter().find(|child| child["name"] == *name).unwrap_or_else(|| panic!("no {name}"))
    })
}

/// The names of every failed check, with the steps' numbers.
fn failed(verification: &Value) -> Vec<(u64, String)> {
    let steps = verification["steps"].as_array().unwrap();
    let failures = steps.iter().flat_map(|step| {
        let failures = step["failures"].as_array().cloned().unwrap_or_default();
        failures
            .into_iter()
            .map(|f| (step["step"].as_u64().unwrap(), f["check"].as_str().unwrap().to_owned()))
    });
    failures.collect()
}

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

/// What each vector needs beyond the defaults, as in the verifier's own tests.
fn willing(id: &str) -> Vec<&'static str> {
    match id {
        "none-es256-crossOrigin" => vec!["--cross-origin"],
        "none-es256-topOrigin" => vec!["--cross-origin", "--top-origin", "https://example.com"],
        _ => Vec::new(),
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

#[test]
fn what_nobody_told_is_not_checkable_and_no_failure() {
    let vector = Vector::of("packed-es256");
    let output = inspect(&["--json", "--rp-id", "example.org"], vector.reply(1).to_string().as_bytes());
    let document = json(&output);
    let steps = document["verification"]["steps"].as_array().unwrap();
    for (number, option) in
        [(11, "--challenge"), (12, "--origin"), (21, "--public-key"), (22, "--sign-count")]
    {
        let step = &steps[number - 1];
        assert_eq!(step["verdict"], "not applicable", "{step}");
        assert_eq!(step["reason"], format!("not checkable: no {option}"));
    }
    assert_eq!(steps[14]["verdict"], "passed");
}

#[test]
fn what_cannot_be_read_is_shown_as_far_as_it_goes() {
    let object = Vector::of("packed-es256").bytes(0, "attestationObject");
    let output = inspect(&[], to_hex(&object[..600]).as_bytes());
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    assert!(text.contains("taken for: attestation object") && text.contains("\"packed\""), "{text}");
    assert!(text.contains("✗ stops at offset 0x") && text.contains("serial number"), "{text}");
    assert!(stderr(&output).contains("stops at offset"));

    let output = inspect(&[], &[to_hex(&object).as_bytes(), b"00"].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("1 byte more after the item"), "{}", stderr(&output));
}

#[test]
fn the_hex_view_has_every_byte_once() {
    for id in ["tpm-es256", "android-key-es256", "fido-u2f-es256"] {
        let object = Vector::of(id).bytes(0, "attestationObject");
        let text = stdout(&inspect(&["--hex"], &object));
        let (_, view) = text.split_once("bytes of attestation object\n").unwrap();
        let shown: String = view.lines().map(|line| line[6..line.len().min(54)].replace(' ', "")).collect();
        assert_eq!(shown, to_hex(&object), "{id}");
        assert!(view.contains("  rpIdHash") || view.contains(" rpIdHash"));
    }
}

#[test]
fn the_kind_can_be_told() {
    let output =
        inspect(&["--as", "cbor", "--json"], &Vector::of("packed-es256").bytes(0, "attestationObject"));
    assert_eq!(json(&output)["kind"], "CBOR");
    let output = inspect(&["--as", "certificate"], b"deadbeef");
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("taken for: certificate"));
}

#[test]
fn misuse_is_told() {
    let reply = Vector::of("packed-es256").reply(0).to_string();
    let certificate = run(stuntkey(Path::new("/nonexistent")).args(["attestation", "root"]), b"").stdout;
    let cases: [(&[&str], &[u8], &str); 8] = [
        (&["--as", "poem"], b"00", "invalid value 'poem'"),
        (&["--challenge", "a!"], reply.as_bytes(), "expected base64url"),
        (
            &["--origin", "https://example.org"],
            &certificate,
            "expectations are for a registration or authentication",
        ),
        (&["--public-key", "00"], reply.as_bytes(), "found a registration, expected an authentication"),
        (&["--trust", "/nonexistent"], reply.as_bytes(), "/nonexistent: cannot read"),
        (&["/nonexistent"], b"", "/nonexistent: cannot read"),
        (&["-"], b"", "found nothing"),
        (&[], b"{\"a\":1}", "found JSON without response, options or client data"),
    ];
    for (arguments, input, message) in cases {
        let output = inspect(arguments, input);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(message), "{arguments:?}: {}", stderr(&output));
    }
    let output = inspect(&[], &vec![b'a'; (4 << 20) + 1]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("at most 4 MiB"));
}

/// The readme's example is what the tool prints into a pipe.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../../../README.md");
    let (_, example) = readme.split_once("$ echo bfab").unwrap();
    let (input, rest) = example.split_once(" | stuntkey inspect\n").unwrap();
    let (expected, _) = rest.split_once("```").unwrap();
    let mut command = stuntkey(Path::new("/nonexistent"));
    let output = run(command.env_remove("COLUMNS").arg("inspect"), format!("bfab{input}\n").as_bytes());
    assert_eq!(stdout(&output), expected);
}

#[test]
fn a_private_key_is_not_shown() {
    let pem = b"-----BEGIN PRIVATE KEY-----\nAQIDBAUG\n-----END PRIVATE KEY-----\n";
    let output = inspect(&["--hex"], pem);
    assert_eq!(output.status.code(), Some(2));
    assert!(!stdout(&output).contains("010203"), "{}", stdout(&output));
}

#[test]
fn private_keys_are_shown_to_nobody_who_does_not_ask() {
    // 32 bytes of 0xa5 as the private key.
    let secret = [0xa5; 32];
    let pkcs8 = [&hex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")[..], &secret]
        .concat();
    let text = encode(&pkcs8);
    let cose = [
        &hex("a501020326200121582000000000000000000000000000000000000000000000000000000000000000002358 20"
            .replace(' ', "")
            .as_str())[..],
        &secret,
    ]
    .concat();
    let inputs = [
        format!("[{{\"credentialId\":\"AAAA\",\"privateKey\":\"{text}\"}}]").into_bytes(),
        format!("{{\"private_key\":\"{text}").into_bytes(),
        format!("{{\"kty\":\"EC\",\"d\":\"{}\"}}", encode(&secret)).into_bytes(),
        pkcs8,
        cose,
    ];
    for input in inputs {
        for arguments in [&["--hex"][..], &["--json"], &["--as", "cbor"], &[]] {
            let output = inspect(arguments, &input);
            let shown = stdout(&output) + &stderr(&output);
            let shown = shown.replace([' ', '\n'], "");
            assert!(!shown.contains("a5a5a5") && !shown.contains("paWlpaWl"), "{arguments:?}: {shown}");
        }
        let shown = stdout(&inspect(&["--show-secrets", "--json"], &input));
        assert!(shown.contains("a5a5a5") || shown.contains("paWlpaWl"), "{shown}");
    }
}

/// U+200B, U+FEFF and U+E0041 are not seen, and a reader of the report would take the text for another.
#[test]
fn unseen_characters_do_not_reach_the_terminal() {
    let client_data = "{\"type\":\"webauthn.get\",\"challenge\":\"AAAA\",\"origin\":\"https://a\u{200b}b\u{feff}c\u{e0041}d\"}";
    let text = stdout(&inspect(&[], client_data.as_bytes()));
    assert!(text.contains("https://a\u{fffd}b\u{fffd}c\u{fffd}d"), "{text}");
}

#[test]
fn json_that_is_cut_shows_the_members_that_are_whole() {
    let reply = Vector::of("packed-es256").reply(0).to_string();
    let at = reply.find("attestationObject").unwrap() + 60;
    let output = inspect(&[], &reply.as_bytes()[..at]);
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    // The client data is whole, and taken apart.
    assert!(text.contains("webauthn.create") && text.contains("SHA-256"), "{text}");
    assert!(stderr(&output).contains("stops at offset"), "{}", stderr(&output));
}

/// 4 MiB of numbers took 700 MB, and 25,000 statements half a minute.
#[test]
fn what_is_large_is_bounded() {
    let numbers = format!("{{\"a\":[{}0]}}", "1000,".repeat(800_000));
    let output = inspect(&["--json"], numbers.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("more than 50000 values"), "{}", stderr(&output));

    let vector = Vector::of("packed-es256");
    let object = vector.bytes(0, "attestationObject");
    let document = json(&inspect(&["--json"], to_hex(&object).as_bytes()));
    let place = |names: &[&str]| {
        let node = node(&document["tree"], names);
        let start = usize::try_from(node["offset"].as_u64().unwrap()).unwrap();
        object[start..start + usize::try_from(node["length"].as_u64().unwrap()).unwrap()].to_vec()
    };
    // {"fmt": "packed", "attStmt": …}, five thousand times.
    let part = [&hex("a263666d74667061636b65646761747453746d74")[..], &place(&["attStmt"])].concat();
    let compound = [
        &hex("a363666d7468636f6d706f756e646761747453746d74991388")[..],
        &part.repeat(5_000),
        &hex("686175746844617461"),
        &place(&["authData"])[..0],
        &hex("40"),
    ]
    .concat();
    let output = inspect(&[], &compound);
    assert!(stdout(&output).contains("more than 64 statements"), "{}", stdout(&output).len());
}

#[test]
fn colour_is_for_terminals_or_those_who_ask() {
    let input = Vector::of("packed-es256").reply(0).to_string();
    let coloured = |arguments: &[&str]| stdout(&inspect(arguments, input.as_bytes())).contains('\u{1b}');
    assert!(!coloured(&[]));
    assert!(!coloured(&["--color", "never"]));
    assert!(coloured(&["--color", "always"]));
    let mut command = stuntkey(Path::new("/nonexistent"));
    let output = run(command.env("NO_COLOR", "1").arg("inspect"), input.as_bytes());
    assert!(!stdout(&output).contains('\u{1b}'));
}

#[test]
fn control_and_direction_characters_do_not_reach_the_terminal() {
    let client_data = "{\"type\":\"webauthn.get\",\"challenge\":\"AAAA\",\"origin\":\"https://a\u{202e}b\\u001b[31m\\u0007\"}";
    let text = stdout(&inspect(&[], client_data.as_bytes()));
    assert!(text.contains("https://a\u{fffd}b\u{fffd}[31m\u{fffd}"), "{text}");
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let mut inputs: Vec<Vec<u8>> = IDS
        .iter()
        .flat_map(|id| [0, 1].map(|block| Vector::of(id).reply(block).to_string().into_bytes()))
        .collect();
    inputs.push(std::fs::read(nevis()).unwrap());
    inputs.push([vec![0x81; 31], vec![0x01]].concat());
    inputs.push(vec![0xa5; 1024]);
    for input in inputs {
        for arguments in [&["--hex"][..], &["--origin", "https://example.com", "--challenge", "AAAA"]] {
            let output = inspect(arguments, &input);
            for line in stdout(&output).lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

/// xorshift: the same rubbish in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

#[test]
fn rubbish_never_makes_it_panic() {
    let mut random = Random(0x5eed);
    let mut inputs = Vec::new();
    for length in 0..60 {
        inputs.push((0..length * 7).map(|_| random.next().to_le_bytes()[0]).collect::<Vec<u8>>());
    }
    for id in IDS {
        let vector = Vector::of(id);
        let whole = vector.bytes(0, "attestationObject");
        for _ in 0..12 {
            let mut bytes = whole.clone();
            for _ in 0..=random.below(4) {
                let position = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes.truncate(position),
                    1 => bytes.insert(position, random.next().to_le_bytes()[0]),
                    2 => drop(bytes.drain(position..(position + 3).min(bytes.len()))),
                    _ => bytes
                        .get_mut(position)
                        .into_iter()
                        .for_each(|byte| *byte = random.next().to_le_bytes()[0]),
                }
            }
            inputs.push(bytes);
        }
    }
    assert!(inputs.len() >= 240);
    for (index, input) in inputs.iter().enumerate() {
        let kinds = ["attestation-object", "cbor", "certificate", "authenticator-data", "cose-key", "ctap"];
        let told = ["--hex", "--as", kinds[index % kinds.len()]];
        let arguments = if index % 3 == 0 { &told[..] } else { &told[..1] };
        let output = inspect(arguments, input);
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 2)), "{code:?} {}: {}", stderr(&output), to_hex(input));
        assert!(!stderr(&output).contains("panicked"), "{}", to_hex(input));
    }
}
