//! Answers one request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE};
#[cfg(test)]
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, http::response};
use serde_json::{Value, json};

use super::super::ReferenceRelyingParty;
use super::Log;
use super::connections::Answers;
use super::guard::{Guard, check_content_type};
use super::pace::Pace;

/// The longest request body that is read, in bytes.
const LONGEST_BODY: usize = 1 << 20;
/// A body of at most so many bytes is answered by the thread that read it: a reply with one certificate has some 2,000.
const SMALL_BODY: usize = 8 << 10;
const SESSION: &str = "stuntkey-session";
const PAGE: &str = include_str!("page.html");

/// What every connection shares.
pub(crate) struct Handler {
    pub(super) relying_party: Arc<ReferenceRelyingParty>,
    pub(super) guard: Guard,
    pub(super) pace: Pace,
    /// How long every answer takes.
    pub(super) delay: Duration,
    /// How long a request's body may take.
    pub(super) slowest_body: Duration,
    pub(super) log: Option<Log>,
}

/// The answer to a request.
struct Answer {
    status: u16,
    body: Body,
    new_session: Option<String>,
}

enum Body {
    Json(Value),
    Page,
}

impl Answer {
    fn json(status: u16, body: Value) -> Self {
        Self { status, body: Body::Json(body), new_session: None }
    }

    fn failed(status: u16, why: &str) -> Self {
        Self::json(status, json!({ "status": "failed", "errorMessage": why }))
    }
}

impl Answers for Handler {
    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let (method, path) = (parts.method, parts.uri.path().to_owned());
        let answer = match self.body_of(&method, &path, &parts.headers, body).await {
            Err(answer) => answer,
            // To hand over a request takes longer than to answer most of them.
            Ok(body) if body.len() <= SMALL_BODY => self.answer_or_break(&path, &parts.headers, &body),
            Ok(body) => {
                let (handler, path) = (Arc::clone(&self), path.clone());
                // A large reply takes long to verify. Other connections are served in the meantime.
                let work = tokio::task::spawn_blocking(move || handler.answer(&path, &parts.headers, &body));
                work.await.unwrap_or_else(|_| broken())
            }
        };
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if let Some(log) = &self.log {
            log(&line(&method, &path, &answer));
        }
        respond(answer)
    }
}

impl Handler {
    /// Reads the body of a request that the relying party has to answer. The error is the answer to any other request.
    async fn body_of(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Result<String, Answer> {
        self.expect_body(method, path, headers)?;
        match tokio::time::timeout(self.slowest_body, Limited::new(body, LONGEST_BODY).collect()).await {
            Err(_) => Err(Answer::failed(408, "the body did not come in time")),
            Ok(Err(_)) => Err(Answer::failed(413, "a body of more than 1 MiB")),
            Ok(Ok(body)) => Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned()),
        }
    }

    /// The request is one that the relying party has to answer. The error is the answer to any other.
    fn expect_body(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Answer> {
        self.guard.check(headers).map_err(|(status, why)| Answer::failed(status, &why))?;
        if !self.pace.admits() {
            return Err(Answer::failed(429, "too many requests in this second"));
        }
        if method != Method::POST {
            return Err(match (path, method == Method::GET) {
                ("/.well-known/webauthn", true) => match self.relying_party.related_origins_document() {
                    Some(document) => Answer::json(200, document),
                    None => Answer::failed(404, "no related origins"),
                },
                ("/", true) if wants_page(headers) => {
                    Answer { status: 200, body: Body::Page, new_session: None }
                }
                ("/", true) => Answer::json(200, about()),
                _ => Answer::json(405, about()),
            });
        }
        check_content_type(headers).map_err(|(status, why)| Answer::failed(status, &why))
    }

    /// The status, headers and body of the answer to a request that came over no connection.
    #[cfg(test)]
    pub(crate) fn answer_to(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> (u16, Vec<(String, String)>, String) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
            })
            .collect();
        let answer = match self.expect_body(&method, path, &headers) {
            Ok(()) if body.len() > LONGEST_BODY => Answer::failed(413, "a body of more than 1 MiB"),
            Ok(()) => self.answer_or_break(path, &headers, body),
            Err(answer) => answer,
        };
        let (kind, body) = answer.body.text();
        let head = head(answer.status, kind, answer.new_session.as_deref()).body(()).unwrap();
        let headers = head.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (answer.status, headers.collect(), body)
    }

    /// The answer, also if there is a panic on the way to it.
    fn answer_or_break(&self, path: &str, headers: &HeaderMap, body: &str) -> Answer {
        catch_unwind(AssertUnwindSafe(|| self.answer(path, headers, body))).unwrap_or_else(|_| broken())
    }

    fn answer(&self, path: &str, headers: &HeaderMap, body: &str) -> Answer {
        let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((status, body)) = self.relying_party.nevis(authorization, path, body) {
            return Answer::json(status, body);
        }
        // A session id that the server has not issued is ignored: an attacker who puts one into a browser would share the
        // session (session fixation).
        let known = session_of(headers).filter(|session| self.relying_party.knows_session(session));
        let session = known.clone().unwrap_or_else(|| self.relying_party.new_token());
        match self.relying_party.fido_binding(&session, path, body) {
            Some((status, body)) if is_login(path, &body) && self.relying_party.renews_sessions() => {
                // Whoever put the session into the browser before knows it, and not the new one.
                self.relying_party.forget_session(&session);
                Answer { new_session: Some(self.relying_party.new_token()), ..Answer::json(status, body) }
            }
            Some((status, body)) => {
                Answer { new_session: known.is_none().then_some(session), ..Answer::json(status, body) }
            }
            None => Answer::json(404, about()),
        }
    }
}

fn broken() -> Answer {
    Answer::failed(500, "the relying party broke down")
}

/// Whether somebody is logged in now. A refusal may have the status 200.
fn is_login(path: &str, body: &Value) -> bool {
    path == "/assertion/result" && body.get("status").is_some_and(|status| status == "ok")
}

/// `POST /attestation/result 400 §7.1 step 9: …`
fn line(method: &Method, path: &str, answer: &Answer) -> String {
    let why = match &answer.body {
        Body::Json(body) => body.get("errorMessage").and_then(Value::as_str).unwrap_or_default(),
        Body::Page => "",
    };
    format!("{method} {path} {} {why}", answer.status).trim_end().to_owned()
}

fn about() -> Value {
    json!({
        "name": "stuntkey reference relying party",
        "post": [
            "/attestation/options", "/attestation/result", "/assertion/options", "/assertion/result",
            "/api/v1/users/enroll", "/_app/attestation/result", "/api/v1/status", "/api/v1/approval",
            "/_app/assertion/result",
        ],
    })
}

/// Whether the client is a browser: browsers ask for HTML by name, `curl` accepts anything.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn session_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == SESSION)
        .map(|(_, value)| value.to_owned())
}

fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let (kind, body) = answer.body.text();
    head(answer.status, kind, answer.new_session.as_deref())
        .body(Full::from(body))
        .expect("a status and headers that are fixed or base64url")
}

impl Body {
    /// The content type, and the text.
    fn text(self) -> (&'static str, String) {
        match self {
            Body::Json(body) => ("application/json", body.to_string()),
            Body::Page => ("text/html; charset=utf-8", PAGE.to_owned()),
        }
    }
}

fn head(status: u16, kind: &str, new_session: Option<&str>) -> response::Builder {
    let mut builder = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        .header(CACHE_CONTROL, "no-store")
        .header("x-content-type-options", "nosniff")
        .header("x-frame-options", "DENY");
    if status == 429 {
        builder = builder.header(RETRY_AFTER, "1");
    }
    if let Some(session) = new_session {
        builder =
            builder.header(SET_COOKIE, format!("{SESSION}={session}; HttpOnly; SameSite=Strict; Path=/"));
    }
    builder
}
