//! How certificates are signed (RFC 5280 §4.1.1.2).

use rustls_pki_types::{AlgorithmIdentifier, alg_id};

use crate::crypto::{Algorithm, Backend};
use crate::verifier::certificate::Certificate;
use crate::verifier::key::VerifyingKey;
use crate::verifier::key_type::KeyType;

/// Checks that `issuer` signed `certificate`; the error says what was found.
pub(super) fn verify(
    backend: Backend,
    certificate: &Certificate,
    issuer: &VerifyingKey,
) -> Result<(), String> {
    let Some(algorithm) = certificate.signature_algorithm() else {
        return Err("a signature algorithm that is not the one inside the certificate".into());
    };
    let of_key =
        |signing: &&Signing| signing.key == issuer.key_type() && signing.identifier.as_ref() == algorithm;
    let Some(signing) = ALGORITHMS.iter().find(of_key) else {
        return Err(format!("a signature algorithm that is unknown for an {} key", issuer.key_type()));
    };
    issuer
        .verify_certificate(backend, signing.algorithm, certificate.signed_message(), certificate.signature())
        .map_err(|_| "a certificate whose signature is not its issuer's".into())
}

/// One way of signing certificates.
struct Signing {
    key: KeyType,
    algorithm: Algorithm,
    identifier: AlgorithmIdentifier,
}

macro_rules! signing {
    ($($key:ident $algorithm:ident $identifier:ident;)+) => {
        const ALGORITHMS: &[Signing] = &[$(Signing {
            key: KeyType::$key,
            algorithm: Algorithm::$algorithm,
            identifier: alg_id::$identifier,
        },)+];
    };
}

// For ECDSA, the algorithm stands for its hash alone: a certificate may combine any hash with any curve.
signing! {
    P256 Es256 ECDSA_SHA256;
    P256 Es384 ECDSA_SHA384;
    P256 Es512 ECDSA_SHA512;
    P384 Es256 ECDSA_SHA256;
    P384 Es384 ECDSA_SHA384;
    P384 Es512 ECDSA_SHA512;
    P521 Es256 ECDSA_SHA256;
    P521 Es384 ECDSA_SHA384;
    P521 Es512 ECDSA_SHA512;
    Ed25519 EdDsa ED25519;
    Ed448 Ed448 ED448;
    Rsa Rs256 RSA_PKCS1_SHA256;
    Rsa Rs384 RSA_PKCS1_SHA384;
    Rsa Rs512 RSA_PKCS1_SHA512;
    Rsa Ps256 RSA_PSS_SHA256;
    Rsa Ps384 RSA_PSS_SHA384;
    Rsa Ps512 RSA_PSS_SHA512;
    MlDsa44 MlDsa44 ML_DSA_44;
    MlDsa65 MlDsa65 ML_DSA_65;
    MlDsa87 MlDsa87 ML_DSA_87;
}
