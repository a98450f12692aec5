//! Load on a relying party: virtual users who register and log in, at a rate or as fast as the target lets them.
//!
//! Everything that a virtual user has follows from one seed and the user's number: name, credential id and key. So ten
//! million of them need no storage. They log in by name, with credentials that are not discoverable and have no
//! signature counter.

mod ceremonies;
mod report;
mod user;

use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use stuntkey::attestation::CertificateAuthority;
use stuntkey::authenticator::Model;
use stuntkey::client::Preset;
use stuntkey::webauthn::Aaguid;

use super::target::{Target, UserNames};
use crate::core::clock::SystemClock;
use crate::core::load::schedule::Schedule;
use crate::core::load::seed::Seed;
use crate::core::load::{Crowd, Progress};
use crate::core::seed::{self, hex};
use ceremonies::{Ceremonies, STEPS, Shares};
pub use report::{LoadComparison, LoadFormat, LoadReport};
use user::Kit;

/// How the tally calls the two kinds of ceremony.
const REGISTRATION: &str = "registration";
const LOGIN: &str = "login";

/// A load on one target.
#[must_use]
pub struct Load<'a> {
    target: &'a dyn Target,
    name: String,
    origin: String,
    seed: String,
    users: usize,
    rate: Option<f64>,
    once: Option<u64>,
    logins: f64,
    bad: f64,
    ramp_up: Duration,
    duration: Duration,
    authority: CertificateAuthority,
    reply: Option<Preset>,
    user_names: UserNames,
    model: Model,
    watcher: Option<&'a (dyn Fn(Progress) + Sync)>,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Load<'a> {
    /// Ten users, as fast as the target lets them, for ten seconds; half registrations and half logins.
    pub fn new(target: &'a dyn Target, origin: &str) -> Self {
        Self {
            target,
            name: "in process".into(),
            origin: origin.to_owned(),
            seed: seed::drawn(&SystemClock),
            users: 10,
            rate: None,
            once: None,
            logins: 0.5,
            bad: 0.0,
            ramp_up: Duration::ZERO,
            duration: Duration::from_secs(10),
            authority: CertificateAuthority::test_root(),
            reply: None,
            user_names: UserNames::default(),
            model: Model::default(),
            watcher: None,
            stop: None,
        }
    }

    /// What the report calls the target.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Every virtual user follows from the seed. By default it is drawn, and the report names it, so that a target that
    /// keeps its users gets others the next time.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.seed);
        self
    }

    /// How many users work at once; at a rate, the most that may do so.
    pub fn users(mut self, users: usize) -> Self {
        self.users = users.max(1);
        self
    }

    /// Begins so many ceremonies a second, whether the target keeps up or not: an open loop, with at most a thousand
    /// million. By default the loop is closed: each user begins the next ceremony when the last one has ended.
    pub fn rate(mut self, ceremonies_per_second: f64) -> Self {
        self.rate = Some(Schedule::limited(ceremonies_per_second));
        self
    }

    /// So many virtual users register and log in once each, however long it takes.
    pub fn each_once(mut self, users: u64) -> Self {
        self.once = Some(users);
        self
    }

    /// The fraction of ceremonies that are logins, from 0 to 1. Default: half.
    pub fn logins(mut self, share: f64) -> Self {
        self.logins = share.clamp(0.0, 1.0);
        self
    }

    /// The fraction of ceremonies that have a fault of the catalogue and must be refused, from 0 to 1. Default: none.
    pub fn bad(mut self, share: f64) -> Self {
        self.bad = share.clamp(0.0, 1.0);
        self
    }

    /// How long it takes until all users are there, or the rate is reached. Default: no time.
    pub fn ramp_up(mut self, time: Duration) -> Self {
        self.ramp_up = time;
        self
    }

    /// How long the load lasts. Default: ten seconds.
    pub fn duration(mut self, time: Duration) -> Self {
        self.duration = time;
        self
    }

    /// The authority at the end of attestation chains. Default: stuntkey's test root.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.authority = authority;
        self
    }

    /// The shape of replies. Default: the one that goes with the options.
    pub fn reply(mut self, preset: Preset) -> Self {
        self.reply = Some(preset);
        self
    }

    /// The authenticators that virtual users have, but for what follows from the user: an ES256 key, and no counter.
    /// Default: the default model.
    pub fn model(mut self, model: Model) -> Self {
        self.model = model;
        self
    }

    /// The form of user names. Default: e-mail addresses.
    pub fn user_names(mut self, form: UserNames) -> Self {
        self.user_names = form;
        self
    }

    /// The watcher is called twice a second with the progress.
    pub fn watcher(mut self, watcher: &'a (dyn Fn(Progress) + Sync)) -> Self {
        self.watcher = Some(watcher);
        self
    }

    /// The load ends when this becomes true.
    pub fn stop_when(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Runs it.
    #[must_use]
    pub fn run(&self) -> LoadReport {
        let seed = Seed::new(&self.seed);
        let kit = Kit {
            origin: &self.origin,
            seed: &seed,
            tag: hex(seed.derive(0, b"n").get(..4).unwrap_or_default()),
            reply: self.reply,
            user_names: &self.user_names,
            model: &self.model,
            identity: self.authority.issue(self.model.aaguid.unwrap_or(Aaguid::STUNTKEY), None),
        };
        let shares = Shares { logins: self.logins, bad: self.bad };
        let crowd = Crowd {
            users: self.users,
            schedule: Schedule { rate: self.rate, ramp_up: self.ramp_up, duration: self.duration },
            steps: &STEPS,
            seed: &seed,
            watcher: self.watcher,
            stop: self.stop,
        };
        let began = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let done = crowd.run(|worker| {
            let mut ceremonies = Ceremonies::new(worker, self.target, &kit, shares);
            match self.once {
                Some(users) => ceremonies.each_once(users),
                None => ceremonies.until_the_end(),
            }
        });
        let settings = report::Settings {
            target: &self.name,
            began,
            seed: &self.seed,
            users: self.users,
            rate: self.rate,
            ramp_up: self.ramp_up,
            shares: self.once.is_none().then_some((self.logins, self.bad)),
        };
        report::make(settings, done)
    }
}
