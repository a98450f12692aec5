//! The reference relying party, or metadata for others, over HTTP/1.1.

mod blobs;
mod connections;
mod guard;
mod handle;
mod pace;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::ReferenceRelyingParty;
pub use blobs::BlobSite;
use connections::Answers;
use guard::Guard;
#[cfg(test)]
pub(crate) use handle::Handler;
use pace::Pace;

const LONGEST_SILENCE: Duration = Duration::from_secs(30);
const SLOWEST_BODY: Duration = Duration::from_secs(10);

/// A socket on which a relying party will be served, or metadata.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    longest_silence: Duration,
    slowest_body: Duration,
    log: Option<Log>,
}

/// A function that gets a line for each request.
type Log = Box<dyn Fn(&str) + Send + Sync>;

/// What is served.
#[derive(Debug)]
#[non_exhaustive]
pub enum Served {
    /// The reference relying party.
    RelyingParty(Arc<ReferenceRelyingParty>),
    /// Metadata BLOBs.
    Blobs(BlobSite),
}

impl From<ReferenceRelyingParty> for Served {
    fn from(relying_party: ReferenceRelyingParty) -> Self {
        Served::RelyingParty(Arc::new(relying_party))
    }
}

impl From<Arc<ReferenceRelyingParty>> for Served {
    fn from(relying_party: Arc<ReferenceRelyingParty>) -> Self {
        Served::RelyingParty(relying_party)
    }
}

impl From<BlobSite> for Served {
    fn from(site: BlobSite) -> Self {
        Served::Blobs(site)
    }
}

/// A server that threads of its own are serving. They stop when this value is dropped.
#[derive(Debug)]
pub struct RunningServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<io::Result<()>>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Binds a socket. With port 0, the operating system chooses a free port.
    ///
    /// # Errors
    /// Errors of the operating system, such as a port that is in use.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            longest_silence: LONGEST_SILENCE,
            slowest_body: SLOWEST_BODY,
            log: None,
        })
    }

    /// How long a connection may take to send a request's head, or be silent between two requests; then it is closed.
    /// Default: half a minute.
    #[must_use]
    pub fn longest_silence(mut self, silence: Duration) -> Self {
        self.longest_silence = silence;
        self
    }

    /// How long a request's body may take; then the answer is 408. Default: ten seconds.
    #[must_use]
    pub fn slowest_body(mut self, time: Duration) -> Self {
        self.slowest_body = time;
        self
    }

    /// Gives `log` a line for each request: its method and path, the status of the answer, and the reason of a refusal. The
    /// line may contain text that the client sent.
    #[must_use]
    pub fn log(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.log = Some(Box::new(log));
        self
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `http://localhost:PORT`: the origin that goes with the RP ID `localhost`. An IP address cannot be an RP ID.
    #[must_use]
    pub fn localhost_origin(&self) -> String {
        self.origin("localhost")
    }

    /// `http://HOST:PORT`: the origin at a name of this server's.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.address.port())
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// Errors of the operating system.
    pub fn run(self, served: impl Into<Served>) -> io::Result<()> {
        serve(self, served.into(), std::future::pending())
    }

    /// Serves in the background.
    #[must_use]
    pub fn start(self, served: impl Into<Served>) -> RunningServer {
        let (stop, stopped) = oneshot::channel();
        let wait = async move {
            // An error says that the sender was dropped, which is a reason to stop, too.
            drop(stopped.await);
        };
        let (address, served) = (self.address, served.into());
        let thread = thread::spawn(move || serve(self, served, wait));
        RunningServer { address, stop: Some(stop), thread: Some(thread) }
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
            // There is no caller left to return the thread's result to.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
impl handle::Handler {
    /// What answers for a relying party, without a connection.
    pub(crate) fn without_connections(relying_party: Arc<ReferenceRelyingParty>) -> Self {
        let settings = &relying_party.settings;
        let address = ([127, 0, 0, 1], 80).into();
        Self {
            guard: Guard::new(address, &settings.origins, Some(&settings.rp_id)),
            pace: Pace::new(settings.configuration.requests_per_second),
            delay: Duration::ZERO,
            slowest_body: SLOWEST_BODY,
            log: None,
            relying_party,
        }
    }
}

fn serve(
    server: Server,
    served: Served,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let Server { listener, address, longest_silence, slowest_body, log } = server;
    match served {
        Served::RelyingParty(relying_party) => {
            let settings = &relying_party.settings;
            let guard = Guard::new(address, &settings.origins, Some(&settings.rp_id));
            let (pace, delay) =
                (Pace::new(settings.configuration.requests_per_second), settings.configuration.delay);
            let handler = handle::Handler {
                relying_party: Arc::clone(&relying_party),
                guard,
                pace,
                delay,
                slowest_body,
                log,
            };
            answer_all(listener, longest_silence, handler, stopped)
        }
        Served::Blobs(site) => {
            let handler = blobs::Handler { site, guard: Guard::new(address, &[], None), log };
            answer_all(listener, longest_silence, handler, stopped)
        }
    }
}

/// Answers requests until it is stopped.
fn answer_all(
    listener: TcpListener,
    longest_silence: Duration,
    handler: impl Answers,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let accepting = tokio::spawn(connections::accept_all(listener, longest_silence, Arc::new(handler)));
        stopped.await;
        accepting.abort();
        Ok(())
    })
}
