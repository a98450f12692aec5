//! `apple` (WebAuthn L3 §8.8).

use der::asn1::{ContextSpecific, ObjectIdentifier, OctetStringRef};
use der::{Reader, SliceReader, TagNumber};
use stuntkey_inspect::cbor::Item;

use super::{AttestationType, Evidence, Examined, first_certificate, only, same_key, x5c};
use crate::verifier::certificate::Certificate;
use crate::verifier::check::Check;
use crate::verifier::judge::{Hex, Judge, Place, hex};

const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.2");

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let x5c = only(statement, &["x5c"]).and_then(|()| x5c(statement));
    let x5c = judge.require(Check::AppleSyntax, x5c, "x5c")?;
    let leaf = first_certificate(judge, Check::AppleCertificateReadable, &x5c);
    if let Some(leaf) = &leaf {
        judge.within(Place::Certificate(0), |judge| {
            let wanted = evidence.nonce();
            let nonce = nonce(leaf);
            let holds = nonce.as_deref() == Ok(wanted.as_slice());
            let found = || nonce.map_or_else(|found| found, |nonce| hex(&nonce));
            judge.check(Check::AppleNonce, holds, found, Hex(&wanted));
            same_key(judge, Check::ApplePublicKey, leaf, evidence);
        });
    }
    Some(Examined::of("apple", AttestationType::AnonymizationCa).with(x5c, leaf))
}

/// The extension is `SEQUENCE { nonce [1] EXPLICIT OCTET STRING }`.
fn nonce(certificate: &Certificate) -> Result<Vec<u8>, String> {
    let (_, value) = certificate.extension(NONCE).ok_or("no nonce extension")?;
    let read = || -> der::Result<Vec<u8>> {
        let mut reader = SliceReader::new(value)?;
        let nonce = reader.sequence(|inner: &mut SliceReader<'_>| -> der::Result<Vec<u8>> {
            let nonce = ContextSpecific::<&OctetStringRef>::decode_explicit(inner, TagNumber(1))?;
            Ok(nonce.map(|nonce| nonce.value.as_bytes().to_vec()).unwrap_or_default())
        })?;
        reader.finish()?;
        Ok(nonce)
    };
    read().map_err(|error| format!("a nonce extension that cannot be read ({error})"))
}
