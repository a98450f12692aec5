//! The reference relying party over HTTP/1.1.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::ReferenceRelyingParty;

/// The longest request body that is read, in bytes.
const LONGEST_BODY: usize = 1 << 20;
const SESSION: &str = "stuntkey-session";

/// A socket on which a relying party will be served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

/// A relying party that is being served by threads of its own; it ends when this is dropped.
#[derive(Debug)]
pub struct RunningServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Takes a socket; port 0 is any that is free.
    ///
    /// # Errors
    /// The operating system's, such as a port in use.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `http://localhost:PORT`: the origin for the RP ID `localhost`, as an address is no RP ID.
    #[must_use]
    pub fn localhost_origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// The operating system's.
    pub fn run(self, relying_party: ReferenceRelyingParty) -> io::Result<()> {
        serve(self.listener, relying_party, std::future::pending())
    }

    /// Serves in the background.
    #[must_use]
    pub fn start(self, relying_party: ReferenceRelyingParty) -> RunningServer {
        let (stop, stopped) = oneshot::channel();
        let wait = async move {
            // An error says that the other end is gone: a reason to stop as well.
            drop(stopped.await);
        };
        let thread = thread::spawn(move || serve(self.listener, relying_party, wait));
        RunningServer { address: self.address, stop: Some(stop), thread: Some(thread) }
    }
}

impl RunningServer {
    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its result has nobody left to go to.
            drop(thread.join());
        }
    }
}

fn serve(
    listener: TcpListener,
    relying_party: ReferenceRelyingParty,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let router = Router::new().fallback(handle).with_state(Arc::new(relying_party));
        tokio::select! {
            ended = axum::serve(listener, router) => ended,
            () = stopped => Ok(()),
        }
    })
}

async fn handle(State(relying_party): State<Arc<ReferenceRelyingParty>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let session = session_of(&parts.headers);
    let path = parts.uri.path();
    if parts.method != Method::POST {
        let status = if path == "/" && parts.method == Method::GET { 200 } else { 405 };
        return respond(status, &about(), None);
    }
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return respond(
            413,
            &json!({ "status": "failed", "errorMessage": "a body of more than 1 MiB" }),
            None,
        );
    };
    let body = String::from_utf8_lossy(&body);
    let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((status, body)) = relying_party.nevis(authorization, path, &body) {
        return respond(status, &body, None);
    }
    let (session, is_new) = match session {
        Some(session) => (session, false),
        None => (relying_party.new_token(), true),
    };
    match relying_party.fido_binding(&session, path, &body) {
        Some((status, body)) => respond(status, &body, is_new.then_some(session.as_str())),
        None => respond(404, &about(), None),
    }
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

fn session_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == SESSION)
        .map(|(_, value)| value.to_owned())
}

fn respond(status: u16, body: &Value, new_session: Option<&str>) -> Response<Body> {
    let mut builder = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .header(CACHE_CONTROL, "no-store");
    if let Some(session) = new_session {
        builder =
            builder.header(SET_COOKIE, format!("{SESSION}={session}; HttpOnly; SameSite=Strict; Path=/"));
    }
    builder.body(Body::from(body.to_string())).expect("a status and headers that are fixed or base64url")
}
