//! Serves metadata BLOBs, for servers that read metadata from a URL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::{HeaderMap, Method, Request, Response};

use super::Log;
use super::connections::Answers;
use super::guard::Guard;
use crate::relying_party::metadata::TestBlob;

/// The path of the BLOB whose turn it is.
const NEXT: &str = "/next";

/// The metadata BLOBs of the cases about metadata, each at a path of its own.
#[derive(Debug)]
pub struct BlobSite {
    /// Path and text, in the order in which they are to be read.
    blobs: Vec<(String, Bytes)>,
    /// How often the BLOB whose turn it is was fetched.
    fetched: AtomicUsize,
}

impl BlobSite {
    /// Serves these BLOBs, which are to be read in this order.
    #[must_use]
    pub fn new(blobs: impl IntoIterator<Item = (TestBlob, String)>) -> Self {
        let blobs = blobs.into_iter().map(|(blob, text)| (format!("/{}", blob.file_name()), text.into()));
        Self { blobs: blobs.collect(), fetched: AtomicUsize::new(0) }
    }

    /// The paths of the BLOBs in their order, and after them the path at which each is in its turn.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.blobs.iter().map(|(path, _)| path.as_str()).chain([NEXT])
    }

    /// What is at a path, and its content type.
    fn find(&self, method: &Method, path: &str) -> Option<(&'static str, Bytes)> {
        // RFC 7519 §10.3.1
        let blob = |text: &Bytes| ("application/jwt", text.clone());
        match path {
            "/" => Some(("text/plain; charset=utf-8", self.list().into())),
            NEXT => self.next(method).map(blob),
            path => self.blobs.iter().find(|(own, _)| own == path).map(|(_, text)| blob(text)),
        }
    }

    /// The BLOB whose turn it is: each is fetched once, and the last again and again.
    fn next(&self, method: &Method) -> Option<&Bytes> {
        let last = self.blobs.len().checked_sub(1)?;
        let turn = match method == Method::GET {
            true => self.fetched.fetch_add(1, Ordering::Relaxed),
            // Who asks for the head alone has not read it.
            false => self.fetched.load(Ordering::Relaxed),
        };
        self.blobs.get(turn.min(last)).map(|(_, text)| text)
    }

    fn list(&self) -> String {
        let mut text = String::from("Metadata BLOBs for tests, to be read in this order:\n\n");
        for (path, _) in &self.blobs {
            text.push_str(&format!("{path}\n"));
        }
        text.push_str(&format!(
            "\n{NEXT} is the first of them, and goes on to the next whenever it is fetched.\n"
        ));
        text
    }
}

/// What every connection shares.
pub(super) struct Handler {
    pub(super) site: BlobSite,
    pub(super) guard: Guard,
    pub(super) log: Option<Log>,
}

impl Handler {
    /// The status, the content type and the text of an answer.
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> (u16, &'static str, Bytes) {
        let failed =
            |status: u16, why: String| (status, "text/plain; charset=utf-8", Bytes::from(why + "\n"));
        if let Err((status, why)) = self.guard.check(headers) {
            return failed(status, why);
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            return failed(405, format!("found the method {method}, expected GET or HEAD"));
        }
        match self.site.find(method, path) {
            Some((kind, text)) => (200, kind, text),
            None => {
                failed(404, format!("nothing is at this path; / lists the BLOBs, {NEXT} is each in its turn"))
            }
        }
    }
}

impl Answers for Handler {
    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (method, path) = (request.method(), request.uri().path());
        let (status, kind, text) = self.answer(method, path, request.headers());
        if let Some(log) = &self.log {
            log(&format!("{method} {path} {status}"));
        }
        let mut builder = Response::builder()
            .status(status)
            .header(CONTENT_TYPE, kind)
            .header(CACHE_CONTROL, "no-store")
            .header("x-content-type-options", "nosniff");
        if status == 405 {
            builder = builder.header(ALLOW, "GET, HEAD");
        }
        // Of a HEAD, hyper sends the head alone.
        builder.body(Full::from(text)).expect("a status and headers that are fixed")
    }
}
