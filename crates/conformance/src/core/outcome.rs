//! What a case comes to.

use super::verdict::Verdict;

/// What a case comes to: a pass, or why it stopped.
pub(crate) type Outcome = Result<(), Stop>;

/// Why a case did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) verdict: Verdict,
    pub(crate) why: String,
    pub(crate) cause: Cause,
    /// Of a skip: what to do so that the case can be played, in the imperative.
    pub(crate) to_test: Option<String>,
}

/// What a target did that stopped a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It refused something sound in an orderly way, which it may do where the requirement is a MAY.
    Refused,
    /// It broke down at something sound.
    BrokeDown,
    /// It hung.
    Hung,
    /// It could not be reached.
    Gone,
    /// It was reached, and had no time for us.
    Busy,
    /// Something else.
    Other,
}

impl Stop {
    pub(crate) fn new(verdict: Verdict, cause: Cause, why: impl Into<String>) -> Self {
        Self { verdict, why: why.into(), cause, to_test: None }
    }

    pub(crate) fn fail(why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, Cause::Other, why)
    }

    pub(crate) fn weak(why: impl Into<String>) -> Self {
        Self::new(Verdict::Weak, Cause::Other, why)
    }

    pub(crate) fn skip(why: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, Cause::Other, why)
    }

    /// Says of a skip what to do so that the case can be played.
    pub(crate) fn testable_by(self, to_test: Option<String>) -> Self {
        Self { to_test, ..self }
    }

    pub(crate) fn error(why: impl Into<String>) -> Self {
        Self::new(Verdict::Error, Cause::Other, why)
    }

    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, Cause::Refused, why)
    }

    pub(crate) fn broke_down(why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, Cause::BrokeDown, why)
    }

    pub(crate) fn hung(why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, Cause::Hung, why)
    }

    pub(crate) fn gone(why: impl Into<String>) -> Self {
        Self::new(Verdict::Error, Cause::Gone, why)
    }

    pub(crate) fn busy(why: impl Into<String>) -> Self {
        Self::new(Verdict::Error, Cause::Busy, why)
    }
}
