//! A user who takes time: who is reached from outside, and whose answer a client can cancel.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use stuntkey::authenticator::{Answer, ConsentRequest, User};

/// How long a touch that comes before it is asked for counts. U2F is asked again and again, and waits never.
const EARLY: Duration = Duration::from_secs(3);

/// The way to the user of a key while it waits.
#[derive(Clone, Default)]
pub struct Presence(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    told: Mutex<Option<Listener>>,
}

/// Who is told when the wait for the user begins and ends.
type Listener = Box<dyn FnMut(bool) + Send>;

#[derive(Default)]
struct State {
    waits: bool,
    /// How many requests there were.
    begun: u64,
    /// Those with a lower number are to end without their user.
    cancelled: u64,
    /// The number of the one that the key is at. It may be an earlier one than the last that has begun.
    current: u64,
    /// Whether a wait is out of place, as U2F's client asks again.
    hurries: bool,
    given: Option<(Answer, Instant)>,
}

impl State {
    const fn is_cancelled(&self) -> bool {
        self.current < self.cancelled
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("waits", &self.waits()).finish_non_exhaustive()
    }
}

impl Presence {
    /// A way to a user who is not asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The user does something now: the question that waits is answered, or the next one, if it comes soon.
    pub fn give(&self, answer: Answer) {
        self.state().given = Some((answer, Instant::now()));
        self.0.changed.notify_all();
    }

    /// Whether the key waits for its user.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.state().waits
    }

    /// Puts this way before a user: where `user` does not answer, what is [given](Self::give) does.
    #[must_use]
    pub fn before(&self, user: impl User + 'static, patience: Duration) -> Attended {
        Attended { user: Box::new(user), presence: self.clone(), patience, delay: Duration::ZERO }
    }

    /// What is [given](Self::give) within so long; `None` if nothing is, or the request is cancelled. This is for a
    /// [`Key`](crate::Key) that has no [`User`] of stuntkey's; one that has is put [before](Self::before) it.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> Option<Answer> {
        let mut state = self.state();
        let end = Instant::now() + patience;
        let mut told = false;
        let answer = loop {
            // What is cancelled is not touched any more; the touch is the next request's.
            if state.is_cancelled() {
                break None;
            }
            let given = state.given.take().filter(|(_, at)| at.elapsed() < EARLY);
            if let Some((answer, _)) = given {
                break Some(answer);
            }
            let left = end.saturating_duration_since(Instant::now());
            if state.hurries || left.is_zero() {
                break None;
            }
            if !told {
                told = true;
                state.waits = true;
                drop(state);
                self.tell(true);
                state = self.state();
                continue;
            }
            state = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.waits = false;
        drop(state);
        if told {
            self.tell(false);
        }
        answer
    }

    pub(super) fn listen(&self, listener: impl FnMut(bool) + Send + 'static) {
        *self.0.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
    }

    /// A request has come, which from now on can be cancelled: its number.
    pub(super) fn begin(&self) -> u64 {
        let mut state = self.state();
        state.begun += 1;
        state.begun
    }

    /// The key comes to this request. `hurries`: nobody is waited for.
    pub(super) fn reach(&self, number: u64, hurries: bool) {
        let mut state = self.state();
        (state.current, state.hurries) = (number, hurries);
    }

    /// Every request that has come is to end without its user.
    pub(super) fn cancel(&self) {
        let mut state = self.state();
        state.cancelled = state.begun + 1;
        drop(state);
        self.0.changed.notify_all();
    }

    pub(super) fn is_cancelled(&self, number: u64) -> bool {
        number < self.state().cancelled
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, waits: bool) {
        if let Some(listener) = self.0.told.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            listener(waits);
        }
    }
}

/// A user behind a [`Presence`].
pub struct Attended {
    user: Box<dyn User>,
    presence: Presence,
    patience: Duration,
    delay: Duration,
}

impl fmt::Debug for Attended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attended").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Attended {
    /// The user takes so long for each answer.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl User for Attended {
    fn answer(&mut self, request: &ConsentRequest<'_>) -> Answer {
        let answer = match self.user.answer(request) {
            Answer::NoAnswer => None,
            answer => Some(answer),
        };
        match answer {
            None => self.presence.wait(self.patience).unwrap_or(Answer::NoAnswer),
            Some(answer) if self.delay.is_zero() => answer,
            // One who is faster from outside is taken at that.
            Some(answer) => match self.presence.wait(self.delay) {
                Some(given) => given,
                None if self.presence.state().is_cancelled() => Answer::NoAnswer,
                None => answer,
            },
        }
    }
}
