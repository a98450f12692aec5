//! Attestation certificates by every rule of WebAuthn L3 §8.2.1, as an independent reader sees them.

use der::asn1::{OctetString, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use stuntkey::Client;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder};
use stuntkey::webauthn::{Aaguid, RegistrationResponse};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};

const FIDO_AAGUID: &str = "1.3.6.1.4.1.45724.1.1.4";
const FIDO_SERIAL_NUMBER: &str = "1.3.6.1.4.1.45724.1.1.2";

#[test]
fn the_leaf_keeps_every_rule() {
    let (response, statement) = register(Authenticator::builder());
    let [leaf] = chain(&statement).try_into().expect("the root is not sent");
    let tbs = leaf.tbs_certificate();

    // Version 3; the subject's C, O, OU and CN.
    assert_eq!(tbs.version(), x509_cert::Version::V3);
    let subject: Vec<(String, String)> = tbs
        .subject()
        .iter()
        .map(|attribute| {
            let value = &attribute.value;
            let text = match attribute.oid.to_string().as_str() {
                "2.5.4.6" => value.decode_as::<PrintableStringRef<'_>>().unwrap().to_string(),
                _ => value.decode_as::<Utf8StringRef<'_>>().unwrap().to_string(),
            };
            (attribute.oid.to_string(), text)
        })
        .collect();
    let expected = [
        ("2.5.4.6", "AQ"),
        ("2.5.4.10", "stuntkey test attestation"),
        ("2.5.4.11", "Authenticator Attestation"),
        ("2.5.4.3", "stuntkey test leaf"),
    ];
    assert_eq!(subject, expected.map(|(oid, text)| (oid.to_owned(), text.to_owned())));

    // Basic constraints: no CA. The AAGUID: an octet string inside, not critical.
    let (_, constraints) = tbs.get_extension::<BasicConstraints>().unwrap().unwrap();
    assert!(!constraints.ca && constraints.path_len_constraint.is_none());
    let (critical, value) = extension(&leaf, FIDO_AAGUID).unwrap();
    assert!(!critical);
    assert_eq!(OctetString::from_der(&value).unwrap().as_bytes(), Aaguid::STUNTKEY.0);
    assert!(extension(&leaf, FIDO_SERIAL_NUMBER).is_none());
    let (_, usage) = tbs.get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(usage.digital_signature() && !usage.key_cert_sign());

    // The statement's signature, by the leaf's key, over authenticator data and client data hash.
    assert_eq!(member(&statement, "alg").as_integer().unwrap(), (-7).into());
    let signed = [&response.authenticator_data[..], &sha256(&response.client_data_json)].concat();
    let signature = DerSignature::try_from(member(&statement, "sig").as_bytes().unwrap().as_slice()).unwrap();
    key(&leaf).verify(&signed, &signature).unwrap();
}

#[test]
fn the_chain_ends_in_the_root_that_ships() {
    let root = Certificate::from_der(CertificateAuthority::test_root().certificate_der()).unwrap();
    issued_by(&root, &root);
    let (_, statement) = register(Authenticator::builder());
    issued_by(&chain(&statement)[0], &root);
}

#[test]
fn an_intermediate_stands_between_leaf_and_root() {
    let root = Certificate::from_der(CertificateAuthority::test_root().certificate_der()).unwrap();
    let (_, statement) = register(Authenticator::builder().attestation_intermediates(1));
    let [leaf, intermediate] = chain(&statement).try_into().unwrap();
    issued_by(&leaf, &intermediate);
    issued_by(&intermediate, &root);
    let (_, constraints) =
        intermediate.tbs_certificate().get_extension::<BasicConstraints>().unwrap().unwrap();
    assert_eq!((constraints.ca, constraints.path_len_constraint), (true, Some(0)));
    let (_, usage) = intermediate.tbs_certificate().get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(usage.key_cert_sign());
}

#[test]
fn an_authority_of_the_callers_own_issues() {
    // openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/O=Acme/CN=Acme CA'
    let pem = include_str!("vectors/openssl-ca.pem");
    let authority = CertificateAuthority::from_pem(pem).unwrap();
    let root = Certificate::from_der(authority.certificate_der()).unwrap();
    let (_, statement) = register(Authenticator::builder().attestation_authority(authority));
    issued_by(&chain(&statement)[0], &root);
}

#[test]
fn a_seed_has_a_root_and_a_leaf_of_its_own() {
    let root = Certificate::from_der(CertificateAuthority::seeded("s").certificate_der()).unwrap();
    let (_, statement) = register(Authenticator::builder().seed("s"));
    issued_by(&chain(&statement)[0], &root);
}

#[test]
fn self_attestation_is_signed_by_the_credential_key() {
    let (response, statement) = register(Authenticator::builder().format(AttestationFormat::PackedSelf));
    assert_eq!(statement.len(), 2, "alg and sig only");
    let key = VerifyingKey::from_public_key_der(&response.public_key).unwrap();
    let signed = [&response.authenticator_data[..], &sha256(&response.client_data_json)].concat();
    let signature = DerSignature::try_from(member(&statement, "sig").as_bytes().unwrap().as_slice()).unwrap();
    key.verify(&signed, &signature).unwrap();
}

#[test]
fn none_is_an_empty_map() {
    let (_, statement) = register(Authenticator::builder().format(AttestationFormat::None));
    assert!(statement.is_empty());
}

fn register(
    builder: AuthenticatorBuilder,
) -> (RegistrationResponse, Vec<(ciborium::Value, ciborium::Value)>) {
    let mut client =
        Client::builder("https://login.example.com").authenticator(builder.build().unwrap()).build().unwrap();
    let reply = client.register(include_str!("../examples/nevis-enroll-response.json")).unwrap();
    let response = reply.response().clone();
    let object: ciborium::Value = ciborium::from_reader(response.attestation_object.as_slice()).unwrap();
    let statement = member(object.as_map().unwrap(), "attStmt").clone().into_map().unwrap();
    (response, statement)
}

fn member<'v>(map: &'v [(ciborium::Value, ciborium::Value)], name: &str) -> &'v ciborium::Value {
    &map.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap_or_else(|| panic!("no {name}")).1
}

fn chain(statement: &[(ciborium::Value, ciborium::Value)]) -> Vec<Certificate> {
    let x5c = member(statement, "x5c").as_array().unwrap();
    x5c.iter().map(|certificate| Certificate::from_der(certificate.as_bytes().unwrap()).unwrap()).collect()
}

fn extension(certificate: &Certificate, oid: &str) -> Option<(bool, Vec<u8>)> {
    let extensions = certificate.tbs_certificate().extensions()?;
    let found = extensions.iter().find(|extension| extension.extn_id.to_string() == oid)?;
    Some((found.critical, found.extn_value.as_bytes().to_vec()))
}

fn key(certificate: &Certificate) -> VerifyingKey {
    let spki = certificate.tbs_certificate().subject_public_key_info().to_der().unwrap();
    VerifyingKey::from_public_key_der(&spki).unwrap()
}

/// Names, key identifiers, CA flag, signature.
#[track_caller]
fn issued_by(certificate: &Certificate, issuer: &Certificate) {
    let (tbs, issuer_tbs) = (certificate.tbs_certificate(), issuer.tbs_certificate());
    assert_eq!(tbs.issuer(), issuer_tbs.subject());
    assert!(issuer_tbs.get_extension::<BasicConstraints>().unwrap().unwrap().1.ca);
    let (_, subject_key) = issuer_tbs.get_extension::<SubjectKeyIdentifier>().unwrap().unwrap();
    if tbs != issuer_tbs {
        let (_, authority_key) = tbs.get_extension::<AuthorityKeyIdentifier>().unwrap().unwrap();
        assert_eq!(authority_key.key_identifier, Some(subject_key.0));
    }
    let signature = DerSignature::try_from(certificate.signature().raw_bytes()).unwrap();
    key(issuer).verify(&tbs.to_der().unwrap(), &signature).unwrap();
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}
