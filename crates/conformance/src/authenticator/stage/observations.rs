//! What is seen of an authenticator in a whole run, whatever the case.

use std::collections::BTreeSet;

use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::status;

/// What is seen of an authenticator in a whole run.
#[derive(Debug, Default)]
pub(crate) struct Observations {
    /// Answers that were looked at.
    pub(crate) answers: usize,
    /// Statuses that the document does not define, with the command that they answered.
    pub(crate) unknown_statuses: Vec<String>,
    /// Errors that had a body.
    pub(crate) errors_with_bodies: Vec<String>,
    /// Bodies that are not one canonical map.
    pub(crate) departures: Vec<String>,
    /// What must not come twice, by kind: credential ids, public keys, tokens …
    pub(crate) unique: Vec<(&'static str, BTreeSet<Vec<u8>>)>,
    /// Which of them came twice.
    pub(crate) repeated: Vec<String>,
}

/// More of one kind are not kept.
const MOST: usize = 8;

impl Observations {
    pub(crate) fn answer(&mut self, what: &str, bytes: &[u8]) {
        let Some(answer) = Answer::read(bytes) else { return };
        self.answers += 1;
        if status::known(answer.status).is_none() && !matches!(answer.status, 0xe0..=0xff) {
            keep(&mut self.unknown_statuses, format!("{what}: {}", answer.name()));
        }
        if answer.status != status::OK && !answer.bytes.is_empty() {
            keep(&mut self.errors_with_bodies, format!("{what}: {}", answer.name()));
        }
        if answer.status == status::OK
            && let Some(departure) = answer.departure()
        {
            keep(&mut self.departures, format!("{what}: {departure}"));
        }
    }

    /// Something that must not come twice in a run.
    pub(crate) fn once(&mut self, kind: &'static str, value: &[u8]) {
        let at = match self.unique.iter().position(|(known, _)| *known == kind) {
            Some(at) => at,
            None => {
                self.unique.push((kind, BTreeSet::new()));
                self.unique.len() - 1
            }
        };
        let is_new = self.unique.get_mut(at).is_some_and(|(_, seen)| seen.insert(value.to_vec()));
        if !is_new {
            keep(&mut self.repeated, kind.to_owned());
        }
    }

    /// How many of a kind were seen.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.unique.iter().find(|(known, _)| *known == kind).map_or(0, |(_, seen)| seen.len())
    }
}

fn keep(list: &mut Vec<String>, what: String) {
    if list.len() < MOST && !list.contains(&what) {
        list.push(what);
    }
}
