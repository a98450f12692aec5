//! The fuzz targets' seed corpora: replayed, and held against the code that makes them.

use std::fs;
use std::path::PathBuf;

use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::Authenticator;
use stuntkey::webauthn::RegistrationResponse;

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

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let nevis = include_bytes!("../examples/nevis-enroll-response.json").to_vec();
    let corbado = br#"{"attestationOptions":"{\"publicKey\":{\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"rp\":{\"name\":\"n\",\"id\":\"example.com\"},\"user\":{\"id\":\"AA\",\"name\":\"n\"},\"pubKeyCredParams\":[]}}"}"#;
    let keycloak = b"<script>const input = { challenge: 'AAAAAAAAAAAAAAAAAAAAAA', userid: 'AA', username: 'u', signatureAlgorithms: ['-7'], rpEntityName: 'k', rpId: 'example.com', createTimeout: 0 }</script>";
    let request = br#"{"publicKey":{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com","allowCredentials":[{"type":"public-key","id":"AA","transports":["usb"]}]},"mediation":"conditional"}"#;
    let [packed, own, none] = AttestationFormat::ALL else { panic!("another format has come") };
    let [packed, own, none] = [packed, own, none].map(|format| registration(*format));
    let data = |response: &RegistrationResponse| response.authenticator_data.clone();
    let sequence: Vec<u8> =
        vec![0xe0, 0xe1, 0x60, 0x63, 0x65, 0xe4, 0x62, 0x67, 0x04, 0xe6, 0xe3, 0x00, 0x20];
    vec![
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
        ("attestation_object", "packed", packed.attestation_object),
        ("attestation_object", "packed-self", own.attestation_object),
        ("attestation_object", "none", none.attestation_object),
        ("ctap2_request", "make-credential", targets::make_credential(1, 2, true, &[vec![3; 16]])),
        ("ctap2_request", "get-assertion", targets::get_assertion(0, &[])),
        ("ctap2_request", "get-info", vec![0x04]),
        ("ctap2_sequence", "mixed", sequence),
        ("ctap2_sequence", "accounts", vec![0x80, 0xa0, 0xc0, 0xe0, 0x83, 0x85, 0x85, 0x85, 0x85]),
        ("ctap2_sequence", "refusals", vec![0x00, 0x20, 0x40, 0x03, 0x06, 0xe5]),
    ]
}

fn registration(format: AttestationFormat) -> RegistrationResponse {
    let authenticator = Authenticator::builder().seed("corpus").format(format).build().unwrap();
    let mut client =
        Client::builder("https://login.example.com").authenticator(authenticator).build().unwrap();
    client.register(include_str!("../examples/nevis-enroll-response.json")).unwrap().response().clone()
}
