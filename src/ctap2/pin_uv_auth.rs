//! The PIN/UV auth protocols (CTAP 2.1 §6.5.4, §6.5.6, §6.5.7): how a platform and an authenticator agree on a secret, send
//! PINs and salts under it, and prove that a request comes from who has it, or a token.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::crypto::sha256;
use crate::crypto::symmetric::{BLOCK, decrypt, encrypt, hkdf, hmac, hmac_begins_with};

/// A PIN/UV auth protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinUvAuthProtocol {
    /// One (§6.5.6).
    One,
    /// Two (§6.5.7), since CTAP 2.1.
    Two,
}

impl PinUvAuthProtocol {
    /// Every protocol.
    pub const ALL: &[PinUvAuthProtocol] = &[PinUvAuthProtocol::One, PinUvAuthProtocol::Two];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            PinUvAuthProtocol::One => 1,
            PinUvAuthProtocol::Two => 2,
        }
    }

    /// The protocol of this number.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.iter().copied().find(|protocol| protocol.number() == number)
    }

    /// The secret that both sides have who agreed on the x-coordinate `z`: `kdf(Z)`.
    #[must_use]
    pub fn shared_secret(self, z: &[u8; 32]) -> SharedSecret {
        match self {
            PinUvAuthProtocol::One => {
                let key = Zeroizing::new(sha256(&[z]));
                SharedSecret { protocol: self, hmac_key: key.clone(), aes_key: key }
            }
            PinUvAuthProtocol::Two => SharedSecret {
                protocol: self,
                hmac_key: hkdf(z, "CTAP2 HMAC key"),
                aes_key: hkdf(z, "CTAP2 AES key"),
            },
        }
    }

    /// `pinUvAuthParam` under a token: 16 bytes in protocol one, 32 in protocol two.
    #[must_use]
    pub fn authenticate(self, key: &[u8], message: &[&[u8]]) -> Vec<u8> {
        let mut param = hmac(key, message).to_vec();
        param.truncate(self.param_length());
        param
    }

    /// Whether `param` is the [`authenticate`](Self::authenticate)d message. The time does not depend on where it differs.
    #[must_use]
    pub fn verify(self, key: &[u8], message: &[&[u8]], param: &[u8]) -> bool {
        param.len() == self.param_length() && hmac_begins_with(key, message, param)
    }

    const fn param_length(self) -> usize {
        match self {
            PinUvAuthProtocol::One => 16,
            PinUvAuthProtocol::Two => 32,
        }
    }
}

/// What a platform and an authenticator share after they exchanged public keys.
pub struct SharedSecret {
    protocol: PinUvAuthProtocol,
    hmac_key: Zeroizing<[u8; 32]>,
    aes_key: Zeroizing<[u8; 32]>,
}

impl SharedSecret {
    /// The plaintext under this secret, with its initialisation vector before it in protocol two; `None` unless it is a
    /// whole number of 16 bytes.
    #[must_use]
    pub fn encrypt(&self, plaintext: &[u8], random: &mut dyn CryptoRng) -> Option<Vec<u8>> {
        match self.protocol {
            PinUvAuthProtocol::One => encrypt(&self.aes_key, &[0; BLOCK], plaintext),
            PinUvAuthProtocol::Two => {
                let mut iv = [0; BLOCK];
                random.fill_bytes(&mut iv);
                Some([&iv[..], &encrypt(&self.aes_key, &iv, plaintext)?].concat())
            }
        }
    }

    /// The plaintext; `None` for what cannot have been made by [`encrypt`](Self::encrypt).
    #[must_use]
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.protocol {
            PinUvAuthProtocol::One => decrypt(&self.aes_key, &[0; BLOCK], ciphertext),
            PinUvAuthProtocol::Two => {
                let (iv, ciphertext) = ciphertext.split_first_chunk()?;
                decrypt(&self.aes_key, iv, ciphertext)
            }
        }
    }

    /// `pinUvAuthParam` under this secret.
    #[must_use]
    pub fn authenticate(&self, message: &[&[u8]]) -> Vec<u8> {
        self.protocol.authenticate(&*self.hmac_key, message)
    }

    /// Whether `param` is the [`authenticate`](Self::authenticate)d message.
    #[must_use]
    pub fn verify(&self, message: &[&[u8]], param: &[u8]) -> bool {
        self.protocol.verify(&*self.hmac_key, message, param)
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedSecret").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}
