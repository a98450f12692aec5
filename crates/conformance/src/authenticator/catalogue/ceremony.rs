//! What cases about registrations have in common with those about assertions.

use ciborium::Value;

use crate::authenticator::need::Need;
use crate::authenticator::platform::answer::Answer;
use crate::authenticator::platform::code::status as s;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::ceremony::{Ceremony, Getting, Kind, Made, Making};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// A member of a request: key, name, whether it is required, and a value of another type.
pub(super) type Member = (u64, &'static str, bool, fn() -> Value);

/// What a fair reader accepts for a member of the wrong type.
const WRONG_TYPE: &[u8] = &[s::CBOR_UNEXPECTED_TYPE, s::INVALID_CBOR];

/// A kind of ceremony that can be played before an authenticator from its beginning to its end.
pub(super) trait Played: Kind + Sized + Clone + 'static {
    /// The chapter of its cases.
    const CHAPTER: &str;
    /// The section that has its steps.
    const ALGORITHM: &str;
    /// The step that looks at options.
    const OPTIONS_STEP: &str;
    /// The step that looks at proofs.
    const PROOF: &str;
    /// The step that waits for a touch.
    const TOUCH: &str;

    /// A sound ceremony of a new account, and the credential that was made for it, if it takes one.
    fn begin(stage: &mut Stage<'_>) -> Result<(Ceremony<Self>, Option<Made>), Stop>;

    /// Verifies what a ceremony was answered with.
    fn verify(
        stage: &mut Stage<'_>,
        ceremony: &Ceremony<Self>,
        answer: Answer,
        made: Option<&Made>,
    ) -> Outcome;
}

impl Played for Making {
    const CHAPTER: &str = "make-credential";
    const ALGORITHM: &str = "CTAP 2.1 §6.1.2";
    const OPTIONS_STEP: &str = "5";
    const PROOF: &str = "11";
    const TOUCH: &str = "14";

    fn begin(stage: &mut Stage<'_>) -> Result<(Ceremony<Self>, Option<Made>), Stop> {
        Ok((stage.registration(), None))
    }

    fn verify(stage: &mut Stage<'_>, ceremony: &Ceremony<Self>, answer: Answer, _: Option<&Made>) -> Outcome {
        stage.read_made(ceremony, answer).map(drop)
    }
}

impl Played for Getting {
    const CHAPTER: &str = "get-assertion";
    const ALGORITHM: &str = "CTAP 2.1 §6.2.2";
    const OPTIONS_STEP: &str = "4";
    const PROOF: &str = "6";
    const TOUCH: &str = "9";

    fn begin(stage: &mut Stage<'_>) -> Result<(Ceremony<Self>, Option<Made>), Stop> {
        let made = stage.made()?;
        Ok((stage.assertion_with(&made), Some(made)))
    }

    fn verify(
        stage: &mut Stage<'_>,
        ceremony: &Ceremony<Self>,
        answer: Answer,
        made: Option<&Made>,
    ) -> Outcome {
        let made = made.ok_or_else(|| Stop::error("no credential was made"))?;
        stage.read_assertion(ceremony, &answer, made).map(drop)
    }
}

/// A ceremony that is changed, and has to be refused so.
pub(super) fn refuses<K: Played>(
    id: impl Into<String>,
    requirement: impl Into<String>,
    clause: &str,
    accepted: &'static [u8],
    tolerated: &'static [u8],
    change: impl Fn(Ceremony<K>) -> Ceremony<K> + Send + Sync + 'static,
) -> AuthenticatorCase {
    let id: String = id.into();
    AuthenticatorCase::of(&id, requirement, clause, move |stage| {
        let (ceremony, _) = K::begin(stage)?;
        let changed = change(stage.authorized(ceremony)?);
        let answer = stage.call(K::COMMAND, &changed.parameters)?;
        stage.expect_of(&answer, K::NAME, accepted, tolerated)?;
        stage.is_alive()
    })
}

/// A ceremony that is unusual, and has to be taken.
pub(super) fn takes<K: Played>(
    id: &str,
    requirement: &str,
    clause: &str,
    change: impl Fn(Ceremony<K>) -> Ceremony<K> + Send + Sync + 'static,
) -> AuthenticatorCase {
    AuthenticatorCase::of(id, requirement, clause, move |stage| {
        let (ceremony, made) = K::begin(stage)?;
        let ceremony = stage.authorized(change(ceremony))?;
        let answer = stage.expect_ceremony(&ceremony, K::NAME, &[s::OK])?;
        K::verify(stage, &ceremony, answer, made.as_ref())
    })
}

/// A case for each member that is missing, and for each that is of another type.
pub(super) fn of_members<K: Played>(section: &str, members: &'static [Member]) -> Vec<AuthenticatorCase> {
    let mut cases = Vec::new();
    for &(key, name, is_required, other) in members {
        if is_required {
            cases.push(refuses::<K>(
                format!("{}/missing/{name}", K::CHAPTER),
                format!("refuse a request without {name}"),
                section,
                &[s::MISSING_PARAMETER],
                &[],
                move |ceremony| ceremony.without(key),
            ));
        }
        let is_of_a_proof = [K::PIN_UV_AUTH_PARAM, K::PIN_UV_AUTH_PROTOCOL].contains(&key);
        let tolerated: &[u8] = match is_of_a_proof {
            true => &[s::INVALID_PARAMETER, s::MISSING_PARAMETER, s::PIN_AUTH_INVALID],
            false => &[s::INVALID_PARAMETER],
        };
        let case = refuses::<K>(
            format!("{}/type/{name}", K::CHAPTER),
            format!("refuse a request whose {name} is of another type"),
            "CTAP 2.1 §8.2",
            WRONG_TYPE,
            tolerated,
            move |ceremony| ceremony.with(key, other()),
        )
        .should();
        cases.push(match is_of_a_proof {
            true => case.if_the_target(Need::Option("clientPin")),
            false => case,
        });
    }
    cases
}

/// Holds a statement about the authenticator data.
pub(super) fn flags(hold: bool, why: &str) -> Outcome {
    if hold { Ok(()) } else { Err(Stop::fail(format!("{why} in the authenticator data"))) }
}
