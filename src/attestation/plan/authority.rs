use std::fmt;

use crate::encoding::setting::SettingValue;

/// The authority at the end of attestation chains, as data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authority {
    /// The root that ships ([`CertificateAuthority::test_root`](super::super::CertificateAuthority::test_root)).
    TestRoot,
    /// The root of this seed ([`CertificateAuthority::seeded`](super::super::CertificateAuthority::seeded)).
    Seeded(String),
    /// A certificate and its private key, PEM
    /// ([`CertificateAuthority::from_pem`](super::super::CertificateAuthority::from_pem)).
    Pem(String),
}

/// Seeds and PEM texts give private keys away, so they are not shown.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Authority::TestRoot => "TestRoot",
            Authority::Seeded(_) => "Seeded",
            Authority::Pem(_) => "Pem",
        })
    }
}

/// `test-root`, `seed:TEXT`, or the PEM text.
impl SettingValue for Authority {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("test-root") {
            Ok(Authority::TestRoot)
        } else if let Some(seed) = text.strip_prefix("seed:") {
            Ok(Authority::Seeded(seed.to_owned()))
        } else if text.contains("-----BEGIN ") {
            Ok(Authority::Pem(text.to_owned()))
        } else {
            Err("\"test-root\", \"seed:\" and a text, or a certificate and its private key in PEM".to_owned())
        }
    }

    fn to_text(&self) -> Option<String> {
        Some(match self {
            Authority::TestRoot => "test-root".to_owned(),
            Authority::Seeded(seed) => format!("seed:{seed}"),
            Authority::Pem(text) => text.clone(),
        })
    }
}
