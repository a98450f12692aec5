//! ECDSA around another library's multiplication of the base point.

use std::cell::RefCell;
use std::ops::Add;
use std::thread::LocalKey;

use chacha20::ChaCha20Rng;
use ecdsa::der::{MaxOverhead, MaxSize};
use ecdsa::{EcdsaCurve, Signature, SignatureSize};
use p256::elliptic_curve::array::ArraySize;
use p256::elliptic_curve::ff::{BatchInverter, Field, PrimeField};
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::{CurveArithmetic, FieldBytesSize, Generate, NonZeroScalar, Scalar};
use rand_core::{Rng, SeedableRng};
use sha2::Digest;
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::ecdsa::{bytes, field_bytes, read_checked_scalar};
use crate::crypto::random::key_from_os;
use crate::crypto::{KeyError, digest};

/// A thread's [`Nonces`], once it has signed.
pub(super) type ThreadNonces<C> = RefCell<Option<Nonces<C>>>;

/// Random nonces (FIPS 186-5 §A.3). They are drawn a batch at a time, because a batch costs one inversion.
///
/// No two signatures of a thread share a nonce, nor do those of a process and its fork. A process that is copied in
/// another way (a snapshot of a machine, a copy that is given the same process number) has the same nonces in both
/// copies.
///
/// Whoever knows a nonce computes the private key from the signature. So a nonce is erased when it is taken, and the
/// key that a batch was drawn from is replaced before the batch is used ("fast key erasure"): what stays in memory
/// gives away no nonce of an earlier signature. That costs 0.2 µs a batch, some 13 ns a signature.
pub(super) struct Nonces<C: CurveArithmetic> {
    /// The ChaCha20 key of the next batch, and of the key after it.
    key: Zeroizing<[u8; 32]>,
    process: u32,
    /// A nonce that was taken is zero here.
    batch: Zeroizing<[Nonce<C>; BATCH]>,
    left: usize,
}

/// A nonce and its inverse.
type Nonce<C> = [Scalar<C>; 2];

const BATCH: usize = 16;

impl<C: CurveArithmetic> Nonces<C> {
    /// A nonce that was never taken before. `None` if the operating system gives no randomness.
    fn take(nonces: &mut Option<Self>, process: u32) -> Option<Zeroizing<Nonce<C>>> {
        let nonces = match nonces {
            Some(known) if known.process == process => known,
            other => {
                let batch = Zeroizing::new([[Scalar::<C>::ZERO; 2]; BATCH]);
                other.insert(Self { key: key_from_os().ok()?, process, batch, left: 0 })
            }
        };
        if nonces.left == 0 {
            nonces.draw();
        }
        nonces.left -= 1;
        let nonce = nonces.batch.get_mut(nonces.left)?;
        let taken = Zeroizing::new(*nonce);
        nonce.zeroize();
        Some(taken)
    }

    fn draw(&mut self) {
        // Wiped when it is dropped, as `chacha20` has its feature `zeroize`.
        let mut random = ChaCha20Rng::from_seed(*self.key);
        random.fill_bytes(&mut *self.key);
        let nonce = |_| *NonZeroScalar::<C>::generate_from_rng(&mut random);
        let nonces: Zeroizing<[Scalar<C>; BATCH]> = Zeroizing::new(std::array::from_fn(nonce));
        let (mut inverses, mut scratch) = (nonces.clone(), nonces.clone());
        BatchInverter::invert_with_external_scratch(&mut *inverses, &mut *scratch);
        for (place, pair) in self.batch.iter_mut().zip(nonces.iter().zip(inverses.iter())) {
            *place = [*pair.0, *pair.1];
        }
        self.left = BATCH;
    }
}

/// The DER `Ecdsa-Sig-Value` over the concatenation of `message`, hashed by `D`, whose hashes are as long as the
/// scalar. `None` if the operating system gives no randomness, or the thread is about to end.
///
/// `base_point_times` gives the affine coordinates of the curve's base point times a scalar. Most of the time goes into
/// it, and it may belong to another library.
pub(super) fn sign<C, D, const N: usize>(
    nonces: &'static LocalKey<ThreadNonces<C>>,
    scalar: &[u8; N],
    message: &[&[u8]],
    base_point_times: impl Fn(&[u8; N]) -> Result<[[u8; N]; 2], KeyError>,
) -> Option<Vec<u8>>
where
    C: EcdsaCurve + CurveArithmetic,
    D: Digest,
    SignatureSize<C>: ArraySize,
    MaxSize<C>: ArraySize,
    <FieldBytesSize<C> as Add>::Output: Add<MaxOverhead> + ArraySize,
{
    let private = Zeroizing::new(read_checked_scalar::<C, N>(scalar));
    let hash = bytes(&digest::<D>(message));
    loop {
        let take = |nonces: &ThreadNonces<C>| Nonces::take(&mut nonces.borrow_mut(), std::process::id());
        let nonce = nonces.try_with(take).ok()??;
        let [k, _] = &*nonce;
        let k = Zeroizing::new(bytes(&Zeroizing::new(k.to_repr())));
        let [x, _] = base_point_times(&k).ok()?;
        if let Some(signature) = signature_by_nonce::<C, N>(&private, &nonce, &hash, &x) {
            return Some(signature.to_der().as_bytes().to_vec());
        }
    }
}

/// The signature of a message with this hash (FIPS 186-5 §6.4.1). `x` is the x coordinate of the base point times the
/// nonce. `None` if another nonce must be taken.
fn signature_by_nonce<C, const N: usize>(
    private: &NonZeroScalar<C>,
    [_, inverse]: &Nonce<C>,
    hash: &[u8; N],
    x: &[u8; N],
) -> Option<Signature<C>>
where
    C: EcdsaCurve + CurveArithmetic,
    SignatureSize<C>: ArraySize,
{
    let reduced = |bytes: &[u8; N]| Scalar::<C>::reduce(field_bytes::<C, N>(bytes));
    let r = reduced(x);
    let s = *inverse * (reduced(hash) + r * **private);
    Signature::from_scalars(r, s).ok()
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::AffinePoint;
    use p256::elliptic_curve::ops::Invert;
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

    /// A hash above the group order is reduced by it.
    #[test]
    fn any_hash_gives_the_signature_of_the_library() {
        let scalar = |byte| read_checked_scalar::<p256::NistP256, 32>(&[byte; 32]);
        for hash in [[0xff; 32], [0; 32], [0x5a; 32]] {
            let (private, nonce) = (scalar(3), scalar(4));
            let [x, _] = public_point::<p256::NistP256, 32>(&[4; 32]).unwrap();
            let signature = signature_by_nonce(&private, &[*nonce, *nonce.invert()], &hash, &x).unwrap();
            let (expected, _) = ecdsa::hazmat::sign_prehashed(&private, &nonce, &hash).unwrap();
            assert_eq!(signature, expected);
        }
    }

    #[test]
    fn no_nonce_is_taken_twice_and_each_has_its_inverse() {
        let mut nonces = None::<Nonces<p256::NistP256>>;
        let mut seen = std::collections::HashSet::new();
        for _ in 0..3 * BATCH {
            let nonce = Nonces::take(&mut nonces, 1).unwrap();
            let [scalar, inverse] = *nonce;
            assert_eq!(scalar * inverse, Scalar::<p256::NistP256>::ONE);
            assert!(seen.insert(scalar.to_repr()));
        }
    }

    /// Whoever reads the memory of a process has the key, and with it every nonce that is still to come.
    #[test]
    fn what_is_kept_after_a_batch_gives_away_no_nonce_that_was_taken() {
        let drawn_from = |key: [u8; 32]| {
            let mut random = ChaCha20Rng::from_seed(key);
            let mut stream = vec![0; 64 * BATCH * 32];
            random.fill_bytes(&mut stream);
            stream
        };
        let holds = |stream: &[u8], nonce: &[u8]| stream.windows(32).any(|window| window == nonce);
        let mut nonces = None::<Nonces<p256::NistP256>>;
        let mut before = None;
        for turn in 0..3 * BATCH {
            let known = nonces.as_ref().map(|nonces| (*nonces.key, nonces.left));
            let [nonce, _] = *Nonces::take(&mut nonces, 1).unwrap();
            let kept = nonces.as_ref().unwrap();
            if known.is_none_or(|(_, left)| left == 0) {
                before = known.map(|(key, _)| key);
                assert_ne!(before, Some(*kept.key), "a batch replaces the key");
            }
            // The test would see it: the key of before the batch does give it away.
            if let Some(key) = before {
                assert!(holds(&drawn_from(key), &nonce.to_repr()), "nonce {turn}");
            }
            assert!(!holds(&drawn_from(*kept.key), &nonce.to_repr()), "nonce {turn}");
            assert!(kept.batch.iter().flatten().all(|scalar| *scalar != nonce), "nonce {turn}");
        }
    }

    #[test]
    fn a_forked_process_has_nonces_of_its_own() {
        let mut nonces = None::<Nonces<p256::NistP256>>;
        Nonces::take(&mut nonces, 1).unwrap();
        let before: Vec<_> = nonces.as_ref().unwrap().batch.iter().map(|nonce| nonce[0]).collect();
        assert_eq!(before.iter().filter(|nonce| **nonce == Scalar::<p256::NistP256>::ZERO).count(), 1);
        for _ in 0..2 * BATCH {
            assert!(!before.contains(&Nonces::take(&mut nonces, 2).unwrap()[0]));
        }
    }

    fn is_signature<C, D, const N: usize>(key: &str, message: &str, nonce: &str, expected: [&str; 2])
    where
        C: EcdsaCurve + CurveArithmetic,
        D: Digest,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
        SignatureSize<C>: ArraySize,
    {
        let [x, _] = public_point::<C, N>(&hex(nonce)).unwrap();
        let nonce = read_checked_scalar::<C, N>(&hex(nonce));
        let nonce = [*nonce, *nonce.invert()];
        let private = read_checked_scalar::<C, N>(&hex(key));
        let hash = bytes(&digest::<D>(&[message.as_bytes()]));
        let signature = signature_by_nonce::<C, N>(&private, &nonce, &hash, &x).unwrap();
        assert_eq!(signature.to_bytes().to_vec(), expected.map(hex::<N>).concat());
    }

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        base16ct::mixed::decode_vec(text).unwrap().try_into().unwrap()
    }
}
