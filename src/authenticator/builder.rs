//! Setting up an authenticator: a model, and what a model cannot hold as it is no data.

use std::collections::VecDeque;
use std::fmt;

use super::keeping::Keeping;
use super::model::{
    Backup, CounterPolicy, CtapVersion, Extension, ExtensionData, FlagOverrides, Model, model_table,
};
use super::session::Session;
use super::stateless::Stateless;
use super::store::{CredentialStore, MemoryStore};
use super::user::User;
use super::{Authenticator, Traits};
use crate::attestation::{
    AttestationFormat, AttestationIdentity, Attester, AttesterSettings, Authority, CertificateAuthority,
    Clock, Plan, Root, SerialNumber, plan_table,
};
use crate::crypto::{Algorithm, Backend, KeyPair, KeysAhead, RandomError, RandomSource, sha256};
use crate::draft::{Edit, Edits};
use crate::encoding::setting::setters;
use crate::webauthn::{Aaguid, Attachment, InputError, Transport};

/// Sets up an [`Authenticator`]: setters over a [`Model`], and what is no data.
#[must_use]
pub struct AuthenticatorBuilder {
    model: Model,
    /// An authority of the caller's, in place of the plan's.
    authority: Option<CertificateAuthority>,
    attestation_key: Option<KeyPair>,
    attestation_identity: Option<AttestationIdentity>,
    edits: Edits,
    credential_keys: Vec<KeyPair>,
    credential_ids: VecDeque<Vec<u8>>,
    stateless: Option<Stateless>,
    seed: Option<String>,
    random: Option<RandomSource>,
    store: Option<Box<dyn CredentialStore>>,
    /// A user who is a program, in place of the model's.
    user: Option<Box<dyn User>>,
}

/// Seeds, keys and secrets are not shown.
impl fmt::Debug for AuthenticatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatorBuilder")
            .field("model", &self.model)
            .field("edits", &self.edits)
            .finish_non_exhaustive()
    }
}

impl From<Model> for AuthenticatorBuilder {
    fn from(model: Model) -> Self {
        Self {
            model,
            authority: None,
            attestation_key: None,
            attestation_identity: None,
            edits: Edits::default(),
            credential_keys: Vec::new(),
            credential_ids: VecDeque::new(),
            stateless: None,
            seed: None,
            random: None,
            store: None,
            user: None,
        }
    }
}

impl Default for AuthenticatorBuilder {
    fn default() -> Self {
        Model::default().into()
    }
}

impl Model {
    /// Sets up an authenticator of this model.
    pub fn builder(self) -> AuthenticatorBuilder {
        self.into()
    }
}

/// The setters that the tables name.
impl AuthenticatorBuilder {
    model_table!(setters @model_mut);
    plan_table!(setters @plan_mut);
}

/// The setters of lists and pairs.
impl AuthenticatorBuilder {
    /// How clients reach the authenticator. Default: `internal` for a platform authenticator, `usb` for another.
    pub fn transports(mut self, transports: impl IntoIterator<Item = Transport>) -> Self {
        self.model.transports = Some(transports.into_iter().collect());
        self
    }

    /// The extensions that it has. Default: none.
    pub fn extensions(mut self, extensions: impl IntoIterator<Item = Extension>) -> Self {
        self.model.extensions = extensions.into_iter().collect();
        self
    }

    /// The algorithms that it has. A request's first algorithm that is among them is taken. An authenticator with one that
    /// this build lacks is not built. Default: ES256.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.model.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Whether new credentials may be backed up (BE), and whether they are (BS). Default: neither.
    pub fn backup(mut self, eligible: bool, state: bool) -> Self {
        self.model.backup = Backup::new(eligible, state);
        self
    }

    /// Authenticator extension outputs to send with every ceremony: one canonical CBOR map. Sets ED.
    ///
    /// # Errors
    /// [`InputError`]: the CBOR rule that `map` breaks, or that it is no map.
    pub fn extension_data(mut self, map: &[u8]) -> Result<Self, InputError> {
        self.model.extension_data = Some(ExtensionData::new(map)?);
        Ok(self)
    }

    /// Lets the authenticator give enterprise attestations, with this serial number of the device. Default: it
    /// gives none.
    pub fn enterprise_attestation(mut self, serial_number: &[u8]) -> Self {
        self.model.enterprise_attestation = true;
        self.model.attestation.serial_number = SerialNumber(serial_number.to_vec());
        self
    }
}

/// What is no data.
impl AuthenticatorBuilder {
    /// The model as it is set up.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model, to change it.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    fn plan_mut(&mut self) -> &mut Plan {
        &mut self.model.attestation
    }

    /// An authority of the caller's, which issues attestation certificates. Default: the
    /// [plan's](crate::attestation::Plan).
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.authority = Some(authority);
        self
    }

    /// An attestation key of the caller's, for which certificates are issued. Default: one that follows from the
    /// authority and the AAGUID.
    pub fn attestation_key(mut self, key: KeyPair) -> Self {
        self.attestation_key = Some(key);
        self
    }

    /// An attestation key and certificates of the caller's, in place of issued ones. `android-key` and `apple` have
    /// no attestation key and certify credentials through the authority.
    pub fn attestation_identity(mut self, identity: AttestationIdentity) -> Self {
        self.attestation_identity = Some(identity);
        self
    }

    /// Changes every ceremony at one stage. Edits of the same stage are made in the order in which they are given. The
    /// client that this authenticator is given to makes those of its own stages. A ceremony in which an edit has no effect
    /// fails. Default: none.
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// Sets the id of the next credential; repeated calls queue ids. Default: ids of
    /// [this length](Self::credential_id_length).
    pub fn credential_id(mut self, id: &[u8]) -> Self {
        self.credential_ids.push_back(id.to_vec());
        self
    }

    /// Queues a key for new credentials: the next credential whose algorithm it serves gets it, in place of a drawn one.
    pub fn credential_key(mut self, key: KeyPair) -> Self {
        self.credential_keys.push(key);
        self
    }

    /// Lets new credentials that need not be discoverable take no storage: their private keys follow from `secret`, the
    /// RP ID and their ids, as in many hardware keys, so any authenticator with the secret logs in with them. Of their
    /// own they have no signature count, only the [global](CounterPolicy::Global) one or none, and no account is known.
    /// Ids are of 32 bytes at least. RSA credentials, and those whose key or id is given, are stored nonetheless.
    /// Default: all are stored.
    pub fn stateless(mut self, secret: &str) -> Self {
        self.stateless = Some(Stateless::new(secret));
        self
    }

    /// The store that keeps credentials. Default: memory.
    pub fn store(mut self, store: impl CredentialStore + 'static) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    /// A user who is a program, and answers in place of the model's. Default: the model's, who always consents and passes
    /// verification.
    pub fn user(mut self, user: impl User + 'static) -> Self {
        self.user = Some(Box::new(user));
        self
    }

    /// Makes keys, ids, certificates and signatures follow from `seed`. Default: from the operating system.
    pub fn seed(mut self, seed: &str) -> Self {
        self.seed = Some(seed.to_owned());
        self
    }

    /// A random source of the caller's. A registration asks it for the private key first, then the
    /// credential id.
    pub fn random(mut self, random: RandomSource) -> Self {
        self.random = Some(random);
        self
    }

    /// Builds the authenticator.
    ///
    /// # Errors
    /// [`BuildError`]: the model is one that CTAP forbids, has an algorithm that this build lacks, or an authority that cannot
    /// be read; or the
    /// operating system gives no randomness.
    pub fn build(self) -> Result<Authenticator, BuildError> {
        let model = self.model;
        if let Some(lacking) = model.algorithms.iter().find(|algorithm| !algorithm.is_available()) {
            return Err(BuildError::Model(not_in_build(*lacking)));
        }
        if let Some(broken) = model.broken_rule() {
            return Err(BuildError::Model(broken));
        }
        let plan = &model.attestation;
        let seeded = self.seed.is_some();
        let fixed = seeded || self.random.is_some();
        let root = match (self.authority, &plan.authority, &self.seed) {
            (Some(given), _, _) => Root::Given(Box::new(given)),
            (None, Some(Authority::Pem(text)), _) => Root::Given(Box::new(read_authority(text)?)),
            (None, Some(Authority::Seeded(seed)), _) | (None, None, Some(seed)) => Root::Seeded(seed.clone()),
            (None, Some(Authority::TestRoot) | None, _) => Root::Shipped,
        };
        let backend = model.backend.unwrap_or_else(|| match fixed {
            true => Backend::RustCrypto,
            false => Backend::fastest(),
        });
        let attester = AttesterSettings {
            root,
            key: self.attestation_key,
            identity: self.attestation_identity.map(|identity| identity.with_backend(backend)),
            backend,
            seeded,
        };
        let traits = Traits {
            aaguid: model.aaguid.unwrap_or(match plan.format {
                Some(AttestationFormat::FidoU2f) => Aaguid::default(),
                _ => Aaguid::STUNTKEY,
            }),
            transports: model.transports.clone().unwrap_or_else(|| match model.attachment {
                Attachment::Platform => vec![Transport::Internal],
                Attachment::CrossPlatform => vec![Transport::Usb],
            }),
            backend,
            rsa_pool: model.rsa_pool.unwrap_or(seeded),
        };
        let random = match (self.random, &self.seed) {
            (Some(random), _) => random,
            (None, Some(seed)) => RandomSource::seeded(seed),
            (None, None) => RandomSource::from_os()?,
        };
        let attester = Attester::new(plan.clone(), attester);
        let clock = attester.clock();
        // Keys are made ahead only where nobody can tell which they would have been, and where that is quicker.
        let portable = backend == Backend::RustCrypto || !backend.is_available();
        Ok(Authenticator {
            random,
            store: self.store.unwrap_or_else(|| Box::new(MemoryStore::default())),
            user: self.user.unwrap_or_else(|| Box::new(model.user.clone())),
            attester,
            keys_ahead: (portable && !fixed).then(KeysAhead::default),
            credential_keys: self.credential_keys,
            credential_ids: self.credential_ids,
            stateless: self.stateless,
            pending: None,
            channel: 0,
            session: Session::new(clock.now()),
            enrollment: None,
            finger_samples: model.finger_samples.iter().copied().collect(),
            edits: self.edits,
            keeping: Keeping::default(),
            hashed_rp_id: (String::new(), sha256(&[])),
            traits,
            model,
        })
    }
}

fn read_authority(pem: &str) -> Result<CertificateAuthority, BuildError> {
    CertificateAuthority::from_pem(pem).map_err(|error| {
        let expected = "PEM with a certificate and its private key";
        BuildError::Model(InputError::new("attestation.authority", error.to_string(), expected))
    })
}

fn not_in_build(algorithm: Algorithm) -> InputError {
    let names: Vec<&str> = Algorithm::available().iter().map(|algorithm| algorithm.name()).collect();
    let feature =
        algorithm.feature().map(|feature| format!("; the Cargo feature `{feature}` brings {algorithm}"));
    let expected = format!("what this build has: {}{}", names.join(", "), feature.unwrap_or_default());
    InputError::new("algorithms", algorithm.to_string(), expected)
}

/// Why an authenticator could not be built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A setting of the model that this build cannot have, or that cannot be read.
    Model(InputError),
    /// The operating system gave no randomness.
    Random(RandomError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Model(error) => error.fmt(f),
            BuildError::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            BuildError::Model(error) => error,
            BuildError::Random(error) => error,
        })
    }
}

impl From<RandomError> for BuildError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}
