//! Choices that the structured targets draw from their bytes. Each takes its bytes from the front, and none when they
//! are used up: then it is the first one, so that every input means something.

use arbitrary::{Result, Unstructured};

/// At most `most` bytes: a length, then these.
pub fn bytes(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let length = u.int_in_range(0..=most)?.min(u.len());
    Ok(u.bytes(length)?.to_vec())
}

/// Any text of at most `most` bytes, before what is no UTF-8 becomes U+FFFD.
pub fn text(u: &mut Unstructured<'_>, most: usize) -> Result<String> {
    Ok(String::from_utf8_lossy(&bytes(u, most)?).into_owned())
}

/// At most `most` of these, in any order, perhaps one of them more than once.
pub fn some<T: Clone>(u: &mut Unstructured<'_>, all: &[T], most: usize) -> Result<Vec<T>> {
    (0..u.int_in_range(0..=most)?).map(|_| Ok(u.choose(all)?.clone())).collect()
}

/// One of two: the lowest bit of a byte.
pub fn flag(u: &mut Unstructured<'_>) -> Result<bool> {
    Ok(u.int_in_range(0_u8..=1)? == 1)
}

/// Where something may stand among `length`; none where there is no place.
pub fn place(u: &mut Unstructured<'_>, length: usize) -> Result<Option<usize>> {
    length.checked_sub(1).map(|last| u.int_in_range(0..=last)).transpose()
}
