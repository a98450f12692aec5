//! The authenticator: CTAP2 behaviour, one file a command.

mod bio_enrollment;
mod builder;
mod call;
mod client_pin;
mod config;
mod credential_management;
mod error;
mod extensions;
mod get_assertion;
mod get_info;
mod hmac_secret;
mod keeping;
mod large_blobs;
mod make_credential;
mod metadata;
mod model;
mod pending;
mod persistent;
mod reset;
mod session;
mod sign_count;
mod signals;
mod state;
mod stateless;
mod store;
mod tokens;
mod u2f;
mod user;
mod verification;

use std::collections::VecDeque;
use std::fmt;

pub use builder::{AuthenticatorBuilder, BuildError};
pub use error::AuthenticatorError;
pub use model::{
    Answers, Backup, CounterPolicy, CredentialIdLength, CtapVersion, Extension, ExtensionData, FlagOverrides,
    InfoOverrides, Model, Setting,
};
pub use signals::Signal;
pub use store::{Credential, CredentialStore, ImportedCredential, MemoryStore, StoreError, Transaction};
#[cfg(feature = "store")]
pub use store::{FileStore, StoreWait};
pub use user::{Answer, ConsentRequest, Script, User};

pub use crate::attestation::Clock;
use crate::attestation::{Attester, CertificateAuthority};
use crate::crypto::{Algorithm, Backend, KeyPair, KeysAhead, RandomError, RandomSource, sha256};
use crate::ctap2::SampleStatus;
use crate::draft::Edits;
pub use crate::encoding::setting::{SettingKind, SettingOption};
use crate::webauthn::{Aaguid, Attachment, AuthenticatorData, Flags, Transport};
use bio_enrollment::Enrollment;
use keeping::Keeping;
use pending::Pending;
use session::Session;
use stateless::Stateless;

/// The longest request that [`Authenticator::call`] takes, in bytes, unless its [model](Model::max_msg_size) says another:
/// what fits a CTAPHID message, which is a packet of 57 bytes and 128 of 59.
pub const MAX_MSG_SIZE: u16 = 7609;

/// A virtual FIDO2 authenticator.
///
/// A client in the same process calls the typed methods. [`call`](Self::call) takes and gives the bytes of CTAP2.
pub struct Authenticator {
    model: Model,
    traits: Traits,
    random: RandomSource,
    store: Box<dyn CredentialStore>,
    user: Box<dyn User>,
    attester: Attester,
    /// Opens the ids of credentials that are not stored.
    stateless: Option<Stateless>,
    /// Keys that are made ahead for new credentials, where no seed fixes which they are.
    keys_ahead: Option<KeysAhead>,
    /// The caller's keys for new credentials.
    credential_keys: Vec<KeyPair>,
    /// The caller's ids for new credentials.
    credential_ids: VecDeque<Vec<u8>>,
    /// What waits to be continued, and the channel of the command that is carried out.
    pending: Option<Pending>,
    channel: u32,
    /// What is known until the power goes.
    session: Session,
    enrollment: Option<Enrollment>,
    /// What the sensor makes of the next fingers.
    finger_samples: VecDeque<SampleStatus>,
    /// The edits of the authenticator's part of every ceremony.
    edits: Edits,
    /// Whether a ceremony is stored at once, and what waits to be stored.
    keeping: Keeping,
    /// The RP ID of the last ceremony and its hash, as most authenticators meet one RP ID only.
    hashed_rp_id: (String, [u8; 32]),
}

/// What a model leaves open, decided when the authenticator is built.
#[derive(Debug)]
struct Traits {
    aaguid: Aaguid,
    transports: Vec<Transport>,
    backend: Backend,
    rsa_pool: bool,
}

impl Authenticator {
    /// Sets up the default [model](Model): a platform authenticator in memory that signs by ES256, and whose user always
    /// consents.
    pub fn builder() -> AuthenticatorBuilder {
        AuthenticatorBuilder::default()
    }

    /// Takes the power away and gives it back: what is enumerated, the token and the keys for key agreement are gone, and a
    /// PIN that was blocked by three wrong ones in a row may be tried again.
    pub fn power_cycle(&mut self) {
        (self.pending, self.enrollment) = (None, None);
        self.session = Session::new(self.now());
    }

    /// The model that the authenticator was built from.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Sets the clock that attestations tell the time by, from now on.
    pub fn set_clock(&mut self, clock: Clock) {
        self.attester.set_clock(clock);
    }

    /// The time in milliseconds of the clock.
    fn now(&self) -> u64 {
        self.attester.clock().now()
    }

    /// How the authenticator is attached to the client device.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        self.model.attachment
    }

    /// The transports by which the client reaches the authenticator.
    #[must_use]
    pub fn transports(&self) -> &[Transport] {
        &self.traits.transports
    }

    /// The algorithms of credentials that it makes, in the order in which it states them.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.model.algorithms
    }

    /// Whether it can verify its user.
    #[must_use]
    pub fn can_verify_user(&self) -> bool {
        self.model.user_verification
    }

    /// Whether it can keep discoverable credentials.
    #[must_use]
    pub fn can_keep_discoverable(&self) -> bool {
        self.model.resident_key
    }

    /// Whether it speaks U2F, and no CTAP2.
    pub(crate) fn speaks_u2f_alone(&self) -> bool {
        self.model.ctap_version == CtapVersion::U2f
    }

    /// The credential store, for listing, import and export.
    pub fn store(&mut self) -> &mut dyn CredentialStore {
        self.store.as_mut()
    }

    /// Whether it gives enterprise attestations.
    #[must_use]
    pub fn gives_enterprise_attestation(&self) -> bool {
        self.model.enterprise_attestation
    }

    /// Every credential, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn credentials(&mut self) -> Result<Vec<Credential>, StoreError> {
        self.store.begin()?.all()
    }

    /// The authority at the end of the attestation chain: what a server has to trust.
    #[must_use]
    pub fn attestation_authority(&self) -> &CertificateAuthority {
        self.attester.root()
    }

    /// What a client in the same process draws from: its bytes follow from the authenticator's seed, if it has one.
    pub(crate) fn client_random(&self) -> Result<RandomSource, RandomError> {
        self.random.beside("client")
    }

    /// The edits. A client takes its own out of them, and adds some for a while.
    pub(crate) fn edits_mut(&mut self) -> &mut Edits {
        &mut self.edits
    }

    fn rp_id_hash(&mut self, rp_id: &str) -> [u8; 32] {
        if self.hashed_rp_id.0 != rp_id {
            self.hashed_rp_id = (rp_id.to_owned(), sha256(&[rp_id.as_bytes()]));
        }
        self.hashed_rp_id.1
    }

    /// Authenticator data as both ceremonies begin with it: the flags follow from the model, and so does extension data if
    /// it has some, in place of the outputs.
    fn authenticator_data(
        &self,
        rp_id_hash: [u8; 32],
        credential: &Credential,
        flags: Flags,
        outputs: Option<Vec<u8>>,
    ) -> AuthenticatorData {
        let extensions = self.model.extension_data.as_ref().map(|data| data.as_bytes().to_vec()).or(outputs);
        let flags = flags
            .with(Flags::BE, credential.backup_eligible)
            .with(Flags::BS, credential.backup_state)
            .with(Flags::ED, extensions.is_some());
        AuthenticatorData {
            rp_id_hash,
            flags: self.model.flags.apply(flags),
            sign_count: credential.sign_count,
            attested_credential_data: None,
            extensions,
        }
    }

    /// Asks the user, and returns the flags UP and UV as the answer sets them.
    fn ask(&mut self, request: &ConsentRequest<'_>) -> Result<Flags, AuthenticatorError> {
        match self.user.answer(request) {
            Answer::Verified => Ok(Flags::UP.with(Flags::UV, request.user_verification)),
            Answer::Present if request.user_verification => Err(AuthenticatorError::UserNotVerified),
            Answer::Present => Ok(Flags::UP),
            Answer::Denied => Err(AuthenticatorError::OperationDenied),
            Answer::NoAnswer => Err(AuthenticatorError::UserActionTimeout),
        }
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator")
            .field("model", &self.model)
            .field("edits", &self.edits)
            .finish_non_exhaustive()
    }
}
