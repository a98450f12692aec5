//! The PIN/UV auth protocols from the platform's side (CTAP 2.1 §6.5.6, §6.5.7).

use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ciborium::Value;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};

use super::answer::member;
use super::parameters::members;

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    One,
    Two,
}

impl Protocol {
    pub(crate) const ALL: [Protocol; 2] = [Protocol::One, Protocol::Two];

    pub(crate) fn number(self) -> u64 {
        match self {
            Protocol::One => 1,
            Protocol::Two => 2,
        }
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.number() == number)
    }

    /// The proof of a message by a token or a shared secret's key.
    pub(crate) fn authenticate(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = hmac(key, message);
        if self == Protocol::One {
            mac.truncate(16);
        }
        mac
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// What the platform and the authenticator share, and the platform's public key.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) protocol: Protocol,
    /// The platform's public key, as `keyAgreement` has it.
    pub(crate) key_agreement: Value,
    hmac_key: [u8; 32],
    aes_key: [u8; 32],
}

impl Shared {
    /// Agrees with the authenticator's public key, a COSE_Key. `random` is the platform's private key, and no other's.
    pub(crate) fn agree(protocol: Protocol, theirs: &Value, random: [u8; 32]) -> Option<Self> {
        let coordinate = |label: i64| member(theirs, &Value::from(label)).and_then(Value::as_bytes);
        let point = [&[4][..], coordinate(-2)?, coordinate(-3)?].concat();
        let theirs = PublicKey::from_sec1_bytes(&point).ok()?;
        let own = SecretKey::from_slice(&random).ok()?;
        let secret = diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
        let z = secret.raw_secret_bytes();
        let (hmac_key, aes_key) = match protocol {
            Protocol::One => {
                let key = Sha256::digest(z).into();
                (key, key)
            }
            Protocol::Two => {
                let derive = |info: &[u8]| {
                    let mut key = [0; 32];
                    // Less than 255 blocks are always given.
                    let _ = Hkdf::<Sha256>::new(Some(&[0; 32]), z).expand(info, &mut key);
                    key
                };
                (derive(b"CTAP2 HMAC key"), derive(b"CTAP2 AES key"))
            }
        };
        let point = own.public_key().to_sec1_point(false);
        let bytes = point.as_bytes();
        let (x, y) = (bytes.get(1..33)?, bytes.get(33..65)?);
        let key_agreement = members! { 1 => 2, 3 => -25, -1 => 1, -2 => x.to_vec(), -3 => y.to_vec() };
        Some(Self { protocol, key_agreement, hmac_key, aes_key })
    }

    /// Encrypts whole blocks; `iv` is used by protocol two alone.
    pub(crate) fn encrypt(&self, plaintext: &[u8], iv: [u8; 16]) -> Vec<u8> {
        let iv = match self.protocol {
            Protocol::One => [0; 16],
            Protocol::Two => iv,
        };
        let cipher = cbc::Encryptor::<Aes256>::new(&self.aes_key.into(), &iv.into());
        let mut buffer = plaintext.to_vec();
        let length = buffer.len();
        // Whole blocks need no padding; others are the caller's to send as they are.
        if cipher.encrypt_padded::<NoPadding>(&mut buffer, length).is_err() {
            return plaintext.to_vec();
        }
        match self.protocol {
            Protocol::One => buffer,
            Protocol::Two => [&iv[..], &buffer].concat(),
        }
    }

    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let (iv, blocks) = match self.protocol {
            Protocol::One => ([0; 16], ciphertext),
            Protocol::Two => ciphertext.split_first_chunk().map(|(iv, blocks)| (*iv, blocks))?,
        };
        let cipher = cbc::Decryptor::<Aes256>::new(&self.aes_key.into(), &iv.into());
        let mut buffer = blocks.to_vec();
        cipher.decrypt_padded::<NoPadding>(&mut buffer).ok().map(<[u8]>::to_vec)
    }

    pub(crate) fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.protocol.authenticate(&self.hmac_key, message)
    }
}

/// A pinUvAuthToken, and the protocol that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) protocol: Protocol,
    pub(crate) bytes: Vec<u8>,
}

impl Token {
    pub(crate) fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.protocol.authenticate(&self.bytes, message)
    }
}

/// What the authenticator keeps of a PIN, and what the platform sends of it.
pub(crate) fn pin_hash(pin: &str) -> Vec<u8> {
    Sha256::digest(pin.as_bytes()).iter().take(16).copied().collect()
}

/// A PIN as setPIN and changePIN send it: 64 bytes.
pub(crate) fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(padded.len().max(64), 0);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn agreed(protocol: Protocol) -> Shared {
        let scalar = |text: &str| -> [u8; 32] { Sha256::digest(text.as_bytes()).into() };
        let theirs = SecretKey::from_slice(&scalar("ctap-ref authenticator")).unwrap();
        let point = theirs.public_key().to_sec1_point(false);
        let (x, y) = (point.as_bytes()[1..33].to_vec(), point.as_bytes()[33..].to_vec());
        let theirs = members! { 1 => 2, 3 => -25, -1 => 1, -2 => x, -3 => y };
        Shared::agree(protocol, &theirs, scalar("ctap-ref platform")).unwrap()
    }

    /// Computed by another implementation from CTAP 2.1 §6.5.6 and §6.5.7, for two private keys that are hashes of texts.
    #[test]
    fn the_protocols_are_those_of_the_document() {
        let one = agreed(Protocol::One);
        assert_eq!(
            one.aes_key.to_vec(),
            bytes("b56b6384d972a69a5a2f8709a5c07518307fb6fd18d8b21e115a09c7a2c2cc38")
        );
        let new_pin_enc = one.encrypt(&padded("1234"), [9; 16]);
        assert_eq!(
            new_pin_enc,
            bytes(
                "7b42d2d6488020e57ec7d30eaef0c6f021139a771a98352c400c263b3f9237362277a933760a99aaf206799171a70491\
                 fe8127372ca67269daa9f3c92b74042a"
            )
        );
        assert_eq!(one.authenticate(&new_pin_enc), bytes("dfd4d3a6ef9586ca5a9ade39ef9108b0"));
        let pin_hash_enc = one.encrypt(&pin_hash("1234"), [9; 16]);
        assert_eq!(pin_hash_enc, bytes("c9a44dd8d4c5dade76cf772c641b3098"));

        let two = agreed(Protocol::Two);
        assert_eq!(
            two.hmac_key.to_vec(),
            bytes("1ee5cfda9b5737e28ca54fe8f5da7e5168868882f13232c4cbdcf7ad877cc006")
        );
        let iv: [u8; 16] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let new_pin_enc = two.encrypt(&padded("1234"), iv);
        assert_eq!(
            Sha256::digest(&new_pin_enc).to_vec(),
            bytes("24a5bc5e140c04afc945d801dae5852fa21f34af34b800c0fd99e4be07f5f669")
        );
        assert_eq!(
            two.authenticate(&new_pin_enc),
            bytes("29175e83a75581bbd15cb37c4342262090c4ae4faa7557fdf81a9e6ff4b2c98e")
        );
        let token: Vec<u8> = (0..32).collect();
        let sent = bytes(
            "000102030405060708090a0b0c0d0e0f28b9f22173383acf868fb444dd084b4317e130ea3f728b81a55b92fabd945a84",
        );
        assert_eq!(two.decrypt(&sent).unwrap(), token);
        assert_eq!(two.encrypt(&token, iv), sent);
    }

    #[test]
    fn a_token_proves_messages() {
        let token = Token { protocol: Protocol::Two, bytes: (0..32).collect() };
        let hash: [u8; 32] = Sha256::digest(b"clientData").into();
        let proof = bytes("3eb3b64517d28c84b7f061b981ee3ca9f1acacd13846630368b7d88f165e5849");
        assert_eq!(token.authenticate(&hash), proof);
        let one = Token { protocol: Protocol::One, ..token };
        assert_eq!(one.authenticate(&hash), proof[..16]);
    }
}
