//! `packed` (WebAuthn L3 §8.2), with certificates or by the credential key itself.

use der::asn1::ObjectIdentifier;
use der::{Tag, Tagged};
use stuntkey_inspect::cbor::Item;
use x509_cert::name::Name;

use super::{
    AttestationType, Evidence, Examined, aaguid_extension, alg, bytes, first_certificate, no_authority, only,
    signed_by, version_3, x5c,
};
use crate::crypto::Algorithm;
use crate::verifier::certificate::Certificate;
use crate::verifier::check::Check;
use crate::verifier::judge::{Judge, Place};

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// id-fido-gen-ce-sernum.
const FIDO_SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.2");

struct Statement {
    algorithm: Algorithm,
    signature: Vec<u8>,
    x5c: Option<Vec<Vec<u8>>>,
}

fn read(statement: &Item<'_>) -> Result<Statement, String> {
    only(statement, &["alg", "sig", "x5c"])?;
    Ok(Statement {
        algorithm: alg(statement)?,
        signature: bytes(statement, "sig")?,
        x5c: statement.member("x5c").map(|_| x5c(statement)).transpose()?,
    })
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let statement =
        judge.require(Check::PackedSyntax, read(statement), "alg, sig and, with certificates, x5c")?;
    let Statement { algorithm, signature, x5c } = statement;
    Some(match x5c {
        Some(x5c) => {
            let leaf = first_certificate(judge, Check::PackedCertificateReadable, &x5c);
            if let Some(leaf) = &leaf {
                with_certificates(judge, algorithm, &signature, leaf, evidence);
            }
            Examined::of("packed", AttestationType::BasicOrAttestationCa).with(x5c, leaf)
        }
        None => {
            by_itself(judge, algorithm, &signature, evidence);
            Examined::of("packed", AttestationType::SelfAttestation)
        }
    })
}

fn by_itself(judge: &mut Judge<'_>, algorithm: Algorithm, signature: &[u8], evidence: &Evidence<'_>) {
    let Some((key, wanted)) = evidence.key else { return };
    judge.check(
        Check::PackedSelfAlgorithm,
        algorithm == *wanted,
        || algorithm.to_string(),
        wanted.to_string(),
    );
    signed_by(judge, Check::PackedSelfSignature, (key, *wanted), evidence, &evidence.signed(), signature);
}

fn with_certificates(
    judge: &mut Judge<'_>,
    algorithm: Algorithm,
    signature: &[u8],
    leaf: &Certificate,
    evidence: &Evidence<'_>,
) {
    let by = (&leaf.key, algorithm);
    signed_by(judge, Check::PackedSignature, by, evidence, &evidence.signed(), signature);
    judge.within(Place::Certificate(0), |judge| {
        version_3(judge, Check::PackedCertificateVersion, leaf);
        let subject = subject(leaf.subject());
        let holds = subject.is_ok();
        let expected = "C, O, OU \"Authenticator Attestation\" and CN";
        judge.check(Check::PackedCertificateSubject, holds, || subject.err().unwrap_or_default(), expected);
        no_authority(judge, Check::PackedCertificateBasicConstraints, leaf);
        let critical = leaf.aaguid().is_some_and(|(critical, _)| critical);
        let check = Check::PackedCertificateAaguidCritical;
        judge.check(check, !critical, || "a critical AAGUID extension".into(), "one that is not critical");
        aaguid_extension(judge, Check::PackedCertificateAaguid, leaf, evidence);
        serial_number(judge, leaf, evidence.enterprise);
    });
}

/// Checks that the subject has each attribute of §8.2.1 once; the error says what was found.
fn subject(name: &Name) -> Result<(), String> {
    let one = |oid, label: &str| {
        let mut values = name.iter().filter(|attribute| attribute.oid == oid);
        match (values.next(), values.count()) {
            (Some(attribute), 0) => Ok(&attribute.value),
            (first, others) => Err(format!("{} attributes {label}", usize::from(first.is_some()) + others)),
        }
    };
    let country = one(COUNTRY, "C")?;
    let code = country.value();
    // ISO 3166-1 alpha-2.
    if country.tag() != Tag::PrintableString || code.len() != 2 || !code.iter().all(u8::is_ascii_uppercase) {
        return Err(format!("C {:?}", String::from_utf8_lossy(code)));
    }
    for (oid, label) in [(ORGANIZATION, "O"), (COMMON_NAME, "CN")] {
        if one(oid, label)?.value().is_empty() {
            return Err(format!("an empty {label}"));
        }
    }
    let unit = one(ORGANIZATIONAL_UNIT, "OU")?;
    match unit.value() == b"Authenticator Attestation" {
        true => Ok(()),
        false => Err(format!("OU {:?}", String::from_utf8_lossy(unit.value()))),
    }
}

fn serial_number(judge: &mut Judge<'_>, leaf: &Certificate, enterprise: bool) {
    let found = match leaf.extension(FIDO_SERIAL_NUMBER) {
        None => None,
        Some((true, _)) => Some("a critical serial number extension"),
        Some(_) if !enterprise => Some("a serial number extension"),
        Some(_) => None,
    };
    let expected = if enterprise {
        "one that is not critical"
    } else {
        "none, as no enterprise attestation was asked for"
    };
    let check = Check::PackedCertificateSerialNumber;
    judge.check(check, found.is_none(), || found.unwrap_or_default().to_owned(), expected);
}
