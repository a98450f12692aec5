//! A credential in one allocation, for the store in memory.

use zeroize::Zeroizing;

use super::Credential;
use crate::crypto::KeyPair;
use crate::webauthn::User;

const DISCOVERABLE: u8 = 1;
const BACKUP_ELIGIBLE: u8 = 2;
const BACKUP_STATE: u8 = 4;

/// A credential without its RP ID, which many share.
pub(super) struct Packed {
    /// Four lengths of four bytes, then what they are of: id, user handle, name and display name. Then an ES256 key:
    /// scalar and coordinates.
    bytes: Zeroizing<Box<[u8]>>,
    /// A key of another algorithm.
    other_key: Option<Box<KeyPair>>,
    pub(super) sign_count: u32,
    flags: u8,
}

impl Packed {
    pub(super) fn new(credential: &Credential) -> Self {
        let user = &credential.user;
        let parts = [&credential.id[..], &user.id, user.name.as_bytes(), user.display_name.as_bytes()];
        let p256 = credential.key.p256_parts();
        let length = parts.iter().map(|part| 4 + part.len()).sum::<usize>() + p256.map_or(0, |_| 3 * 32);
        let mut bytes = Vec::with_capacity(length);
        for part in parts {
            let length = u32::try_from(part.len()).expect("a part of a credential is shorter than 4 GiB");
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        p256.iter().flatten().for_each(|part| bytes.extend_from_slice(*part));
        let flag = |flag, on| if on { flag } else { 0 };
        Self {
            bytes: Zeroizing::new(bytes.into_boxed_slice()),
            other_key: p256.is_none().then(|| Box::new(credential.key.clone())),
            sign_count: credential.sign_count,
            flags: flag(DISCOVERABLE, credential.discoverable)
                | flag(BACKUP_ELIGIBLE, credential.backup_eligible)
                | flag(BACKUP_STATE, credential.backup_state),
        }
    }

    pub(super) fn id(&self) -> &[u8] {
        let [id, ..] = self.parts();
        id
    }

    pub(super) fn user_id(&self) -> &[u8] {
        let [_, user_id, ..] = self.parts();
        user_id
    }

    pub(super) fn discoverable(&self) -> bool {
        self.flags & DISCOVERABLE != 0
    }

    pub(super) fn unpack(&self, rp_id: &str) -> Credential {
        let [id, user_id, name, display_name, key] = self.parts();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it was a string");
        Credential {
            id: id.to_vec(),
            rp_id: rp_id.to_owned(),
            user: User { id: user_id.to_vec(), name: text(name), display_name: text(display_name) },
            key: match (&self.other_key, key.as_chunks()) {
                (Some(key), _) => KeyPair::clone(key),
                (None, ([scalar, x, y], [])) => KeyPair::from_p256_parts([scalar, x, y]),
                (None, _) => unreachable!("a key of ES256 has three parts"),
            },
            discoverable: self.discoverable(),
            sign_count: self.sign_count,
            backup_eligible: self.flags & BACKUP_ELIGIBLE != 0,
            backup_state: self.flags & BACKUP_STATE != 0,
        }
    }

    /// Id, user handle, name, display name, key.
    fn parts(&self) -> [&[u8]; 5] {
        let (lengths, _) = self.bytes.as_chunks::<4>();
        let mut rest = self.bytes.get(16..).unwrap_or_default();
        let mut part = |index: usize| {
            let length = lengths.get(index).map_or(0, |length| u32::from_le_bytes(*length));
            let (part, behind) =
                rest.split_at_checked(usize::try_from(length).unwrap_or(usize::MAX)).unwrap_or_default();
            rest = behind;
            part
        };
        let parts = [part(0), part(1), part(2), part(3)];
        let [id, user_id, name, display_name] = parts;
        [id, user_id, name, display_name, rest]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Algorithm, derived_rng};

    #[test]
    fn every_key_and_any_length_comes_back() {
        let mut random = derived_rng(b"packed", &[]);
        for algorithm in Algorithm::available() {
            let key = match algorithm.is_rsa() {
                true => KeyPair::from_rsa_pool(*algorithm, &mut random).unwrap(),
                false => KeyPair::generate(*algorithm, &mut random).unwrap(),
            };
            for length in [0, 1, 300, 70_000] {
                let credential = Credential {
                    id: vec![1; length],
                    rp_id: "example.org".into(),
                    user: User {
                        id: vec![2; length],
                        name: "é".repeat(length),
                        display_name: "d".repeat(length),
                    },
                    key: key.clone(),
                    discoverable: length == 0,
                    sign_count: 7,
                    backup_eligible: length != 1,
                    backup_state: length == 300,
                };
                let packed = Packed::new(&credential);
                assert_eq!(packed.unpack("example.org"), credential);
                assert_eq!((packed.id(), packed.user_id()), (&credential.id[..], &credential.user.id[..]));
            }
        }
    }
}
