//! A device of the system's: Linux's `/dev/uhid` (Documentation/hid/uhid.rst, include/uapi/linux/uhid.h).

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::thread;

use super::{Event, Report, Wire};
use crate::ctaphid::REPORT_LENGTH;

/// `struct uhid_event`: a type of 4 bytes, and the largest of what may follow, which is UHID_CREATE2.
const EVENT_LENGTH: usize = 4 + 128 + 64 + 64 + 2 + 2 + 4 * 4 + DATA_LENGTH;

/// The bytes of a report or a descriptor, at most.
const DATA_LENGTH: usize = 4096;

/// The types of events.
mod kind {
    pub(super) const OUTPUT: u32 = 6;
    pub(super) const GET_REPORT: u32 = 9;
    pub(super) const GET_REPORT_REPLY: u32 = 10;
    pub(super) const CREATE2: u32 = 11;
    pub(super) const INPUT2: u32 = 12;
    pub(super) const SET_REPORT: u32 = 13;
    pub(super) const SET_REPORT_REPLY: u32 = 14;
}

/// USB, as the kernel numbers buses.
const BUS_USB: u16 = 0x03;

/// pid.codes' number for tests, which no product has.
const VENDOR: u32 = 0x1209;
const PRODUCT: u32 = 0x0001;

/// EIO, as the kernel numbers errors.
const EIO: u16 = 5;

/// What the reports of a FIDO device are (CTAP 2.1 §11.2.8.2): 64 bytes each way, on the usage page F1D0.
const DESCRIPTOR: [u8; 34] = [
    0x06, 0xd0, 0xf1, // usage page: FIDO alliance
    0x09, 0x01, // usage: authenticator
    0xa1, 0x01, // collection: application
    0x09, 0x20, // usage: data in
    0x15, 0x00, 0x26, 0xff, 0x00, // 0 to 255
    0x75, 0x08, 0x95, 0x40, // 64 times 8 bits
    0x81, 0x02, // input
    0x09, 0x21, // usage: data out
    0x15, 0x00, 0x26, 0xff, 0x00, // 0 to 255
    0x75, 0x08, 0x95, 0x40, // 64 times 8 bits
    0x91, 0x02, // output
    0xc0, // end
];

struct Uhid(File);

impl Wire for Uhid {
    fn send(&mut self, _: u32, report: &Report) -> io::Result<()> {
        let mut event = kind::INPUT2.to_ne_bytes().to_vec();
        event.extend_from_slice(&length_of(report).to_ne_bytes());
        event.extend_from_slice(report);
        self.0.write_all(&event)
    }
}

/// Makes a device of the system's, which goes when this process ends. `name` is what it is called, up to 127 bytes.
///
/// # Errors
/// `/dev/uhid` cannot be used.
pub fn uhid(at: &Path, name: &str, events: Sender<Event>) -> io::Result<impl Wire + use<>> {
    let mut device = OpenOptions::new().read(true).write(true).open(at)?;
    device.write_all(&creation(name))?;
    let mut receiving = device.try_clone()?;
    thread::spawn(move || {
        let mut event = [0; EVENT_LENGTH];
        loop {
            // The kernel hands out one event at a time.
            let heard = match receiving.read(&mut event) {
                Ok(length) if length >= 4 => event.get(..length).and_then(Heard::read),
                _ => return drop(events.send(Event::Closed)),
            };
            let going_on = match heard {
                Some(Heard::Report(report)) => events.send(Event::Report { peer: 0, report }).is_ok(),
                // The device has none of these reports.
                Some(Heard::Asked { reply, id }) => {
                    let answer = [&reply.to_ne_bytes()[..], &id, &EIO.to_ne_bytes(), &[0; 2]].concat();
                    receiving.write_all(&answer).is_ok()
                }
                None => true,
            };
            if !going_on {
                return;
            }
        }
    });
    Ok(Uhid(device))
}

/// What the kernel says.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Report(Report),
    /// A report is asked for, or to be set, which needs a reply of this type.
    Asked {
        reply: u32,
        id: [u8; 4],
    },
}

impl Heard {
    fn read(event: &[u8]) -> Option<Self> {
        let (kind, rest) = event.split_first_chunk()?;
        let asked = |reply| Some(Self::Asked { reply, id: *rest.first_chunk()? });
        match u32::from_ne_bytes(*kind) {
            kind::OUTPUT => {
                let (data, rest) = rest.split_at_checked(DATA_LENGTH)?;
                let length = usize::from(u16::from_ne_bytes(*rest.first_chunk()?));
                let data = data.get(..length)?;
                // Before a report stands its number, which is 0 where there is only one.
                let report = data.strip_prefix(&[0]).filter(|_| length == REPORT_LENGTH + 1).unwrap_or(data);
                Some(Self::Report(report.try_into().ok()?))
            }
            kind::GET_REPORT => asked(kind::GET_REPORT_REPLY),
            kind::SET_REPORT => asked(kind::SET_REPORT_REPLY),
            _ => None,
        }
    }
}

/// UHID_CREATE2.
fn creation(name: &str) -> Vec<u8> {
    let mut event = kind::CREATE2.to_ne_bytes().to_vec();
    let text = |event: &mut Vec<u8>, text: &str, room: usize| {
        let end = event.len() + room;
        event.extend(text.bytes().take(room - 1));
        event.resize(end, 0);
    };
    text(&mut event, name, 128);
    text(&mut event, "stuntkey", 64);
    text(&mut event, "", 64);
    event.extend_from_slice(&length_of(&DESCRIPTOR).to_ne_bytes());
    event.extend_from_slice(&BUS_USB.to_ne_bytes());
    // Version and country are nothing in particular.
    for number in [VENDOR, PRODUCT, 0, 0] {
        event.extend_from_slice(&number.to_ne_bytes());
    }
    event.extend_from_slice(&DESCRIPTOR);
    event.resize(EVENT_LENGTH, 0);
    event
}

fn length_of(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offsets of `struct uhid_create2_req` in the kernel's header, behind the type.
    #[test]
    fn a_device_is_created_as_the_header_lays_it_out() {
        let event = creation("stuntkey");
        assert_eq!(event.len(), 4 + 4372);
        assert_eq!(event[..4], 11_u32.to_ne_bytes());
        assert_eq!(&event[4..13], b"stuntkey\0");
        assert_eq!(event[260..262], 34_u16.to_ne_bytes());
        assert_eq!(event[262..264], 3_u16.to_ne_bytes());
        assert_eq!(event[264..268], 0x1209_u32.to_ne_bytes());
        assert_eq!(event[280..314], DESCRIPTOR);
    }

    #[test]
    fn a_report_is_heard_with_its_number_and_without() {
        let mut event = vec![0; 4 + DATA_LENGTH + 3];
        event[..4].copy_from_slice(&6_u32.to_ne_bytes());
        event[5..69].copy_from_slice(&[7; 64]);
        event[4 + DATA_LENGTH..4 + DATA_LENGTH + 2].copy_from_slice(&65_u16.to_ne_bytes());
        assert_eq!(Heard::read(&event), Some(Heard::Report([7; 64])));
        event[4] = 7;
        event[4 + DATA_LENGTH..4 + DATA_LENGTH + 2].copy_from_slice(&64_u16.to_ne_bytes());
        assert_eq!(Heard::read(&event), Some(Heard::Report([7; 64])));
        event[4 + DATA_LENGTH..4 + DATA_LENGTH + 2].copy_from_slice(&63_u16.to_ne_bytes());
        assert_eq!(Heard::read(&event), None);
        assert_eq!(Heard::read(&event[..100]), None);
    }

    #[test]
    fn other_reports_are_asked_for_in_vain() {
        let event = [&9_u32.to_ne_bytes()[..], &[1, 2, 3, 4], &[0; 2]].concat();
        assert_eq!(Heard::read(&event), Some(Heard::Asked { reply: 10, id: [1, 2, 3, 4] }));
    }
}
