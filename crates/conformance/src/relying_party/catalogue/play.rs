//! What many cases do.

use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::draft::Edit;
use stuntkey::encoding::json::Json;
use stuntkey::webauthn::{Ceremony, CreationOptions, RequestOptions};

use super::body::{base64url, with_member};
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::need::Need;
use crate::relying_party::stage::{Begun, Person, Reason, Stage};
use crate::relying_party::suite::Case;
use crate::relying_party::target::Answer;

/// A case about registrations whose breach does great harm, unless the case says otherwise.
pub(super) fn registration_case(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> Case {
    Case::of(Ceremony::Create, id, requirement, clause, play)
}

/// A case about logins whose breach lets somebody in, unless the case says otherwise.
pub(super) fn login_case(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Outcome + Send + Sync + 'static,
) -> Case {
    Case::of(Ceremony::Get, id, requirement, clause, play)
}

/// Somebody new, and the creation options that they asked for.
pub(super) fn begun_registration<'a>(
    stage: &mut Stage<'a>,
) -> Result<(Person<'a>, Begun<CreationOptions>), Stop> {
    let mut person = stage.person()?;
    let begun = person.begin_registration()?;
    Ok((person, begun))
}

/// Somebody who is registered, and the request options that they asked for by their name.
pub(super) fn begun_login<'a>(stage: &mut Stage<'a>) -> Result<(Person<'a>, Begun<RequestOptions>), Stop> {
    let mut person = stage.registered()?;
    let begun = person.begin_authentication(true)?;
    Ok((person, begun))
}

/// A registration that is accepted, and a login after it.
pub(super) fn registers_and_logs_in(person: &mut Person<'_>) -> Outcome {
    person.register()?.accepted("the registration")?;
    person.log_in()?.accepted("the login after it").map(drop)
}

/// A case in which somebody with an authenticator of this kind registers and logs in.
pub(super) fn with_authenticator(
    id: &str,
    requirement: &str,
    clause: &str,
    kind: fn(AuthenticatorBuilder) -> AuthenticatorBuilder,
) -> Case {
    Case::of(Ceremony::Create, id, requirement, clause, move |stage: &mut Stage<'_>| {
        registers_and_logs_in(&mut stage.person_with(kind)?)
    })
}

/// The same with attestation, where the target asks for it.
pub(super) fn with_attestation(
    id: &str,
    requirement: &str,
    clause: &str,
    kind: impl Fn(AuthenticatorBuilder) -> AuthenticatorBuilder + Send + Sync + 'static,
) -> Case {
    Case::of(Ceremony::Create, id, requirement, clause, move |stage: &mut Stage<'_>| {
        registers_and_logs_in(&mut stage.person_with(&kind)?)
    })
    .if_the_target(Need::Attestation)
}

/// The same without attestation, where the target asks for none.
pub(super) fn without_attestation(
    id: &str,
    requirement: &str,
    clause: &str,
    kind: fn(AuthenticatorBuilder) -> AuthenticatorBuilder,
) -> Case {
    with_authenticator(id, requirement, clause, kind).if_the_target(Need::NoAttestation)
}

/// A case in which a registration has this edit, and is followed by a login without it.
pub(super) fn edited_registration(id: &str, requirement: &str, clause: &str, edit: Edit) -> Case {
    Case::of(Ceremony::Create, id, requirement, clause, move |stage: &mut Stage<'_>| {
        let (mut person, begun) = begun_registration(stage)?;
        let reply = person.create_edited_with([edit.clone()], &begun.body, |json| takes(json, &edit))?;
        person.finish_registration(&reply)?.accepted("the registration")?;
        person.log_in()?.accepted("the login after it").map(drop)
    })
}

/// A case in which a login has this edit.
pub(super) fn edited_login(id: &str, requirement: &str, clause: &str, edit: Edit) -> Case {
    Case::of(Ceremony::Get, id, requirement, clause, move |stage: &mut Stage<'_>| {
        let (mut person, begun) = begun_login(stage)?;
        finishes_edited(&mut person, &begun.body, &edit)
    })
}

/// The same, where the target knows by the name who logs in.
pub(super) fn edited_login_by_name(id: &str, requirement: &str, clause: &str, edit: Edit) -> Case {
    edited_login(id, requirement, clause, edit).if_the_target(Need::NamedLogin)
}

/// A login with this edit is accepted.
pub(super) fn finishes_edited(person: &mut Person<'_>, body: &str, edit: &Edit) -> Outcome {
    let reply = person.get_edited_with([edit.clone()], body, |json| takes(json, edit))?;
    person.finish_authentication(&reply)?.accepted("the login").map(drop)
}

/// Changes to the reply's JSON are for shapes with the standard's response.
fn takes(json: &Json<'_>, edit: &Edit) -> bool {
    edit.stage() != "Reply" || json.member("response").is_some()
}

/// After a refused registration: the credential is not registered, and a sound registration passes.
pub(super) fn leaves_nothing<'a>(stage: &mut Stage<'a>, person: &mut Person<'a>) -> Outcome {
    let credential = person.credential()?;
    if let Answer::Accepted(body) = person.ask_to_log_in(true)?.answer
        && let Ok(reply) = person.client().authenticate(&body)
    {
        person
            .finish_authentication(&reply.to_string())?
            .refused("a login with the refused credential", None)?;
    }
    stage.reequip(person, |authenticator| authenticator)?;
    let begun = person.begin_registration()?;
    if begun.options.exclude_credentials.iter().any(|excluded| excluded.id == credential.id) {
        return Err(Stop::fail("the refused credential stands in excludeCredentials"));
    }
    let reply = person.create(&begun.body)?;
    person.finish_registration(&reply)?.accepted("a sound registration afterwards").map(drop)
}

/// After a refused login: one with the very same signature counter passes, so the refused one has not moved it.
pub(super) fn leaves_the_counter(person: &mut Person<'_>) -> Outcome {
    let mut credential = person.credential()?;
    credential.sign_count = credential.sign_count.saturating_sub(1);
    person.keep(&credential)?;
    person
        .log_in()?
        .accepted("a sound login afterwards, with the signature counter of the refused one")
        .map(drop)
}

/// A registration that was begun, ended with a reply to another challenge.
pub(super) fn registration_with_challenge_is_refused(
    person: &mut Person<'_>,
    begun: &Begun<CreationOptions>,
    challenge: &[u8],
    what: &str,
) -> Outcome {
    let reply = person.create(&with_member(&begun.body, "challenge", &base64url(challenge))?)?;
    person.finish_registration(&reply)?.refused(what, Reason::step("7.1", 8))
}

/// A login that was begun, ended with a reply to another challenge.
pub(super) fn login_with_challenge_is_refused(
    person: &mut Person<'_>,
    begun: &Begun<RequestOptions>,
    challenge: &[u8],
    what: &str,
) -> Outcome {
    let reply = person.get(&with_member(&begun.body, "challenge", &base64url(challenge))?)?;
    person.finish_authentication(&reply)?.refused(what, Reason::step("7.2", 11))
}
