//! What an answer means for a case: whether the target accepted what it has to accept, and refused what it has to refuse.

use std::cell::RefCell;
use std::rc::Rc;

use stuntkey::verifier::Check;

use super::runtime_error;
use crate::core::exchange::{Exchange, Role};
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::target::Answer;

/// A target's answer to a request of a case.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    log: Rc<RefCell<Vec<Exchange>>>,
    /// The place of the request in the log.
    place: usize,
    /// Whether the options that it answers were no longer good: a refusal of what is sound then says nothing.
    is_late: bool,
}

impl Answered {
    /// The answer to the request that was logged last.
    pub(super) fn last(answer: Answer, log: &Rc<RefCell<Vec<Exchange>>>) -> Self {
        Self { answer, log: Rc::clone(log), place: log.borrow().len().saturating_sub(1), is_late: false }
    }

    /// Says whether the options were no longer good when the request was sent.
    pub(super) fn late(self, is_late: bool) -> Self {
        Self { is_late, ..self }
    }

    /// Notes what the request was for.
    fn mark(&self, role: Role) {
        if let Some(exchange) = self.log.borrow_mut().get_mut(self.place) {
            exchange.role = Some(role);
        }
    }

    /// The answer has to be an acceptance, as the requirement says; gives its body.
    pub(crate) fn accepted(self, what: &str) -> Result<String, Stop> {
        self.mark(Role::Sound);
        match self.answer {
            Answer::Accepted(body) => Ok(body),
            Answer::Refused(why) if self.is_late => Err(too_late(what, &why)),
            Answer::Refused(why) => Err(Stop::refused(format!("it refused {what}: {why}"))),
            Answer::Crashed(how) => Err(Stop::broke_down(format!("it broke down at {what}: {how}"))),
            other => Err(other.no_answer(what)),
        }
    }

    /// The same of a request that a server may end before it has read all of it: it then drops the connection.
    pub(crate) fn accepted_or_cut_off(self, what: &str) -> Result<(), Stop> {
        let is_answered = self
            .log
            .borrow()
            .get(self.place)
            .is_none_or(|exchange| exchange.status.is_some() || exchange.url.is_empty());
        match &self.answer {
            Answer::Crashed(how) if !is_answered => {
                Err(Stop::refused(format!("it ended the connection at {what}: {how}")))
            }
            _ => self.accepted(what).map(drop),
        }
    }

    /// The answer has to be a refusal, as the requirement says, for this reason if it cites one.
    pub(crate) fn refused(self, what: &str, reason: Option<Reason<'_>>) -> Outcome {
        self.mark(Role::Attack);
        match self.answer {
            Answer::Accepted(_) => Err(Stop::fail(format!("it accepted {what}"))),
            Answer::Refused(why) => match (reason, cited(&why)) {
                (Some(reason), Some(cited)) if !agree(reason, cited) => {
                    Err(Stop::weak(format!("it refused {what} for another reason: {why}")))
                }
                _ if runtime_error::is_one(&why) => {
                    Err(Stop::weak(format!("it refused {what} by breaking down: {why}")))
                }
                _ => Ok(()),
            },
            Answer::Crashed(how) => Err(Stop::weak(format!("it broke down at {what}: {how}"))),
            other => Err(other.no_answer(what)),
        }
    }

    /// The case builds upon what was asked. If it is not accepted, the case says nothing.
    pub(crate) fn required(self, what: &str) -> Result<String, Stop> {
        self.mark(Role::Control);
        match self.answer {
            Answer::Accepted(body) => Ok(body),
            Answer::Refused(why) if self.is_late => Err(too_late(what, &why)),
            Answer::Refused(why) => {
                Err(Stop::skip(format!("the case needs {what}, and it was refused: {why}")))
            }
            Answer::Crashed(how) => {
                Err(Stop::skip(format!("the case needs {what}, and the target broke down: {how}")))
            }
            other => Err(other.no_answer(what)),
        }
    }
}

fn too_late(what: &str, why: &str) -> Stop {
    Stop::busy(format!("{what} was sent after the timeout of its options, and refused: {why}"))
}

impl Answer {
    /// What is no answer says nothing about the requirement.
    fn no_answer(self, what: &str) -> Stop {
        match self {
            Answer::Hung(how) => Stop::hung(format!("it hung at {what}: {how}")),
            Answer::Busy(how) => Stop::busy(how),
            Answer::Accepted(how)
            | Answer::Refused(how)
            | Answer::Crashed(how)
            | Answer::Unreachable(how) => Stop::gone(how),
        }
    }
}

/// The reason that a refusal is to have, for targets whose refusals cite one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reason<'a> {
    /// `7.1` or `7.2`, and the step.
    pub(crate) step: (&'a str, u8),
    /// The check of the verifier, if the case is about just one.
    pub(crate) check: Option<&'a str>,
}

impl<'a> Reason<'a> {
    pub(crate) fn step(section: &'a str, step: u8) -> Option<Self> {
        Some(Self { step: (section, step), check: None })
    }
}

fn agree(reason: Reason<'_>, cited: Reason<'_>) -> bool {
    let other_check = reason.check.zip(cited.check).is_some_and(|(wanted, found)| wanted != found);
    reason.step == cited.step && !other_check
}

/// The step that a refusal names, and the check if it names one: `§7.1 step 9: client-data/origin`.
pub(crate) fn cited_step(why: &str) -> Option<String> {
    let Reason { step: (section, step), check } = cited(why)?;
    let check = check.map(|check| format!(": {check}")).unwrap_or_default();
    Some(format!("§{section} step {step}{check}"))
}

/// What a refusal names: `§7.1 step 9`, perhaps followed by a check of the verifier's.
fn cited(why: &str) -> Option<Reason<'_>> {
    let at = why.find("§7.")?;
    let (section, rest) = why.get(at + "§".len()..)?.split_once(" step ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    let id = rest.strip_prefix(": ").and_then(|rest| rest.split([':', ' ']).next());
    let check = id.filter(|id| Check::from_id(id).is_some());
    Some(Reason { step: (section, digits.parse().ok()?), check })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::verdict::Verdict;

    fn answered(answer: Answer) -> Answered {
        Answered::last(answer, &Rc::default())
    }

    #[test]
    fn the_log_tells_what_a_request_was_for() {
        let log: Rc<RefCell<Vec<Exchange>>> = Rc::new(RefCell::new(vec![Exchange::default()]));
        let role = || log.borrow()[0].role;
        Answered::last(Answer::Accepted(String::new()), &log).required("it").unwrap();
        assert_eq!(role(), Some(Role::Control));
        Answered::last(Answer::Accepted(String::new()), &log).accepted("it").unwrap();
        assert_eq!(role(), Some(Role::Sound));
        Answered::last(Answer::Refused("no".into()), &log).refused("it", None).unwrap();
        assert_eq!(role(), Some(Role::Attack));
    }

    #[test]
    fn a_refusal_for_another_reason_is_weak() {
        let refused = |why: &str| answered(Answer::Refused(why.to_owned()));
        let reason = Some(Reason { step: ("7.1", 22), check: Some("packed/syntax") });
        for same in ["no", "(§7.1 step 22)", "WebAuthn L3 §7.1 step 22: packed/syntax: found", "see §7.1"]
        {
            assert_eq!(refused(same).refused("it", reason), Ok(()), "{same}");
        }
        for other in ["§7.1 step 2", "§7.2 step 22", "§7.1 step 22: packed/signature in attStmt[0]: found"]
        {
            let stop = refused(other).refused("it", reason).unwrap_err();
            assert_eq!(stop.verdict, Verdict::Weak, "{other}");
        }
    }

    #[test]
    fn nobody_is_blamed_for_options_that_have_expired() {
        let late = || answered(Answer::Refused("too late".into())).late(true);
        assert_eq!(late().accepted("it").unwrap_err().verdict, Verdict::Error);
        assert_eq!(late().required("it").unwrap_err().verdict, Verdict::Error);
        assert_eq!(late().refused("it", None), Ok(()));
    }

    #[test]
    fn a_crash_is_no_refusal() {
        let verdict = |answer| answered(answer).refused("it", None).unwrap_err().verdict;
        assert_eq!(verdict(Answer::Refused("TypeError: x is not a function".into())), Verdict::Weak);
        assert_eq!(verdict(Answer::Crashed("500".into())), Verdict::Weak);
        assert_eq!(verdict(Answer::Hung("10 s".into())), Verdict::Fail);
        assert_eq!(verdict(Answer::Accepted(String::new())), Verdict::Fail);
        assert_eq!(verdict(Answer::Unreachable("refused".into())), Verdict::Error);
        assert_eq!(verdict(Answer::Busy("429".into())), Verdict::Error);
    }
}
