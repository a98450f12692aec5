//! Accepts a limited number of connections, and closes those on which the client stays silent.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How many connections are served at once; others wait to be accepted. A process may usually have 1,024 files open.
const MOST_CONNECTIONS: usize = 512;
/// How long to wait if the operating system cannot accept a connection, as too many files are open.
const PAUSE: Duration = Duration::from_millis(50);

/// What answers the requests of every connection.
pub(super) trait Answers: Send + Sync + 'static {
    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

/// Serves every connection. A client may take `longest_silence` to send a request's head, and stay silent for so long
/// between two requests. If the operating system cannot accept a connection, the server tries again after a pause.
pub(super) async fn accept_all<A: Answers>(
    listener: TcpListener,
    longest_silence: Duration,
    handler: Arc<A>,
) {
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // By Nagle's algorithm, the body of an answer would wait until the client has acknowledged the head.
        drop(stream.set_nodelay(true));
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let handler = Arc::clone(&handler);
                async move { Ok::<_, Infallible>(handler.handle(request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(longest_silence)
                .serve_connection(TokioIo::new(stream), answer);
            // If the connection fails, the client sees that; the server has nothing to do.
            drop(connection.await);
            drop(permit);
        });
    }
}
