//! What was sent and answered in one part of a run, so that the part can be played again up to the next request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::StepAnswer;
use super::step::StepRequest;
use crate::core::clock::{Clock, Moment};
use crate::relying_party::target::Asked;

/// What somebody else carries out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sent {
    Request(StepRequest),
    Ask(Asked),
    Wait(Duration),
}

/// What became of a part of a run that was played from its beginning.
pub(super) enum Played {
    /// It came to its end.
    Whole,
    /// It needs the answer to this, and has to be played again.
    Until(Sent),
    /// It sent something else than the time before, so its end says nothing. Why.
    Otherwise(String),
}

/// The record of one part of a run. It is the clock of the part, too, which only its waits move.
#[derive(Debug)]
pub(super) struct Record(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The time, and how many sessions there were, when the part began.
    began: (Duration, u64),
    /// What was sent in the part, each with its answer. A wait has none.
    entries: Vec<(Sent, Option<StepAnswer>)>,
    now: Duration,
    sessions: u64,
    /// How many of the entries were sent this time.
    place: usize,
    stopped: Option<Stopped>,
}

#[derive(Debug)]
enum Stopped {
    Pending(Sent),
    Otherwise(String),
}

impl Record {
    pub(super) fn new(now: Duration) -> Self {
        Self(Mutex::new(State {
            began: (now, 0),
            entries: Vec::new(),
            now,
            sessions: 0,
            place: 0,
            stopped: None,
        }))
    }

    /// Begins the next part of the run, not before this time.
    pub(super) fn begin_part(&self, earliest: Duration) {
        let mut state = self.state();
        state.now = state.now.max(earliest);
        state.began = (state.now, state.sessions);
        state.entries.clear();
        state.place = 0;
        state.stopped = None;
    }

    /// Goes back to the beginning of the part.
    pub(super) fn go_back(&self) {
        let mut state = self.state();
        (state.now, state.sessions) = state.began;
        state.place = 0;
        state.stopped = None;
    }

    /// When the part began.
    pub(super) fn began(&self) -> Duration {
        self.state().began.0
    }

    pub(super) fn new_session(&self) -> u64 {
        let mut state = self.state();
        state.sessions += 1;
        state.sessions
    }

    /// The answer to a request. `None` if there is none yet, or the part is to stop for another reason.
    pub(super) fn answer_to(&self, sent: Sent) -> Option<StepAnswer> {
        self.state().exchange(sent).flatten()
    }

    /// What became of the part that was played.
    pub(super) fn end(&self) -> Played {
        let state = self.state();
        match &state.stopped {
            Some(Stopped::Pending(sent)) => Played::Until(sent.clone()),
            Some(Stopped::Otherwise(why)) => Played::Otherwise(why.clone()),
            None => match state.entries.get(state.place) {
                None => Played::Whole,
                Some((missing, _)) => Played::Otherwise(otherwise("nothing more", &name_of(missing))),
            },
        }
    }

    /// Keeps the answer to what is pending.
    pub(super) fn keep(&self, answer: Option<StepAnswer>) {
        let mut state = self.state();
        if let Some(Stopped::Pending(sent)) = state.stopped.take() {
            state.entries.push((sent, answer));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `None` if the part is to stop.
    fn exchange(&mut self, sent: Sent) -> Option<Option<StepAnswer>> {
        if self.stopped.is_some() {
            return None;
        }
        match self.entries.get(self.place) {
            None => {
                self.stopped = Some(Stopped::Pending(sent));
                None
            }
            Some((known, answer)) if *known == sent => {
                self.place += 1;
                Some(answer.clone())
            }
            Some((known, _)) => {
                self.stopped = Some(Stopped::Otherwise(difference(&sent, known)));
                None
            }
        }
    }
}

impl Clock for Record {
    fn now(&self) -> Moment {
        Moment::after(self.state().now)
    }

    fn since_1970(&self) -> Duration {
        self.state().now
    }

    fn wait(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let mut state = self.state();
        // Whether the part goes on, the next request will show. Who waits until it is late has to come to an end.
        state.exchange(Sent::Wait(time));
        state.now = state.now.saturating_add(time);
    }

    fn stands_still(&self) -> bool {
        true
    }
}

fn otherwise(found: &str, expected: &str) -> String {
    format!("played again, it did not send the same: found {found}, expected {expected}")
}

fn difference(found: &Sent, expected: &Sent) -> String {
    let (shown, wanted) = (name_of(found), name_of(expected));
    if shown != wanted {
        return otherwise(&shown, &wanted);
    }
    match (found, expected) {
        (Sent::Request(found), Sent::Request(expected)) if found.body == expected.body => otherwise(
            &format!("{shown} with the headers {:?}", found.headers),
            &format!("{:?}", expected.headers),
        ),
        (Sent::Request(found), Sent::Request(expected)) => {
            otherwise(&format!("{shown} with the body {}", found.body), &expected.body)
        }
        _ => otherwise(&format!("{found:?}"), &format!("{expected:?}")),
    }
}

fn name_of(sent: &Sent) -> String {
    match sent {
        Sent::Request(request) => {
            format!("{} {} in session {}", request.method, request.url, request.session)
        }
        Sent::Ask(asked) => format!("{} in session {}", asked.ask.name(), asked.session),
        Sent::Wait(time) => format!("a wait of {} ms", time.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn sent(body: &str) -> Sent {
        Sent::Request(StepRequest { body: body.to_owned(), ..StepRequest::default() })
    }

    fn refused() -> Option<StepAnswer> {
        Some(StepAnswer::Refused(String::new()))
    }

    #[test]
    fn a_part_is_played_until_something_is_not_answered_yet() {
        let record = Record::new(SECOND);
        for answered in 0..3 {
            record.go_back();
            assert_eq!(record.answer_to(sent("a")).is_some(), answered > 0);
            record.wait(SECOND);
            assert_eq!(record.since_1970(), SECOND * 2);
            assert_eq!(record.answer_to(sent("b")).is_some(), answered > 2);
            match (answered, record.end()) {
                (0, Played::Until(pending)) => assert_eq!(pending, sent("a")),
                (1, Played::Until(pending)) => assert_eq!(pending, Sent::Wait(SECOND)),
                (2, Played::Until(pending)) => assert_eq!(pending, sent("b")),
                (answered, _) => panic!("{answered}"),
            }
            record.keep(if answered == 1 { None } else { refused() });
        }
        record.go_back();
        assert_eq!(record.answer_to(sent("a")), refused());
        record.wait(SECOND);
        assert_eq!(record.answer_to(sent("b")), refused());
        assert!(matches!(record.end(), Played::Whole));
        record.begin_part(Duration::ZERO);
        assert_eq!((record.began(), record.since_1970()), (SECOND * 2, SECOND * 2));
    }

    #[test]
    fn what_is_not_sent_again_is_told() {
        let record = Record::new(SECOND);
        record.answer_to(sent("a"));
        record.keep(refused());
        for (again, why) in
            [(Some("b"), "with the body b, expected a"), (None, "found nothing more, expected")]
        {
            record.go_back();
            if let Some(body) = again {
                assert_eq!(record.answer_to(sent(body)), None);
                assert_eq!(record.answer_to(sent("a")), None, "nothing goes on after it");
            }
            match record.end() {
                Played::Otherwise(found) => assert!(found.contains(why), "{found}"),
                _ => panic!("{why}"),
            }
        }
    }
}
