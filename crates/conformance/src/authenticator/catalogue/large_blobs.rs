//! authenticatorLargeBlobs (CTAP 2.1 §6.10).

mod writes;

use super::permissions::{Protected, of_proofs, of_protocols, refused};
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::Parameters;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::large_blobs::{empty_array, read};
use crate::authenticator::stage::management::Management;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1};
use crate::core::outcome::{Outcome, Stop};

/// The clause of everything here but what others are cited for.
const CLAUSE: &str = "CTAP 2.1 §6.10.2";

const WRITE: Protected = Protected {
    id: "large-blobs/set",
    name: "a write",
    clause: CLAUSE,
    request: |_| {
        let array = empty_array();
        Ok(Management::write(0, &array, Some(array.len())))
    },
};

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let of_large_blobs =
        |case: AuthenticatorCase| case.only_in(FROM_2_1).if_the_target(Need::Enabled("largeBlobs"));
    let mut cases: Vec<AuthenticatorCase> =
        of_reads().into_iter().chain(of_arguments()).map(of_large_blobs).collect();
    cases.push(of_large_blobs(of_new()).if_the_target(Need::Fresh));
    let mut with_pin = of_proofs(&[WRITE]);
    with_pin.extend(of_protocols(WRITE));
    with_pin.extend(of_messages());
    with_pin.extend(writes::cases());
    cases.extend(
        with_pin
            .into_iter()
            .map(of_large_blobs)
            .map(|case| case.if_the_target(Need::Enabled("pinUvAuthToken")).if_the_target(Need::PinSet)),
    );
    cases.push(
        of_large_blobs(writes::unprotected())
            .if_the_target(Need::NoBuiltInUv)
            .if_the_target(Need::NoAlwaysUv)
            .if_the_target(Need::NoPin),
    );
    cases
}

fn of_new() -> AuthenticatorCase {
    AuthenticatorCase::of(
        "large-blobs/get/new",
        "have the initial array when it is new",
        "CTAP 2.1 §6.10",
        |stage| {
            let array = stage.large_blobs()?;
            match array == empty_array() {
                true => Ok(()),
                false => Err(Stop::fail(format!("found an array of {} bytes", array.len()))),
            }
        },
    )
}

fn of_reads() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, play: fn(&mut Stage<'_>) -> Outcome| {
        AuthenticatorCase::of(&format!("large-blobs/get/{id}"), requirement, CLAUSE, play)
    };
    vec![
        case("offset", "read the part of the array that is asked for", |stage| {
            let whole = stage.large_blobs()?;
            let part = stage.read_fragment(1, 7)?;
            match whole.get(1..8) == Some(&part) {
                true => Ok(()),
                false => Err(Stop::fail("seven bytes from the second on are others than in the whole")),
            }
        }),
        case("short", "read what is there when more is asked for", |stage| {
            let whole = stage.large_blobs()?;
            let offset = whole.len().saturating_sub(3);
            let end = stage.read_fragment(offset, 10)?;
            match whole.get(offset..) == Some(&end) {
                true => Ok(()),
                false => Err(Stop::fail(format!("{} bytes came of three that are there", end.len()))),
            }
        }),
        case("end", "read an empty byte string at the end of the array", |stage| {
            let end = stage.large_blobs()?.len();
            let answer = stage.expect(command::LARGE_BLOBS, &read(end, 10), "a read at the end", &[s::OK])?;
            match answer.bytes(1) {
                Some([]) => Ok(()),
                Some(bytes) => Err(Stop::fail(format!("{} bytes came", bytes.len()))),
                None => Err(Stop::fail("no byte string came, expected an empty one")),
            }
        }),
        case("beyond", "refuse a read whose offset is beyond the end of the array", |stage| {
            let end = stage.large_blobs()?.len();
            refuses(stage, &read(end + 1, 10), &[s::INVALID_PARAMETER], &[])
        }),
        case("too-much", "refuse a read of more than maxFragmentLength bytes", |stage| {
            let longest = stage.max_fragment_length();
            refuses(stage, &read(0, longest + 1), &[s::INVALID_LENGTH], &[])
        }),
        case("with-length", "refuse a read with the member length", |stage| {
            refuses(stage, &read(0, 10).with(4, 17), &[s::INVALID_PARAMETER], &[])
        }),
        case("with-param", "refuse a read with pinUvAuthParam", |stage| {
            refuses(stage, &read(0, 10).with(5, vec![7; 32]), &[s::INVALID_PARAMETER], &[])
        }),
        case("with-protocol", "refuse a read with pinUvAuthProtocol", |stage| {
            refuses(stage, &read(0, 10).with(6, 1), &[s::INVALID_PARAMETER], &[])
        }),
    ]
}

fn of_arguments() -> Vec<AuthenticatorCase> {
    let case = |id: &str, requirement: &str, request: fn() -> Parameters| {
        AuthenticatorCase::of(&format!("large-blobs/request/{id}"), requirement, CLAUSE, move |stage| {
            refuses(stage, &request(), &[s::INVALID_PARAMETER], &[s::MISSING_PARAMETER])
        })
    };
    vec![
        case("neither", "refuse a request that neither reads nor writes", || {
            Parameters::default().with(3, 0)
        }),
        case("both", "refuse a request that both reads and writes", || {
            read(0, 10).with(2, empty_array()).with(4, 17)
        }),
        case("no-offset", "refuse a request without an offset", || Parameters::default().with(1, 10)),
    ]
}

/// Proofs over other messages than the one that is written down.
fn of_messages() -> Vec<AuthenticatorCase> {
    let case = |id: &str, what: &str, message: fn(&[u8]) -> Vec<u8>| {
        AuthenticatorCase::of(
            &format!("large-blobs/set/message/{id}"),
            format!("refuse a write whose pinUvAuthParam {what}"),
            CLAUSE,
            move |stage| {
                let request = (WRITE.request)(stage)?;
                let token = stage.token(request.permission, None)?;
                let message = message(&request.message);
                refused(stage, &request.proven_over(&token, &message), &[s::PIN_AUTH_INVALID], &[])
            },
        )
    };
    // 32 bytes 0xff, the command, a zero, four bytes of the offset, and a hash of the fragment.
    vec![
        case("prefix", "leaves the 32 bytes 0xff out", |message| message.iter().copied().skip(32).collect()),
        case("offset", "is over another offset", |message| {
            let mut message = message.to_vec();
            if let Some(byte) = message.get_mut(34) {
                *byte = 1;
            }
            message
        }),
        case("fragment", "is over another fragment", |message| {
            let mut message = message.to_vec();
            if let Some(byte) = message.last_mut() {
                *byte ^= 1;
            }
            message
        }),
    ]
}

fn refuses(stage: &mut Stage<'_>, request: &Parameters, accepted: &[u8], tolerated: &[u8]) -> Outcome {
    let answer = stage.call(command::LARGE_BLOBS, request)?;
    stage.expect_of(&answer, "the request", accepted, tolerated)?;
    stage.is_alive()
}
