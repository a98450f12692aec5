//! The credential store in a file.
#![cfg(feature = "store")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use sha2::Digest;
use stuntkey::authenticator::{Credential, CredentialStore, FileStore, MemoryStore, StoreError};
use stuntkey::crypto::KeyPair;
use stuntkey::webauthn::User;

fn credential(number: u8) -> Credential {
    let user = User { id: vec![number], name: format!("user {number}"), display_name: "ü".into() };
    let key = KeyPair::from_p256_scalar(&[number; 32]).unwrap();
    let mut credential = Credential::new(vec![number; 16], "example.org", user, key);
    credential.discoverable = true;
    credential.sign_count = u32::MAX;
    credential.backup_eligible = true;
    credential
}

/// A credential with one change.
fn changed(mut credential: Credential, change: impl Fn(&mut Credential)) -> Credential {
    change(&mut credential);
    credential
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
        let raised = changed(credential(1), |c| c.sign_count = 7);
        put(store, &raised);
        assert_eq!(all(store), [credential(2), raised]);
    });
}

#[test]
fn a_new_discoverable_credential_takes_the_place_of_the_accounts_old_one() {
    each_store(|store| {
        put(store, &credential(1));
        let server_side = changed(changed(credential(1), |c| c.id = vec![7; 16]), |c| c.discoverable = false);
        put(store, &server_side);
        let elsewhere =
            changed(changed(credential(1), |c| c.id = vec![8; 16]), |c| c.rp_id = "example.com".into());
        put(store, &elsewhere);
        let new = changed(credential(1), |c| c.id = vec![9; 16]);
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
            transaction.put(&changed(credential(1), |c| c.sign_count = 1)).unwrap();
            transaction.put(&changed(credential(2), |c| c.id = vec![9; 16])).unwrap();
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
        let of = |id: u8, rp_id: &str, user: &[u8]| {
            changed(credential(id), |c| {
                c.rp_id = rp_id.into();
                c.user = User { id: user.to_vec(), ..User::default() };
            })
        };
        let kept = [
            of(1, "example.org", b"a"),
            of(2, "example.org", b"ab"),
            of(3, "example.org", b"a\0\0\0\0\0\0\0\0"),
            of(4, "example.or", b"ga"),
            of(5, "example.org", b"a\xff\xff\xff\xff\xff\xff\xff\xff"),
            changed(of(6, "example.org", b"a"), |c| c.discoverable = false),
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
        let newer = changed(credential(2), |c| c.rp_id = "example.com".into());
        put(store, &older);
        put(store, &newer);
        // Known in another order than they were made in.
        store.begin().unwrap().discoverable("example.com").unwrap();
        store.begin().unwrap().find(&older.id).unwrap();
        let moved = changed(older, |c| c.rp_id = "example.com".into());
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
        assert_eq!(all(store), [changed(credential(1), |c| c.sign_count = 9)]);
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
    put(&mut store, &changed(credential(1), |c| c.sign_count = 0));
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
    assert_eq!(bytes[..18], *b"stuntkey store\n\x01\x00\x03");
    bytes[17] = 4;
    fs::write(&file, &bytes).unwrap();
    let error = FileStore::open(&file).unwrap_err();
    assert!(
        error.to_string().contains("found a stuntkey credential store of version 4, expected version 3"),
        "{error}"
    );
    assert!(fs::read(&file).unwrap() == bytes);
}

/// The images of a store that is being made: of this version, and of version 1, which had no database yet.
#[test]
fn a_store_whose_making_was_cut_short_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let fresh = {
        let mut sector = [b"stuntkey store\n\x00\x00\x03", &[0; 462][..]].concat();
        sector.extend(sha2::Sha256::digest(&sector));
        [sector, vec![0; 3584], vec![0x5a; 5000]].concat()
    };
    let old = [b"stuntkey store\n\x00\x00\x01", &fresh[18..]].concat();
    for (image, cut) in [(&fresh, 0), (&fresh, 512), (&fresh, 4096), (&fresh, 5000), (&fresh, fresh.len())]
        .into_iter()
        .chain([18, 4096, 5000, old.len()].map(|cut| (&old, cut)))
    {
        fs::write(&file, &image[..cut]).unwrap();
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
    for cut in [18, 512, 4096, 4200, 8192, 4096 + 4112, 4096 + 10 * 4112, whole.len() / 2, whole.len() - 1] {
        fs::write(&file, &whole[..cut]).unwrap();
        let result =
            FileStore::open(&file).map(|mut store| store.begin().map(|mut t| t.all().is_ok()).is_ok());
        assert!(result.is_err(), "cut at {cut}");
    }
}

#[test]
fn the_authenticators_own_state_is_kept() {
    each_store(|store| {
        assert_eq!(store.begin().unwrap().authenticator_state().unwrap(), None);
        for state in [&b"one"[..], b"", &[7; 100_000]] {
            let mut transaction = store.begin().unwrap();
            transaction.set_authenticator_state(state).unwrap();
            assert_eq!(
                transaction.authenticator_state().unwrap().unwrap(),
                state,
                "as this transaction sees it"
            );
            transaction.commit().unwrap();
            assert_eq!(store.begin().unwrap().authenticator_state().unwrap().unwrap(), state);
        }
        let mut transaction = store.begin().unwrap();
        transaction.set_authenticator_state(b"dropped").unwrap();
        transaction.set_authenticator_state(b"dropped again").unwrap();
        drop(transaction);
        assert_eq!(store.begin().unwrap().authenticator_state().unwrap().unwrap(), [7; 100_000]);
        assert_eq!(all(store), []);
    });
}

#[test]
fn the_authenticators_own_state_survives_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let mut store = FileStore::exclusive(&file).unwrap();
    let mut transaction = store.begin().unwrap();
    transaction.set_authenticator_state(b"state").unwrap();
    transaction.commit().unwrap();
    let killed = directory.path().join("killed");
    fs::copy(&file, &killed).unwrap();
    drop(store);
    for file in [&file, &killed] {
        let state = FileStore::new(file).begin().unwrap().authenticator_state().unwrap();
        assert_eq!(state.unwrap(), b"state");
    }
}

#[test]
fn a_held_store_is_given_up_after_a_time_and_its_holder_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s");
    let mut holder = FileStore::open(&file).unwrap();
    let held = holder.begin().unwrap();
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut waiting = {
        let told = std::sync::Arc::clone(&told);
        FileStore::new(&file)
            .lock_timeout(Duration::from_millis(700))
            .on_wait(move |wait| told.lock().unwrap().push((wait.path.to_owned(), wait.holder)))
    };
    let error = waiting.begin().map(drop).unwrap_err();
    let own = Some(std::process::id());
    assert!(matches!(error, StoreError::Locked { holder, .. } if holder == own), "{error:?}");
    let expected =
        format!("{}: another transaction of this process holds the credential store", file.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert_eq!(*told.lock().unwrap(), [(file.clone(), own)], "it is told once");
    drop(held);
    assert!(waiting.begin().is_ok());
}

#[test]
fn a_second_transaction_on_a_clone_fails_and_does_not_wait_for_ever() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = FileStore::exclusive(directory.path().join("s")).unwrap().lock_timeout(Duration::ZERO);
    let mut clone = store.clone();
    let first = store.begin().unwrap();
    assert!(matches!(clone.begin().map(drop), Err(StoreError::Locked { .. })));
    drop(first);
    assert!(clone.begin().is_ok());
    // One that was forgotten holds the file for good, and writes nothing.
    let mut forgotten = store.begin().unwrap();
    forgotten.put(&credential(1)).unwrap();
    std::mem::forget(forgotten);
    assert!(matches!(clone.begin().map(drop), Err(StoreError::Locked { .. })));
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
