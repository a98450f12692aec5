//! fido-authenticator on Trussed, whose crates `trussed` and `trussed-staging` have the software of its platform.
//!
//! What Trussed wants from its board is here: random numbers, a store in memory, and a user. Its files of an attestation
//! are those that its README asks for. CTAPHID is that of stuntkey, as its own one is part of a USB stack. A panic starts it
//! anew with what is stored, as that of a firmware does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ctaphid_app::{App, Command};
use fido_authenticator::{Authenticator, Config, Conforming};
use heapless_bytes::Bytes;
use littlefs2_core::path;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use stuntkey_interop_authenticators::{
    ATTESTATION_CERTIFICATE, ATTESTATION_KEY, begin, lend_ctaphid, obey_signals,
};
use stuntkey_transport::Key;
use stuntkey_transport::ctaphid::{MOST_DATA, Offers};
use stuntkey_transport::host::{Event, Presence};
use trussed::ClientImplementation;
use trussed::backend::BackendId;
use trussed::pipe::{ServiceEndpoint, TrussedChannel};
use trussed::platform::{Platform, Syscall, UserInterface};
use trussed::service::Service;
use trussed::store::Store as _;
use trussed::types::{CoreContext, ui::Status};
use trussed::virt::{Store, StoreConfig};
use trussed_core::InterruptFlag;
use trussed_core::types::consent::Level;
use trussed_staging::StagingContext;
use trussed_staging::virt::{BackendIds, Dispatcher};

/// A key of Trussed's in a file: that it is secret, that it is one of P-256, and its scalar.
const KEY_FILE_BEGINS: [u8; 4] = [0, 2, 0, 5];

/// Longer than Trussed waits for a user.
const PATIENCE: Duration = Duration::from_secs(31);

/// What ends the wait for a user.
static INTERRUPT: InterruptFlag = InterruptFlag::new();

fn main() {
    let events = begin("fido-authenticator 0.4.0-rc.4");
    let presence = Presence::new();
    // It has authenticatorReset.
    obey_signals(&presence, &events.0, || ());
    let (jobs, answers) = (mpsc::channel(), mpsc::channel());
    let user = presence.clone();
    thread::spawn(move || live(&user, &jobs.1, &answers.0));
    let solo = Solo { jobs: jobs.0, answers: answers.1, events: events.0.clone() };
    lend_ctaphid(solo, &presence, events);
}

enum Job {
    Request(Command, Vec<u8>),
    PowerCycle,
}

/// The authenticator, which lives in a thread of its own: it borrows what it runs on.
struct Solo {
    jobs: Sender<Job>,
    answers: Receiver<Option<Vec<u8>>>,
    events: Sender<Event>,
}

impl Solo {
    /// Has it answer; `None` if that was the end of it, which takes all channels along.
    fn call(&self, command: Command, request: &[u8]) -> Option<Vec<u8>> {
        self.jobs
            .send(Job::Request(command, request.to_vec()))
            .expect("its thread lives as long as the process");
        let answer = self.answers.recv().expect("its thread lives as long as the process");
        if answer.is_none() {
            drop(self.events.send(Event::PowerCycle));
        }
        answer
    }
}

impl Key for Solo {
    fn offers(&self) -> Offers {
        Offers { cbor: true, msg: true }
    }

    fn cbor(&mut self, _: u32, request: &[u8]) -> Option<Vec<u8>> {
        self.call(Command::Cbor, request)
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.call(Command::Msg, apdu).unwrap_or_default()
    }

    fn power_cycle(&mut self) {
        drop(self.jobs.send(Job::PowerCycle));
    }
}

/// Runs it from one power cycle to the next.
fn live(presence: &Presence, jobs: &Receiver<Job>, answers: &Sender<Option<Vec<u8>>>) {
    let mut stores = StoreConfig::ram();
    let mut is_new = true;
    while stores.with_store(|store| power_up(store, is_new, presence, jobs, answers)) {
        is_new = false;
        (stores.internal.format, stores.external.format) = (false, false);
    }
}

/// Runs it until the power goes, or it breaks down; `false` at the end of all.
fn power_up(
    store: Store<'_>,
    is_new: bool,
    presence: &Presence,
    jobs: &Receiver<Job>,
    answers: &Sender<Option<Vec<u8>>>,
) -> bool {
    if is_new {
        let files = store.ifs();
        for (directory, name, content) in [
            (path!("fido/x5c"), path!("fido/x5c/00"), ATTESTATION_CERTIFICATE.to_vec()),
            (path!("fido/sec"), path!("fido/sec/00"), [&KEY_FILE_BEGINS[..], ATTESTATION_KEY].concat()),
        ] {
            files
                .create_dir_all(directory)
                .and_then(|()| files.write(name, &content))
                .expect("the store is empty");
        }
    }
    let channel = TrussedChannel::new();
    let (requester, responder) = channel.split().expect("it was not split before");
    let board = Board {
        random: ChaCha8Rng::from_entropy(),
        store,
        user: Toucher { presence: presence.clone(), started: Instant::now() },
    };
    let client = CoreContext::with_interrupt(path!("fido").into(), Some(&INTERRUPT));
    let backends = &[BackendId::Custom(BackendIds::StagingBackend), BackendId::Core];
    let trussed = Trussed {
        service: Service::with_dispatch(board, Dispatcher::default()),
        endpoints: vec![ServiceEndpoint::new(responder, client, backends)],
    };
    let client: ClientImplementation<'_, _, Dispatcher> =
        ClientImplementation::new(requester, trussed, Some(&INTERRUPT));
    let run = || {
        // The button of this board cannot be pressed for long.
        let mut authenticator = Authenticator::new(client, Conforming {}, Config::new(MOST_DATA));
        for job in jobs {
            let Job::Request(command, request) = job else { return true };
            let mut answer = Bytes::<MOST_DATA>::new();
            INTERRUPT.set_working();
            let called = authenticator.call(command, &request, answer.as_mut_view());
            INTERRUPT.set_idle();
            // CTAPHID would send its error; here it is the one of a request that is too short.
            let answer = if called.is_ok() { answer.to_vec() } else { vec![0x03] };
            if answers.send(Some(answer)).is_err() {
                return false;
            }
        }
        false
    };
    // Nothing of it is used any more but the files, which a firmware would find as they are, too.
    let ended = catch_unwind(AssertUnwindSafe(run));
    ended.unwrap_or_else(|_| answers.send(None).is_ok())
}

/// Trussed, which serves a call at once. A firmware has it in an interrupt, and its own host program in another thread.
struct Trussed<'a> {
    service: Service<Board<'a>, Dispatcher>,
    endpoints: Vec<ServiceEndpoint<'a, BackendIds, StagingContext>>,
}

impl Syscall for Trussed<'_> {
    fn syscall(&mut self) {
        self.service.process(&mut self.endpoints);
    }
}

struct Board<'a> {
    random: ChaCha8Rng,
    store: Store<'a>,
    user: Toucher,
}

impl<'a> Platform for Board<'a> {
    type R = ChaCha8Rng;
    type S = Store<'a>;
    type UI = Toucher;

    fn user_interface(&mut self) -> &mut Toucher {
        &mut self.user
    }

    fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }

    fn store(&self) -> Store<'a> {
        self.store
    }
}

struct Toucher {
    presence: Presence,
    started: Instant,
}

impl UserInterface for Toucher {
    fn check_user_presence(&mut self) -> Level {
        let asked = Instant::now();
        match self.presence.wait(PATIENCE) {
            Some(_) => Level::Normal,
            None => {
                // The client has given up, or it asks by U2F, which does not wait. CTAPHID would interrupt Trussed itself.
                if asked.elapsed() < PATIENCE {
                    INTERRUPT.interrupt();
                }
                Level::None
            }
        }
    }

    fn set_status(&mut self, _: Status) {}

    fn uptime(&mut self) -> Duration {
        self.started.elapsed()
    }
}
