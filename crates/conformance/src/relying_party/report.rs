//! What only the report on a relying party has: clauses of WebAuthn, decoded replies, and commands that send them again.

pub(crate) mod clause;
pub(crate) mod decoded;
pub(crate) mod members;
pub(crate) mod replay;

use super::defects;
use super::standard::Document;
use super::suite::Profile;
use crate::core::defect::Defect;
use crate::core::report::CaseReport;
use crate::core::report::target_kind::{Decoded, Part, Place, Replay, TargetKind};

/// The parts of the report, with the ids of their sections in the HTML page.
const PARTS: [(clause::Part, &str); 4] = [
    (clause::Part::Registration, "registration"),
    (clause::Part::Authentication, "authentication"),
    (clause::Part::Elsewhere, "elsewhere"),
    (clause::Part::Beyond, "beyond"),
];

/// Relying parties, as the kind of target that a report is about.
pub(crate) struct RelyingPartyKind {
    document: Document,
    parts: [Part; 4],
}

impl RelyingPartyKind {
    /// Relying parties that are held to this profile.
    pub(crate) fn new(profile: &str) -> Self {
        let document = match Profile::from_name(profile) {
            Some(Profile::L2) => Document::Level2,
            _ => Document::Level3,
        };
        let part = |(part, anchor): (clause::Part, &'static str)| Part {
            anchor,
            title: part.title(),
            steps: u8::try_from(part.steps(document).len()).unwrap_or(u8::MAX),
        };
        Self { document, parts: PARTS.map(part) }
    }
}

impl TargetKind for RelyingPartyKind {
    fn noun(&self) -> &'static str {
        "a relying party"
    }

    fn defect(&self, case: &str) -> &'static Defect {
        defects::of(case)
    }

    fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn place(&self, clause: &str) -> Place {
        let place = clause::Place::of(clause);
        Place {
            part: PARTS.iter().position(|(part, _)| *part == place.part).unwrap_or_default(),
            section: place.section().split('.').filter_map(|number| number.parse().ok()).collect(),
            step: place.step,
            title: place.title(),
            url: place.url(),
        }
    }

    fn step_title(&self, part: usize, step: u8) -> Option<&str> {
        PARTS.get(part)?.0.step_title(self.document, step)
    }

    fn decode(&self, sent: &str, origin: &str) -> Vec<Decoded> {
        let parts = decoded::decode(sent, origin).into_iter();
        parts.map(|part| Decoded { name: part.name, text: part.text }).collect()
    }

    fn replay(&self, case: &CaseReport, origin: &str) -> Option<Replay> {
        replay::replay(case, origin)
    }
}

/// A clause, with the title of its step in brackets.
pub(crate) fn clause_title(clause: &str) -> String {
    let place = clause::Place::of(clause);
    let title = place.title();
    match place.step.and_then(|_| title.split_once(": ")) {
        Some((_, title)) => format!("{clause} ({title})"),
        None => clause.to_owned(),
    }
}

/// The URL of a clause's text.
#[cfg(test)]
pub(crate) fn clause_url(clause: &str) -> Option<String> {
    clause::Place::of(clause).url()
}

#[cfg(test)]
pub(crate) mod tests;
