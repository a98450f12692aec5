//! The sections and steps of WebAuthn that cases cite, restated: their numbers in Level 3 and Level 2, their anchors and
//! titles. A test holds every clause of a case against them.
//!
//! Sources: Level 3, the Candidate Recommendation line (W3C TR/webauthn-3, 2026-05-15); Level 2, the Recommendation of
//! 2021-04-08.

use stuntkey::webauthn::{Ceremony, Step};

/// A section of WebAuthn Level 3.
pub(crate) struct Section {
    pub(crate) number: &'static str,
    /// The anchor in the document.
    pub(crate) anchor: &'static str,
    pub(crate) title: &'static str,
    /// Its number in Level 2; empty if Level 2 lacks it.
    level_2: &'static str,
}

/// A section that has the same number in both levels.
const fn section(number: &'static str, anchor: &'static str, title: &'static str) -> Section {
    Section { number, anchor, title, level_2: number }
}

/// A section that is new in Level 3.
const fn new(number: &'static str, anchor: &'static str, title: &'static str) -> Section {
    Section { level_2: "", ..section(number, anchor, title) }
}

/// The section, with another number in Level 2.
const fn was(level_2: &'static str, section: Section) -> Section {
    Section { level_2, ..section }
}

/// In the order of the document.
const SECTIONS: &[Section] = &[
    section("2.4", "sctn-conforming-all-classes", "All conformance classes"),
    section("3", "sctn-dependencies", "Dependencies"),
    section("4", "sctn-terminology", "Terminology"),
    section("5.1", "iface-pkcredential", "PublicKeyCredential"),
    section("5.1.3", "sctn-createCredential", "Create a new credential"),
    new("5.1.8", "sctn-parseCreationOptionsFromJSON", "Creation options from JSON"),
    new("5.1.9", "sctn-parseRequestOptionsFromJSON", "Request options from JSON"),
    section("5.2.1", "iface-authenticatorattestationresponse", "The response of a registration"),
    section("5.2.2", "iface-authenticatorassertionresponse", "The response of an authentication"),
    section("5.4", "dictionary-makecredentialoptions", "Creation options"),
    section("5.4.3", "dictionary-user-credential-params", "The user in creation options"),
    section("5.4.4", "dictionary-authenticatorSelection", "The selection of authenticators"),
    section("5.4.6", "enum-residentKeyRequirement", "The resident key requirement"),
    section("5.4.7", "enum-attestation-convey", "Attestation conveyance"),
    section("5.5", "dictionary-assertion-options", "Request options"),
    section("5.8.1", "dictionary-client-data", "Client data"),
    section("5.8.1.2", "clientdatajson-verification", "The limited verification algorithm"),
    section("5.8.3", "dictionary-credential-descriptor", "Credential descriptors"),
    section("5.8.5", "sctn-alg-identifier", "Algorithm identifiers"),
    section("5.8.6", "enum-userVerificationRequirement", "The user verification requirement"),
    new("5.8.8", "enum-hints", "Hints"),
    new("5.11", "sctn-related-origins", "Related origins"),
    section("6.1", "sctn-authenticator-data", "Authenticator data"),
    section("6.1.1", "sctn-sign-counter", "Signature counter"),
    new("6.1.3", "sctn-credential-backup", "Backup state"),
    new("6.3.2", "sctn-op-make-cred", "The authenticatorMakeCredential operation"),
    section("6.5.1", "sctn-attested-credential-data", "Attested credential data"),
    section("6.5.3", "sctn-attestation-types", "Attestation types"),
    section("6.5.4", "sctn-generating-an-attestation-object", "The attestation object"),
    section("6.5.5", "sctn-signature-attestation-types", "Signature formats"),
    section("7", "sctn-rp-operations", "Relying party operations"),
    section("7.1", "sctn-registering-a-new-credential", "Registering a new credential"),
    section("7.2", "sctn-verifying-assertion", "Verifying an authentication assertion"),
    section("8.1", "sctn-attstn-fmt-ids", "Attestation statement format identifiers"),
    section("8.2", "sctn-packed-attestation", "Packed attestation"),
    section("8.2.1", "sctn-packed-attestation-cert-requirements", "Certificates of packed attestation"),
    new(
        "8.2.2",
        "sctn-enterprise-packed-attestation-cert-requirements",
        "Certificates of enterprise packed attestation",
    ),
    section("8.3", "sctn-tpm-attestation", "TPM attestation"),
    section("8.3.1", "sctn-tpm-cert-requirements", "Certificates of TPM attestation"),
    section("8.4", "sctn-android-key-attestation", "Android key attestation"),
    section("8.5", "sctn-android-safetynet-attestation", "Android SafetyNet attestation"),
    section("8.6", "sctn-fido-u2f-attestation", "FIDO U2F attestation"),
    section("8.7", "sctn-none-attestation", "None attestation"),
    section("8.8", "sctn-apple-anonymous-attestation", "Apple anonymous attestation"),
    new("8.9", "sctn-compound-attestation", "Compound attestation"),
    section("9", "sctn-extensions", "Extensions"),
    was("10.1", section("10.1.1", "sctn-appid-extension", "The extension appid")),
    was(
        "10.4",
        section("10.1.3", "sctn-authenticator-credential-properties-extension", "The extension credProps"),
    ),
    new("10.1.4", "prf-extension", "The extension prf"),
    section("13.4.3", "sctn-cryptographic-challenges", "Challenges"),
    section("13.4.5", "sctn-revoked-attestation-certificates", "Revoked attestation certificates"),
    section("13.4.6", "sctn-credential-loss-key-mobility", "Loss of credentials"),
    new("13.4.8", "sctn-code-injection", "Code injection"),
    new("13.4.9", "sctn-validating-origin", "The origin of a credential"),
    section("14.6.1", "sctn-user-handle-privacy", "User handles"),
    section("14.6.2", "sctn-username-enumeration", "User enumeration"),
    section("14.6.3", "sctn-credential-id-privacy-leak", "Privacy of credential ids"),
];

/// The steps of §7.1 in Level 2, by their numbers in Level 3; 0 where Level 2 lacks the step.
const REGISTRATION_IN_LEVEL_2: [u8; 29] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 11, 12, 13, 14, 15, 0, 0, 0, 16, 18, 19, 20, 21, 0, 22, 23, 17, 23];
/// The same of §7.2. Step 6 is two steps there, 6 and 7.
const AUTHENTICATION_IN_LEVEL_2: [u8; 25] =
    [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 0, 0, 15, 16, 17, 0, 0, 19, 20, 21, 18, 21, 22];

/// A level of WebAuthn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Document {
    Level3,
    Level2,
}

impl Document {
    /// The URL of its text.
    pub(crate) const fn url(self) -> &'static str {
        match self {
            Document::Level3 => "https://www.w3.org/TR/webauthn-3/",
            Document::Level2 => "https://www.w3.org/TR/webauthn-2/",
        }
    }

    /// The steps of a ceremony: number and title.
    pub(crate) fn steps(self, ceremony: Ceremony) -> Vec<(u8, &'static str)> {
        let titles = Step::all(ceremony).map(|step| step.title);
        let there: &[u8] = match (self, ceremony) {
            (Document::Level3, _) => return (1..).zip(titles).collect(),
            (Document::Level2, Ceremony::Create) => &REGISTRATION_IN_LEVEL_2,
            (Document::Level2, Ceremony::Get) => &AUTHENTICATION_IN_LEVEL_2,
        };
        let mut steps: Vec<(u8, &'static str)> =
            there.iter().copied().zip(titles).filter(|(number, _)| *number > 0).collect();
        steps.extend(match ceremony {
            Ceremony::Create => [(10, "tokenBinding"), (24, "self and none attestation")].as_slice(),
            Ceremony::Get => [(7, "the credential's public key"), (14, "tokenBinding")].as_slice(),
        });
        steps.sort_by_key(|(number, _)| *number);
        steps.dedup_by_key(|(number, _)| *number);
        steps
    }

    /// The section of this number.
    pub(crate) fn section(self, number: &str) -> Option<&'static Section> {
        SECTIONS.iter().find(|section| match self {
            Document::Level3 => section.number == number,
            Document::Level2 => section.level_2 == number,
        })
    }
}

/// A place that a clause cites: `WebAuthn L3 §7.1 steps 6 and 12`, `RFC 8812 §2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Citation<'c> {
    /// `WebAuthn L3`, or another document.
    pub(crate) document: &'c str,
    pub(crate) section: &'c str,
    pub(crate) steps: Vec<u8>,
    /// What in the section is meant: it stands after a comma.
    pub(crate) subject: Option<&'c str>,
}

impl<'c> Citation<'c> {
    /// The citations of a clause: semicolons are between them, and one without a document is of that before.
    pub(crate) fn all(clause: &'c str) -> Vec<Self> {
        let mut document = "";
        let read = |text: &'c str| {
            let (named, rest) = text.trim().split_once('§').unwrap_or((text.trim(), ""));
            if !named.trim().is_empty() {
                document = named.trim();
            }
            let (place, subject) =
                rest.split_once(", ").map_or((rest, None), |(place, what)| (place, Some(what)));
            let (section, steps) = place.split_once(" step").unwrap_or((place, ""));
            let numbers = steps.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
            Self { document, section: section.trim(), steps: numbers.collect(), subject }
        };
        clause.split(';').map(read).collect()
    }

    /// The level of WebAuthn, if it cites WebAuthn.
    pub(crate) fn level(&self) -> Option<Document> {
        match self.document {
            "WebAuthn L3" => Some(Document::Level3),
            "WebAuthn L2" => Some(Document::Level2),
            _ => None,
        }
    }

    /// The same place in Level 2, if Level 2 has it.
    fn in_level_2(&self) -> Option<Self> {
        if self.level() != Some(Document::Level3) {
            return Some(self.clone());
        }
        let section = Document::Level3.section(self.section)?.level_2;
        let there = |step: &u8| {
            let table: &[u8] = match self.section {
                "7.1" => &REGISTRATION_IN_LEVEL_2,
                "7.2" => &AUTHENTICATION_IN_LEVEL_2,
                _ => return Some(*step),
            };
            table.get(usize::from(*step).checked_sub(1)?).copied().filter(|step| *step > 0)
        };
        let mut steps: Vec<u8> = self.steps.iter().filter_map(there).collect();
        steps.dedup();
        let has = !section.is_empty() && steps.is_empty() == self.steps.is_empty();
        has.then_some(Self { document: "WebAuthn L2", section, steps, subject: self.subject })
    }

    /// Without its document.
    fn place(&self) -> String {
        let steps: Vec<String> = self.steps.iter().map(u8::to_string).collect();
        let steps = match steps.as_slice() {
            [] => String::new(),
            [step] => format!(" step {step}"),
            several => format!(" steps {}", several.join(" and ")),
        };
        let section = if self.section.is_empty() { String::new() } else { format!(" §{}", self.section) };
        let subject = self.subject.map(|subject| format!(", {subject}")).unwrap_or_default();
        format!("{section}{steps}{subject}")
    }
}

/// A clause of Level 3 as Level 2 counts it, without what Level 2 lacks.
pub(crate) fn in_level_2(clause: &str) -> String {
    let citations = Citation::all(clause);
    let mut text = String::new();
    let mut document = "";
    for citation in citations.iter().filter_map(Citation::in_level_2) {
        let same = document == citation.document;
        let named = if same { "" } else { citation.document };
        let separator = if text.is_empty() { "" } else { "; " };
        let place = citation.place();
        let place = if same { place.trim_start() } else { &place };
        let next = format!("{separator}{named}{place}");
        if !text.ends_with(&next) {
            text.push_str(&next);
        }
        document = citation.document;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    /// Documents beside WebAuthn that a clause may cite.
    const OTHERS: &[&str] = &[
        "FIDO conformance REST binding",
        "FIDO server requirements",
        "FIDO MDS3",
        "RFC 5280",
        "RFC 6265",
        "RFC 8812",
    ];

    /// The verification procedures whose steps are numbered, and how many there are.
    const PROCEDURES: &[(&str, usize)] = &[("8.2", 3), ("8.6", 8), ("8.8", 6), ("8.9", 2)];

    #[test]
    fn every_clause_of_a_case_is_one_of_the_standard() {
        for case in crate::cases() {
            for profile in case.profiles() {
                let clause = case.clause(*profile);
                assert!(!clause.is_empty(), "{}: the profile {} has no clause", case.id(), profile.name());
                for citation in Citation::all(&clause) {
                    let Some(document) = citation.level() else {
                        assert!(OTHERS.contains(&citation.document), "{}: {clause}", case.id());
                        continue;
                    };
                    assert_eq!(
                        document == Document::Level2,
                        *profile == Profile::L2,
                        "{}: {clause}",
                        case.id()
                    );
                    let section = document.section(citation.section);
                    let section = section.unwrap_or_else(|| panic!("{}: {clause}", case.id()));
                    let steps = match section.number {
                        "7.1" => document.steps(Ceremony::Create).len(),
                        "7.2" => document.steps(Ceremony::Get).len(),
                        number => {
                            let procedure = PROCEDURES.iter().find(|(known, _)| *known == number);
                            procedure.map_or(0, |(_, steps)| *steps)
                        }
                    };
                    let has = |step: &u8| (1..=steps).contains(&usize::from(*step));
                    assert!(citation.steps.iter().all(has), "{}: {clause}", case.id());
                }
            }
        }
    }

    #[test]
    fn the_ceremonies_have_their_steps_in_either_level() {
        for (document, ceremony, steps) in [
            (Document::Level3, Ceremony::Create, 29),
            (Document::Level3, Ceremony::Get, 25),
            (Document::Level2, Ceremony::Create, 24),
            (Document::Level2, Ceremony::Get, 22),
        ] {
            let numbers: Vec<u8> = document.steps(ceremony).iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, (1..=steps).collect::<Vec<u8>>(), "{document:?} {ceremony:?}");
        }
    }

    #[test]
    fn level_2_counts_other_steps() {
        let of = |clause: &str| in_level_2(&format!("WebAuthn L3 {clause}"));
        assert_eq!(of("§7.1 step 20"), "WebAuthn L2 §7.1 step 16");
        assert_eq!(of("§7.1 step 9; §13.4.9"), "WebAuthn L2 §7.1 step 9");
        assert_eq!(of("§7.2 steps 9 and 20"), "WebAuthn L2 §7.2 steps 10 and 19");
        assert_eq!(of("§5.4, excludeCredentials; §13.4.6"), "WebAuthn L2 §5.4, excludeCredentials; §13.4.6");
        assert_eq!(of("§7.1 step 10"), "");
        assert_eq!(
            of("§7.1 steps 22 and 24; RFC 5280 §6.1"),
            "WebAuthn L2 §7.1 steps 19 and 21; RFC 5280 §6.1"
        );
        assert_eq!(of("§10.1.1"), "WebAuthn L2 §10.1");
        assert_eq!(in_level_2("FIDO conformance REST binding"), "FIDO conformance REST binding");
    }

    #[test]
    fn sections_stand_in_the_order_of_the_document() {
        let numbers = |section: &Section| -> Vec<u8> {
            section.number.split('.').map(|number| number.parse().unwrap()).collect()
        };
        assert!(SECTIONS.is_sorted_by_key(numbers));
    }
}
