//! What only the report on an authenticator has: chapters of CTAP, and requests in diagnostic notation.

use stuntkey_inspect::text::from_hex;
use stuntkey_inspect::{cbor, diagnostic};

use super::defects;
use crate::core::defect::Defect;
use crate::core::report::CaseReport;
use crate::core::report::target_kind::{Decoded, Part, Place, Replay, TargetKind};

/// Authenticators, as the kind of target that a report is about.
pub(crate) struct AuthenticatorKind;

/// The parts of the report.
const PARTS: [Part; 2] = [
    Part { anchor: "ctap", title: "CTAP, by section", steps: 0 },
    Part { anchor: "beyond", title: "Other documents", steps: 0 },
];

/// Sections that cases cite, with their titles.
const SECTIONS: &[(&str, &str)] = &[
    ("5.1", "authenticatorMakeCredential"),
    ("5.4", "authenticatorGetInfo"),
    ("6.1", "authenticatorMakeCredential"),
    ("6.1.2", "authenticatorMakeCredential: algorithm"),
    ("6.2", "authenticatorGetAssertion"),
    ("6.2.2", "authenticatorGetAssertion: algorithm"),
    ("6.3", "authenticatorGetNextAssertion"),
    ("6.4", "authenticatorGetInfo"),
    ("6.5", "authenticatorClientPIN"),
    ("6.6", "authenticatorReset"),
    ("6.7", "authenticatorBioEnrollment"),
    ("6.8", "authenticatorCredentialManagement"),
    ("6.9", "authenticatorSelection"),
    ("6.10", "authenticatorLargeBlobs"),
    ("6.11", "authenticatorConfig"),
    ("7", "Feature descriptions"),
    ("8", "Message encoding"),
    ("9", "Mandatory features"),
    ("10", "Interoperating with CTAP1/U2F"),
    ("11.2", "USB HID"),
    ("11.3", "NFC"),
    ("12", "Defined extensions"),
];

impl TargetKind for AuthenticatorKind {
    fn noun(&self) -> &'static str {
        "an authenticator"
    }

    fn defect(&self, case: &str) -> &'static Defect {
        defects::of(case)
    }

    fn parts(&self) -> &[Part] {
        &PARTS
    }

    fn place(&self, clause: &str) -> Place {
        let section = clause.split_once('§').map_or("", |(_, rest)| rest);
        let end = section.find(|character: char| character != '.' && !character.is_ascii_digit());
        let section = section.get(..end.unwrap_or(section.len())).unwrap_or_default().trim_end_matches('.');
        let is_ctap = clause.starts_with("CTAP");
        let within = |known: &str| section == known || section.starts_with(&format!("{known}."));
        let known =
            SECTIONS.iter().rev().filter(|(known, _)| within(known)).max_by_key(|(known, _)| known.len());
        let title = match known {
            Some((_, title)) if is_ctap => format!("§{section} {title}"),
            _ => clause.to_owned(),
        };
        Place {
            part: usize::from(!is_ctap),
            section: section.split('.').filter_map(|number| number.parse().ok()).collect(),
            step: None,
            title,
            url: None,
        }
    }

    fn step_title(&self, _: usize, _: u8) -> Option<&str> {
        None
    }

    fn decode(&self, sent: &str, _: &str) -> Vec<Decoded> {
        let Some(request) = from_hex(sent) else { return Vec::new() };
        let Some((command, parameters)) = request.split_first() else { return Vec::new() };
        let mut text = super::platform::code::command::name(*command);
        if !parameters.is_empty() {
            let reading = cbor::read(parameters, 0..parameters.len());
            if let Some(item) = reading.item {
                text.push('\n');
                text.push_str(&diagnostic::notation(&item));
            }
        }
        vec![Decoded { name: "the request", text }]
    }

    fn replay(&self, _: &CaseReport, _: &str) -> Option<Replay> {
        None
    }
}
