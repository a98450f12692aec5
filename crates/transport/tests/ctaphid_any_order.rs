//! The device's side of CTAPHID, whatever comes, in whatever order: at most one request runs, and every report is one that
//! CTAP 2.1 §11.2.4 allows a device to send.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

#[path = "../../../tests/common/regressions.rs"]
mod regressions;
#[path = "../../../fuzz/src/transport.rs"]
mod transport;

use proptest::prelude::*;
use transport::common::numbers::{BROADCAST, command};
use transport::{Step, Witness};

/// Few, so that they meet: the first that are given out, and those that are none.
fn channel() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 1..4_u32, 3 => Just(BROADCAST), 1 => Just(0), 1 => Just(0x0102_0304)]
}

fn any_command() -> impl Strategy<Value = u8> {
    use command::{CANCEL, CBOR, ERROR, INIT, KEEPALIVE, LOCK, MSG, PING, WINK};
    let known = prop::sample::select(vec![CBOR, INIT, PING, CANCEL, MSG, LOCK, WINK, KEEPALIVE, ERROR]);
    prop_oneof![12 => known, 1 => 0..0x80_u8]
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![6 => Just(8_u16), 3 => 0..3_u16, 3 => 50..200_u16, 1 => Just(7609)];
    let message =
        (0..3_u32, channel(), any_command(), length, prop_oneof![4 => Just(usize::MAX), 1 => 1..4_usize]);
    prop_oneof![
        1 => prop::array::uniform32(any::<[u8; 2]>()).prop_map(|pairs| Step::Any(pairs.as_flattened().try_into().unwrap())),
        12 => message.prop_map(|(peer, channel, command, length, packets)| Step::Message { peer, channel, command, length, packets }),
        4 => (0..3_u32, channel(), 0..4_u8)
            .prop_map(|(peer, channel, sequence)| Step::Continuation { peer, channel, sequence }),
        1 => (channel(), any_command(), any::<u16>())
            .prop_map(|(channel, command, length)| Step::Announced { channel, command, length }),
        3 => (0..12_000_u64).prop_map(Step::Wait),
        3 => (0..300_u64).prop_map(Step::Wait),
        4 => prop_oneof![4 => 0..200_usize, 1 => Just(7609), 1 => Just(7610)].prop_map(Step::Done),
        2 => any::<bool>().prop_map(Step::Waits),
        1 => Just(Step::PowerCycle),
    ]
}

proptest! {
    #![proptest_config(regressions::kept_in("../../proptest-regressions/ctaphid_any_order.txt"))]

    #[test]
    fn whatever_comes_one_request_runs_and_every_report_is_sound(
        steps in prop::collection::vec(step(), 0..80),
        cbor: bool,
        msg: bool,
    ) {
        let mut witness = Witness::new(cbor, msg);
        for step in &steps {
            witness.step(step);
        }
        witness.ends();
    }
}
