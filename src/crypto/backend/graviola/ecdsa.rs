//! ECDSA around another library's multiplication of the base point.

use std::ops::Add;

use ecdsa::der::{MaxOverhead, MaxSize};
use ecdsa::{EcdsaCurve, Signature, SignatureSize};
use p256::elliptic_curve::array::ArraySize;
use p256::elliptic_curve::ops::{Invert, Reduce};
use p256::elliptic_curve::{CurveArithmetic, FieldBytesSize, NonZeroScalar, Scalar};
use rand_core::CryptoRng;
use sha2::Digest;
use zeroize::Zeroizing;

use crate::crypto::ecdsa::{bytes, field_bytes, read_checked_scalar, read_scalar};
use crate::crypto::{KeyError, digest};

/// The DER `Ecdsa-Sig-Value` over the concatenation of `message`, hashed with `D`, whose hashes are as long as the
/// scalar. The nonce is the hash of randomness, the private key and the message's hash: neither bad randomness nor a
/// copied process makes two messages share one.
///
/// `base_point_times` gives the affine coordinates of the curve's base point times a scalar, and refuses one that is
/// out of range. That is where most of the time goes, and it may be another library's.
pub(super) fn sign<C, D, const N: usize>(
    scalar: &[u8; N],
    message: &[&[u8]],
    random: &mut dyn CryptoRng,
    base_point_times: impl Fn(&[u8; N]) -> Result<[[u8; N]; 2], KeyError>,
) -> Vec<u8>
where
    C: EcdsaCurve + CurveArithmetic,
    D: Digest,
    SignatureSize<C>: ArraySize,
    MaxSize<C>: ArraySize,
    <FieldBytesSize<C> as Add>::Output: Add<MaxOverhead> + ArraySize,
{
    let private = read_checked_scalar::<C, N>(scalar);
    let hash = bytes(&digest::<D>(message));
    loop {
        let mut drawn = Zeroizing::new([0; N]);
        random.fill_bytes(&mut *drawn);
        let nonce = Zeroizing::new(bytes(&digest::<D>(&[&*drawn, scalar, &hash])));
        // Refused once in 2^32 times over P-256.
        if let Ok([x, _]) = base_point_times(&nonce)
            && let Some(signature) = signature_by_nonce::<C, N>(&private, &nonce, &hash, &x)
        {
            return signature.to_der().as_bytes().to_vec();
        }
    }
}

/// The signature of a message with this hash (FIPS 186-5 §6.4.1); `x` is that of the base point times `nonce`. `None`
/// if another nonce must be taken.
fn signature_by_nonce<C, const N: usize>(
    private: &NonZeroScalar<C>,
    nonce: &[u8; N],
    hash: &[u8; N],
    x: &[u8; N],
) -> Option<Signature<C>>
where
    C: EcdsaCurve + CurveArithmetic,
    SignatureSize<C>: ArraySize,
{
    let nonce = Zeroizing::new(read_scalar::<C, N>(nonce).ok()?);
    let reduced = |bytes: &[u8; N]| Scalar::<C>::reduce(field_bytes::<C, N>(bytes));
    let r = reduced(x);
    let s = **Zeroizing::new(nonce.invert()) * (reduced(hash) + r * **private);
    Signature::from_scalars(r, s).ok()
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::hazmat::PrehashVerifier;
    use p256::ecdsa::{SigningKey, VerifyingKey};
    use p256::elliptic_curve::AffinePoint;
    use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};

    use super::*;
    use crate::crypto::ecdsa::public_point;

    /// RFC 6979 §A.2.5: the key, and "sample" and "test" by SHA-256 with their k, r and s.
    #[test]
    fn a_given_nonce_gives_the_signature_of_rfc_6979_over_p256() {
        let key = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
        for (message, k, r, s) in [
            (
                "sample",
                "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
            ),
            (
                "test",
                "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0",
                "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
            ),
        ] {
            is_signature::<p256::NistP256, sha2::Sha256, 32>(key, message, k, [r, s]);
        }
    }

    /// RFC 6979 §A.2.6, by SHA-384.
    #[cfg(feature = "es384")]
    #[test]
    fn a_given_nonce_gives_the_signature_of_rfc_6979_over_p384() {
        is_signature::<p384::NistP384, sha2::Sha384, 48>(
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
            "sample",
            "94ED910D1A099DAD3254E9242AE85ABDE4BA15168EAF0CA87A555FD56D10FBCA2907E3E83BA95368623B8C4686915CF9",
            [
                "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
                "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
            ],
        );
    }

    /// What a process does that was copied after its generator was keyed.
    #[test]
    fn the_same_randomness_gives_no_two_keys_or_messages_one_nonce() {
        let r = |key: [u8; 32], message: &[u8]| {
            let der = signed_by(p256_point, &key, message);
            p256::ecdsa::Signature::from_der(&der).unwrap().to_bytes()[..32].to_vec()
        };
        assert_eq!(r([1; 32], b"one"), r([1; 32], b"one"));
        assert_ne!(r([1; 32], b"one"), r([1; 32], b"two"));
        assert_ne!(r([1; 32], b"one"), r([2; 32], b"one"));
    }

    #[test]
    fn takes_another_nonce_for_one_that_is_refused() {
        let refused = std::cell::Cell::new(None);
        let der = signed_by(
            |nonce| match refused.get() {
                None => {
                    refused.set(Some(*nonce));
                    Err(KeyError::ScalarOutOfRange)
                }
                Some(first) => {
                    assert_ne!(first, *nonce);
                    p256_point(nonce)
                }
            },
            &[1; 32],
            b"one",
        );
        assert_ne!(der, signed_by(p256_point, &[1; 32], b"one"));
        let key = VerifyingKey::from(SigningKey::from(read_scalar(&[1; 32]).unwrap()));
        let signature = p256::ecdsa::Signature::from_der(&der).unwrap();
        key.verify_prehash(&digest::<sha2::Sha256>(&[b"one"]), &signature).unwrap();
    }

    fn p256_point(scalar: &[u8; 32]) -> Result<[[u8; 32]; 2], KeyError> {
        public_point::<p256::NistP256, 32>(scalar)
    }

    fn signed_by(
        base_point_times: impl Fn(&[u8; 32]) -> Result<[[u8; 32]; 2], KeyError>,
        key: &[u8; 32],
        message: &[u8],
    ) -> Vec<u8> {
        let mut random = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::from_seed([7; 32]);
        sign::<p256::NistP256, sha2::Sha256, 32>(key, &[message], &mut random, base_point_times)
    }

    fn is_signature<C, D, const N: usize>(key: &str, message: &str, nonce: &str, expected: [&str; 2])
    where
        C: EcdsaCurve + CurveArithmetic,
        D: Digest,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
        SignatureSize<C>: ArraySize,
    {
        let nonce = hex::<N>(nonce);
        let [x, _] = public_point::<C, N>(&nonce).unwrap();
        let private = read_scalar::<C, N>(&hex(key)).unwrap();
        let hash = bytes(&digest::<D>(&[message.as_bytes()]));
        let signature = signature_by_nonce::<C, N>(&private, &nonce, &hash, &x).unwrap();
        assert_eq!(signature.to_bytes().to_vec(), expected.map(hex::<N>).concat());
        for out_of_range in [[0; N], [0xff; N]] {
            assert!(signature_by_nonce::<C, N>(&private, &out_of_range, &hash, &x).is_none());
        }
    }

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
    }
}
