//! Another relying party of the same server. The two share nothing, unless a flaw mixes them up.

use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ReferenceRelyingParty;
use super::flaw::Misbehaviour;
use super::judge::judge;
#[cfg(feature = "serve")]
use super::nevis::SharedTransactions;
use super::settings::Settings;
use super::state::State;

/// A state without users.
pub(super) fn empty_state(most_users: usize) -> io::Result<Arc<Mutex<State>>> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Arc::new(Mutex::new(State::new(secret, most_users))))
}

impl ReferenceRelyingParty {
    /// The other relying party of the same server, if the settings have one.
    #[must_use]
    pub fn second(&self) -> Option<Arc<ReferenceRelyingParty>> {
        self.second.clone()
    }

    /// Makes the other relying party that the settings have.
    pub(super) fn add_second(&mut self) -> io::Result<()> {
        let mut settings = self.settings.clone();
        let Some((rp_id, origin)) = settings.second.take() else { return Ok(()) };
        let settings = Settings { rp_id, origins: vec![origin], related_origins: Vec::new(), ..settings };
        let second = Self {
            judge: judge(&settings),
            settings,
            metadata: self.metadata.clone(),
            state: empty_state(self.settings.most_users)?,
            neighbour: Some(Arc::clone(&self.state)),
            second: None,
            #[cfg(feature = "serve")]
            transactions: SharedTransactions::default(),
            next_session: AtomicU64::new(0),
        };
        self.neighbour = Some(Arc::clone(&second.state));
        self.second = Some(Arc::new(second));
        Ok(())
    }

    /// What the other relying party remembers, for a relying party that has this misbehaviour. Whoever calls it has locked
    /// nothing else.
    pub(super) fn neighbour(&self, misbehaviour: Misbehaviour) -> Option<MutexGuard<'_, State>> {
        let state = self.neighbour.as_ref().filter(|_| self.has(misbehaviour))?;
        Some(state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
