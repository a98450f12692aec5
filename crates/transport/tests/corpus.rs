//! The seeds of the fuzz targets about transports: replayed, and held against the code that makes them.

use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/src/transport.rs"]
mod transport;

#[test]
fn every_seed_passes_its_target() {
    for (name, target) in transport::TARGETS {
        let files: Vec<PathBuf> =
            fs::read_dir(corpus().join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 3, "{name} has only {} seeds", files.len());
        for file in files {
            target(&fs::read(file).unwrap());
        }
    }
}

/// The seeds are written by `STUNTKEY_BLESS=1 cargo test -p stuntkey-transport --test corpus`.
#[test]
fn the_seeds_are_current() {
    for (target, name, bytes) in seeds() {
        let file = corpus().join(target).join(name);
        if std::env::var_os("STUNTKEY_BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &bytes).unwrap();
        }
        assert!(fs::read(&file).unwrap() == bytes, "{} is not what the code makes", file.display());
    }
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    // Steps of the target: a message of peer 0 on channel 1 with a command and a length, in all its packets …
    const CBOR: u8 = 0;
    const INIT: u8 = 1;
    const PING: u8 = 2;
    const CANCEL: u8 = 3;
    const MSG: u8 = 4;
    const LOCK: u8 = 5;
    let message = |command: u8, length: u8| match command {
        INIT => vec![1, 0, 0, INIT],
        _ => vec![1, 0, 0, command, length],
    };
    // … by peer 1 on the broadcast channel and on channel 2 …
    let (opens, others) = ([1, 1, 200, INIT], [1, 1, 100, PING, 3]);
    // … time, the answer, a wait for the user, and the power.
    let (wait, done, waits, power) = ([11, 150], [12, 70], [14, 0], [15]);
    let device = |steps: &[&[u8]]| [&[0][..], &steps.concat()].concat();
    let seeds = [
        ("echo", device(&[&message(PING, 0), &message(PING, 57), &opens, &others])),
        ("busy", device(&[&opens, &message(CBOR, 1), &others, &wait, &waits, &wait, &done, &others])),
        (
            "cancelled",
            device(&[&message(CBOR, 1), &waits, &message(CANCEL, 0), &done, &message(MSG, 9), &done]),
        ),
        ("anew", device(&[&message(CBOR, 1), &message(INIT, 8), &message(CBOR, 2), &wait, &done, &done])),
        ("locked", device(&[&opens, &message(LOCK, 1), &others, &[10, 0x2f, 0], &others])),
        ("stalled", device(&[&[6, 0, 0, PING, 150, 2], &[7, 0, 0, 1], &[10, 4, 0], &[7, 0, 0, 2]])),
        ("out-of-order", device(&[&[6, 0, 0, PING, 150, 1], &[7, 0, 0, 9], &[9, 0, PING, 0xff, 0xff]])),
        ("power", device(&[&message(CBOR, 1), &power, &opens, &message(CBOR, 1), &wait, &done, &done])),
    ];
    let mut all: Vec<_> = seeds.into_iter().map(|(name, bytes)| ("ctaphid_device", name, bytes)).collect();
    // What a device says: INIT's answer, then signs of life and answers to CBOR, MSG and PING.
    let welcome = [3, 0x04];
    let client = |says: &[&[u8]]| [&[0b10_01_00][..], &welcome, &says.concat()].concat();
    all.extend([
        (
            "ctaphid_client",
            "sound",
            client(&[&[2, 1], &[5, CBOR, 200, 9], &[5, MSG, 9, 9], &[5, PING, 0, 200]]),
        ),
        ("ctaphid_client", "errors", client(&[&[4, 1], &[4, 0x0b], &[4, 0x7f]])),
        ("ctaphid_client", "halfway", client(&[&[5, CBOR, 200, 2], &[7], &[0x43, 4], &[5, MSG, 3, 1]])),
        (
            "ctaphid_client",
            "out-of-order",
            client(&[&[6, CBOR, 0, 200], &[1, 3], &[0x43, 4], &[6, MSG, 0xff, 0xff]]),
        ),
        ("ctaphid_client", "elsewhere", client(&[&[0x85, 0, CBOR, 3, 1], &[0x82, 220, 1], &[5, CBOR, 3, 1]])),
    ]);
    let card = |commands: &[&[u8]]| [&[0][..], &commands.concat()].concat();
    let short = [7, 0x80, 0x10, 0x80, 0x00, 0x01, 0x04, 0x00];
    all.extend([
        ("apdu", "short", card(&[&short, &[4]])),
        ("apdu", "in-pieces", card(&[&short, &[240]])),
        ("apdu", "chained", card(&[&[2, 7, 1], &[2, 7, 1], &[7, 0x80, 0x10, 0, 0, 1, 4, 0, 100]])),
        ("apdu", "extended", card(&[&[3, 9, 248]])),
        (
            "apdu",
            "polled",
            card(&[&short, &[1], &[5, 0x80, 0x11, 0, 0, 0, 1], &[5, 0x80, 0x11, 0x11, 0, 0, 8]]),
        ),
        ("apdu", "u2f", card(&[&[5, 0, 3, 0, 0, 0, 4], &[4, 0, 3, 0, 0, 4]])),
        ("apdu", "one-command", b"\x00\xa4\x04\x00\x08\xa0\x00\x00\x06\x47\x2f\x00\x01\x00".to_vec()),
    ]);
    all
}
