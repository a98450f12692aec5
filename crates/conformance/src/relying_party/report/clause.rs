//! The place of a clause in the standard.

use stuntkey::webauthn::{Ceremony, Step};

/// A clause's place: `WebAuthn L3 §7.1 step 9` is step 9 of section 7.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The part of the report that it belongs to.
    pub(crate) part: Part,
    /// The numbers of the section, for their order.
    numbers: Vec<u8>,
    pub(crate) step: Option<u8>,
}

/// A part of the report. The ceremonies come first, as they are what a relying party has to get right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Registration,
    Authentication,
    Elsewhere,
    Beyond,
}

impl Part {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Part::Registration => "§7.1 Registering a new credential",
            Part::Authentication => "§7.2 Verifying an authentication assertion",
            Part::Elsewhere => "Elsewhere in the standard",
            Part::Beyond => "Beyond the standard",
        }
    }

    /// The steps in their order, if the part is a ceremony.
    pub(crate) fn steps(self) -> impl Iterator<Item = Step> {
        let ceremony = match self {
            Part::Registration => Some(Ceremony::Create),
            Part::Authentication => Some(Ceremony::Get),
            Part::Elsewhere | Part::Beyond => None,
        };
        ceremony.into_iter().flat_map(Step::all)
    }

    /// The title of a step.
    pub(crate) fn step_title(self, number: u8) -> Option<&'static str> {
        self.steps().find(|step| step.number == number).map(|step| step.title)
    }
}

/// The sections that cases cite: number, anchor in the document, and title.
const SECTIONS: &[(&str, &str, &str)] = &[
    ("4", "sctn-terminology", "Terminology"),
    ("5.1", "iface-pkcredential", "PublicKeyCredential"),
    ("5.1.9", "sctn-parseRequestOptionsFromJSON", "Options from JSON"),
    ("5.2.1", "iface-authenticatorattestationresponse", "The response of a registration"),
    ("5.2.2", "iface-authenticatorassertionresponse", "The response of an authentication"),
    ("5.4", "dictionary-makecredentialoptions", "Creation options"),
    ("5.4.3", "dictionary-user-credential-params", "The user in creation options"),
    ("5.4.5", "enum-attachment", "Attachment"),
    ("5.4.7", "enum-attestation-convey", "Attestation conveyance"),
    ("5.5", "dictionary-assertion-options", "Request options"),
    ("5.8.1", "dictionary-client-data", "Client data"),
    ("5.8.4", "enum-transport", "Transports"),
    ("6.1", "sctn-authenticator-data", "Authenticator data"),
    ("6.1.1", "sctn-sign-counter", "Signature counter"),
    ("6.1.3", "sctn-credential-backup", "Backup state"),
    ("6.5.1", "sctn-attested-credential-data", "Attested credential data"),
    ("6.5.5", "sctn-signature-attestation-types", "Signature formats"),
    ("7.1", "sctn-registering-a-new-credential", "Registering a new credential"),
    ("7.2", "sctn-verifying-assertion", "Verifying an authentication assertion"),
    ("13.4.3", "sctn-cryptographic-challenges", "Challenges"),
    ("14.6.1", "sctn-user-handle-privacy", "User handles"),
    ("14.6.3", "sctn-credential-id-privacy-leak", "Privacy of credential ids"),
];

const STANDARD: &str = "https://www.w3.org/TR/webauthn-3/";

impl Place {
    /// The place of a clause. If it cites several sections, the first step of a ceremony counts, else the first section.
    pub(crate) fn of(clause: &str) -> Self {
        let beyond = Self { part: Part::Beyond, numbers: Vec::new(), step: None };
        if !clause.starts_with("WebAuthn") {
            return beyond;
        }
        let mut places = clause.split('§').skip(1).map(|text| {
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            let (section, rest) = text.split_at(end);
            let part = match section {
                "7.1" => Part::Registration,
                "7.2" => Part::Authentication,
                _ => Part::Elsewhere,
            };
            let rest = rest.trim_start().trim_start_matches("steps").trim_start_matches("step").trim_start();
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            let step = if part == Part::Elsewhere { None } else { digits.parse().ok() };
            Self {
                part,
                numbers: section.split('.').filter_map(|number| number.parse().ok()).collect(),
                step,
            }
        });
        let first = places.next().unwrap_or(beyond);
        match first.part {
            Part::Elsewhere => places.find(|place| place.step.is_some()).unwrap_or(first),
            _ => first,
        }
    }

    /// `7.1`
    pub(crate) fn section(&self) -> String {
        self.numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
    }

    /// The section's entry in [`SECTIONS`].
    fn entry(&self) -> Option<&'static (&'static str, &'static str, &'static str)> {
        let section = self.section();
        SECTIONS.iter().find(|(known, ..)| *known == section)
    }

    /// The URL of the section's text.
    pub(crate) fn url(&self) -> Option<String> {
        let anchor = self.entry().map(|(_, anchor, _)| format!("#{anchor}")).unwrap_or_default();
        (self.part != Part::Beyond).then(|| format!("{STANDARD}{anchor}"))
    }

    /// The title of the step or section.
    pub(crate) fn title(&self) -> String {
        match (self.part, self.step) {
            (Part::Registration | Part::Authentication, Some(step)) => match self.part.step_title(step) {
                Some(title) => format!("Step {step}: {title}"),
                None => format!("Step {step}"),
            },
            (Part::Beyond, _) => "The FIDO conformance REST binding".into(),
            _ => match self.entry() {
                Some((section, _, title)) => format!("§{section} {title}"),
                None => format!("§{}", self.section()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clause_of_a_case_is_in_the_list() {
        for case in crate::cases() {
            let place = Place::of(case.clause());
            let title = place.title();
            match place.part {
                Part::Beyond => assert!(case.clause().starts_with("FIDO"), "{}", case.clause()),
                Part::Elsewhere => {
                    assert!(place.entry().is_some() && place.step.is_none(), "{}", case.clause())
                }
                // Every step that a case cites is in the table of steps.
                _ => assert!(title.starts_with("Step ") && title.contains(": "), "{}", case.clause()),
            }
        }
    }

    #[test]
    fn a_clause_has_a_title_and_a_url() {
        let shown = |clause: &str| {
            let place = Place::of(clause);
            (place.title(), place.url().unwrap_or_default())
        };
        let ceremony = "https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential";
        assert_eq!(shown("WebAuthn L3 §7.1 step 9"), ("Step 9: origin".into(), ceremony.into()));
        assert_eq!(shown("WebAuthn L3 §7.1 steps 6 and 12").0, "Step 6: parse the client data as JSON");
        assert_eq!(
            shown("WebAuthn L3 §14.6.3; §5.4, excludeCredentials").0,
            "§14.6.3 Privacy of credential ids"
        );
        assert_eq!(shown("WebAuthn L3 §99.1"), ("§99.1".into(), STANDARD.into()));
        assert_eq!(shown("WebAuthn L3"), shown("FIDO conformance REST binding"));
        assert_eq!(shown("FIDO conformance REST binding").1, "");
        assert_eq!(shown("WebAuthn L3 §7.2 step 99").0, "Step 99");
    }

    #[test]
    fn places_are_sorted_by_part_section_and_step() {
        let steps = ["§7.1 step 2", "§7.1 step 10", "§7.2 step 1", "§5.4", "§5.4.3", "§13.4.3"];
        let places: Vec<Place> =
            steps.iter().map(|clause| Place::of(&format!("WebAuthn L3 {clause}"))).collect();
        assert!(places.is_sorted() && places[5] < Place::of("FIDO"));
    }
}
