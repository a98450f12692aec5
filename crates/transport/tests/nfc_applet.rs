//! FIDO's applet on a card: what a reader sends, byte for byte, and what it gets (CTAP 2.1 §11.3).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use proptest::prelude::*;
use stuntkey::ctap2::{U2fControl, U2fRequest, U2fStatus};
use stuntkey_transport::ctaphid::{Kind, Offers};
use stuntkey_transport::nfc::{Applet, Step};

#[path = "../../../tests/common/regressions.rs"]
mod regressions;

const BOTH: Offers = Offers { cbor: true, msg: true };

const SELECT: &[u8] = b"\x00\xa4\x04\x00\x08\xa0\x00\x00\x06\x47\x2f\x00\x01\x00";
const GET_RESULT: &[u8] = &[0x80, 0x11, 0x00, 0x00, 0x00];
const CANCEL: &[u8] = &[0x80, 0x11, 0x11, 0x00, 0x00];

// ISO 7816-4 §5.6.
const OK: u16 = 0x9000;
const WRONG_LENGTH: u16 = 0x6700;
const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;
const NOT_FOUND: u16 = 0x6a82;
const INSTRUCTION_NOT_SUPPORTED: u16 = 0x6d00;
const CLASS_NOT_SUPPORTED: u16 = 0x6e00;

/// Data and status of an answer that needs no authenticator.
#[track_caller]
fn answered(step: Step) -> (Vec<u8>, u16) {
    match step {
        Step::Answer(answer) => parted(&answer),
        other => panic!("{other:?}"),
    }
}

fn parted(answer: &[u8]) -> (Vec<u8>, u16) {
    let (data, status) = answer.split_last_chunk().unwrap();
    (data.to_vec(), u16::from_be_bytes(*status))
}

fn selected(offers: Offers) -> Applet {
    let mut applet = Applet::new(offers);
    assert_eq!(answered(applet.command(SELECT)).1, OK);
    applet
}

/// NFCCTAP_MSG in short form, with Le.
fn message(p1: u8, request: &[u8]) -> Vec<u8> {
    [&[0x80, 0x10, p1, 0x00, u8::try_from(request.len()).unwrap()], request, &[0x00]].concat()
}

fn extended(request: &[u8]) -> Vec<u8> {
    let length = u16::try_from(request.len()).unwrap().to_be_bytes();
    [&[0x80, 0x10, 0x00, 0x00, 0x00], &length[..], request, &[0x00, 0x00]].concat()
}

#[track_caller]
fn begun(applet: &mut Applet, command: &[u8]) -> (Kind, Vec<u8>, bool) {
    match applet.command(command) {
        Step::Start { kind, request, can_poll } => (kind, request, can_poll),
        other => panic!("{other:?}"),
    }
}

fn counted(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

// §11.3.3.
#[test]
fn the_selection_tells_which_generations_there_are() {
    for (msg, version) in [(true, &b"U2F_V2"[..]), (false, b"FIDO_2_0")] {
        let mut applet = Applet::new(Offers { cbor: true, msg });
        assert_eq!(answered(applet.command(SELECT)), (version.to_vec(), OK));
        assert_eq!(answered(applet.command(&SELECT[..13])).1, OK, "without Le");
    }
    let mut applet = Applet::new(Offers { cbor: false, msg: true });
    assert_eq!(answered(applet.command(SELECT)), (b"U2F_V2".to_vec(), OK));
}

#[test]
fn another_application_is_not_there() {
    for at in 5..13 {
        let mut command = SELECT.to_vec();
        command[at] ^= 1;
        let mut applet = Applet::new(BOTH);
        assert_eq!(answered(applet.command(&command)), (Vec::new(), NOT_FOUND));
        assert_ne!(answered(applet.command(&message(0, &[4]))).1, OK, "nothing is selected");
    }
}

#[test]
fn before_the_selection_nothing_works() {
    for command in [
        &message(0, &[4])[..],
        &message(0x80, &[4]),
        GET_RESULT,
        CANCEL,
        &[0, 3, 0, 0, 0],
        &[0, 0xc0, 0, 0, 0],
    ] {
        let mut applet = Applet::new(BOTH);
        let (data, status) = answered(applet.command(command));
        assert!(data.is_empty());
        assert_ne!(status, OK, "{command:02x?}");
        assert_eq!(answered(applet.command(SELECT)).1, OK);
    }
}

// §11.3.7.1: P1 says whether the reader can ask again.
#[test]
fn a_request_in_one_short_command_is_answered_with_ok() {
    for (p1, polls) in [(0x00, false), (0x80, true)] {
        let mut applet = selected(BOTH);
        assert_eq!(begun(&mut applet, &message(p1, b"\x04")), (Kind::Cbor, b"\x04".to_vec(), polls));
        assert_eq!(parted(&applet.done(Kind::Cbor, b"\0info")), (b"\0info".to_vec(), OK));
        // An error of CTAP is a status byte, and the command went well.
        begun(&mut applet, &message(p1, b"\x02"));
        assert_eq!(applet.done(Kind::Cbor, &[0x2e]), [0x2e, 0x90, 0x00]);
    }
}

// ISO 7816-4 §5.3.3: class bit 10 says that more follows.
#[test]
fn a_long_request_comes_in_a_chain_of_commands() {
    let request = counted(700);
    let mut applet = selected(BOTH);
    for part in [&request[..255], &request[255..510]] {
        let mut command = message(0, part);
        command[0] = 0x90;
        assert_eq!(answered(applet.command(&command)), (Vec::new(), OK));
    }
    assert_eq!(begun(&mut applet, &message(0, &request[510..])), (Kind::Cbor, request, false));
    applet.done(Kind::Cbor, &[0]);
    // The next one begins anew.
    assert_eq!(begun(&mut applet, &message(0, &[4])).1, [4]);
}

#[test]
fn a_chain_ends_with_a_command_of_its_own_kind() {
    let mut part = message(0, &counted(255));
    part[0] = 0x90;
    for other in [&[0x00, 0x03, 0x00, 0x00, 0x00][..], &[0x80, 0x12, 0x01, 0x00], SELECT] {
        let mut applet = selected(BOTH);
        assert_eq!(answered(applet.command(&part)).1, OK);
        // Either the chain is missed, or it is given up.
        let _ = applet.command(other);
        applet.done(Kind::Msg, &[0x90, 0x00]);
        answered(applet.command(SELECT));
        assert_eq!(begun(&mut applet, &message(0, &[4])).1, [4], "nothing is left of the chain");
    }
}

#[test]
fn a_chain_without_an_end_is_refused_at_some_time() {
    let mut applet = selected(BOTH);
    let mut part = message(0, &counted(255));
    part[0] = 0x90;
    let statuses: Vec<u16> = (0..300).map(|_| answered(applet.command(&part)).1).collect();
    assert!(statuses.contains(&WRONG_LENGTH));
    // 7,609 bytes is what CTAPHID carries, and a card should not carry less.
    assert!(statuses[..29].iter().all(|status| *status == OK));
}

/// All of an answer that comes in pieces of at most so many bytes. Each piece says what is left, as far as a byte can.
fn collected(applet: &mut Applet, first: &[u8], class: u8, le: u8) -> Vec<u8> {
    let mut all = Vec::new();
    let mut piece = first.to_vec();
    let mut told = None;
    for _ in 0..10_000 {
        let (data, status) = parted(&piece);
        assert!(data.len() <= 256);
        if let Some(told) = told {
            assert!(!data.is_empty() && (told == 0 || data.len() <= told), "{told} were left");
        }
        all.extend(data);
        match status.to_be_bytes() {
            [0x61, left] => told = Some(usize::from(left)),
            _ => {
                assert_eq!(status, OK);
                return all;
            }
        }
        piece = match applet.command(&[class, 0xc0, 0x00, 0x00, le]) {
            Step::Answer(piece) => piece,
            other => panic!("{other:?}"),
        };
    }
    panic!("it never ends");
}

#[test]
fn a_long_answer_to_a_short_command_is_fetched_to_its_last_byte() {
    for length in [1, 254, 255, 256, 257, 258, 511, 512, 513, 514, 1024, 7609] {
        let response = counted(length);
        for (class, le) in [(0x00, 0x00), (0x80, 0x00), (0x00, 0x40), (0x00, 0xff)] {
            let mut applet = selected(BOTH);
            begun(&mut applet, &message(0, &[4]));
            let first = applet.done(Kind::Cbor, &response);
            assert!(first.len() <= 258);
            assert_eq!(collected(&mut applet, &first, class, le), response, "{length}, {class:#x}, {le:#x}");
            let (data, status) = answered(applet.command(&[0x00, 0xc0, 0x00, 0x00, 0x00]));
            assert_eq!((data.len(), status == OK), (0, false), "nothing is left");
        }
    }
}

#[test]
fn the_byte_beside_61_says_how_much_is_left() {
    // 256 come at first. More than a byte can say is zero.
    for (length, left) in [(257, 1), (300, 44), (511, 255), (512, 0), (600, 0)] {
        let mut applet = selected(BOTH);
        begun(&mut applet, &message(0, &[4]));
        let first = applet.done(Kind::Cbor, &counted(length));
        assert_eq!(parted(&first), (counted(256), 0x6100 + left), "{length}");
    }
}

// ISO 7816-4 §5.1: Le is the most that is expected.
#[test]
fn no_piece_is_longer_than_what_the_reader_expects() {
    let mut command = message(0, &[4]);
    *command.last_mut().unwrap() = 0x40;
    let mut applet = selected(BOTH);
    begun(&mut applet, &command);
    let first = applet.done(Kind::Cbor, &counted(100));
    assert_eq!(parted(&first), (counted(64), 0x6100 + 36));
    assert_eq!(collected(&mut applet, &first, 0x00, 0x00), counted(100));
}

#[test]
fn a_long_answer_to_an_extended_command_comes_in_one_piece() {
    for length in [1, 256, 257, 5000, 7609] {
        let mut applet = selected(BOTH);
        let request = counted(1000);
        assert_eq!(begun(&mut applet, &extended(&request)), (Kind::Cbor, request, false));
        assert_eq!(parted(&applet.done(Kind::Cbor, &counted(length))), (counted(length), OK));
    }
}

#[test]
fn what_is_left_of_an_answer_is_gone_with_the_next_command() {
    for next in [SELECT, &[0x80, 0x12, 0x01, 0x00]] {
        let mut applet = selected(BOTH);
        begun(&mut applet, &message(0, &[4]));
        applet.done(Kind::Cbor, &counted(1000));
        assert_eq!(answered(applet.command(next)).1, OK);
        assert_ne!(answered(applet.command(&[0x00, 0xc0, 0x00, 0x00, 0x00])).1 >> 8, 0x61);
    }
}

// §11.3.7.2.
#[test]
fn a_reader_that_can_ask_again_does_so_and_may_cancel() {
    let mut applet = selected(BOTH);
    begun(&mut applet, &message(0x80, &[1]));
    assert_eq!(Applet::keep_alive(2), [2, 0x91, 0x00]);
    assert_eq!(applet.command(GET_RESULT), Step::Poll);
    assert_eq!(applet.command(GET_RESULT), Step::Poll);
    assert_eq!(applet.command(CANCEL), Step::Cancel);
    assert_eq!(applet.done(Kind::Cbor, &[0x2d]), [0x2d, 0x90, 0x00]);
    for idle in [GET_RESULT, CANCEL] {
        assert_eq!(answered(applet.command(idle)), (Vec::new(), CONDITIONS_NOT_SATISFIED));
    }
}

#[test]
fn nothing_can_be_asked_for_again_that_was_not_begun() {
    let mut applet = selected(BOTH);
    for idle in [GET_RESULT, CANCEL] {
        assert_eq!(answered(applet.command(idle)), (Vec::new(), CONDITIONS_NOT_SATISFIED));
    }
}

/// A reader that asks for something else does not wait for what was begun.
#[test]
fn a_second_request_takes_the_place_of_the_first_or_is_refused() {
    for second in [&message(0x80, &[4])[..], &[0, 3, 0, 0, 0]] {
        let mut applet = selected(BOTH);
        begun(&mut applet, &message(0x80, &[1]));
        match applet.command(second) {
            Step::Start { kind, .. } => assert_eq!(parted(&applet.done(kind, &[0, 0x90, 0])).1, OK),
            refused => assert_ne!(answered(refused).1, OK),
        }
    }
}

// §11.3.7.3.
#[test]
fn the_reader_can_end_its_session() {
    let mut applet = selected(BOTH);
    assert_eq!(answered(applet.command(&[0x80, 0x12, 0x01, 0x00])), (Vec::new(), OK));
    assert_eq!(answered(applet.command(SELECT)).1, OK);
}

#[test]
fn what_is_not_known_is_refused_with_its_status() {
    let mut applet = selected(BOTH);
    let mut status = |command: &[u8]| {
        let (data, status) = answered(applet.command(command));
        assert!(data.is_empty());
        status
    };
    assert_eq!(status(&[0x80, 0x77, 0, 0, 0]), INSTRUCTION_NOT_SUPPORTED);
    assert_eq!(status(&[0x40, 0x10, 0, 0, 1, 4, 0]), CLASS_NOT_SUPPORTED);
    assert_eq!(status(&[0x80, 0x10, 0, 0, 3, 4]), WRONG_LENGTH);
    assert_eq!(status(&[0x80, 0x10, 0]), WRONG_LENGTH);
    assert_eq!(status(&[]), WRONG_LENGTH);
    assert_ne!(status(&[0x80, 0x10, 0, 0]), OK, "a request of no bytes");
    assert_eq!(begun(&mut applet, &message(0, &[4])).1, [4], "it goes on");
    applet.done(Kind::Cbor, &[0]);
    // U2F's own are the authenticator's to refuse.
    let (kind, apdu, _) = begun(&mut applet, &[0x00, 0x77, 0, 0, 0]);
    assert_eq!((kind, U2fRequest::from_apdu(&apdu)), (Kind::Msg, Err(U2fStatus::InstructionNotSupported)));
}

#[test]
fn what_the_card_does_not_speak_is_not_known() {
    let mut applet = selected(Offers { cbor: false, msg: true });
    let refused = [INSTRUCTION_NOT_SUPPORTED, CLASS_NOT_SUPPORTED];
    assert!(refused.contains(&answered(applet.command(&message(0, &[4]))).1));
    let mut applet = selected(Offers { cbor: true, msg: false });
    for instruction in [1, 2, 3] {
        assert!(refused.contains(&answered(applet.command(&[0, instruction, 0, 0, 0])).1));
    }
}

// U2F Raw Message Formats §3: short and extended encoding.
#[test]
fn u2f_reaches_the_authenticator_as_it_reads_it() {
    let (challenge, application) = ([7; 32], [9; 32]);
    let registering = [challenge, application].concat();
    let authenticating = [&registering[..], &[190], &[5; 190]].concat();
    let handle = vec![5; 190];
    let control = U2fControl::EnforceUserPresence;
    for (instruction, p1, data, request) in [
        (0x01, 0x00, registering, U2fRequest::Register { challenge, application }),
        (
            0x02,
            0x03,
            authenticating,
            U2fRequest::Authenticate { control, challenge, application, key_handle: handle },
        ),
        (0x03, 0x00, Vec::new(), U2fRequest::Version),
    ] {
        let header = [0x00, instruction, p1, 0x00];
        let length = u8::try_from(data.len()).unwrap();
        let (short, extended) = match length {
            0 => ([&header[..], &[0]].concat(), [&header[..], &[0, 0, 0]].concat()),
            _ => (
                [&header[..], &[length], &data, &[0]].concat(),
                [&header[..], &[0, 0, length], &data, &[0, 0]].concat(),
            ),
        };
        for command in [&short, &extended, &header.to_vec()].into_iter().take(if length == 0 { 3 } else { 2 })
        {
            let mut applet = selected(BOTH);
            let (kind, apdu, _) = begun(&mut applet, command);
            assert_eq!(kind, Kind::Msg);
            assert_eq!(U2fRequest::from_apdu(&apdu).as_ref(), Ok(&request), "{command:02x?}");
        }
        // In a chain of two.
        if length > 0 {
            let (mut first, mut second) = (header.to_vec(), header.to_vec());
            first[0] = 0x10;
            first.extend([&[10], &data[..10]].concat());
            second.extend([&[length - 10], &data[10..], &[0]].concat());
            let mut applet = selected(BOTH);
            assert_eq!(answered(applet.command(&first)), (Vec::new(), OK));
            assert_eq!(U2fRequest::from_apdu(&begun(&mut applet, &second).1).as_ref(), Ok(&request));
        }
    }
}

#[test]
fn u2fs_answers_have_their_own_status_and_come_in_pieces_too() {
    let mut applet = selected(BOTH);
    begun(&mut applet, &[0, 3, 0, 0, 0]);
    assert_eq!(applet.done(Kind::Msg, b"U2F_V2\x90\x00"), b"U2F_V2\x90\x00");
    let registering = [&[0x00, 0x01, 0x00, 0x00, 64][..], &[7; 64], &[0]].concat();
    begun(&mut applet, &registering);
    assert_eq!(applet.done(Kind::Msg, &[0x69, 0x85]), [0x69, 0x85]);
    begun(&mut applet, &registering);
    let first = applet.done(Kind::Msg, &[&counted(700)[..], &[0x90, 0x00]].concat());
    assert_eq!(collected(&mut applet, &first, 0x00, 0x00), counted(700));
}

#[test]
fn out_of_the_field_everything_is_forgotten() {
    let mut applet = selected(BOTH);
    let mut part = message(0, &counted(255));
    part[0] = 0x90;
    answered(applet.command(&part));
    applet.power_cycle();
    assert_ne!(answered(applet.command(&message(0, &[4]))).1, OK, "nothing is selected");
    answered(applet.command(SELECT));
    assert_eq!(begun(&mut applet, &message(0, &[4])).1, [4], "nothing is left of the chain");
    applet.done(Kind::Cbor, &counted(1000));
    applet.power_cycle();
    answered(applet.command(SELECT));
    assert_ne!(answered(applet.command(&[0x00, 0xc0, 0x00, 0x00, 0x00])).1 >> 8, 0x61);
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let header = (
        prop::sample::select(vec![0x00_u8, 0x10, 0x80, 0x90, 0x40]),
        prop::sample::select(vec![0x01_u8, 0x02, 0x03, 0x10, 0x11, 0x12, 0xa4, 0xc0, 0x77]),
        prop::sample::select(vec![0x00_u8, 0x01, 0x04, 0x11, 0x80]),
    );
    let rest = prop_oneof![
        Just(SELECT[4..].to_vec()),
        prop::collection::vec(any::<u8>(), 0..=255)
            .prop_map(|data| { [&[u8::try_from(data.len()).unwrap()], &data[..], &[0]].concat() }),
        prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop_oneof![
        8 => (header, rest).prop_map(|((class, instruction, p1), rest)| [&[class, instruction, p1, 0], &rest[..]].concat()),
        2 => Just(SELECT.to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    #![proptest_config(regressions::kept_in("../../proptest-regressions/nfc_applet.txt"))]

    #[test]
    fn whatever_comes_every_command_has_an_answer(
        commands in prop::collection::vec((any_bytes(), 0..4_u8, 0..700_usize), 0..60),
        cbor: bool,
        msg: bool,
    ) {
        let mut applet = Applet::new(Offers { cbor, msg });
        let mut running = None;
        for (bytes, choice, length) in commands {
            match applet.command(&bytes) {
                Step::Answer(answer) => prop_assert!((2..=65538).contains(&answer.len())),
                Step::Start { kind, request, .. } => {
                    let speaks = if kind == Kind::Cbor { cbor } else { msg };
                    prop_assert!(speaks);
                    prop_assert!(!request.is_empty());
                    running = Some(kind);
                }
                Step::Poll | Step::Cancel => prop_assert!(running.is_some()),
            }
            if choice == 0 && let Some(kind) = running.take() {
                prop_assert!(applet.done(kind, &vec![7; length.max(2)]).len() >= 2);
            }
            if choice == 1 && length < 20 && running.is_none() {
                applet.power_cycle();
            }
        }
    }
}
