//! Another relying party of the same server: its credentials, users and challenges are not this one's.

use super::body::with_credential;
use super::play::{
    begun_login, begun_registration, login_case, login_with_challenge_is_refused, registration_case,
    registration_with_challenge_is_refused,
};
use crate::relying_party::need::Need;
use crate::relying_party::stage::Reason;
use crate::relying_party::suite::Case;

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        registration_case(
            "challenge/other-relying-party",
            "refuse a registration with a challenge of another relying party of the same server",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                // Their session goes on.
                let (_somebody, begun) = begun_registration(&mut stage.second()?)?;
                let (mut person, own) = begun_registration(stage)?;
                registration_with_challenge_is_refused(
                    &mut person,
                    &own,
                    &begun.options.challenge,
                    "the reply to the other relying party's challenge",
                )
            },
        ),
        login_case(
            "challenge/other-relying-party",
            "refuse a login with a challenge of another relying party of the same server",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let (_somebody, begun) = begun_login(&mut stage.second()?)?;
                let (mut person, own) = begun_login(stage)?;
                login_with_challenge_is_refused(
                    &mut person,
                    &own,
                    &begun.options.challenge,
                    "the reply to the other relying party's challenge",
                )
            },
        ),
        login_case(
            "user/credential/of-another-relying-party",
            "refuse a credential that is registered at another relying party of the same server alone",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut theirs = stage.second()?.registered()?.credential()?;
                let mut stranger = stage.person()?;
                let begun = stranger.begin_authentication(false)?;
                // Their authenticator signs for this RP ID, which no sound one would do.
                theirs.rp_id = begun.options.rp_id.or_else(|| stage.host()).unwrap_or_default();
                stranger.keep(&theirs)?;
                let reply = stranger.get(&begun.body)?;
                stranger
                    .finish_authentication(&reply)?
                    .refused("the other relying party's credential", Reason::step("7.2", 6))
            },
        )
        .if_the_target(Need::NamelessLogin),
        login_case(
            "user/credential/id-taken-over-elsewhere",
            "refuse the key of somebody who registered, or tried to, at another relying party of the same server with the id of a \
             user's credential, and accept that user's",
            "WebAuthn L3 §7.1 step 26; §7.2 steps 6 and 21",
            |stage| {
                let mut person = stage.registered()?;
                let taken = person.credential()?;
                let other_key = stage.registered_with_another_key(&mut person)?.credential()?.key;
                let mut neighbour = stage.second()?.person_with(|authenticator| {
                    authenticator.credential_id(&taken.id).credential_key(other_key)
                })?;
                // Ids belong to their relying parties, so it may well be accepted.
                neighbour.register()?;
                let mut stolen = neighbour.credential()?;
                stolen.rp_id.clone_from(&taken.rp_id);
                stolen.user.clone_from(&taken.user);
                let mut impostor = stage.elsewhere(&person)?;
                impostor.keep(&stolen)?;
                let begun = person.begin_authentication(true)?;
                let reply = impostor.get(&with_credential(&begun.body, &stolen)?)?;
                person.finish_authentication(&reply)?.refused("the other key", None)?;
                person.log_in()?.accepted("a login of the first user afterwards").map(drop)
            },
        ),
    ];
    cases.into_iter().map(|case| case.if_the_target(Need::SecondRelyingParty)).collect()
}
