//! The platform's side of PINs and tokens (CTAP 2.1 §6.5.5), and which token may do what.

use std::rc::Rc;

use sha2::{Digest, Sha256};
use stuntkey::authenticator::Answer;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand as Sub, Command, KeyAgreementKey, Permissions,
    PinUvAuthProtocol, SharedSecret, Status,
};

use super::world::{RP_IDS, Token, World};
use super::{Choices, status};

const PINS: [&str; 3] = ["7391", "a longer one", "\u{1f511}\u{1f5dd}\u{1f510}\u{1f511}"];
/// A token that was not used within 30 seconds ends, and so does each after 10 minutes (§6.5.2.1).
const FIRST_USE_WITHIN: u64 = 30_000;
const LIVES: u64 = 600_000;
const CEREMONIES: Permissions = Permissions::MAKE_CREDENTIAL.or(Permissions::GET_ASSERTION);
const READ_ONLY: Permissions = Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY;

/// What a request shows: a protocol, and a key for its MAC, which is that of a token or of nobody.
pub struct Shown {
    pub protocol: PinUvAuthProtocol,
    pub token: Option<usize>,
    key: Vec<u8>,
}

impl Shown {
    pub fn param(&self, message: &[&[u8]]) -> Vec<u8> {
        self.protocol.authenticate(&self.key, message)
    }
}

impl World {
    fn protocol(choices: &mut Choices<'_>) -> PinUvAuthProtocol {
        PinUvAuthProtocol::ALL[choices.index(2)]
    }

    fn client_pin(&mut self, request: &ClientPinRequest) -> Result<ClientPinResponse, Status> {
        let response = self.exchange(&[&[Command::ClientPin.number()], &request.to_cbor()[..]].concat())?;
        Ok(ClientPinResponse::from_cbor(&response).expect("sound"))
    }

    fn request(
        &mut self,
        sub_command: Sub,
        protocol: PinUvAuthProtocol,
    ) -> (ClientPinRequest, Rc<SharedSecret>) {
        let mut request = ClientPinRequest::new(Sub::GetKeyAgreement);
        request.pin_uv_auth_protocol = Some(protocol.number());
        let told = self.observe(Command::ClientPin, &request.to_cbor());
        let key = ClientPinResponse::from_cbor(&told).expect("sound").key_agreement.expect("a key");
        let known = self.agreed.take().filter(|(of, by, _)| (*of, *by) == (key, protocol));
        let (.., secret) = self.agreed.insert(known.unwrap_or_else(|| {
            let secret = key.agree(&self.own, protocol).expect("a point");
            (key, protocol, Rc::new(secret))
        }));
        let secret = Rc::clone(secret);
        request.sub_command = sub_command.number();
        request.key_agreement = Some(KeyAgreementKey(self.own.public_key()));
        (request, secret)
    }

    fn encrypt(&mut self, secret: &SharedSecret, plaintext: &[u8]) -> Vec<u8> {
        secret.encrypt(plaintext, &mut self.random).expect("whole blocks")
    }

    /// Whether the PIN that is set has fewer code points.
    pub fn pin_is_shorter(&self, length: u8) -> bool {
        self.pin.is_some_and(|pin| PINS[pin].chars().count() < usize::from(length))
    }

    pub fn set_pin(&mut self, choices: &mut Choices<'_>) {
        let (protocol, new) = (Self::protocol(choices), choices.index(PINS.len()));
        let (mut request, secret) = self.request(Sub::SetPin, protocol);
        let new_pin_enc = self.encrypt(&secret, &padded(PINS[new]));
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc]));
        request.new_pin_enc = Some(new_pin_enc);
        match status(&self.client_pin(&request)) {
            Status::Ok => assert!(self.pin.replace(new).is_none(), "a PIN is set where one was"),
            Status::PinAuthInvalid => assert!(self.pin.is_some(), "no PIN is set, and none can be"),
            // A minimum may be set before there is a PIN.
            other => assert_eq!(other, Status::PinPolicyViolation),
        }
    }

    pub fn change_pin(&mut self, choices: &mut Choices<'_>) {
        let protocol = Self::protocol(choices);
        let (tried, new) = (choices.index(PINS.len()), choices.index(PINS.len()));
        let (mut request, secret) = self.request(Sub::ChangePin, protocol);
        let new_pin_enc = self.encrypt(&secret, &padded(PINS[new]));
        let pin_hash_enc = self.encrypt(&secret, &Sha256::digest(PINS[tried])[..16]);
        request.pin_uv_auth_param = Some(secret.authenticate(&[&new_pin_enc, &pin_hash_enc]));
        [request.new_pin_enc, request.pin_hash_enc] = [Some(new_pin_enc), Some(pin_hash_enc)];
        self.tries_right_pin = self.pin == Some(tried);
        if self.client_pin(&request).is_ok() {
            assert_eq!(self.pin, Some(tried), "a wrong PIN changes the PIN");
            self.pin = Some(new);
            self.tokens.iter_mut().for_each(|token| token.lives = false);
        }
    }

    pub fn token_by_pin(&mut self, choices: &mut Choices<'_>) {
        let protocol = Self::protocol(choices);
        // Mostly the right one.
        let tried = match (choices.next(), self.pin) {
            (0..=0xbf, Some(pin)) => pin,
            (other, _) => usize::from(other) % PINS.len(),
        };
        let (wanted, rp) = self.wanted(choices);
        let is_old = wanted == Permissions::default();
        let (mut request, secret) =
            self.request(if is_old { Sub::GetPinToken } else { Sub::GetTokenUsingPin }, protocol);
        request.pin_hash_enc = Some(self.encrypt(&secret, &Sha256::digest(PINS[tried])[..16]));
        if !is_old {
            request.permissions = Some(wanted.bits());
            request.rp_id = rp.map(|rp| RP_IDS[rp].to_owned());
        }
        self.tries_right_pin = self.pin == Some(tried);
        let Ok(response) = self.client_pin(&request) else { return };
        assert_eq!(self.pin, Some(tried), "a wrong PIN gives a token");
        let (permissions, rp) = if is_old { (CEREMONIES, None) } else { (wanted, rp) };
        self.take_token(&response, &secret, (protocol, permissions, rp), false);
    }

    pub fn token_by_uv(&mut self, choices: &mut Choices<'_>) {
        let protocol = Self::protocol(choices);
        let (wanted, rp) = self.wanted(choices);
        let (mut request, secret) = self.request(Sub::GetTokenUsingUv, protocol);
        request.permissions = Some(wanted.bits());
        request.rp_id = rp.map(|rp| RP_IDS[rp].to_owned());
        let has_uv = self.look().uv;
        let Ok(response) = self.client_pin(&request) else { return };
        assert!(has_uv && self.answer() == Answer::Verified, "nobody was verified");
        self.take_token(&response, &secret, (protocol, wanted, rp), true);
    }

    fn wanted(&self, choices: &mut Choices<'_>) -> (Permissions, Option<usize>) {
        let wanted = Permissions::new(u64::from(choices.next()));
        let rp = Some(choices.index(RP_IDS.len() + 1)).filter(|rp| *rp < RP_IDS.len());
        (wanted, rp)
    }

    fn take_token(
        &mut self,
        response: &ClientPinResponse,
        secret: &SharedSecret,
        (protocol, wanted, rp): (PinUvAuthProtocol, Permissions, Option<usize>),
        by_uv: bool,
    ) {
        let encrypted = response.pin_uv_auth_token.as_ref().expect("a token");
        let secret = secret.decrypt(encrypted).expect("whole blocks").to_vec();
        let permissions = wanted.and(Permissions::ALL);
        assert!(
            permissions.and(CEREMONIES) == Permissions::default() || rp.is_some() || wanted == CEREMONIES
        );
        let is_persistent = permissions.contains(READ_ONLY);
        assert!(!is_persistent || permissions == READ_ONLY, "the persistent token does more than to read");
        if is_persistent {
            let known = self.tokens.iter().find(|token| token.issued.is_none() && token.lives);
            assert!(known.is_none_or(|known| known.secret == secret), "two persistent tokens");
            if known.is_some() {
                return;
            }
        } else {
            self.end_tokens();
        }
        assert!(self.tokens.iter().all(|old| old.secret != secret), "a token comes twice");
        let issued = (!is_persistent).then_some(self.now);
        let token = Token {
            secret,
            protocol,
            permissions,
            rp,
            issued,
            used: false,
            lives: true,
            by_uv,
            spent: false,
        };
        self.tokens.push(token);
    }

    /// What a request shows, if it shows something: mostly the newest token.
    pub fn shown(&mut self, choices: &mut Choices<'_>) -> Option<Shown> {
        let choice = choices.next();
        let newest = self.tokens.len().checked_sub(1);
        let at = match choice & 7 {
            0 => return None,
            1..=4 => newest,
            5 => newest.map(|newest| usize::from(choice >> 4) % (newest + 1)),
            6 => self.tokens.iter().rposition(|token| token.issued.is_none()),
            _ => None,
        };
        let Some(at) = at else {
            return Some(Shown { protocol: PinUvAuthProtocol::Two, token: None, key: vec![choice; 32] });
        };
        let token = &self.tokens[at];
        let other = PinUvAuthProtocol::ALL.iter().copied().find(|other| *other != token.protocol);
        let protocol = match choice & 8 {
            0 => token.protocol,
            _ => other.expect("two protocols"),
        };
        Some(Shown { protocol, token: Some(at), key: token.secret.clone() })
    }

    /// Whether what is shown may have this permission, now. Whoever shows a token uses it.
    pub fn may(&mut self, shown: Option<&Shown>, permission: Permissions) -> bool {
        let now = self.now;
        let Some((shown, at)) = shown.and_then(|shown| Some((shown, shown.token?))) else { return false };
        let token = &mut self.tokens[at];
        let (Some(issued), true, true) = (token.issued, token.lives, token.protocol == shown.protocol) else {
            return false;
        };
        let age = now - issued;
        if age > LIVES || (!token.used && age > FIRST_USE_WITHIN) {
            return false;
        }
        token.used = true;
        let left = if token.spent { Permissions::LARGE_BLOB_WRITE } else { Permissions::ALL };
        token.permissions.and(left).contains(permission)
    }

    /// Whether what is shown is the persistent token.
    pub fn may_read(&self, shown: Option<&Shown>) -> bool {
        let token = shown.and_then(|shown| self.tokens.get(shown.token?));
        token.is_some_and(|token| token.issued.is_none() && token.lives)
    }

    /// Whether what is shown is for this relying party, or for none yet.
    pub fn is_for(&self, shown: Option<&Shown>, rp_id: &str) -> bool {
        let token = shown.and_then(|shown| self.tokens.get(shown.token?));
        token.is_some_and(|token| token.rp.is_none_or(|rp| RP_IDS[rp] == rp_id))
    }

    /// Remembers by what a command began that another continues.
    pub fn begins(&mut self, shown: Option<&Shown>) {
        self.begun.insert(self.channel, shown.and_then(|shown| shown.token));
    }

    /// What is continued was begun on the same channel. What was begun by a token ends with it (§6).
    pub fn continues(&mut self) {
        let by = self.begun.get(&self.channel).expect("what nobody began goes on");
        let Some(token) = by.map(|at| &self.tokens[at]) else { return };
        let is_young = token.issued.is_none_or(|issued| self.now - issued <= LIVES);
        assert!(token.lives && is_young, "what a token began goes on when it has ended");
    }
}

fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}
