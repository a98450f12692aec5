//! What is seen of an authenticator in a whole run, whatever the case.

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use sha2::{Digest, Sha256};

use crate::authenticator::platform::answer::{Answer, member, named};
use crate::authenticator::platform::code::{command, status};
use crate::authenticator::platform::data::{AuthData, flag};

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
    /// Signature counters that did not rise, and were not zero.
    pub(crate) fallen: Vec<String>,
    /// Answers to one relying party that had something of another.
    pub(crate) of_others: Vec<String>,
    /// The SHA-256 of the relying party that each credential was made for, and its last signature counter, by credential id.
    credentials: BTreeMap<Vec<u8>, ([u8; 32], u32)>,
    /// The SHA-256 of the relying party of the last assertion.
    asking: Option<[u8; 32]>,
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

    /// What an answer to a ceremony says of credentials and their counters.
    pub(crate) fn ceremony(&mut self, request: &[u8], answer: &[u8]) {
        let Some((&code, parameters)) = request.split_first() else { return };
        let Some(answer) = Answer::read(answer).filter(|answer| answer.status == status::OK) else { return };
        let Ok(data) = AuthData::of(&answer) else { return };
        match code {
            command::MAKE_CREDENTIAL => {
                if let Some(attested) = data.attested {
                    self.credentials.insert(attested.id, (data.rp_id_hash, data.sign_count));
                }
            }
            command::GET_ASSERTION => {
                let parameters: Option<Value> = ciborium::from_reader(parameters).ok();
                let rp_id = parameters.as_ref().and_then(|parameters| member(parameters, &Value::from(1)));
                let rp_id = rp_id.and_then(Value::as_text);
                self.asking = rp_id.map(|rp_id| Sha256::digest(rp_id.as_bytes()).into());
                self.assertion("getAssertion", &answer, &data);
            }
            command::GET_NEXT_ASSERTION => self.assertion("getNextAssertion", &answer, &data),
            _ => {}
        }
    }

    fn assertion(&mut self, what: &str, answer: &Answer, data: &AuthData) {
        if self.asking.is_some_and(|asking| asking != data.rp_id_hash) {
            keep(&mut self.of_others, format!("{what}: the rpIdHash of another relying party"));
        }
        let id = answer.get(1).and_then(|credential| named(credential, "id")).and_then(Value::as_bytes);
        let Some((made_for, last)) = id.and_then(|id| self.credentials.get_mut(id)) else { return };
        if self.asking.is_some_and(|asking| asking != *made_for) {
            keep(&mut self.of_others, format!("{what}: a credential of another relying party"));
        }
        // Whether a signature counts that nobody touched for, a fair reader leaves open.
        let may_stay = *last == 0 || !data.has(flag::UP);
        if data.sign_count < *last || (data.sign_count == *last && !may_stay) {
            keep(&mut self.fallen, format!("{what}: from {last} to {}", data.sign_count));
        }
        *last = data.sign_count;
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
