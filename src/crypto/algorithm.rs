use std::fmt;
use std::str::FromStr;

use super::UnknownName;

/// A signature algorithm, named as in the IANA COSE Algorithms registry. Every build has every name;
/// [`available`](Algorithm::available) lists the algorithms that this build can sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256 (RFC 9053 §2.1; the curve as WebAuthn L3 §5.8.5 fixes it).
    Es256,
    /// ECDSA over P-384 with SHA-384 (RFC 9053 §2.1).
    Es384,
    /// ECDSA over P-521 with SHA-512 (RFC 9053 §2.1).
    Es512,
    /// ECDSA over secp256k1 with SHA-256 (RFC 8812 §3.2).
    Es256k,
    /// EdDSA over Ed25519 (RFC 9053 §2.2; the curve as WebAuthn L3 §5.8.5 fixes it).
    EdDsa,
    /// EdDSA over Ed448 (RFC 9864 §2.2).
    Ed448,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 §2).
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 8812 §2).
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 8812 §2).
    Rs512,
    /// RSASSA-PSS with SHA-256 (RFC 8230 §2).
    Ps256,
    /// RSASSA-PSS with SHA-384 (RFC 8230 §2).
    Ps384,
    /// RSASSA-PSS with SHA-512 (RFC 8230 §2).
    Ps512,
    /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8812 §2). It is deprecated, but TPMs still sign with it.
    Rs1,
    /// ML-DSA-44 (FIPS 204; its COSE form: draft-ietf-cose-dilithium).
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl Algorithm {
    /// Every algorithm, whether this build can sign with it or not.
    pub const ALL: &[Algorithm] = &[
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
        Algorithm::Es256k,
        Algorithm::EdDsa,
        Algorithm::Ed448,
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
        Algorithm::Rs1,
        Algorithm::MlDsa44,
        Algorithm::MlDsa65,
        Algorithm::MlDsa87,
    ];

    /// The algorithms that this build can sign with, in the order of [`ALL`](Self::ALL). ES256 comes first; every build
    /// has it.
    #[must_use]
    pub const fn available() -> &'static [Algorithm] {
        &[
            Algorithm::Es256,
            #[cfg(feature = "es384")]
            Algorithm::Es384,
            #[cfg(feature = "es512")]
            Algorithm::Es512,
            #[cfg(feature = "es256k")]
            Algorithm::Es256k,
            #[cfg(feature = "eddsa")]
            Algorithm::EdDsa,
            #[cfg(feature = "ed448")]
            Algorithm::Ed448,
            #[cfg(feature = "rsa")]
            Algorithm::Rs256,
            #[cfg(feature = "rsa")]
            Algorithm::Rs384,
            #[cfg(feature = "rsa")]
            Algorithm::Rs512,
            #[cfg(feature = "rsa")]
            Algorithm::Ps256,
            #[cfg(feature = "rsa")]
            Algorithm::Ps384,
            #[cfg(feature = "rsa")]
            Algorithm::Ps512,
            #[cfg(feature = "rsa")]
            Algorithm::Rs1,
            #[cfg(feature = "ml-dsa")]
            Algorithm::MlDsa44,
            #[cfg(feature = "ml-dsa")]
            Algorithm::MlDsa65,
            #[cfg(feature = "ml-dsa")]
            Algorithm::MlDsa87,
        ]
    }

    /// Whether this build can sign with this algorithm.
    #[must_use]
    pub fn is_available(self) -> bool {
        Self::available().contains(&self)
    }

    /// The feature of this crate that adds the algorithm to a build; `None` for ES256, which every build has.
    #[must_use]
    pub const fn feature(self) -> Option<&'static str> {
        match self {
            Algorithm::Es256 => None,
            Algorithm::Es384 => Some("es384"),
            Algorithm::Es512 => Some("es512"),
            Algorithm::Es256k => Some("es256k"),
            Algorithm::EdDsa => Some("eddsa"),
            Algorithm::Ed448 => Some("ed448"),
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => Some("ml-dsa"),
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512
            | Algorithm::Rs1 => Some("rsa"),
        }
    }

    /// Whether the algorithm uses RSA keys. One RSA key can sign with every RSA algorithm.
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        matches!(
            self,
            Algorithm::Rs256
                | Algorithm::Rs384
                | Algorithm::Rs512
                | Algorithm::Ps256
                | Algorithm::Ps384
                | Algorithm::Ps512
                | Algorithm::Rs1
        )
    }

    /// The length of an ML-DSA public key in bytes (FIPS 204 §4, table 2); `None` for any other algorithm.
    pub(crate) const fn ml_dsa_key_length(self) -> Option<usize> {
        match self {
            Algorithm::MlDsa44 => Some(1312),
            Algorithm::MlDsa65 => Some(1952),
            Algorithm::MlDsa87 => Some(2592),
            _ => None,
        }
    }

    /// The COSE algorithm identifier.
    #[must_use]
    pub const fn cose_identifier(self) -> i64 {
        match self {
            Algorithm::Es256 => -7,
            Algorithm::Es384 => -35,
            Algorithm::Es512 => -36,
            Algorithm::Es256k => -47,
            Algorithm::EdDsa => -8,
            Algorithm::Ed448 => -53,
            Algorithm::Rs256 => -257,
            Algorithm::Rs384 => -258,
            Algorithm::Rs512 => -259,
            Algorithm::Ps256 => -37,
            Algorithm::Ps384 => -38,
            Algorithm::Ps512 => -39,
            Algorithm::Rs1 => -65_535,
            Algorithm::MlDsa44 => -48,
            Algorithm::MlDsa65 => -49,
            Algorithm::MlDsa87 => -50,
        }
    }

    /// The algorithm with this COSE identifier, whether this build can sign with it or not.
    #[must_use]
    pub fn from_cose_identifier(identifier: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.cose_identifier() == identifier)
    }

    /// The algorithm's name in the COSE registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::Es512 => "ES512",
            Algorithm::Es256k => "ES256K",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Ed448 => "Ed448",
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::Ps256 => "PS256",
            Algorithm::Ps384 => "PS384",
            Algorithm::Ps512 => "PS512",
            Algorithm::Rs1 => "RS1",
            Algorithm::MlDsa44 => "ML-DSA-44",
            Algorithm::MlDsa65 => "ML-DSA-65",
            Algorithm::MlDsa87 => "ML-DSA-87",
        }
    }

    /// The algorithm of this name in the COSE registry, in upper or lower case, whether this build can sign with it
    /// or not. [`FromStr`] does the same and says which names there are.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl FromStr for Algorithm {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::find("an algorithm", Self::ALL, Self::name, name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_identifiers_lead_back() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(*algorithm));
            assert_eq!(Algorithm::from_cose_identifier(algorithm.cose_identifier()), Some(*algorithm));
        }
        assert_eq!(Algorithm::from_cose_identifier(0), None);
    }

    #[test]
    fn a_name_is_read_in_upper_and_lower_case() {
        assert_eq!("es256".parse(), Ok(Algorithm::Es256));
        assert_eq!(Algorithm::from_name("EDDSA"), Some(Algorithm::EdDsa));
        assert_eq!("ml-dsa-44".parse(), Ok(Algorithm::MlDsa44));
        let error = "ES257".parse::<Algorithm>().unwrap_err();
        let said = error.to_string();
        assert!(
            said.starts_with("found \"ES257\", expected the name of an algorithm: ES256, ES384, "),
            "{said}"
        );
    }

    #[test]
    fn what_is_available_stands_in_the_order_of_all_and_needs_its_feature_only() {
        assert_eq!(Algorithm::available().first(), Some(&Algorithm::Es256));
        let in_order: Vec<_> = Algorithm::ALL.iter().copied().filter(|a| a.is_available()).collect();
        assert_eq!(in_order, Algorithm::available());
        if cfg!(feature = "all-algorithms") {
            assert_eq!(Algorithm::available(), Algorithm::ALL);
        }
        assert!(Algorithm::ALL.iter().all(|a| a.is_available() || a.feature().is_some()));
    }
}
