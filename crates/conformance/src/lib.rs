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
//! What it has to do is the trait [`Target`]; over HTTP that is [`HttpTarget`], in another process [`ProcessTarget`].
//!
//! | room | what it holds |
//! |---|---|
//! | `case`, `cases` | what is asked, and how it is shown: one entry a case |
//! | `stage` | people with authenticators, each in a session with the target |
//! | `target` | the seam to what is tested, and its implementations |
//! | `runner` | plays cases at once, with deadlines, and gives the verdicts |
//! | `report` | what came of it, one file a format |
//! | `load` | virtual users who register and log in, at a rate or as fast as the target lets them |
//! | `relying_party` | a relying party on the library's verifier, and its flaws: what every case is proven against |

mod case;
mod cases;
mod expectation;
mod load;
mod relying_party;
pub mod report;
mod runner;
mod stage;
mod target;
mod verdict;

pub use case::{Case, Level, Profile, Severity};
pub use cases::{all as cases, select as select_cases};
pub use expectation::{ExpectationError, Expectations, Expected};
pub use load::{Load, LoadReport, Progress, StepReport};
pub use relying_party::{Flaw, ReferenceRelyingParty, RunningServer, Server, Settings};
pub use report::{CaseReport, Report};
pub use runner::{Harness, Observer};
pub use target::{
    Answer, AuthenticationRequest, Description, DescriptionError, Exchange, HttpTarget, HttpTargetError,
    ProcessTarget, RegistrationRequest, Session, Target,
};
pub use verdict::Verdict;
