//! What a report says of a relying party alone: clauses of WebAuthn, decoded replies, and commands that send them again.

pub(crate) mod clause;
pub(crate) mod decoded;
pub(crate) mod replay;

use crate::core::report::subject::{Decoded, Part, Place, Replay, Subject};
use crate::core::report::{CaseReport, Format, Report};

/// The parts of the report, with the names of their places in a page.
const PARTS: [(clause::Part, &str); 4] = [
    (clause::Part::Registration, "registration"),
    (clause::Part::Authentication, "authentication"),
    (clause::Part::Elsewhere, "elsewhere"),
    (clause::Part::Beyond, "beyond"),
];

/// A relying party, as far as a report has to know it.
struct RelyingPartySubject {
    parts: [Part; 4],
}

impl RelyingPartySubject {
    fn new() -> Self {
        let part = |(part, anchor): (clause::Part, &'static str)| Part {
            anchor,
            title: part.title(),
            steps: u8::try_from(part.steps().count()).unwrap_or(u8::MAX),
        };
        Self { parts: PARTS.map(part) }
    }
}

impl Subject for RelyingPartySubject {
    fn noun(&self) -> &'static str {
        "relying party"
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
        PARTS.get(part)?.0.step_title(step)
    }

    fn decode(&self, sent: &str, origin: &str) -> Vec<Decoded> {
        let parts = decoded::decode(sent, origin).into_iter();
        parts.map(|part| Decoded { name: part.name, text: part.text }).collect()
    }

    fn replay(&self, case: &CaseReport, origin: &str) -> Option<Replay> {
        replay::replay(case, origin)
    }
}

/// A clause, and what its step is called.
pub(crate) fn clause_title(clause: &str) -> String {
    let place = RelyingPartySubject::new().place(clause);
    match place.step.and_then(|_| place.title.split_once(": ")) {
        Some((_, title)) => format!("{clause} ({title})"),
        None => clause.to_owned(),
    }
}

/// Where a clause can be read.
#[cfg(test)]
pub(crate) fn clause_url(clause: &str) -> Option<String> {
    clause::Place::of(clause).url()
}

impl Report {
    /// The report in this form.
    #[must_use]
    pub fn to_text(&self, format: Format) -> String {
        self.write(format, &RelyingPartySubject::new())
    }
}

#[cfg(test)]
mod tests;
