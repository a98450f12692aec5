//! The list of settings, by name.

use super::Model;
use crate::attestation::Plan;
use crate::encoding::setting::{Row, SettingKind, SettingOption};
use crate::webauthn::InputError;

/// One setting of a [`Model`]: its name, what it is for, and its text form.
///
/// ```
/// use stuntkey::authenticator::{CounterPolicy, Model};
///
/// let counter = Model::settings().find(|setting| setting.name() == "counter").unwrap();
/// assert_eq!(counter.doc(), "How signature counters move");
/// assert_eq!(counter.get(&Model::default()).as_deref(), Some("per-credential"));
/// let mut model = Model::default();
/// counter.set(&mut model, "zero")?;
/// assert_eq!(model.counter, CounterPolicy::Zero);
/// assert!(counter.set(&mut model, "none").is_err());
/// # Ok::<(), stuntkey::webauthn::InputError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Setting(Of);

#[derive(Clone, Copy)]
enum Of {
    Model(&'static Row<Model>),
    Plan(&'static Row<Plan>),
}

/// What stands before the names of a plan's settings.
pub(super) const PLAN: &str = "attestation";

impl Setting {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let model = Model::ROWS.iter().filter(|row| row.name != PLAN).map(|row| Self(Of::Model(row)));
        model.chain(Plan::ROWS.iter().map(|row| Self(Of::Plan(row))))
    }

    pub(super) fn named(name: &str) -> Result<Self, InputError> {
        Self::all().find(|setting| setting.name() == name).ok_or_else(|| {
            let names: Vec<String> = Self::all().map(|setting| setting.name()).collect();
            let expected = format!("one of {}", names.join(", "));
            InputError::new(name, "a name that no setting has", expected)
        })
    }

    /// Its name: that of the field, after `attestation.` for those of the plan.
    #[must_use]
    pub fn name(self) -> String {
        match self.0 {
            Of::Model(row) => row.name.to_owned(),
            Of::Plan(row) => format!("{PLAN}.{}", row.name),
        }
    }

    /// What it is, without a full stop.
    #[must_use]
    pub fn doc(self) -> String {
        let doc = match self.0 {
            Of::Model(row) => row.doc,
            Of::Plan(row) => row.doc,
        };
        let first = doc.iter().map(|line| line.trim()).take_while(|line| !line.is_empty());
        first.collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
    }

    /// How a command line offers it, if it does.
    #[must_use]
    pub fn option(self) -> Option<SettingOption> {
        match self.0 {
            Of::Model(row) => row.option,
            Of::Plan(row) => row.option,
        }
    }

    /// How it stands in JSON.
    #[must_use]
    pub fn kind(self) -> SettingKind {
        match self.0 {
            Of::Model(row) => row.kind,
            Of::Plan(row) => row.kind,
        }
    }

    /// Every value that it can have, or that an item of the list can have, and what the value means; empty where they are
    /// too many.
    #[must_use]
    pub fn values(self) -> Vec<(&'static str, &'static str)> {
        match self.0 {
            Of::Model(row) => (row.values)(),
            Of::Plan(row) => (row.values)(),
        }
    }

    /// Its text form in a model; `None` if it is not set.
    #[must_use]
    pub fn get(self, model: &Model) -> Option<String> {
        match self.0 {
            Of::Model(row) => (row.get)(model),
            Of::Plan(row) => (row.get)(&model.attestation),
        }
    }

    /// Sets it in a model. Names are read whatever their case.
    ///
    /// # Errors
    /// [`InputError`]: the text is none of its values.
    pub fn set(self, model: &mut Model, text: &str) -> Result<(), InputError> {
        let set = match self.0 {
            Of::Model(row) => (row.set)(model, text),
            Of::Plan(row) => (row.set)(&mut model.attestation, text),
        };
        set.map_err(|expected| InputError::new(self.name(), format!("{text:?}"), expected))
    }
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Setting({})", self.name())
    }
}
