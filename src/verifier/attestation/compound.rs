//! `compound` (WebAuthn L3 §8.9). Every statement has to be valid. §8.9 leaves to the relying party's policy how
//! many have to be; this is the strictest.

use stuntkey_inspect::cbor::Item;

use super::{AttestationType, Evidence, Examined, find, only, text};
use crate::verifier::check::Check;
use crate::verifier::judge::{Judge, Place};

/// How many statements a compound one may have. §8.9 has no maximum; there are eight formats, and nobody has
/// a use for two statements of each. Every statement costs the verifier a signature and a certificate path.
const MOST_STATEMENTS: usize = 16;

fn read<'s, 'a>(statement: &'s Item<'a>) -> Result<Vec<(String, &'s Item<'a>)>, String> {
    let parts = statement.items().ok_or_else(|| format!("{} as attStmt", statement.kind_name()))?;
    if parts.len() < 2 {
        return Err(format!("{} statements", parts.len()));
    }
    if parts.len() > MOST_STATEMENTS {
        return Err(format!("{} statements, more than {MOST_STATEMENTS}", parts.len()));
    }
    let part = |part: &'s Item<'a>| {
        only(part, &["fmt", "attStmt"])?;
        Ok((text(part, "fmt")?, part.member("attStmt").ok_or("nothing as attStmt")?))
    };
    parts.iter().map(part).collect()
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let parts = judge.require(Check::CompoundSyntax, read(statement), "two to 16 maps of fmt and attStmt")?;
    let mut examined = Vec::with_capacity(parts.len());
    for (position, (format, statement)) in parts.into_iter().enumerate() {
        let part = judge.within(Place::Statement(position), |judge| {
            let found = || "a compound statement inside a compound one".to_owned();
            let nested = format == "compound";
            judge.check(Check::CompoundNested, !nested, found, "another format");
            if nested {
                return None;
            }
            let verify = find(judge, Check::CompoundFormat, &format, evidence.policy())?;
            verify(judge, statement, evidence)
        });
        examined.extend(part);
    }
    Some(Examined { parts: examined, ..Examined::of("compound", AttestationType::Compound) })
}
