//! A badge, as the endpoint of badge services reads it (shields.io, "endpoint", schema version 1).

use serde_json::json;

use super::Report;
use super::standing::Conclusion;
use super::text::count;
use crate::core::verdict::Verdict;

impl Report {
    /// A badge with the verdict on the target: JSON for the endpoint of a badge service.
    #[must_use]
    pub fn to_badge(&self) -> String {
        let passed = self.count(Verdict::Pass);
        let (message, color) = match self.conclusion() {
            Conclusion::Conforms => (format!("conforms, {passed} passed"), "brightgreen"),
            Conclusion::NoVerdict => ("no verdict".to_owned(), "lightgrey"),
            Conclusion::DoesNotConform => match self.counted_findings().len() {
                0 => ("does not conform".to_owned(), "red"),
                defects => (count(defects, "defect", "defects"), "red"),
            },
        };
        let badge = json!({
            "schemaVersion": 1,
            "label": format!("WebAuthn {}", self.profile),
            "message": message,
            "color": color,
        });
        format!("{badge:#}\n")
    }
}
