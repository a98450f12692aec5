//! Accepts connections, as many as there may be, and closes those that are silent.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::handle::Handler;

/// So many connections are served at once; others wait to be accepted. A process may usually have 1,024 files open.
const MOST_CONNECTIONS: usize = 512;
/// How long a connection may take to send a request's head, or be silent between two requests.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// How long to wait where the operating system has no more files for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves every connection. Errors of the operating system pass: what it has no room for now it will have later.
pub(super) async fn accept_all(listener: TcpListener, handler: Arc<Handler>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // Without it an answer waits for the acknowledgement of its head.
        drop(stream.set_nodelay(true));
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let handler = Arc::clone(&handler);
                async move { Ok::<_, Infallible>(handler.handle(request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(LONGEST_SILENCE)
                .serve_connection(TokioIo::new(stream), answer);
            // A connection that fails is the client's loss.
            drop(connection.await);
            drop(place);
        });
    }
}
