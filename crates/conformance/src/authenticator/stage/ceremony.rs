//! Sound registrations and assertions, which cases change.

use std::marker::PhantomData;

use ciborium::Value;
use stuntkey::verifier::CredentialRecord;

use super::super::platform::answer::{Answer, named};
use super::super::platform::code::{command, permission, status};
use super::super::platform::data::{AuthData, ClientData, flag};
use super::super::platform::info::Info;
use super::super::platform::parameters::{Parameters, members};
use super::super::platform::pin::Token;
use super::{PinState, Stage};
use crate::core::outcome::Stop;

/// ES256, which every authenticator has.
pub(crate) const ES256: i64 = -7;

/// What tells registrations and assertions apart: the keys of their members.
pub(crate) trait Kind {
    const COMMAND: u8;
    /// Its name in sentences, with its article.
    const NAME: &str;
    /// What a token has to permit.
    const PERMISSION: u64;
    const CLIENT_DATA_HASH: u64;
    /// excludeList or allowList.
    const LIST: u64;
    const EXTENSIONS: u64;
    const OPTIONS: u64;
    const PIN_UV_AUTH_PARAM: u64;
    const PIN_UV_AUTH_PROTOCOL: u64;

    /// Whether an authenticator that does not verify its user always wants it for this ceremony.
    fn asks_to_verify(info: &Info, ceremony: &Ceremony<Self>) -> bool
    where
        Self: Sized;
}

/// authenticatorMakeCredential.
#[derive(Debug, Clone)]
pub(crate) struct Making;

impl Kind for Making {
    const COMMAND: u8 = command::MAKE_CREDENTIAL;
    const NAME: &str = "a registration";
    const PERMISSION: u64 = permission::MAKE_CREDENTIAL;
    const CLIENT_DATA_HASH: u64 = 0x01;
    const LIST: u64 = 0x05;
    const EXTENSIONS: u64 = 0x06;
    const OPTIONS: u64 = 0x07;
    const PIN_UV_AUTH_PARAM: u64 = 0x08;
    const PIN_UV_AUTH_PROTOCOL: u64 = 0x09;

    /// CTAP 2.1 §6.1.2 steps 6 to 8.
    fn asks_to_verify(info: &Info, ceremony: &Registration) -> bool {
        let has_pin = info.option("clientPin") == Some(true);
        if !info.is_from_2_1() {
            return has_pin;
        }
        let is_discoverable = ceremony.asks("rk") == Some(true);
        let may_do_without = info.option("makeCredUvNotRqd") == Some(true) && !is_discoverable;
        (has_pin || info.option("uv") == Some(true)) && !may_do_without
    }
}

/// authenticatorGetAssertion.
#[derive(Debug, Clone)]
pub(crate) struct Getting;

impl Kind for Getting {
    const COMMAND: u8 = command::GET_ASSERTION;
    const NAME: &str = "an assertion";
    const PERMISSION: u64 = permission::GET_ASSERTION;
    const CLIENT_DATA_HASH: u64 = 0x02;
    const LIST: u64 = 0x03;
    const EXTENSIONS: u64 = 0x04;
    const OPTIONS: u64 = 0x05;
    const PIN_UV_AUTH_PARAM: u64 = 0x06;
    const PIN_UV_AUTH_PROTOCOL: u64 = 0x07;

    fn asks_to_verify(_: &Info, _: &Assertion) -> bool {
        false
    }
}

/// A registration or an assertion that is to come.
#[derive(Debug, Clone)]
pub(crate) struct Ceremony<K> {
    pub(crate) client_data: ClientData,
    pub(crate) parameters: Parameters,
    kind: PhantomData<K>,
}

/// A registration that is to come.
pub(crate) type Registration = Ceremony<Making>;
/// An assertion that is to come.
pub(crate) type Assertion = Ceremony<Getting>;

impl<K: Kind> Ceremony<K> {
    fn new(client_data: ClientData) -> Self {
        let parameters = Parameters::default().with(K::CLIENT_DATA_HASH, client_data.hash());
        Self { client_data, parameters, kind: PhantomData }
    }

    pub(crate) fn rp_id(&self) -> &str {
        &self.client_data.rp_id
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
        set_member(&mut self.parameters, K::OPTIONS, name, value.into());
        self
    }

    /// With an extension's input.
    pub(crate) fn extension(mut self, name: &str, input: impl Into<Value>) -> Self {
        set_member(&mut self.parameters, K::EXTENSIONS, name, input.into());
        self
    }

    /// An extension's input.
    pub(crate) fn input(&self, name: &str) -> Option<&Value> {
        named(self.parameters.get(K::EXTENSIONS)?, name)
    }

    /// With these credentials in its list.
    pub(crate) fn list<'i>(self, ids: impl IntoIterator<Item = &'i [u8]>) -> Self {
        let list = ids.into_iter().map(descriptor).collect();
        self.with(K::LIST, Value::Array(list))
    }

    /// With the proof of a token.
    pub(crate) fn proven(mut self, token: &Token) -> Self {
        self.parameters.set(K::PIN_UV_AUTH_PARAM, token.authenticate(&self.client_data.hash()));
        self.parameters.set(K::PIN_UV_AUTH_PROTOCOL, token.protocol.number());
        self
    }

    /// Without a proof that its user was verified, and without asking for one.
    pub(crate) fn unproven(self) -> Self {
        self.without(K::PIN_UV_AUTH_PARAM).without(K::PIN_UV_AUTH_PROTOCOL)
    }

    /// Whether it proves, or asks to prove, that its user was verified.
    pub(crate) fn is_proven(&self) -> bool {
        self.parameters.get(K::PIN_UV_AUTH_PARAM).is_some() || self.asks("uv") == Some(true)
    }

    /// The value of an option, if it is there.
    fn asks(&self, option: &str) -> Option<bool> {
        named(self.parameters.get(K::OPTIONS)?, option)?.as_bool()
    }

    /// The whole request.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.parameters.request(K::COMMAND)
    }
}

impl Registration {
    pub(crate) fn discoverable(self) -> Self {
        self.option("rk", true)
    }

    /// With another user of this id, with names.
    pub(crate) fn user(self, id: &[u8]) -> Self {
        let user = members! { "id" => id.to_vec(), "name" => "alice@example.com", "displayName" => "Alice" };
        self.with(3, user)
    }

    /// `user.id`, where it is one.
    pub(crate) fn user_id(&self) -> Vec<u8> {
        let id = self.parameters.get(3).and_then(|user| named(user, "id")).and_then(Value::as_bytes);
        id.cloned().unwrap_or_default()
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
        let user_id = self.random();
        Registration::new(ClientData::new("create", rp_id, &challenge))
            .with(2, members! { "id" => rp_id, "name" => "A relying party" })
            .user(&user_id)
            .with(4, Value::Array(vec![parameter(ES256)]))
    }

    /// An assertion at a relying party.
    pub(crate) fn assertion(&mut self, rp_id: &str) -> Assertion {
        let challenge = self.random();
        Assertion::new(ClientData::new("get", rp_id, &challenge)).with(1, rp_id)
    }

    /// An assertion with this credential.
    pub(crate) fn assertion_with(&mut self, made: &Made) -> Assertion {
        self.assertion(&made.rp_id).list([made.id()])
    }

    /// The ceremony with what the authenticator asks of it in its state: a token for the PIN, or the option `uv`.
    pub(crate) fn authorized<K: Kind>(&mut self, ceremony: Ceremony<K>) -> Result<Ceremony<K>, Stop> {
        match self.info.option("alwaysUv") == Some(true) || K::asks_to_verify(&self.info, &ceremony) {
            true => self.verified(ceremony),
            false => Ok(ceremony),
        }
    }

    /// The ceremony with a proof that the user was verified.
    pub(crate) fn verified<K: Kind>(&mut self, ceremony: Ceremony<K>) -> Result<Ceremony<K>, Stop> {
        if matches!(self.world.pin, PinState::Known(_)) {
            let rp_id = ceremony.rp_id().to_owned();
            let token = self.token(K::PERMISSION, Some(&rp_id))?;
            return Ok(ceremony.proven(&token));
        }
        Ok(ceremony.option("uv", true))
    }

    /// Makes a credential that the case builds upon, and verifies what came.
    pub(crate) fn make(&mut self, registration: Registration) -> Result<Made, Stop> {
        let registration = self.authorized(registration)?;
        let answer = self.call_ceremony(&registration)?;
        self.read_made(&registration, answer)
    }

    /// Reads the answer to a registration, and has the verifier look at it.
    pub(crate) fn read_made(&mut self, registration: &Registration, answer: Answer) -> Result<Made, Stop> {
        let data = AuthData::of(&answer)?;
        let algorithms: Vec<i64> = match registration.parameters.get(4) {
            Some(Value::Array(entries)) => entries
                .iter()
                .filter_map(|entry| named(entry, "alg"))
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
        let (rp_id, user_id) = (registration.rp_id().to_owned(), registration.user_id());
        Ok(Made { rp_id, user_id, answer, data, record })
    }

    /// Makes a credential of an account that is new, which is not discoverable.
    pub(crate) fn made(&mut self) -> Result<Made, Stop> {
        let registration = self.registration();
        self.make(registration)
    }

    /// Sends a ceremony, and holds its status against what is accepted.
    pub(crate) fn expect_ceremony<K: Kind>(
        &mut self,
        ceremony: &Ceremony<K>,
        what: &str,
        accepted: &[u8],
    ) -> Result<Answer, Stop> {
        self.expect(K::COMMAND, &ceremony.parameters, what, accepted)
    }

    /// Sends a ceremony that the case builds upon.
    pub(crate) fn call_ceremony<K: Kind>(&mut self, ceremony: &Ceremony<K>) -> Result<Answer, Stop> {
        let answer = self.call(K::COMMAND, &ceremony.parameters)?;
        self.control(answer, K::NAME)
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
        let data = AuthData::of(answer)?;
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
        let assertion = self.assertion_with(made);
        let assertion = self.authorized(assertion)?;
        let answer = self.call_ceremony(&assertion)?;
        self.read_assertion(&assertion, &answer, made)
    }
}
