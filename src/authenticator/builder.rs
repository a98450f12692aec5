use std::collections::VecDeque;

use super::Authenticator;
use super::keeping::Keeping;
use super::stateless::Stateless;
use super::store::{CredentialStore, MemoryStore};
use super::user::{Answer, User};
use crate::attestation::{
    AttestationFormat, AttestationIdentity, Attester, AttesterSettings, Authority, CertificateAuthority,
    Clock,
};
use crate::crypto::{Algorithm, Backend, KeyPair, KeysAhead, RandomError, RandomSource, sha256};
use crate::draft::{Edit, Edits};
use crate::encoding::cbor::{self, Value};
use crate::webauthn::{Aaguid, Attachment, Flags, InputError, Transport};

/// How signature counters move (WebAuthn L3 §6.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CounterPolicy {
    /// Each credential starts at 0 and counts its own assertions.
    #[default]
    PerCredential,
    /// One counter for all, raised by every ceremony.
    Global,
    /// Always 0: no counter.
    Zero,
}

/// Flags that are forced to a value whatever the ceremony would say. Only the bit changes: AT and ED can so be made
/// to contradict the data that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlagOverrides {
    set: u8,
    clear: u8,
}

impl FlagOverrides {
    /// Forces `flags` on or off; the last word on a flag counts.
    #[must_use]
    pub fn force(self, flags: Flags, on: bool) -> Self {
        match on {
            true => Self { set: self.set | flags.0, clear: self.clear & !flags.0 },
            false => Self { set: self.set & !flags.0, clear: self.clear | flags.0 },
        }
    }

    pub(super) fn apply(self, flags: Flags) -> Flags {
        Flags((flags.0 | self.set) & !self.clear)
    }
}

/// The authenticator's traits, fixed when it is built.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) aaguid: Aaguid,
    pub(super) attachment: Attachment,
    pub(super) transports: Vec<Transport>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) backend: Backend,
    pub(super) rsa_pool: bool,
    pub(super) credential_id_length: u16,
    pub(super) counter: CounterPolicy,
    pub(super) flags: FlagOverrides,
    pub(super) backup_eligible: bool,
    pub(super) backup_state: bool,
    pub(super) extension_data: Option<Vec<u8>>,
    pub(super) resident_key: bool,
    pub(super) user_verification: bool,
    pub(super) format: Option<AttestationFormat>,
    pub(super) enterprise_attestation: bool,
}

/// Sets up an [`Authenticator`].
#[must_use]
pub struct AuthenticatorBuilder {
    settings: Settings,
    edits: Edits,
    attester: AttesterSettings,
    aaguid: Option<Aaguid>,
    attestation_algorithm: Option<Algorithm>,
    transports: Option<Vec<Transport>>,
    clock: Option<Clock>,
    credential_keys: Vec<KeyPair>,
    credential_ids: VecDeque<Vec<u8>>,
    stateless: Option<Stateless>,
    rsa_pool: Option<bool>,
    backend: Option<Backend>,
    seed: Option<String>,
    random: Option<RandomSource>,
    store: Box<dyn CredentialStore>,
    user: Box<dyn User>,
}

impl Default for AuthenticatorBuilder {
    fn default() -> Self {
        Self {
            settings: Settings {
                aaguid: Aaguid::STUNTKEY,
                attachment: Attachment::Platform,
                transports: Vec::new(),
                algorithms: Algorithm::available().iter().copied().filter(|a| *a != Algorithm::Rs1).collect(),
                backend: Backend::RustCrypto,
                rsa_pool: false,
                credential_id_length: 32,
                counter: CounterPolicy::default(),
                flags: FlagOverrides::default(),
                backup_eligible: false,
                backup_state: false,
                extension_data: None,
                resident_key: true,
                user_verification: true,
                format: None,
                enterprise_attestation: false,
            },
            edits: Edits::default(),
            attester: AttesterSettings {
                authority: Authority::TestRoot,
                intermediates: None,
                root_in_x5c: false,
                algorithm: Algorithm::Es256,
                key: None,
                identity: None,
                serial_number: b"stuntkey-0001".to_vec(),
                clock: Clock::System,
                backend: Backend::RustCrypto,
            },
            aaguid: None,
            attestation_algorithm: None,
            transports: None,
            clock: None,
            credential_keys: Vec::new(),
            credential_ids: VecDeque::new(),
            stateless: None,
            rsa_pool: None,
            backend: None,
            seed: None,
            random: None,
            store: Box::new(MemoryStore::default()),
            user: Box::new(Answer::Verified),
        }
    }
}

impl AuthenticatorBuilder {
    /// The model identifier. Default: stuntkey's own; with the format `fido-u2f` zero, as U2F has no models and FIDO's
    /// server requirements refuse any other.
    pub fn aaguid(mut self, aaguid: Aaguid) -> Self {
        self.aaguid = Some(aaguid);
        self
    }

    /// Default: platform.
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.settings.attachment = attachment;
        self
    }

    /// Default: `internal` for a platform authenticator, `usb` for another.
    pub fn transports(mut self, transports: impl IntoIterator<Item = Transport>) -> Self {
        self.transports = Some(transports.into_iter().collect());
        self
    }

    /// The algorithms it can use; those that this build lacks are left out. Default:
    /// [`Algorithm::available`] without RS1, as SHA-1 is broken.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.settings.algorithms = algorithms.into_iter().filter(|a| a.is_available()).collect();
        self
    }

    /// Whether RSA credentials take their key from the eight that ship
    /// ([`KeyPair::from_rsa_pool`](crate::crypto::KeyPair::from_rsa_pool)): quick, and the same on every machine, but
    /// everybody has the private keys, and two credentials may share a modulus. Otherwise each makes a fresh key, which
    /// takes its time. Default: with a seed from the pool, without one fresh.
    pub fn rsa_pool(mut self, pool: bool) -> Self {
        self.rsa_pool = Some(pool);
        self
    }

    /// The length of new credential ids in bytes, at least 16 (WebAuthn L3 §4) and at most 65,535, which is all
    /// that the wire can say; the standard allows 1,023. Default: 32.
    pub fn credential_id_length(mut self, length: u16) -> Self {
        self.settings.credential_id_length = length.max(16);
        self
    }

    /// Default: a counter for each credential.
    pub fn counter(mut self, policy: CounterPolicy) -> Self {
        self.settings.counter = policy;
        self
    }

    /// Forces flags. Default: none.
    pub fn flags(mut self, overrides: FlagOverrides) -> Self {
        self.settings.flags = overrides;
        self
    }

    /// Whether new credentials may be backed up, and are (BE and BS). Default: neither.
    pub fn backup(mut self, eligible: bool, state: bool) -> Self {
        self.settings.backup_eligible = eligible;
        self.settings.backup_state = state;
        self
    }

    /// Authenticator extension outputs to send with every ceremony: one canonical CBOR map. Sets ED.
    ///
    /// # Errors
    /// [`InputError`]: the CBOR rule that `map` breaks, or that it is no map.
    pub fn extension_data(mut self, map: &[u8]) -> Result<Self, InputError> {
        let found = match cbor::read(map) {
            Ok(Value::Map(_)) => {
                self.settings.extension_data = Some(map.to_vec());
                return Ok(self);
            }
            Ok(other) => other.kind().to_owned(),
            Err(error) => error.to_string(),
        };
        Err(InputError::new("extension data", found, "a canonical CBOR map"))
    }

    /// Whether it can keep discoverable credentials. Default: yes.
    pub fn resident_key(mut self, can: bool) -> Self {
        self.settings.resident_key = can;
        self
    }

    /// Whether it can verify its user. Default: yes.
    pub fn user_verification(mut self, can: bool) -> Self {
        self.settings.user_verification = can;
        self
    }

    /// The attestation to make whatever the client asks for, of credentials whose algorithm it
    /// [supports](AttestationFormat::supports). Default: `packed` with a certificate, or `none` where the request
    /// prefers it.
    pub fn format(mut self, format: AttestationFormat) -> Self {
        self.settings.format = Some(format);
        self
    }

    /// Who issues attestation certificates. Default: the root that ships; with a seed, a root of the seed's own.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.attester.authority = Authority::Given(Box::new(authority));
        self
    }

    /// How many intermediate authorities stand between the root and the attestation certificate. The first allows none
    /// below it, so a path with two is too long. Default: none, but for `apple` one, as
    /// Apple's own chain has. `fido-u2f` has no place for any.
    pub fn attestation_intermediates(mut self, count: u8) -> Self {
        self.attester.intermediates = Some(count);
        self
    }

    /// Whether the root's certificate is sent in `x5c`, where it has no business. Default: no.
    pub fn attestation_root_in_x5c(mut self, included: bool) -> Self {
        self.attester.root_in_x5c = included;
        self
    }

    /// What issued attestation keys sign with; RSA keys are those that ship
    /// ([`KeyPair::from_rsa_pool`]). Default: ES256; with the format `android-safetynet` RS256, where the build has it,
    /// as the service signed with nothing else and verifiers insist on it.
    pub fn attestation_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.attestation_algorithm = Some(algorithm);
        self
    }

    /// An attestation key of the caller's, for which certificates are issued. Default: one that follows from the
    /// authority and the AAGUID.
    pub fn attestation_key(mut self, key: KeyPair) -> Self {
        self.attester.key = Some(key);
        self
    }

    /// An attestation key and certificates of the caller's, in place of issued ones. `android-key` and `apple` have
    /// no attestation key and certify credentials through the authority.
    pub fn attestation_identity(mut self, identity: AttestationIdentity) -> Self {
        self.attester.identity = Some(identity);
        self
    }

    /// Changes every ceremony at one stage; edits of the same stage are made in the order in which they are given. An
    /// edit of the client's is made by the client that this authenticator is given to. Default: none.
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// What time attestations say it is. Default: the system's time; with a seed [`Clock::SEEDED`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Lets the authenticator give enterprise attestations, with this serial number of the device. Default: it
    /// gives none.
    pub fn enterprise_attestation(mut self, serial_number: &[u8]) -> Self {
        self.settings.enterprise_attestation = true;
        self.attester.serial_number = serial_number.to_vec();
        self
    }

    /// The id of the next credential that it makes, for the tests of those who have to tell ids apart; given more than
    /// once, of the ones after it. Default: ids of [this length](Self::credential_id_length).
    pub fn credential_id(mut self, id: &[u8]) -> Self {
        self.credential_ids.push_back(id.to_vec());
        self
    }

    /// The key of the next new credential that it can serve, in place of a drawn one. Given several times, each serves
    /// once, in their order.
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

    /// Where credentials live. Default: in memory.
    pub fn store(mut self, store: impl CredentialStore + 'static) -> Self {
        self.store = Box::new(store);
        self
    }

    /// Who answers for the user. Default: somebody who always consents and passes verification.
    pub fn user(mut self, user: impl User + 'static) -> Self {
        self.user = Box::new(user);
        self
    }

    /// Who computes credential keys and signatures; RustCrypto where it is not
    /// [available](Backend::is_available). Default: the [fastest](Backend::fastest); with a seed, or a random source of
    /// the caller's, RustCrypto, whose signatures follow from key and message.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Makes keys, ids, certificates and signatures follow from `seed`. Default: from the operating system.
    pub fn seed(mut self, seed: &str) -> Self {
        self.seed = Some(seed.to_owned());
        self
    }

    /// A random source of the caller's. It is asked for the private key first, then the credential id.
    pub fn random(mut self, random: RandomSource) -> Self {
        self.random = Some(random);
        self
    }

    /// Builds the authenticator.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system gives no randomness.
    pub fn build(self) -> Result<Authenticator, RandomError> {
        let mut settings = self.settings;
        settings.transports = self.transports.unwrap_or_else(|| match settings.attachment {
            Attachment::Platform => vec![Transport::Internal],
            Attachment::CrossPlatform => vec![Transport::Usb],
        });
        settings.aaguid = self.aaguid.unwrap_or(match settings.format {
            Some(AttestationFormat::FidoU2f) => Aaguid::default(),
            _ => Aaguid::STUNTKEY,
        });
        let mut attester = self.attester;
        if let (Authority::TestRoot, Some(seed)) = (&attester.authority, &self.seed) {
            attester.authority = Authority::Seeded(seed.clone());
        }
        attester.algorithm = self.attestation_algorithm.unwrap_or(match settings.format {
            Some(AttestationFormat::AndroidSafetynet) if Algorithm::Rs256.is_available() => Algorithm::Rs256,
            _ => attester.algorithm,
        });
        let seeded = self.seed.as_ref().map(|_| Clock::SEEDED);
        attester.clock = self.clock.or(seeded).unwrap_or_default();
        settings.rsa_pool = self.rsa_pool.unwrap_or(self.seed.is_some());
        let fixed = self.seed.is_some() || self.random.is_some();
        settings.backend = self.backend.unwrap_or_else(|| match fixed {
            true => Backend::RustCrypto,
            false => Backend::fastest(),
        });
        attester.backend = settings.backend;
        let random = match (self.random, &self.seed) {
            (Some(random), _) => random,
            (None, Some(seed)) => RandomSource::seeded(seed),
            (None, None) => RandomSource::from_os()?,
        };
        // Keys are made ahead only where nobody can tell which they would have been, and where that is quicker.
        let portable = settings.backend == Backend::RustCrypto || !settings.backend.is_available();
        Ok(Authenticator {
            settings,
            random,
            store: self.store,
            user: self.user,
            attester: Attester::new(attester),
            keys_ahead: (portable && !fixed).then(KeysAhead::default),
            credential_keys: self.credential_keys,
            credential_ids: self.credential_ids,
            stateless: self.stateless,
            pending: None,
            edits: self.edits,
            keeping: Keeping::default(),
            hashed_rp_id: (String::new(), sha256(&[])),
        })
    }
}
