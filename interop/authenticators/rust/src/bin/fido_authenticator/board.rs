//! What Trussed runs on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use littlefs2_core::path;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use stuntkey_transport::host::Presence;
use trussed::ClientImplementation;
use trussed::backend::BackendId;
use trussed::pipe::{ServiceEndpoint, TrussedChannel};
use trussed::platform::{Platform, Syscall, UserInterface};
use trussed::service::Service;
use trussed::types::{CoreContext, ui::Status};
use trussed::virt::Store;
use trussed_core::InterruptFlag;
use trussed_core::types::consent::Level;
use trussed_staging::StagingContext;
use trussed_staging::virt::{BackendIds, Dispatcher};

/// How long nobody looks at the button.
const GLANCE: Duration = Duration::from_millis(2);

/// A client of Trussed's, which is served by whom it calls.
pub type Client<'a> = ClientImplementation<'a, Trussed<'a>, Dispatcher>;

/// Trussed, which serves a call at once. A firmware has it in an interrupt, and its own host program in another thread.
pub struct Trussed<'a> {
    service: Service<Board<'a>, Dispatcher>,
    endpoints: Vec<ServiceEndpoint<'a, BackendIds, StagingContext>>,
}

impl Trussed<'_> {
    /// Lets the application `fido` run.
    pub fn serve(board: Board<'_>, interrupt: &'static InterruptFlag, run: impl FnOnce(Client<'_>)) {
        let channel = TrussedChannel::new();
        let (requester, responder) = channel.split().expect("it was not split before");
        let context = CoreContext::with_interrupt(path!("fido").into(), Some(interrupt));
        let backends = &[BackendId::Custom(BackendIds::StagingBackend), BackendId::Core];
        let trussed = Trussed {
            service: Service::with_dispatch(board, Dispatcher::default()),
            endpoints: vec![ServiceEndpoint::new(responder, context, backends)],
        };
        run(ClientImplementation::new(requester, trussed, Some(interrupt)));
    }
}

impl Syscall for Trussed<'_> {
    fn syscall(&mut self) {
        self.service.process(&mut self.endpoints);
    }
}

/// Random numbers, files and a user.
pub struct Board<'a> {
    random: ChaCha8Rng,
    store: Store<'a>,
    user: Toucher<'a>,
}

impl<'a> Board<'a> {
    pub fn new(store: Store<'a>, user: Toucher<'a>) -> Self {
        Self { random: ChaCha8Rng::from_entropy(), store, user }
    }
}

impl<'a> Platform for Board<'a> {
    type R = ChaCha8Rng;
    type S = Store<'a>;
    type UI = Toucher<'a>;

    fn user_interface(&mut self) -> &mut Toucher<'a> {
        &mut self.user
    }

    fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }

    fn store(&self) -> Store<'a> {
        self.store
    }
}

/// A user whose touch is never a long one, and a light that says whether it is waited for.
pub struct Toucher<'a> {
    presence: Presence,
    waits: &'a AtomicBool,
    started: Instant,
}

impl<'a> Toucher<'a> {
    pub fn new(presence: Presence, waits: &'a AtomicBool) -> Self {
        Self { presence, waits, started: Instant::now() }
    }
}

impl UserInterface for Toucher<'_> {
    /// Trussed asks again until its time is over, or it is interrupted.
    fn check_user_presence(&mut self) -> Level {
        match self.presence.wait(Duration::ZERO) {
            Some(_) => Level::Normal,
            None => {
                thread::sleep(GLANCE);
                Level::None
            }
        }
    }

    fn set_status(&mut self, status: Status) {
        self.waits.store(matches!(status, Status::WaitingForUserPresence), Ordering::SeqCst);
    }

    fn uptime(&mut self) -> Duration {
        self.started.elapsed()
    }
}
