//! `none` (WebAuthn L3 §8.7).

use ciborium::Value;

use super::{Attestation, AttestationType, Evidence};
use crate::verifier::cbor;
use crate::verifier::check::Check;
use crate::verifier::judge::Judge;

pub(super) fn verify(judge: &mut Judge<'_>, statement: &Value, _: &Evidence<'_>) -> Option<Attestation> {
    let empty = statement.as_map().is_some_and(Vec::is_empty);
    let found = || match statement.as_map() {
        Some(members) => format!("{} members", members.len()),
        None => cbor::kind(statement).to_owned(),
    };
    judge.check(Check::NoneSyntax, empty, found, "an empty map").then(|| Attestation {
        format: "none".into(),
        attestation_type: AttestationType::None,
        trust_path: Vec::new(),
        parts: Vec::new(),
    })
}
