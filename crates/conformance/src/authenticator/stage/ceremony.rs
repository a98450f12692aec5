//! Sound registrations and assertions, which cases change.

use ciborium::Value;
use stuntkey::verifier::CredentialRecord;

use super::super::platform::answer::Answer;
use super::super::platform::code::{command, permission, status};
use super::super::platform::data::{AuthData, ClientData, flag};
use super::super::platform::parameters::{Parameters, members};
use super::super::platform::pin::Token;
use super::{PinState, Stage};
use crate::core::outcome::Stop;

/// ES256, which every authenticator has.
pub(crate) const ES256: i64 = -7;

/// A registration that is to come.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) client_data: ClientData,
    pub(crate) user_id: Vec<u8>,
    pub(crate) parameters: Parameters,
}

impl Registration {
    pub(crate) fn rp_id(&self) -> &str {
        &self.client_data.rp_id
    }

    /// Whether a discoverable credential is asked for.
    fn is_discoverable(&self) -> bool {
        option(&self.parameters, 7, "rk") == Some(true)
    }

    pub(crate) fn with(mut self, key: u64, value: impl Into<Value>) -> Self {
        self.parameters.set(key, value);
        self
    }

    pub(crate) fn without(mut self, key: u64) -> Self {
        self.parameters.remove(key);
        self
    }

    /// With an option.
    pub(crate) fn option(mut self, name: &str, value: bool) -> Self {
        set_option(&mut self.parameters, 7, name, value);
        self
    }

    /// With an extension's input.
    pub(crate) fn extension(mut self, name: &str, input: impl Into<Value>) -> Self {
        set_member(&mut self.parameters, 6, name, input.into());
        self
    }

    pub(crate) fn discoverable(self) -> Self {
        self.option("rk", true)
    }

    /// With the proof of a token.
    pub(crate) fn proven(mut self, token: &Token) -> Self {
        self.parameters.set(8, token.authenticate(&self.client_data.hash()));
        self.parameters.set(9, token.protocol.number());
        self
    }
}

/// An assertion that is to come.
#[derive(Debug, Clone)]
pub(crate) struct Assertion {
    pub(crate) client_data: ClientData,
    pub(crate) parameters: Parameters,
}

impl Assertion {
    pub(crate) fn with(mut self, key: u64, value: impl Into<Value>) -> Self {
        self.parameters.set(key, value);
        self
    }

    pub(crate) fn without(mut self, key: u64) -> Self {
        self.parameters.remove(key);
        self
    }

    pub(crate) fn option(mut self, name: &str, value: bool) -> Self {
        set_option(&mut self.parameters, 5, name, value);
        self
    }

    pub(crate) fn extension(mut self, name: &str, input: impl Into<Value>) -> Self {
        set_member(&mut self.parameters, 4, name, input.into());
        self
    }

    /// With these credentials alone.
    pub(crate) fn allow<'i>(self, ids: impl IntoIterator<Item = &'i [u8]>) -> Self {
        let list = ids.into_iter().map(descriptor).collect();
        self.with(3, Value::Array(list))
    }

    pub(crate) fn proven(mut self, token: &Token) -> Self {
        self.parameters.set(6, token.authenticate(&self.client_data.hash()));
        self.parameters.set(7, token.protocol.number());
        self
    }
}

/// A credential that was made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) rp_id: String,
    pub(crate) user_id: Vec<u8>,
    pub(crate) answer: Answer,
    pub(crate) data: AuthData,
    pub(crate) record: CredentialRecord,
}

impl Made {
    pub(crate) fn id(&self) -> &[u8] {
        &self.record.id
    }
}

/// PublicKeyCredentialDescriptor.
pub(crate) fn descriptor(id: &[u8]) -> Value {
    members! { "id" => id.to_vec(), "type" => "public-key" }
}

/// An entry of pubKeyCredParams.
pub(crate) fn parameter(algorithm: i64) -> Value {
    members! { "alg" => algorithm, "type" => "public-key" }
}

fn option(parameters: &Parameters, key: u64, name: &str) -> Option<bool> {
    super::super::platform::answer::named(parameters.get(key)?, name)?.as_bool()
}

fn set_option(parameters: &mut Parameters, key: u64, name: &str, value: bool) {
    set_member(parameters, key, name, value.into());
}

/// Sets a member of a map under a key.
fn set_member(parameters: &mut Parameters, key: u64, name: &str, value: Value) {
    let mut entries = match parameters.get(key) {
        Some(Value::Map(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    entries.retain(|(known, _)| known.as_text() != Some(name));
    entries.push((name.into(), value));
    parameters.set(key, super::super::platform::parameters::map(entries));
}

impl Stage<'_> {
    /// A registration at a relying party that is new to the authenticator, by ES256.
    pub(crate) fn registration(&mut self) -> Registration {
        let rp_id = self.new_rp_id();
        self.registration_at(&rp_id)
    }

    /// The same of a new user at this relying party.
    pub(crate) fn registration_at(&mut self, rp_id: &str) -> Registration {
        let challenge = self.random();
        let user_id = self.random().to_vec();
        let client_data = ClientData::new("create", rp_id, &challenge);
        let parameters = Parameters::default()
            .with(1, client_data.hash())
            .with(2, members! { "id" => rp_id, "name" => "A relying party" })
            .with(
                3,
                members! { "id" => user_id.clone(), "name" => "alice@example.com", "displayName" => "Alice" },
            )
            .with(4, Value::Array(vec![parameter(ES256)]));
        Registration { client_data, user_id, parameters }
    }

    /// An assertion at a relying party.
    pub(crate) fn assertion(&mut self, rp_id: &str) -> Assertion {
        let challenge = self.random();
        let client_data = ClientData::new("get", rp_id, &challenge);
        let parameters = Parameters::default().with(1, rp_id).with(2, client_data.hash());
        Assertion { client_data, parameters }
    }

    /// An assertion with this credential.
    pub(crate) fn assertion_with(&mut self, made: &Made) -> Assertion {
        self.assertion(&made.rp_id).allow([made.id()])
    }

    /// Whether a registration has to prove that the user was verified (CTAP 2.1 §6.1.2 steps 6 to 8).
    fn asks_to_verify(&self, discoverable: bool) -> bool {
        let info = &self.info;
        let has_pin = info.option("clientPin") == Some(true);
        if !info.is_from_2_1() {
            return has_pin;
        }
        let is_protected = has_pin || info.option("uv") == Some(true);
        let may_do_without = info.option("makeCredUvNotRqd") == Some(true) && !discoverable;
        info.option("alwaysUv") == Some(true) || (is_protected && !may_do_without)
    }

    /// The registration with what the authenticator asks of it in its state: a token for the PIN, or the option `uv`.
    pub(crate) fn authorized(&mut self, registration: Registration) -> Result<Registration, Stop> {
        match self.asks_to_verify(registration.is_discoverable()) {
            true => self.verified(registration),
            false => Ok(registration),
        }
    }

    /// The registration with a proof that the user was verified.
    pub(crate) fn verified(&mut self, registration: Registration) -> Result<Registration, Stop> {
        if matches!(self.world.pin, PinState::Known(_)) {
            let rp_id = registration.rp_id().to_owned();
            let token = self.token(permission::MAKE_CREDENTIAL, Some(&rp_id))?;
            return Ok(registration.proven(&token));
        }
        Ok(registration.option("uv", true))
    }

    /// The assertion with a proof that the user was verified.
    pub(crate) fn verified_assertion(&mut self, assertion: Assertion) -> Result<Assertion, Stop> {
        if matches!(self.world.pin, PinState::Known(_)) {
            let rp_id = assertion.client_data.rp_id.clone();
            let token = self.token(permission::GET_ASSERTION, Some(&rp_id))?;
            return Ok(assertion.proven(&token));
        }
        Ok(assertion.option("uv", true))
    }

    /// Makes a credential that the case builds upon, and verifies what came.
    pub(crate) fn make(&mut self, registration: Registration) -> Result<Made, Stop> {
        let registration = self.authorized(registration)?;
        let answer = self.call(command::MAKE_CREDENTIAL, &registration.parameters)?;
        let answer = self.control(answer, "a registration")?;
        self.read_made(&registration, answer)
    }

    /// Reads the answer to a registration, and has the verifier look at it.
    pub(crate) fn read_made(&mut self, registration: &Registration, answer: Answer) -> Result<Made, Stop> {
        let data = AuthData::read(answer.bytes(2).unwrap_or_default()).map_err(Stop::fail)?;
        let algorithms: Vec<i64> = match registration.parameters.get(4) {
            Some(Value::Array(entries)) => entries
                .iter()
                .filter_map(|entry| super::super::platform::answer::named(entry, "alg"))
                .filter_map(|alg| i64::try_from(i128::from(alg.as_integer()?)).ok())
                .collect(),
            _ => vec![ES256],
        };
        let record = registration
            .client_data
            .verify_registration(&answer, &algorithms)
            .map_err(|why| Stop::fail(format!("a relying party refuses the credential: {why}")))?;
        self.world.observations.once("credential id", &record.id);
        self.world.observations.once("public key", &record.public_key);
        let (rp_id, user_id) = (registration.rp_id().to_owned(), registration.user_id.clone());
        Ok(Made { rp_id, user_id, answer, data, record })
    }

    /// Makes a credential of an account that is new, which is not discoverable.
    pub(crate) fn made(&mut self) -> Result<Made, Stop> {
        let registration = self.registration();
        self.make(registration)
    }

    /// Sends an assertion, and holds its status against what is accepted.
    pub(crate) fn expect_assertion(
        &mut self,
        assertion: &Assertion,
        what: &str,
        accepted: &[u8],
    ) -> Result<Answer, Stop> {
        self.expect(command::GET_ASSERTION, &assertion.parameters, what, accepted)
    }

    /// Sends a registration, and holds its status against what is accepted.
    pub(crate) fn expect_registration(
        &mut self,
        registration: &Registration,
        what: &str,
        accepted: &[u8],
    ) -> Result<Answer, Stop> {
        self.expect(command::MAKE_CREDENTIAL, &registration.parameters, what, accepted)
    }

    /// Reads the answer to an assertion with this credential, and has the verifier look at it.
    pub(crate) fn read_assertion(
        &mut self,
        assertion: &Assertion,
        answer: &Answer,
        made: &Made,
    ) -> Result<AuthData, Stop> {
        if answer.status != status::OK {
            return Err(Stop::error(format!("an assertion was answered with {}", answer.name())));
        }
        let data = AuthData::read(answer.bytes(2).unwrap_or_default()).map_err(Stop::fail)?;
        // A relying party asks for a present user, a platform need not.
        if data.has(flag::UP) {
            assertion
                .client_data
                .verify_assertion(answer, &made.record, &made.user_id)
                .map_err(|why| Stop::fail(format!("a relying party refuses the assertion: {why}")))?;
        }
        Ok(data)
    }

    /// Signs with a credential that the case builds upon.
    pub(crate) fn sign(&mut self, made: &Made) -> Result<AuthData, Stop> {
        let mut assertion = self.assertion_with(made);
        if self.info.option("alwaysUv") == Some(true) {
            assertion = self.verified_assertion(assertion)?;
        }
        let answer = self.call(command::GET_ASSERTION, &assertion.parameters)?;
        let answer = self.control(answer, "an assertion")?;
        self.read_assertion(&assertion, &answer, made)
    }
}
