//! An authenticator at an address.

use std::process::{Command, Stdio};
use std::sync::Mutex;

use stuntkey_transport::{Address, Link, TransportError, connect};

use super::{AuthenticatorTarget, Touches};

/// Commands that do what a hand does. Each is run by the system's shell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hooks {
    /// Touches the authenticator.
    pub touch: Option<String>,
    /// Takes its power away for a moment, and returns when it is back.
    pub power_cycle: Option<String>,
    /// Brings it back to what it was when it was made.
    pub reset: Option<String>,
}

/// Somebody who is asked to do something with the authenticator in their hands. Returns whether it was done.
type Person<'a> = Box<dyn FnMut(&str) -> bool + Send + 'a>;

/// An authenticator at an address.
pub struct RemoteAuthenticator<'a> {
    address: Address,
    hooks: Hooks,
    person: Option<Mutex<Person<'a>>>,
}

impl<'a> RemoteAuthenticator<'a> {
    /// An authenticator that takes itself for touched.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { address, hooks: Hooks::default(), person: None }
    }

    /// Commands that do what a hand does.
    #[must_use]
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// Asks a person for touches and power cycles that no hook does. `ask` is given a sentence without its full stop.
    #[must_use]
    pub fn person(mut self, ask: impl FnMut(&str) -> bool + Send + 'a) -> Self {
        self.person = Some(Mutex::new(Box::new(ask)));
        self
    }

    fn ask(&self, what: &str) -> Option<Result<(), String>> {
        let mut person = self.person.as_ref()?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(if person(what) { Ok(()) } else { Err("nobody did it".to_owned()) })
    }
}

impl std::fmt::Debug for RemoteAuthenticator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteAuthenticator")
            .field("address", &self.address)
            .field("hooks", &self.hooks)
            .finish_non_exhaustive()
    }
}

impl AuthenticatorTarget for RemoteAuthenticator<'_> {
    fn connect(&self) -> Result<Link, TransportError> {
        connect(&self.address)
    }

    fn touches(&self) -> Touches {
        match self.hooks.touch.is_some() || self.person.is_some() {
            true => Touches::Given,
            false => Touches::Itself,
        }
    }

    fn touch(&self, what: &str) -> Result<(), String> {
        match &self.hooks.touch {
            Some(hook) => run("--touch", hook),
            None => self.ask(&format!("touch the authenticator: {what}")).unwrap_or(Ok(())),
        }
    }

    fn power_cycle(&self) -> Option<Result<(), String>> {
        match &self.hooks.power_cycle {
            Some(hook) => Some(run("--power-cycle", hook)),
            None => self.ask("take the authenticator out and put it in again, then press Enter"),
        }
    }

    fn restore(&self) -> Option<Result<(), String>> {
        self.hooks.reset.as_ref().map(|hook| run("--reset", hook))
    }
}

/// Runs a hook to its end. What it prints goes nowhere.
fn run(name: &str, hook: &str) -> Result<(), String> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([option, hook]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let ended = command.output().map_err(|error| format!("{name}: {error}"))?;
    match ended.status.success() {
        true => Ok(()),
        false => {
            let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
            Err(format!("{name}: {} ended with {}: {said}", hook, ended.status))
        }
    }
}
