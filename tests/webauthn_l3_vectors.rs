//! The ES256 vectors of WebAuthn Level 3 with `none` and `packed`, reproduced byte for byte from the keys and ids
//! they give.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, AttestationIdentity};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder, CounterPolicy, FlagOverrides};
use stuntkey::client::ClientBuilder;
use stuntkey::crypto::{KeyPair, RandomSource};
use stuntkey::webauthn::{
    Aaguid, AttestationConveyance, AttestationObject, AuthenticatorData, AuthenticatorSelection,
    CreationOptions, CredentialDescriptor, Extensions, Flags, RelyingParty, RequestOptions, ResidentKey,
    User, UserVerification,
};

const FILE: &str = include_str!("vectors/webauthn-l3-vectors.json");

#[test]
fn none_es256() {
    reproduces("none-es256", AttestationFormat::None);
}

#[test]
fn packed_self_es256() {
    reproduces("packed-self-es256", AttestationFormat::PackedSelf);
}

#[test]
fn none_es256_cross_origin() {
    reproduces("none-es256-crossOrigin", AttestationFormat::None);
}

#[test]
fn none_es256_top_origin() {
    reproduces("none-es256-topOrigin", AttestationFormat::None);
}

#[test]
fn none_es256_long_credential_id() {
    reproduces("none-es256-long-credential-id", AttestationFormat::None);
}

#[test]
fn packed_es256() {
    reproduces("packed-es256", AttestationFormat::Packed);
}

fn reproduces(id: &str, format: AttestationFormat) {
    let sections: Vec<serde_json::Value> = serde_json::from_str(FILE).unwrap();
    let section = sections.iter().find(|s| s["id"] == format!("sctn-test-vectors-{id}")).unwrap();
    let [registration, authentication] = [0, 1].map(|i| Block(&section["blocks"][i]));

    let expected = AttestationObject::parse(&registration.bytes("attestationObject")).unwrap();
    let expected_data = AuthenticatorData::parse(&expected.auth_data).unwrap();
    let credential_id = registration.bytes("credential_id");
    let script = [registration.bytes("credential_private_key"), credential_id.clone()].concat();
    let mut builder = authenticator(expected_data.flags)
        .aaguid(Aaguid(registration.bytes("aaguid").try_into().unwrap()))
        .credential_id_length(credential_id.len().try_into().unwrap())
        .random(RandomSource::from_rng(Scripted(script)))
        .format(format);
    if format == AttestationFormat::Packed {
        let scalar = registration.bytes("attestation_private_key").try_into().unwrap();
        builder = builder.attestation_identity(AttestationIdentity::new(
            KeyPair::from_p256_scalar(&scalar).unwrap(),
            vec![first_certificate(&expected.att_stmt)],
        ));
    }
    let mut client = client(&registration).authenticator(builder.build().unwrap()).build().unwrap();
    let created = client.create(&creation_options(registration.bytes("challenge"))).unwrap();
    assert_eq!(created.client_data_json, registration.bytes("clientDataJSON"));
    assert_eq!(created.attestation_object, registration.bytes("attestationObject"));

    let flags = Flags(authentication.bytes("authenticatorData")[32]);
    let mut login = authenticator(flags).build().unwrap();
    let credential = client.authenticator().store().begin().unwrap().find(&credential_id).unwrap().unwrap();
    let mut transaction = login.store().begin().unwrap();
    transaction.put(&credential).unwrap();
    transaction.commit().unwrap();
    let mut client = self::client(&authentication).authenticator(login).build().unwrap();
    let got = client.get(&request_options(authentication.bytes("challenge"), credential_id)).unwrap();
    assert_eq!(got.client_data_json, authentication.bytes("clientDataJSON"));
    assert_eq!(got.authenticator_data, authentication.bytes("authenticatorData"));
    assert_eq!(got.signature, authentication.bytes("signature"));
}

/// The vectors give the attestation key but its certificate only inside `x5c`.
fn first_certificate(att_stmt: &[u8]) -> Vec<u8> {
    let statement: ciborium::Value = ciborium::from_reader(att_stmt).unwrap();
    let (_, x5c) =
        statement.as_map().unwrap().iter().find(|(name, _)| name.as_text() == Some("x5c")).unwrap().clone();
    x5c.into_array().unwrap().remove(0).into_bytes().unwrap()
}

/// One block of a section: names and hex.
struct Block<'a>(&'a serde_json::Value);

impl Block<'_> {
    fn bytes(&self, name: &str) -> Vec<u8> {
        let hex = self.0[name].as_str().unwrap_or_else(|| panic!("{name} is missing"));
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    }
}

fn authenticator(flags: Flags) -> AuthenticatorBuilder {
    let forced = Flags::NAMED
        .iter()
        .fold(FlagOverrides::default(), |forced, (_, flag)| forced.force(*flag, flags.contains(*flag)));
    Authenticator::builder().flags(forced).counter(CounterPolicy::Zero)
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

fn creation_options(challenge: Vec<u8>) -> CreationOptions {
    CreationOptions {
        rp: RelyingParty { id: Some("example.org".into()), name: "Example".into() },
        user: User { id: vec![1], name: "user".into(), display_name: "User".into() },
        challenge,
        pub_key_cred_params: vec![-7],
        timeout: None,
        exclude_credentials: vec![],
        authenticator_selection: AuthenticatorSelection {
            attachment: None,
            resident_key: ResidentKey::Required,
            user_verification: UserVerification::Preferred,
        },
        hints: vec![],
        attestation: AttestationConveyance::Direct,
        attestation_formats: vec![],
        extensions: Extensions::default(),
    }
}

fn request_options(challenge: Vec<u8>, credential_id: Vec<u8>) -> RequestOptions {
    RequestOptions {
        challenge,
        timeout: None,
        rp_id: Some("example.org".into()),
        allow_credentials: Some(vec![CredentialDescriptor { id: credential_id, transports: vec![] }]),
        user_verification: UserVerification::Preferred,
        hints: vec![],
    }
}

/// Gives exactly these bytes.
struct Scripted(Vec<u8>);

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}
