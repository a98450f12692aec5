//! A credential in one allocation, for the store in memory.

use zeroize::Zeroizing;

use crate::authenticator::store::credential::{Credential, FIELDS, Field, Place};
use crate::crypto::KeyPair;
use crate::webauthn::User;

/// How many words stand first, one for each field: its length in bytes, its count, or whether it is set. Most credentials
/// have the fields of the first version alone.
const MOST_WORDS: usize = FIELDS.len();
const WORDS: usize = first_version();

const fn first_version() -> usize {
    let mut words = 0;
    #[allow(clippy::indexing_slicing, reason = "evaluated when it is compiled, where it fails at once")]
    while words < FIELDS.len() && FIELDS[words].is_of_first_version() {
        words += 1;
    }
    words
}

/// In the word of [`DISCOVERABLE`]: there is a word for every field.
const EVERY_WORD: u32 = 2;

/// The words of the fields that are looked at alone.
const ID: usize = word_of(1);
const RP_ID: usize = word_of(2);
const USER_ID: usize = word_of(3);
const DISCOVERABLE: usize = word_of(8);
const SIGN_COUNT: usize = word_of(9);

/// Which word belongs to the field with this key in a record.
const fn word_of(record: i64) -> usize {
    let mut word = 0;
    #[allow(clippy::indexing_slicing, reason = "evaluated when it is compiled, where it fails at once")]
    while FIELDS[word].record != record {
        word += 1;
    }
    word
}

/// A credential without its RP ID, which many share.
pub(crate) struct Packed {
    /// The words, then the bytes and texts that they give the lengths of, then an ES256 key: scalar and coordinates.
    bytes: Zeroizing<Box<[u8]>>,
    /// A key of another algorithm.
    other_key: Option<Box<KeyPair>>,
}

impl Packed {
    pub(crate) fn new(credential: &Credential) -> Self {
        let p256 = credential.key.p256_parts();
        let later = FIELDS.iter().skip(WORDS).any(|field| field.is_written(credential));
        let words = if later { MOST_WORDS } else { WORDS };
        let length = packed(words).map(|(_, field)| content(field, credential).len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(4 * words + length + p256.map_or(0, |_| 3 * 32));
        for (number, field) in FIELDS.iter().enumerate().take(words) {
            let word = match field.place {
                _ if number == RP_ID => 0,
                Place::Key => 0,
                Place::Flag(read, _) if number == DISCOVERABLE && later => {
                    u32::from(*read(credential)) | EVERY_WORD
                }
                Place::Flag(read, _) => u32::from(*read(credential)),
                Place::Count(read, _) => *read(credential),
                Place::Bytes(..) | Place::Text(..) => u32::try_from(content(field, credential).len())
                    .expect("a part of a credential is shorter than 4 GiB"),
            };
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        packed(words).for_each(|(_, field)| bytes.extend_from_slice(content(field, credential)));
        p256.iter().flatten().for_each(|part| bytes.extend_from_slice(*part));
        Self {
            bytes: Zeroizing::new(bytes.into_boxed_slice()),
            other_key: p256.is_none().then(|| Box::new(credential.key.clone())),
        }
    }

    pub(crate) fn id(&self) -> &[u8] {
        self.part(ID)
    }

    pub(crate) fn user_id(&self) -> &[u8] {
        self.part(USER_ID)
    }

    pub(crate) fn discoverable(&self) -> bool {
        self.word(DISCOVERABLE) & !EVERY_WORD != 0
    }

    pub(crate) fn sign_count(&self) -> u32 {
        self.word(SIGN_COUNT)
    }

    /// Sets the signature count, and returns what it was.
    pub(crate) fn set_sign_count(&mut self, count: u32) -> u32 {
        let (words, _) = self.bytes.as_chunks_mut();
        let word = words.get_mut(SIGN_COUNT).map(|word| std::mem::replace(word, count.to_le_bytes()));
        word.map_or(0, u32::from_le_bytes)
    }

    pub(crate) fn unpack(&self, rp_id: &str) -> Credential {
        let mut rest = self.contents();
        let key = match (&self.other_key, rest.as_rchunks().1) {
            (Some(key), _) => KeyPair::clone(key),
            (None, [.., scalar, x, y]) => KeyPair::from_p256_parts([scalar, x, y]),
            (None, _) => unreachable!("a key of ES256 has three parts"),
        };
        let mut credential = Credential::new(Vec::new(), rp_id, User::default(), key);
        for (number, field) in FIELDS.iter().enumerate().take(self.words()) {
            if number == RP_ID {
                continue;
            }
            let mut part = || {
                let (part, behind) = rest.split_at_checked(self.length(number)).unwrap_or_default();
                rest = behind;
                part.to_vec()
            };
            match field.place {
                Place::Key => {}
                Place::Flag(_, write) if number == DISCOVERABLE => {
                    *write(&mut credential) = self.discoverable();
                }
                Place::Flag(_, write) => *write(&mut credential) = self.word(number) != 0,
                Place::Count(_, write) => *write(&mut credential) = self.word(number),
                Place::Bytes(_, write) => *write(&mut credential) = part(),
                Place::Text(_, write) => {
                    *write(&mut credential) = String::from_utf8(part()).expect("it was a string");
                }
            }
        }
        credential
    }

    /// How many words stand first.
    fn words(&self) -> usize {
        if self.word(DISCOVERABLE) & EVERY_WORD == 0 { WORDS } else { MOST_WORDS }
    }

    fn word(&self, number: usize) -> u32 {
        self.bytes.as_chunks().0.get(number).map_or(0, |word| u32::from_le_bytes(*word))
    }

    fn length(&self, number: usize) -> usize {
        usize::try_from(self.word(number)).unwrap_or(usize::MAX)
    }

    /// What stands behind the words.
    fn contents(&self) -> &[u8] {
        self.bytes.get(4 * self.words()..).unwrap_or_default()
    }

    /// The bytes or the text of one field.
    fn part(&self, number: usize) -> &[u8] {
        let before = packed(self.words()).take_while(|(before, _)| *before < number);
        let start = before.map(|(before, _)| self.length(before)).sum::<usize>();
        let part = self.contents().get(start..).and_then(|rest| rest.get(..self.length(number)));
        part.unwrap_or_default()
    }
}

/// The fields that have bytes behind the words, and the numbers of their words.
fn packed(words: usize) -> impl Iterator<Item = (usize, &'static Field)> {
    let has_bytes = |field: &Field| matches!(field.place, Place::Bytes(..) | Place::Text(..));
    FIELDS.iter().enumerate().take(words).filter(move |(number, field)| *number != RP_ID && has_bytes(field))
}

/// The bytes of a field that has some.
fn content<'c>(field: &Field, credential: &'c Credential) -> &'c [u8] {
    match field.place {
        Place::Bytes(read, _) => read(credential),
        Place::Text(read, _) => read(credential).as_bytes(),
        Place::Flag(..) | Place::Count(..) | Place::Key => &[],
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
                let user =
                    User { id: vec![2; length], name: "é".repeat(length), display_name: "d".repeat(length) };
                let credential = Credential {
                    discoverable: length == 0,
                    cred_protect: if length == 300 { 3 } else { 0 },
                    large_blob: vec![3; if length == 70_000 { 9 } else { 0 }],
                    sign_count: 7,
                    backup_eligible: length != 1,
                    backup_state: length == 300,
                    ..Credential::new(vec![1; length], "example.org", user, key.clone())
                };
                let mut packed = Packed::new(&credential);
                assert_eq!(packed.unpack("example.org"), credential);
                assert_eq!((packed.id(), packed.user_id()), (&credential.id[..], &credential.user.id[..]));
                assert_eq!((packed.set_sign_count(9), packed.sign_count()), (7, 9));
                assert_eq!(packed.unpack("example.org"), Credential { sign_count: 9, ..credential });
            }
        }
    }
}
