//! A platform: the other side of authenticatorClientPIN and of ceremonies, over the byte codec.

use std::borrow::Cow;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use stuntkey::authenticator::{Authenticator, Clock};
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand as Sub, Command, GetAssertionRequest,
    GetAssertionResponse, GetInfoResponse, KeyAgreementKey, MakeCredentialRequest, MakeCredentialResponse,
    PinUvAuth, PinUvAuthProtocol, SharedSecret,
};
use stuntkey::webauthn::{AuthenticatorData, Flags, User};

use super::codes::permission;
use super::device::{PIN, START};

pub const OK: u8 = 0x00;

pub struct Platform {
    pub authenticator: Authenticator,
    pub protocol: PinUvAuthProtocol,
    pub own: KeyAgreement,
    /// The channel that requests go by.
    pub channel: u32,
    /// The user handle of new credentials.
    pub user: u8,
    /// Every request.
    pub sent: Vec<Vec<u8>>,
    random: ChaCha20Rng,
}

impl Platform {
    pub fn new(authenticator: Authenticator, protocol: PinUvAuthProtocol) -> Self {
        let mut random = ChaCha20Rng::from_seed([7; 32]);
        Self {
            authenticator,
            protocol,
            own: KeyAgreement::generate(&mut random),
            channel: 1,
            user: 1,
            sent: Vec::new(),
            random,
        }
    }

    pub fn call(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, u8> {
        let body = self.command(Command::ClientPin, &request.to_cbor())?;
        Ok(ClientPinResponse::from_cbor(&body).unwrap())
    }

    /// What follows the status OK, or the status.
    pub fn command(&mut self, command: Command, parameters: &[u8]) -> Result<Vec<u8>, u8> {
        let request = [&[command.number()], parameters].concat();
        let response = self.authenticator.call(self.channel, &request);
        self.sent.push(request);
        match response.split_first().unwrap() {
            (&OK, body) => Ok(body.to_vec()),
            (status, body) => {
                assert!(body.is_empty(), "an error has no body");
                Err(*status)
            }
        }
    }

    fn auth(&self, token: Option<&[u8]>, client_data_hash: &[u8; 32]) -> Option<PinUvAuth<'static>> {
        let param = match token? {
            [] => Vec::new(),
            token => self.protocol.authenticate(token, &[client_data_hash]),
        };
        Some(PinUvAuth { param: param.into(), protocol: Some(self.protocol.number()) })
    }

    /// Makes a discoverable credential, with a proof of the token. Returns the flags.
    pub fn make(&mut self, token: Option<&[u8]>) -> Result<Flags, u8> {
        let made = self.make_with(token, |_| ())?;
        Ok(flags(&made.auth_data).with(Flags::AT, false))
    }

    /// Makes a credential by a request that is changed.
    pub fn make_with(
        &mut self,
        token: Option<&[u8]>,
        change: impl FnOnce(&mut MakeCredentialRequest<'static>),
    ) -> Result<MakeCredentialResponse, u8> {
        let user = User { id: vec![self.user], name: "user".into(), display_name: String::new() };
        let mut request = MakeCredentialRequest::new([1; 32], "example.org", Cow::Owned(user), vec![-7]);
        request.resident_key = true;
        request.pin_uv_auth = self.auth(token, &[1; 32]);
        change(&mut request);
        let made = self.command(Command::MakeCredential, &request.to_cbor())?;
        Ok(MakeCredentialResponse::from_cbor(&made).unwrap())
    }

    /// Makes a discoverable credential of the relying party for the user, with a new token.
    pub fn make_at(&mut self, rp_id: &'static str, user: u8) -> MakeCredentialResponse {
        let token = self.permitted(permission::MAKE, Some(rp_id)).unwrap();
        self.user = user;
        self.make_with(Some(&token), |request| request.rp_id = rp_id.into()).unwrap()
    }

    /// Asserts with any discoverable credential, with a proof of the token. Returns the flags.
    pub fn get(&mut self, token: Option<&[u8]>) -> Result<Flags, u8> {
        Ok(flags(&self.get_with(token, |_| ())?.auth_data))
    }

    /// Asserts by a request that is changed.
    pub fn get_with(
        &mut self,
        token: Option<&[u8]>,
        change: impl FnOnce(&mut GetAssertionRequest<'static>),
    ) -> Result<GetAssertionResponse, u8> {
        let mut request = GetAssertionRequest::new([2; 32], "example.org");
        request.pin_uv_auth = self.auth(token, &[2; 32]);
        change(&mut request);
        let got = self.command(Command::GetAssertion, &request.to_cbor())?;
        Ok(GetAssertionResponse::from_cbor(&got).unwrap())
    }

    /// As many seconds after the [`START`].
    pub fn at(&mut self, seconds: u64) {
        self.authenticator.set_clock(Clock::Fixed(START + 1_000 * seconds));
    }

    pub fn info(&mut self) -> GetInfoResponse {
        GetInfoResponse::from_cbor(&self.command(Command::GetInfo, &[]).unwrap()).unwrap()
    }

    pub fn option(&mut self, name: &str) -> Option<bool> {
        self.info().options.get(name)
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

    /// A token with these permissions, by the PIN.
    pub fn permitted(&mut self, permissions: u64, rp_id: Option<&str>) -> Result<Vec<u8>, u8> {
        self.token_by(Sub::GetTokenUsingPin, PIN, |request| {
            request.permissions = Some(permissions);
            request.rp_id = rp_id.map(Into::into);
        })
    }

    /// A token with these permissions, by built-in user verification.
    pub fn permitted_by_uv(&mut self, permissions: u64, rp_id: Option<&str>) -> Result<Vec<u8>, u8> {
        let (mut request, secret) = self.request(Sub::GetTokenUsingUv);
        request.permissions = Some(permissions);
        request.rp_id = rp_id.map(Into::into);
        let token = self.call(&request)?.pin_uv_auth_token.unwrap();
        Ok(secret.decrypt(&token).unwrap().to_vec())
    }

    pub fn uv_retries(&mut self) -> u64 {
        self.call(&ClientPinRequest::new(Sub::GetUvRetries)).unwrap().uv_retries.unwrap()
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

fn flags(auth_data: &[u8]) -> Flags {
    AuthenticatorData::parse(auth_data).unwrap().flags
}

fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}
