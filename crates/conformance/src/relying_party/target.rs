//! The seam to what is tested: a relying party that begins and ends ceremonies.

pub(super) mod ask;
pub(super) mod described;
mod description;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "process")]
mod process;
mod user_names;

use std::time::Duration;

use crate::core::exchange::Exchange;
pub use ask::{Ask, Asked};
pub use described::HttpTargetError;
pub use description::{Description, DescriptionError};
#[cfg(feature = "http")]
pub use http::HttpTarget;
#[cfg(feature = "process")]
pub use process::ProcessTarget;
use stuntkey::webauthn::{AttestationConveyance, Ceremony, ResidentKey, UserVerification};
pub use user_names::UserNames;

/// How a refusal begins that came before the options were asked for: at a sign-up, or at a login by other means.
pub(crate) const BEFORE_THE_OPTIONS: &str = "before the options: ";

/// A relying party under test.
///
/// Over HTTP it is an [`HttpTarget`](crate::HttpTarget), in another process a [`ProcessTarget`](crate::ProcessTarget); one in the
/// same process implements this trait.
pub trait Target: Send + Sync {
    /// A browser of its own: what one session does, another does not see.
    fn session(&self) -> Box<dyn Session + '_>;

    /// Whether a login can begin with the user's name. If it cannot, the credential always tells who logs in.
    fn logs_in_by_name(&self) -> bool {
        true
    }

    /// What stands at `/.well-known/webauthn` (WebAuthn L3 §5.11), if the target is one that serves documents: the content
    /// type and the text. `None` if there is nothing.
    fn related_origins(&self) -> Option<(String, String)> {
        None
    }

    /// Another relying party of the same server, such as another tenant's, with an RP ID and users of its own; and the origin of
    /// its pages. `None` if there is none, or nobody knows where.
    fn second(&self) -> Option<(&dyn Target, &str)> {
        None
    }
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

    /// Ends a ceremony by two replies at the same moment, as a browser does that sends two requests side by side: what came of
    /// each, and what was sent and received if there was more to it than the bodies. `None` if the target takes one request
    /// after the other.
    fn finish_at_once(
        &mut self,
        ceremony: Ceremony,
        replies: [&str; 2],
    ) -> Option<[(Answer, Option<Exchange>); 2]> {
        let _ = (ceremony, replies);
        None
    }

    /// What the browser shows to be logged in, such as the value of a session cookie; `None` if nobody knows what that is.
    fn login_session(&self) -> Option<String> {
        None
    }

    /// Whether a member of a registration's or an authentication's reply, such as `type` or `response/signature`, is sent to
    /// the target. Some take only a few of them, so a change of another one changes nothing. The empty name means that the
    /// reply is sent as it is.
    fn sends(&self, ceremony: Ceremony, member: &str) -> bool {
        let _ = (ceremony, member);
        true
    }

    /// Tells how much of the case's time is left: a request in vain is to be given up after that. Nothing needs to be done
    /// where nothing can hang.
    fn set_time_left(&mut self, left: Duration) {
        let _ = left;
    }

    /// Becomes the session of another browser, if it can do so and spare a connection; false, if it is to be made anew.
    fn renew(&mut self) -> bool {
        false
    }

    /// How long the last request waited because the target wanted it to. A case gets that time in addition.
    fn last_wait(&mut self) -> Duration {
        Duration::ZERO
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
    /// Whether the create is to be conditional: `mediation` beside the options is `conditional`.
    pub conditional: bool,
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
#[non_exhaustive]
pub enum Answer {
    /// It was accepted, with this body.
    Accepted(String),
    /// It was refused, and why.
    Refused(String),
    /// The target broke: a 5xx, a dropped connection, an answer that is none.
    Crashed(String),
    /// Nothing came in time.
    Hung(String),
    /// The target has no time for us, such as a server that answers 429, however long we waited.
    Busy(String),
    /// The target could not be reached at all.
    Unreachable(String),
}
