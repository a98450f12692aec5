//! A device of the system's: Linux's hidraw, whose descriptors stand in files below `/sys`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::received::{Received, receive_from};
use crate::ctaphid::{Report, Reports};
use crate::error::TransportError;

/// How a descriptor begins that is a FIDO device's (CTAP 2.1 §11.2.8.2): its usage page.
const FIDO_USAGE_PAGE: [u8; 3] = [0x06, 0xd0, 0xf1];

const CLASS: &str = "/sys/class/hidraw";

#[derive(Debug)]
struct Hidraw {
    device: File,
    received: Received,
}

/// Opens this device, or the only one that is a key.
pub(super) fn open(path: Option<&Path>) -> Result<impl Reports + use<>, TransportError> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => the_only_one(Path::new(CLASS))?,
    };
    let unreachable = |source: io::Error| {
        let what = match source.kind() {
            io::ErrorKind::PermissionDenied => {
                format!("{} may not be opened; udev's rules of libfido2 allow it", path.display())
            }
            _ => format!("{} cannot be opened", path.display()),
        };
        TransportError::Unreachable { what, source }
    };
    let device = OpenOptions::new().read(true).write(true).open(&path).map_err(unreachable)?;
    let received = receive_from(device.try_clone()?);
    Ok(Hidraw { device, received })
}

fn the_only_one(class: &Path) -> Result<PathBuf, TransportError> {
    let none = |what: String, kind: io::ErrorKind| TransportError::Unreachable { what, source: kind.into() };
    let entries = fs::read_dir(class)
        .map_err(|source| TransportError::Unreachable { what: "no device is there".to_owned(), source })?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let is_key = |name: &std::ffi::OsString| {
        let descriptor = fs::read(class.join(name).join("device/report_descriptor"));
        descriptor.is_ok_and(|descriptor| descriptor.starts_with(&FIDO_USAGE_PAGE))
    };
    let mut keys: Vec<PathBuf> = names.filter(is_key).map(|name| Path::new("/dev").join(name)).collect();
    keys.sort();
    match keys.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(none("no device is a security key".to_owned(), io::ErrorKind::NotFound)),
        several => {
            let listed: Vec<String> = several.iter().map(|path| format!("hid:{}", path.display())).collect();
            Err(none(
                format!("several devices are security keys, expected one of {}", listed.join(", ")),
                io::ErrorKind::InvalidInput,
            ))
        }
    }
}

impl Reports for Hidraw {
    fn send(&mut self, report: &Report) -> Result<(), TransportError> {
        // Before a report stands its number, which is 0 where there is only one.
        let numbered = [&[0][..], report].concat();
        Ok(self.device.write_all(&numbered)?)
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Report>, TransportError> {
        self.received.receive(until)
    }
}
