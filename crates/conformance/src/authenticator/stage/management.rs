//! Requests that manage an authenticator, and what they enumerate (CTAP 2.1 §6.7, §6.8, §6.10, §6.11).

use ciborium::Value;
use sha2::{Digest, Sha256};

use super::super::need::Need;
use super::super::platform::answer::{Answer, named};
use super::super::platform::code::{command, permission, status};
use super::super::platform::parameters::{Parameters, encode, members};
use super::super::platform::pin::Token;
use super::super::platform::sub_command::{config, credentials};
use super::Stage;
use super::ceremony::{Made, descriptor};
use super::pin::sub;
use crate::core::exchange::Role;
use crate::core::outcome::{Outcome, Stop};

/// The modality of fingers (§6.7.2).
pub(crate) const FINGERPRINT: u64 = 0x01;

/// A request that manages the authenticator, and what a platform has to prove for it.
#[derive(Debug, Clone)]
pub(crate) struct Management {
    pub(crate) command: u8,
    pub(crate) parameters: Parameters,
    /// What a token has to permit.
    pub(crate) permission: u64,
    /// What pinUvAuthParam is over.
    pub(crate) message: Vec<u8>,
    /// The keys of pinUvAuthParam and pinUvAuthProtocol.
    proof: (u64, u64),
}

impl Management {
    /// authenticatorCredentialManagement (§6.8). Sub-commands without parameters have none in their message.
    pub(crate) fn credentials(sub_command: u64, parameters: Option<Value>) -> Self {
        let message = message(&[low_byte(sub_command)], parameters.as_ref());
        Self {
            command: command::CREDENTIAL_MANAGEMENT,
            parameters: of_sub_command(1, sub_command, 2, parameters),
            permission: permission::CREDENTIAL_MANAGEMENT,
            message,
            proof: (4, 3),
        }
    }

    /// authenticatorConfig (§6.11).
    pub(crate) fn config(sub_command: u64, parameters: Option<Value>) -> Self {
        let before = [&[0xff; 32][..], &[command::CONFIG, low_byte(sub_command)]].concat();
        Self {
            command: command::CONFIG,
            message: message(&before, parameters.as_ref()),
            parameters: of_sub_command(1, sub_command, 2, parameters),
            permission: permission::CONFIG,
            proof: (4, 3),
        }
    }

    /// authenticatorBioEnrollment for fingers (§6.7).
    pub(crate) fn bio(sub_command: u64, parameters: Option<Value>) -> Self {
        let before = [low_byte(FINGERPRINT), low_byte(sub_command)];
        Self {
            command: command::BIO_ENROLLMENT,
            message: message(&before, parameters.as_ref()),
            parameters: of_sub_command(2, sub_command, 3, parameters).with(1, FINGERPRINT),
            permission: permission::BIO_ENROLLMENT,
            proof: (5, 4),
        }
    }

    /// authenticatorLargeBlobs that writes a fragment (§6.10.2); the first one has the length of the whole array.
    pub(crate) fn write(offset: u32, fragment: &[u8], length: Option<usize>) -> Self {
        let hash = Sha256::digest(fragment);
        let before = [&[0xff; 32][..], &[command::LARGE_BLOBS, 0], &offset.to_le_bytes()].concat();
        let mut parameters = Parameters::default().with(2, fragment.to_vec()).with(3, offset);
        if let Some(length) = length {
            parameters.set(4, u64::try_from(length).unwrap_or(u64::MAX));
        }
        Self {
            command: command::LARGE_BLOBS,
            parameters,
            permission: permission::LARGE_BLOB_WRITE,
            message: [&before[..], &hash].concat(),
            proof: (5, 6),
        }
    }

    /// With the proof of a token.
    pub(crate) fn proven(self, token: &Token) -> Self {
        let message = self.message.clone();
        self.proven_over(token, &message)
    }

    /// With the proof of a token over another message.
    pub(crate) fn proven_over(mut self, token: &Token, message: &[u8]) -> Self {
        let (param, protocol) = self.proof;
        self.parameters.set(param, token.authenticate(message));
        self.parameters.set(protocol, token.protocol.number());
        self
    }

    /// With another pinUvAuthParam.
    pub(crate) fn param(mut self, param: Vec<u8>) -> Self {
        self.parameters.set(self.proof.0, param);
        self
    }

    /// With another pinUvAuthProtocol, or without one.
    pub(crate) fn protocol(mut self, protocol: Option<u64>) -> Self {
        match protocol {
            Some(protocol) => self.parameters.set(self.proof.1, protocol),
            None => self.parameters.remove(self.proof.1),
        }
        self
    }
}

fn of_sub_command(key: u64, sub_command: u64, parameters_key: u64, parameters: Option<Value>) -> Parameters {
    let request = Parameters::default().with(key, sub_command);
    match parameters {
        Some(parameters) => request.with(parameters_key, parameters),
        None => request,
    }
}

fn message(before: &[u8], parameters: Option<&Value>) -> Vec<u8> {
    [before, &parameters.map(encode).unwrap_or_default()].concat()
}

/// Sub-commands and modalities are of one byte.
fn low_byte(number: u64) -> u8 {
    number.to_be_bytes()[7]
}

/// More than any authenticator keeps.
const MOST: u64 = 10_000;

/// SHA-256 of an RP ID.
pub(crate) fn rp_id_hash(rp_id: &str) -> Vec<u8> {
    Sha256::digest(rp_id.as_bytes()).to_vec()
}

/// enumerateCredentialsBegin of a relying party.
pub(crate) fn enumerate_credentials(rp_id: &str) -> Management {
    let parameters = members! { 1 => rp_id_hash(rp_id) };
    Management::credentials(credentials::ENUMERATE_CREDENTIALS_BEGIN, Some(parameters))
}

/// deleteCredential.
pub(crate) fn delete_credential(id: &[u8]) -> Management {
    let parameters = members! { 2 => descriptor(id) };
    Management::credentials(credentials::DELETE_CREDENTIAL, Some(parameters))
}

/// updateUserInformation.
pub(crate) fn update_user(id: &[u8], user: Value) -> Management {
    let parameters = members! { 2 => descriptor(id), 3 => user };
    Management::credentials(credentials::UPDATE_USER_INFORMATION, Some(parameters))
}

/// The credential that an answer to an enumeration is about.
pub(crate) fn credential_id(answer: &Answer) -> Option<&[u8]> {
    named(answer.get(7)?, "id")?.as_bytes().map(Vec::as_slice)
}

impl Stage<'_> {
    /// Sends a request as it is.
    pub(crate) fn manage(&mut self, request: &Management) -> Result<Answer, Stop> {
        self.call(request.command, &request.parameters)
    }

    /// The request with the proof of a new token that permits it.
    pub(crate) fn permitted(&mut self, request: Management) -> Result<Management, Stop> {
        let token = self.token(request.permission, None)?;
        Ok(request.proven(&token))
    }

    /// Sends a request with the proof of a new token that permits it.
    pub(crate) fn manage_permitted(&mut self, request: Management) -> Result<Answer, Stop> {
        let request = self.permitted(request)?;
        self.manage(&request)
    }

    /// Sends a request with the proof of a new token, and holds its answer against what is accepted.
    pub(crate) fn expect_managed(
        &mut self,
        request: Management,
        what: &str,
        accepted: &[u8],
    ) -> Result<Answer, Stop> {
        let answer = self.manage_permitted(request)?;
        self.expect_of(&answer, what, accepted, &[])?;
        Ok(answer)
    }

    /// A token that does not permit this, of those that the authenticator can give.
    pub(crate) fn token_without(&mut self, permitted: u64) -> Result<Token, Stop> {
        let has = |option: &str| self.info.option(option) == Some(true);
        let others = [
            (permission::GET_ASSERTION, !has("noMcGaPermissionsWithClientPin")),
            (permission::CREDENTIAL_MANAGEMENT, has("credMgmt")),
            (permission::CONFIG, has("authnrCfg")),
            (permission::LARGE_BLOB_WRITE, has("largeBlobs")),
        ];
        let other = others.into_iter().find(|(other, has)| *has && *other != permitted);
        let (other, _) = other.ok_or_else(|| Stop::skip("the target gives no other permission"))?;
        let rp_id = self.new_rp_id();
        self.token(other, (other == permission::GET_ASSERTION).then_some(&*rp_id))
    }

    /// The persistent token, which reads credentials (CTAP 2.2 §6.5.2.2). It is the same each time, as no other token is.
    pub(crate) fn persistent_token(&mut self) -> Result<Token, Stop> {
        let (pin, shared) = (self.pin()?, self.share(self.protocol()?)?);
        let request =
            self.token_request(&shared, sub::GET_TOKEN_USING_PIN, &pin).with(9, permission::READ_CREDENTIALS);
        let answer = self.call(command::CLIENT_PIN, &request)?;
        let answer = self.control(answer, "a request for the persistent token")?;
        let bytes = shared.decrypt(answer.bytes(2).unwrap_or_default());
        let bytes = bytes.ok_or_else(|| Stop::fail("the persistent token cannot be decrypted"))?;
        Ok(Token { protocol: shared.protocol, bytes })
    }

    /// How many discoverable credentials getCredsMetadata tells of.
    pub(crate) fn count_credentials(&mut self) -> Result<u64, Stop> {
        let request = Management::credentials(credentials::GET_CREDS_METADATA, None);
        let answer = self.manage_permitted(request)?;
        let answer = self.control(answer, "getCredsMetadata")?;
        answer.number(1).ok_or_else(|| Stop::fail("getCredsMetadata told no number of credentials"))
    }

    /// Every relying party that has discoverable credentials: the answers of enumerateRPsBegin and what follows it.
    pub(crate) fn relying_parties(&mut self) -> Result<Vec<Answer>, Stop> {
        let begin = Management::credentials(credentials::ENUMERATE_RPS_BEGIN, None);
        self.enumerate(begin, 5, credentials::ENUMERATE_RPS_GET_NEXT_RP)
    }

    /// Every discoverable credential of a relying party: the answers of enumerateCredentialsBegin and what follows it.
    pub(crate) fn credentials_of(&mut self, rp_id: &str) -> Result<Vec<Answer>, Stop> {
        let next = credentials::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL;
        self.enumerate(enumerate_credentials(rp_id), 9, next)
    }

    /// The answers of an enumeration, whose first one has the total; none where there is nothing to enumerate.
    fn enumerate(&mut self, begin: Management, total: u64, next: u64) -> Result<Vec<Answer>, Stop> {
        let answer = self.manage_permitted(begin)?;
        self.last_was(Role::Control);
        match answer.status {
            status::OK => {}
            status::NO_CREDENTIALS => return Ok(Vec::new()),
            _ => return Err(Stop::error(format!("an enumeration was answered with {}", answer.name()))),
        }
        let Some(total) = answer.number(total) else {
            return Err(Stop::fail("the first answer of an enumeration told no total"));
        };
        if total > MOST {
            return Err(Stop::fail(format!("an enumeration told a total of {total}")));
        }
        let mut answers = vec![answer];
        for number in 2..=total {
            let answer = self.manage(&Management::credentials(next, None))?;
            if answer.status != status::OK {
                let name = answer.name();
                return Err(Stop::fail(format!("number {number} of {total} was answered with {name}")));
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    /// The answer about one credential in the enumeration of its relying party.
    pub(crate) fn listed(&mut self, made: &Made) -> Result<Answer, Stop> {
        let listed = self.credentials_of(&made.rp_id)?;
        let found = listed.into_iter().find(|answer| credential_id(answer) == Some(made.id()));
        found.ok_or_else(|| Stop::fail("the credential is not enumerated"))
    }

    /// Plays before so many new discoverable credentials of one relying party, and deletes them again: there is not room for
    /// those of every case.
    pub(crate) fn with_accounts(
        &mut self,
        count: usize,
        play: impl FnOnce(&mut Self, &[Made]) -> Outcome,
    ) -> Outcome {
        let rp_id = self.new_rp_id();
        let mut made = Vec::new();
        for _ in 0..count {
            let registration = self.registration_at(&rp_id).discoverable();
            made.push(self.make(registration)?);
        }
        let outcome = play(self, &made);
        for account in &made {
            self.forget(account.id());
        }
        outcome
    }

    /// Deletes a credential after a case. What went wrong there says nothing about the case.
    pub(crate) fn forget(&mut self, id: &[u8]) {
        if self.manage_permitted(delete_credential(id)).is_ok() {
            self.last_was(Role::Control);
        }
    }

    /// Configures the authenticator for a case that builds upon that, and learns what it says of itself then.
    pub(crate) fn configure(&mut self, sub_command: u64, parameters: Option<Value>) -> Outcome {
        let answer = self.manage_permitted(Management::config(sub_command, parameters))?;
        self.control(answer, "authenticatorConfig")?;
        self.info = self.get_info()?;
        Ok(())
    }

    /// Toggles alwaysUv back if it is another than when the case began.
    pub(crate) fn restore_always_uv(&mut self, before: Option<bool>) -> Outcome {
        self.info = self.get_info()?;
        match self.info.option("alwaysUv") == before {
            true => Ok(()),
            // Some can be switched off by a reset alone.
            false => self.configure(config::TOGGLE_ALWAYS_UV, None).or_else(|_| self.reset(Need::Fresh)),
        }
    }

    /// Plays what only a reset takes back, and resets.
    pub(crate) fn then_reset(&mut self, play: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let outcome = play(self);
        // What it takes to reset may be another now.
        let reset = self.get_info().and_then(|info| {
            self.info = info;
            self.reset(Need::Fresh)
        });
        outcome.and(reset)
    }
}
