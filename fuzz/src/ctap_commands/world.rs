//! The authenticator, what its platforms hold, and what holds for every command.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use stuntkey::authenticator::{Answer, Authenticator, Clock, ConsentRequest, Credential, Model};
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand, Command, GetInfoResponse, KeyAgreementKey,
    LargeBlobsRequest, LargeBlobsResponse, Permissions, PinUvAuthProtocol, SharedSecret, Status, U2fRequest,
    U2fStatus,
};

use super::super::{checked_call_on, stored};

/// Two relying parties.
pub const RP_IDS: [&str; 2] = ["rp0.example", "rp1.example"];
/// The channel by which the target looks, and nobody works.
const OBSERVER: u32 = 9;
/// The array of large blobs at first (CTAP 2.1 §6.10).
const EMPTY_ARRAY: [u8; 17] =
    [0x80, 0x76, 0xbe, 0x8b, 0x52, 0x8d, 0x00, 0x75, 0xf7, 0xaa, 0xe9, 0x8d, 0x6f, 0xa5, 0x7a, 0x6d, 0x3c];

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Token {
    pub secret: Vec<u8>,
    pub protocol: PinUvAuthProtocol,
    pub permissions: Permissions,
    pub rp: Option<usize>,
    /// In milliseconds of the clock; `None` for the persistent one.
    pub issued: Option<u64>,
    /// Whether it may have been used.
    pub used: bool,
    /// Whether nothing ended it.
    pub lives: bool,
    pub by_uv: bool,
    /// Whether it was used for a ceremony with a touch.
    pub spent: bool,
}

/// What can be seen of an authenticator.
#[derive(Debug, PartialEq)]
pub struct View {
    pub credentials: Vec<Credential>,
    pub blobs: Vec<u8>,
    pub retries: u64,
    pub pin_is_set: bool,
    /// Whether it verifies users by itself, now.
    pub uv: bool,
    pub always_uv: bool,
    pub is_protected: bool,
}

pub struct World {
    authenticator: Authenticator,
    does: Arc<AtomicUsize>,
    pub now: u64,
    pub channel: u32,
    pub own: KeyAgreement,
    /// The last secret that was agreed on, and for which key of the authenticator's.
    pub agreed: Option<(KeyAgreementKey, PinUvAuthProtocol, Rc<SharedSecret>)>,
    pub random: ChaCha20Rng,
    pub pin: Option<usize>,
    pub tokens: Vec<Token>,
    /// Where something was begun that another command continues, and by which token, if it was by one.
    pub begun: HashMap<u32, Option<usize>>,
    /// An array that is written, and how much of it was.
    pub writing: Option<(Vec<u8>, usize)>,
    /// The finger that is being enrolled.
    pub template: Vec<u8>,
    ids: HashSet<Vec<u8>>,
    /// What was seen after the last command.
    view: Option<Rc<View>>,
    /// Whether the next command tries the right PIN.
    pub tries_right_pin: bool,
}

impl World {
    pub fn new() -> Self {
        let does = Arc::new(AtomicUsize::new(0));
        let answers = Arc::clone(&does);
        let user = move |_: &ConsentRequest<'_>| Answer::ALL[answers.load(Ordering::Relaxed)];
        let mut model = Model::named("full").expect("a model has this name");
        model.set("max_msg_size", "1024").expect("the least");
        let mut authenticator =
            model.builder().seed("fuzz").user(user).build().expect("a seed needs no randomness");
        let now = Clock::SEEDED.now();
        authenticator.set_clock(Clock::Fixed(now));
        Self {
            authenticator,
            does,
            now,
            channel: 1,
            agreed: None,
            own: KeyAgreement::from_scalar(&[1; 32]).expect("a scalar"),
            random: ChaCha20Rng::from_seed([0; 32]),
            pin: None,
            tokens: Vec::new(),
            begun: HashMap::new(),
            writing: None,
            template: Vec::new(),
            ids: HashSet::new(),
            view: None,
            tries_right_pin: false,
        }
    }

    pub fn user_does(&mut self, answer: Answer) {
        let at = Answer::ALL.iter().position(|known| *known == answer).expect("one of all");
        self.does.store(at, Ordering::Relaxed);
    }

    /// What the user does.
    pub fn answer(&self) -> Answer {
        Answer::ALL[self.does.load(Ordering::Relaxed)]
    }

    pub fn pass(&mut self, milliseconds: u64) {
        self.now += milliseconds;
        self.authenticator.set_clock(Clock::Fixed(self.now));
    }

    pub fn power_cycle(&mut self) {
        self.authenticator.power_cycle();
        self.view = None;
        self.end_tokens();
    }

    /// Ends every token but the persistent one.
    pub fn end_tokens(&mut self) {
        self.tokens.iter_mut().filter(|token| token.issued.is_some()).for_each(|token| token.lives = false);
    }

    pub fn reset(&mut self) {
        if self.exchange(&[Command::Reset.number()]).is_ok() {
            assert!(matches!(self.answer(), Answer::Verified | Answer::Present), "nobody agreed to a reset");
            self.was_reset();
        }
    }

    pub fn was_reset(&mut self) {
        self.tokens.iter_mut().for_each(|token| token.lives = false);
        self.pin = None;
        let view = self.look();
        let is_fresh = view.credentials.is_empty() && view.blobs == EMPTY_ARRAY && view.retries == 8;
        assert!(is_fresh && !view.is_protected, "a reset leaves something");
    }

    /// What can be seen since the last command or power cycle. Time changes nothing of it.
    pub fn look(&mut self) -> Rc<View> {
        if let Some(view) = &self.view {
            return Rc::clone(view);
        }
        let view = Rc::new(self.look_again());
        self.view = Some(Rc::clone(&view));
        view
    }

    /// Looks, and disturbs nothing.
    fn look_again(&mut self) -> View {
        let info = GetInfoResponse::from_cbor(&self.observe(Command::GetInfo, &[])).expect("sound");
        let option = |name: &str| info.options.get(name) == Some(true);
        let (pin_is_set, uv, always_uv) = (option("clientPin"), option("uv"), option("alwaysUv"));
        let asks = ClientPinRequest::new(ClientPinSubCommand::GetPinRetries).to_cbor();
        let retries = ClientPinResponse::from_cbor(&self.observe(Command::ClientPin, &asks)).expect("sound");
        let mut blobs = Vec::new();
        loop {
            let mut asks = LargeBlobsRequest::default();
            (asks.get, asks.offset) = (Some(960), u64::try_from(blobs.len()).ok());
            let found = self.observe(Command::LargeBlobs, &asks.to_cbor());
            let part = LargeBlobsResponse::from_cbor(&found).expect("sound").config.expect("a part");
            blobs.extend_from_slice(&part);
            if part.len() < 960 {
                break;
            }
        }
        View {
            credentials: stored(&mut self.authenticator),
            blobs,
            retries: retries.pin_retries.expect("always told"),
            pin_is_set,
            uv,
            always_uv,
            is_protected: pin_is_set || uv,
        }
    }

    pub fn observe(&mut self, command: Command, parameters: &[u8]) -> Vec<u8> {
        let request = [&[command.number()], parameters].concat();
        let mut response = checked_call_on(&mut self.authenticator, OBSERVER, &request);
        assert_eq!(response.remove(0), 0, "whoever asks is told");
        response
    }

    /// A command, and what follows the status OK, or the status. What holds for every command holds.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, Status> {
        let before = self.look();
        let mut response = checked_call_on(&mut self.authenticator, self.channel, request);
        let status = Status::from_code(response.remove(0)).expect("a status of the document");
        let command = request.first().and_then(|number| Command::from_number(*number));
        let succeeded = command.filter(|_| status == Status::Ok);
        let right_pin = std::mem::take(&mut self.tries_right_pin);
        self.view = None;
        let after = self.look();
        self.compare(succeeded, &before, &after);
        let may_rise = right_pin || succeeded == Some(Command::Reset);
        assert!(after.retries <= before.retries || may_rise, "retries rise");
        assert!(after.retries + 1 >= before.retries, "one command costs two retries");
        match status {
            Status::Ok => Ok(response),
            status => Err(status),
        }
    }

    /// A request of U2F, and what stands before the status 9000, or the status.
    pub fn exchange_u2f(&mut self, request: &U2fRequest) -> Result<Vec<u8>, U2fStatus> {
        let before = self.look();
        let mut response = self.authenticator.u2f(&request.to_apdu().expect("a short key handle"));
        let word = response.split_off(response.len() - 2);
        let number = u16::from_be_bytes(word.try_into().expect("two bytes"));
        let status = U2fStatus::from_number(number).expect("a status of the document");
        self.view = None;
        let after = self.look();
        let succeeded = (status == U2fStatus::NoError).then_some(match request {
            U2fRequest::Register { .. } => Command::MakeCredential,
            U2fRequest::Authenticate { .. } => Command::GetAssertion,
            _ => Command::GetInfo,
        });
        self.compare(succeeded, &before, &after);
        assert_eq!(before.retries, after.retries, "U2F tries no PIN");
        match status {
            U2fStatus::NoError => Ok(response),
            status => {
                assert!(response.is_empty(), "an error has data");
                Err(status)
            }
        }
    }

    /// What a command changed: of what is stored, nothing but what it is for.
    fn compare(&mut self, succeeded: Option<Command>, before: &View, after: &View) {
        let content = after.blobs.len().checked_sub(16).expect("an array has a checksum");
        assert_eq!(&Sha256::digest(&after.blobs[..content])[..16], &after.blobs[content..]);
        if !matches!(succeeded, Some(Command::LargeBlobs | Command::Reset)) {
            assert_eq!(before.blobs, after.blobs, "the array changes");
        }
        let is_new = |credential: &&Credential| before.credentials.iter().all(|old| old.id != credential.id);
        let new: Vec<&Credential> = after.credentials.iter().filter(is_new).collect();
        for credential in &new {
            assert!(self.ids.insert(credential.id.clone()), "a credential id comes twice");
        }
        assert_eq!(new.len(), usize::from(succeeded == Some(Command::MakeCredential)), "new credentials");
        for old in &before.credentials {
            let now = after.credentials.iter().find(|credential| credential.id == old.id);
            match (now, succeeded) {
                (Some(now), _) if now == old => {}
                (Some(now), Some(Command::GetAssertion | Command::GetNextAssertion)) => {
                    assert!(now.sign_count > old.sign_count, "a counter falls");
                    let mut counted = old.clone();
                    counted.sign_count = now.sign_count;
                    assert_eq!(*now, counted, "an assertion changes more than the counter");
                }
                (Some(now), Some(Command::CredentialManagement | Command::CredentialManagementPreview)) => {
                    let mut renamed = old.clone();
                    renamed.user = now.user.clone();
                    assert!(*now == renamed && now.user.id == old.user.id, "more than names change");
                }
                (None, Some(Command::Reset)) => {}
                (None, Some(Command::CredentialManagement | Command::CredentialManagementPreview)) => {
                    assert_eq!(after.credentials.len() + 1, before.credentials.len(), "one is deleted");
                }
                (None, Some(Command::MakeCredential)) => {
                    let takes_place = new.iter().any(|new| {
                        let is_same = new.rp_id == old.rp_id && new.user.id == old.user.id;
                        is_same && new.discoverable && old.discoverable
                    });
                    assert!(takes_place, "a new credential takes another's place");
                }
                _ => panic!("{succeeded:?} changes or removes a credential"),
            }
        }
    }
}
