//! Commands to cards in every form of ISO 7816-4 §5.1, and answers with their status words.

use proptest::prelude::*;
use stuntkey_transport::apdu::{Command, FIDO_AID, answer, split, status};

#[path = "../../../tests/common/regressions.rs"]
mod regressions;

/// 00 A4 04 00 with these lengths and data.
fn select(lengths: &[u8]) -> Vec<u8> {
    [&[0x00, 0xa4, 0x04, 0x00], lengths].concat()
}

fn command(data: &[u8], expected: usize, extended: bool) -> Command {
    let (class, instruction, parameters) = (0x00, 0xa4, [0x04, 0x00]);
    Command { class, instruction, parameters, data: data.to_vec(), expected, extended }
}

#[test]
fn each_form_says_which_data_it_has_and_how_much_it_expects() {
    // The cases of ISO 7816-4 §5.1, short and extended; in Le, zero is the most.
    for (lengths, read) in [
        (&[][..], command(&[], 0, false)),
        (&[0x00], command(&[], 256, false)),
        (&[0x01], command(&[], 1, false)),
        (&[0xff], command(&[], 255, false)),
        (&[0x02, 7, 8], command(&[7, 8], 0, false)),
        (&[0x02, 7, 8, 0x00], command(&[7, 8], 256, false)),
        (&[0x02, 7, 8, 0x10], command(&[7, 8], 16, false)),
        (&[0x00, 0x00, 0x00], command(&[], 65536, true)),
        (&[0x00, 0x01, 0x00], command(&[], 256, true)),
        (&[0x00, 0x00, 0x02, 7, 8], command(&[7, 8], 0, true)),
        (&[0x00, 0x00, 0x02, 7, 8, 0x00, 0x00], command(&[7, 8], 65536, true)),
        (&[0x00, 0x00, 0x02, 7, 8, 0x12, 0x34], command(&[7, 8], 0x1234, true)),
    ] {
        let bytes = select(lengths);
        assert_eq!(Command::read(&bytes).as_ref(), Some(&read), "{bytes:02x?}");
        assert_eq!(read.to_bytes(), bytes, "{read:?}");
    }
}

#[test]
fn lengths_that_are_not_those_of_the_data_are_refused() {
    for lengths in [
        &[0x02, 7][..],
        &[0x01, 7, 8, 9],
        &[0xff, 7],
        &[0x00, 0x00, 0x02, 7],
        &[0x00, 0x00, 0x02, 7, 8, 9],
        &[0x00, 0x00, 0x02, 7, 8, 0, 0, 0],
        &[0x00, 0xff, 0xff, 7],
    ] {
        assert_eq!(Command::read(&select(lengths)), None, "{lengths:02x?}");
    }
    for header in [&[][..], &[0], &[0, 0xa4], &[0, 0xa4, 4]] {
        assert_eq!(Command::read(header), None);
    }
}

/// ISO 7816-4 has no Lc of zero. Clients write one all the same: libfido2 gives every short command both lengths.
#[test]
fn two_lengths_of_zero_are_no_data() {
    assert_eq!(Command::read(&select(&[0x00, 0x00])), Some(command(&[], 256, false)));
}

#[test]
fn data_too_long_for_the_short_form_take_the_extended_one() {
    let short = Command::new(0x80, 0x10, [0, 0]).with(&[7; 255]);
    assert_eq!(short.to_bytes(), [&[0x80, 0x10, 0, 0, 255][..], &[7; 255], &[0]].concat());
    let long = Command::new(0x80, 0x10, [0, 0]).with(&[7; 256]);
    let bytes = long.to_bytes();
    assert_eq!(bytes[..7], [0x80, 0x10, 0, 0, 0, 1, 0]);
    let read = Command::read(&bytes).unwrap();
    assert_eq!((read.data, read.extended), (vec![7; 256], true));
    assert!(read.expected >= 256, "what it expected in the short form it still does");
}

#[test]
fn an_answer_has_its_status_word_at_its_end() {
    assert_eq!(answer(b"U2F_V2", status::OK), b"U2F_V2\x90\x00");
    assert_eq!(answer(&[], status::CONDITIONS_NOT_SATISFIED), [0x69, 0x85]);
    assert_eq!(split(b"U2F_V2\x90\x00"), Some((&b"U2F_V2"[..], 0x9000)));
    assert_eq!(split(&[0x6a, 0x82]), Some((&[][..], 0x6a82)));
    assert_eq!(split(&[0x90]), None);
    assert_eq!(split(&[]), None);
}

// CTAP 2.1 §11.3.3: RID A000000647, PIX 2F0001.
#[test]
fn the_application_is_fidos() {
    assert_eq!(FIDO_AID, [0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01]);
}

fn any_command() -> impl Strategy<Value = Command> {
    let short = (prop::collection::vec(any::<u8>(), 0..=255), 0..=256_usize).prop_map(|(d, e)| (d, e, false));
    // Extended, with neither data nor an expectation, would be the short form that has neither.
    let extended = (prop::collection::vec(any::<u8>(), 0..600), 0..=65536_usize)
        .prop_filter("something extended", |(data, expected)| !data.is_empty() || *expected > 0)
        .prop_map(|(d, e)| (d, e, true));
    (any::<[u8; 4]>(), prop_oneof![short, extended]).prop_map(
        |([class, instruction, a, b], (data, expected, extended))| Command {
            class,
            instruction,
            parameters: [a, b],
            data,
            expected,
            extended,
        },
    )
}

proptest! {
    #![proptest_config(regressions::kept_in("../../proptest-regressions/apdu.txt"))]

    #[test]
    fn what_is_written_is_read_as_the_same(command in any_command()) {
        prop_assert_eq!(Command::read(&command.to_bytes()), Some(command));
    }

    #[test]
    fn what_is_read_is_written_as_the_same(
        header: [u8; 4],
        lengths in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..12),
    ) {
        let bytes = [&header[..], &lengths].concat();
        if let Some(command) = Command::read(&bytes) {
            prop_assert_eq!(Command::read(&command.to_bytes()), Some(command));
        }
    }
}
