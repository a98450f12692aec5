//! Who logs in: whose credential it is, and whose user handle.

use stuntkey::webauthn::Ceremony;

use super::body::{with_credential, without};
use super::faults::{Chapter, chapter};
use super::play::login_case;
use crate::relying_party::need::Need;
use crate::relying_party::stage::Reason;
use crate::relying_party::suite::Case;

pub(super) const FAULTS: &[Chapter] = &[chapter("user")];

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::of(
            Ceremony::Get,
            "accepts/without-a-name",
            "accept a login without a name, by a discoverable credential",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let begun = person.begin_authentication(false)?;
                let reply = person.get(&begun.body)?;
                person.finish_authentication(&reply)?.accepted("the login").map(drop)
            },
        )
        .if_the_target(Need::NamelessLogin),
        login_case(
            "user/credential/of-another-user",
            "refuse another user's credential where a user has given their name",
            "WebAuthn L3 §7.2 steps 5 and 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                let begun = person.begin_authentication(true)?;
                let body = with_credential(&begun.body, &other.credential()?)?;
                let reply = other.get(&body)?;
                person.finish_authentication(&reply)?.refused("the other user's credential", None)
            },
        )
        .if_the_target(Need::NamedLogin),
        login_case(
            "user/credential/of-another-user-unlisted",
            "refuse another user's credential that claims this user's handle",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                // The other user's key says that it is this user's.
                let mut stolen = other.credential()?;
                stolen.user = person.credential()?.user;
                other.keep(&stolen)?;
                let begun = person.begin_authentication(true)?;
                let body = with_credential(&begun.body, &stolen)?;
                let reply = other.get(&body)?;
                person
                    .finish_authentication(&reply)?
                    .refused("the other user's credential with this user's handle", None)
            },
        ),
        login_case(
            "user/credential/never-registered",
            "refuse a credential that nobody has registered",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut stranger = stage.elsewhere(&person)?;
                let begun = stranger.begin_registration()?;
                // The authenticator has the credential, the target never hears of it.
                stranger.create(&begun.body)?;
                let begun = person.begin_authentication(false)?;
                let reply = stranger.get(&begun.body)?;
                person.finish_authentication(&reply)?.refused("a credential that was never registered", None)
            },
        )
        .if_the_target(Need::NamelessLogin)
        .catches("user/credential"),
        login_case(
            "user/credential/key-of-another",
            "refuse the user's credential id with another credential's signature",
            "WebAuthn L3 §7.2 step 21",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered_with_another_key(&mut person)?;
                let mut mixed = person.credential()?;
                mixed.key = other.credential()?.key;
                other.keep(&mixed)?;
                let begun = person.begin_authentication(true)?;
                let body = with_credential(&begun.body, &mixed)?;
                let reply = other.get(&body)?;
                person
                    .finish_authentication(&reply)?
                    .refused("another key's signature", Reason::step("7.2", 21))
            },
        )
        .catches("signature/value"),
        login_case(
            "user/credential/id-taken-over",
            "refuse the key of somebody who registered, or tried to, with the id of a user's credential, and accept that user's",
            "WebAuthn L3 §7.2 steps 6 and 21",
            |stage| {
                let mut person = stage.registered()?;
                let taken = person.credential()?;
                let other_key = stage.registered_with_another_key(&mut person)?.credential()?.key;
                let mut impostor = stage.person_with(|authenticator| {
                    authenticator.credential_id(&taken.id).credential_key(other_key)
                })?;
                let begun = impostor.begin_registration()?;
                let reply = impostor.create(&without(&begun.body, "excludeCredentials")?)?;
                // Where ids belong to their users, it may well be accepted.
                impostor.finish_registration(&reply)?;
                let mut stolen = impostor.credential()?;
                stolen.user.clone_from(&taken.user);
                impostor.keep(&stolen)?;
                let begun = person.begin_authentication(true)?;
                let reply = impostor.get(&with_credential(&begun.body, &stolen)?)?;
                person.finish_authentication(&reply)?.refused("the other key", None)?;
                person.log_in()?.accepted("a login of the first user afterwards").map(drop)
            },
        )
        .catches("credential-id/in-use"),
        login_case(
            "user/handle/of-another-user",
            "refuse a login without a name whose user handle is another user's",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                let mut renamed = person.credential()?;
                renamed.user = other.credential()?.user;
                person.keep(&renamed)?;
                let begun = person.begin_authentication(false)?;
                let body = with_credential(&begun.body, &renamed)?;
                let reply = person.get(&body)?;
                person
                    .finish_authentication(&reply)?
                    .refused("the other user's handle", Reason::step("7.2", 6))
            },
        )
        .if_the_target(Need::NamelessLogin)
        .catches("user/handle"),
    ]
}
