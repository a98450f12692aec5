//! Reading what the caller names.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use stuntkey::encoding::json::MAX_BODY_LENGTH;
use stuntkey::webauthn::InputError;

use crate::failure::Failure;

/// The text of a file, or of standard input for `-`. No more is read than a body may have.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bytes(file)?).map_err(|e| {
        let offset = e.utf8_error().valid_up_to();
        error(format!("a byte that is not UTF-8 at offset {offset}"), "JSON in UTF-8")
    })
}

/// The bytes of a file, or of standard input for `-`, with the same limit.
pub(crate) fn read_bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let (name, bytes) = if file == Path::new("-") {
        ("standard input".to_owned(), limited(io::stdin().lock()))
    } else {
        (file.display().to_string(), File::open(file).and_then(limited))
    };
    let bytes = bytes.map_err(|error| Failure::Usage(format!("{name}: cannot read: {error}")))?;
    match bytes.len() > MAX_BODY_LENGTH {
        true => Err(error("a body of more than 4 MiB".into(), "at most 4 MiB")),
        false => Ok(bytes),
    }
}

fn error(found: String, expected: &str) -> Failure {
    InputError { path: "$".into(), found, expected: expected.into() }.into()
}

fn limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BODY_LENGTH).unwrap_or(u64::MAX);
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
