//! `none` (WebAuthn L3 §8.7).

use stuntkey_inspect::cbor::Item;

use super::{Attestation, AttestationType, Evidence};
use crate::verifier::check::Check;
use crate::verifier::judge::Judge;

pub(super) fn verify(judge: &mut Judge<'_>, statement: &Item<'_>, _: &Evidence<'_>) -> Option<Attestation> {
    let empty = statement.is_map() && statement.entries().is_empty();
    let found = || match statement.is_map() {
        true => format!("{} members", statement.entries().len()),
        false => statement.kind_name().to_owned(),
    };
    judge.check(Check::NoneSyntax, empty, found, "an empty map").then(|| Attestation {
        format: "none".into(),
        attestation_type: AttestationType::None,
        trust_path: Vec::new(),
        parts: Vec::new(),
    })
}
