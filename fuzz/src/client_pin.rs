//! PINs: a platform sets, changes and tries them as the bytes say, and a model of three numbers says what comes of it.

use sha2::{Digest, Sha256};
use stuntkey::authenticator::{Authenticator, Extension};
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand as Sub, KeyAgreementKey, PinUvAuthProtocol,
    Status,
};

use stuntkey::encoding::cbor::{self, Value};
use stuntkey::webauthn::{AuthenticatorData, Flags};

use super::{checked_call, get_assertion, make_credential};

const PINS: [&str; 3] = ["1234", "a longer one", "\u{1f511}\u{1f511}\u{1f511}\u{1f511}"];
const PROTOCOL: PinUvAuthProtocol = PinUvAuthProtocol::One;

/// What CTAP says that an authenticator remembers of PINs.
struct Model {
    pin: Option<usize>,
    retries: u64,
    /// Wrong ones in a row since the power came.
    mismatches: u8,
}

impl Model {
    const FRESH: Self = Self { pin: None, retries: 8, mismatches: 0 };

    /// The status of a command that tries a PIN, without what comes after.
    fn try_pin(&mut self, tried: usize) -> Status {
        match self.pin {
            None => return Status::PinNotSet,
            Some(_) if self.retries == 0 => return Status::PinBlocked,
            Some(_) if self.mismatches >= 3 => return Status::PinAuthBlocked,
            Some(pin) if pin == tried => {
                (self.retries, self.mismatches) = (8, 0);
                return Status::Ok;
            }
            Some(_) => {}
        }
        self.retries -= 1;
        self.mismatches += 1;
        match (self.retries, self.mismatches) {
            (0, _) => Status::PinBlocked,
            (_, 3..) => Status::PinAuthBlocked,
            _ => Status::PinInvalid,
        }
    }
}

/// Commands about PINs, as the bytes say: the authenticator does as the model, whatever comes between. Without a token, no
/// credential is made while a PIN is set, and no assertion is of a verified user.
pub fn client_pin(data: &[u8]) {
    let mut authenticator = Authenticator::builder()
        .seed("fuzz")
        .client_pin(true)
        .extensions([Extension::HmacSecret])
        .user_verification(false)
        .build()
        .expect("a seed needs no randomness");
    let own = KeyAgreement::from_scalar(&[1; 32]).expect("a scalar");
    let mut model = Model::FRESH;
    let mut rest = data;
    while let Some((&operation, tail)) = rest.split_first() {
        rest = tail;
        let (tried, new) =
            (usize::from(operation >> 3) % PINS.len(), usize::from(operation >> 5) % PINS.len());
        let mut platform = Platform { authenticator: &mut authenticator, own: &own };
        match operation & 7 {
            0 => {
                let expected = model.pin.map_or(Status::Ok, |_| Status::PinAuthInvalid);
                assert_eq!(platform.set_pin(PINS[new]), expected);
                model.pin.get_or_insert(new);
            }
            1 => {
                let expected = model.try_pin(tried);
                assert_eq!(platform.change_pin(PINS[tried], PINS[new]), expected);
                if expected == Status::Ok {
                    model.pin = Some(new);
                }
            }
            2 | 3 => {
                let expected = model.try_pin(tried);
                let token = platform.token(PINS[tried]);
                assert_eq!(token.as_ref().err().copied().unwrap_or(Status::Ok), expected);
            }
            4 => {
                authenticator.power_cycle();
                model.mismatches = 0;
            }
            5 => {
                assert_eq!(checked_call(&mut authenticator, &[0x07]), [0]);
                model = Model::FRESH;
            }
            6 => {
                let made = checked_call(&mut authenticator, &make_credential(0, 0, true, &[]));
                let expected = model.pin.map_or(Status::Ok, |_| Status::PuatRequired);
                assert_eq!(made.first(), Some(&expected.code()));
                let asserted = checked_call(&mut authenticator, &get_assertion(0, &[]));
                if asserted.first() == Some(&0) {
                    let value = cbor::read(&asserted[1..]).expect("canonical");
                    let data = value.at(2).and_then(Value::as_bytes).expect("authenticator data");
                    assert!(!AuthenticatorData::parse(data).expect("sound").flags.contains(Flags::UV));
                }
            }
            // Any bytes: nobody draws the secret, so they set no PIN and try no right one.
            _ => {
                let length = rest.len().min(usize::from(operation >> 3) * 4);
                let (raw, tail) = rest.split_at(length);
                rest = tail;
                checked_call(&mut authenticator, &[&[0x06], raw].concat());
                if let Ok(request) = ClientPinRequest::from_cbor(raw) {
                    assert_eq!(ClientPinRequest::from_cbor(&request.to_cbor()), Ok(request));
                }
            }
        }
        let mut platform = Platform { authenticator: &mut authenticator, own: &own };
        let response = platform.call(&ClientPinRequest::new(Sub::GetPinRetries)).expect("always told");
        let retries = response.pin_retries.expect("a number");
        if operation & 7 == 7 && retries < model.retries {
            // Bytes of the fuzzer's may try a PIN: with what they make up for a secret, a wrong one.
            model.retries -= 1;
            model.mismatches += 1;
        }
        assert_eq!(retries, model.retries);
    }
}

struct Platform<'a> {
    authenticator: &'a mut Authenticator,
    own: &'a KeyAgreement,
}

impl Platform<'_> {
    fn call(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, Status> {
        let response = checked_call(self.authenticator, &[&[0x06], &request.to_cbor()[..]].concat());
        match Status::from_code(response[0]).expect("a status of the document") {
            Status::Ok => Ok(ClientPinResponse::from_cbor(&response[1..]).expect("canonical")),
            status => Err(status),
        }
    }

    fn status(&mut self, request: &ClientPinRequest) -> Status {
        self.call(request).err().unwrap_or(Status::Ok)
    }

    fn request(&mut self, sub_command: Sub) -> (ClientPinRequest, stuntkey::ctap2::SharedSecret) {
        let mut request = ClientPinRequest::new(Sub::GetKeyAgreement);
        request.pin_uv_auth_protocol = Some(PROTOCOL.number());
        let key = self.call(&request).expect("always told").key_agreement.expect("a key");
        let secret = key.agree(self.own, PROTOCOL).expect("a point");
        request.sub_command = sub_command.number();
        request.key_agreement = Some(KeyAgreementKey(self.own.public_key()));
        (request, secret)
    }

    fn set_pin(&mut self, pin: &str) -> Status {
        let (mut request, secret) = self.request(Sub::SetPin);
        let new_pin_enc = encrypt(&secret, &padded(pin));
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc]));
        request.new_pin_enc = Some(new_pin_enc);
        self.status(&request)
    }

    fn change_pin(&mut self, tried: &str, new: &str) -> Status {
        let (mut request, secret) = self.request(Sub::ChangePin);
        let new_pin_enc = encrypt(&secret, &padded(new));
        let pin_hash_enc = encrypt(&secret, &Sha256::digest(tried)[..16]);
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc, &pin_hash_enc]));
        [request.new_pin_enc, request.pin_hash_enc] = [Some(new_pin_enc), Some(pin_hash_enc)];
        self.status(&request)
    }

    fn token(&mut self, tried: &str) -> Result<Vec<u8>, Status> {
        let (mut request, secret) = self.request(Sub::GetPinToken);
        request.pin_hash_enc = Some(encrypt(&secret, &Sha256::digest(tried)[..16]));
        let token = self.call(&request)?.pin_uv_auth_token.expect("a token");
        Ok(secret.decrypt(&token).expect("whole blocks").to_vec())
    }
}

fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}

fn encrypt(secret: &stuntkey::ctap2::SharedSecret, plaintext: &[u8]) -> Vec<u8> {
    // Protocol one draws nothing.
    let mut random = <chacha20::ChaCha20Rng as chacha20::rand_core::SeedableRng>::from_seed([0; 32]);
    secret.encrypt(plaintext, &mut random).expect("whole blocks")
}
