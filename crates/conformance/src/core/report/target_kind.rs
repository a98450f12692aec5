//! What the formats of a report need to know about a kind of target, such as relying parties.

use super::CaseReport;
use crate::core::defect::Defect;

/// A kind of target, as far as a report has to know it.
pub(crate) trait TargetKind {
    /// The name of the kind, with its article: "a relying party".
    fn noun(&self) -> &'static str;

    /// What is wrong with a target that fails the case of this id.
    fn defect(&self, case: &str) -> &'static Defect;

    /// The parts that the report sorts cases into.
    fn parts(&self) -> &[Part];

    /// The place of a clause.
    fn place(&self, clause: &str) -> Place;

    /// The title of a step of a part.
    fn step_title(&self, part: usize, step: u8) -> Option<&str>;

    /// Decodes a request's body for people.
    fn decode(&self, sent: &str, origin: &str) -> Vec<Decoded>;

    /// The commands that send the requests of a case again; `None` if the target was not spoken to over HTTP.
    fn replay(&self, case: &CaseReport, origin: &str) -> Option<Replay>;
}

/// A part of the documents that targets are held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The id of its section in the HTML page.
    pub(crate) anchor: &'static str,
    pub(crate) title: &'static str,
    /// How many numbered steps it has.
    pub(crate) steps: u8,
}

/// A clause's place in the documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The index of its part in [`TargetKind::parts`].
    pub(crate) part: usize,
    /// The numbers of the section, by which places are sorted.
    pub(crate) section: Vec<u8>,
    pub(crate) step: Option<u8>,
    pub(crate) title: String,
    /// The URL of its text.
    pub(crate) url: Option<String>,
}

/// A member of a body, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The name of the member.
    pub(crate) name: &'static str,
    /// What the member says, in lines.
    pub(crate) text: String,
}

/// Commands for a shell that send the requests of a case again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replay {
    /// Commands that play the ceremony once more, with the same change in a fresh reply, if `stuntkey` has such a command.
    pub(crate) anew: Option<String>,
    /// Commands that send every request as it was.
    pub(crate) as_sent: String,
}

impl Place {
    /// The id of its section in the HTML page.
    pub(crate) fn anchor(&self) -> String {
        let section: Vec<String> = self.section.iter().map(u8::to_string).collect();
        match self.step {
            Some(step) => format!("s{}-{step}", section.join(".")),
            None => format!("s{}", section.join(".")),
        }
    }
}
