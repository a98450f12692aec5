//! Certificate paths (RFC 5280 §6): the search and most rules by `webpki`, what it leaves out here.

use std::time::{Duration, SystemTime};

use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor,
    UnixTime, alg_id,
};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert};
use x509_cert::Version;
use x509_cert::ext::pkix::KeyUsages;

use super::certificate::Certificate;
use super::check::Check;
use super::expectations::AttestationPolicy;
use super::judge::Judge;
use super::key::{KeyType, VerifyingKey};
use crate::crypto::Algorithm;

/// Step 24 for a trust path: `x5c`, leaf first, has to lead to one of `anchors`, or its leaf be one.
pub(super) fn judge(judge: &mut Judge<'_>, x5c: &[Vec<u8>], anchors: &[Vec<u8>], policy: &AttestationPolicy) {
    let Some(certificates) = read(judge, x5c) else { return };
    let [leaf, issuers @ ..] = certificates.as_slice() else { return };
    follow(judge, &certificates);
    let is_anchor = |certificate: &Certificate| anchors.contains(&certificate.der);
    if !policy.root_in_x5c {
        let included = issuers.iter().any(is_anchor);
        judge.check(
            Check::CertificateRootIncluded,
            !included,
            || "the trust anchor in x5c".into(),
            "the certificates below it only",
        );
    }
    for (position, issuer) in (1..).zip(issuers) {
        judge.within(format!("x5c[{position}]"), |judge| may_sign(judge, issuer));
    }
    if is_anchor(leaf) {
        return judge_times(judge, leaf, policy.time);
    }

    let anchors: Vec<CertificateDer<'_>> =
        anchors.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    // An anchor that cannot be read can end no path.
    let anchors: Vec<TrustAnchor<'_>> =
        anchors.iter().filter_map(|anchor| anchor_from_trusted_cert(anchor).ok()).collect();
    let intermediates: Vec<CertificateDer<'_>> =
        issuers.iter().map(|issuer| CertificateDer::from(issuer.der.as_slice())).collect();
    let since_epoch = policy.time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let time = UnixTime::since_unix_epoch(since_epoch);
    let end_entity = CertificateDer::from(leaf.der.as_slice());
    let result = EndEntityCert::try_from(&end_entity).and_then(|leaf| {
        leaf.verify_for_usage(ALGORITHMS, &anchors, &intermediates, time, AnyUsage, None, None).map(|_| ())
    });
    match result {
        Ok(()) => {
            judge.check(Check::CertificateIssuer, true, String::new, "");
        }
        Err(error) => {
            let (check, expected) = classify(&error, anchors.len());
            judge.check(check, false, || found(&error), expected);
        }
    }
}

fn read(judge: &mut Judge<'_>, x5c: &[Vec<u8>]) -> Option<Vec<Certificate>> {
    let mut certificates = Vec::with_capacity(x5c.len());
    for (position, der) in x5c.iter().enumerate() {
        let certificate = Certificate::parse(der).and_then(|certificate| match certificate.version() {
            Version::V3 => Ok(certificate),
            other => Err(format!("a certificate of version {other:?}")),
        });
        let certificate = judge.within(format!("x5c[{position}]"), |judge| {
            judge.require(Check::CertificateReadable, certificate, "a DER certificate of version 3")
        });
        certificates.push(certificate?);
    }
    Some(certificates)
}

/// Every certificate is followed by its issuer's.
fn follow(judge: &mut Judge<'_>, certificates: &[Certificate]) {
    for (position, pair) in (1..).zip(certificates.windows(2)) {
        let [certificate, next] = pair else { continue };
        judge.within(format!("x5c[{position}]"), |judge| {
            judge.check(
                Check::CertificateOrder,
                certificate.issuer() == next.subject(),
                || format!("the subject {:?}", next.subject().to_string()),
                format!("the issuer of the certificate before, {:?}", certificate.issuer().to_string()),
            );
        });
    }
}

/// An issuer's key usage, if it has one, allows signing certificates; `webpki` looks at basic constraints only.
fn may_sign(judge: &mut Judge<'_>, issuer: &Certificate) {
    let usage = issuer.key_usage();
    let holds = match &usage {
        Ok(usage) => usage.as_ref().is_none_or(|usage| usage.0.contains(KeyUsages::KeyCertSign)),
        Err(_) => false,
    };
    let found = || usage.err().unwrap_or_else(|| "a key usage without keyCertSign".into());
    judge.check(Check::CertificateKeyUsage, holds, found, "keyCertSign");
}

/// A certificate that is itself the anchor has only its time to keep to.
fn judge_times(judge: &mut Judge<'_>, leaf: &Certificate, time: SystemTime) {
    let (from, to) = leaf.validity();
    let found = || "an attestation certificate outside its validity".to_owned();
    judge.check(Check::CertificateNotYetValid, time >= from, found, "one that is valid now");
    judge.check(Check::CertificateExpired, time <= to, found, "one that is valid now");
}

fn classify(error: &webpki::Error, anchors: usize) -> (Check, String) {
    use webpki::Error;
    match error {
        Error::CertExpired { .. } => (Check::CertificateExpired, "one that is valid now".into()),
        Error::CertNotValidYet { .. } => (Check::CertificateNotYetValid, "one that is valid now".into()),
        Error::EndEntityUsedAsCa => (Check::CertificateAuthority, "issuers that are authorities".into()),
        Error::CaUsedAsEndEntity => (Check::CertificateAuthority, "a leaf that is no authority".into()),
        Error::PathLenConstraintViolated => {
            (Check::CertificatePathLength, "as many as the authority allows".into())
        }
        Error::UnknownIssuer if anchors == 0 => {
            (Check::CertificateIssuer, "a trust anchor, of which the relying party has none".into())
        }
        Error::UnknownIssuer => {
            (Check::CertificateIssuer, format!("a path to one of {anchors} trust anchors"))
        }
        Error::InvalidSignatureForPublicKey => (Check::CertificateSignature, "its issuer's".into()),
        _ => (Check::CertificateOther, "a path by RFC 5280".into()),
    }
}

fn found(error: &webpki::Error) -> String {
    use webpki::Error;
    let second = |time: &UnixTime| time.as_secs();
    match error {
        Error::CertExpired { not_after, .. } => {
            format!("a certificate that expired at the second {} (Unix time)", second(not_after))
        }
        Error::CertNotValidYet { not_before, .. } => {
            format!("a certificate that is valid from the second {} (Unix time)", second(not_before))
        }
        Error::EndEntityUsedAsCa => "an issuer that is no authority".into(),
        Error::CaUsedAsEndEntity => "an authority as the leaf".into(),
        Error::PathLenConstraintViolated => "more authorities below an authority than its path length".into(),
        Error::UnknownIssuer => "an issuer that is unknown".into(),
        Error::InvalidSignatureForPublicKey => "a certificate whose signature is not its issuer's".into(),
        other => format!("{other:?}"),
    }
}

/// Attestation certificates have no usage in common; the formats look at it where they have one.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        for usage in usages {
            usage?;
        }
        Ok(())
    }
}

/// One way of signing certificates.
#[derive(Debug)]
struct Signing {
    key: KeyType,
    key_identifier: AlgorithmIdentifier,
    algorithm: Algorithm,
    signature_identifier: AlgorithmIdentifier,
}

macro_rules! signing {
    ($($key:ident $key_identifier:ident $algorithm:ident $signature_identifier:ident;)+) => {
        const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[$(&Signing {
            key: KeyType::$key,
            key_identifier: alg_id::$key_identifier,
            algorithm: Algorithm::$algorithm,
            signature_identifier: alg_id::$signature_identifier,
        },)+];
    };
}

// For ECDSA, the algorithm stands for its hash: any curve goes with any.
signing! {
    P256 ECDSA_P256 Es256 ECDSA_SHA256;
    P256 ECDSA_P256 Es384 ECDSA_SHA384;
    P256 ECDSA_P256 Es512 ECDSA_SHA512;
    P384 ECDSA_P384 Es256 ECDSA_SHA256;
    P384 ECDSA_P384 Es384 ECDSA_SHA384;
    P384 ECDSA_P384 Es512 ECDSA_SHA512;
    P521 ECDSA_P521 Es256 ECDSA_SHA256;
    P521 ECDSA_P521 Es384 ECDSA_SHA384;
    P521 ECDSA_P521 Es512 ECDSA_SHA512;
    Ed25519 ED25519 EdDsa ED25519;
    Ed448 ED448 Ed448 ED448;
    Rsa RSA_ENCRYPTION Rs256 RSA_PKCS1_SHA256;
    Rsa RSA_ENCRYPTION Rs384 RSA_PKCS1_SHA384;
    Rsa RSA_ENCRYPTION Rs512 RSA_PKCS1_SHA512;
    Rsa RSA_ENCRYPTION Ps256 RSA_PSS_SHA256;
    Rsa RSA_ENCRYPTION Ps384 RSA_PSS_SHA384;
    Rsa RSA_ENCRYPTION Ps512 RSA_PSS_SHA512;
    MlDsa44 ML_DSA_44 MlDsa44 ML_DSA_44;
    MlDsa65 ML_DSA_65 MlDsa65 ML_DSA_65;
    MlDsa87 ML_DSA_87 MlDsa87 ML_DSA_87;
}

impl SignatureVerificationAlgorithm for Signing {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_subject_public_key(self.key, key).map_err(|_| InvalidSignature)?;
        key.verify_certificate(self.algorithm, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key_identifier
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature_identifier
    }
}
