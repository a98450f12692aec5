//! What has to hold of every request that a token has to permit: pinUvAuthParam and pinUvAuthProtocol.

use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::pin::Protocol;
use crate::authenticator::stage::Stage;
use crate::authenticator::stage::management::Management;
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::{Outcome, Stop};

/// A sub-command that a token has to permit.
#[derive(Clone, Copy)]
pub(super) struct Protected {
    /// The beginning of its cases' ids.
    pub(super) id: &'static str,
    /// Its name in sentences.
    pub(super) name: &'static str,
    pub(super) clause: &'static str,
    /// A request that is sound but for its proof, or why there is none.
    pub(super) request: fn(&mut Stage<'_>) -> Result<Management, Stop>,
}

impl Protected {
    fn case(
        self,
        last: &str,
        what: &str,
        play: impl Fn(&mut Stage<'_>, Management) -> Outcome + Send + Sync + 'static,
    ) -> AuthenticatorCase {
        let requirement = format!("refuse {} {what}", self.name);
        AuthenticatorCase::of(&format!("{}/{last}", self.id), requirement, self.clause, move |stage| {
            let request = (self.request)(stage)?;
            play(stage, request)
        })
    }
}

/// A proof that is missing, that is wrong, and that is of a token for something else.
pub(super) fn of_proofs(protected: &[Protected]) -> Vec<AuthenticatorCase> {
    protected.iter().flat_map(|protected| of_one(*protected)).collect()
}

fn of_one(protected: Protected) -> [AuthenticatorCase; 3] {
    [
        protected.case("no-param", "without pinUvAuthParam", |stage, request| {
            refused(stage, &request, &[s::PUAT_REQUIRED], &[s::MISSING_PARAMETER])
        }),
        protected.case("wrong-param", "whose pinUvAuthParam is wrong", |stage, request| {
            let request = stage.permitted(request)?;
            let length = if stage.protocol()? == Protocol::One { 16 } else { 32 };
            refused(stage, &request.param(vec![7; length]), &[s::PIN_AUTH_INVALID], &[])
        }),
        protected.case("other-permission", "by a token that does not permit it", |stage, request| {
            let token = stage.token_without(request.permission)?;
            let tolerated = [s::UNAUTHORIZED_PERMISSION];
            refused(stage, &request.proven(&token), &[s::PIN_AUTH_INVALID], &tolerated)
        }),
    ]
}

/// A protocol that is missing, and one that nobody defines: once for each command, which reads it in one place.
pub(super) fn of_protocols(protected: Protected) -> [AuthenticatorCase; 2] {
    [
        protected.case("no-protocol", "without pinUvAuthProtocol", |stage, request| {
            let request = stage.permitted(request)?.protocol(None);
            let tolerated = [s::INVALID_PARAMETER, s::PIN_AUTH_INVALID];
            refused(stage, &request, &[s::MISSING_PARAMETER], &tolerated)
        }),
        protected.case(
            "unknown-protocol",
            "by a pinUvAuthProtocol that it does not list",
            |stage, request| {
                let request = stage.permitted(request)?.protocol(Some(0x7f));
                refused(stage, &request, &[s::INVALID_PARAMETER], &[s::PIN_AUTH_INVALID])
            },
        ),
    ]
}

/// A request that has to be refused so.
pub(super) fn refused(
    stage: &mut Stage<'_>,
    request: &Management,
    accepted: &[u8],
    tolerated: &[u8],
) -> Outcome {
    let always_uv = stage.info.option("alwaysUv");
    let answer = stage.manage(request)?;
    let outcome = stage.expect_of(&answer, "the request", accepted, tolerated);
    if outcome.is_err() && answer.status == s::OK && request.command == command::CONFIG {
        // What was done all the same is undone for the cases that follow, where it can be.
        drop(stage.restore_always_uv(always_uv));
    }
    outcome?;
    stage.is_alive()
}
