//! One work, done as often as asked, for an instruction counter: `tests/instructions.py` runs it under callgrind.
//!
//! `instructions WORK COUNT` does the work; without arguments it lists the works. Keys and signatures are RustCrypto's,
//! as callgrind does not know every instruction of Graviola's.

#[path = "../../samples/mod.rs"]
mod samples;

use std::hint::black_box;

use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::Authenticator;
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::crypto::{Algorithm, Backend, RandomSource};
use stuntkey::encoding::cbor::Writer;
use stuntkey::encoding::cose;
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, RegisteredCredential, RegistrationExpectations,
    RelyingParty, RelyingPartyPolicy, Trust,
};
use stuntkey::webauthn::AttestationObject;

const ENROLMENT: &str = include_str!("../../../examples/nevis-enroll-response.json");
const CREATION: &str = include_str!("../../samples/creation.json");
const ORIGIN: &str = "https://login.example.com";
const REQUEST: &str = include_str!("../../samples/request.json");

/// A work: what it sets up, and what is then done again and again.
type Work = (&'static str, fn() -> Box<dyn FnMut()>);

const WORKS: [Work; 10] = [
    ("register none", || register(AttestationFormat::None)),
    ("register packed", || register(AttestationFormat::Packed)),
    ("authenticate", || {
        let mut client = client(AttestationFormat::None);
        client.register(CREATION).expect("registers");
        Box::new(move || {
            black_box(client.authenticate(black_box(REQUEST)).expect("logs in").into_text());
        })
    }),
    ("verify registration", || {
        let (judge, expected, reply) = (judge(), expected_registration(), packed().0);
        Box::new(move || {
            let none: [RegisteredCredential; 0] = [];
            black_box(judge.verify_registration(black_box(&reply), &expected, &none).expect("sound"));
        })
    }),
    ("verify authentication", || {
        let judge = judge();
        let (registration, login) = packed();
        let none: [RegisteredCredential; 0] = [];
        let verified = judge.verify_registration(&registration, &expected_registration(), &none);
        let record = verified.expect("sound").record;
        let user_handle = find_creation_options(CREATION).expect("valid").user.id;
        let credentials = [RegisteredCredential { user_handle, record }];
        let expected = AuthenticationExpectations::new(&find_request_options(REQUEST).expect("valid"));
        Box::new(move || {
            black_box(
                judge.verify_authentication(black_box(&login), &expected, &credentials).expect("sound"),
            );
        })
    }),
    ("client data", || {
        let client_data = samples::client_data();
        Box::new(move || {
            black_box(black_box(&client_data).to_json());
        })
    }),
    ("COSE key", || {
        let key = samples::public_key();
        Box::new(move || {
            let mut writer = Writer::with_capacity(77);
            cose::write_public_key(&mut writer, black_box(&key));
            black_box(writer.into_bytes());
        })
    }),
    ("authenticator data", || {
        let data = samples::authenticator_data();
        Box::new(move || {
            black_box(black_box(&data).to_bytes());
        })
    }),
    ("attestation object", || {
        let auth_data = samples::authenticator_data().to_bytes();
        let object = AttestationObject { fmt: "packed".into(), att_stmt: vec![0xa0; 720], auth_data };
        Box::new(move || {
            black_box(black_box(&object).to_bytes());
        })
    }),
    ("options", || {
        Box::new(|| {
            black_box(find_creation_options(black_box(ENROLMENT)).expect("valid"));
        })
    }),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [work, count] = &arguments[..] else {
        return WORKS.iter().for_each(|(name, _)| println!("{name}"));
    };
    let (_, prepare) = WORKS.iter().find(|(name, _)| name == work).expect("a work of the list");
    let mut work = prepare();
    for _ in 0..count.parse().expect("a number") {
        work();
    }
}

/// One account: each registration takes the place of the one before.
fn register(format: AttestationFormat) -> Box<dyn FnMut()> {
    let mut client = client(format);
    Box::new(move || {
        black_box(client.register(black_box(CREATION)).expect("registers").into_text());
    })
}

/// The replies of a packed registration, and of a login with the credential.
fn packed() -> (String, String) {
    let mut client = client(AttestationFormat::Packed);
    let registration = client.register(CREATION).expect("registers").to_string();
    (registration, client.authenticate(REQUEST).expect("logs in").to_string())
}

fn judge() -> RelyingParty {
    let root = CertificateAuthority::test_root().certificate_der().to_vec();
    RelyingParty::new(RelyingPartyPolicy::new("login.example.com", ORIGIN))
        .attestation(AttestationPolicy { trust: Trust::Anchors(vec![root]), ..AttestationPolicy::default() })
        .with_backend(Backend::RustCrypto)
}

fn expected_registration() -> RegistrationExpectations {
    RegistrationExpectations::new(&find_creation_options(CREATION).expect("valid"))
}

fn client(format: AttestationFormat) -> Client {
    // Not from a seed, which takes hashing of its own.
    let random = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32]);
    let authenticator = Authenticator::builder()
        .random(RandomSource::from_rng(random))
        .backend(Backend::RustCrypto)
        .algorithms([Algorithm::Es256])
        .format(format)
        .build()
        .expect("seeded");
    Client::builder(ORIGIN).authenticator(authenticator).build().expect("an origin")
}
