//! The fuzz targets' seed corpora: replayed, and held against the code that makes them.
#![cfg(all(feature = "verifier", feature = "all-algorithms"))]

use std::fs;
use std::path::PathBuf;

use rand_core::SeedableRng;
use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::base64url;
use stuntkey::webauthn::RegistrationResponse;

#[path = "corpus/ctap.rs"]
mod ctap;
#[expect(unreachable_pub, reason = "public for the fuzz workspace, whose library this file is")]
#[path = "../fuzz/src/targets.rs"]
mod targets;

#[test]
fn every_seed_passes_its_target() {
    for (name, target) in targets::TARGETS {
        let files: Vec<PathBuf> =
            fs::read_dir(corpus().join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 3, "{name} has only {} seeds", files.len());
        for file in files {
            target(&fs::read(file).unwrap());
        }
    }
}

/// The seeds are written by `STUNTKEY_BLESS=1 cargo test --test corpus`.
#[test]
fn the_seeds_are_current() {
    for (target, name, bytes) in seeds() {
        let file = corpus().join(target).join(name);
        if std::env::var_os("STUNTKEY_BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &bytes).unwrap();
        }
        assert!(fs::read(&file).unwrap() == bytes, "{} is not what the code makes", file.display());
    }
}

/// The root that the verifier's targets trust.
#[test]
fn the_root_is_the_one_that_ships() {
    let root = stuntkey::attestation::CertificateAuthority::test_root().certificate_der().to_vec();
    let file = corpus().join("root.der");
    if std::env::var_os("STUNTKEY_BLESS").is_some() {
        fs::write(&file, &root).unwrap();
    }
    assert_eq!(fs::read(&file).unwrap(), root);
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let nevis = include_bytes!("../examples/nevis-enroll-response.json").to_vec();
    let corbado = br#"{"attestationOptions":"{\"publicKey\":{\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"rp\":{\"name\":\"n\",\"id\":\"example.com\"},\"user\":{\"id\":\"AA\",\"name\":\"n\"},\"pubKeyCredParams\":[]}}"}"#;
    let keycloak = b"<script>const input = { challenge: 'AAAAAAAAAAAAAAAAAAAAAA', userid: 'AA', username: 'u', signatureAlgorithms: ['-7'], rpEntityName: 'k', rpId: 'example.com', createTimeout: 0 }</script>";
    let request = br#"{"publicKey":{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com","allowCredentials":[{"type":"public-key","id":"AA","transports":["usb"]}]},"mediation":"conditional"}"#;
    let [packed, none] = [AttestationFormat::Packed, AttestationFormat::None].map(registration);
    let data = |response: &RegistrationResponse| response.authenticator_data.clone();
    let sequence: Vec<u8> =
        vec![0xe0, 0xe1, 0x60, 0x63, 0x65, 0xe4, 0x62, 0x67, 0x04, 0xe6, 0xe3, 0x00, 0x20];
    let mut seeds: Vec<_> = AttestationFormat::ALL
        .iter()
        .map(|format| ("attestation_object", format.name(), registration(*format).attestation_object))
        .collect();
    seeds.extend(
        AttestationFormat::ALL
            .iter()
            .map(|format| ("readers", format.name(), registration(*format).attestation_object)),
    );
    seeds.push(("readers", "nevis", nevis.clone()));
    seeds.extend([
        ("options_body", "nevis", nevis),
        ("options_body", "corbado", corbado.to_vec()),
        ("options_body", "keycloak", keycloak.to_vec()),
        ("options_body", "request", request.to_vec()),
        ("cbor_reader", "attestation-object", packed.attestation_object.clone()),
        ("cbor_reader", "request", targets::make_credential(1, 2, true, &[vec![3; 16]])[1..].to_vec()),
        ("cbor_reader", "scalars", vec![0x84, 0x39, 0x03, 0xe7, 0xf9, 0x3c, 0x00, 0xf6, 0x62, 0xc3, 0xbc]),
        ("authenticator_data", "registration", data(&packed)),
        ("authenticator_data", "assertion", [&[9; 32][..], &[0x05, 0, 0, 0, 1]].concat()),
        ("authenticator_data", "extensions", [&[9; 32][..], &[0x85, 0, 0, 0, 1, 0xa1, 0x61, 0x78, 0xf5]].concat()),
        ("client_data", "create", none.client_data_json.clone()),
        ("client_data", "top-origin", br#"{"type":"webauthn.get","challenge":"-_8","origin":"https://example.org","crossOrigin":true,"topOrigin":"https://example.com","extra":[1]}"#.to_vec()),
        ("client_data", "reordered", br#"{"origin":"o\u0001","challenge":"","type":"webauthn.get"}"#.to_vec()),
        ("ctap2_request", "make-credential", targets::make_credential(1, 2, true, &[vec![3; 16]])),
        ("ctap2_request", "get-assertion", targets::get_assertion(0, &[])),
        ("ctap2_request", "get-info", vec![0x04]),
        ("ctap2_sequence", "mixed", sequence),
        ("ctap2_sequence", "accounts", vec![0x80, 0xa0, 0xc0, 0xe0, 0x83, 0x85, 0x85, 0x85, 0x85]),
        ("client_pin", "right", vec![0x00, 0x02, 0x06, 0x21, 0x0a, 0x04, 0x05]),
        ("client_pin", "wrong", vec![0x00, 0x0a, 0x0a, 0x0a, 0x02, 0x04, 0x0a, 0x02]),
        ("client_pin", "blocked", vec![0x20, 2, 2, 2, 4, 2, 2, 2, 4, 2, 2, 2, 0x0a, 0x05, 0x0a]),
        ("ctap2_sequence", "refusals", vec![0x00, 0x20, 0x40, 0x03, 0x06, 0xe5]),
    ]);
    seeds.extend(
        ["es256", "es384", "eddsa"]
            .iter()
            .zip(0..)
            .map(|(name, choice)| ("backends", *name, [&[choice][..], &[0x41; 48], b"a message"].concat())),
    );
    seeds.extend(verifier_seeds());
    seeds.extend([
        ("canonical_cbor", "attestation-object", packed.attestation_object),
        ("canonical_cbor", "keys-of-three-types", vec![0xa3, 0x18, 0x18, 0x00, 0x20, 0x00, 0x60, 0x00]),
        ("canonical_cbor", "keys-that-are-arrays", vec![0xa2, 0x82, 1, 2, 0, 0x81, 0x19, 1, 0, 0]),
        ("canonical_cbor", "key-twice", vec![0xa2, 0x01, 0x00, 0x01, 0x00]),
        ("canonical_cbor", "indefinite", vec![0x9f, 0x5f, 0x41, 0x00, 0xff, 0x18, 0x01, 0xff]),
        ("canonical_cbor", "floats", vec![0x83, 0xf9, 0x80, 0x01, 0xfa, 0x3f, 0x80, 0x00, 0x00, 0xf7]),
        ("canonical_cbor", "too-deep", vec![0x81; 9]),
    ]);
    seeds.extend(ctap::seeds());
    seeds.extend(ceremony_seeds());
    seeds.extend(mutation_seeds());
    seeds
}

/// Seeds for whole ceremonies: the choices of `Plan::draw`, in its order.
fn ceremony_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    // Attachment, resident key and user verification asked for; credProps, hints, timeout and excluded credentials.
    let [required, conditional, strange] = [
        [&[0, 2, 0], &[1, 0, 0, 0][..]].concat(),
        [&[0, 1, 1], &[0, 0, 0, 0][..]].concat(),
        [&[2, 0, 2], &[1, 1, 1, 1, 0x60, 0xea, 0, 0, 1, 4, 1, 2, 3, 4][..]].concat(),
    ];
    // A challenge, and names that have to be escaped or are more than ASCII.
    let names = |user: &str| {
        let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        [&[16][..], &[7; 16], &text("Example"), &text("user"), &text(user), &text("\u{1f511} \u{202e}")]
            .concat()
    };
    let unverified = [1, 0, 1, 0, 2, 0, 0, 1, 8];
    let verified = [0, 0, 1, 0, 0, 0, 0, 1, 9];
    let plan =
        |device: &[&[u8]], page: &[u8], asked: &[&[u8]]| [&device.concat(), page, &asked.concat()].concat();
    vec![
        // Packed under an intermediate; every algorithm; two logins.
        (
            "ceremony",
            "packed",
            plan(
                &[&[1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 1, 2]],
                &[0, 0, 0, 0, 0, 0],
                &[&[1, 0, 2, 0], &required, &names("a\"b\\"), &[0, 0, 2], &verified, &unverified],
            ),
        ),
        // TPM with ES384, below a page of another origin, backed up, and the same again.
        (
            "ceremony",
            "tpm-embedded",
            plan(
                &[&[3, 1, 2, 2, 0, 1, 0, 1, 1, 1, 1, 0, 0], &[0, 0, 0, 0, 1, 2]],
                &[1, 0, 0, 1, 1, b'x', 1, b'"'],
                &[&[2, 0, 2, 2, 0], &required, &names("u"), &[0, 1, 1], &verified],
            ),
        ),
        // No attestation, EdDSA, extension data (keys of three types, a double, `undefined`), a reserved flag, an id of
        // 1,023 bytes.
        (
            "ceremony",
            "extension-data",
            plan(
                &[
                    &[0, 1, 1, 0, 0, 0, 0, 1, 5, 0, 0, 1, 0],
                    &[16, 0xa3, 0x18, 0x18, 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x20, 0xf7, 0x60, 0],
                    &[0, 0, 0, 0, 1, 2],
                ],
                &[3, 0, 0, 0, 0, 0],
                &[&[1, 1, 0, 0], &required, &names("u"), &[0, 0, 1], &verified],
            ),
        ),
        // Apple in a conditional create, without an origin.
        (
            "ceremony",
            "apple-conditional",
            plan(
                &[&[7, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 1, 2]],
                &[4, 1, 0, 0, 0, 0],
                &[&[1, 0, 2, 0], &conditional, &names("u"), &[2, 0, 1], &verified],
            ),
        ),
        // An enterprise attestation with an ML-DSA key, for a key that is not discoverable.
        (
            "ceremony",
            "enterprise",
            plan(
                &[&[0, 1, 6, 6, 0, 1, 1, 0, 0, 0, 0, 0, 0], &[0, 1, 0, 1, 0, 1, 2]],
                &[2, 0, 1, 0, 0, 0],
                &[&[2, 9, 6, 3, 0], &[0, 0, 1, 0, 0, 0, 0], &names("u"), &[1, 0, 1], &unverified],
            ),
        ),
        // A user who denies, for an attachment that a hint overrules.
        (
            "ceremony",
            "denied",
            plan(
                &[&[6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 1, 2]],
                &[0, 0, 0, 0, 0, 0],
                &[&[1, 0, 2, 0], &strange, &names("u"), &[2, 0, 0]],
            ),
        ),
        // BS without BE, which the verifier refuses.
        (
            "ceremony",
            "backup-state",
            plan(
                &[&[2, 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0], &[0, 0, 0, 0, 1, 2]],
                &[0, 0, 0, 0, 0, 0],
                &[&[1, 5, 2, 0], &required, &names("u"), &[0, 0, 0]],
            ),
        ),
    ]
}

/// Seeds for changed responses: whose response, how many changes, and for each a donor, the place, and what.
fn mutation_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let index =
        |format| u8::try_from(AttestationFormat::ALL.iter().position(|f| *f == format).unwrap()).unwrap();
    let [packed, tpm, android, safetynet, u2f, compound, none] = [
        AttestationFormat::Packed,
        AttestationFormat::Tpm,
        AttestationFormat::AndroidKey,
        AttestationFormat::AndroidSafetynet,
        AttestationFormat::FidoU2f,
        AttestationFormat::Compound,
        AttestationFormat::None,
    ]
    .map(index);
    let mut seeds: Vec<_> = AttestationFormat::ALL
        .iter()
        .map(|format| ("mutated_registration", format.name(), vec![index(*format), 0, 0, 5]))
        .collect();
    let registrations = [
        ("root-in-x5c", vec![packed, 0, 0, 6]),
        ("statement-of-another", vec![packed, 0, tpm, 7]),
        ("no-attestation", vec![packed, 0, none, 7]),
        ("version-of-the-service", vec![safetynet, 0, 0, 3, 4, 1, 0, b'9']),
        ("counter-of-u2f", vec![u2f, 0, 0, 2, 0, 36, 0]),
        ("parts-turned-round", vec![compound, 0, 0, 4, 0, 1, 0]),
        ("part-twice", vec![compound, 0, 0, 4, 0, 1, 1]),
        ("root-left-out", vec![android, 0, 0, 4, 1, 0, 2]),
        ("another-member", [&[none, 0, 0, 0, 2, 1, 6][..], b"\"a\":1,"].concat()),
        ("bit-of-client-data", vec![packed, 0, 0, 0, 0, 40, 0]),
        ("another-id", vec![packed, 1, 0, 8, 1, 0, 3, 0, 0, 8, 0, 0, 3, 0]),
    ];
    seeds.extend(registrations.map(|(name, bytes)| ("mutated_registration", name, bytes)));
    let authentications = [
        ("other-es256", vec![0, 0, 0, 0, 5]),
        ("other-es384", vec![1, 0, 0, 0, 5]),
        ("other-es512", vec![2, 0, 0, 0, 5]),
        ("other-es256k", vec![3, 0, 0, 0, 5]),
        ("eddsa-bit", vec![4, 0, 0, 0, 2, 0, 63, 7]),
        ("rs256-leading-zero", vec![6, 0, 0, 0, 2, 2, 0, 1, 0]),
        ("ml-dsa-bit", vec![13, 0, 0, 0, 2, 0, 9, 100, 0]),
        ("counter", vec![0, 0, 0, 0, 1, 0, 36, 1]),
        ("no-handle", vec![0, 1, 0, 0, 4]),
        ("no-handle-of-nobody", vec![0, 0, 0, 0, 4]),
        ("signature-of-another", vec![0, 0, 0, 4, 2, 5, 0, 0, 63]),
    ];
    seeds.extend(authentications.map(|(name, bytes)| ("mutated_authentication", name, bytes)));
    seeds
}

/// Seeds for the verifier's targets: the structures inside the standard's vectors.
fn verifier_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let vectors = [
        ("packed", vector("packed-es256")),
        ("rsa", vector("packed-rs256")),
        ("ed448", vector("packed-ed448")),
        ("tpm", vector("tpm-es256")),
        ("android-key", vector("android-key-es256")),
        ("apple", vector("apple-es256")),
        ("fido-u2f", vector("fido-u2f-es256")),
    ];
    let mut seeds = Vec::new();
    for (name, object) in &vectors {
        let auth_data = object.get("authData").as_bytes().unwrap().clone();
        let id_length = usize::from(u16::from_be_bytes([auth_data[53], auth_data[54]]));
        seeds.push(("cose_key", *name, auth_data[55 + id_length..].to_vec()));
        let certificate = object.get("attStmt").get("x5c").as_array().unwrap()[0].as_bytes().unwrap().clone();
        let choice =
            ["packed", "tpm", "android-key", "apple", "fido-u2f"].iter().position(|f| f == name).unwrap_or(0);
        let length = u16::try_from(certificate.len()).unwrap().to_be_bytes();
        seeds.push(("x5c", *name, [&[u8::try_from(choice).unwrap()][..], &length, &certificate].concat()));
    }
    let tpm = vector("tpm-es256").get("attStmt");
    let (cert_info, pub_area) = (tpm.get("certInfo"), tpm.get("pubArea"));
    let (cert_info, pub_area) = (cert_info.as_bytes().unwrap(), pub_area.as_bytes().unwrap());
    // TPM 2.0 Part 2 §12.2.4: an RSA key of 16 bits, which is enough for a parser.
    let rsa =
        [0, 1, 0, 0x0b, 0, 6, 4, 0x72, 0, 0, 0, 0x10, 0, 0x14, 0, 0x0b, 8, 0, 0, 0, 0, 0, 0, 2, 0xc0, 1];
    seeds.extend([
        ("tpm_cert_info", "vector", cert_info.clone()),
        ("tpm_cert_info", "other-type", [&cert_info[..4], &[0x80, 0x18], &cert_info[6..]].concat()),
        ("tpm_cert_info", "short", cert_info[..20].to_vec()),
        ("tpm_pub_area", "vector", pub_area.clone()),
        ("tpm_pub_area", "rsa", rsa.to_vec()),
        ("tpm_pub_area", "short", pub_area[..9].to_vec()),
    ]);
    // The schema of the Android Open Source Project with purpose, digest, noAuthRequired, origin and
    // creationDateTime.
    let list = [
        &[0xa1, 5, 0x31, 3, 2, 1, 2][..],
        &[0xa5, 5, 0x31, 3, 2, 1, 4],
        &[0xbf, 0x83, 0x77, 2, 5, 0],
        &[0xbf, 0x85, 0x3e, 3, 2, 1, 0],
    ]
    .concat();
    let fields = [
        &[2, 2, 1, 0x2c, 10, 1, 1, 2, 2, 1, 0x2c, 10, 1, 1, 4, 2, 9, 9, 4, 0, 0x30, 0, 0x30][..],
        &[u8::try_from(list.len()).unwrap()],
        &list,
    ]
    .concat();
    let all = [0xbf, 0x84, 0x58, 2, 5, 0];
    let scoped =
        [&[2, 1, 3, 10, 1, 0, 2, 1, 4, 10, 1, 0, 4, 0, 4, 0, 0x30, 6][..], &all, &[0x30, 0]].concat();
    let sequence = |fields: &[u8]| [&[0x30, u8::try_from(fields.len()).unwrap()], fields].concat();
    seeds.extend([
        ("key_description", "enforced", sequence(&fields)),
        ("key_description", "all-applications", sequence(&scoped)),
        ("key_description", "empty", vec![0x30, 0]),
    ]);
    let keys = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed448, Algorithm::MlDsa44];
    for algorithm in keys {
        let mut random = chacha20::ChaCha20Rng::from_seed([1; 32]);
        let key = stuntkey::crypto::KeyPair::generate(algorithm, &mut random).unwrap();
        seeds.push(("private_key", algorithm.name(), key.to_pkcs8_der().to_vec()));
    }
    let reply = |response: &RegistrationResponse| response.to_json().to_string().into_bytes();
    let [packed, own, none] =
        [AttestationFormat::Packed, AttestationFormat::PackedSelf, AttestationFormat::None];
    seeds.extend([
        ("registration_reply", "packed", reply(&registration(packed))),
        ("registration_reply", "packed-self", reply(&registration(own))),
        ("registration_reply", "none", reply(&registration(none))),
    ]);
    let made = Map(ciborium::from_reader(
        registration(AttestationFormat::AndroidSafetynet).attestation_object.as_slice(),
    )
    .unwrap());
    let response = made.get("attStmt").get("response").as_bytes().unwrap().clone();
    let header = response.iter().position(|byte| *byte == b'.').unwrap();
    seeds.extend([
        ("safetynet_response", "made", response.clone()),
        ("safetynet_response", "without-payload", [&response[..header], b"..".as_slice()].concat()),
        ("safetynet_response", "two-parts", response[..response.len() / 2].to_vec()),
    ]);
    let client_data = |kind: &str| {
        base64url::encode(format!(r#"{{"type":"{kind}","challenge":"BwcHBwcHBwcHBwcHBwcHBw","origin":"https://login.example.com"}}"#).as_bytes())
    };
    // SHA-256 of "login.example.com".
    let rp_id_hash = "0c6ca0839c3a5683557833f618a2556665df2a088964787d53850b4ad4d3bedc";
    let authentication = |kind: &str, flags: u8, handle: &str| {
        let client_data = client_data(kind);
        let data = base64url::encode(&[hex(rp_id_hash), vec![flags, 0, 0, 0, 0]].concat());
        format!(
            r#"{{"id":"CQkJCQkJCQkJCQkJCQkJCQ","type":"public-key","response":{{"clientDataJSON":"{client_data}","authenticatorData":"{data}","signature":"MAYCAQECAQE"{handle}}}}}"#
        )
        .into_bytes()
    };
    seeds.extend([
        ("authentication_reply", "present", authentication("webauthn.get", 0x01, r#","userHandle":"AQ""#)),
        ("authentication_reply", "no-handle", authentication("webauthn.get", 0x05, "")),
        ("authentication_reply", "create", authentication("webauthn.create", 0x01, r#","userHandle":null"#)),
    ]);
    seeds
}

/// The attestation object of a vector.
fn vector(id: &str) -> Map {
    let sections: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("vectors/webauthn-l3-vectors.json")).unwrap();
    let section = sections.iter().find(|s| s["id"] == format!("sctn-test-vectors-{id}")).unwrap();
    let text = section["blocks"][0]["attestationObject"].as_str().unwrap();
    let bytes = hex(text);
    Map(ciborium::from_reader(bytes.as_slice()).unwrap())
}

fn hex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}

struct Map(ciborium::Value);

impl Map {
    fn get(&self, name: &str) -> Map {
        let entries = self.0.as_map().unwrap();
        Map(entries.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap().1.clone())
    }
}

impl std::ops::Deref for Map {
    type Target = ciborium::Value;

    fn deref(&self) -> &ciborium::Value {
        &self.0
    }
}

fn registration(format: AttestationFormat) -> RegistrationResponse {
    // What every build has.
    let builder = Authenticator::builder().attestation_algorithm(Algorithm::Es256);
    let authenticator = builder.seed("corpus").format(format).build().unwrap();
    let mut client =
        Client::builder("https://login.example.com").authenticator(authenticator).build().unwrap();
    client.register(include_str!("../examples/nevis-enroll-response.json")).unwrap().response().clone()
}
