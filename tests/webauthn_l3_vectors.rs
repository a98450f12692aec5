//! The vectors of WebAuthn Level 3: every pair of ceremonies reproduced byte for byte, certificates included, from the
//! keys and ids they give.

use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder, CounterPolicy, FlagOverrides};
use stuntkey::client::ClientBuilder;
use stuntkey::crypto::{Algorithm, Backend, KeyPair, RandomSource};
use stuntkey::draft::certificate::{multi_valued_name, name, year};
use stuntkey::draft::{AuthorizationList, CertificateDraft, ClockInfo, Edit, Extension, Oid};
use stuntkey::webauthn::{
    Aaguid, AttestationObject, AuthenticatorData, CreationOptions, CredentialDescriptor, Flags,
    RequestOptions,
};

mod common;

const FILE: &str = include_str!("vectors/webauthn-l3-vectors.json");
const SIGNATURES: &str = include_str!("vectors/signatures.json");

/// A pair of ceremonies in the standard.
struct Case {
    id: &'static str,
    algorithm: Algorithm,
    format: AttestationFormat,
    /// What is put in of the vector beside challenge, keys, ids, AAGUID, flags, further client data, and the
    /// certificate's serial number, names and dates.
    taken: &'static str,
}

const CASES: [Case; 15] = [
    case("none-es256", Algorithm::Es256, AttestationFormat::None, ""),
    case("packed-self-es256", Algorithm::Es256, AttestationFormat::PackedSelf, ""),
    case("none-es256-crossOrigin", Algorithm::Es256, AttestationFormat::None, ""),
    case("none-es256-topOrigin", Algorithm::Es256, AttestationFormat::None, ""),
    case("none-es256-long-credential-id", Algorithm::Es256, AttestationFormat::None, ""),
    case("packed-es256", Algorithm::Es256, AttestationFormat::Packed, ""),
    case("packed-es384", Algorithm::Es384, AttestationFormat::Packed, ""),
    case("packed-es512", Algorithm::Es512, AttestationFormat::Packed, ""),
    case("packed-rs256", Algorithm::Rs256, AttestationFormat::Packed, ""),
    case("packed-eddsa", Algorithm::EdDsa, AttestationFormat::Packed, ""),
    case("packed-ed448", Algorithm::Ed448, AttestationFormat::Packed, ""),
    case(
        "tpm-es256",
        Algorithm::Es256,
        AttestationFormat::Tpm,
        "who made the TPM, object attributes, no policy, no signer, clock, counts, safe, firmware, no qualified name",
    ),
    case(
        "android-key-es256",
        Algorithm::Es256,
        AttestationFormat::AndroidKey,
        "KeyMint version and security levels 0, empty authorization lists, no root in x5c",
    ),
    case("apple-es256", Algorithm::Es256, AttestationFormat::Apple, "no intermediate"),
    case("fido-u2f-es256", Algorithm::Es256, AttestationFormat::FidoU2f, ""),
];

const fn case(
    id: &'static str,
    algorithm: Algorithm,
    format: AttestationFormat,
    taken: &'static str,
) -> Case {
    Case { id, algorithm, format, taken }
}

/// `STUNTKEY_TABLE=1 cargo test --all-features --test webauthn_l3_vectors -- --nocapture` prints what is reproduced.
#[test]
fn every_pair_is_reproduced_byte_for_byte() {
    let sections = sections();
    let ids: Vec<&str> = sections[1..].iter().map(|section| section["id"].as_str().unwrap()).collect();
    assert_eq!(ids, CASES.map(|case| format!("sctn-test-vectors-{}", case.id)));
    for (case, section) in CASES.iter().zip(&sections[1..]) {
        let is_in_build = case.algorithm.is_available();
        if is_in_build {
            reproduce(case, section);
        }
        if std::env::var_os("STUNTKEY_TABLE").is_some() {
            let verdict = if is_in_build { "reproduced" } else { "not in this build" };
            println!(
                "{:30} {:12} {:7} {verdict:17} {}",
                case.id,
                case.format.name(),
                case.algorithm.name(),
                case.taken
            );
        }
    }
}

#[test]
fn the_root_certificate_is_reproduced() {
    let block = &sections()[0]["blocks"][0];
    let (key, certificate) = root(&Block(block));
    let subject = vector_name("Authenticator Attestation CA");
    let draft = CertificateDraft {
        version: 3,
        serial_number: unsigned(Block(block).bytes("attestation_ca_serial_number")),
        issuer: subject.clone(),
        not_before: year(2024),
        not_after: year(3024),
        subject,
        subject_public_key_info: key.public_key().to_spki_der(),
        extensions: vec![
            Extension::basic_constraints(true, None),
            Extension::key_usage(0x06, 1),
            Extension::subject_key_identifier(&key_identifier(&key.public_key().to_spki_der())),
        ],
    };
    assert_eq!(draft.sign(&key), certificate);
}

fn sections() -> Vec<serde_json::Value> {
    serde_json::from_str(FILE).unwrap()
}

fn reproduce(case: &Case, section: &serde_json::Value) {
    let [registration, authentication] = [0, 1].map(|i| Block(&section["blocks"][i]));
    let expected = AttestationObject::parse(&registration.bytes("attestationObject")).unwrap();
    let expected_data = AuthenticatorData::parse(&expected.auth_data).unwrap();
    let credential_id = registration.bytes("credential_id");
    let mut builder = authenticator(expected_data.flags)
        .aaguid(Aaguid(registration.bytes("aaguid").try_into().unwrap()))
        .credential_id_length(credential_id.len().try_into().unwrap())
        .attestation_authority(authority())
        .attestation_intermediates(0)
        .format(case.format);
    builder = match private_key(case, &registration) {
        Some(key) => {
            builder.random(RandomSource::from_rng(common::Scripted([key, credential_id.clone()].concat())))
        }
        None => builder
            .random(RandomSource::from_rng(common::Scripted(credential_id.clone())))
            .credential_key(mersenne_key()),
    };
    if registration.has("attestation_private_key") {
        let scalar = registration.bytes("attestation_private_key").try_into().unwrap();
        builder = builder.attestation_key(KeyPair::from_p256_scalar(&scalar).unwrap());
    }
    for edit in edits(case.format, &registration) {
        builder = builder.edit(edit);
    }
    let mut client = client(&registration).authenticator(builder.build().unwrap()).build().unwrap();
    let created = client.create(&creation_options(case.algorithm, registration.bytes("challenge"))).unwrap();
    assert_eq!(created.client_data_json, registration.bytes("clientDataJSON"), "{}", case.id);
    assert_eq!(created.authenticator_data, expected.auth_data, "{}", case.id);
    assert_eq!(created.attestation_object, registration.bytes("attestationObject"), "{}", case.id);

    let flags = Flags(authentication.bytes("authenticatorData")[32]);
    let mut login = authenticator(flags).build().unwrap();
    let credential = client.authenticator().store().begin().unwrap().find(&credential_id).unwrap().unwrap();
    let mut transaction = login.store().begin().unwrap();
    transaction.put(&credential).unwrap();
    transaction.commit().unwrap();
    let mut client = self::client(&authentication).authenticator(login).build().unwrap();
    let got = client.get(&request_options(authentication.bytes("challenge"), credential_id)).unwrap();
    assert_eq!(got.client_data_json, authentication.bytes("clientDataJSON"), "{}", case.id);
    assert_eq!(got.authenticator_data, authentication.bytes("authenticatorData"), "{}", case.id);
    assert_eq!(got.signature, authentication.bytes("signature"), "{}", case.id);
}

/// What the authenticator draws; `None` for RSA, whose primes the standard gives and nobody draws.
fn private_key(case: &Case, registration: &Block<'_>) -> Option<Vec<u8>> {
    let name = ["credential_private_key", "private_key"].into_iter().find(|name| registration.has(name))?;
    let mut key = registration.bytes(name);
    if case.algorithm == Algorithm::Es512 {
        // It stands there without its leading zero byte.
        key.insert(0, 0);
    }
    Some(key)
}

/// The key of the primes 2^1279 − 1 and 2^2203 − 1, which `vectors/signatures.py` has put into PKCS #8.
fn mersenne_key() -> KeyPair {
    let entries: Vec<serde_json::Value> = serde_json::from_str(SIGNATURES).unwrap();
    let is_it = |entry: &&serde_json::Value| {
        entry["algorithm"] == "RS256" && entry["source"].as_str().unwrap().contains("WebAuthn L3")
    };
    KeyPair::from_pkcs8_der(&Block(entries.iter().find(is_it).unwrap()).bytes("pkcs8")).unwrap()
}

/// What the vectors' authenticators say otherwise than ours, put in where it is a draft still.
fn edits(format: AttestationFormat, registration: &Block<'_>) -> Vec<Edit> {
    if matches!(format, AttestationFormat::None | AttestationFormat::PackedSelf) {
        return Vec::new();
    }
    let serial_number = unsigned(registration.bytes("attestation_cert_serial_number"));
    let leaf = Edit::leaf(move |leaf| vector_leaf(leaf, &serial_number));
    match format {
        AttestationFormat::Tpm => vec![
            leaf,
            Edit::leaf(|leaf| {
                leaf.subject = name(&[]);
                leaf.set_extension(Extension::directory_name(&multi_valued_name(&[
                    (Oid::TPM_MANUFACTURER, "id:00000000"),
                    (Oid::TPM_MODEL, "WebAuthn test vectors"),
                    (Oid::TPM_VERSION, "id:00000000"),
                ])));
            }),
            Edit::pub_area(|area| {
                // sign only.
                area.object_attributes = 0x0004_0000;
                area.auth_policy.clear();
            }),
            Edit::cert_info(|info| {
                info.qualified_signer.clear();
                info.clock_info =
                    ClockInfo { clock: 0, reset_count: 0x1111_1111, restart_count: 0x2222_2222, safe: 0x33 };
                info.firmware_version = 0;
                info.qualified_name.clear();
            }),
        ],
        AttestationFormat::AndroidKey => vec![
            Edit::key_description(|description| {
                description.attestation_security_level = 0;
                description.key_mint_version = 0;
                description.key_mint_security_level = 0;
                description.software_enforced = AuthorizationList::default();
                description.tee_enforced = AuthorizationList::default();
            }),
            leaf,
            Edit::chain(|chain| chain.truncate(1)),
        ],
        _ => vec![leaf],
    }
}

fn vector_leaf(leaf: &mut CertificateDraft, serial_number: &[u8]) {
    leaf.serial_number = serial_number.to_vec();
    leaf.not_before = year(2024);
    leaf.not_after = year(3024);
    leaf.subject = vector_name("Authenticator Attestation");
    leaf.set_extension(Extension::subject_key_identifier(&key_identifier(&leaf.subject_public_key_info)));
    leaf.remove_extension(Oid::FIDO_AAGUID);
}

fn vector_name(unit: &str) -> Vec<u8> {
    name(&[
        (Oid::COMMON_NAME, "WebAuthn test vectors"),
        (Oid::ORGANIZATION, "W3C"),
        (Oid::ORGANIZATIONAL_UNIT, unit),
        (Oid::COUNTRY, "AA"),
    ])
}

/// RFC 5280 §4.2.1.2, method 1: SHA-1 of the key's bits, which for P-256 are the last 65 bytes.
fn key_identifier(spki: &[u8]) -> Vec<u8> {
    use sha1::Digest;
    sha1::Sha1::digest(&spki[spki.len() - 65..]).to_vec()
}

/// The content of a DER INTEGER that is not negative.
fn unsigned(mut magnitude: Vec<u8>) -> Vec<u8> {
    if magnitude[0] >= 0x80 {
        magnitude.insert(0, 0);
    }
    magnitude
}

/// The root of the vectors, as an authority of the caller's.
fn authority() -> CertificateAuthority {
    let (key, certificate) = root(&Block(&sections()[0]["blocks"][0]));
    let certificate = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &certificate).unwrap();
    CertificateAuthority::from_pem(&format!("{certificate}{}", *key.to_pkcs8_pem())).unwrap()
}

fn root(block: &Block<'_>) -> (KeyPair, Vec<u8>) {
    let scalar = block.bytes("attestation_ca_key").try_into().unwrap();
    (KeyPair::from_p256_scalar(&scalar).unwrap(), block.bytes("attestation_ca_cert"))
}

/// One block of a section: names and hex.
struct Block<'a>(&'a serde_json::Value);

impl Block<'_> {
    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let hex = self.0[name].as_str().unwrap_or_else(|| panic!("{name} is missing"));
        base16ct::mixed::decode_vec(hex).unwrap()
    }
}

fn authenticator(flags: Flags) -> AuthenticatorBuilder {
    let forced = Flags::NAMED
        .iter()
        .fold(FlagOverrides::default(), |forced, (_, flag)| forced.force(*flag, flags.contains(*flag)));
    Authenticator::builder()
        .algorithms(Algorithm::available().iter().copied())
        .flags(forced)
        .counter(CounterPolicy::Zero)
        .backend(Backend::RustCrypto)
}

/// A client whose client data has what the block's client data has.
fn client(block: &Block<'_>) -> ClientBuilder {
    let data: serde_json::Value = serde_json::from_slice(&block.bytes("clientDataJSON")).unwrap();
    let mut builder = Client::builder("https://example.org").cross_origin(data["crossOrigin"] == true);
    if let Some(top_origin) = data["topOrigin"].as_str() {
        builder = builder.top_origin(top_origin);
    }
    if data.get("extraData").is_some() {
        builder = builder.client_data_member("extraData", &data["extraData"].to_string());
    }
    builder
}

fn creation_options(algorithm: Algorithm, challenge: Vec<u8>) -> CreationOptions {
    let mut options = common::options(&[algorithm]);
    options.challenge = challenge;
    options
}

fn request_options(challenge: Vec<u8>, credential_id: Vec<u8>) -> RequestOptions {
    let mut options = RequestOptions::new(challenge);
    options.rp_id = Some("example.org".into());
    options.allow_credentials = Some(vec![CredentialDescriptor { id: credential_id, transports: vec![] }]);
    options
}
