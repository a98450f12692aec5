//! What came of a verification as JSON, or any other format that serde knows.

use ::serde::ser::{Serialize, SerializeMap, Serializer};

use super::judge::{Examination, FailedCheck, StepReport, StepVerdict};

/// `check`, `requirement`, `clause` (what says more), `found`, `expected`, and `place` where the check alone does not say it.
impl Serialize for FailedCheck {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("check", self.check.id())?;
        map.serialize_entry("requirement", self.check.requirement())?;
        map.serialize_entry("clause", self.check.clause())?;
        map.serialize_entry("found", &self.found)?;
        map.serialize_entry("expected", &self.expected)?;
        if let Some(place) = &self.place {
            map.serialize_entry("place", place)?;
        }
        map.end()
    }
}

/// The steps in order. Each has `step`, `title`, `clause` and `verdict`, which is `passed` (with what was `seen`, where that
/// is worth telling), `failed` (with the `failures`), `not reached` or `not applicable` (with the `reason`).
impl Serialize for Examination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.steps.iter().map(|step| Step { of: self, step }))
    }
}

struct Step<'a> {
    of: &'a Examination,
    step: &'a StepReport,
}

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("step", &self.step.number)?;
        map.serialize_entry("title", self.step.title)?;
        map.serialize_entry("clause", &self.of.clause(self.step.number))?;
        match &self.step.verdict {
            StepVerdict::Passed(seen) => {
                map.serialize_entry("verdict", "passed")?;
                if let Some(seen) = seen {
                    map.serialize_entry("seen", seen)?;
                }
            }
            StepVerdict::Failed(failures) => {
                map.serialize_entry("verdict", "failed")?;
                map.serialize_entry("failures", failures)?;
            }
            StepVerdict::NotReached => map.serialize_entry("verdict", "not reached")?,
            StepVerdict::NotApplicable(reason) => {
                map.serialize_entry("verdict", "not applicable")?;
                map.serialize_entry("reason", reason)?;
            }
        }
        map.end()
    }
}
