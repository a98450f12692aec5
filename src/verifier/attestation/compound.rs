//! `compound` (WebAuthn L3 §8.9). Every statement has to hold: how many must is the relying party's policy, and
//! this is the strictest.

use ciborium::Value;

use super::{Attestation, AttestationType, Evidence, find, only, text};
use crate::verifier::cbor;
use crate::verifier::check::Check;
use crate::verifier::judge::Judge;

fn read(statement: &Value) -> Result<Vec<(String, &Value)>, String> {
    let parts = statement.as_array().ok_or_else(|| format!("{} as attStmt", cbor::kind(statement)))?;
    if parts.len() < 2 {
        return Err(format!("{} statements", parts.len()));
    }
    let part = |part| {
        only(part, &["fmt", "attStmt"])?;
        Ok((text(part, "fmt")?, cbor::member(part, "attStmt").ok_or("nothing as attStmt")?))
    };
    parts.iter().map(part).collect()
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Value,
    evidence: &Evidence<'_>,
) -> Option<Attestation> {
    let parts =
        judge.require(Check::CompoundSyntax, read(statement), "two or more maps of fmt and attStmt")?;
    let mut attestations = Vec::with_capacity(parts.len());
    for (position, (format, statement)) in parts.into_iter().enumerate() {
        let attestation = judge.within(format!("attStmt[{position}]"), |judge| {
            let found = || "a compound statement inside a compound one".to_owned();
            let nested = format == "compound";
            judge.check(Check::CompoundNested, !nested, found, "another format");
            if nested {
                return None;
            }
            let verify = find(judge, Check::CompoundFormat, &format, evidence.policy)?;
            verify(judge, statement, evidence)
        });
        attestations.extend(attestation);
    }
    Some(Attestation {
        format: "compound".into(),
        attestation_type: AttestationType::Compound,
        trust_path: Vec::new(),
        parts: attestations,
    })
}
