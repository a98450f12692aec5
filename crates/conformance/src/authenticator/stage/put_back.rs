//! Leaving the authenticator as it was when the run began, as far as that can be done.

use ciborium::Value;

use super::super::need::Need;
use super::super::platform::answer::{Answer, member, named};
use super::super::platform::code::{command, permission, status};
use super::super::platform::data::AuthData;
use super::management::delete_credential;
use super::{PinState, Stage};

/// The id of the discoverable credential that was made, if one was.
pub(super) fn kept(request: &[u8], answer: &[u8]) -> Option<Vec<u8>> {
    let [command::MAKE_CREDENTIAL, parameters @ ..] = request else { return None };
    let answer = Answer::read(answer).filter(|answer| answer.status == status::OK)?;
    let parameters: Value = ciborium::from_reader(parameters).ok()?;
    let rk = member(&parameters, &Value::from(0x07)).and_then(|options| named(options, "rk"))?;
    let attested = AuthData::of(&answer).ok()?.attested?;
    (rk == &Value::Bool(true)).then_some(attested.id)
}

impl Stage<'_> {
    /// Resets an authenticator whose PIN the run has set, or deletes the credentials that the run has left behind. What goes
    /// wrong here says nothing about the authenticator.
    pub(crate) fn put_back(&mut self) {
        let knows_pin = matches!(self.world.pin, PinState::Known(_));
        if self.settings.allow_reset && self.settings.pin.is_none() {
            if knows_pin || !self.world.left_behind.is_empty() {
                drop(self.reset(Need::Fresh));
            }
        } else if knows_pin
            && self.info.option("credMgmt") == Some(true)
            && !self.world.left_behind.is_empty()
        {
            let Ok(token) = self.token(permission::CREDENTIAL_MANAGEMENT, None) else { return };
            for id in std::mem::take(&mut self.world.left_behind) {
                if self.manage(&delete_credential(&id).proven(&token)).is_err() {
                    return;
                }
            }
        }
    }
}
