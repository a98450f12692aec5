//! webauthn-rs as a relying party that `stuntkey conform --command` can play.
//!
//! ```text
//! webauthn_rs_adapter [--root FILE]    trusts these root certificates (PEM), and answers JSON lines
//! webauthn_rs_adapter --version        prints the library's name and version
//! ```
//!
//! `docs/conform.md` says what the lines are.
//!
//! What the library leaves to the application is done as in its tutorial (`github.com/kanidm/webauthn-rs`,
//! `tutorial/server/axum/src/auth.rs`). That uses the crate `webauthn-rs`, which decides on attestation and
//! user verification itself; so the core is asked here, in the way of that crate.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use std::{env, fs};

use serde_json::{Value, from_str, from_value, json, to_value};
use url::Url;
use uuid::Uuid;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationConveyancePreference, AuthenticationResult, AuthenticationState,
    Credential, PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState,
};

const RP_ID: &str = "example.org";
const ORIGIN: &str = "https://example.org";

struct RelyingParty {
    core: WebauthnCore,
    roots: Option<AttestationCaList>,
    user_ids: HashMap<String, Uuid>,
    credentials: HashMap<Uuid, Vec<Credential>>,
}

#[derive(Default)]
struct Session {
    registration: Option<Registration>,
    authentication: Option<Authentication>,
}

struct Registration {
    username: String,
    user_id: Uuid,
    attested: bool,
    state: RegistrationState,
}

struct Authentication {
    /// Not known before a login without a user name.
    user_id: Option<Uuid>,
    state: AuthenticationState,
}

/// What the relying party refuses, and why.
struct Refused(String);

impl From<WebauthnError> for Refused {
    fn from(error: WebauthnError) -> Self {
        let debug = format!("{error:?}");
        let variant = debug.split(['(', ' ']).next().unwrap_or_default();
        Self(format!("{variant}: {error}"))
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("serde_json::Error: {error}"))
    }
}

type Answer = Result<Value, Refused>;

impl RelyingParty {
    fn answer(&mut self, session: &mut Session, mut request: Value) -> Answer {
        let reply = request["reply"].take();
        match request["do"].as_str().unwrap_or_default() {
            "registration options" => self.registration_options(session, &request),
            "registration result" => self.registration_result(session, reply),
            "authentication options" => self.authentication_options(session, &request),
            "authentication result" => self.authentication_result(session, reply),
            other => Err(Refused(format!("there is no request {other:?}"))),
        }
    }

    fn registration_options(&mut self, session: &mut Session, wanted: &Value) -> Answer {
        let username = wanted["username"].as_str().unwrap_or_default();
        let display_name = wanted["displayName"].as_str().unwrap_or(username);
        let attestation: AttestationConveyancePreference = from_value(wanted["attestation"].clone())?;
        let attested = !matches!(attestation, AttestationConveyancePreference::None);
        let user_id = self.user_ids.get(username).copied().unwrap_or_else(Uuid::new_v4);
        let own = self.credentials.get(&user_id).into_iter().flatten();
        let builder = self
            .core
            .new_challenge_register_builder(user_id.as_bytes(), username, display_name)?
            .attestation(attestation)
            // The library has no "preferred".
            .require_resident_key(wanted["residentKey"] == "required")
            .user_verification_policy(from_value(wanted["userVerification"].clone())?)
            .exclude_credentials(Some(own.map(|credential| credential.cred_id.clone()).collect()))
            .extensions(from_value(wanted["extensions"].clone())?);
        let (options, state) = self.core.generate_challenge_register(builder)?;
        session.registration = Some(Registration { username: username.to_owned(), user_id, attested, state });
        Ok(to_value(options)?["publicKey"].take())
    }

    fn registration_result(&mut self, session: &mut Session, reply: Value) -> Answer {
        // As in the tutorial, only what has the form of a response takes the state out of the session.
        let response: RegisterPublicKeyCredential = from_value(reply)?;
        let pending = session.registration.take().ok_or(WebauthnError::ChallengeNotFound)?;
        // As in the crate webauthn-rs, roots are only for registrations that asked for an attestation.
        let roots = self.roots.as_ref().filter(|_| pending.attested);
        let credential = self.core.register_credential(&response, &pending.state, roots)?;
        // The tutorial does not ask whether another user has the credential id; the library, whether this one.
        self.credentials.entry(pending.user_id).or_default().push(credential);
        self.user_ids.insert(pending.username, pending.user_id);
        Ok(json!({}))
    }

    fn authentication_options(&mut self, session: &mut Session, wanted: &Value) -> Answer {
        let (user_id, allowed) = match wanted["username"].as_str() {
            None | Some("") => (None, Vec::new()),
            Some(username) => {
                let user_id =
                    *self.user_ids.get(username).ok_or_else(|| Refused("UserNotFound".to_owned()))?;
                (Some(user_id), self.credentials.get(&user_id).cloned().unwrap_or_default())
            }
        };
        let builder = self
            .core
            .new_challenge_authenticate_builder(
                allowed,
                Some(from_value(wanted["userVerification"].clone())?),
            )?
            // As in start_passkey_authentication and, without a user name, start_discoverable_authentication.
            .allow_backup_eligible_upgrade(user_id.is_some());
        let (options, state) = self.core.generate_challenge_authenticate(builder)?;
        session.authentication = Some(Authentication { user_id, state });
        Ok(to_value(options)?["publicKey"].take())
    }

    fn authentication_result(&mut self, session: &mut Session, reply: Value) -> Answer {
        let response: PublicKeyCredential = from_value(reply)?;
        let pending = session.authentication.take().ok_or(WebauthnError::ChallengeNotFound)?;
        let Authentication { user_id, mut state } = pending;
        // The tutorial does not look at the user handle. Without a user name it says who the user is, as in
        // compat_tester/webauthn-rs-demo/src/actors.rs, condui_finish_login.
        let user_id = match user_id {
            Some(user_id) => user_id,
            None => {
                let handle = response.get_user_unique_id().and_then(|handle| Uuid::from_slice(handle).ok());
                let user_id = handle.ok_or(WebauthnError::InvalidUserUniqueId)?;
                let own = self.credentials.get(&user_id).ok_or(WebauthnError::InvalidUserUniqueId)?;
                state.set_allowed_credentials(own.clone());
                user_id
            }
        };
        let result = self.core.authenticate_credential(&response, &state)?;
        self.credentials.entry(user_id).or_default().iter_mut().for_each(|own| update(own, &result));
        Ok(json!({}))
    }
}

/// What `Passkey::update_credential` does, which the tutorial calls on each of the user's.
fn update(credential: &mut Credential, result: &AuthenticationResult) {
    if result.cred_id() == &credential.cred_id {
        credential.counter = credential.counter.max(result.counter());
        credential.backup_state = result.backup_state();
        credential.backup_eligible |= result.backup_eligible();
    }
}

fn trusted_roots(pem: &str) -> Result<AttestationCaList, Box<dyn Error>> {
    let mut roots = AttestationCaList::default();
    for certificate in pem.split_inclusive("-----END CERTIFICATE-----\n") {
        roots.union(&AttestationCaList::try_from(certificate.as_bytes()).map_err(|error| error.to_string())?);
    }
    Ok(roots)
}

/// The version that this program was built with, which the library itself does not tell.
fn version() -> Result<&'static str, Box<dyn Error>> {
    include_str!("../Cargo.lock")
        .split_once("name = \"webauthn-rs-core\"\nversion = \"")
        .and_then(|(_, rest)| rest.split('"').next())
        .ok_or("webauthn-rs-core is not in Cargo.lock".into())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut roots = None;
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--version" => return Ok(println!("webauthn-rs {}", version()?)),
            "--root" => {
                let file = arguments.next().ok_or("--root has no value")?;
                roots = Some(trusted_roots(&fs::read_to_string(file)?)?);
            }
            _ => return Err(format!("unknown: {name}").into()),
        }
    }
    let origin = vec![Url::parse(ORIGIN)?];
    let timeout = Duration::from_secs(60);
    let mut relying_party = RelyingParty {
        core: WebauthnCore::new_unsafe_experts_only("Example", RP_ID, origin, timeout, None, None),
        roots,
        user_ids: HashMap::new(),
        credentials: HashMap::new(),
    };
    let mut sessions: HashMap<u64, Session> = HashMap::new();
    for line in io::stdin().lock().lines() {
        let request: Value = from_str(&line?)?;
        let session = sessions.entry(request["session"].as_u64().unwrap_or_default()).or_default();
        let answer = match catch_unwind(AssertUnwindSafe(|| relying_party.answer(session, request))) {
            Ok(Ok(body)) => json!({ "accepted": body }),
            Ok(Err(Refused(why))) => json!({ "refused": why }),
            Err(panic) => {
                let words = panic.downcast_ref::<String>().map(String::as_str);
                json!({ "crashed": words.or(panic.downcast_ref().copied()).unwrap_or("a panic") })
            }
        };
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}
