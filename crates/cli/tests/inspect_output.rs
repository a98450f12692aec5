//! `inspect`: how it shows what cannot be checked, read or shown, and how it draws.

mod common;
#[path = "common/inspecting.rs"]
mod inspecting;

use inspecting::*;

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
    let at = reply.find("clientDataJSON").unwrap() + 61;
    let output = inspect(&[], &reply.as_bytes()[..at]);
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    // The attestation object is whole and taken apart, and the client data as far as it goes.
    assert!(text.contains("serial number") && text.contains("webauthn.create"), "{text}");
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
