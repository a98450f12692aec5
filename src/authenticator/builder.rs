use std::cell::OnceCell;
use std::fmt;

use super::Authenticator;
use super::store::{CredentialStore, MemoryStore};
use super::user::{Answer, User};
use crate::attestation::{AttestationFormat, AttestationIdentity, CertificateAuthority};
use crate::crypto::{Algorithm, RandomError, RandomSource};
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
    pub(super) credential_id_length: u16,
    pub(super) counter: CounterPolicy,
    pub(super) flags: FlagOverrides,
    pub(super) backup_eligible: bool,
    pub(super) backup_state: bool,
    pub(super) extension_data: Option<Vec<u8>>,
    pub(super) resident_key: bool,
    pub(super) user_verification: bool,
    pub(super) format: Option<AttestationFormat>,
    pub(super) authority: Authority,
    pub(super) intermediate: bool,
    pub(super) identity: Option<AttestationIdentity>,
    pub(super) enterprise_attestation: bool,
    pub(super) serial_number: Vec<u8>,
}

/// Who vouches for attestation keys. Roots are made when they are first needed: that takes two signatures.
#[derive(Clone)]
pub(super) enum Authority {
    TestRoot,
    Seeded(String),
    Given(Box<CertificateAuthority>),
}

/// A seed gives every key away, so it is not shown.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Authority::TestRoot => "TestRoot",
            Authority::Seeded(_) => "Seeded",
            Authority::Given(_) => "Given",
        })
    }
}

impl Authority {
    pub(super) fn load(&self) -> CertificateAuthority {
        match self {
            Authority::TestRoot => CertificateAuthority::test_root(),
            Authority::Seeded(seed) => CertificateAuthority::seeded(seed),
            Authority::Given(authority) => authority.as_ref().clone(),
        }
    }
}

/// Sets up an [`Authenticator`].
#[must_use]
pub struct AuthenticatorBuilder {
    settings: Settings,
    transports: Option<Vec<Transport>>,
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
                algorithms: Algorithm::ALL.to_vec(),
                credential_id_length: 32,
                counter: CounterPolicy::default(),
                flags: FlagOverrides::default(),
                backup_eligible: false,
                backup_state: false,
                extension_data: None,
                resident_key: true,
                user_verification: true,
                format: None,
                authority: Authority::TestRoot,
                intermediate: false,
                identity: None,
                enterprise_attestation: false,
                serial_number: b"stuntkey-0001".to_vec(),
            },
            transports: None,
            seed: None,
            random: None,
            store: Box::new(MemoryStore::default()),
            user: Box::new(Answer::Verified),
        }
    }
}

impl AuthenticatorBuilder {
    /// The model identifier. Default: stuntkey's own.
    pub fn aaguid(mut self, aaguid: Aaguid) -> Self {
        self.settings.aaguid = aaguid;
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

    /// The algorithms it can use. Default: all of this build.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.settings.algorithms = algorithms.into_iter().collect();
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
        Err(InputError { path: "extension data".into(), found, expected: "a canonical CBOR map".into() })
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

    /// The attestation to make whatever the client asks for. Default: `packed` with a certificate, or what the
    /// request prefers.
    pub fn format(mut self, format: AttestationFormat) -> Self {
        self.settings.format = Some(format);
        self
    }

    /// Who issues the attestation certificate. Default: the root that ships; with a seed, a root of the seed's own.
    pub fn attestation_authority(mut self, authority: CertificateAuthority) -> Self {
        self.settings.authority = Authority::Given(Box::new(authority));
        self
    }

    /// Puts an intermediate authority between the root and the attestation certificate. Default: none.
    pub fn attestation_intermediate(mut self, intermediate: bool) -> Self {
        self.settings.intermediate = intermediate;
        self
    }

    /// An attestation key and certificates of the caller's, in place of issued ones.
    pub fn attestation_identity(mut self, identity: AttestationIdentity) -> Self {
        self.settings.identity = Some(identity);
        self
    }

    /// Lets the authenticator give enterprise attestations, with this serial number of the device. Default: it
    /// gives none.
    pub fn enterprise_attestation(mut self, serial_number: &[u8]) -> Self {
        self.settings.enterprise_attestation = true;
        self.settings.serial_number = serial_number.to_vec();
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
        if let (Authority::TestRoot, Some(seed)) = (&settings.authority, &self.seed) {
            settings.authority = Authority::Seeded(seed.clone());
        }
        let random = match (self.random, &self.seed) {
            (Some(random), _) => random,
            (None, Some(seed)) => RandomSource::seeded(seed),
            (None, None) => RandomSource::from_os()?,
        };
        Ok(Authenticator {
            settings,
            random,
            store: self.store,
            user: self.user,
            authority: OnceCell::new(),
            identity: OnceCell::new(),
            enterprise_identity: OnceCell::new(),
            pending: None,
        })
    }
}
