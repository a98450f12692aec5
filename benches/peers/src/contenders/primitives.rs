//! The bare primitives, each by the quickest way through its crate's public interface. The public key that verifies is
//! read once.

use std::hint::black_box;
use std::rc::Rc;

use rand_core::{Rng, SeedableRng};
use sha2::Digest;

use super::{Contender, Lengths, P256, Work};
use crate::check;

/// SEC 1 §2.3.3: the byte 4, x and y.
type UncompressedPoint = [u8; 65];

/// Of every library: key generation; signatures over messages of both lengths, and their verification.
pub(super) fn contenders(lengths: Lengths) -> Result<Vec<Contender>, String> {
    let mut all = p256(lengths)?;
    if graviola::util::is_cpu_supported() {
        all.extend(graviola(lengths)?);
    } else {
        eprintln!("Graviola does not run on this processor, and is left out");
    }
    all.extend(ring(lengths)?);
    all.extend(aws_lc_rs(lengths)?);
    Ok(all)
}

/// Keys from ChaCha20, as RustCrypto leaves the choice of randomness to its users; nonces by RFC 6979.
fn p256(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use ecdsa::hazmat::sign_prehashed_rfc6979;
    use p256::ecdsa::signature::Verifier;
    use p256::ecdsa::{Signature, VerifyingKey};
    use p256::elliptic_curve::sec1::ToSec1Point;
    use p256::{NistP256, NonZeroScalar, PublicKey};

    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| error.to_string())?;
    let mut rng = chacha20::ChaCha20Rng::from_seed(seed);
    let mut scalar = move || {
        loop {
            let mut bytes = [0; 32];
            rng.fill_bytes(&mut bytes);
            if let Some(scalar) = NonZeroScalar::from_repr(bytes.into()).into_option() {
                return scalar;
            }
        }
    };
    let public_key = |scalar: &NonZeroScalar| -> UncompressedPoint {
        let point = PublicKey::from_secret_scalar(scalar).to_sec1_point(false);
        point.as_bytes().try_into().expect("an uncompressed point has 65 bytes")
    };

    let private = scalar();
    let public = public_key(&private);
    let key = VerifyingKey::from_sec1_bytes(&public).map_err(|error| error.to_string())?;
    Library {
        who: P256,
        public_key: public,
        generate: move || public_key(&scalar()),
        // Straight from the scalar: `SigningKey` holds the public key too, and no signature needs it.
        sign: move |message: &[u8]| {
            let hash = sha2::Sha256::digest(message);
            sign_prehashed_rfc6979::<NistP256, sha2::Sha256>(&private, &hash, &[]).0.to_der()
        },
        verify: move |message: &[u8], signature: &[u8]| {
            Signature::from_der(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
        },
    }
    .contenders(lengths)
}

/// Randomness from the operating system, for each key and, beside RFC 6979, for each nonce.
fn graviola(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use graviola::hashing::Sha256;
    use graviola::key_agreement::p256::StaticPrivateKey;
    use graviola::signing::ecdsa::{P256, SigningKey, VerifyingKey};

    // The type of the private keys of `SigningKey<P256>`, which itself shows no public key without an encoding.
    let private_key = || StaticPrivateKey::new_random().expect("the operating system gives randomness");
    let pair = SigningKey::<P256> { private_key: private_key() };
    let public = pair.private_key.public_key_uncompressed();
    let key = VerifyingKey::<P256>::from_x962_uncompressed(&public).map_err(|error| format!("{error:?}"))?;
    Library {
        who: "graviola",
        public_key: public,
        generate: move || private_key().public_key_uncompressed(),
        sign: move |message: &[u8]| {
            let mut bytes = [0; MOST_DER];
            let signed = pair.sign_asn1::<Sha256>(&[message], &mut bytes);
            let length = signed.expect("the operating system gives randomness").len();
            Der { bytes, length }
        },
        verify: move |message: &[u8], signature: &[u8]| {
            key.verify_asn1::<Sha256>(&[message], signature).is_ok()
        },
    }
    .contenders(lengths)
}

/// Randomness from the operating system. The only way to a key pair that can be kept is a PKCS#8 document, which ends
/// with the public key; reading the document back would compute that once more.
fn ring(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING as ALGORITHM, EcdsaKeyPair, UnparsedPublicKey,
    };

    let rng = SystemRandom::new();
    let document = move || {
        EcdsaKeyPair::generate_pkcs8(&ALGORITHM, &rng).expect("the operating system gives randomness")
    };
    let public_key = |pkcs8: &[u8]| -> UncompressedPoint {
        *pkcs8.last_chunk().expect("the document is longer than the point at its end")
    };

    let kept = document();
    let rng = SystemRandom::new();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ALGORITHM, kept.as_ref(), &rng).map_err(|error| error.to_string())?;
    let public = public_key(kept.as_ref());
    // There is no other: it reads the point each time.
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
    Library {
        who: "ring",
        public_key: public,
        generate: move || public_key(document().as_ref()),
        sign: move |message: &[u8]| pair.sign(&rng, message).expect("the operating system gives randomness"),
        verify: move |message: &[u8], signature: &[u8]| key.verify(message, signature).is_ok(),
    }
    .contenders(lengths)
}

/// Randomness from a generator of AWS-LC's own, for each key and each nonce.
fn aws_lc_rs(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING as ALGORITHM, EcdsaKeyPair, KeyPair,
        ParsedPublicKey,
    };

    let generate = || EcdsaKeyPair::generate(&ALGORITHM).expect("AWS-LC has randomness");
    let public_key = |pair: &EcdsaKeyPair| -> UncompressedPoint {
        pair.public_key().as_ref().try_into().expect("an uncompressed point has 65 bytes")
    };

    let rng = SystemRandom::new();
    let pair = generate();
    let public = public_key(&pair);
    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public).map_err(|error| error.to_string())?;
    Library {
        who: "aws-lc-rs",
        public_key: public,
        generate: move || public_key(&generate()),
        sign: move |message: &[u8]| pair.sign(&rng, message).expect("AWS-LC has randomness"),
        verify: move |message: &[u8], signature: &[u8]| key.verify_sig(message, signature).is_ok(),
    }
    .contenders(lengths)
}

struct Library<G, S, V> {
    who: &'static str,
    /// Belongs to the key that signs, which was made as `generate` makes keys.
    public_key: UncompressedPoint,
    generate: G,
    sign: S,
    /// Whether a signature over the message holds, by the public key.
    verify: V,
}

impl<G, S, D, V> Library<G, S, V>
where
    G: FnMut() -> UncompressedPoint + 'static,
    S: Fn(&[u8]) -> D + 'static,
    D: AsRef<[u8]>,
    V: Fn(&[u8], &[u8]) -> bool + 'static,
{
    fn contenders(mut self, lengths: Lengths) -> Result<Vec<Contender>, String> {
        let who = self.who;
        self.check(lengths).map_err(|error| format!("{who}: {error}"))?;

        let Self { mut generate, sign, verify, .. } = self;
        let (sign, verify) = (Rc::new(sign), Rc::new(verify));
        let signature = |work: Work, length: usize| {
            let (sign, message) = (Rc::clone(&sign), vec![7; length]);
            Contender::here(who, work, move || {
                black_box(sign(black_box(&message)));
            })
        };
        let verification = |work: Work, length: usize| {
            let (verify, message) = (Rc::clone(&verify), vec![7; length]);
            let signed = sign(&message).as_ref().to_vec();
            Contender::here(who, work, move || {
                assert!(black_box(verify(black_box(&message), black_box(&signed))));
            })
        };
        Ok(vec![
            signature(Work::PackedSignature, lengths.packed),
            signature(Work::LoginSignature, lengths.login),
            verification(Work::PackedVerification, lengths.packed),
            verification(Work::LoginVerification, lengths.login),
            Contender::here(who, Work::Key, move || {
                black_box(generate());
            }),
        ])
    }

    fn check(&mut self, lengths: Lengths) -> Result<(), String> {
        let (one, other) = ((self.generate)(), (self.generate)());
        check::public_key(&one)?;
        check::public_key(&other)?;
        if one == other {
            return Err("gives the same key twice".to_owned());
        }
        let public_key = check::public_key(&self.public_key)?;
        for length in [lengths.packed, lengths.login] {
            let message = vec![7; length];
            let signed = (self.sign)(&message);
            check::signature(&public_key, &message, signed.as_ref())?;
            if !(self.verify)(&message, signed.as_ref()) {
                return Err("refuses a signature that holds".to_owned());
            }
            if (self.verify)(&vec![8; length], signed.as_ref()) {
                return Err("accepts a signature over something else".to_owned());
            }
        }
        Ok(())
    }
}

/// The longest DER `Ecdsa-Sig-Value` over P-256: a SEQUENCE of two integers of 33 bytes.
const MOST_DER: usize = 72;

struct Der {
    bytes: [u8; MOST_DER],
    length: usize,
}

impl AsRef<[u8]> for Der {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }
}
