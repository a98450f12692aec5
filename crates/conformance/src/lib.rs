//! The harness: finds out whether a relying party refuses what it must refuse.
//!
//! ```text
//! conform:  case ─ options from the target ─ a valid response with one change ─ target → accepted / refused
//!                                                                        ─ verdict ─ report
//! ```
//!
//! A relying party in the same process is tested in three lines:
//!
//! ```no_run
//! # use stuntkey_conformance::{Answer, AuthenticationRequest, Harness, RegistrationRequest, Session, Target};
//! # #[derive(Default)] struct MyRelyingParty;
//! # impl Target for MyRelyingParty { fn session(&self) -> Box<dyn Session + '_> { unimplemented!() } }
//! #[test]
//! fn my_relying_party_conforms() {
//!     Harness::new(&MyRelyingParty::default(), "https://example.org").run().assert_conforms();
//! }
//! ```
//!
//! What it has to do is the trait [`Target`]; over HTTP that is [`HttpTarget`], in another process [`ProcessTarget`]. Where there
//! are neither threads, sockets nor clocks, somebody else carries out the steps of a [`StepRun`].
//!
//! | room | what it holds |
//! |---|---|
//! | `core` | cases, runs, verdicts, expectations, reports and load |
//! | `relying_party::catalogue` | every case: one entry each, by subject |
//! | `relying_party::defects` | what is wrong with a relying party that fails a case, and what to do about it |
//! | `relying_party::stage` | people with authenticators, each in a session with the target |
//! | `relying_party::target` | the seam to what is tested, and its implementations |
//! | `relying_party::steps` | a run whose requests somebody else carries out |
//! | `relying_party::reference` | a relying party on the library's verifier, and its flaws: every case is proven against it |

#[cfg(feature = "authenticators")]
mod authenticator;
mod core;
mod kinds;
mod relying_party;

pub use crate::core::case::{Case as AnyCase, Level, Suite};
pub use crate::core::change::{Change, Contrast};
pub use crate::core::clock::VirtualClock;
pub use crate::core::defect::{Defect, Severity};
pub use crate::core::exchange::{Exchange, Role};
pub use crate::core::expectation::{ExpectationError, Expectations, Expected};
pub use crate::core::explanation::Explanation;
#[cfg(feature = "load")]
pub use crate::core::load::Progress;
#[cfg(feature = "load")]
pub use crate::core::load::report::{ErrorReport, IntervalReport, SlowReport, StepReport};
pub use crate::core::report::{self, CaseReport, Conclusion, FailOn, Finding, Hint, Report};
pub use crate::core::run::Observer;
pub use crate::core::verdict::Verdict;
#[cfg(feature = "authenticators")]
pub use authenticator::catalogue::{all as authenticator_cases, select as select_authenticator_cases};
#[cfg(feature = "authenticators")]
pub use authenticator::explain::explain as explain_authenticator_case;
#[cfg(feature = "authenticators")]
pub use authenticator::flaw::{AuthenticatorFlaw, FlawedKey};
#[cfg(feature = "authenticators")]
pub use authenticator::harness::AuthenticatorHarness;
#[cfg(feature = "authenticators")]
pub use authenticator::need::Need as AuthenticatorNeed;
#[cfg(feature = "authenticators")]
pub use authenticator::subject::{
    AuthenticatorTarget, Hooks, InProcessAuthenticator, RemoteAuthenticator, Touches,
};
#[cfg(feature = "authenticators")]
pub use authenticator::suite::{AuthenticatorCase, AuthenticatorProfile, AuthenticatorSuite};
pub use relying_party::catalogue::{all as cases, select as select_cases};
pub use relying_party::explain::explain;
pub use relying_party::harness::Harness;
pub use relying_party::hints::{libraries, library_named};
#[cfg(feature = "load")]
pub use relying_party::load::{Load, LoadComparison, LoadFormat, LoadReport};
pub use relying_party::metadata::TestBlob;
pub use relying_party::need::{Allowance, Need};
#[cfg(feature = "serve")]
pub use relying_party::reference::{BlobSite, RunningServer, Served, Server};
pub use relying_party::reference::{
    Configuration, Flaw, Logins, Names, ReferenceRelyingParty, Refusal, Settings,
};
pub use relying_party::steps::{EndedCase, Step, StepAnswer, StepError, StepRequest, StepRun, StepTarget};
pub use relying_party::suite::{Case, Profile, RelyingParty};
#[cfg(feature = "http")]
pub use relying_party::target::HttpTarget;
#[cfg(feature = "process")]
pub use relying_party::target::ProcessTarget;
pub use relying_party::target::{
    Answer, Ask, Asked, AuthenticationRequest, Description, DescriptionError, HttpTargetError,
    RegistrationRequest, Session, Target, UserNames,
};
