//! Every attestation statement format, by the rules of WebAuthn L3 §8 and of the vendor, as an independent reader sees
//! it.

mod common;

use common::{Registered, Tlv, member, register, sha256, verifies};
use der::{Decode, Encode};
use stuntkey::Error;
use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder, Clock};
use stuntkey::client::{DomException, Refusal};
use stuntkey::crypto::{Algorithm, KeyPair};
use stuntkey::webauthn::Aaguid;
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName,
    SubjectKeyIdentifier,
};

fn builder(format: AttestationFormat) -> AuthenticatorBuilder {
    // The RSA keys of a seed come from the pool, which is quicker.
    let builder = Authenticator::builder().algorithms(Algorithm::available().iter().copied());
    with_a_key(builder.seed("formats").format(format))
}

/// An attestation key that this build has, as without `rsa` it lacks the one of SafetyNet.
fn with_a_key(builder: AuthenticatorBuilder) -> AuthenticatorBuilder {
    match Algorithm::Rs256.is_available() {
        true => builder,
        false => builder.attestation_algorithm(Algorithm::Es256),
    }
}

fn root() -> Certificate {
    Certificate::from_der(CertificateAuthority::seeded("formats").certificate_der()).unwrap()
}

#[test]
fn each_format_attests_the_algorithms_that_it_supports_and_stores_nothing_else() {
    let root = root();
    for format in AttestationFormat::ALL {
        for algorithm in Algorithm::available() {
            let name = format!("{} {algorithm}", format.name());
            let mut client = common::client(builder(*format));
            let result = client.create(&common::options(&[*algorithm]));
            let stored = client.authenticator().credentials().unwrap();
            if !format.supports(*algorithm) {
                let Err(Error::Refused(refusal)) = result else { panic!("{name} was made") };
                let (format, algorithm) = (*format, *algorithm);
                assert_eq!(refusal, Refusal::UnsupportedAttestation { format, algorithm }, "{name}");
                assert_eq!(refusal.dom_exception(), DomException::NotSupportedError, "{name}");
                assert_eq!(
                    refusal.to_string(),
                    format!("{} attestation is for no credential with {algorithm}", format.name())
                );
                assert!(stored.is_empty(), "{name}");
                continue;
            }
            let made = Registered::of(result.unwrap());
            assert_eq!((made.fmt.as_str(), stored.len()), (format.identifier(), 1), "{name}");
            for chain in chains(&made) {
                ends_in(&chain, &root);
                for certificate in &chain {
                    assert!(
                        certificate.tbs_certificate().subject().to_string().is_empty()
                            == (*format == AttestationFormat::Tpm && certificate == &chain[0]),
                        "{name}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_format_is_named_in_upper_and_lower_case() {
    assert_eq!("Packed-Self".parse(), Ok(AttestationFormat::PackedSelf));
    for format in AttestationFormat::ALL {
        assert_eq!(AttestationFormat::from_name(&format.to_string()), Some(*format));
    }
    let error = "u2f".parse::<AttestationFormat>().unwrap_err();
    assert_eq!((error.found.as_str(), error.expected.len()), ("u2f", AttestationFormat::ALL.len()));
}

#[test]
fn what_every_format_supports_is_what_its_makers_devices_have() {
    let of = |format: AttestationFormat| -> Vec<&str> {
        Algorithm::ALL.iter().filter(|algorithm| format.supports(**algorithm)).map(|a| a.name()).collect()
    };
    assert_eq!(of(AttestationFormat::FidoU2f), ["ES256"]);
    let rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "RS1"];
    assert_eq!(of(AttestationFormat::Tpm), [&["ES256", "ES384", "ES512"][..], &rsa].concat());
    assert_eq!(of(AttestationFormat::AndroidKey), [&["ES256", "ES384", "ES512", "EdDSA"][..], &rsa].concat());
    assert_eq!(
        of(AttestationFormat::Apple),
        [&["ES256", "ES384", "ES512", "ES256K", "EdDSA"][..], &rsa].concat()
    );
    assert_eq!(of(AttestationFormat::Packed).len(), Algorithm::ALL.len());
}

#[test]
fn a_format_for_es256_only_takes_it_wherever_it_stands_among_the_algorithms_asked_for() {
    let mut client = common::client(builder(AttestationFormat::FidoU2f));
    let made = client.create(&common::options(&[Algorithm::EdDsa, Algorithm::Es256])).unwrap();
    assert_eq!(made.public_key_algorithm, -7);
}

#[test]
fn packed_is_signed_by_keys_of_every_algorithm() {
    for algorithm in Algorithm::available() {
        let made = register(builder(AttestationFormat::Packed).attestation_algorithm(*algorithm));
        assert_eq!(made.int("alg"), algorithm.cose_identifier());
        let chain = made.chain();
        assert_eq!(chain.len(), 1);
        issued_by(&chain[0], &root());
        let verdict = verifies(&spki(&chain[0]), *algorithm, &made.signed(), &made.bytes("sig"));
        assert_ne!(verdict, Some(false), "{algorithm}");
    }
}

#[test]
fn an_attestation_key_that_the_format_cannot_use_is_refused() {
    for (format, algorithm) in [
        (AttestationFormat::FidoU2f, Algorithm::Es384),
        (AttestationFormat::Tpm, Algorithm::EdDsa),
        (AttestationFormat::AndroidSafetynet, Algorithm::Ps256),
    ] {
        let mut client = common::client(builder(format).attestation_algorithm(algorithm));
        let error = client.create(&common::options(&[Algorithm::Es256])).unwrap_err();
        let Error::Refused(refusal) = &error else { panic!("{error}") };
        assert_eq!(*refusal, Refusal::UnsupportedAttestationKey { format, algorithm });
        let why = format!("{} attestation has no attestation key for {algorithm}", format.name());
        assert_eq!(error.to_string(), format!("NotSupportedError: {why}"));
        assert!(client.authenticator().credentials().unwrap().is_empty());
    }
    // Where there is no attestation key, nothing is wrong with it.
    register(builder(AttestationFormat::PackedSelf).attestation_algorithm(Algorithm::EdDsa));
}

/// An algorithm that the build lacks is refused like one that the format lacks.
#[cfg(not(feature = "es384"))]
#[test]
fn an_attestation_key_that_the_build_lacks_is_refused() {
    let mut client =
        common::client(builder(AttestationFormat::Packed).attestation_algorithm(Algorithm::Es384));
    assert!(client.create(&common::options(&[Algorithm::Es256])).is_err());
}

#[test]
fn authorities_of_every_algorithm_issue() {
    for algorithm in Algorithm::available() {
        let mut random = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([5; 32]);
        let key = match algorithm.is_rsa() {
            true => KeyPair::from_rsa_pool(Algorithm::Rs256, &mut random),
            false => KeyPair::generate(*algorithm, &mut random),
        }
        .unwrap();
        let authority = CertificateAuthority::from_pem(&common::self_signed(&key)).unwrap();
        let root = Certificate::from_der(authority.certificate_der()).unwrap();
        let made = register(builder(AttestationFormat::Packed).attestation_authority(authority));
        let chain = made.chain();
        names_and_identifiers(&chain[0], &root);
        let leaf = chain[0].tbs_certificate().to_der().unwrap();
        let signature = chain[0].signature().raw_bytes();
        assert_ne!(verifies(&spki(&root), key.algorithm(), &leaf, signature), Some(false), "{algorithm}");
    }
}

#[test]
fn tpm_certifies_the_credential_key_for_this_ceremony() {
    let made = register(builder(AttestationFormat::Tpm));
    assert_eq!((made.int("alg"), member(&made.statement, "ver").as_text()), (-7, Some("2.0")));
    let (cert_info, pub_area) = (made.bytes("certInfo"), made.bytes("pubArea"));

    // TPMT_PUBLIC: type, nameAlg, objectAttributes, authPolicy; symmetric, scheme, curve, kdf; the point.
    let mut area = Tlv(&pub_area);
    assert_eq!((area.u16(), area.u16(), area.u32()), (0x23, 0x0b, 0x0006_0472));
    assert_eq!(area.sized().len(), 32);
    assert_eq!([area.u16(), area.u16(), area.u16(), area.u16()], [0x10, 0x10, 3, 0x10]);
    let point = [area.sized(), area.sized()].concat();
    assert!(made.response.public_key.ends_with(&point) && area.0.is_empty());

    // TPMS_ATTEST.
    let mut info = Tlv(&cert_info);
    assert_eq!((info.u32(), info.u16()), (0xff54_4347, 0x8017));
    assert_eq!(info.sized().len(), 34, "the AIK's qualified name");
    assert_eq!(info.sized(), sha256(&made.signed()));
    assert_eq!(info.take(8 + 4 + 4 + 1)[16], 1, "the clock is safe");
    info.take(8);
    assert_eq!(info.sized(), [&[0, 0x0b][..], &sha256(&pub_area)].concat());
    assert_eq!(info.sized().len(), 34);
    assert!(info.0.is_empty());

    let [aik] = made.chain().try_into().unwrap();
    assert_eq!(verifies(&spki(&aik), Algorithm::Es256, &cert_info, &made.bytes("sig")), Some(true));
}

#[test]
fn an_aik_certificate_keeps_the_profile_of_the_tcg() {
    let [aik] = register(builder(AttestationFormat::Tpm)).chain().try_into().unwrap();
    let tbs = aik.tbs_certificate();
    assert_eq!(tbs.version(), x509_cert::Version::V3);
    assert_eq!(tbs.subject().to_der().unwrap(), [0x30, 0], "an empty subject");
    let (critical, names) = tbs.get_extension::<SubjectAltName>().unwrap().unwrap();
    let [GeneralName::DirectoryName(tpm)] = &names.0[..] else { panic!("{names:?}") };
    let tpm: Vec<(String, Vec<u8>)> =
        tpm.iter().map(|attribute| (attribute.oid.to_string(), attribute.value.value().to_vec())).collect();
    let expected = [
        ("2.23.133.2.1", "id:FFFFF1D0"),
        ("2.23.133.2.3", "id:00000001"),
        ("2.23.133.2.2", "stuntkey test TPM"),
    ];
    assert!(critical);
    assert_eq!(tpm, expected.map(|(oid, text)| (oid.to_owned(), text.as_bytes().to_vec())));
    let (_, usage) = tbs.get_extension::<ExtendedKeyUsage>().unwrap().unwrap();
    assert_eq!(usage.0.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2.23.133.8.3"]);
    not_an_authority(&aik);
    assert_eq!(
        common::extension(&aik, "1.3.6.1.4.1.45724.1.1.4"),
        Some((false, [&[4, 16][..], &Aaguid::STUNTKEY.0].concat()))
    );
}

#[cfg(feature = "rsa")]
#[test]
fn tpm_describes_rsa_keys_and_signs_with_the_hash_that_it_names() {
    use sha1::Digest;
    let sha1 = |bytes: &[u8]| sha1::Sha1::digest(bytes).to_vec();
    for (algorithm, length) in [(Algorithm::Rs256, 32), (Algorithm::Rs1, 20)] {
        let mut client = common::client(builder(AttestationFormat::Tpm).attestation_algorithm(algorithm));
        let made = Registered::of(client.create(&common::options(&[Algorithm::Rs256])).unwrap());
        assert_eq!(made.int("alg"), algorithm.cose_identifier());
        let (cert_info, pub_area) = (made.bytes("certInfo"), made.bytes("pubArea"));
        let mut area = Tlv(&pub_area);
        assert_eq!((area.u16(), area.u16()), (1, 0x0b));
        area.u32();
        area.sized();
        // symmetric, scheme; keyBits; exponent, of which zero is 65537.
        assert_eq!([area.u16(), area.u16(), area.u16()], [0x10, 0x10, 2048]);
        assert_eq!((area.u32(), area.sized().len(), area.0.len()), (0, 256, 0));
        let mut info = Tlv(&cert_info);
        info.take(6);
        info.sized();
        let extra_data = info.sized();
        assert_eq!(extra_data.len(), length);
        assert!([sha256(&made.signed()).to_vec(), sha1(&made.signed())].contains(&extra_data.to_vec()));
        assert_eq!(verifies(&spki(&made.chain()[0]), algorithm, &cert_info, &made.bytes("sig")), Some(true));
    }
}

#[test]
fn android_certifies_the_credential_key_and_says_how_it_is_kept() {
    for algorithm in Algorithm::available().iter().filter(|a| AttestationFormat::AndroidKey.supports(**a)) {
        let mut client = common::client(builder(AttestationFormat::AndroidKey));
        let made = Registered::of(client.create(&common::options(&[*algorithm])).unwrap());
        assert_eq!(made.int("alg"), algorithm.cose_identifier());
        let [leaf, last] = made.chain().try_into().unwrap();
        assert_eq!(last, root(), "devices send it");
        assert_eq!(spki(&leaf), made.response.public_key, "{algorithm}");
        not_an_authority(&leaf);
        assert_ne!(verifies(&spki(&leaf), *algorithm, &made.signed(), &made.bytes("sig")), Some(false));

        let (critical, value) = common::extension(&leaf, "1.3.6.1.4.1.11129.2.1.17").unwrap();
        let [version, level, _, mint_level, challenge, unique_id, software, hardware] =
            common::sequence(&value).try_into().unwrap();
        assert!(!critical);
        assert_eq!(
            (version.1, level.1, mint_level.1, unique_id.1.len()),
            (vec![1, 0x2c], vec![1], vec![1], 0)
        );
        assert_eq!(challenge.1, sha256(&made.response.client_data_json));
        let tags = |list: &[u8]| common::tagged(list).into_iter().map(|(tag, _)| tag).collect::<Vec<_>>();
        assert_eq!(tags(&software.1), [701, 709]);
        let hardware = common::tagged(&hardware.1);
        let value = |tag: u32| hardware.iter().find(|(t, _)| *t == tag).map(|(_, value)| value.clone());
        assert_eq!(value(1), Some(vec![0x31, 3, 2, 1, 2]), "purpose: signing only");
        assert_eq!(value(702), Some(vec![2, 1, 0]), "origin: generated");
        assert_eq!(value(600), None, "not for all applications");
        assert_eq!(value(503), Some(vec![5, 0]));
        assert!([704, 705, 706, 718, 719].iter().all(|tag| value(*tag).is_some()));
        assert!(hardware.is_sorted_by_key(|(tag, _)| *tag), "DER keeps the order of the schema");
        match algorithm.is_rsa() {
            true => {
                assert_eq!((value(2), value(3)), (Some(vec![2, 1, 1]), Some(vec![2, 2, 8, 0])));
                assert_eq!(value(200), Some(vec![2, 3, 1, 0, 1]));
            }
            false => assert_eq!((value(2), value(10).is_some()), (Some(vec![2, 1, 3]), true)),
        }
    }
}

#[test]
fn apple_certifies_the_credential_key_for_this_ceremony_under_an_intermediate() {
    for algorithm in Algorithm::available().iter().filter(|a| AttestationFormat::Apple.supports(**a)) {
        let mut client = common::client(builder(AttestationFormat::Apple));
        let made = Registered::of(client.create(&common::options(&[*algorithm])).unwrap());
        assert_eq!(made.statement.len(), 1, "x5c only");
        let [leaf, _] = made.chain().try_into().unwrap();
        assert_eq!(spki(&leaf), made.response.public_key, "{algorithm}");
        let nonce = sha256(&made.signed());
        let expected = [&[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20][..], &nonce].concat();
        assert_eq!(common::extension(&leaf, "1.2.840.113635.100.8.2"), Some((false, expected)));
        not_an_authority(&leaf);
    }
    assert_eq!(register(builder(AttestationFormat::Apple).attestation_intermediates(0)).chain().len(), 1);
}

#[test]
fn u2f_signs_what_a_u2f_token_signs() {
    let made = register(builder(AttestationFormat::FidoU2f).attestation_intermediates(1));
    assert_eq!(made.statement.len(), 2, "sig and x5c only");
    let [leaf] = made.chain().try_into().expect("exactly one, whatever is asked for");
    issued_by(&leaf, &root());
    let point = &made.response.public_key[made.response.public_key.len() - 65..];
    let data = &made.response.authenticator_data;
    let hash = sha256(&made.response.client_data_json);
    let signed = [&[0][..], &data[..32], &hash, &made.response.id, point].concat();
    assert_eq!(verifies(&spki(&leaf), Algorithm::Es256, &signed, &made.bytes("sig")), Some(true));
    assert_eq!(data[37..53], [0; 16], "U2F has no AAGUID");
    let named = register(builder(AttestationFormat::FidoU2f).aaguid(Aaguid([9; 16])));
    assert_eq!(named.response.authenticator_data[37..53], [9; 16], "unless the caller has one");
}

#[test]
fn safetynet_answers_about_this_ceremony_now() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256].into_iter().filter(|a| a.is_available()) {
        let clock = Clock::Fixed(1_750_000_000_123);
        let made = register(
            builder(AttestationFormat::AndroidSafetynet).attestation_algorithm(algorithm).clock(clock),
        );
        assert!(member(&made.statement, "ver").as_text().is_some_and(|ver| !ver.is_empty()));
        let response = String::from_utf8(made.bytes("response")).unwrap();
        let [header, payload, signature]: [&str; 3] =
            response.split('.').collect::<Vec<_>>().try_into().unwrap();
        let json = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&stuntkey::encoding::base64url::decode(part).unwrap()).unwrap()
        };
        let base64 = |value: &serde_json::Value| {
            stuntkey::encoding::base64url::decode_lenient(value.as_str().unwrap()).unwrap().0
        };
        let (header_json, payload_json) = (json(header), json(payload));
        assert_eq!(header_json["alg"], algorithm.name());
        assert_eq!(base64(&payload_json["nonce"]), sha256(&made.signed()));
        assert_eq!(payload_json["timestampMs"], 1_750_000_000_123_u64);
        assert_eq!(
            (&payload_json["ctsProfileMatch"], &payload_json["basicIntegrity"]),
            (&true.into(), &true.into())
        );
        let leaf = Certificate::from_der(&base64(&header_json["x5c"][0])).unwrap();
        issued_by(&leaf, &root());
        let (_, names) = leaf.tbs_certificate().get_extension::<SubjectAltName>().unwrap().unwrap();
        let [GeneralName::DnsName(host)] = &names.0[..] else { panic!("{names:?}") };
        assert_eq!(host.as_str(), "attest.android.com");
        let signature = stuntkey::encoding::base64url::decode(signature).unwrap();
        let signature = match algorithm {
            // RFC 7518 §3.4: r and s without DER.
            Algorithm::Es256 => {
                p256::ecdsa::Signature::from_slice(&signature).unwrap().to_der().as_bytes().to_vec()
            }
            _ => signature,
        };
        let signed = format!("{header}.{payload}");
        assert_eq!(verifies(&spki(&leaf), algorithm, signed.as_bytes(), &signature), Some(true));
    }
}

#[test]
fn safetynet_is_signed_by_rsa_or_not_at_all() {
    let builder = || Authenticator::builder().seed("formats").format(AttestationFormat::AndroidSafetynet);
    if !Algorithm::Rs256.is_available() {
        // Another key in its place would give other bytes than a build that has RSA.
        let error = common::client(builder()).create(&common::options(&[Algorithm::Es256])).unwrap_err();
        assert!(error.to_string().contains("no attestation key for RS256"), "{error}");
        return;
    }
    let response = String::from_utf8(register(builder()).bytes("response"));
    let header = response.unwrap().split('.').next().unwrap().to_owned();
    let header = stuntkey::encoding::base64url::decode(&header).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["alg"], "RS256");
}

#[test]
fn the_clock_is_the_systems_unless_it_is_fixed() {
    let stamp = |builder: AuthenticatorBuilder| -> u64 {
        let builder = with_a_key(builder.format(AttestationFormat::AndroidSafetynet));
        let response = register(builder).bytes("response");
        let payload = String::from_utf8(response).unwrap().split('.').nth(1).unwrap().to_owned();
        let payload = stuntkey::encoding::base64url::decode(&payload).unwrap();
        serde_json::from_slice::<serde_json::Value>(&payload).unwrap()["timestampMs"].as_u64().unwrap()
    };
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_millis().try_into().unwrap();
    let (before, found, after): (u64, u64, u64) = (now(), stamp(Authenticator::builder()), now());
    assert!((before..=after).contains(&found));
    assert_eq!(stamp(Authenticator::builder().seed("a")), stamp(Authenticator::builder().seed("b")));
    assert_eq!(stamp(Authenticator::builder().seed("a").clock(Clock::Fixed(7))), 7);
}

#[test]
fn compound_has_two_statements_that_each_hold() {
    for algorithm in Algorithm::available() {
        let mut client = common::client(builder(AttestationFormat::Compound));
        let made = Registered::of(client.create(&common::options(&[*algorithm])).unwrap());
        let [packed, second] = &made.compound()[..] else { panic!("not two statements") };
        assert_eq!(packed.fmt, "packed");
        let leaf = &packed.chain()[0];
        assert_eq!(verifies(&spki(leaf), Algorithm::Es256, &made.signed(), &packed.bytes("sig")), Some(true));
        let android = AttestationFormat::AndroidKey.supports(*algorithm);
        assert_eq!(second.fmt, if android { "android-key" } else { "packed" });
        assert_eq!(second.statement.iter().any(|(name, _)| name.as_text() == Some("x5c")), android);
        let verdict = verifies(&made.response.public_key, *algorithm, &made.signed(), &second.bytes("sig"));
        assert_ne!(verdict, Some(false), "{algorithm}");
    }
}

#[test]
fn an_unfixed_format_is_packed_or_none_whatever_is_preferred() {
    for (preferred, made) in [(&["tpm", "none"][..], "none"), (&["apple"], "packed"), (&[], "packed")] {
        let mut client = common::client(Authenticator::builder());
        let mut options = common::options(&[Algorithm::Es256]);
        options.attestation_formats = preferred.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(Registered::of(client.create(&options).unwrap()).fmt, made);
    }
}

#[test]
fn every_certificate_is_named_a_test() {
    for format in AttestationFormat::ALL {
        for chain in chains(&register(builder(*format))) {
            for certificate in chain {
                let der = certificate.to_der().unwrap();
                assert!(der.windows(13).any(|window| window == b"stuntkey test"), "{}", format.name());
            }
        }
    }
}

/// The chains of a statement, those inside a compound one too.
fn chains(made: &Registered) -> Vec<Vec<Certificate>> {
    let has_x5c = |statement: &[(ciborium::Value, ciborium::Value)]| {
        statement.iter().any(|(name, _)| name.as_text() == Some("x5c"))
    };
    let parts = if made.fmt == "compound" { made.compound() } else { vec![made.part()] };
    parts.into_iter().filter(|part| has_x5c(&part.statement)).map(|part| part.chain()).collect()
}

#[track_caller]
fn ends_in(chain: &[Certificate], root: &Certificate) {
    let (last, before) = chain.split_last().unwrap();
    let chain = if last == root { before } else { chain };
    for pair in chain.windows(2) {
        issued_by(&pair[0], &pair[1]);
    }
    issued_by(chain.last().unwrap(), root);
}

#[track_caller]
fn issued_by(certificate: &Certificate, issuer: &Certificate) {
    names_and_identifiers(certificate, issuer);
    let tbs = certificate.tbs_certificate().to_der().unwrap();
    let verdict = verifies(&spki(issuer), Algorithm::Es256, &tbs, certificate.signature().raw_bytes());
    assert_eq!(verdict, Some(true));
}

#[track_caller]
fn names_and_identifiers(certificate: &Certificate, issuer: &Certificate) {
    let (tbs, issuer) = (certificate.tbs_certificate(), issuer.tbs_certificate());
    assert_eq!(tbs.issuer(), issuer.subject());
    assert!(issuer.get_extension::<BasicConstraints>().unwrap().unwrap().1.ca);
    let (_, subject_key) = issuer.get_extension::<SubjectKeyIdentifier>().unwrap().unwrap();
    let (_, authority_key) = tbs.get_extension::<AuthorityKeyIdentifier>().unwrap().unwrap();
    assert_eq!(authority_key.key_identifier, Some(subject_key.0));
}

#[track_caller]
fn not_an_authority(leaf: &Certificate) {
    let (critical, constraints) =
        leaf.tbs_certificate().get_extension::<BasicConstraints>().unwrap().unwrap();
    assert!(critical && !constraints.ca && constraints.path_len_constraint.is_none());
    let (_, usage) = leaf.tbs_certificate().get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(usage.digital_signature() && !usage.key_cert_sign());
}

fn spki(certificate: &Certificate) -> Vec<u8> {
    certificate.tbs_certificate().subject_public_key_info().to_der().unwrap()
}
