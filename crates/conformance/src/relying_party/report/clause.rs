//! The place of a clause in the standard.

use stuntkey::webauthn::Ceremony;

use crate::relying_party::standard::{Citation, Document, Section};

/// A clause's place: `WebAuthn L3 §7.1 step 9` is step 9 of section 7.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The part of the report that it belongs to.
    pub(crate) part: Part,
    document: Document,
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

    /// The steps in their order, if the part is a ceremony: number and title.
    pub(crate) fn steps(self, document: Document) -> Vec<(u8, &'static str)> {
        match self {
            Part::Registration => document.steps(Ceremony::Create),
            Part::Authentication => document.steps(Ceremony::Get),
            Part::Elsewhere | Part::Beyond => Vec::new(),
        }
    }

    /// The title of a step.
    pub(crate) fn step_title(self, document: Document, number: u8) -> Option<&'static str> {
        let mut steps = self.steps(document).into_iter();
        steps.find(|(step, _)| *step == number).map(|(_, title)| title)
    }
}

impl Place {
    /// The place of a clause. If it cites several sections, the first step of a ceremony counts, else the first section.
    pub(crate) fn of(clause: &str) -> Self {
        let beyond = Self { part: Part::Beyond, document: Document::Level3, numbers: Vec::new(), step: None };
        let citations = Citation::all(clause);
        let mut places = citations.iter().filter_map(|citation| {
            let document = citation.level()?;
            let part = match citation.section {
                "7.1" => Part::Registration,
                "7.2" => Part::Authentication,
                _ => Part::Elsewhere,
            };
            let step = citation.steps.first().copied().filter(|_| part != Part::Elsewhere);
            let numbers = citation.section.split('.').filter_map(|number| number.parse().ok());
            Some(Self { part, document, numbers: numbers.collect(), step })
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

    fn entry(&self) -> Option<&'static Section> {
        self.document.section(&self.section())
    }

    /// The URL of the section's text.
    pub(crate) fn url(&self) -> Option<String> {
        let anchor = self.entry().map(|section| format!("#{}", section.anchor)).unwrap_or_default();
        (self.part != Part::Beyond).then(|| format!("{}{anchor}", self.document.url()))
    }

    /// The title of the step or section.
    pub(crate) fn title(&self) -> String {
        match (self.part, self.step) {
            (Part::Registration | Part::Authentication, Some(step)) => {
                match self.part.step_title(self.document, step) {
                    Some(title) => format!("Step {step}: {title}"),
                    None => format!("Step {step}"),
                }
            }
            (Part::Beyond, _) => "What FIDO asks".into(),
            _ => match self.entry() {
                Some(section) => format!("§{} {}", self.section(), section.title),
                None => format!("§{}", self.section()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(shown("WebAuthn L3 §99.1"), ("§99.1".into(), Document::Level3.url().into()));
        assert_eq!(shown("FIDO conformance REST binding").1, "");
        assert_eq!(shown("WebAuthn L3 §7.2 step 99").0, "Step 99");
        let level_2 = "https://www.w3.org/TR/webauthn-2/#sctn-registering-a-new-credential";
        let algorithm = "Step 16: algorithm of the credential key";
        assert_eq!(shown("WebAuthn L2 §7.1 step 16"), (algorithm.into(), level_2.into()));
    }

    #[test]
    fn places_are_sorted_by_part_section_and_step() {
        let steps = ["§7.1 step 2", "§7.1 step 10", "§7.2 step 1", "§5.4", "§5.4.3", "§13.4.3"];
        let places: Vec<Place> =
            steps.iter().map(|clause| Place::of(&format!("WebAuthn L3 {clause}"))).collect();
        assert!(places.is_sorted() && places[5] < Place::of("FIDO"));
    }
}
