//! One changed byte anywhere in the file of a credential store.
#![cfg(feature = "store")]

use std::fs;
use std::path::Path;

use stuntkey::authenticator::{Credential, CredentialStore, FileStore, StoreError};
use stuntkey::crypto::KeyPair;
use stuntkey::webauthn::User;

fn credential(number: u8) -> Credential {
    let user = User { id: vec![number], name: format!("user {number}"), display_name: "ü".into() };
    let key = KeyPair::from_p256_scalar(&[number; 32]).unwrap();
    let mut credential = Credential::new(vec![number; 16], "example.org", user, key);
    credential.discoverable = true;
    credential
}

/// Everything that a store holds.
type Content = (Vec<Credential>, Vec<Credential>, Vec<Option<Credential>>, Option<Vec<u8>>);

/// Reads a store in every way that there is.
fn content(path: &Path) -> Result<Content, StoreError> {
    let mut store = FileStore::new(path);
    let mut transaction = store.begin()?;
    let found: Result<Vec<_>, _> = (1..=5).map(|number| transaction.find(&[number; 16])).collect();
    Ok((
        transaction.all()?,
        transaction.discoverable("example.org")?,
        found?,
        transaction.authenticator_state()?,
    ))
}

/// Images of a store of five credentials: as its process closed it, and as one left it that was killed.
fn images(directory: &Path) -> [Vec<u8>; 2] {
    let file = directory.join("image");
    let mut store = FileStore::exclusive(&file).unwrap();
    for number in 1..=5 {
        let mut transaction = store.begin().unwrap();
        transaction.put(&credential(number)).unwrap();
        transaction.set_authenticator_state(&[number; 100]).unwrap();
        transaction.commit().unwrap();
    }
    let killed = fs::read(&file).unwrap();
    drop(store);
    [fs::read(&file).unwrap(), killed]
}

/// Changes one byte at each of these places, with the time of modification as it was, and reads what is there.
/// Returns how many changes were refused.
fn change_bytes(image: &[u8], places: impl Iterator<Item = usize>) -> usize {
    // In memory, where there is such a place, as nothing here is about what a disk keeps.
    let memory = Some(Path::new("/dev/shm")).filter(|memory| memory.is_dir());
    let directory = memory.and_then(|memory| tempfile::tempdir_in(memory).ok());
    let directory = directory.unwrap_or_else(|| tempfile::tempdir().unwrap());
    let path = directory.path().join("s");
    fs::write(&path, image).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let kept = content(&path).unwrap();
    assert_eq!((kept.0.len(), kept.1.len(), kept.3.clone()), (5, 5, Some(vec![5; 100])));
    let mut refused = 0;
    for place in places {
        let mut changed = image.to_vec();
        changed[place] ^= u8::try_from(1 + place % 255).unwrap();
        fs::write(&path, &changed).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        match content(&path) {
            Ok(found) => assert!(found == kept, "a change at {place} went unseen"),
            Err(error) => {
                assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
                assert!(
                    matches!(
                        error,
                        StoreError::Corrupt { .. }
                            | StoreError::NotAStore { .. }
                            | StoreError::Version { .. }
                    ),
                    "a change at {place}: {error}"
                );
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn no_changed_byte_is_taken_for_a_sound_or_an_empty_store() {
    let directory = tempfile::tempdir().unwrap();
    let [closed, killed] = images(directory.path());
    // All over the header and, at a prime stride, all over the blocks.
    let places = |image: &[u8], header: usize, blocks: usize| {
        let (step, length) = (512 / header, image.len() - 4096);
        let blocks = (0..blocks).map(move |number| 4096 + number * 7919 % length);
        (0..header).map(move |number| number * step).chain(blocks)
    };
    let refused = change_bytes(&closed, places(&closed, 100, 400));
    assert!(refused > 200, "only {refused} of 500 were refused");
    let refused = change_bytes(&killed, places(&killed, 30, 70));
    assert!(refused > 40, "only {refused} of 100 were refused");
}

/// `cargo test --features store --test file_damage -- --ignored --nocapture`, which takes minutes.
#[test]
#[ignore = "every byte of two stores: minutes"]
fn no_changed_byte_at_all_is_taken_for_a_sound_or_an_empty_store() {
    let directory = tempfile::tempdir().unwrap();
    for image in images(directory.path()) {
        let refused = change_bytes(&image, 0..image.len());
        println!("{} bytes changed one by one: {refused} refused, the others without effect", image.len());
    }
}
