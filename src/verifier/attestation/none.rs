//! `none` (WebAuthn L3 §8.7).

use stuntkey_inspect::cbor::Item;

use super::{AttestationType, Evidence, Examined};
use crate::verifier::check::Check;
use crate::verifier::judge::Judge;

pub(super) fn verify(judge: &mut Judge<'_>, statement: &Item<'_>, _: &Evidence<'_>) -> Option<Examined> {
    let empty = statement.is_map() && statement.entries().is_empty();
    let found = || match statement.is_map() {
        true => format!("{} members", statement.entries().len()),
        false => statement.kind_name().to_owned(),
    };
    judge
        .check(Check::NoneSyntax, empty, found, "an empty map")
        .then(|| Examined::of("none", AttestationType::None))
}
