//! U2F from the platform's side (FIDO U2F Raw Message Formats 1.2).

use std::thread;
use std::time::Duration;

use ciborium::Value;
use sha2::{Digest, Sha256};
use stuntkey::verifier::CredentialRecord;
use stuntkey_inspect::text::hex;

use super::super::platform::answer::Answer;
use super::super::platform::code::status;
use super::super::platform::data::ClientData;
use super::super::platform::parameters::{encode, members};
use super::super::subject::Touches;
use super::super::wire::card::split;
use super::{Hand, Stage, stop};
use crate::core::outcome::Stop;

/// Status words.
pub(crate) mod word {
    pub(crate) const NO_ERROR: u16 = 0x9000;
    pub(crate) const WRONG_LENGTH: u16 = 0x6700;
    pub(crate) const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;
    pub(crate) const WRONG_DATA: u16 = 0x6a80;
    pub(crate) const INS_NOT_SUPPORTED: u16 = 0x6d00;
    pub(crate) const CLA_NOT_SUPPORTED: u16 = 0x6e00;
}

/// How often an authenticator that waits for a touch is asked, and how soon again.
const QUESTIONS: usize = 40;
const PAUSE: Duration = Duration::from_millis(100);

/// The answer to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) data: Vec<u8>,
    pub(crate) word: u16,
}

/// A credential of U2F.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) client_data: ClientData,
    pub(crate) key_handle: Vec<u8>,
    pub(crate) record: CredentialRecord,
}

/// A message in the extended form.
pub(crate) fn apdu(class: u8, instruction: u8, parameter: u8, data: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    match data.is_empty() {
        true => vec![class, instruction, parameter, 0, 0, 0, 0],
        false => [&[class, instruction, parameter, 0, 0, high, low], data, &[0, 0]].concat(),
    }
}

pub(crate) fn application(rp_id: &str) -> Vec<u8> {
    Sha256::digest(rp_id.as_bytes()).to_vec()
}

impl Stage<'_> {
    /// Sends a message. Where it asks for a touch, it is touched and asked again, or left alone.
    pub(crate) fn u2f(&mut self, what: &str, apdu: &[u8], hand: Hand) -> Result<Reply, Stop> {
        let mut touched = false;
        for _ in 0..QUESTIONS {
            let heard = self.wire()?.msg(apdu).map_err(|trouble| stop(&trouble))?;
            let (data, word) = split(&heard.answer).map_err(|trouble| stop(&trouble))?;
            let reply = Reply { data: data.to_vec(), word };
            let received = format!("{word:04X} {}", hex(&reply.data)).trim_end().to_owned();
            self.log_raw(what, apdu, received);
            if word != word::CONDITIONS_NOT_SATISFIED || hand != Hand::Touches {
                return Ok(reply);
            }
            if !touched && self.target.touches() == Touches::Given {
                touched = true;
                self.target
                    .touch(what)
                    .map_err(|why| Stop::error(format!("it could not be touched: {why}")))?;
            }
            thread::sleep(PAUSE);
        }
        Err(Stop::fail(format!("{what} was answered with 6985 again and again, though it was touched")))
    }

    /// Registers at a relying party that is new to the authenticator, and has the verifier look at it.
    pub(crate) fn u2f_registered(&mut self) -> Result<Registered, Stop> {
        let rp_id = self.new_rp_id();
        let challenge = self.random();
        let client_data = ClientData::new("create", &rp_id, &challenge);
        let data = [client_data.hash(), application(&rp_id)].concat();
        let reply = self.u2f("U2F_REGISTER", &apdu(0, 1, 3, &data), Hand::Touches)?;
        if reply.word != word::NO_ERROR {
            return Err(Stop::fail(format!("a registration was answered with {:04X}", reply.word)));
        }
        self.read_registration(client_data, &reply.data)
    }

    fn read_registration(&mut self, client_data: ClientData, response: &[u8]) -> Result<Registered, Stop> {
        let malformed =
            || Stop::fail("the response to a registration is not of the form that it has to have");
        let (&[5, 4], rest) = response.split_first_chunk().ok_or_else(malformed)? else {
            return Err(malformed());
        };
        let (x, rest) = rest.split_first_chunk::<32>().ok_or_else(malformed)?;
        let (y, rest) = rest.split_first_chunk::<32>().ok_or_else(malformed)?;
        let (&length, rest) = rest.split_first().ok_or_else(malformed)?;
        let (key_handle, rest) = rest.split_at_checked(length.into()).ok_or_else(malformed)?;
        let certificate_length = match rest {
            [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            [0x30, 0x81, length, ..] => 3 + usize::from(*length),
            _ => return Err(malformed()),
        };
        let (certificate, signature) = rest.split_at_checked(certificate_length).ok_or_else(malformed)?;
        // As a client makes an attestation of it (WebAuthn L3 §8.6).
        let key = members! { 1 => 2, 3 => -7, -1 => 1, -2 => x.to_vec(), -3 => y.to_vec() };
        let id_length = u16::from(length).to_be_bytes();
        let data = [
            application(&client_data.rp_id),
            vec![0x41, 0, 0, 0, 0],
            vec![0; 16],
            id_length.to_vec(),
            key_handle.to_vec(),
            encode(&key),
        ]
        .concat();
        let statement = members! {
            "sig" => signature.to_vec(),
            "x5c" => Value::Array(vec![certificate.to_vec().into()]),
        };
        let body =
            Value::Map(vec![(1.into(), "fido-u2f".into()), (2.into(), data.into()), (3.into(), statement)]);
        let answer = Answer { status: status::OK, bytes: Vec::new(), body: Some(body) };
        let record = client_data
            .verify_registration(&answer, &[-7])
            .map_err(|why| Stop::fail(format!("a relying party refuses the registration: {why}")))?;
        Ok(Registered { client_data, key_handle: key_handle.to_vec(), record })
    }

    /// The message that logs in, and the client data that it is for.
    pub(crate) fn u2f_login(&mut self, registered: &Registered, control: u8) -> (ClientData, Vec<u8>) {
        let challenge = self.random();
        let client_data = ClientData::new("get", &registered.client_data.rp_id, &challenge);
        let length = u8::try_from(registered.key_handle.len()).unwrap_or(u8::MAX);
        let data = [
            client_data.hash(),
            application(&client_data.rp_id),
            vec![length],
            registered.key_handle.clone(),
        ]
        .concat();
        let message = apdu(0, 2, control, &data);
        (client_data, message)
    }

    /// Logs in, has the verifier look at it, and returns the signature counter.
    pub(crate) fn u2f_signed(&mut self, registered: &Registered) -> Result<u32, Stop> {
        let (client_data, message) = self.u2f_login(registered, 3);
        let reply = self.u2f("U2F_AUTHENTICATE", &message, Hand::Touches)?;
        if reply.word != word::NO_ERROR {
            return Err(Stop::fail(format!("a login was answered with {:04X}", reply.word)));
        }
        let (&[presence, a, b, c, d], signature) = reply
            .data
            .split_first_chunk()
            .ok_or_else(|| Stop::fail("the response to a login ends too early"))?;
        let data = [application(&client_data.rp_id), vec![presence, a, b, c, d]].concat();
        let body = Value::Map(vec![(2.into(), data.into()), (3.into(), signature.to_vec().into())]);
        let answer = Answer { status: status::OK, bytes: Vec::new(), body: Some(body) };
        client_data
            .verify_assertion(&answer, &registered.record, &[1])
            .map_err(|why| Stop::fail(format!("a relying party refuses the login: {why}")))?;
        Ok(u32::from_be_bytes([a, b, c, d]))
    }
}
