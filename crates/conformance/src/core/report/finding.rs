//! Findings: failures that one defect of the target explains.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{CaseReport, Report};
use crate::core::case::{Level, Suite};
use crate::core::defect::{Defect, Severity};
use crate::core::verdict::Verdict;

/// A defect of the target, and the cases that found it. Sentences are without their full stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The id of the [defect](crate::Defect).
    pub defect: String,
    /// What the target does wrong.
    pub title: String,
    /// What comes of it: what an attacker gains, or who is locked out.
    pub consequence: String,
    /// What to do about it.
    pub remedy: String,
    /// What to do about it in code, if the target's library is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// How much harm it does.
    pub severity: Severity,
    /// The most binding level of its cases.
    pub level: Level,
    /// The ids of the cases that found it.
    pub cases: Vec<String>,
}

/// What to do about a defect in code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The library.
    pub library: String,
    /// The code, in a line without a full stop.
    pub code: String,
}

impl Finding {
    /// `In SimpleWebAuthn: pass expectedOrigin …`
    pub(crate) fn hint_sentence(&self) -> Option<String> {
        self.hint.as_ref().map(|hint| format!("In {}: {}", hint.library, hint.code))
    }
}

/// The findings of cases that failed: the most harmful first, and last what the standard does not ask for.
pub(crate) fn gather<S: Suite>(cases: &[CaseReport]) -> Vec<Finding> {
    let failed: Vec<&CaseReport> =
        cases.iter().filter(|case| matches!(case.verdict, Verdict::Fail | Verdict::Advice)).collect();
    let found: Vec<&Defect> = failed.iter().map(|case| S::defect(&case.id)).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for (case, defect) in failed.iter().zip(&found) {
        // Whoever has the larger defect has the smaller one for that.
        let larger = found.iter().find(|other| defect.explained_by == Some(other.id));
        let defect = larger.unwrap_or(defect);
        match findings.iter_mut().find(|finding| finding.defect == defect.id) {
            Some(finding) => {
                finding.level = finding.level.min(case.level);
                finding.cases.push(case.id.clone());
            }
            None => findings.push(Finding {
                defect: defect.id.to_owned(),
                title: defect.title.to_owned(),
                consequence: defect.consequence.to_owned(),
                remedy: defect.remedy.to_owned(),
                hint: None,
                severity: defect.severity,
                level: case.level,
                cases: vec![case.id.clone()],
            }),
        }
    }
    findings.sort_by_key(|finding| {
        (finding.level == Level::Advice, finding.severity, finding.level, Reverse(finding.cases.len()))
    });
    findings
}

impl Report {
    /// The findings that speak against the target, each with its cases.
    pub(crate) fn counted_findings(&self) -> Vec<(&Finding, Vec<&CaseReport>)> {
        let counted = self.findings.iter().filter_map(|finding| {
            let alarms: Vec<&CaseReport> =
                self.alarms().filter(|case| finding.cases.contains(&case.id)).collect();
            (!alarms.is_empty()).then_some((finding, alarms))
        });
        counted.collect()
    }

    /// The cases that speak against the target for another reason than a defect: what was weak, broke off, or came otherwise
    /// than expected.
    pub(crate) fn alarms_beside_findings(&self) -> Vec<&CaseReport> {
        let is_found =
            |case: &&CaseReport| self.findings.iter().any(|finding| finding.cases.contains(&case.id));
        self.alarms_by_severity().into_iter().filter(|case| !is_found(case)).collect()
    }
}
