//! What getInfo tells the holder of the persistent token: encrypted members (CTAP 2.3 §6.4).

use aes::Aes128;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hkdf::Hkdf;
use sha2::Sha256;

/// The value of a member of this name: 16 bytes behind an initialisation vector, under a key that follows from the token.
pub(crate) fn decrypt(token: &[u8], name: &str, member: &[u8]) -> Option<[u8; 16]> {
    let (iv, block) = member.split_first_chunk::<16>()?;
    let mut key = [0; 16];
    Hkdf::<Sha256>::new(Some(&[0; 32]), token).expand(name.as_bytes(), &mut key).ok()?;
    let mut buffer = *block.first_chunk::<16>().filter(|_| block.len() == 16)?;
    let cipher = cbc::Decryptor::<Aes128>::new(&key.into(), iv.into());
    cipher.decrypt_padded::<NoPadding>(&mut buffer).ok()?;
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by another implementation: the token 00…1f, the value f0…ff, the vector 0.
    #[test]
    fn members_are_those_of_the_document() {
        let token: Vec<u8> = (0..32).collect();
        let value: [u8; 16] = std::array::from_fn(|at| 0xf0 + u8::try_from(at).unwrap());
        for (name, ciphertext) in [
            ("encIdentifier", 0x0646_ebd4_c5e6_29ea_f2a3_943e_3347_ac7d_u128),
            ("encCredStoreState", 0x6e7a_c1ea_3a13_af77_73fa_92da_b53d_11cf_u128),
        ] {
            let member = [[0; 16], ciphertext.to_be_bytes()].concat();
            assert_eq!(decrypt(&token, name, &member), Some(value), "{name}");
        }
    }
}
