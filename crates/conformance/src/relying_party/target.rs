//! The seam to what is tested: a relying party that begins and ends ceremonies.

mod description;
mod http;
mod process;

use std::time::Instant;

pub use description::{Description, DescriptionError};
pub use http::{HttpTarget, HttpTargetError};
pub use process::ProcessTarget;
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};

/// A relying party under test.
///
/// Over HTTP it is an [`HttpTarget`](crate::HttpTarget), in another process a [`ProcessTarget`](crate::ProcessTarget); one in the
/// same process implements this trait.
pub trait Target: Send + Sync {
    /// A browser of its own: what one session does, another does not see.
    fn session(&self) -> Box<dyn Session + '_>;
}

/// One browser's session with a relying party. Bodies are JSON texts, in any shape that
/// [`stuntkey::Client`] reads.
pub trait Session {
    /// Begins a registration: an accepted answer's body has the creation options.
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer;

    /// Ends it with the client's reply.
    fn register(&mut self, reply: &str) -> Answer;

    /// Begins an authentication: an accepted answer's body has the request options.
    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer;

    /// Ends it with the client's reply.
    fn authenticate(&mut self, reply: &str) -> Answer;

    /// Tells when the case has to be over: a request in vain is to be given up then. Nothing needs to be done where
    /// nothing can hang.
    fn set_deadline(&mut self, at: Instant) {
        let _ = at;
    }

    /// Becomes the session of another browser, if it can do so and spare a connection; false, if it is to be made anew.
    fn renew(&mut self) -> bool {
        false
    }

    /// What was sent and received last, if there was more to it than the bodies.
    fn last_exchange(&mut self) -> Option<Exchange> {
        None
    }
}

/// Who registers, and what the options should ask for. A relying party with settings of its own may ask for
/// something else.
#[derive(Debug, Clone)]
pub struct RegistrationRequest<'a> {
    /// The account's name.
    pub username: &'a str,
    /// The name to display.
    pub display_name: &'a str,
    /// `userVerification`.
    pub user_verification: UserVerification,
    /// `residentKey`.
    pub resident_key: ResidentKey,
    /// `attestation`.
    pub attestation: AttestationConveyance,
    /// `extensions`: a JSON object.
    pub extensions: &'a str,
}

/// Who logs in, and what the options should ask for.
#[derive(Debug, Clone)]
pub struct AuthenticationRequest<'a> {
    /// The account's name; `None` if the credential is to tell who it is.
    pub username: Option<&'a str>,
    /// `userVerification`.
    pub user_verification: UserVerification,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was accepted, with this body.
    Accepted(String),
    /// It was refused, and why.
    Refused(String),
    /// The target broke: a 5xx, a dropped connection, an answer that is none.
    Crashed(String),
    /// Nothing came in time.
    Hung(String),
    /// The target could not be reached at all.
    Unreachable(String),
}

/// One request and its answer, as they were on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// What was done: "registration options", "registration result" …
    pub action: String,
    /// The HTTP method.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The request's headers, secrets left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub sent: String,
    /// The HTTP status, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer's body, cut to a few kilobytes.
    pub received: String,
}
