//! The authenticator under test, and the hand that touches it.

mod in_process;
mod remote;
mod virtual_reader;

use std::thread;
use std::time::Duration;

use stuntkey_transport::{Link, TransportError};

pub use in_process::InProcessAuthenticator;
pub(crate) use in_process::TimedKey;
pub use remote::{Hooks, RemoteAuthenticator};

/// An authenticator under test.
pub trait AuthenticatorTarget: Sync {
    /// Opens a way to it.
    ///
    /// # Errors
    /// [`TransportError`].
    fn connect(&self) -> Result<Link, TransportError>;

    /// Who touches it.
    fn touches(&self) -> Touches;

    /// Touches it, as it waits for that: `what` says what for.
    ///
    /// # Errors
    /// Why that could not be done.
    fn touch(&self, what: &str) -> Result<(), String> {
        let _ = what;
        Ok(())
    }

    /// Takes its power away for a moment; `None` if that cannot be done here.
    fn power_cycle(&self) -> Option<Result<(), String>> {
        None
    }

    /// Brings it back to what it was when it was made, by other means than its own; `None` if there are none.
    fn restore(&self) -> Option<Result<(), String>> {
        None
    }

    /// Lets so much time go by.
    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }

    /// Whether waiting takes no time.
    fn waits_in_no_time(&self) -> bool {
        false
    }
}

/// Who touches an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Touches {
    /// It takes itself for touched, so that a touch cannot be withheld.
    Itself,
    /// [`AuthenticatorTarget::touch`] does, so that a touch can be withheld.
    Given,
}
