//! Faults: named single changes to a ceremony, for tests of those who verify.
//!
//! ```
//! # #[cfg(feature = "verifier")] {
//! use stuntkey::fault::Fault;
//!
//! let fault = Fault::from_id("client-data/origin/subdomain").unwrap();
//! let authenticator = fault.prepare(stuntkey::Authenticator::builder()).build()?;
//! let mut client =
//!     stuntkey::Client::builder("https://example.org").authenticator(authenticator).fault(fault).build()?;
//! # let _ = &mut client;
//! # }
//! # Ok::<(), stuntkey::Error>(())
//! ```
//!
//! A ceremony is a draft until it is sealed: a fault is one [edit](crate::draft::Edit) at one stage, and what
//! comes after is computed from the edited value. So what is signed is signed again, unless the fault is about the
//! signature, and a refusal can only mean that fault.
//!
//! The first parts of an id name the requirement that is broken, the last how.

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

use std::fmt;

use crate::attestation::AttestationFormat;
use crate::authenticator::{AuthenticatorBuilder, CounterPolicy};
use crate::crypto::Algorithm;
use crate::draft::Edit;
use crate::webauthn::Ceremony;

/// One named change to a ceremony.
#[derive(Clone, Copy)]
pub struct Fault {
    id: &'static str,
    sentence: &'static str,
    create: u8,
    get: u8,
    edits: &'static [Edit],
    setup: Setup,
}

/// What a fault needs of the authenticator.
#[derive(Clone, Copy)]
struct Setup {
    format: Option<AttestationFormat>,
    algorithm: Option<Algorithm>,
    intermediates: u8,
    root_in_x5c: bool,
    credential_id_length: Option<u16>,
    extension_data: Option<&'static [u8]>,
    stale_counter: bool,
}

const NO_SETUP: Setup = Setup {
    format: None,
    algorithm: None,
    intermediates: 0,
    root_in_x5c: false,
    credential_id_length: None,
    extension_data: None,
    stale_counter: false,
};

impl Fault {
    /// A fault of registrations, at this step of §7.1.
    const fn create(id: &'static str, step: u8, sentence: &'static str, edits: &'static [Edit]) -> Self {
        Self { id, sentence, create: step, get: 0, edits, setup: NO_SETUP }
    }

    /// A fault of authentications, at this step of §7.2.
    const fn get(id: &'static str, step: u8, sentence: &'static str, edits: &'static [Edit]) -> Self {
        Self { id, sentence, create: 0, get: step, edits, setup: NO_SETUP }
    }

    /// A fault of both ceremonies, at these steps.
    const fn both(
        id: &'static str,
        (create, get): (u8, u8),
        sentence: &'static str,
        edits: &'static [Edit],
    ) -> Self {
        Self { id, sentence, create, get, edits, setup: NO_SETUP }
    }

    const fn format(mut self, format: AttestationFormat) -> Self {
        self.setup.format = Some(format);
        self
    }

    const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.setup.algorithm = Some(algorithm);
        self
    }

    const fn intermediates(mut self, count: u8) -> Self {
        self.setup.intermediates = count;
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

    /// The clause that it violates: document, section and step.
    #[must_use]
    pub fn clause(&self, ceremony: Ceremony) -> Option<String> {
        let section = match ceremony {
            Ceremony::Create => "7.1",
            Ceremony::Get => "7.2",
        };
        self.step(ceremony).map(|step| format!("WebAuthn L3 §{section} step {step}"))
    }

    /// The attestation format that it is about, if it is about one.
    #[must_use]
    pub const fn attestation_format(&self) -> Option<AttestationFormat> {
        self.setup.format
    }

    /// The algorithm that the credential has to have, if it has to have one.
    #[must_use]
    pub const fn credential_algorithm(&self) -> Option<Algorithm> {
        self.setup.algorithm
    }

    /// Whether this build has what the fault needs.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.setup.algorithm.is_none_or(Algorithm::is_available)
    }

    /// Sets an authenticator up for the fault: the attestation format it is about, intermediate authorities, an
    /// algorithm.
    pub fn prepare(&self, mut authenticator: AuthenticatorBuilder) -> AuthenticatorBuilder {
        let Setup {
            format,
            algorithm,
            intermediates,
            root_in_x5c,
            credential_id_length,
            extension_data,
            stale_counter,
        } = self.setup;
        if let Some(format) = format {
            authenticator = authenticator.format(format);
        }
        if let Some(algorithm) = algorithm {
            authenticator = authenticator.algorithms([algorithm]);
        }
        if intermediates > 0 {
            authenticator = authenticator.attestation_intermediates(intermediates);
        }
        if root_in_x5c {
            authenticator = authenticator.attestation_root_in_x5c(true);
        }
        if let Some(length) = credential_id_length {
            authenticator = authenticator.credential_id_length(length);
        }
        if let Some(map) = extension_data {
            authenticator = authenticator.extension_data(map).expect("the catalogue's maps are tested");
        }
        if stale_counter {
            authenticator = authenticator.counter(CounterPolicy::Zero);
        }
        authenticator
    }

    /// The edits that make the fault.
    #[must_use]
    pub const fn edits(&self) -> &'static [Edit] {
        self.edits
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.id)
    }
}

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
