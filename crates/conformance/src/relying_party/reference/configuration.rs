//! How a sound relying party can be set up, where the standard leaves it a choice.

use std::time::Duration;

use stuntkey::attestation::AttestationFormat;
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::ClientDataVerification;
use stuntkey::webauthn::{Attachment, AttestationConveyance, ResidentKey, UserVerification};

/// How a sound relying party is set up, where the standard leaves it a choice. What is `None` is as the client asks for it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Configuration {
    /// `pubKeyCredParams`. Default: every algorithm, but RS1 only if attestation is asked for.
    pub algorithms: Option<Vec<Algorithm>>,
    /// `attestation`.
    pub attestation: Option<AttestationConveyance>,
    /// `userVerification` of either ceremony.
    pub user_verification: Option<UserVerification>,
    /// `residentKey`.
    pub resident_key: Option<ResidentKey>,
    /// `authenticatorAttachment`.
    pub attachment: Option<Attachment>,
    /// Whether every registration is a conditional create. Default: those that the client asks for.
    pub conditional_create: bool,
    /// How logins begin. Default: with a name or without.
    pub logins: Logins,
    /// Which user names are accepted. Default: any.
    pub names: Names,
    /// How many bytes challenges have: 16 to 64. Default: 32.
    pub challenge_length: u8,
    /// Whether attestation has to end at one of the trusted roots. Default: yes.
    pub trust_anchors: bool,
    /// Whether a registration without attestation is accepted. Default: yes.
    pub attestation_optional: bool,
    /// The attestation formats that are supported. Default: all.
    pub formats: Option<Vec<AttestationFormat>>,
    /// Whether a signature counter that does not rise is refused. Default: yes.
    pub counts: bool,
    /// Whether pages at subdomains of an expected origin are accepted (§13.4.9). Default: no.
    pub subdomain_origins: bool,
    /// How client data is verified. Default: it is parsed.
    pub client_data: ClientDataVerification,
    /// How a refusal is told over HTTP. Default: by the status 400.
    pub refusal: Refusal,
    /// How many requests in a second are answered over HTTP; others get the status 429. Default: all.
    pub requests_per_second: Option<u32>,
    /// How long every answer takes over HTTP. Default: no longer than it has to.
    pub delay: Duration,
}

/// How logins begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logins {
    /// With a name or without.
    Either,
    /// With a name.
    Named,
    /// Without a name: one that is given is ignored.
    Nameless,
}

/// Which user names are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Any.
    Any,
    /// E-mail addresses.
    EmailAddresses,
    /// Numbers.
    Numbers,
}

/// How a refusal is told over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// By a status, such as 400.
    Status(u16),
    /// By the status 200, and a member of the body that says so.
    Member,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            algorithms: None,
            attestation: None,
            user_verification: None,
            resident_key: None,
            attachment: None,
            conditional_create: false,
            logins: Logins::Either,
            names: Names::Any,
            challenge_length: 32,
            trust_anchors: true,
            attestation_optional: true,
            formats: None,
            counts: true,
            subdomain_origins: false,
            client_data: ClientDataVerification::Parsed,
            refusal: Refusal::Status(400),
            requests_per_second: None,
            delay: Duration::ZERO,
        }
    }
}

impl Names {
    /// Whether a name is accepted, and otherwise what is.
    pub(super) fn expect(self, name: &str) -> Result<(), &'static str> {
        let is_part = |part: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            (1..=64).contains(&part.len()) && part.chars().all(is_plain)
        };
        let is_email = || {
            name.split_once('@')
                .is_some_and(|(local, domain)| is_part(local) && is_part(domain) && domain.contains('.'))
        };
        match self {
            Names::EmailAddresses if !is_email() => Err("an e-mail address"),
            Names::Numbers if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err("a number")
            }
            _ => Ok(()),
        }
    }
}
