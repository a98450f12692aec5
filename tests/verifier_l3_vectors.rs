//! The vectors of WebAuthn Level 3, verified: registration, then authentication with the record it gave.
#![cfg(all(feature = "verifier", feature = "all-algorithms"))]

use std::fmt::Debug;

use base64ct::{Base64UrlUnpadded, Encoding};
use stuntkey::crypto::Backend;
use stuntkey::verifier::{
    AndroidKeyPolicy, AttestationPolicy, AuthenticationExpectations, Check, FailedCheck,
    RegisteredCredential, RegistrationExpectations, RelyingParty, RelyingPartyPolicy, Trust,
    VerifiedAuthentication, VerifiedRegistration,
};

const FILE: &str = include_str!("vectors/webauthn-l3-vectors.json");
const TOP_ORIGIN: &str = "https://example.com";

macro_rules! vectors {
    ($($name:ident $id:literal;)+) => {
        const IDS: &[&str] = &[$($id,)+];

        $(
            #[test]
            fn $name() {
                let vector = Vector::of($id);
                let registered = vector.register(&vector.willing()).unwrap();
                vector.authenticate(&vector.willing(), registered).unwrap();
            }
        )+
    };
}

vectors! {
    none_es256 "none-es256";
    packed_self_es256 "packed-self-es256";
    none_es256_cross_origin "none-es256-crossOrigin";
    none_es256_top_origin "none-es256-topOrigin";
    none_es256_long_credential_id "none-es256-long-credential-id";
    packed_es256 "packed-es256";
    packed_es384 "packed-es384";
    packed_es512 "packed-es512";
    packed_rs256 "packed-rs256";
    packed_eddsa "packed-eddsa";
    packed_ed448 "packed-ed448";
    tpm_es256 "tpm-es256";
    android_key_es256 "android-key-es256";
    apple_es256 "apple-es256";
    fido_u2f_es256 "fido-u2f-es256";
}

#[test]
fn every_pair_of_the_file_is_verified() {
    let sections = sections();
    let pairs = sections.iter().filter(|section| section["blocks"].as_array().unwrap().len() == 2).count();
    assert_eq!(pairs, IDS.len());
}

/// All but the traps hold for a relying party that has the standard's defaults and the right root.
#[test]
fn the_defaults_refuse_the_traps_and_nothing_else() {
    for id in IDS {
        let vector = Vector::of(id);
        let defaults =
            Policy { cross_origin: false, top_origins: vec![], android_key: AndroidKeyPolicy::default() };
        let refused = vector.register(&defaults).err().map(|refusal| refusal.check);
        let expected = match *id {
            "none-es256-crossOrigin" | "none-es256-topOrigin" => Some(Check::CrossOrigin),
            "android-key-es256" => Some(Check::AndroidKeyOrigin),
            _ => None,
        };
        assert_eq!(refused, expected, "{id}");
        let registered = vector.register(&vector.willing()).unwrap();
        let refused = vector.authenticate(&defaults, registered).err().map(|refusal| refusal.check);
        let expected = expected.filter(|check| *check == Check::CrossOrigin);
        assert_eq!(refused, expected, "{id}");
    }
}

#[test]
fn a_top_origin_has_to_be_among_those_expected() {
    let vector = Vector::of("none-es256-topOrigin");
    let policy = Policy { top_origins: vec!["https://example.net".into()], ..vector.willing() };
    assert_eq!(vector.register(&policy).unwrap_err().check, Check::TopOrigin);
}

#[test]
fn a_u2f_aaguid_is_refused_by_those_who_ask_for_zero() {
    let vector = Vector::of("fido-u2f-es256");
    let refusal = vector.refusal(|policy| policy.fido_u2f_zero_aaguid = true);
    assert_eq!(refusal.check, Check::FidoU2fAaguid);
}

#[test]
fn another_root_or_none_is_refused() {
    let vector = Vector::of("packed-es256");
    let refusal = vector.refusal(|policy| policy.trust = Trust::Anchors(vec![]));
    assert_eq!(refusal.check, Check::CertificateIssuer);
    let other = stuntkey::attestation::CertificateAuthority::test_root().certificate_der().to_vec();
    let refusal = vector.refusal(|policy| policy.trust = Trust::Anchors(vec![other]));
    assert_eq!(refusal.check, Check::CertificateIssuer);
}

/// What a relying party has to allow beyond the defaults.
#[derive(Clone)]
struct Policy {
    cross_origin: bool,
    top_origins: Vec<String>,
    android_key: AndroidKeyPolicy,
}

struct Vector {
    id: &'static str,
    blocks: [serde_json::Value; 2],
    root: Vec<u8>,
}

fn sections() -> Vec<serde_json::Value> {
    serde_json::from_str(FILE).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}

impl Vector {
    fn of(id: &'static str) -> Self {
        let sections = sections();
        let section = |id: &str| {
            sections.iter().find(|section| section["id"] == format!("sctn-test-vectors-{id}")).unwrap()
        };
        let blocks = &section(id)["blocks"];
        let root = &section("attestation-root-cert")["blocks"][0]["attestation_ca_cert"];
        Self { id, blocks: [blocks[0].clone(), blocks[1].clone()], root: hex(root.as_str().unwrap()) }
    }

    /// What lets the vector pass.
    fn willing(&self) -> Policy {
        let embedded = self.id.ends_with("crossOrigin") || self.id.ends_with("topOrigin");
        Policy {
            cross_origin: embedded,
            top_origins: if self.id.ends_with("topOrigin") { vec![TOP_ORIGIN.into()] } else { vec![] },
            android_key: AndroidKeyPolicy { absent_allowed: true, tee_only: false },
        }
    }

    fn bytes(&self, block: usize, name: &str) -> Vec<u8> {
        hex(self.blocks[block][name].as_str().unwrap_or_else(|| panic!("{name} is missing")))
    }

    fn base64url(&self, block: usize, name: &str) -> String {
        Base64UrlUnpadded::encode_string(&self.bytes(block, name))
    }

    fn relying_party(&self, policy: &Policy) -> RelyingParty {
        RelyingParty::new(RelyingPartyPolicy {
            cross_origin: policy.cross_origin,
            top_origins: policy.top_origins.clone(),
            ..RelyingPartyPolicy::new("example.org", "https://example.org")
        })
        .attestation(AttestationPolicy {
            trust: Trust::Anchors(vec![self.root.clone()]),
            android_key: policy.android_key,
            ..AttestationPolicy::default()
        })
    }

    fn registration_expectations(&self) -> RegistrationExpectations {
        RegistrationExpectations::with_challenge(&self.bytes(0, "challenge"))
            .algorithms(vec![-7, -8, -35, -36, -53, -257])
    }

    fn registration_reply(&self) -> String {
        let id = self.base64url(0, "credential_id");
        serde_json::json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": self.base64url(0, "clientDataJSON"),
                "attestationObject": self.base64url(0, "attestationObject"),
            },
        })
        .to_string()
    }

    /// What a willing relying party refuses with this change of its attestation policy.
    fn refusal(&self, change: impl FnOnce(&mut AttestationPolicy)) -> FailedCheck {
        let relying_party = self.relying_party(&self.willing());
        let mut policy = relying_party.attestation_policy().clone();
        change(&mut policy);
        let expected = self.registration_expectations();
        let verified =
            relying_party.attestation(policy).verify_registration(&self.registration_reply(), &expected, &[]);
        verified.unwrap_err()
    }

    fn register(&self, policy: &Policy) -> Result<VerifiedRegistration, FailedCheck> {
        let (relying_party, expected) = (self.relying_party(policy), self.registration_expectations());
        let verified = by_every_backend(relying_party, |relying_party| {
            relying_party.verify_registration(&self.registration_reply(), &expected, &[])
        })?;
        assert_eq!(verified.record.id, self.bytes(0, "credential_id"));
        assert_eq!(verified.aaguid.0.to_vec(), self.bytes(0, "aaguid"));
        Ok(verified)
    }

    fn authenticate(
        &self,
        policy: &Policy,
        registered: VerifiedRegistration,
    ) -> Result<VerifiedAuthentication, FailedCheck> {
        let id = self.base64url(0, "credential_id");
        let reply = serde_json::json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": self.base64url(1, "clientDataJSON"),
                "authenticatorData": self.base64url(1, "authenticatorData"),
                "signature": self.base64url(1, "signature"),
                "userHandle": "AQ",
            },
        })
        .to_string();
        let expected = AuthenticationExpectations::with_challenge(&self.bytes(1, "challenge"))
            .allow_credentials(vec![self.bytes(0, "credential_id")])
            .user(Some(vec![1]));
        let credentials = [RegisteredCredential { user_handle: vec![1], record: registered.record }];
        by_every_backend(self.relying_party(policy), |relying_party| {
            relying_party.verify_authentication(&reply, &expected, &credentials)
        })
    }
}

/// What the verifier finds, which does not depend on the backend.
fn by_every_backend<T: Debug + PartialEq>(
    relying_party: RelyingParty,
    verify: impl Fn(&RelyingParty) -> T,
) -> T {
    let found = verify(&relying_party);
    for backend in Backend::ALL {
        assert_eq!(verify(&relying_party.clone().with_backend(*backend)), found, "{backend}");
    }
    found
}
