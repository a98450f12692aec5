//! The credential store in a file.
#![cfg(feature = "store")]

use std::fs;
use std::path::Path;

use stuntkey::authenticator::{Credential, CredentialStore, FileStore, MemoryStore, StoreError};
use stuntkey::crypto::KeyPair;
use stuntkey::webauthn::User;

fn credential(number: u8) -> Credential {
    Credential {
        id: vec![number; 16],
        rp_id: "example.org".into(),
        user: User { id: vec![number], name: format!("user {number}"), display_name: "ü".into() },
        key: KeyPair::from_p256_scalar(&[number; 32]).unwrap(),
        discoverable: true,
        sign_count: u32::MAX,
        backup_eligible: true,
        backup_state: false,
    }
}

fn put(store: &mut dyn CredentialStore, credential: &Credential) {
    let mut transaction = store.begin().unwrap();
    transaction.put(credential).unwrap();
    transaction.commit().unwrap();
}

fn all(store: &mut dyn CredentialStore) -> Vec<Credential> {
    store.begin().unwrap().all().unwrap()
}

/// Both stores keep one contract.
fn each_store(test: impl Fn(&mut dyn CredentialStore)) {
    let directory = tempfile::tempdir().unwrap();
    test(&mut MemoryStore::default());
    test(&mut FileStore::open(directory.path().join("s")).unwrap());
    test(&mut FileStore::exclusive(directory.path().join("exclusive")).unwrap());
}

#[test]
fn what_is_put_comes_back_newest_first() {
    each_store(|store| {
        for number in [1, 2, 3] {
            put(store, &credential(number));
        }
        assert_eq!(all(store), [credential(3), credential(2), credential(1)]);
        assert_eq!(store.begin().unwrap().find(&[2; 16]).unwrap(), Some(credential(2)));
        assert_eq!(store.begin().unwrap().find(&[9; 16]).unwrap(), None);
        assert_eq!(store.begin().unwrap().discoverable("example.com").unwrap(), []);
    });
}

#[test]
fn an_update_keeps_its_place() {
    each_store(|store| {
        put(store, &credential(1));
        put(store, &credential(2));
        let raised = Credential { sign_count: 7, ..credential(1) };
        put(store, &raised);
        assert_eq!(all(store), [credential(2), raised]);
    });
}

#[test]
fn a_new_discoverable_credential_takes_the_place_of_the_accounts_old_one() {
    each_store(|store| {
        put(store, &credential(1));
        let server_side = Credential { id: vec![7; 16], discoverable: false, ..credential(1) };
        put(store, &server_side);
        let elsewhere = Credential { id: vec![8; 16], rp_id: "example.com".into(), ..credential(1) };
        put(store, &elsewhere);
        let new = Credential { id: vec![9; 16], ..credential(1) };
        put(store, &new);
        assert_eq!(all(store), [new, elsewhere, server_side]);
    });
}

#[test]
fn a_dropped_transaction_leaves_no_trace() {
    each_store(|store| {
        put(store, &credential(1));
        put(store, &credential(2));
        {
            let mut transaction = store.begin().unwrap();
            assert_eq!(transaction.next_global_count().unwrap(), 1);
            transaction.put(&credential(3)).unwrap();
            transaction.put(&Credential { sign_count: 1, ..credential(1) }).unwrap();
            transaction.put(&Credential { id: vec![9; 16], ..credential(2) }).unwrap();
            assert!(transaction.remove(&[1; 16]).unwrap());
            assert_eq!(transaction.all().unwrap().len(), 2);
        }
        assert_eq!(all(store), [credential(2), credential(1)]);
        let mut transaction = store.begin().unwrap();
        assert_eq!(transaction.next_global_count().unwrap(), 1);
        transaction.commit().unwrap();
        assert_eq!(store.begin().unwrap().next_global_count().unwrap(), 2);
    });
}

/// User handles of which one begins with the other, and RP IDs likewise.
#[test]
fn accounts_are_told_apart() {
    each_store(|store| {
        let of = |id: u8, rp_id: &str, user: &[u8]| Credential {
            rp_id: rp_id.into(),
            user: User { id: user.to_vec(), name: String::new(), display_name: String::new() },
            ..credential(id)
        };
        let kept = [
            of(1, "example.org", b"a"),
            of(2, "example.org", b"ab"),
            of(3, "example.org", b"a\0\0\0\0\0\0\0\0"),
            of(4, "example.or", b"ga"),
            of(5, "example.org", b"a\xff\xff\xff\xff\xff\xff\xff\xff"),
            Credential { discoverable: false, ..of(6, "example.org", b"a") },
        ];
        kept.iter().for_each(|credential| put(store, credential));
        assert_eq!(all(store).len(), kept.len());
        put(store, &of(7, "example.org", b"a"));
        let left: Vec<u8> = all(store).iter().map(|credential| credential.id[0]).collect();
        assert_eq!(left, [7, 6, 5, 4, 3, 2]);
        let found = |store: &mut dyn CredentialStore, rp_id| -> Vec<u8> {
            store.begin().unwrap().discoverable(rp_id).unwrap().iter().map(|c| c.id[0]).collect()
        };
        assert_eq!(found(store, "example.org"), [7, 5, 3, 2]);
        assert_eq!(found(store, "example.or"), [4]);
        // The same id at another account, where it stands.
        put(store, &of(3, "example.or", b"x"));
        assert_eq!((found(store, "example.org"), found(store, "example.or")), (vec![7, 5, 2], vec![4, 3]));
        assert!(store.begin().unwrap().remove(&[2; 16]).is_ok());
    });
}

#[test]
fn a_credential_that_moves_keeps_its_place() {
    each_store(|store| {
        let older = credential(1);
        let newer = Credential { rp_id: "example.com".into(), ..credential(2) };
        put(store, &older);
        put(store, &newer);
        // Known in another order than they were made in.
        store.begin().unwrap().discoverable("example.com").unwrap();
        store.begin().unwrap().find(&older.id).unwrap();
        let moved = Credential { rp_id: "example.com".into(), ..older };
        put(store, &moved);
        assert_eq!(store.begin().unwrap().discoverable("example.com").unwrap(), [newer, moved]);
        assert_eq!(store.begin().unwrap().discoverable("example.org").unwrap(), []);
    });
}

#[test]
fn a_count_is_kept_under_its_id() {
    each_store(|store| {
        put(store, &credential(1));
        let mut transaction = store.begin().unwrap();
        assert!(transaction.set_sign_count(&[1; 16], 9).unwrap());
        assert!(!transaction.set_sign_count(&[2; 16], 9).unwrap());
        assert_eq!(transaction.sign_count(&[1; 16]).unwrap(), Some(9));
        assert_eq!(transaction.sign_count(&[2; 16]).unwrap(), None);
        transaction.commit().unwrap();
        assert_eq!(all(store), [Credential { sign_count: 9, ..credential(1) }]);
    });
}

#[test]
fn an_exclusive_store_keeps_others_out_until_it_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let mut store = FileStore::exclusive(&path).unwrap();
    put(&mut store, &credential(1));
    let file = fs::File::open(&path).unwrap();
    assert!(matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)));
    let clone = store.clone();
    drop(store);
    assert!(matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)));
    drop(clone);
    file.try_lock().unwrap();
    file.unlock().unwrap();
    assert_eq!(all(&mut FileStore::new(&path)), [credential(1)]);
}

#[test]
fn clones_of_an_exclusive_store_take_turns() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = FileStore::exclusive(directory.path().join("s")).unwrap();
    put(&mut store, &Credential { sign_count: 0, ..credential(1) });
    let raise = |mut store: FileStore| {
        for _ in 0..50 {
            let mut transaction = store.begin().unwrap();
            let count = transaction.sign_count(&[1; 16]).unwrap().unwrap();
            std::thread::yield_now();
            transaction.set_sign_count(&[1; 16], count + 1).unwrap();
            transaction.commit().unwrap();
        }
    };
    std::thread::scope(|scope| {
        for clone in [store.clone(), store.clone()] {
            scope.spawn(move || raise(clone));
        }
    });
    assert_eq!(store.begin().unwrap().sign_count(&[1; 16]).unwrap(), Some(100));
}

#[test]
fn removal_tells_whether_there_was_one() {
    each_store(|store| {
        put(store, &credential(1));
        let mut transaction = store.begin().unwrap();
        assert!(transaction.remove(&[1; 16]).unwrap());
        assert!(!transaction.remove(&[1; 16]).unwrap());
        transaction.commit().unwrap();
        assert_eq!(all(store), []);
    });
}

#[test]
fn another_handle_sees_what_was_committed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let mut one = FileStore::open(&file).unwrap();
    let mut two = FileStore::open(&file).unwrap();
    put(&mut one, &credential(1));
    put(&mut two, &credential(2));
    assert_eq!(all(&mut one), [credential(2), credential(1)]);
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_left_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let redb = directory.path().join("redb");
    drop(redb::Database::create(&redb).unwrap());
    let foreign_database = fs::read(&redb).unwrap();
    for content in [&b"hello"[..], b"stuntkey stor", b"\0", b"{\"a\":1}", &foreign_database] {
        let file = directory.path().join("s");
        fs::write(&file, content).unwrap();
        let error = FileStore::open(&file).unwrap_err();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
        assert!(
            error.to_string().contains("expected a stuntkey credential store; left untouched"),
            "{error}"
        );
        assert!(fs::read(&file).unwrap() == content);
    }
}

#[test]
fn a_store_of_another_version_is_refused_and_left_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    put(&mut FileStore::open(&file).unwrap(), &credential(1));
    let mut bytes = fs::read(&file).unwrap();
    assert_eq!(bytes[..18], *b"stuntkey store\n\x01\x00\x02");
    bytes[17] = 3;
    fs::write(&file, &bytes).unwrap();
    let error = FileStore::open(&file).unwrap_err();
    assert!(
        error.to_string().contains("found a stuntkey credential store of version 3, expected version 2"),
        "{error}"
    );
    assert!(fs::read(&file).unwrap() == bytes);
}

#[test]
fn a_store_whose_making_was_cut_short_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    drop(FileStore::open(&file).unwrap());
    let whole = fs::read(&file).unwrap();
    let fresh = [b"stuntkey store\n\x00\x00\x01", &whole[18..]].concat();
    for cut in [0, 18, 4096, 5000, fresh.len()] {
        fs::write(&file, &fresh[..cut]).unwrap();
        let mut store = FileStore::open(&file).unwrap();
        put(&mut store, &credential(1));
        assert_eq!(all(&mut store), [credential(1)], "cut at {cut}");
    }
}

#[test]
fn a_damaged_store_is_an_error_and_no_panic() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    put(&mut FileStore::open(&file).unwrap(), &credential(1));
    let whole = fs::read(&file).unwrap();
    for cut in [18, 4096, 4200, 8192, whole.len() / 2] {
        fs::write(&file, &whole[..cut]).unwrap();
        let result =
            FileStore::open(&file).map(|mut store| store.begin().map(|mut t| t.all().is_ok()).is_ok());
        assert!(result.is_err(), "cut at {cut}");
    }
}

#[test]
fn damage_anywhere_in_the_database_is_an_error_or_harmless_and_no_panic() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let mut store = FileStore::open(&file).unwrap();
    for number in 1..=5 {
        put(&mut store, &credential(number));
    }
    let whole = fs::read(&file).unwrap();
    let kept = all(&mut store);
    let mut refused = 0;
    for step in 0..400 {
        let mut bytes = whole.clone();
        // A prime stride, so that the places fall all over the pages.
        let place = 4096 + step * 7919 % (whole.len() - 4096);
        for byte in bytes.iter_mut().skip(place).take(16) {
            *byte = !*byte;
        }
        fs::write(&file, &bytes).unwrap();
        match FileStore::open(&file).and_then(|mut store| store.begin()?.all()) {
            Ok(found) => assert_eq!(found, kept, "damage at {place} went unseen"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 20, "only {refused} of 400 were refused");
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_will_do() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [Path::new("/dev/null"), directory.path(), &socket] {
        let error = FileStore::open(path).unwrap_err().to_string();
        assert!(error.contains("no regular file") || error.contains("cannot open"), "{error}");
    }
}

#[test]
fn a_store_is_made_by_its_first_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let mut store = FileStore::new(&file);
    assert!(!file.exists());
    put(&mut store, &credential(1));
    assert_eq!(all(&mut store), [credential(1)]);
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let error = FileStore::open(Path::new("no/such/directory/s")).unwrap_err();
    assert!(
        error.to_string().starts_with("no/such/directory/s: cannot open the credential store: "),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    FileStore::open(&file).unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    FileStore::open(&file).unwrap();
    assert_eq!(mode(), 0o600);
}
