//! The DER `RSAPrivateKey` (RFC 8017 §A.1.2) with two primes.

use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, PrivateKey as Components};
use zeroize::Zeroizing;

use super::MODULUS_BITS;
use crate::crypto::KeyError;
use crate::crypto::asn1::{SEQUENCE, tlv, unsigned};

/// Reads the key. Its CRT members are computed again, not read.
///
/// # Errors
/// [`KeyError::Unreadable`] for other bytes, or numbers that do not belong together;
/// [`KeyError::ModulusLength`].
pub(super) fn read(der: &[u8]) -> Result<Components, KeyError> {
    let unreadable = |why: String| KeyError::Unreadable(format!("found no RSAPrivateKey ({why})"));
    let [n, e, d, p, q] = numbers(der).map_err(|error| unreadable(error.to_string()))?.map(read_number);
    let found = n.bit_width_vartime();
    if !MODULUS_BITS.contains(&found) {
        return Err(KeyError::ModulusLength {
            found,
            least: *MODULUS_BITS.start(),
            most: *MODULUS_BITS.end(),
        });
    }
    // The arithmetic has a slower form for primes of unlike length. Which one is used tells their length, which is
    // no secret worth keeping here.
    let unlike = p.bit_width_vartime().max(q.bit_width_vartime()) > found.div_ceil(2);
    let primes = vec![p, q];
    let key = match unlike {
        true => Components::from_components_with_wide_primes(n, e, d, primes),
        false => Components::from_components(n, e, d, primes),
    };
    key.map_err(|error| unreadable(error.to_string()))
}

/// n, e, d, p and q.
fn numbers(der: &[u8]) -> der::Result<[&[u8]; 5]> {
    let mut reader = SliceReader::new(der)?;
    let numbers = reader.sequence(|reader| {
        // 1 announces more primes than two.
        if u8::decode(reader)? != 0 {
            return Err(der::Error::from(der::Tag::Integer.value_error()));
        }
        let mut number = || Ok::<_, der::Error>(UintRef::decode(reader)?.as_bytes());
        let numbers = [number()?, number()?, number()?, number()?, number()?];
        // d mod p − 1, d mod q − 1, 1/q mod p.
        for _ in 0..3 {
            number()?;
        }
        Ok::<_, der::Error>(numbers)
    })?;
    reader.finish()?;
    Ok(numbers)
}

fn read_number(big_endian: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(big_endian)
}

/// Writes the key.
pub(super) fn write(key: &Components) -> Zeroizing<Vec<u8>> {
    let [p, q] = key.primes() else { unreachable!("read and generated keys have two primes") };
    let (Some(dp), Some(dq), Some(coefficient)) = (key.dp(), key.dq(), key.crt_coefficient()) else {
        unreachable!("what the CRT needs was computed when the key was made")
    };
    let mut body = Zeroizing::new(unsigned(&[]));
    for number in [key.n(), key.e(), key.d(), p, q, dp, dq, &coefficient] {
        let magnitude = Zeroizing::new(number.to_be_bytes_trimmed_vartime());
        body.extend_from_slice(&Zeroizing::new(unsigned(&magnitude)));
    }
    Zeroizing::new(tlv(SEQUENCE, &[&body]))
}
