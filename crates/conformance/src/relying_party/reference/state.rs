//! Users, credentials, and ceremonies that have begun.

use std::collections::HashMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use stuntkey::verifier::{CredentialRecord, RegisteredCredential};
use stuntkey::webauthn::{Ceremony, CreationOptions, RequestOptions};

use crate::core::clock::Moment;

/// A user's credential.
pub(super) type Credential = RegisteredCredential;

/// How many sessions are kept; beyond that, those whose last ceremony began longest ago are forgotten.
const MOST_SESSIONS: usize = 100_000;
/// How long a ceremony stays that is taken late.
const MOMENT: Duration = Duration::from_millis(500);
/// How many users are kept who never registered a credential; beyond that, the older half of them is forgotten.
const MOST_USERS_WITHOUT_CREDENTIALS: usize = 100_000;

/// Everything that the relying party remembers.
pub(super) struct State {
    users: HashMap<String, User>,
    names: HashMap<Vec<u8>, String>,
    credentials: HashMap<Vec<u8>, Credential>,
    sessions: HashMap<String, HashMap<Ceremony, Pending>>,
    secret: [u8; 32],
    /// How often bytes were drawn.
    drawn: u64,
    /// How many users are kept who have credentials; beyond that, the older half of them is forgotten.
    most_users: usize,
    /// How many of the users have credentials.
    registered: usize,
    /// How many users were created, including those that are forgotten.
    created: u64,
}

#[derive(Default)]
struct User {
    handle: Vec<u8>,
    credentials: Vec<Vec<u8>>,
    /// Users are numbered in the order of their creation.
    number: u64,
}

/// A ceremony that has begun.
#[derive(Clone)]
pub(super) struct Pending {
    options: Options,
    pub(super) user_name: String,
    /// Whether it is a conditional create, which tests nobody's presence.
    pub(super) conditional: bool,
    began: Moment,
    /// When it was answered, if it stays after that.
    taken: Option<Moment>,
}

#[derive(Clone)]
enum Options {
    Create(Box<CreationOptions>),
    Get(Box<RequestOptions>),
}

impl Pending {
    pub(super) fn registration(
        options: CreationOptions,
        user_name: String,
        conditional: bool,
        now: Moment,
    ) -> Self {
        Self { conditional, ..Self::new(Options::Create(Box::new(options)), user_name, now) }
    }

    pub(super) fn authentication(options: RequestOptions, user_name: String, now: Moment) -> Self {
        Self::new(Options::Get(Box::new(options)), user_name, now)
    }

    fn new(options: Options, user_name: String, began: Moment) -> Self {
        Self { options, user_name, conditional: false, began, taken: None }
    }

    pub(super) fn creation(&self) -> Option<&CreationOptions> {
        match &self.options {
            Options::Create(options) => Some(options),
            Options::Get(_) => None,
        }
    }

    pub(super) fn request(&self) -> Option<&RequestOptions> {
        match &self.options {
            Options::Get(options) => Some(options),
            Options::Create(_) => None,
        }
    }

    pub(super) fn ceremony(&self) -> Ceremony {
        match self.options {
            Options::Create(_) => Ceremony::Create,
            Options::Get(_) => Ceremony::Get,
        }
    }

    pub(super) fn challenge(&self) -> &[u8] {
        match &self.options {
            Options::Create(options) => &options.challenge,
            Options::Get(options) => &options.challenge,
        }
    }

    pub(super) fn with_challenge(mut self, challenge: Vec<u8>) -> Self {
        match &mut self.options {
            Options::Create(options) => options.challenge = challenge,
            Options::Get(options) => options.challenge = challenge,
        }
        self
    }

    pub(super) fn age(&self, now: Moment) -> Duration {
        now.since(self.began)
    }
}

impl State {
    /// A state without users. Challenges and user handles are derived from the secret.
    pub(super) fn new(secret: [u8; 32], most_users: usize) -> Self {
        Self {
            users: HashMap::new(),
            names: HashMap::new(),
            credentials: HashMap::new(),
            sessions: HashMap::new(),
            secret,
            drawn: 0,
            most_users: most_users.max(1),
            registered: 0,
            created: 0,
        }
    }

    /// Returns bytes that nobody can predict, and that no other call returns.
    pub(super) fn draw(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        Sha256::new().chain_update(self.secret).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }

    /// Returns the handle of the user of this name. If there is none, creates the user with the handle that `make` returns.
    pub(super) fn user_handle(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Vec<u8>) -> Vec<u8> {
        if let Some(user) = self.users.get(name) {
            return user.handle.clone();
        }
        if self.users.len() - self.registered >= MOST_USERS_WITHOUT_CREDENTIALS {
            self.forget_older_users(|user| user.credentials.is_empty());
        }
        let handle = make(self);
        self.created += 1;
        let user = User { handle: handle.clone(), credentials: Vec::new(), number: self.created };
        self.names.insert(handle.clone(), name.to_owned());
        self.users.insert(name.to_owned(), user);
        handle
    }

    pub(super) fn handle_of(&self, name: &str) -> Option<Vec<u8>> {
        self.users.get(name).map(|user| user.handle.clone())
    }

    pub(super) fn name_of(&self, handle: &[u8]) -> String {
        self.names.get(handle).cloned().unwrap_or_default()
    }

    pub(super) fn credentials_of(&self, name: &str) -> Vec<Vec<u8>> {
        self.users.get(name).map(|user| user.credentials.clone()).unwrap_or_default()
    }

    /// The id that a name gets that has no credential: the same every time, so that nobody learns whose name is known
    /// (WebAuthn L3 §14.6.2).
    pub(super) fn made_up_id(&self, name: &str) -> Vec<u8> {
        Sha256::new()
            .chain_update(self.secret)
            .chain_update("no credential of ")
            .chain_update(name)
            .finalize()
            .to_vec()
    }

    /// The id of a credential of some other user.
    pub(super) fn credential_of_another(&self, name: &str) -> Option<Vec<u8>> {
        let others = self.users.iter().filter(|(other, _)| *other != name);
        others.filter_map(|(_, user)| user.credentials.first().cloned()).next()
    }

    pub(super) fn find(&self, id: &[u8]) -> Option<Credential> {
        self.credentials.get(id).cloned()
    }

    pub(super) fn record(&self, id: &[u8]) -> Option<CredentialRecord> {
        self.credentials.get(id).map(|credential| credential.record.clone())
    }

    pub(super) fn credential_count(&self) -> usize {
        self.credentials.len()
    }

    /// Adds a credential, unless its id is registered already. Returns whether it was added: of several registrations at
    /// once with the same id, one succeeds.
    pub(super) fn add_new(&mut self, name: &str, credential: Credential) -> bool {
        let is_new = !self.credentials.contains_key(&credential.record.id);
        if is_new {
            self.add(name, credential);
        }
        is_new
    }

    /// Adds a credential, and replaces another with its id.
    pub(super) fn add(&mut self, name: &str, credential: Credential) {
        if self.registered >= self.most_users {
            self.forget_older_users(|user| !user.credentials.is_empty());
        }
        let id = credential.record.id.clone();
        let user = self.users.entry(name.to_owned()).or_default();
        self.registered += usize::from(user.credentials.is_empty());
        if !user.credentials.contains(&id) {
            user.credentials.push(id.clone());
        }
        self.credentials.insert(id, credential);
    }

    /// Forgets the older half of the users that `which` selects, with their credentials.
    fn forget_older_users(&mut self, which: impl Fn(&User) -> bool) {
        let mut numbers: Vec<u64> =
            self.users.values().filter(|user| which(user)).map(|user| user.number).collect();
        numbers.sort_unstable();
        let middle = numbers.get(numbers.len() / 2).copied().unwrap_or_default();
        let (names, credentials) = (&mut self.names, &mut self.credentials);
        self.users.retain(|_, user| {
            let stays = !which(user) || user.number > middle;
            if !stays {
                names.remove(&user.handle);
                user.credentials.iter().for_each(|id| drop(credentials.remove(id)));
            }
            stays
        });
        self.registered = self.users.values().filter(|user| !user.credentials.is_empty()).count();
    }

    pub(super) fn update(&mut self, record: CredentialRecord) {
        if let Some(credential) = self.credentials.get_mut(&record.id) {
            credential.record = record;
        }
    }

    pub(super) fn set_pending(&mut self, session: &str, ceremony: Ceremony, pending: Pending) {
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(session) {
            self.forget_older_sessions();
        }
        self.sessions.entry(session.to_owned()).or_default().insert(ceremony, pending);
    }

    /// Forgets the half of the sessions whose last ceremony began longest ago.
    fn forget_older_sessions(&mut self) {
        let last = |session: &HashMap<Ceremony, Pending>| session.values().map(|pending| pending.began).max();
        let mut ages: Vec<Option<Moment>> = self.sessions.values().map(last).collect();
        ages.sort_unstable();
        let middle = ages.get(ages.len() / 2).copied().flatten();
        self.sessions.retain(|_, session| last(session) > middle);
    }

    pub(super) fn take_pending(&mut self, session: &str, ceremony: Ceremony) -> Option<Pending> {
        self.sessions.get_mut(session)?.remove(&ceremony)
    }

    /// The pending ceremony, which stays for others that come in the next moment, as if it was taken only after it was
    /// looked at.
    pub(super) fn pending_or_just_taken(
        &mut self,
        session: &str,
        ceremony: Ceremony,
        now: Moment,
    ) -> Option<Pending> {
        let pending = self.sessions.get_mut(session)?.get_mut(&ceremony)?;
        let taken = *pending.taken.get_or_insert(now);
        (now.since(taken) < MOMENT).then(|| pending.clone())
    }

    /// The pending ceremony with this challenge, in any session.
    pub(super) fn pending_with_challenge(&self, ceremony: Ceremony, challenge: &[u8]) -> Option<Pending> {
        let mut all = self.sessions.values().filter_map(|session| session.get(&ceremony));
        all.find(|pending| pending.challenge() == challenge).cloned()
    }

    /// Some pending ceremony of this kind, in any session.
    pub(super) fn any_pending(&self, ceremony: Ceremony) -> Option<Pending> {
        self.sessions.values().find_map(|session| session.get(&ceremony)).cloned()
    }

    /// Whether a ceremony has been begun in the session.
    #[cfg(feature = "serve")]
    pub(super) fn knows_session(&self, session: &str) -> bool {
        self.sessions.contains_key(session)
    }

    /// Whether the session has begun any ceremony with this challenge.
    pub(super) fn is_pending(&self, session: &str, challenge: &[u8]) -> bool {
        let pending = self.sessions.get(session).into_iter().flat_map(HashMap::values);
        pending.into_iter().any(|pending| pending.challenge() == challenge)
    }

    pub(super) fn forget_session(&mut self, session: &str) {
        self.sessions.remove(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(id: u8) -> Credential {
        let record = CredentialRecord {
            id: vec![id],
            public_key: Vec::new(),
            sign_count: 0,
            uv_initialized: false,
            transports: Vec::new(),
            backup_eligible: false,
            backup_state: false,
        };
        Credential { user_handle: vec![id], record }
    }

    #[test]
    fn the_oldest_users_are_forgotten() {
        let mut state = State::new([0; 32], 4);
        for number in 0..20 {
            let name = format!("user {number}");
            state.user_handle(&name, |_| vec![number]);
            assert!(state.add_new(&name, credential(number)));
        }
        assert!(state.users.len() <= 4 && state.credentials.len() <= 4 && state.names.len() <= 4);
        assert_eq!(state.credentials_of("user 19"), [vec![19]]);
        assert!(state.credentials_of("user 0").is_empty() && state.find(&[0]).is_none());
    }

    #[test]
    fn a_credential_id_is_added_once() {
        let mut state = State::new([0; 32], 4);
        assert!(state.add_new("a", credential(1)));
        assert!(!state.add_new("b", credential(1)));
    }
}
