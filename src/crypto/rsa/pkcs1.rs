//! The DER `RSAPrivateKey` (RFC 8017 §A.1.2) with two primes.

use der::Decode;
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use rsa::{BoxedUint, PrivateKey as Components};
use zeroize::Zeroizing;

use super::MODULUS_BITS;
use crate::crypto::KeyError;

/// Reads the key, but computes its CRT members again. `rsa` has no reader that takes primes of unlike length, or looks
/// at the length of the modulus before it computes with it.
///
/// # Errors
/// [`KeyError::Unreadable`] for other bytes, or numbers that do not belong together;
/// [`KeyError::ModulusLength`].
pub(super) fn read(der: &[u8]) -> Result<Components, KeyError> {
    let unreadable = |why: String| KeyError::Unreadable(format!("found no RSAPrivateKey ({why})"));
    let key = RsaPrivateKeyRef::from_der(der).map_err(|error| unreadable(error.to_string()))?;
    if key.other_prime_infos.is_some() {
        return Err(unreadable("more primes than two".into()));
    }
    let numbers = [key.modulus, key.public_exponent, key.private_exponent, key.prime1, key.prime2];
    let [n, e, d, p, q] = numbers.map(|number| BoxedUint::from_be_slice_vartime(number.as_bytes()));
    let found = n.bit_width_vartime();
    if !MODULUS_BITS.contains(&found) {
        return Err(KeyError::ModulusLength {
            found,
            least: *MODULUS_BITS.start(),
            most: *MODULUS_BITS.end(),
        });
    }
    // The arithmetic has a slower form for primes of unlike length. The time that it takes tells their length, which is
    // no secret worth keeping here.
    let unlike = p.bit_width_vartime().max(q.bit_width_vartime()) > found.div_ceil(2);
    let primes = vec![p, q];
    let key = match unlike {
        true => Components::from_components_with_wide_primes(n, e, d, primes),
        false => Components::from_components(n, e, d, primes),
    };
    key.map_err(|error| unreadable(error.to_string()))
}

/// Writes the key.
pub(super) fn write(key: &Components) -> Zeroizing<Vec<u8>> {
    key.to_pkcs1_der().expect("keys that are read or generated have two primes").to_bytes()
}
