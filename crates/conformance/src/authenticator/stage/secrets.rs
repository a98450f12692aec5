//! hmac-secret from the platform's side (CTAP 2.1 §12.5).

use ciborium::Value;

use super::super::platform::data::AuthData;
use super::super::platform::parameters::{map, members};
use super::super::platform::pin::{Protocol, Shared};
use super::Stage;
use super::ceremony::{Assertion, Made};
use crate::core::outcome::Stop;

/// Members of the extension's input.
pub(crate) mod input {
    pub(crate) const KEY_AGREEMENT: u64 = 1;
    pub(crate) const SALT_ENC: u64 = 2;
    pub(crate) const SALT_AUTH: u64 = 3;
    pub(crate) const PROTOCOL: u64 = 4;
}

impl Stage<'_> {
    /// The input that asks for the secrets of these salts, one behind the other.
    pub(crate) fn salts(&mut self, shared: &Shared, salts: &[u8]) -> Value {
        let salt_enc = shared.encrypt(salts, self.iv());
        let salt_auth = shared.authenticate(&salt_enc);
        members! {
            input::KEY_AGREEMENT => shared.key_agreement.clone(),
            input::SALT_ENC => salt_enc,
            input::SALT_AUTH => salt_auth,
            input::PROTOCOL => shared.protocol.number(),
        }
    }

    /// The secrets of an output.
    pub(crate) fn secrets(
        &mut self,
        shared: &Shared,
        data: &AuthData,
        extension: &str,
        salts: usize,
    ) -> Result<Vec<u8>, Stop> {
        let found = data.output(extension);
        let sent = found
            .and_then(Value::as_bytes)
            .ok_or_else(|| Stop::fail(format!("{extension}: found {found:?}, expected encrypted secrets")))?;
        if shared.protocol == Protocol::Two {
            self.world.observations.once("initialisation vector", sent.get(..16).unwrap_or_default());
        }
        let secrets = shared.decrypt(sent).unwrap_or_default();
        match secrets.len() == 32 * salts {
            true => Ok(secrets),
            false => {
                let what = format!("{} encrypted bytes of {} secrets", sent.len(), secrets.len() / 32);
                Err(Stop::fail(format!("{extension}: found {what}, expected {salts} of 32 bytes each")))
            }
        }
    }

    /// The secrets of a credential for salts. Whether the answer verifies is another case's.
    pub(crate) fn secrets_of(
        &mut self,
        made: &Made,
        protocol: Protocol,
        salts: &[u8],
        verified: bool,
    ) -> Result<Vec<u8>, Stop> {
        let (assertion, shared) = self.asking(made, protocol, salts)?;
        let assertion = if verified { self.verified(assertion)? } else { self.authorized(assertion)? };
        let answer = self.call_ceremony(&assertion)?;
        let data = AuthData::of(&answer)?;
        self.secrets(&shared, &data, "hmac-secret", salts.len() / 32)
    }

    /// An assertion that asks for the secrets of these salts.
    pub(crate) fn asking(
        &mut self,
        made: &Made,
        protocol: Protocol,
        salts: &[u8],
    ) -> Result<(Assertion, Shared), Stop> {
        let shared = self.share(protocol)?;
        let input = self.salts(&shared, salts);
        Ok((self.assertion_with(made).extension("hmac-secret", input), shared))
    }
}

/// An input without a member, or with another value of it.
pub(crate) fn with_member(input: &Value, key: u64, value: Option<Value>) -> Value {
    let entries = input.as_map().cloned().unwrap_or_default();
    let kept = entries.into_iter().filter(|(known, _)| *known != Value::from(key));
    map(kept.chain(value.map(|value| (Value::from(key), value))))
}
