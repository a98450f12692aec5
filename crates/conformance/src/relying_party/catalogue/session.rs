//! The session that a login opens.

use super::play::{begun_login, login_case};
use crate::core::case::Level;
use crate::core::outcome::Stop;
use crate::relying_party::suite::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        login_case(
            "session/renewed",
            "send another session with a login than the browser had before",
            "RFC 6265 §8.4",
            |stage| {
                let (mut person, begun) = begun_login(stage)?;
                let before = person.login_session();
                let reply = person.get(&begun.body)?;
                person.finish_authentication(&reply)?.required("the login")?;
                match (before, person.login_session()) {
                    (_, None) => Err(Stop::skip("the target's session cookie is not named, or not set")
                        .testable_by(Some("name it in the target's description: session_cookie".into()))),
                    (Some(before), Some(after)) if before == after => {
                        Err(Stop::fail("the session after the login is the one before it"))
                    }
                    _ => Ok(()),
                }
            },
        )
        .with_level(Level::Advice),
    ]
}
