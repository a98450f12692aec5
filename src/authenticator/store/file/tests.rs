use std::sync::Mutex;

use proptest::prelude::*;
use redb::TableDefinition;

use super::migrate::OldFile;
use super::*;
use crate::authenticator::store::Credential;
use crate::authenticator::store::codec::record;
use crate::authenticator::store::tests::{keeps_what_a_list_would, turns};
use crate::crypto::{KeyPair, PublicKey};
use crate::webauthn::User;

fn credential(id: u8) -> Credential {
    let user = User { id: vec![id], ..User::default() };
    let key = KeyPair::from_p256_scalar(&[3; 32]).unwrap();
    Credential { discoverable: id != 2, ..Credential::new(vec![id; 16], "example.org", user, key) }
}

fn store(path: &Path) -> FileStore {
    let mut store = FileStore::new(path);
    let mut transaction = store.begin().unwrap();
    [1, 2, 3].iter().for_each(|id| transaction.put(&credential(*id)).unwrap());
    transaction.commit().unwrap();
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_file_and_its_cache_keep_what_a_list_would(turns in turns()) {
        let directory = tempfile::tempdir().unwrap();
        let mut store = FileStore::exclusive(directory.path().join("s")).unwrap();
        keeps_what_a_list_would(&mut store, turns, |_| {});
    }
}

#[test]
fn nothing_is_believed_after_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    drop(store(&path));
    let store = FileStore::exclusive(&path).unwrap();
    let begin = || {
        let open = Arc::clone(store.kept_open.as_ref().unwrap());
        FileTransaction::new(Turn::take(open, &store.waiting).unwrap(), true)
    };
    let known = || begin().turn.cache.find(&[1; 16]).is_some();
    begin().find(&[1; 16]).unwrap();
    assert!(known());
    let mut transaction = begin();
    transaction.with("fail", |_| Err::<(), _>(redb::Error::Corrupted(String::new()))).unwrap_err();
    Box::new(transaction).commit().unwrap();
    assert!(!known());
}

/// A store as versions 1 and 2 left it, with credentials 1 to 3 and a global count of 7.
fn old_store(path: &Path, version: u8, state: u8) {
    let credentials = TableDefinition::<u64, &[u8]>::new("credentials");
    let order = TableDefinition::<&[u8], u64>::new("order");
    let discoverable = TableDefinition::<&[u8], ()>::new("discoverable");
    let counters = TableDefinition::<&str, u64>::new("counters");
    let file = open_private(path).unwrap();
    file.set_len(HEADER_LENGTH).unwrap();
    let database = Database::builder().create_with_backend(OldFile(Mutex::new(file))).unwrap();
    let transaction = database.begin_write().unwrap();
    for id in 1..=3 {
        let place = u64::from(id) * 10;
        let record = record::encode(&credential(id));
        transaction.open_table(credentials).unwrap().insert(place, record.as_slice()).unwrap();
        transaction.open_table(order).unwrap().insert([id; 16].as_slice(), place).unwrap();
        if version > 1 && id != 2 {
            let key = [b"example.org\xff", &[id][..], &place.to_be_bytes()].concat();
            transaction.open_table(discoverable).unwrap().insert(key.as_slice(), ()).unwrap();
        }
    }
    transaction.open_table(counters).unwrap().insert("next", 40).unwrap();
    transaction.open_table(counters).unwrap().insert("global_count", 7).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let mut bytes = std::fs::read(path).unwrap();
    bytes[..18].copy_from_slice(&[b"stuntkey store\n", &[state, 0, version][..]].concat());
    std::fs::write(path, bytes).unwrap();
}

/// That the store holds what an old one did, and takes more.
fn is_as_the_old_one_was(path: &Path) {
    for found in 0..2_u8 {
        let mut store = FileStore::new(path);
        let mut transaction = store.begin().unwrap();
        assert_eq!(transaction.all().unwrap(), [credential(3), credential(2), credential(1)]);
        assert_eq!(transaction.discoverable("example.org").unwrap(), [credential(3), credential(1)]);
        assert_eq!(transaction.find(&[2; 16]).unwrap(), Some(credential(2)));
        assert_eq!(transaction.next_global_count().unwrap(), 8 + u32::from(found));
        transaction.put(&credential(4)).unwrap();
        assert_eq!(transaction.all().unwrap()[0], credential(4), "it is the newest");
        assert!(transaction.remove(&[4; 16]).unwrap());
        transaction.commit().unwrap();
    }
    assert!(matches!(header::read(&mut open_private(path).unwrap()).unwrap(), Found::Header(_)));
    assert!(!path.with_extension("new").exists());
}

#[test]
fn stores_of_versions_1_and_2_are_brought_to_version_3() {
    for version in [1, 2] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        old_store(&path, version, 1);
        is_as_the_old_one_was(&path);
    }
}

/// In version 2 a changed bit in the header made a store that was in use one that was never used.
#[test]
fn an_old_store_is_not_emptied_by_a_changed_bit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    old_store(&path, 2, 0);
    is_as_the_old_one_was(&path);
}

#[test]
fn a_kill_while_an_old_store_is_brought_to_version_3_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let beside = directory.path().join("s.new");
    old_store(&path, 2, 1);
    let old = std::fs::read(&path).unwrap();
    drop(FileStore::open(&path).unwrap());
    let new = {
        // As it stood in the file beside before it was opened: without the commits that opening and closing make.
        std::fs::write(&path, &old).unwrap();
        let database = Database::builder()
            .create_with_backend(OldFile(Mutex::new(open_private(&path).unwrap())))
            .unwrap();
        migrate::copy(&database, &beside).unwrap();
        std::fs::read(&beside).unwrap()
    };
    // Before the old header is replaced, the old store counts, whatever stands beside it.
    for part in [0, 100, 4096, new.len() / 2, new.len()] {
        std::fs::write(&path, &old).unwrap();
        std::fs::write(&beside, &new[..part]).unwrap();
        is_as_the_old_one_was(&path);
    }
    // Then the new one counts, however much of it was copied.
    for part in [0, 4096, 5000, new.len() / 2, new.len()] {
        let mut half = old.clone();
        if part > 4096 {
            half.resize(old.len().max(part), 0);
            half[4096..part].copy_from_slice(&new[4096..part]);
        }
        std::fs::write(&path, &half).unwrap();
        std::fs::write(&beside, &new).unwrap();
        Header { state: State::Moving, ..Header::fresh() }.write(&mut open_private(&path).unwrap()).unwrap();
        is_as_the_old_one_was(&path);
    }
    // Without it there is nothing to read.
    Header { state: State::Moving, ..Header::fresh() }.write(&mut open_private(&path).unwrap()).unwrap();
    let error = FileStore::open(&path).unwrap_err().to_string();
    assert!(error.contains("s.new, which cannot be opened"), "{error}");
}

#[test]
fn a_credential_whose_key_cannot_be_read_can_be_removed_and_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = store(&directory.path().join("s"));
    let mut transaction = store.begin().unwrap();
    for id in [1, 3] {
        // A secret of 32 bytes is none of Ed448's.
        let key = credential(id).key;
        let key = KeyPair::from_parts(key.private().clone(), PublicKey::Ed448([5; 57])).unwrap();
        transaction.put(&Credential { key, ..credential(id) }).unwrap();
    }
    assert!(transaction.find(&[1; 16]).is_err());
    assert!(transaction.remove(&[1; 16]).unwrap());
    transaction.put(&credential(3)).unwrap();
    assert_eq!(transaction.all().unwrap(), [credential(3), credential(2)]);
    assert_eq!(transaction.discoverable("example.org").unwrap(), [credential(3)]);
}

/// The image of a store whose process was killed after its third transaction was confirmed.
fn killed(directory: &Path) -> Vec<u8> {
    let path = directory.join("killed");
    let mut store = FileStore::exclusive(&path).unwrap();
    for id in 1..=3 {
        let mut transaction = store.begin().unwrap();
        transaction.put(&credential(id)).unwrap();
        transaction.commit().unwrap();
    }
    std::fs::read(&path).unwrap()
}

#[test]
fn a_killed_process_leaves_what_it_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    std::fs::write(&path, killed(directory.path())).unwrap();
    let mut store = FileStore::new(&path);
    assert_eq!(store.begin().unwrap().all().unwrap(), [credential(3), credential(2), credential(1)]);
}

/// redb goes back to the transaction before where the last one is not whole, which may have been confirmed or not.
#[test]
fn only_a_transaction_that_nobody_was_told_of_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let image = killed(directory.path());
    let Found::Header(header) = header::found(&image[..512]) else { panic!("no header") };
    assert_eq!((header.state, header.commits), (State::Open, 3));
    let (mut lost, mut given_up) = (0, 0);
    for block in 0..(image.len() - 4096) / 4112 {
        let mut damaged = image.clone();
        damaged[4096 + 4112 * block + 2] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        let found = FileStore::new(&path).begin().and_then(|mut transaction| transaction.all());
        let again = FileStore::new(&path).begin().and_then(|mut transaction| transaction.all());
        match found {
            Ok(found) => assert_eq!(found, [credential(3), credential(2), credential(1)], "block {block}"),
            Err(error) => {
                assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
                assert!(matches!(again, Err(StoreError::Corrupt { .. })), "{again:?}");
                lost += 1;
                // The same, had the power failed before the third transaction was confirmed.
                std::fs::write(&path, &damaged).unwrap();
                Header { commits: 2, ..(*header).clone() }.write(&mut open_private(&path).unwrap()).unwrap();
                let found = FileStore::new(&path).begin().and_then(|mut transaction| transaction.all());
                if found.is_ok_and(|found| found == [credential(2), credential(1)]) {
                    given_up += 1;
                }
            }
        }
    }
    assert!(lost > 3 && given_up > 3, "{lost} lost, {given_up} given up");
}
