//! `android-key` (WebAuthn L3 §8.4).

mod key_description;

pub use key_description::{AndroidKeyDescription, AuthorizationList};

use der::asn1::ObjectIdentifier;
use stuntkey_inspect::cbor::Item;

use super::{
    AttestationType, Evidence, Examined, alg, bytes, first_certificate, only, same_key, signed_by, x5c,
};
use crate::crypto::Algorithm;
use crate::verifier::certificate::Certificate;
use crate::verifier::check::Check;
use crate::verifier::expectations::AndroidKeyPolicy;
use crate::verifier::judge::{Hex, Judge, Place, hex};

const KEY_DESCRIPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");

struct Statement {
    algorithm: Algorithm,
    signature: Vec<u8>,
    x5c: Vec<Vec<u8>>,
}

fn read(statement: &Item<'_>) -> Result<Statement, String> {
    only(statement, &["alg", "sig", "x5c"])?;
    Ok(Statement { algorithm: alg(statement)?, signature: bytes(statement, "sig")?, x5c: x5c(statement)? })
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let statement = judge.require(Check::AndroidKeySyntax, read(statement), "alg, sig and x5c")?;
    let Statement { algorithm, signature, x5c } = statement;
    let leaf = first_certificate(judge, Check::AndroidKeyCertificateReadable, &x5c);
    if let Some(leaf) = &leaf {
        let by = (&leaf.key, algorithm);
        signed_by(judge, Check::AndroidKeySignature, by, evidence, &evidence.signed(), &signature);
        judge.within(Place::Certificate(0), |judge| {
            same_key(judge, Check::AndroidKeyPublicKey, leaf, evidence);
            examine_description(judge, leaf, evidence);
        });
    }
    Some(Examined::of("android-key", AttestationType::BasicOrAttestationCa).with(x5c, leaf))
}

fn examine_description(judge: &mut Judge<'_>, leaf: &Certificate, evidence: &Evidence<'_>) {
    let description = match leaf.extension(KEY_DESCRIPTION) {
        None => Err("no key description extension".to_owned()),
        Some((_, value)) => AndroidKeyDescription::parse(value)
            .map_err(|error| format!("a key description that cannot be read ({error})")),
    };
    let description = judge.require(
        Check::AndroidKeyDescription,
        description,
        "a key description (1.3.6.1.4.1.11129.2.1.17)",
    );
    let Some(description) = description else { return };

    let challenge = &description.attestation_challenge;
    let holds = challenge.as_slice() == evidence.client_data_hash;
    judge.check(Check::AndroidKeyChallenge, holds, || hex(challenge), Hex(evidence.client_data_hash));

    let (software, tee) = (&description.software_enforced, &description.tee_enforced);
    let all = [("softwareEnforced", software), ("teeEnforced", tee)];
    let found = all.iter().find(|(_, list)| list.all_applications).map(|(name, _)| *name);
    let check = Check::AndroidKeyAllApplications;
    judge.check(
        check,
        found.is_none(),
        || format!("allApplications in {}", found.unwrap_or_default()),
        "a key that is scoped to the RP ID",
    );

    let AndroidKeyPolicy { tee_only, absent_allowed } = evidence.policy().android_key;
    let lists: &[&AuthorizationList] = if tee_only { &[tee] } else { &[tee, software] };
    /// KM_ORIGIN_GENERATED.
    const GENERATED: u64 = 0;
    let origins: Vec<u64> = lists.iter().filter_map(|list| list.origin).collect();
    let absent = absent_allowed && origins.is_empty();
    let holds = !origins.is_empty() && origins.iter().all(|origin| *origin == GENERATED);
    let found = || format!("the origins {origins:?}");
    judge.check(Check::AndroidKeyOrigin, absent || holds, found, "KM_ORIGIN_GENERATED (0)");
    /// KM_PURPOSE_SIGN.
    const SIGN: u64 = 2;
    let purposes: Vec<u64> = lists.iter().filter_map(|list| list.purpose.clone()).flatten().collect();
    let absent = absent_allowed && purposes.is_empty();
    let holds = !purposes.is_empty() && purposes.iter().all(|purpose| *purpose == SIGN);
    let found = || format!("the purposes {purposes:?}");
    judge.check(Check::AndroidKeyPurpose, absent || holds, found, "KM_PURPOSE_SIGN (2)");
}
