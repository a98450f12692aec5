//! Many credentials, and many at once: `cargo bench --features store --bench scale [-- COUNT]`.
//!
//! Prints what a credential takes in memory, how long lookups take among few and among many, what a batch of durable
//! registrations takes in a file, and how registrations scale over threads.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use stuntkey::Client;
use stuntkey::authenticator::{Authenticator, Credential, CredentialStore, FileStore, MemoryStore};
use stuntkey::crypto::KeyPair;
use stuntkey::webauthn::User;

/// Not discoverable: each registration adds a credential.
const CREATION: &str = r#"{"publicKey":{"rp":{"id":"login.example.com","name":"Example"},
    "user":{"id":"MzE1NjdhZTI","name":"u_1654","displayName":"John Doe"},"challenge":"GVeXqotfQOWSaaWZuWj94Q",
    "pubKeyCredParams":[{"type":"public-key","alg":-7}],"attestation":"direct"}}"#;
/// Each relying party has this many accounts.
const ACCOUNTS: u32 = 10;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let key = KeyPair::from_p256_scalar(&[7; 32]).expect("a scalar");
    let small = filled(MemoryStore::default(), 1_000, &key, "in memory");
    let before = resident();
    let many = filled(MemoryStore::default(), count, &key, "in memory");
    let taken = resident().saturating_sub(before);
    println!("{:>10} bytes of memory each", taken / u64::from(count));
    lookups(small, 1_000);
    lookups(many, count);

    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("store");
    let store = filled(FileStore::exclusive(&file).expect("a file"), count, &key, "durable in a file");
    drop(store);
    println!(
        "{:>10} bytes of the file each",
        fs::metadata(&file).map_or(0, |file| file.len()) / u64::from(count)
    );
    let start = Instant::now();
    FileStore::open(&file).expect("a store");
    tell(start.elapsed(), 1, &format!("open a file of {count}"));
    lookups(FileStore::exclusive(&file).expect("a store"), count);
    logins(FileStore::exclusive(&file).expect("a store"), &format!("in a file of {count} that is held open"));
    logins(FileStore::new(&file), &format!("in a file of {count} that is opened for it"));

    for threads in [1, 2] {
        let start = Instant::now();
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(|| register(20_000)))));
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{:>10.0} registrations a second (packed) on {threads} threads",
            f64::from(threads * 20_000) / seconds
        );
    }
}

/// The store with so many credentials in it, in batches of 10,000.
fn filled<S: CredentialStore>(mut store: S, count: u32, key: &KeyPair, what: &str) -> S {
    let start = Instant::now();
    for batch in (0..count).step_by(10_000) {
        let mut transaction = store.begin().expect("a transaction");
        for number in batch..count.min(batch + 10_000) {
            transaction.put(&credential(number, key)).expect("room");
        }
        transaction.commit().expect("room");
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    println!("{rate:>10.0} credentials a second, {count} {what}");
    store
}

fn credential(number: u32, key: &KeyPair) -> Credential {
    let mut id = vec![0x5a; 32];
    id.splice(..8, u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    let user = User {
        id: [&[0xa5; 28], &number.to_be_bytes()[..]].concat(),
        name: format!("user-{number}@example.com"),
        display_name: format!("User {number}"),
    };
    let mut credential =
        Credential::new(id, format!("rp-{}.example.com", number / ACCOUNTS), user, key.clone());
    credential.discoverable = true;
    credential
}

/// By id and by relying party, scattered over the store.
fn lookups(mut store: impl CredentialStore, count: u32) {
    let times = 2_000;
    let numbers = || (0..times).map(|n| n * 7_919 % count);
    let ids: Vec<Vec<u8>> = {
        let key = KeyPair::from_p256_scalar(&[7; 32]).expect("a scalar");
        numbers().map(|number| credential(number, &key).id).collect()
    };
    let rp_ids: Vec<String> =
        numbers().map(|number| format!("rp-{}.example.com", number / ACCOUNTS)).collect();
    for when in ["the first time", "again"] {
        let start = Instant::now();
        for id in &ids {
            black_box(store.begin().expect("a transaction").find(id).expect("a store").expect("it is there"));
        }
        tell(start.elapsed(), times, &format!("find one of {count} by its id, {when}"));
    }
    for when in ["the first time", "again"] {
        let start = Instant::now();
        for rp_id in &rp_ids {
            let found = store.begin().expect("a transaction").discoverable(rp_id).expect("a store");
            assert!(!black_box(found).is_empty());
        }
        tell(
            start.elapsed(),
            times,
            &format!("find the {ACCOUNTS} of a relying party among {count}, {when}"),
        );
    }
}

/// What a login does to the store: it finds a credential and raises its count.
fn logins(mut store: impl CredentialStore, how: &str) {
    let times = 100;
    let key = KeyPair::from_p256_scalar(&[7; 32]).expect("a scalar");
    let id = credential(500, &key).id;
    let start = Instant::now();
    for count in 1..=times {
        let mut transaction = store.begin().expect("a transaction");
        transaction.find(&id).expect("a store").expect("it is there");
        transaction.set_sign_count(&id, count).expect("a store");
        transaction.commit().expect("room");
    }
    tell(start.elapsed(), times, &format!("log in durably {how}"));
}

fn register(count: u32) {
    let authenticator = Authenticator::builder().build().expect("randomness");
    let client = Client::builder("https://login.example.com").authenticator(authenticator);
    let mut client = client.build().expect("an origin");
    for _ in 0..count {
        black_box(client.register(black_box(CREATION)).expect("registers").into_text());
    }
}

fn tell(taken: Duration, times: u32, what: &str) {
    println!("{:>10.2} µs to {what}", taken.as_secs_f64() * 1e6 / f64::from(times));
}

/// What the process has in memory, in bytes, where the system tells.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}
