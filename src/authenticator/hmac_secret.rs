//! The extension hmac-secret (CTAP 2.1 §12.5): secrets of a credential, keyed by salts of a platform.

use zeroize::Zeroizing;

use super::model::CtapVersion;
use super::store::Credential;
use super::{Authenticator, AuthenticatorError};
use crate::crypto::sha256;
use crate::crypto::symmetric::{hkdf, hmac};
use crate::ctap2::{HmacSecretInput, SharedSecret, Status};

/// The length of a salt, and of what is computed from it, in bytes.
const SALT: usize = 32;

/// The salts of a request, and the secret that its results are encrypted under.
pub(super) struct Salts {
    secret: SharedSecret,
    salts: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Salts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salts")
    }
}

impl Authenticator {
    /// Reads the salts of a request.
    pub(super) fn salts(
        &mut self,
        input: Option<&HmacSecretInput>,
        user_presence: bool,
    ) -> Result<Option<Salts>, AuthenticatorError> {
        let Some(input) = input else { return Ok(None) };
        if !user_presence {
            return Err(Status::UnsupportedOption.into());
        }
        let protocol = match input.pin_uv_auth_protocol {
            None => self.protocol(Some(1)).map_err(|_| Status::PinAuthInvalid)?,
            number => self.protocol(number)?,
        };
        let secret = self.agree(protocol, &input.key_agreement)?;
        if !secret.verify(&[&input.salt_enc], &input.salt_auth) {
            return Err(Status::PinAuthInvalid.into());
        }
        let salts = secret.decrypt(&input.salt_enc).ok_or(Status::InvalidParameter)?;
        match salts.len() == SALT || salts.len() == 2 * SALT {
            true => Ok(Some(Salts { secret, salts })),
            false => Err(Status::InvalidParameter.into()),
        }
    }

    /// What a credential makes of the salts, encrypted.
    pub(super) fn hmac_secret(
        &mut self,
        salts: &Salts,
        credential: &Credential,
        user_verified: bool,
    ) -> Option<Vec<u8>> {
        // CTAP 2.0 has one secret for both.
        let user_verified = user_verified && self.model.ctap_version > CtapVersion::V2_0;
        let outputs = outputs(&cred_random(credential, user_verified), &salts.salts);
        salts.secret.encrypt(&outputs, &mut self.random.ceremony(&[b"hmac-secret"]))
    }
}

/// output1, and output2 if there are two salts.
fn outputs(cred_random: &[u8; 32], salts: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut outputs = Zeroizing::new(Vec::with_capacity(2 * SALT));
    for salt in salts.chunks(SALT) {
        outputs.extend_from_slice(&hmac(cred_random, &[salt]));
    }
    outputs
}

/// CredRandomWithUV or CredRandomWithoutUV. Both follow from the private key and the credential id, so that every credential
/// has them, wherever it was made and whatever became of it since.
fn cred_random(credential: &Credential, user_verified: bool) -> Zeroizing<[u8; 32]> {
    let info = match user_verified {
        true => "stuntkey CredRandomWithUV v1",
        false => "stuntkey CredRandomWithoutUV v1",
    };
    // Keys that a caller gave, and those of the RSA pool, may be those of several credentials.
    let key = Zeroizing::new(hmac(&credential.key.private().to_bytes(), &[&sha256(&[&credential.id])]));
    hkdf(&*key, info)
}

#[cfg(all(test, feature = "ctap"))]
mod tests {
    use std::convert::Infallible;

    use rand_core::{TryCryptoRng, TryRng};
    use serde_json::Value;

    use super::outputs;
    use crate::crypto::{KeyAgreement, sha256};
    use crate::ctap2::{KeyAgreementKey, PinUvAuthProtocol};

    /// A generator that gives the initialisation vector of a vector.
    struct Fixed(Vec<u8>);

    impl TryRng for Fixed {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            rand_core::utils::next_word_via_fill(self)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            rand_core::utils::next_word_via_fill(self)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.copy_from_slice(&self.0);
            Ok(())
        }
    }

    impl TryCryptoRng for Fixed {}

    fn bytes(value: &Value, name: &str) -> Vec<u8> {
        base16ct::lower::decode_vec(value[name].as_str().unwrap_or_default()).unwrap()
    }

    /// The vectors of WebAuthn Level 3 for the extension prf, byte for byte, both sides.
    #[test]
    fn the_vectors_of_prf_hold() {
        let vectors = include_str!("../../tests/vectors/webauthn-l3-prf-vectors.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let shared = &vectors["shared"];
        let array = |name: &str| -> [u8; 32] { bytes(shared, name).try_into().unwrap() };
        let platform = KeyAgreement::from_scalar(&array("platform_key_agreement_private_key")).unwrap();
        let authenticator = KeyAgreementKey([
            array("authenticator_key_agreement_public_key_x"),
            array("authenticator_key_agreement_public_key_y"),
        ]);
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let protocol = match case["title"].as_str().unwrap().ends_with('1') {
                true => PinUvAuthProtocol::One,
                false => PinUvAuthProtocol::Two,
            };
            let salt_of = |name: &str| sha256(&[b"WebAuthn PRF\0", &bytes(case, name)]).to_vec();
            let mut salts = salt_of("prf_eval_first");
            assert_eq!(salts, bytes(case, "salt1"));
            if case.get("salt2").is_some() {
                salts.extend(salt_of("prf_eval_second"));
            }
            let secret = authenticator.agree(&platform, protocol).unwrap();
            let (salt_enc, output_enc) = (bytes(case, "salt_enc"), bytes(case, "output_enc"));
            let iv = |encrypted: &[u8]| Fixed(encrypted[..16].to_vec());
            assert_eq!(secret.encrypt(&salts, &mut iv(&salt_enc)).unwrap(), salt_enc);
            assert_eq!(*secret.decrypt(&salt_enc).unwrap(), salts);
            let outputs = outputs(&array("authenticator_cred_random"), &salts);
            assert_eq!(*outputs, [bytes(case, "output1"), bytes(case, "output2")].concat());
            assert_eq!(secret.encrypt(&outputs, &mut iv(&output_enc)).unwrap(), output_enc);
        }
    }
}
