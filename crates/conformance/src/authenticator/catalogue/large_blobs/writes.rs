//! Writes of large blobs (CTAP 2.1 §6.10.2).

use super::super::reset::reset_now;
use super::CLAUSE;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{permission, status as s};
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::large_blobs::{empty_array, with_checksum};
use crate::authenticator::stage::management::Management;
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// The length of the arrays of these cases, in bytes.
const LENGTH: usize = 120;

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = of_arrays();
    cases.extend(of_lengths());
    cases.extend(of_sequences());
    cases.extend(of_ends());
    cases
}

fn of_arrays() -> Vec<AuthenticatorCase> {
    vec![
        case("one", "store an array that is written in one fragment", |stage, _| {
            let array = stage.new_array(LENGTH);
            writes(stage, &array, LENGTH * 2)
        }),
        case("many", "store an array that is written in several fragments", |stage, _| {
            let array = stage.new_array(LENGTH);
            writes(stage, &array, 50)
        }),
        case("largest", "store an array of maxSerializedLargeBlobArray bytes", |stage, _| {
            let room = stage.room_for_large_blobs();
            let mut content = vec![7; room.saturating_sub(16)];
            // An array of one byte string with a length in two bytes.
            let inner = u16::try_from(content.len().saturating_sub(4)).unwrap_or_default().to_be_bytes();
            if let Some(head) = content.first_chunk_mut() {
                *head = [0x81, 0x59, inner[0], inner[1]];
            }
            let longest = stage.max_fragment_length();
            writes(stage, &with_checksum(content), longest)
        }),
        case("longest-fragment", "accept a fragment of maxFragmentLength bytes", |stage, _| {
            let longest = stage.max_fragment_length();
            if stage.room_for_large_blobs() < longest {
                return Err(Stop::skip("the target has less room than a message holds"));
            }
            let array = vec![7; longest.saturating_sub(16)];
            let answer = stage.write_large_blobs(&with_checksum(array), longest)?;
            stage.expect_of(&answer, "the fragment", &[s::OK], &[])
        }),
        case("integrity", "refuse an array whose checksum is wrong", |stage, _| {
            let mut array = stage.new_array(LENGTH);
            spoil(&mut array);
            let answer = stage.write_large_blobs(&array, LENGTH * 2)?;
            stage.expect_of(&answer, "the array", &[s::INTEGRITY_FAILURE], &[])
        }),
        case(
            "integrity-keeps",
            "keep the stored array when the checksum of a new one is wrong",
            |stage, before| {
                let mut array = stage.new_array(LENGTH);
                spoil(&mut array);
                stage.write_large_blobs(&array, LENGTH * 2)?;
                holds(stage, before, "the array of before")
            },
        ),
    ]
}

/// The member `length`, and fragments that do not go with it.
fn of_lengths() -> Vec<AuthenticatorCase> {
    let invalid = &[s::INVALID_PARAMETER];
    vec![
        refuses(
            "no-length",
            "a first fragment without the member length",
            |stage| {
                let array = stage.new_array(LENGTH);
                Ok(vec![Management::write(0, &array, None)])
            },
            invalid,
            &[s::MISSING_PARAMETER],
        ),
        refuses(
            "short-length",
            "an array of less than 17 bytes",
            |_| Ok(vec![Management::write(0, &[7; 16], Some(16))]),
            invalid,
            &[],
        ),
        refuses(
            "late-length",
            "the member length with a fragment that is not the first",
            |stage| {
                let array = stage.new_array(LENGTH);
                let (first, rest) = halves(&array);
                let offset = u32::try_from(first.len()).unwrap_or_default();
                Ok(vec![
                    Management::write(0, first, Some(array.len())),
                    Management::write(offset, rest, Some(array.len())),
                ])
            },
            invalid,
            &[],
        ),
        refuses(
            "overrun",
            "a fragment that goes beyond the length of the array",
            |stage| {
                let array = stage.new_array(LENGTH);
                Ok(vec![Management::write(0, &array, Some(array.len() - 1))])
            },
            invalid,
            &[],
        ),
        refuses(
            "too-big",
            "an array longer than maxSerializedLargeBlobArray",
            |stage| {
                let length = stage.room_for_large_blobs() + 1;
                Ok(vec![Management::write(0, &[7; LENGTH], Some(length))])
            },
            &[s::LARGE_BLOB_STORAGE_FULL],
            &[],
        ),
        refuses(
            "long-fragment",
            "a fragment longer than maxFragmentLength",
            |stage| {
                let longest = stage.max_fragment_length();
                if stage.room_for_large_blobs() <= longest {
                    return Err(Stop::skip("the target has less room than a message holds"));
                }
                Ok(vec![Management::write(0, &vec![7; longest + 1], Some(stage.room_for_large_blobs()))])
            },
            &[s::INVALID_LENGTH],
            &[s::REQUEST_TOO_LARGE, s::INVALID_PARAMETER],
        ),
    ]
}

/// Fragments that do not follow one another.
fn of_sequences() -> Vec<AuthenticatorCase> {
    vec![
        refuses(
            "not-begun",
            "a later fragment when no write is running",
            |_| Ok(vec![Management::write(3, &[7; 20], None)]),
            &[s::INVALID_SEQ],
            &[],
        ),
        refuses(
            "gap",
            "a fragment whose offset leaves a byte out",
            |stage| {
                let array = stage.new_array(LENGTH);
                let (first, rest) = halves(&array);
                let offset = u32::try_from(first.len() + 1).unwrap_or_default();
                Ok(vec![
                    Management::write(0, first, Some(array.len())),
                    Management::write(offset, rest, None),
                ])
            },
            &[s::INVALID_SEQ],
            &[],
        ),
        refuses(
            "back",
            "the same fragment a second time",
            |stage| {
                let array = stage.new_array(LENGTH);
                let (first, rest) = halves(&array);
                let offset = u32::try_from(first.len()).unwrap_or_default();
                let (middle, _) = halves(rest);
                Ok(vec![
                    Management::write(0, first, Some(array.len())),
                    Management::write(offset, middle, None),
                    Management::write(offset, middle, None),
                ])
            },
            &[s::INVALID_SEQ],
            &[],
        ),
        case("begun-again", "start anew with a fragment at offset 0", |stage, _| {
            begin(stage)?;
            let array = stage.new_array(LENGTH);
            writes(stage, &array, LENGTH * 2)
        }),
        case("begun-keeps", "keep the stored array until a new one is complete", |stage, before| {
            begin(stage)?;
            holds(stage, before, "the array of before")
        }),
    ]
}

/// What is left of a write after its power was away, and after a reset.
fn of_ends() -> Vec<AuthenticatorCase> {
    vec![
        case(
            "power-cycle/begun",
            "forget an unfinished write when its power is taken away",
            |stage, before| {
                let (offset, rest) = begin(stage)?;
                stage.power_cycle()?;
                let request = Management::write(offset, &rest, None);
                stage.expect_managed(request, "the fragment after that", &[s::INVALID_SEQ])?;
                holds(stage, before, "the array of before")
            },
        )
        .if_the_target(Need::PowerCycle),
        case("power-cycle/kept", "keep the stored array when its power is taken away", |stage, _| {
            let array = stage.new_array(LENGTH);
            let answer = stage.write_large_blobs(&array, LENGTH * 2)?;
            stage.control(answer, "a write")?;
            stage.power_cycle()?;
            holds(stage, &array, "the array that was written")
        })
        .if_the_target(Need::PowerCycle),
        AuthenticatorCase::of(
            "large-blobs/reset",
            "restore the initial array in a reset",
            "CTAP 2.1 §6.6",
            |stage| {
                let array = stage.new_array(LENGTH);
                let answer = stage.write_large_blobs(&array, LENGTH * 2)?;
                stage.control(answer, "a write")?;
                reset_now(stage)?;
                holds(stage, &empty_array(), "an empty array")
            },
        )
        .if_the_target(Need::Reset)
        .if_the_target(Need::PowerCycle),
    ]
}

/// Where nothing protects the authenticator.
pub(super) fn unprotected() -> AuthenticatorCase {
    AuthenticatorCase::of(
        "large-blobs/set/unprotected",
        "accept a write without pinUvAuthParam while nothing protects it",
        CLAUSE,
        |stage| {
            let array = empty_array();
            let answer = stage.manage(&Management::write(0, &array, Some(array.len())))?;
            stage.expect_of(&answer, "the write", &[s::OK], &[])
        },
    )
}

/// A case that writes; what was there before is written back.
fn case(id: &str, requirement: &str, play: fn(&mut Stage<'_>, &[u8]) -> Outcome) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("large-blobs/set/{id}"), requirement, CLAUSE, move |stage| {
        stage.keeping_large_blobs(play)
    })
}

/// A case of writes that are sound but for the last one, which has to be refused.
fn refuses(
    id: &str,
    what: &str,
    requests: fn(&mut Stage<'_>) -> Result<Vec<Management>, Stop>,
    accepted: &'static [u8],
    tolerated: &'static [u8],
) -> AuthenticatorCase {
    AuthenticatorCase::of(&format!("large-blobs/set/{id}"), format!("refuse {what}"), CLAUSE, move |stage| {
        let mut requests = requests(stage)?;
        let last = requests.pop().ok_or_else(|| Stop::error("nothing is written"))?;
        stage.keeping_large_blobs(|stage, _| {
            let token = stage.token(permission::LARGE_BLOB_WRITE, None)?;
            for request in requests {
                let answer = stage.manage(&request.proven(&token))?;
                stage.control(answer, "a fragment before")?;
            }
            let answer = stage.manage(&last.proven(&token))?;
            stage.expect_of(&answer, "the fragment", accepted, tolerated)
        })
    })
}

/// Begins a write, and returns what is left of it, and its offset.
fn begin(stage: &mut Stage<'_>) -> Result<(u32, Vec<u8>), Stop> {
    let array = stage.new_array(LENGTH);
    let (first, rest) = halves(&array);
    let answer = stage.manage_permitted(Management::write(0, first, Some(array.len())))?;
    stage.control(answer, "the first fragment")?;
    Ok((u32::try_from(first.len()).unwrap_or_default(), rest.to_vec()))
}

/// Writes an array in fragments, which has to work, and reads it back.
fn writes(stage: &mut Stage<'_>, array: &[u8], fragment: usize) -> Outcome {
    let answer = stage.write_large_blobs(array, fragment)?;
    stage.expect_of(&answer, "a fragment", &[s::OK], &[])?;
    holds(stage, array, "the array that was written")
}

fn holds(stage: &mut Stage<'_>, expected: &[u8], what: &str) -> Outcome {
    let found = stage.large_blobs()?;
    match found == expected {
        true => Ok(()),
        false => Err(Stop::fail(format!("found another array, of {} bytes, expected {what}", found.len()))),
    }
}

fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.len() / 2)
}

/// Changes the last byte of the checksum.
fn spoil(array: &mut [u8]) {
    if let Some(byte) = array.last_mut() {
        *byte ^= 1;
    }
}
