//! webauthn-rs behind the FIDO conformance REST binding; see `../python/fido_binding.py`.
//!
//! What the library leaves to the application is done as in its tutorial (`github.com/kanidm/webauthn-rs`,
//! `tutorial/server/axum/src/auth.rs`). That uses the crate `webauthn-rs`, which decides on attestation and
//! user verification itself; so the core is asked here, in the way of that crate.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs, process, thread};

use serde_json::{Map, Value, from_slice, from_value, json, to_value};
use url::Url;
use uuid::Uuid;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationConveyancePreference, AuthenticationResult, AuthenticationState,
    Credential, PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

const LONGEST_HEAD: u64 = 1 << 16;
const LONGEST_BODY: u64 = 1 << 24;

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

/// What the relying party refuses; the text is for the client.
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
    fn answer(&mut self, path: &str, session: &mut Session, body: &[u8]) -> Answer {
        let mut body: Map<String, Value> = from_slice(body)?;
        if path.ends_with("/result") && !body.contains_key("rawId") {
            // The library demands it; the binding leaves it out.
            body.insert("rawId".to_owned(), body.get("id").cloned().unwrap_or_default());
        }
        let body = Value::Object(body);
        match path {
            "/attestation/options" => self.attestation_options(session, &body),
            "/attestation/result" => self.attestation_result(session, body),
            "/assertion/options" => self.assertion_options(session, &body),
            "/assertion/result" => self.assertion_result(session, body),
            _ => Err(Refused(format!("there is no {path}"))),
        }
    }

    fn attestation_options(&mut self, session: &mut Session, body: &Value) -> Answer {
        let username = body["username"].as_str().unwrap_or_default();
        let display_name = body["displayName"].as_str().unwrap_or(username);
        let selection = &body["authenticatorSelection"];
        let attestation: Option<AttestationConveyancePreference> = from_value(body["attestation"].clone())?;
        let attestation = attestation.unwrap_or_default();
        let attested = !matches!(attestation, AttestationConveyancePreference::None);
        let resident_key = selection["residentKey"] == "required" || selection["requireResidentKey"] == true;
        let user_id = self.user_ids.get(username).copied().unwrap_or_else(Uuid::new_v4);
        let own = self.credentials.get(&user_id).into_iter().flatten();
        let builder = self
            .core
            .new_challenge_register_builder(user_id.as_bytes(), username, display_name)?
            .attestation(attestation)
            .authenticator_attachment(from_value(selection["authenticatorAttachment"].clone())?)
            // The library has no "preferred".
            .require_resident_key(resident_key)
            .user_verification_policy(policy(&selection["userVerification"])?)
            .exclude_credentials(Some(own.map(|credential| credential.cred_id.clone()).collect()))
            .extensions(from_value(body["extensions"].clone())?);
        let (options, state) = self.core.generate_challenge_register(builder)?;
        session.registration = Some(Registration { username: username.to_owned(), user_id, attested, state });
        Ok(to_value(options)?["publicKey"].take())
    }

    fn attestation_result(&mut self, session: &mut Session, body: Value) -> Answer {
        // As in the tutorial, only what has the form of a response takes the state out of the session.
        let response: RegisterPublicKeyCredential = from_value(body)?;
        let pending = session.registration.take().ok_or(WebauthnError::ChallengeNotFound)?;
        // As in the crate webauthn-rs, roots are only for registrations that asked for an attestation.
        let roots = self.roots.as_ref().filter(|_| pending.attested);
        let credential = self.core.register_credential(&response, &pending.state, roots)?;
        // The tutorial does not ask whether another user has the credential id; the library, whether this one.
        self.credentials.entry(pending.user_id).or_default().push(credential);
        self.user_ids.insert(pending.username, pending.user_id);
        Ok(json!({}))
    }

    fn assertion_options(&mut self, session: &mut Session, body: &Value) -> Answer {
        let (user_id, allowed) = match body["username"].as_str() {
            None | Some("") => (None, Vec::new()),
            Some(username) => {
                let user_id =
                    *self.user_ids.get(username).ok_or_else(|| Refused("UserNotFound".to_owned()))?;
                (Some(user_id), self.credentials.get(&user_id).cloned().unwrap_or_default())
            }
        };
        let builder = self
            .core
            .new_challenge_authenticate_builder(allowed, Some(policy(&body["userVerification"])?))?
            // As in start_passkey_authentication and, without a user name, start_discoverable_authentication.
            .allow_backup_eligible_upgrade(user_id.is_some())
            .extensions(from_value(body["extensions"].clone())?);
        let (options, state) = self.core.generate_challenge_authenticate(builder)?;
        session.authentication = Some(Authentication { user_id, state });
        Ok(to_value(options)?["publicKey"].take())
    }

    fn assertion_result(&mut self, session: &mut Session, body: Value) -> Answer {
        let response: PublicKeyCredential = from_value(body)?;
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

fn policy(member: &Value) -> Result<UserVerificationPolicy, serde_json::Error> {
    let given: Option<_> = from_value(member.clone())?;
    Ok(given.unwrap_or(UserVerificationPolicy::Preferred))
}

struct Server {
    relying_party: RelyingParty,
    sessions: HashMap<String, Session>,
}

impl Server {
    fn reply(&mut self, request: &Request) -> String {
        let named = request.cookie.split(';').find_map(|pair| pair.trim().strip_prefix("session="));
        let known = named.filter(|identifier| self.sessions.contains_key(*identifier));
        let identifier = known.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let cookie = match known {
            Some(_) => String::new(),
            None => format!("Set-Cookie: session={identifier}; Path=/; HttpOnly\r\n"),
        };
        let session = self.sessions.entry(identifier).or_default();
        let answer = || self.relying_party.answer(&request.target, session, &request.body);
        match catch_unwind(AssertUnwindSafe(answer)) {
            Ok(Ok(members)) => http("200 OK", &cookie, members, ""),
            Ok(Err(Refused(why))) => http("400 Bad Request", &cookie, json!({}), &why),
            Err(_) => http("500 Internal Server Error", &cookie, json!({}), "this server is at fault"),
        }
    }
}

fn http(status: &str, header: &str, mut body: Value, error: &str) -> String {
    body["status"] = json!(if error.is_empty() { "ok" } else { "failed" });
    body["errorMessage"] = json!(error);
    let body = body.to_string();
    let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n{header}", body.len());
    format!("HTTP/1.1 {status}\r\n{headers}\r\n{body}")
}

#[derive(Default)]
struct Request {
    target: String,
    cookie: String,
    last: bool,
    body: Vec<u8>,
}

/// Answers one request after the other: POSTs of HTTP/1.1 with a length. Anything else is the last.
fn serve(mut stream: &TcpStream, server: &Mutex<Server>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while !reader.fill_buf()?.is_empty() {
        let Some(request) = read(&mut reader)? else {
            let reply = http("400 Bad Request", "Connection: close\r\n", json!({}), "not such a request");
            return stream.write_all(reply.as_bytes());
        };
        let reply = server.lock().unwrap_or_else(PoisonError::into_inner).reply(&request);
        stream.write_all(reply.as_bytes())?;
        if request.last {
            break;
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut head = reader.by_ref().take(LONGEST_HEAD);
    let mut line = || -> io::Result<String> {
        let mut line = Vec::new();
        head.read_until(b'\n', &mut line)?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    };
    let first = line()?;
    let target = first.strip_prefix("POST ").and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
    let Some(target) = target else { return Ok(None) };
    let mut request = Request { target: target.to_owned(), ..Request::default() };
    let mut length = None;
    while let Some((name, value)) = line()?.split_once(':') {
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", value) => length = value.parse().ok(),
            ("cookie", value) => request.cookie = value.to_owned(),
            ("connection", value) => request.last = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let Some(length) = length.filter(|length| *length <= LONGEST_BODY) else { return Ok(None) };
    reader.take(length).read_to_end(&mut request.body)?;
    Ok(Some(request))
}

fn trusted_roots(pem: &str) -> Result<AttestationCaList, Box<dyn Error>> {
    let mut roots = AttestationCaList::default();
    for certificate in pem.split_inclusive("-----END CERTIFICATE-----\n") {
        roots.union(&AttestationCaList::try_from(certificate.as_bytes()).map_err(|error| error.to_string())?);
    }
    Ok(roots)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut port, mut roots) = (0, None);
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--port" => port = value.parse()?,
            "--root" => roots = Some(trusted_roots(&fs::read_to_string(value)?)?),
            _ => return Err(format!("unknown: {name}").into()),
        }
    }

    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let port = listener.local_addr()?.port();
    let origin = vec![Url::parse(&format!("http://localhost:{port}"))?];
    let timeout = Duration::from_secs(60);
    let relying_party = RelyingParty {
        core: WebauthnCore::new_unsafe_experts_only("Example", "localhost", origin, timeout, None, None),
        roots,
        user_ids: HashMap::new(),
        credentials: HashMap::new(),
    };
    let server = Arc::new(Mutex::new(Server { relying_party, sessions: HashMap::new() }));
    println!("webauthn-rs 0.6.2 http://127.0.0.1:{port}");
    io::stdout().flush()?;

    thread::spawn(|| {
        // That it cannot be read is an end, too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    for stream in listener.incoming() {
        let (stream, server) = (stream?, Arc::clone(&server));
        // What goes wrong with a connection is the end of that connection.
        thread::spawn(move || serve(&stream, &server).ok());
    }
    Ok(())
}
