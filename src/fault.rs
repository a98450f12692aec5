//! Faults: named single changes to a ceremony, for tests of those who verify.
//!
//! ```
//! use stuntkey::fault::Fault;
//!
//! # let body = include_str!("../examples/nevis-enroll-response.json");
//! for fault in Fault::all().filter(|fault| fault.id().starts_with("client-data/origin/")) {
//!     let mut client = stuntkey::Client::builder("https://login.example.com").fault(fault).build()?;
//!     let wrong = client.register(body)?; // a server has to refuse this
//! #   let _ = wrong;
//! }
//! # Ok::<(), stuntkey::Error>(())
//! ```
//!
//! A ceremony is a draft until it is sealed: a fault is one [edit](crate::draft::Edit) at one stage, and what
//! comes after is computed from the edited value. So what is signed is signed again, unless the fault is about the
//! signature, and a refusal can only mean that fault.
//!
//! The first parts of an id name the requirement that is broken, the last how.

mod answer;
mod attestation_object;
mod authenticator_data;
mod changes;
mod client_data;
mod credential_key;
mod packed;
mod platforms;
mod reply;
mod signature;
mod tpm;
mod trust;

pub use answer::{AnswerFault, LyingAuthenticator};

use std::fmt;

use crate::attestation::AttestationFormat;
use crate::authenticator::Model;
use crate::crypto::Algorithm;
use crate::draft::Edit;
use crate::webauthn::{Ceremony, Step};

/// One named change to a ceremony.
///
/// [`ClientBuilder::fault`](crate::client::ClientBuilder::fault) applies it: its patch of the authenticator's model, and
/// its edits.
#[derive(Clone, Copy)]
pub struct Fault {
    id: &'static str,
    sentence: &'static str,
    create: u8,
    get: u8,
    edits: &'static [Edit],
    patch: &'static [(&'static str, &'static str)],
}

impl Fault {
    /// A fault of registrations, at this step of §7.1.
    const fn create(id: &'static str, step: u8, sentence: &'static str, edits: &'static [Edit]) -> Self {
        Self { id, sentence, create: step, get: 0, edits, patch: &[] }
    }

    /// A fault of authentications, at this step of §7.2.
    const fn get(id: &'static str, step: u8, sentence: &'static str, edits: &'static [Edit]) -> Self {
        Self { id, sentence, create: 0, get: step, edits, patch: &[] }
    }

    /// A fault of both ceremonies, at these steps.
    const fn both(
        id: &'static str,
        (create, get): (u8, u8),
        sentence: &'static str,
        edits: &'static [Edit],
    ) -> Self {
        Self { id, sentence, create, get, edits, patch: &[] }
    }

    /// Needs this attestation.
    const fn format(self, format: AttestationFormat) -> Self {
        self.on(match format {
            AttestationFormat::Packed => &[("attestation.format", "packed")],
            AttestationFormat::PackedSelf => &[("attestation.format", "packed-self")],
            AttestationFormat::Tpm => &[("attestation.format", "tpm")],
            AttestationFormat::AndroidKey => &[("attestation.format", "android-key")],
            AttestationFormat::AndroidSafetynet => &[("attestation.format", "android-safetynet")],
            AttestationFormat::FidoU2f => &[("attestation.format", "fido-u2f")],
            AttestationFormat::Apple => &[("attestation.format", "apple")],
            AttestationFormat::Compound => &[("attestation.format", "compound")],
            AttestationFormat::None => &[("attestation.format", "none")],
        })
    }

    /// Needs these settings of the model, and no others.
    const fn on(mut self, patch: &'static [(&'static str, &'static str)]) -> Self {
        self.patch = patch;
        self
    }

    /// Every fault, by chapter.
    pub fn all() -> impl Iterator<Item = &'static Fault> {
        CHAPTERS.iter().copied().flatten()
    }

    /// The fault of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<&'static Fault> {
        Self::all().find(|fault| fault.id == id)
    }

    /// A stable name, such as `client-data/origin/subdomain`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// What is wrong, in one sentence without its full stop.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }

    /// The step of WebAuthn L3 §7.1 or §7.2 that has to refuse it, if it applies to the ceremony.
    #[must_use]
    pub const fn step(&self, ceremony: Ceremony) -> Option<u8> {
        let step = match ceremony {
            Ceremony::Create => self.create,
            Ceremony::Get => self.get,
        };
        if step == 0 { None } else { Some(step) }
    }

    /// The ceremonies that it applies to: one of them, or both.
    pub fn ceremonies(&self) -> impl Iterator<Item = Ceremony> + use<> {
        let steps = [(Ceremony::Create, self.create), (Ceremony::Get, self.get)];
        steps.into_iter().filter(|(_, step)| *step != 0).map(|(ceremony, _)| ceremony)
    }

    /// The clause that it violates: document, section and step.
    #[must_use]
    pub fn clause(&self, ceremony: Ceremony) -> Option<String> {
        self.step(ceremony).and_then(|step| Step::of(ceremony, step)).map(Step::clause)
    }

    /// The attestation format that it is about, if it is about one.
    #[must_use]
    pub fn attestation_format(&self) -> Option<AttestationFormat> {
        AttestationFormat::from_name(self.patched("attestation.format")?)
    }

    /// The algorithm that the credential has to have, if it has to have one.
    #[must_use]
    pub fn credential_algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_name(self.patched("algorithms")?)
    }

    fn patched(&self, setting: &str) -> Option<&'static str> {
        self.patch.iter().find(|(name, _)| *name == setting).map(|(_, text)| *text)
    }

    /// Whether this build has the algorithms that the fault needs.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.device().algorithms.iter().all(|algorithm| algorithm.is_available())
    }

    /// The settings that it needs of an authenticator's [model](Model), by their names and text forms.
    #[must_use]
    pub const fn patch(&self) -> &'static [(&'static str, &'static str)] {
        self.patch
    }

    /// Whether the change, or a part of it, is made to the ceremony itself. Otherwise the authenticator alone is
    /// different.
    #[must_use]
    pub const fn changes_ceremony(&self) -> bool {
        !self.edits.is_empty()
    }

    /// Whether it changes the JSON of the reply, which not every reply shape has.
    #[must_use]
    pub fn changes_reply(&self) -> bool {
        self.edits.iter().any(|edit| edit.stage() == "Reply")
    }

    /// Whether an authenticator of this model is what the fault needs.
    ///
    /// # Errors
    /// [`FaultError::Built`]: the first setting that it lacks.
    pub(crate) fn fits(&self, model: &Model) -> Result<(), FaultError> {
        let device = self.device();
        let needed = |name: &str| Model::settings().find(|setting| setting.name() == name);
        for setting in self.patch.iter().filter_map(|(name, _)| needed(name)) {
            let (found, needed) = (setting.get(model), setting.get(&device));
            if found != needed {
                let (fault, setting) = (self.id, setting.name());
                return Err(FaultError::Built { fault, setting, found, needed: needed.unwrap_or_default() });
            }
        }
        Ok(())
    }

    /// The default model, as the fault needs it.
    fn device(&self) -> Model {
        let mut model = Model::default();
        self.apply_to(&mut model).expect("no setting of the default model stands in the way of a fault");
        model
    }

    /// Sets a model up for the fault. A setting that has its default, or a list that has what the fault needs among
    /// others, is set; any other is in the way.
    ///
    /// # Errors
    /// [`FaultError::Model`]: the first setting that is in the way.
    pub fn apply_to(&self, model: &mut Model) -> Result<(), FaultError> {
        let default = Model::default();
        let mut patched = model.clone();
        for (name, needed) in self.patch {
            let setting = Model::settings().find(|setting| setting.name() == *name);
            let setting = setting.expect("the catalogue's patches are tested");
            let found = setting.get(model);
            setting.set(&mut patched, needed).expect("the catalogue's patches are tested");
            let has = setting.get(model) == setting.get(&patched);
            let is_open = found == setting.get(&default);
            let among = *name == "algorithms"
                && patched.algorithms.iter().all(|algorithm| model.algorithms.contains(algorithm));
            if !(has || is_open || among) {
                let (fault, setting, needed) = (self.id, setting.name(), (*needed).to_owned());
                return Err(FaultError::Model { fault, setting, found, needed });
            }
        }
        *model = patched;
        Ok(())
    }

    pub(crate) const fn edits(&self) -> &'static [Edit] {
        self.edits
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.id)
    }
}

/// The id and the sentence: `client-data/origin/subdomain: the origin is a subdomain of the right one`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.sentence)
    }
}

/// Why a fault cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultError {
    /// The authenticator's model has a setting that is in the way.
    Model {
        /// The fault's id.
        fault: &'static str,
        /// The setting's name.
        setting: String,
        /// Its text form in the model.
        found: Option<String>,
        /// What the fault needs.
        needed: String,
    },
    /// The authenticator was built before the client was told of the fault, and is not what the fault needs.
    Built {
        /// The fault's id.
        fault: &'static str,
        /// The setting's name.
        setting: String,
        /// Its text form in the authenticator's model.
        found: Option<String>,
        /// What the fault needs.
        needed: String,
    },
    /// The fault needs an authenticator of another model, and the client's device has none that could be changed.
    Device {
        /// The fault's id.
        fault: &'static str,
    },
    /// The ceremony is not one of the fault's.
    Ceremony {
        /// The fault's id.
        fault: &'static str,
        /// The ceremony that was asked for.
        ceremony: Ceremony,
    },
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |found: &Option<String>| found.clone().unwrap_or_else(|| "nothing".to_owned());
        match self {
            FaultError::Model { fault, setting, found, needed } => {
                write!(
                    f,
                    "{setting}: found {}, expected {needed}, as the fault {fault} needs it",
                    shown(found)
                )
            }
            FaultError::Built { fault, setting, found, needed } => write!(
                f,
                "{setting}: found {} in an authenticator that is built already, expected {needed}, as the fault \
                 {fault} needs it; give the client the authenticator's builder",
                shown(found)
            ),
            FaultError::Device { fault } => {
                write!(
                    f,
                    "the fault {fault} needs an authenticator of another model, which this device cannot become"
                )
            }
            FaultError::Ceremony { fault, ceremony } => {
                let (played, other) = match ceremony {
                    Ceremony::Create => ("a registration", "an authentication"),
                    Ceremony::Get => ("an authentication", "a registration"),
                };
                write!(f, "found {played}, expected {other}, which the fault {fault} is one of")
            }
        }
    }
}

impl std::error::Error for FaultError {}

/// The patch of a fault whose edit is made for ES256 keys and signatures, and does nothing, or something else, to others.
const ES256: &[(&str, &str)] = &[("algorithms", "ES256")];

/// By the order of the steps.
const CHAPTERS: [&[Fault]; 10] = [
    reply::FAULTS,
    client_data::FAULTS,
    attestation_object::FAULTS,
    authenticator_data::FAULTS,
    credential_key::FAULTS,
    packed::FAULTS,
    tpm::FAULTS,
    platforms::FAULTS,
    trust::FAULTS,
    signature::FAULTS,
];
