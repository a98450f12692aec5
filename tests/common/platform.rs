//! A platform: the other side of authenticatorClientPIN, over the byte codec.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use stuntkey::authenticator::Authenticator;
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand as Sub, Command, KeyAgreementKey,
    PinUvAuthProtocol, SharedSecret,
};

pub const OK: u8 = 0x00;

pub struct Platform {
    pub authenticator: Authenticator,
    pub protocol: PinUvAuthProtocol,
    pub own: KeyAgreement,
    random: ChaCha20Rng,
}

impl Platform {
    pub fn new(authenticator: Authenticator, protocol: PinUvAuthProtocol) -> Self {
        let mut random = ChaCha20Rng::from_seed([7; 32]);
        Self { authenticator, protocol, own: KeyAgreement::generate(&mut random), random }
    }

    pub fn call(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, u8> {
        let message = [&[Command::ClientPin.byte()], &request.to_cbor()[..]].concat();
        let response = self.authenticator.call(1, &message);
        match response.split_first().unwrap() {
            (&OK, body) => Ok(ClientPinResponse::from_cbor(body).unwrap()),
            (status, body) => {
                assert!(body.is_empty(), "an error has no body");
                Err(*status)
            }
        }
    }

    pub fn status(&mut self, request: &ClientPinRequest) -> u8 {
        self.call(request).err().unwrap_or(OK)
    }

    pub fn retries(&mut self) -> u64 {
        self.call(&ClientPinRequest::new(Sub::GetPinRetries)).unwrap().pin_retries.unwrap()
    }

    pub fn key_agreement(&mut self) -> KeyAgreementKey {
        let mut request = ClientPinRequest::new(Sub::GetKeyAgreement);
        request.pin_uv_auth_protocol = Some(self.protocol.number());
        self.call(&request).unwrap().key_agreement.unwrap()
    }

    /// A request with this side's public key, and the secret.
    pub fn request(&mut self, sub_command: Sub) -> (ClientPinRequest, SharedSecret) {
        let secret = self.key_agreement().agree(&self.own, self.protocol).unwrap();
        let mut request = ClientPinRequest::new(sub_command);
        request.pin_uv_auth_protocol = Some(self.protocol.number());
        request.key_agreement = Some(KeyAgreementKey(self.own.public_key()));
        (request, secret)
    }

    pub fn encrypt(&mut self, secret: &SharedSecret, plaintext: &[u8]) -> Vec<u8> {
        secret.encrypt(plaintext, &mut self.random).unwrap()
    }

    pub fn setting(&mut self, pin: &str) -> ClientPinRequest {
        self.setting_padded(&padded(pin))
    }

    fn setting_padded(&mut self, padded: &[u8]) -> ClientPinRequest {
        let (mut request, secret) = self.request(Sub::SetPin);
        let new_pin_enc = self.encrypt(&secret, padded);
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc]));
        request.new_pin_enc = Some(new_pin_enc);
        request
    }

    pub fn set_pin(&mut self, pin: &str) -> u8 {
        self.set_padded_pin(&padded(pin))
    }

    pub fn set_padded_pin(&mut self, padded: &[u8]) -> u8 {
        let request = self.setting_padded(padded);
        self.status(&request)
    }

    pub fn changing(&mut self, old: &str, new: &str) -> ClientPinRequest {
        let (mut request, secret) = self.request(Sub::ChangePin);
        let new_pin_enc = self.encrypt(&secret, &padded(new));
        let pin_hash_enc = self.encrypt(&secret, &Sha256::digest(old)[..16]);
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc, &pin_hash_enc]));
        [request.new_pin_enc, request.pin_hash_enc] = [Some(new_pin_enc), Some(pin_hash_enc)];
        request
    }

    pub fn change_pin(&mut self, old: &str, new: &str) -> u8 {
        let request = self.changing(old, new);
        self.status(&request)
    }

    /// The token that getPinToken gives.
    pub fn token(&mut self, pin: &str) -> Result<Vec<u8>, u8> {
        self.token_by(Sub::GetPinToken, pin, |_| ())
    }

    /// The token that a sub-command gives, whose request is changed.
    pub fn token_by(
        &mut self,
        sub_command: Sub,
        pin: &str,
        change: impl FnOnce(&mut ClientPinRequest),
    ) -> Result<Vec<u8>, u8> {
        let (mut request, secret) = self.request(sub_command);
        request.pin_hash_enc = Some(self.encrypt(&secret, &Sha256::digest(pin)[..16]));
        change(&mut request);
        let token = self.call(&request)?.pin_uv_auth_token.unwrap();
        Ok(secret.decrypt(&token).unwrap().to_vec())
    }
}

fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}
