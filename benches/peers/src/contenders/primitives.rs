//! The bare primitives, each by the quickest way through its crate's public interface.

use std::hint::black_box;
use std::rc::Rc;

use rand_core::{Rng, SeedableRng};
use sha2::Digest;

use super::{Contender, Lengths, P256, Work};
use crate::check;

/// SEC 1 §2.3.3: the byte 4, x and y.
type UncompressedPoint = [u8; 65];

/// Of every library: key generation, and signatures over messages of both lengths.
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
    Library {
        who: P256,
        public_key: public_key(&private),
        generate: move || public_key(&scalar()),
        // Straight from the scalar: `SigningKey` holds the public key too, and no signature needs it.
        sign: move |message: &[u8]| {
            let hash = sha2::Sha256::digest(message);
            sign_prehashed_rfc6979::<NistP256, sha2::Sha256>(&private, &hash, &[]).0.to_der()
        },
    }
    .contenders(lengths)
}

/// Randomness from the operating system, for each key and, beside RFC 6979, for each nonce.
fn graviola(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use graviola::hashing::Sha256;
    use graviola::key_agreement::p256::StaticPrivateKey;
    use graviola::signing::ecdsa::{P256, SigningKey};

    // The type of the private keys of `SigningKey<P256>`, which itself shows no public key without an encoding.
    let private_key = || StaticPrivateKey::new_random().expect("the operating system gives randomness");
    let pair = SigningKey::<P256> { private_key: private_key() };
    Library {
        who: "graviola",
        public_key: pair.private_key.public_key_uncompressed(),
        generate: move || private_key().public_key_uncompressed(),
        sign: move |message: &[u8]| {
            let mut bytes = [0; MOST_DER];
            let signed = pair.sign_asn1::<Sha256>(&[message], &mut bytes);
            let length = signed.expect("the operating system gives randomness").len();
            Der { bytes, length }
        },
    }
    .contenders(lengths)
}

/// Randomness from the operating system. The only way to a key pair that can be kept is a PKCS#8 document, which ends
/// with the public key; reading the document back would compute that once more.
fn ring(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as ALGORITHM, EcdsaKeyPair};

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
    Library {
        who: "ring",
        public_key: public_key(kept.as_ref()),
        generate: move || public_key(document().as_ref()),
        sign: move |message: &[u8]| pair.sign(&rng, message).expect("the operating system gives randomness"),
    }
    .contenders(lengths)
}

/// Randomness from a generator of AWS-LC's own, for each key and each nonce.
fn aws_lc_rs(lengths: Lengths) -> Result<Vec<Contender>, String> {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as ALGORITHM, EcdsaKeyPair, KeyPair};

    let generate = || EcdsaKeyPair::generate(&ALGORITHM).expect("AWS-LC has randomness");
    let public_key = |pair: &EcdsaKeyPair| -> UncompressedPoint {
        pair.public_key().as_ref().try_into().expect("an uncompressed point has 65 bytes")
    };

    let rng = SystemRandom::new();
    let pair = generate();
    Library {
        who: "aws-lc-rs",
        public_key: public_key(&pair),
        generate: move || public_key(&generate()),
        sign: move |message: &[u8]| pair.sign(&rng, message).expect("AWS-LC has randomness"),
    }
    .contenders(lengths)
}

struct Library<G, S> {
    who: &'static str,
    /// Belongs to the key that signs, which was made as `generate` makes keys.
    public_key: UncompressedPoint,
    generate: G,
    sign: S,
}

impl<G, S, D> Library<G, S>
where
    G: FnMut() -> UncompressedPoint + 'static,
    S: Fn(&[u8]) -> D + 'static,
    D: AsRef<[u8]>,
{
    fn contenders(mut self, lengths: Lengths) -> Result<Vec<Contender>, String> {
        let who = self.who;
        self.check(lengths).map_err(|error| format!("{who}: {error}"))?;

        let mut generate = self.generate;
        let key: Box<dyn FnMut()> = Box::new(move || {
            black_box(generate());
        });
        let sign = Rc::new(self.sign);
        let signature = |length: usize| -> Box<dyn FnMut()> {
            let (sign, message) = (Rc::clone(&sign), vec![7; length]);
            Box::new(move || {
                black_box(sign(black_box(&message)));
            })
        };
        let run = [
            (Work::Key, key),
            (Work::PackedSignature, signature(lengths.packed)),
            (Work::LoginSignature, signature(lengths.login)),
        ];
        Ok(run.into_iter().map(|(work, run)| Contender { who, work, run }).collect())
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
            check::signature(&public_key, &message, (self.sign)(&message).as_ref())?;
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
