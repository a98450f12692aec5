//! `fido-u2f` (WebAuthn L3 §8.6).

use stuntkey_inspect::cbor::Item;

use super::{AttestationType, Evidence, Examined, bytes, first_certificate, only, signed_by, x5c};
use crate::crypto::Algorithm;
use crate::verifier::check::Check;
use crate::verifier::judge::Judge;
use crate::verifier::key_type::KeyType;
use crate::webauthn::Aaguid;

fn read(statement: &Item<'_>) -> Result<(Vec<u8>, Vec<Vec<u8>>), String> {
    only(statement, &["sig", "x5c"])?;
    let (signature, x5c) = (bytes(statement, "sig")?, x5c(statement)?);
    match x5c.len() {
        1 => Ok((signature, x5c)),
        several => Err(format!("{several} certificates")),
    }
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let read = judge.require(Check::FidoU2fSyntax, read(statement), "sig and x5c of one certificate");
    let (signature, x5c) = read?;
    let leaf = first_certificate(judge, Check::FidoU2fCertificateKey, &x5c);
    if let Some(certificate) = &leaf {
        let key_type = certificate.key.key_type();
        let check = Check::FidoU2fCertificateKey;
        judge.check(check, key_type == KeyType::P256, || format!("an {key_type} key"), "a P-256 key");
        if let Some((key, algorithm)) = evidence.key {
            let found = || format!("an {} key with {algorithm}", key.key_type());
            let holds = key.key_type() == KeyType::P256;
            judge.check(Check::FidoU2fCredentialKey, holds, found, "a P-256 key");
            let message = [
                &[0],
                &evidence.rp_id_hash[..],
                evidence.client_data_hash,
                evidence.credential_id,
                key.value(),
            ];
            let by = (&certificate.key, Algorithm::Es256);
            signed_by(judge, Check::FidoU2fSignature, by, evidence, &message, &signature);
        }
    }
    if evidence.policy().fido_u2f_zero_aaguid {
        let holds = evidence.aaguid == Aaguid::default();
        judge.check(Check::FidoU2fAaguid, holds, || evidence.aaguid.to_string(), "zeros");
    }
    Some(Examined::of("fido-u2f", AttestationType::BasicOrAttestationCa).with(x5c, leaf))
}
