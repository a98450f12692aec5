//! How cases count, and the sentences about them that every format of the report shares.

use super::text::{count, line};
use super::{CaseReport, FailOn, Report};
use crate::core::case::Level;
use crate::core::verdict::Verdict;

/// How many characters of a reason to skip a case are shown.
const MOST_REASON: usize = 240;

/// The verdict on the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Every case was played, and nothing speaks against the target.
    Conforms,
    /// Something speaks against the target.
    DoesNotConform,
    /// Nothing speaks against the target, but the cases could not be played, or not all of them.
    NoVerdict,
}

/// How a case counts in the verdict on the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It speaks against the target.
    Alarm,
    /// It failed as expected.
    Known,
    /// It failed, but does not count: a SHOULD, a weak refusal, or good practice that no clause asks for.
    Uncounted,
    /// It says nothing about this target.
    Skipped,
    /// It passed.
    Passed,
}

impl CaseReport {
    pub(crate) fn standing(&self, fail_on: FailOn) -> Standing {
        if self.is_alarm(fail_on) {
            return Standing::Alarm;
        }
        match (self.verdict, &self.expected) {
            (Verdict::Pass, _) => Standing::Passed,
            (Verdict::Skip, _) => Standing::Skipped,
            (_, Some(_)) => Standing::Known,
            (_, None) => Standing::Uncounted,
        }
    }

    /// What was found, in a sentence without its full stop.
    pub(crate) fn found(&self) -> &str {
        match (self.verdict, self.why.is_empty()) {
            (Verdict::Pass, _) if self.expected.is_some() => {
                "an unexpected pass: if the target was mended, remove the expectation"
            }
            (Verdict::Pass, _) => "the requirement is met",
            (_, true) => "no reason is known",
            (_, false) => &self.why,
        }
    }

    /// Of a skip, why it was not played, and what to do so that it can be.
    pub(crate) fn skip_reason(&self) -> String {
        let to_test = self.to_test.as_ref().map(|to_test| format!(". To test it: {to_test}"));
        format!("{}{}", line(self.found(), MOST_REASON), to_test.unwrap_or_default())
    }

    /// The expectation with its reason, if the verdict is another.
    pub(crate) fn expected_otherwise(&self) -> Option<String> {
        let expected = self.expected.as_ref().filter(|expected| !expected.is(self.verdict))?;
        Some(format!("{} ({})", expected.verdict, expected.reason))
    }

    /// Why it does not count.
    pub(crate) fn why_uncounted(&self) -> &'static str {
        match (self.verdict, self.level) {
            (Verdict::Weak, _) => "a weak refusal",
            (Verdict::Advice, _) => "good practice",
            (_, Level::Should) => "a SHOULD",
            _ => "it does not count",
        }
    }

    /// The first part of the id.
    pub(crate) fn ceremony(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// Ceremony and chapter.
    pub(crate) fn place(&self) -> String {
        self.id.split('/').take(2).collect::<Vec<_>>().join("/")
    }
}

impl Report {
    pub(crate) fn standing(&self, standing: Standing) -> Vec<&CaseReport> {
        let mut cases: Vec<&CaseReport> =
            self.cases.iter().filter(|case| case.standing(self.fail_on) == standing).collect();
        if standing == Standing::Uncounted {
            // A failure that does not count may still do harm, so the most harmful comes first.
            cases.sort_by_key(|case| case.severity);
        }
        cases
    }

    /// The cases that speak against the target, the most harmful first.
    pub(crate) fn alarms_by_severity(&self) -> Vec<&CaseReport> {
        let mut alarms = self.standing(Standing::Alarm);
        alarms.sort_by_key(|case| (case.severity, case.level));
        alarms
    }

    /// The verdict on the target.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        if self.conforms() {
            return Conclusion::Conforms;
        }
        // A case that could not be played to its end says nothing about the target.
        let accuses = |case: &CaseReport| case.verdict != Verdict::Error || case.expected.is_some();
        // If trouble came before the first case, no case was played, and the cause may be the caller's settings. If it came
        // after the cases, they have caused it.
        let broken = self.trouble.is_some() && !self.cases.is_empty();
        match broken || self.alarms().any(accuses) {
            true => Conclusion::DoesNotConform,
            false => Conclusion::NoVerdict,
        }
    }

    /// The verdict on the target in one line.
    pub(crate) fn headline(&self) -> String {
        let standing = |standing| self.standing(standing).len();
        let listed = |counts: &[(usize, &str)]| -> Vec<String> {
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect()
        };
        let advice = self.advice.as_ref().map(|advice| format!(". {advice}")).unwrap_or_default();
        let conclusion = self.conclusion();
        if conclusion == Conclusion::Conforms {
            let mut parts = vec![format!("{} passed", standing(Standing::Passed))];
            parts.extend(listed(&[
                (standing(Standing::Known), "failed as expected"),
                (standing(Standing::Uncounted), "did not count"),
                (standing(Standing::Skipped), "skipped"),
            ]));
            return format!("conforms: {}{advice}", parts.join(", "));
        }
        let alarms = self.standing(Standing::Alarm);
        let of =
            |verdict| alarms.iter().filter(|case| case.expected.is_none() && case.verdict == verdict).count();
        let unexpected = |pass: bool| {
            let is_pass = |case: &&&CaseReport| (case.verdict == Verdict::Pass) == pass;
            alarms.iter().filter(|case| case.expected.is_some()).filter(is_pass).count()
        };
        let by_defects = match self.counted_findings().len() {
            0 => "failed".to_owned(),
            defects => format!("failed by {}", count(defects, "defect", "defects")),
        };
        let skipped = standing(Standing::Skipped);
        let mut parts = listed(&[
            (of(Verdict::Fail), by_defects.as_str()),
            (of(Verdict::Weak), "weak"),
            (of(Verdict::Error), "broken off"),
            (unexpected(true), "passed unexpectedly"),
            (unexpected(false), "not as expected"),
        ]);
        if conclusion == Conclusion::DoesNotConform {
            if self.trouble.is_some() {
                parts.push("trouble".into());
            }
            let incomplete = if self.complete { "" } else { "; not complete" };
            let skipped = if skipped > 0 { format!("; {skipped} skipped") } else { String::new() };
            return format!("does not conform: {}{skipped}{incomplete}{advice}", parts.join(", "));
        }
        match (self.reached, self.cases.is_empty()) {
            (false, _) => "no verdict: the target could not be reached".into(),
            (true, true) => "no verdict: no case could be played".into(),
            (true, false) => {
                parts.insert(0, format!("{} passed", standing(Standing::Passed)));
                let incomplete = if self.complete { "" } else { ", then the run was stopped" };
                format!("no verdict: {}{incomplete}", parts.join(", "))
            }
        }
    }

    /// What is wrong with the run itself, in sentences without their full stops.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        if !self.reached {
            troubles.push("the target could not be reached".to_owned());
        }
        if !self.complete {
            let played = count(self.cases.len(), "case was", "cases were");
            troubles.push(format!("the run is not complete: {played} played"));
        }
        troubles.extend(self.trouble.clone());
        troubles
    }

    /// The facts of the run, as names and values: first those that are the same in every run, then those that differ.
    pub(crate) fn facts(&self) -> [Vec<(&'static str, String)>; 2] {
        let counts = match self.fail_on {
            FailOn::Critical => "only what is critical counts",
            FailOn::Must => "SHOULDs and weak refusals do not count",
            FailOn::Should => "SHOULDs and weak refusals count",
        };
        let mut lasting = vec![
            ("target", self.target.clone()),
            ("origin", self.origin.clone()),
            ("library", self.library.clone().unwrap_or_default()),
            ("held to", format!("profile {}; {counts}", self.profile)),
        ];
        lasting.extend(self.attestation.clone().map(|format| ("attestation", format)));
        lasting.push(("tool", self.tool.clone()));
        let changing = [
            ("began", self.began.clone()),
            (
                "took",
                if self.milliseconds == 0 {
                    String::new()
                } else {
                    format!("{} s", super::text::seconds(self.milliseconds))
                },
            ),
            ("seed", self.seed.clone()),
        ];
        lasting.retain(|(_, value)| !value.is_empty());
        [lasting, changing.into_iter().filter(|(_, value)| !value.is_empty()).collect()]
    }

    /// The cases by ceremony and chapter, in the order in which they stand.
    pub(crate) fn chapters(&self) -> Vec<Chapter<'_>> {
        let mut chapters: Vec<Chapter<'_>> = Vec::new();
        for case in &self.cases {
            let (ceremony, name) = (case.ceremony(), case.chapter());
            match chapters.iter_mut().find(|chapter| chapter.ceremony == ceremony && chapter.name == name) {
                Some(chapter) => chapter.cases.push(case),
                None => chapters.push(Chapter { ceremony, name, cases: vec![case] }),
            }
        }
        let ceremonies: Vec<&str> = chapters.iter().map(|chapter| chapter.ceremony).collect();
        chapters.sort_by_key(|chapter| ceremonies.iter().position(|known| *known == chapter.ceremony));
        chapters
    }
}

/// The cases of one chapter.
pub(crate) struct Chapter<'a> {
    pub(crate) ceremony: &'a str,
    pub(crate) name: &'a str,
    pub(crate) cases: Vec<&'a CaseReport>,
}

/// The number of cases of each verdict, in the order of [`Verdict::ALL`].
pub(crate) fn counts(cases: &[&CaseReport]) -> Vec<(Verdict, usize)> {
    let count = |verdict: &Verdict| cases.iter().filter(|case| case.verdict == *verdict).count();
    Verdict::ALL.iter().map(|verdict| (*verdict, count(verdict))).collect()
}

/// Groups cases of which `said` returns the same text, the largest group first.
pub(crate) fn grouped<'a>(
    cases: &[&'a CaseReport],
    said: impl Fn(&CaseReport) -> String,
) -> Vec<(String, Vec<&'a CaseReport>)> {
    let mut groups: Vec<(String, Vec<&CaseReport>)> = Vec::new();
    for case in cases {
        let said = said(case);
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, group)) => group.push(case),
            None => groups.push((said, vec![case])),
        }
    }
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    groups
}

/// Names cases in short: by its id a case that is alone in its chapter, the others by their chapter and number.
pub(crate) fn places(cases: &[&CaseReport]) -> Vec<String> {
    let chapters = grouped(cases, CaseReport::place);
    let place = |(place, cases): &(String, Vec<&CaseReport>)| match cases.as_slice() {
        [case] => case.id.clone(),
        cases => format!("{place} ({})", cases.len()),
    };
    chapters.iter().map(place).collect()
}
