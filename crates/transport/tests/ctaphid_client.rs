//! The client's side of CTAPHID in front of devices that do what no device should: each ends with its error, and in time
//! (CTAP 2.1 §11.2).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::hid::{Report, first, ms, next, packets};
use common::numbers::{BROADCAST, command, error};
use stuntkey_transport::TransportError;
use stuntkey_transport::ctaphid::{Command, HidChannel, MOST_DATA, Reports};

const NONCE: [u8; 8] = *b"my nonce";
const CHANNEL: u32 = 0x0a0b_0c0d;
const NOTHING: [u8; 0] = [];

/// A device that answers each report as it likes. Where it has nothing to say, the time that a client waits is over at once.
struct Double<D> {
    device: D,
    says: VecDeque<Said>,
    heard: Arc<Mutex<Vec<Report>>>,
}

enum Said {
    Report(Report),
    /// Nothing for so long.
    Pause(Duration),
    /// It goes.
    Close,
    /// This report again and again, with so much time between.
    Forever(Report, Duration),
}

impl<D: FnMut(&Report) -> Vec<Said> + Send> Reports for Double<D> {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        self.heard.lock().unwrap().push(*report);
        self.says.extend((self.device)(report));
        Ok(())
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        loop {
            match self.says.pop_front() {
                None => return Ok(None),
                Some(Said::Report(report)) => return Ok(Some(report)),
                Some(Said::Close) => return Err(TransportError::Closed),
                Some(Said::Pause(time)) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left < time {
                        std::thread::sleep(left);
                        self.says.push_front(Said::Pause(time - left));
                        return Ok(None);
                    }
                    std::thread::sleep(time);
                }
                Some(Said::Forever(report, time)) => {
                    self.says.push_front(Said::Forever(report, time));
                    self.says.push_front(Said::Report(report));
                    self.says.push_front(Said::Pause(time));
                }
            }
        }
    }
}

fn double<D: FnMut(&Report) -> Vec<Said> + Send>(device: D) -> Double<D> {
    Double { device, says: VecDeque::new(), heard: Arc::default() }
}

fn said(reports: &[Report]) -> Vec<Said> {
    reports.iter().map(|report| Said::Report(*report)).collect()
}

fn is_init(report: &Report) -> bool {
    report[4] == 0x80 | command::INIT
}

/// The answer to INIT (§11.2.9.1.3), with CBOR and MSG.
fn welcome(nonce: &[u8], channel: u32) -> Vec<u8> {
    [nonce, &channel.to_be_bytes(), &[2, 1, 0, 0, 0x04]].concat()
}

/// A device that opens a channel as it should, and answers what is asked on it with this.
fn badly(mut answer: impl FnMut(&Report) -> Vec<Said> + Send) -> HidChannel<impl Reports> {
    let device = move |report: &Report| match is_init(report) && report[..4] == [0xff; 4] {
        true => said(&packets(BROADCAST, command::INIT, &welcome(&report[7..15], CHANNEL))),
        false if report[4] & 0x80 != 0 => answer(report),
        false => Vec::new(),
    };
    HidChannel::open(double(device), NONCE).unwrap()
}

fn ask(channel: &mut HidChannel<impl Reports>) -> Result<Vec<u8>, TransportError> {
    channel.exchange(Command::Cbor, &[4])
}

/// What comes of a device that always answers with these reports.
fn asked(reports: &[Report]) -> Result<Vec<u8>, TransportError> {
    ask(&mut badly(|_| said(reports)))
}

/// What comes of asking for a channel, and how long that took.
fn opened<D: FnMut(&Report) -> Vec<Said> + Send>(
    device: D,
) -> (Result<HidChannel<Double<D>>, TransportError>, Duration) {
    let begun = Instant::now();
    (HidChannel::open(double(device), NONCE), begun.elapsed())
}

#[test]
fn a_channel_is_opened_and_a_message_sent_in_the_packets_of_the_standard() {
    let device = double(|report| match is_init(report) {
        true => said(&packets(BROADCAST, command::INIT, &welcome(&NONCE, CHANNEL))),
        false => said(&packets(CHANNEL, command::CBOR, &[0])),
    });
    let heard = Arc::clone(&device.heard);
    let mut channel = HidChannel::open(device, NONCE).unwrap();
    assert!(channel.has_cbor() && channel.has_msg());
    assert_eq!(*heard.lock().unwrap(), packets(BROADCAST, command::INIT, &NONCE));
    for length in [1, 57, 58, 116, 117, 7609] {
        heard.lock().unwrap().clear();
        let data: Vec<u8> = (0..=255).cycle().take(length).collect();
        channel.exchange(Command::Cbor, &data).unwrap();
        assert_eq!(*heard.lock().unwrap(), packets(CHANNEL, command::CBOR, &data));
    }
    heard.lock().unwrap().clear();
    channel.cancel().unwrap();
    assert_eq!(*heard.lock().unwrap(), packets(CHANNEL, command::CANCEL, &[]));
    heard.lock().unwrap().clear();
    let too_long = channel.exchange(Command::Cbor, &[0; 7610]).unwrap_err();
    assert!(matches!(too_long, TransportError::TooLong { length: 7610, most: 7609 }));
    assert_eq!(*heard.lock().unwrap(), Vec::<Report>::new(), "nothing of it is sent");
}

#[test]
fn what_a_device_can_is_what_it_says() {
    for (capabilities, cbor, msg) in
        [(0x00, false, true), (0x04, true, true), (0x0c, true, false), (0x09, false, false)]
    {
        let mut answer = welcome(&NONCE, CHANNEL);
        answer[16] = capabilities;
        let channel = opened(move |_| said(&packets(BROADCAST, command::INIT, &answer))).0.unwrap();
        assert_eq!((channel.has_cbor(), channel.has_msg()), (cbor, msg));
    }
}

// §11.2.9.1.3: every client on the device sees every answer; the nonce tells whose it is.
#[test]
fn the_channel_of_another_client_is_not_taken() {
    let mut channel = opened(|report| {
        let mut says = said(&packets(BROADCAST, command::INIT, &welcome(b"anothers", 1)));
        says.extend(said(&packets(7, command::CBOR, &[0; 100])));
        match is_init(report) {
            true => says.extend(said(&packets(BROADCAST, command::INIT, &welcome(&NONCE, CHANNEL)))),
            false => says = said(&packets(CHANNEL, command::CBOR, &[0, 7])),
        }
        says
    })
    .0
    .unwrap();
    assert_eq!(ask(&mut channel).unwrap(), [0, 7]);
}

#[test]
fn a_device_that_gives_no_channel_is_an_error() {
    let (silent, took) = opened(|_| Vec::new());
    assert!(matches!(silent, Err(TransportError::Silent(_))));
    assert!(took < ms(1000));
    let closed = opened(|_| vec![Said::Close]).0;
    assert!(matches!(closed, Err(TransportError::Closed)));
    let mut short = welcome(&NONCE, CHANNEL);
    short.truncate(16);
    let short = opened(move |_| said(&packets(BROADCAST, command::INIT, &short))).0;
    assert!(matches!(short, Err(TransportError::Silent(_) | TransportError::Malformed(_))));
    for reserved in [0, BROADCAST] {
        let device = move |_: &Report| said(&packets(BROADCAST, command::INIT, &welcome(&NONCE, reserved)));
        let error = opened(device).0.map(|_| ());
        assert!(
            matches!(error, Err(TransportError::Silent(_) | TransportError::Malformed(_))),
            "{reserved:#x}: {error:?}"
        );
    }
    let refused = opened(|_| said(&packets(BROADCAST, command::ERROR, &[error::INVALID_LEN]))).0;
    assert!(matches!(refused, Err(TransportError::Hid(error::INVALID_LEN))), "{:?}", refused.map(|_| ()));
}

#[test]
fn an_answer_on_another_channel_is_not_the_answer() {
    for other in [0, 1, CHANNEL + 1, BROADCAST] {
        assert!(
            matches!(asked(&packets(other, command::CBOR, &[0])), Err(TransportError::Silent(_))),
            "{other:#x}"
        );
        let both = [packets(other, command::CBOR, &[9; 70]), packets(CHANNEL, command::CBOR, &[0])].concat();
        assert_eq!(asked(&both).unwrap(), [0]);
    }
    // In the middle of the answer too.
    let mut answer = packets(CHANNEL, command::CBOR, &[7; 150]);
    answer.insert(1, packets(1, command::ERROR, &[error::CHANNEL_BUSY])[0]);
    answer.insert(3, next(1, 0, &[9; 59]));
    assert_eq!(asked(&answer).unwrap(), [7; 150]);
}

#[test]
fn a_packet_out_of_its_order_is_not_the_standards() {
    for sequences in [&[1, 2][..], &[0, 2], &[0, 0], &[127, 0]] {
        let mut answer = vec![first(CHANNEL, command::CBOR, 150, &[7; 57])];
        answer.extend(sequences.iter().map(|sequence| next(CHANNEL, *sequence, &[7; 59])));
        assert!(matches!(asked(&answer), Err(TransportError::Malformed(_))), "{sequences:?}");
    }
    // Another message within the answer.
    let begun = [first(CHANNEL, command::CBOR, 150, &[7; 57]), first(CHANNEL, command::CBOR, 1, &[0])];
    assert!(matches!(asked(&begun), Err(TransportError::Malformed(_))));
}

#[test]
fn an_answer_that_stops_halfway_is_incomplete() {
    for packets_there in [1, 2, 100] {
        let answer = packets(CHANNEL, command::CBOR, &[7; 7609]);
        let result = asked(&answer[..packets_there]);
        assert!(matches!(result, Err(TransportError::Incomplete)), "{result:?}");
    }
    let closes = badly(|_| {
        let mut says = said(&[first(CHANNEL, command::CBOR, 150, &[7; 57])]);
        says.push(Said::Close);
        says
    });
    let mut closes = closes;
    assert!(matches!(ask(&mut closes), Err(TransportError::Closed)));
}

#[test]
fn an_answer_longer_than_any_can_be_is_not_the_standards() {
    for length in [7610, 0x8000, 65535] {
        let result = asked(&[first(CHANNEL, command::CBOR, length, &[7; 57])]);
        assert!(
            matches!(result, Err(TransportError::Malformed(_) | TransportError::TooLong { .. })),
            "{result:?}"
        );
    }
    assert_eq!(asked(&packets(CHANNEL, command::CBOR, &[7; 7609])).unwrap(), [7; 7609]);
    assert_eq!(MOST_DATA, 7609);
}

#[test]
fn what_is_no_answer_at_all_is_not_the_standards() {
    for command in [command::PING, command::MSG, command::INIT, command::WINK, 0x40, 0x7f] {
        let result = asked(&packets(CHANNEL, command, &[4]));
        assert!(matches!(result, Err(TransportError::Malformed(_))), "{command:#x}: {result:?}");
    }
    for status in [0, 3, 255] {
        let result = asked(&packets(CHANNEL, command::KEEPALIVE, &[status]));
        assert!(
            matches!(result, Err(TransportError::Malformed(_) | TransportError::Silent(_))),
            "{result:?}"
        );
    }
    // A continuation of nothing may be passed over (§11.2.5.4).
    let result = asked(&[next(CHANNEL, 0, &[7; 59])]);
    assert!(matches!(result, Err(TransportError::Malformed(_) | TransportError::Silent(_))), "{result:?}");
    let result = asked(&packets(CHANNEL, command::ERROR, &[]));
    assert!(matches!(result, Err(TransportError::Malformed(_) | TransportError::Hid(_))), "{result:?}");
}

#[test]
fn an_error_of_the_device_is_told_as_it_is() {
    // CHANNEL_BUSY is another matter.
    for code in [0x01, 0x02, 0x03, 0x04, 0x05, 0x0a, 0x0b, 0x7f, 0x00, 0xee] {
        let result = asked(&packets(CHANNEL, command::ERROR, &[code]));
        assert!(matches!(result, Err(TransportError::Hid(found)) if found == code), "{result:?}");
    }
}

#[test]
fn an_answer_of_no_bytes_is_an_answer() {
    assert_eq!(asked(&packets(CHANNEL, command::CBOR, &[])).unwrap(), NOTHING);
}

#[test]
fn a_device_that_is_busy_is_asked_again() {
    let mut left = 3;
    let mut channel = badly(move |_| {
        left -= 1;
        match left {
            0 => said(&packets(CHANNEL, command::CBOR, &[0, 5])),
            _ => said(&packets(CHANNEL, command::ERROR, &[error::CHANNEL_BUSY])),
        }
    });
    assert_eq!(ask(&mut channel).unwrap(), [0, 5]);
}

#[test]
fn a_channel_is_asked_for_again_where_the_device_is_busy() {
    let mut left = 3;
    let opened = opened(move |report| {
        left -= 1;
        match left {
            0 => said(&packets(BROADCAST, command::INIT, &welcome(&report[7..15], CHANNEL))),
            _ => said(&packets(BROADCAST, command::ERROR, &[error::CHANNEL_BUSY])),
        }
    });
    assert!(opened.0.is_ok());
}

#[test]
fn a_device_that_goes_away_is_an_error_whenever_it_goes() {
    let result = ask(&mut badly(|_| vec![Said::Close]));
    assert!(matches!(result, Err(TransportError::Closed)));
    let result = ask(&mut badly(|_| {
        let mut says = said(&packets(CHANNEL, command::KEEPALIVE, &[1]));
        says.push(Said::Close);
        says
    }));
    assert!(matches!(result, Err(TransportError::Closed)));
}

/// Devices that take up time. Each has a limit of its own, and all have theirs at once.
#[test]
fn nobody_keeps_a_client_waiting_for_ever() {
    const LIMIT: Duration = Duration::from_secs(9);
    let keepalive = packets(CHANNEL, command::KEEPALIVE, &[2])[0];
    let wrong = packets(CHANNEL + 1, command::CBOR, &[0])[0];
    let busy = packets(CHANNEL, command::ERROR, &[error::CHANNEL_BUSY])[0];
    let foreign = packets(BROADCAST, command::INIT, &welcome(b"anothers", 1))[0];
    let garbage = [0xa5; 64];
    let exchange = |says: fn(Report) -> Vec<Said>, report: Report, patience: u64| {
        let begun = Instant::now();
        let result = ask(&mut badly(move |_| says(report)).patience(ms(patience)));
        (result, begun.elapsed())
    };
    std::thread::scope(|scope| {
        let steady = scope.spawn(|| exchange(|r| vec![Said::Forever(r, ms(50))], keepalive, 400));
        let flood = scope.spawn(|| exchange(|r| vec![Said::Forever(r, ms(0))], keepalive, 400));
        let elsewhere = scope.spawn(|| exchange(|r| vec![Said::Forever(r, ms(5))], wrong, 100_000));
        let never_free = scope.spawn(|| exchange(|r| vec![Said::Report(r)], busy, 1_000));
        let trickle = scope.spawn(|| {
            exchange(
                |_| {
                    let packets = packets(CHANNEL, command::CBOR, &[7; 7609]);
                    packets.into_iter().flat_map(|r| [Said::Pause(ms(100)), Said::Report(r)]).collect()
                },
                [0; 64],
                500,
            )
        });
        let foreign = scope.spawn(|| opened(|_| vec![Said::Forever(foreign, ms(1))]).1);
        let noise = scope.spawn(|| opened(|_| vec![Said::Forever(garbage, ms(0))]).1);
        let alive = scope.spawn(|| opened(|_| vec![Said::Forever(keepalive, ms(50))]).1);
        for (thread, name) in [(steady, "signs of life"), (flood, "a flood of them")] {
            let (result, took) = thread.join().unwrap();
            assert!(matches!(result, Err(TransportError::Endless(_))), "{name}: {result:?}");
            assert!(took >= ms(400) && took < LIMIT, "{name}: {took:?}");
        }
        let (result, took) = elsewhere.join().unwrap();
        assert!(matches!(result, Err(TransportError::Silent(_))), "{result:?}");
        assert!(took < LIMIT, "{took:?}");
        let (result, took) = never_free.join().unwrap();
        assert!(matches!(result, Err(TransportError::Hid(error::CHANNEL_BUSY))), "{result:?}");
        assert!(took < LIMIT, "{took:?}");
        let (result, took) = trickle.join().unwrap();
        assert!(matches!(result, Err(TransportError::Endless(_) | TransportError::Incomplete)), "{result:?}");
        assert!(took < LIMIT, "{took:?}");
        for opening in [foreign, noise, alive] {
            assert!(opening.join().unwrap() < LIMIT);
        }
    });
}

/// The request has been given up; what comes of it later is not the answer to the next. INIT on the channel parts the two
/// (§11.2.5.3).
#[test]
fn an_answer_that_comes_late_is_not_the_next_requests() {
    for is_on_its_way in [false, true] {
        let mut late = None;
        let mut channel = badly(move |report| match (is_init(report), report[7]) {
            (true, _) => {
                let begun = late.take().filter(|_| is_on_its_way).unwrap_or_default();
                said(&[begun, packets(CHANNEL, command::INIT, &welcome(&report[7..15], CHANNEL))].concat())
            }
            (false, b's') => {
                late = Some(packets(CHANNEL, command::CBOR, b"\0slow"));
                Vec::new()
            }
            _ => {
                said(&[late.take().unwrap_or_default(), packets(CHANNEL, command::CBOR, b"\0next")].concat())
            }
        });
        let given_up = channel.exchange(Command::Cbor, b"slow");
        assert!(matches!(given_up, Err(TransportError::Silent(_))), "{given_up:?}");
        for _ in 0..2 {
            assert_eq!(channel.exchange(Command::Cbor, b"next").unwrap(), b"\0next");
        }
    }
}

#[test]
fn a_channel_that_the_device_has_forgotten_is_told_so() {
    let mut channel = badly(|report| match is_init(report) {
        true => said(&packets(CHANNEL, command::ERROR, &[error::INVALID_CHANNEL])),
        false => Vec::new(),
    });
    assert!(matches!(ask(&mut channel), Err(TransportError::Silent(_))));
    assert!(matches!(ask(&mut channel), Err(TransportError::Hid(error::INVALID_CHANNEL))));
}
