//! The steps of a relying party's two ceremonies (WebAuthn L3 §7.1 and §7.2), by number and in short.

use std::fmt;

use super::Ceremony;

/// One step of a relying party's ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Step {
    /// Whose step it is: creations are §7.1, assertions §7.2.
    pub ceremony: Ceremony,
    /// Its number there, from 1 on.
    pub number: u8,
    /// What the relying party does at it, in short.
    pub title: &'static str,
}

impl Step {
    /// Every step of a ceremony, in order.
    pub fn all(ceremony: Ceremony) -> impl Iterator<Item = Step> {
        let titles: &[&'static str] = match ceremony {
            Ceremony::Create => &REGISTRATION,
            Ceremony::Get => &AUTHENTICATION,
        };
        titles.iter().zip(1..).map(move |(title, number)| Step { ceremony, number, title })
    }

    /// The step of this number, if the ceremony has it.
    #[must_use]
    pub fn of(ceremony: Ceremony, number: u8) -> Option<Self> {
        Self::all(ceremony).find(|step| step.number == number)
    }

    /// Its place in the standard: `WebAuthn L3 §7.1 step 9`.
    #[must_use]
    pub fn clause(self) -> String {
        self.to_string()
    }
}

/// Its place in the standard: `WebAuthn L3 §7.1 step 9`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let section = match self.ceremony {
            Ceremony::Create => "7.1",
            Ceremony::Get => "7.2",
        };
        write!(f, "WebAuthn L3 §{section} step {}", self.number)
    }
}

/// §7.1, Registering a New Credential.
const REGISTRATION: [&str; 29] = [
    "make creation options",
    "call create()",
    "the response is an attestation response",
    "client extension results",
    "decode the client data as UTF-8",
    "parse the client data as JSON",
    "type",
    "challenge",
    "origin",
    "crossOrigin",
    "topOrigin",
    "hash the client data",
    "decode the attestation object",
    "rpIdHash",
    "user present (UP)",
    "user verified (UV)",
    "no backup state without eligibility",
    "backup eligibility (BE) policy",
    "backup state (BS) policy",
    "algorithm of the credential key",
    "attestation statement format",
    "attestation statement",
    "trust anchors for the format",
    "attestation trustworthiness",
    "length of the credential id",
    "the credential id is new",
    "make the credential record",
    "extension outputs",
    "store the credential record",
];

/// §7.2, Verifying an Authentication Assertion.
const AUTHENTICATION: [&str; 25] = [
    "make request options",
    "call get()",
    "the response is an assertion response",
    "client extension results",
    "the credential was allowed",
    "the user and the credential",
    "take client data, authenticator data, signature",
    "decode the client data as UTF-8",
    "parse the client data as JSON",
    "type",
    "challenge",
    "origin",
    "crossOrigin",
    "topOrigin",
    "rpIdHash",
    "user present (UP)",
    "user verified (UV)",
    "no backup state without eligibility",
    "backup eligibility and state",
    "hash the client data",
    "signature",
    "signature counter",
    "extension outputs",
    "update the credential record",
    "go on",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_from_one_on() {
        assert_eq!((Step::all(Ceremony::Create).count(), Step::all(Ceremony::Get).count()), (29, 25));
        let step = Step::of(Ceremony::Create, 9).unwrap();
        assert_eq!((step.title, step.clause().as_str()), ("origin", "WebAuthn L3 §7.1 step 9"));
        assert_eq!(Step::of(Ceremony::Get, 21).unwrap().title, "signature");
        assert!(Step::of(Ceremony::Get, 26).is_none() && Step::of(Ceremony::Create, 0).is_none());
    }
}
