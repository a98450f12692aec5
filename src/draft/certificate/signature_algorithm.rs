use super::Oid;
use crate::crypto::Algorithm;
use crate::crypto::asn1::{INTEGER, NULL, OID, SEQUENCE, tlv};

/// The DER AlgorithmIdentifier of signatures by `algorithm`: RFC 5758 §3.2 for ECDSA, RFC 4055 for RSA, RFC 8410 §3
/// for EdDSA, RFC 9881 §2 for ML-DSA.
pub(super) fn identifier(algorithm: Algorithm) -> Vec<u8> {
    let plain = |dotted| tlv(SEQUENCE, &[&oid(dotted)]);
    let with_null = |dotted| tlv(SEQUENCE, &[&oid(dotted), &tlv(NULL, &[])]);
    match algorithm {
        Algorithm::Es256 | Algorithm::Es256k => plain("1.2.840.10045.4.3.2"),
        Algorithm::Es384 => plain("1.2.840.10045.4.3.3"),
        Algorithm::Es512 => plain("1.2.840.10045.4.3.4"),
        Algorithm::EdDsa => plain("1.3.101.112"),
        Algorithm::Ed448 => plain("1.3.101.113"),
        Algorithm::Rs1 => with_null("1.2.840.113549.1.1.5"),
        Algorithm::Rs256 => with_null("1.2.840.113549.1.1.11"),
        Algorithm::Rs384 => with_null("1.2.840.113549.1.1.12"),
        Algorithm::Rs512 => with_null("1.2.840.113549.1.1.13"),
        Algorithm::Ps256 => pss("2.16.840.1.101.3.4.2.1", 32),
        Algorithm::Ps384 => pss("2.16.840.1.101.3.4.2.2", 48),
        Algorithm::Ps512 => pss("2.16.840.1.101.3.4.2.3", 64),
        Algorithm::MlDsa44 => plain("2.16.840.1.101.3.4.3.17"),
        Algorithm::MlDsa65 => plain("2.16.840.1.101.3.4.3.18"),
        Algorithm::MlDsa87 => plain("2.16.840.1.101.3.4.3.19"),
    }
}

/// id-RSASSA-PSS with its parameters (RFC 4055 §3.1): MGF1 over the same hash, a salt as long as the hash.
fn pss(hash: &str, salt_length: u8) -> Vec<u8> {
    let hash = tlv(SEQUENCE, &[&oid(hash), &tlv(NULL, &[])]);
    let mgf1 = tlv(SEQUENCE, &[&oid("1.2.840.113549.1.1.8"), &hash]);
    let parameters = tlv(
        SEQUENCE,
        &[
            &tlv(super::context(0), &[&hash]),
            &tlv(super::context(1), &[&mgf1]),
            &tlv(super::context(2), &[&tlv(INTEGER, &[&[salt_length]])]),
        ],
    );
    tlv(SEQUENCE, &[&oid("1.2.840.113549.1.1.10"), &parameters])
}

fn oid(dotted: &str) -> Vec<u8> {
    tlv(OID, &[Oid::new(dotted).expect("the object identifiers of this file are").as_bytes()])
}
