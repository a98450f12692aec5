//! A relying party built on the library's verifier. The tests prove the harness against it, and people can try a client
//! with it. It keeps users, sessions and challenges in memory, and loses them when the process ends.

mod configuration;
#[cfg(feature = "serve")]
mod fido_binding;
mod flaw;
mod in_process;
mod judge;
mod metadata;
#[cfg(feature = "serve")]
mod nevis;
mod options;
mod second;
#[cfg(feature = "serve")]
mod server;
mod settings;
mod sound_ceremony;
mod state;

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::{Value, json};
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::encoding::base64url;
use stuntkey::verifier::{
    AuthenticationExpectations, Check, Credentials, FailedCheck, RegisteredCredential,
    RegistrationExpectations, RelyingParty,
};
use stuntkey::webauthn::{Aaguid, Ceremony};

pub use configuration::{Configuration, Logins, Names, Refusal};
pub use flaw::Flaw;
use metadata::Metadata;
#[cfg(feature = "serve")]
use nevis::SharedTransactions;
#[cfg(all(test, feature = "serve"))]
pub(crate) use server::Handler;
#[cfg(feature = "serve")]
pub use server::{BlobSite, RunningServer, Served, Server};
pub use settings::Settings;

use crate::core::clock::Moment;
use flaw::{FlawKind, Misbehaviour};
use second::empty_state;
use sound_ceremony::SoundCeremony;
use state::{Credential, Pending, State};

/// The reference relying party.
///
/// It verifies every ceremony by WebAuthn L3 §7.1 and §7.2 with the standard's defaults, and trusts the roots of its
/// settings. A challenge can be answered once, in the session that it was sent to, until it expires. A [`Flaw`] makes it
/// do one thing wrong.
pub struct ReferenceRelyingParty {
    settings: Settings,
    judge: RelyingParty,
    metadata: Metadata,
    state: Arc<Mutex<State>>,
    /// What the other relying party of the same server remembers.
    neighbour: Option<Arc<Mutex<State>>>,
    second: Option<Arc<ReferenceRelyingParty>>,
    #[cfg(feature = "serve")]
    transactions: SharedTransactions,
    next_session: AtomicU64,
}

/// The longest user name and display name, in bytes.
const LONGEST_NAME: usize = 256;
/// A reply of more bytes is one at which [`Misbehaviour::BreaksAtLargeReplies`] breaks down.
const LARGE_REPLY: usize = 1 << 16;
/// The longest `extensions`, in bytes.
const LONGEST_EXTENSIONS: usize = 4096;

/// Why a request was not granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The request is malformed, or comes at the wrong time.
    Request(String),
    /// A ceremony's check failed.
    Check(Box<FailedCheck>),
    /// The relying party breaks down, as its flaw has it.
    Broken(String),
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Denied::Request(why) | Denied::Broken(why) => f.write_str(why),
            Denied::Check(refusal) => refusal.fmt(f),
        }
    }
}

impl ReferenceRelyingParty {
    /// A relying party without users.
    ///
    /// # Errors
    /// The system has no randomness for challenges.
    pub fn new(settings: Settings) -> std::io::Result<Self> {
        let now = SystemTime::UNIX_EPOCH + settings.clock.since_1970();
        let today = humantime::format_rfc3339_seconds(now).to_string();
        let today = today.split('T').next().unwrap_or_default();
        let state = empty_state(settings.most_users)?;
        let mut relying_party = Self {
            metadata: Metadata::read(&settings, today),
            judge: judge::judge(&settings),
            state,
            neighbour: None,
            second: None,
            settings,
            #[cfg(feature = "serve")]
            transactions: SharedTransactions::default(),
            next_session: AtomicU64::new(0),
        };
        relying_party.add_second()?;
        Ok(relying_party)
    }

    /// How many credentials are registered.
    #[must_use]
    pub fn credential_count(&self) -> usize {
        self.state().credential_count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a single step, so the state is whole even if a thread panicked with the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        self.settings.clock.now()
    }

    fn has(&self, misbehaviour: Misbehaviour) -> bool {
        self.settings.has(misbehaviour)
    }

    /// Begins a registration, and returns creation options for the user of this name, who is created if there is none.
    fn begin_registration(&self, session: &str, wanted: &options::Registration) -> Result<Value, Denied> {
        if wanted.username.is_empty() {
            return Err(Denied::Request("$.username: found an empty text, expected a name".into()));
        }
        expect_short("$.username", &wanted.username, LONGEST_NAME)?;
        if let Err(expected) = self.settings.configuration.names.expect(&wanted.username) {
            let found = &wanted.username;
            return Err(Denied::Request(format!("$.username: found {found:?}, expected {expected}")));
        }
        expect_short("$.displayName", &wanted.display_name, LONGEST_NAME)?;
        expect_short("$.extensions", &wanted.extensions.to_string(), LONGEST_EXTENSIONS)?;
        let options = options::creation(&self.settings, &mut self.state(), wanted);
        // Nobody else waits while the options are read.
        let read = find_creation_options(&options.to_string())
            .map_err(|error| Denied::Request(format!("its own options are none: {error}")))?;
        let conditional = options.get("mediation").is_some_and(|mediation| mediation == "conditional");
        let pending = Pending::registration(read, wanted.username.clone(), conditional, self.now());
        self.state().set_pending(session, Ceremony::Create, pending);
        Ok(options)
    }

    /// Finishes the registration that the session began, and returns the user's name.
    fn finish_registration(&self, session: &str, reply: &str) -> Result<String, Denied> {
        let pending = self.take_pending(session, Ceremony::Create, reply)?;
        let Some(options) = pending.creation() else {
            return Err(Denied::Request("the challenge is not one of a registration".into()));
        };
        let expected = RegistrationExpectations::new(options).conditional(pending.conditional);
        let user_handle = options.user.id.clone();
        let judge = self.judge_of_registration(reply);
        match judge.verify_registration(&self.as_hashed(reply), &expected, self) {
            Ok(verified) => {
                self.refuse_by_flaw(|| {
                    let known = self.state().credentials_of(&pending.user_name).len();
                    SoundCeremony::registration(reply, options, &verified, known)
                })?;
                self.refuse_by_metadata(verified.aaguid)?;
                self.restore(session, &pending, Misbehaviour::ChallengeReplayed);
                let mut record = verified.record;
                if self.has(Misbehaviour::ForgetsFirstCounter) {
                    record.sign_count = 0;
                }
                let credential = Credential { user_handle, record };
                self.add(&pending.user_name, credential)?;
                Ok(pending.user_name)
            }
            Err(refusal) if self.ignores(refusal.check) => Ok(pending.user_name),
            Err(refusal) => {
                self.restore(session, &pending, Misbehaviour::ChallengeAfterRefusal);
                if self.has(Misbehaviour::RegistersRefused) {
                    self.register_refused(reply, &expected, &pending.user_name, user_handle);
                }
                Err(Denied::Check(Box::new(refusal)))
            }
        }
    }

    /// Refuses a model that its metadata says is not to be trusted.
    fn refuse_by_metadata(&self, aaguid: Aaguid) -> Result<(), Denied> {
        match self.metadata.undesired_status(aaguid) {
            Some(status) if !self.has(Misbehaviour::MetadataStatusIgnored) => Err(Denied::Request(format!(
                "WebAuthn L3 §7.1 step 24: the model {aaguid} has the status {status}"
            ))),
            _ => Ok(()),
        }
    }

    /// Adds a credential that was verified. Another registration may have taken its id since the verifier checked it.
    fn add(&self, user_name: &str, credential: Credential) -> Result<(), Denied> {
        if let Some(mut theirs) = self.neighbour(Misbehaviour::OverwritesElsewhere) {
            theirs.update(credential.record.clone());
        }
        if self.ignores(Check::CredentialIdInUse) {
            self.state().add(user_name, credential);
            return Ok(());
        }
        match self.state().add_new(user_name, credential) {
            true => Ok(()),
            false => Err(Denied::Check(Box::new(FailedCheck {
                check: Check::CredentialIdInUse,
                step: 26,
                ceremony: Ceremony::Create,
                place: None,
                found: "an id that was registered in the meantime".into(),
                expected: "a new id".into(),
            }))),
        }
    }

    /// Whether a login gives the browser another session: whoever knew the one before would be logged in, too.
    fn renews_sessions(&self) -> bool {
        // Whoever takes a challenge twice finds it in the session that it was issued to.
        !self.has(Misbehaviour::KeepsSession) && !self.has(Misbehaviour::ChallengeReplayed)
    }

    /// What stands at `/.well-known/webauthn` (WebAuthn L3 §5.11), if there are related origins.
    fn related_origins_document(&self) -> Option<Value> {
        let related = &self.settings.related_origins;
        let listed = match self.has(Misbehaviour::RelatedOriginsMalformed) {
            true => json!(related.join(" ")),
            false => json!(related),
        };
        (!related.is_empty()).then(|| json!({ "origins": listed }))
    }

    fn forget_session(&self, session: &str) {
        self.state().forget_session(session);
    }

    /// Whether a ceremony has been begun in the session.
    #[cfg(feature = "serve")]
    fn knows_session(&self, session: &str) -> bool {
        self.state().knows_session(session)
    }

    /// Registers a credential whose registration was refused, as [`Misbehaviour::RegistersRefused`] asks.
    fn register_refused(
        &self,
        reply: &str,
        expected: &RegistrationExpectations,
        user_name: &str,
        user_handle: Vec<u8>,
    ) {
        if let Ok(verified) = self.lenient_judge().verify_registration(reply, expected, self) {
            self.state().add(user_name, Credential { user_handle, record: verified.record });
        }
    }

    /// Begins a login, and returns request options for the user of this name, or for any user if no name is given.
    fn begin_authentication(&self, session: &str, wanted: &options::Authentication) -> Result<Value, Denied> {
        let logins = self.settings.configuration.logins;
        let mut state = self.state();
        let username = wanted.username.clone().filter(|_| logins != Logins::Nameless);
        let wanted = &options::Authentication { username, ..wanted.clone() };
        if let Some(name) = &wanted.username {
            if state.credentials_of(name).is_empty() && self.has(Misbehaviour::TellsUnknownUsers) {
                return Err(Denied::Request(format!("no user {name:?} has a credential")));
            }
        } else if logins == Logins::Named || self.has(Misbehaviour::NoLoginWithoutName) {
            return Err(Denied::Request("$.username: found nothing, expected a name".into()));
        }
        let options = options::request(&self.settings, &mut state, wanted);
        drop(state);
        let read = find_request_options(&options.to_string())
            .map_err(|error| Denied::Request(format!("its own options are none: {error}")))?;
        let user_name = wanted.username.clone().unwrap_or_default();
        let pending = Pending::authentication(read, user_name, self.now());
        self.state().set_pending(session, Ceremony::Get, pending);
        Ok(options)
    }

    /// Finishes the login that the session began, and returns the name of the user who is logged in.
    fn finish_authentication(&self, session: &str, reply: &str) -> Result<String, Denied> {
        let pending = self.take_pending(session, Ceremony::Get, reply)?;
        let Some(options) = pending.request() else {
            return Err(Denied::Request("the challenge is not one of a login".into()));
        };
        let expected = AuthenticationExpectations::new(options)
            .user(self.state().handle_of(&pending.user_name))
            .stale_sign_count(!self.settings.configuration.counts);
        match self.judge_of(reply).verify_authentication(&self.as_hashed(reply), &expected, self) {
            Ok(verified) => {
                self.refuse_by_flaw(|| {
                    let before = self.state().record(&verified.record.id);
                    SoundCeremony::authentication(reply, options, &verified, before)
                })?;
                self.restore(session, &pending, Misbehaviour::ChallengeReplayed);
                let mut state = self.state();
                state.update(verified.record);
                Ok(state.name_of(&verified.user_handle))
            }
            Err(refusal) if self.ignores(refusal.check) => Ok(pending.user_name),
            Err(refusal) => {
                self.restore(session, &pending, Misbehaviour::ChallengeAfterRefusal);
                if self.has(Misbehaviour::MovesRefusedCounter) {
                    let verified = self.lenient_judge().verify_authentication(reply, &expected, self);
                    if let Ok(verified) = verified {
                        self.state().update(verified.record);
                    }
                }
                Err(Denied::Check(Box::new(refusal)))
            }
        }
    }

    /// Takes the pending ceremony that this reply answers. Its challenge is used up, whether the reply is accepted or not.
    fn take_pending(&self, session: &str, ceremony: Ceremony, reply: &str) -> Result<Pending, Denied> {
        if reply.len() > LARGE_REPLY && self.has(Misbehaviour::BreaksAtLargeReplies) {
            return Err(Denied::Broken("a reply too large for it".into()));
        }
        let challenge = || sound_ceremony::challenge_of(reply).unwrap_or_default();
        let is_theirs = self
            .neighbour(Misbehaviour::ChallengeOfAnyRelyingParty)
            .is_some_and(|theirs| theirs.pending_with_challenge(ceremony, &challenge()).is_some());
        let mut state = self.state();
        let taken = match self.has(Misbehaviour::ChallengeTakenLate) {
            true => state.pending_or_just_taken(session, ceremony, self.now()),
            false => state.take_pending(session, ceremony),
        };
        let pending = match taken {
            Some(own) if is_theirs => Some(own.with_challenge(challenge())),
            Some(own) if self.has(Misbehaviour::ChallengeOfAnySession) => {
                state.pending_with_challenge(ceremony, &challenge()).or(Some(own))
            }
            Some(own) if self.has(Misbehaviour::ChallengeOfEitherCeremony) => {
                Some(if state.is_pending(session, &challenge()) {
                    own.with_challenge(challenge())
                } else {
                    own
                })
            }
            None if self.has(Misbehaviour::ChallengeUnasked) => {
                state.any_pending(ceremony).map(|pending| pending.with_challenge(challenge()))
            }
            own => own,
        };
        let what = match ceremony {
            Ceremony::Create => "registration",
            Ceremony::Get => "login",
        };
        let Some(pending) = pending else {
            return Err(Denied::Request(format!("this session has no {what} to finish")));
        };
        match pending.age(self.now()) > self.settings.timeout
            && !self.has(Misbehaviour::ChallengeNeverExpires)
        {
            true => Err(Denied::Request(format!("the time for the {what} is over"))),
            false => Ok(pending),
        }
    }

    /// With this misbehaviour, makes a ceremony pending again, so that its challenge can be answered once more.
    fn restore(&self, session: &str, pending: &Pending, misbehaviour: Misbehaviour) {
        if self.has(misbehaviour) {
            self.state().set_pending(session, pending.ceremony(), pending.clone());
        }
    }

    /// Whether the flaw ignores this check. The verifier may report it even so, as a reply that cannot be read leaves
    /// nothing to go on with; the relying party then answers "ok" all the same.
    fn ignores(&self, check: Check) -> bool {
        let kind = self.settings.flaw.as_ref().map(Flaw::kind);
        matches!(kind, Some(FlawKind::IgnoresChecks(checks)) if checks.contains(&check))
    }

    /// Refuses a sound ceremony if the flaw is to refuse such ceremonies. With any other flaw, `ceremony` is not called.
    fn refuse_by_flaw(&self, ceremony: impl FnOnce() -> SoundCeremony) -> Result<(), Denied> {
        match self.settings.flaw.as_ref().map(|flaw| (flaw, flaw.kind())) {
            Some((flaw, FlawKind::Refuses(is_refused))) if is_refused(&ceremony()) => {
                Err(Denied::Request(format!("refused by its flaw, {}", flaw.id())))
            }
            _ => Ok(()),
        }
    }

    /// The reply as the verifier gets it. With [`Misbehaviour::HashesAnew`], its client data was parsed and serialised
    /// again, which may change the bytes that are hashed.
    fn as_hashed<'r>(&self, reply: &'r str) -> Cow<'r, str> {
        let serialised_again = || sound_ceremony::with_client_data_serialised_again(reply).map(Cow::Owned);
        match self.has(Misbehaviour::HashesAnew) {
            true => serialised_again().unwrap_or(Cow::Borrowed(reply)),
            false => Cow::Borrowed(reply),
        }
    }
}

impl fmt::Debug for ReferenceRelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReferenceRelyingParty").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Credentials for ReferenceRelyingParty {
    fn find(&self, credential_id: &[u8]) -> Option<RegisteredCredential> {
        let own = self.state().find(credential_id);
        own.or_else(|| self.neighbour(Misbehaviour::CredentialOfAnyRelyingParty)?.find(credential_id))
    }
}

fn expect_short(place: &str, text: &str, most: usize) -> Result<(), Denied> {
    match text.len() > most {
        true => Err(Denied::Request(format!("{place}: found {} bytes, expected at most {most}", text.len()))),
        false => Ok(()),
    }
}

fn encode(bytes: &[u8]) -> String {
    base64url::encode(bytes)
}
