//! Reading what the caller names.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use stuntkey::encoding::json::MAX_BODY_LENGTH;
use stuntkey::webauthn::InputError;

use crate::failure::Failure;
use crate::output::Output;

/// Standard input, where the caller names no file.
const STANDARD_INPUT: &str = "-";

/// The file that the caller named, or standard input if something can come from there: nobody who forgot the file
/// waits at a terminal for an answer that never comes.
pub(crate) fn file_or_pipe<'a>(
    file: Option<&'a Path>,
    what: &str,
    example: &str,
    output: &Output,
) -> Result<&'a Path, Failure> {
    let is_terminal = io::stdin().is_terminal();
    match file {
        None if is_terminal => {
            Err(Failure::Usage(format!("expected FILE, or {what} on standard input")).hint(example))
        }
        Some(file) if file == Path::new(STANDARD_INPUT) && is_terminal => {
            output.note(&format!("reading {what} from the terminal; Ctrl-D ends it"));
            Ok(file)
        }
        other => Ok(other.unwrap_or(Path::new(STANDARD_INPUT))),
    }
}

/// The JSON text of a file, or of standard input for `-`. No more is read than a body may have.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    read_as(file, MAX_BODY_LENGTH, "JSON in UTF-8")
}

/// Any text of a file, or of standard input for `-`, with the same limit.
pub(crate) fn read_text(file: &Path) -> Result<String, Failure> {
    read_as(file, MAX_BODY_LENGTH, "a text in UTF-8")
}

/// Any text of a file, or of standard input for `-`, with this limit in bytes.
pub(crate) fn read_at_most(file: &Path, limit: usize) -> Result<String, Failure> {
    read_as(file, limit, "a text in UTF-8")
}

fn read_as(file: &Path, limit: usize, expected: &str) -> Result<String, Failure> {
    String::from_utf8(bytes_at_most(file, limit)?).map_err(|e| {
        let offset = e.utf8_error().valid_up_to();
        error(format!("a byte that is not UTF-8 at offset {offset}"), expected).in_file(file)
    })
}

/// The bytes of a file, or of standard input for `-`, with the same limit.
pub(crate) fn read_bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    bytes_at_most(file, MAX_BODY_LENGTH)
}

fn bytes_at_most(file: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let (name, bytes) = if file == Path::new(STANDARD_INPUT) {
        ("standard input".to_owned(), limited(io::stdin().lock(), limit))
    } else {
        (file.display().to_string(), File::open(file).and_then(|file| limited(file, limit)))
    };
    let bytes = bytes.map_err(|error| Failure::Usage(format!("{name}: cannot read: {error}")))?;
    match bytes.len() > limit {
        true => {
            let limit = limit >> 20;
            Err(error(format!("a body of more than {limit} MiB"), &format!("at most {limit} MiB"))
                .in_file(file))
        }
        false => Ok(bytes),
    }
}

fn error(found: String, expected: &str) -> Failure {
    InputError::new("$", found, expected).into()
}

fn limited(source: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
