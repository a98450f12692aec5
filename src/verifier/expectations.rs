//! What the relying party expects: its side of the ceremony, and its policy.

use std::time::SystemTime;

use super::check::Check;
use crate::crypto::Algorithm;
use crate::webauthn::{AttestationConveyance, CreationOptions, RequestOptions, UserVerification};

/// What a relying party expects of every response.
#[derive(Debug, Clone)]
pub struct RelyingPartyPolicy {
    /// The RP ID, such as `example.org`.
    pub rp_id: String,
    /// The origins of the relying party's pages, as the client writes them (`https://example.org`). Compared
    /// character by character, the simple rule of §13.4.9.
    pub origins: Vec<String>,
    /// How client data is verified. Default: it is parsed.
    pub client_data: ClientDataVerification,
    /// Whether the relying party expects to be embedded in pages of other origins. Default: no (§7.1 step 10).
    pub cross_origin: bool,
    /// The pages in which it expects to be embedded (§7.1 step 11). Default: none.
    pub top_origins: Vec<String>,
    /// Whether CBOR has to be in the CTAP2 canonical encoding form; decoders SHOULD refuse other (§2.4).
    /// Default: yes.
    pub canonical_cbor: bool,
    /// What BE has to be (§7.1 step 18, §7.2 step 19). Default: either.
    pub backup_eligible: Option<bool>,
    /// What BS has to be (§7.1 step 19, §7.2 step 19). Default: either.
    pub backed_up: Option<bool>,
    /// Whether extension outputs that were not asked for are refused (§7.1 step 28); they may be ignored, which is
    /// the default.
    pub refuse_unsolicited_extensions: bool,
    /// Checks that always hold: for relying parties with a flaw of choice. Default: none.
    pub disabled: Vec<Check>,
}

impl RelyingPartyPolicy {
    /// The standard's defaults for a relying party of this RP ID with pages at this origin.
    #[must_use]
    pub fn new(rp_id: &str, origin: &str) -> Self {
        Self {
            rp_id: rp_id.to_owned(),
            origins: vec![origin.to_owned()],
            client_data: ClientDataVerification::Parsed,
            cross_origin: false,
            top_origins: Vec::new(),
            canonical_cbor: true,
            backup_eligible: None,
            backed_up: None,
            refuse_unsolicited_extensions: false,
            disabled: Vec::new(),
        }
    }
}

/// How client data is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientDataVerification {
    /// It is parsed as JSON, and its members are compared (§7.1 steps 6 to 11, §7.2 steps 9 to 14).
    #[default]
    Parsed,
    /// Its beginning is compared with what a client writes, by the limited verification algorithm (§5.8.1.2). Such a
    /// relying party is not embedded: `cross_origin` and `top_origins` are not looked at.
    Limited,
}

/// What a relying party expects of attestation.
#[derive(Debug, Clone)]
pub struct AttestationPolicy {
    /// Whether a registration without attestation is acceptable (§7.1 step 24). Default: yes.
    pub none: bool,
    /// Whether self attestation is acceptable (§7.1 step 24). Default: yes.
    pub self_attestation: bool,
    /// The roots, or attestation certificates themselves, that are trusted. Default: none, so that every
    /// attestation with certificates is refused.
    pub trust: Trust,
    /// Whether `x5c` of a packed statement may include the trust anchor. The standard has no rule against it, FIDO's
    /// requirements for servers do. Default: yes.
    pub packed_root_in_x5c: bool,
    /// Which authorization lists of an Android key description count (§8.4). Default: both.
    pub android_key: AndroidKeyPolicy,
    /// Whether the AAGUID of a fido-u2f attestation has to be zero; §8.6 does not ask it, FIDO's requirements for
    /// servers do. Default: no.
    pub fido_u2f_zero_aaguid: bool,
    /// Whether attestation statement formats other than these are refused, by identifier. Default: all that the
    /// verifier knows are supported.
    pub formats: Option<Vec<String>>,
    /// The time at which certificates have to be valid, and a SafetyNet response new. Default: that of the system's
    /// clock when the verifier looks, or the beginning of 1970 where there is none, as in WebAssembly.
    pub time: Option<SystemTime>,
}

impl AttestationPolicy {
    /// The time to go by.
    pub(super) fn time(&self) -> SystemTime {
        self.time.unwrap_or_else(now)
    }
}

impl Default for AttestationPolicy {
    fn default() -> Self {
        Self {
            none: true,
            self_attestation: true,
            trust: Trust::Anchors(Vec::new()),
            packed_root_in_x5c: true,
            android_key: AndroidKeyPolicy::default(),
            fido_u2f_zero_aaguid: false,
            formats: None,
            time: None,
        }
    }
}

/// The time of the system's clock.
fn now() -> SystemTime {
    // This target has no clock, and asking for it panics.
    match cfg!(all(target_family = "wasm", target_os = "unknown")) {
        true => SystemTime::UNIX_EPOCH,
        false => SystemTime::now(),
    }
}

/// Whom a relying party trusts to attest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Anybody: certificate paths are not looked at (§7.1 steps 23 and 24 are left out).
    Anybody,
    /// Paths that end in one of these DER certificates, and these certificates themselves.
    Anchors(Vec<Vec<u8>>),
}

/// How an Android key description is read (§8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AndroidKeyPolicy {
    /// Whether only keys of a trusted execution environment are accepted: `teeEnforced` alone counts. Default: no,
    /// `origin` and `purpose` may be in either list.
    pub tee_only: bool,
    /// Whether `origin` and `purpose` may be absent from the lists, as in the standard's own test vector. Default:
    /// no, as the values are compared.
    pub absent_allowed: bool,
}

/// What a relying party expects of one registration (§7.1).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RegistrationExpectations {
    /// The challenge that was issued.
    pub challenge: Vec<u8>,
    /// The COSE algorithm identifiers that were asked for.
    pub algorithms: Vec<i64>,
    /// Whether user verification is required.
    pub user_verification: bool,
    /// Whether the create was conditional: UP may be clear (§7.1 step 15).
    pub conditional: bool,
    /// The extensions that were asked for, by identifier.
    pub extensions: Vec<String>,
    /// Whether an enterprise attestation was asked for, which may carry a device serial number (§8.2.2).
    pub enterprise: bool,
}

impl RegistrationExpectations {
    /// For a registration that `options` began.
    #[must_use]
    pub fn new(options: &CreationOptions) -> Self {
        let verification = options.authenticator_selection.user_verification;
        Self::with_challenge(&options.challenge)
            .algorithms(options.pub_key_cred_params.iter().copied())
            .user_verification(verification == UserVerification::Required)
            .extensions(options.extensions.identifiers().into_iter().map(str::to_owned))
            .enterprise(options.attestation == AttestationConveyance::Enterprise)
    }

    /// For a registration with this challenge: ES256 alone, user verification not required, no extensions.
    #[must_use]
    pub fn with_challenge(challenge: &[u8]) -> Self {
        Self {
            challenge: challenge.to_vec(),
            algorithms: vec![Algorithm::Es256.cose_identifier()],
            user_verification: false,
            conditional: false,
            extensions: Vec::new(),
            enterprise: false,
        }
    }

    /// Sets the COSE algorithm identifiers that were asked for.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = i64>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Sets whether the create was conditional.
    #[must_use]
    pub fn conditional(mut self, conditional: bool) -> Self {
        self.conditional = conditional;
        self
    }

    /// Sets whether an enterprise attestation was asked for.
    #[must_use]
    pub fn enterprise(mut self, enterprise: bool) -> Self {
        self.enterprise = enterprise;
        self
    }
}

/// What a relying party expects of one authentication (§7.2).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthenticationExpectations {
    /// The challenge that was issued.
    pub challenge: Vec<u8>,
    /// Whether user verification is required.
    pub user_verification: bool,
    /// The credential ids of `allowCredentials`; none, if it was absent or empty.
    pub allow_credentials: Vec<Vec<u8>>,
    /// The user handle of the user who was identified before the ceremony, if one was (§7.2 step 6).
    pub user: Option<Vec<u8>>,
    /// The extensions that were asked for, by identifier.
    pub extensions: Vec<String>,
    /// Whether a signature counter that does not rise is let pass: it is a sign of a clone, on which the relying
    /// party decides (§7.2 step 22). Default: refused.
    pub stale_sign_count: bool,
}

impl AuthenticationExpectations {
    /// For an authentication that `options` began.
    #[must_use]
    pub fn new(options: &RequestOptions) -> Self {
        let allowed = options.allow_credentials.iter().flatten();
        Self::with_challenge(&options.challenge)
            .user_verification(options.user_verification == UserVerification::Required)
            .allow_credentials(allowed.map(|credential| credential.id.clone()))
    }

    /// For an authentication with this challenge: any credential of anybody, user verification not required.
    #[must_use]
    pub fn with_challenge(challenge: &[u8]) -> Self {
        Self {
            challenge: challenge.to_vec(),
            user_verification: false,
            allow_credentials: Vec::new(),
            user: None,
            extensions: Vec::new(),
            stale_sign_count: false,
        }
    }

    /// Sets the credential ids that were asked for.
    #[must_use]
    pub fn allow_credentials(mut self, allow_credentials: impl IntoIterator<Item = Vec<u8>>) -> Self {
        self.allow_credentials = allow_credentials.into_iter().collect();
        self
    }

    /// Sets the user handle of the user who was identified before.
    #[must_use]
    pub fn user(mut self, user: Option<Vec<u8>>) -> Self {
        self.user = user;
        self
    }

    /// Sets whether a signature counter that does not rise is let pass.
    #[must_use]
    pub fn stale_sign_count(mut self, stale_sign_count: bool) -> Self {
        self.stale_sign_count = stale_sign_count;
        self
    }
}

/// The setters that both ceremonies' expectations have.
macro_rules! setters {
    ($($expectations:ident),+) => {
        $(impl $expectations {
            /// Sets whether user verification is required.
            #[must_use]
            pub fn user_verification(mut self, user_verification: bool) -> Self {
                self.user_verification = user_verification;
                self
            }

            /// Sets the extensions that were asked for, by identifier.
            #[must_use]
            pub fn extensions(mut self, extensions: impl IntoIterator<Item = String>) -> Self {
                self.extensions = extensions.into_iter().collect();
                self
            }
        })+
    };
}

setters!(RegistrationExpectations, AuthenticationExpectations);

/// What a relying party keeps of a credential (§4, credential record).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRecord {
    /// The credential id.
    pub id: Vec<u8>,
    /// The credential public key, a COSE_Key.
    pub public_key: Vec<u8>,
    /// The signature counter of the last ceremony.
    pub sign_count: u32,
    /// Whether a user verification has ever been seen.
    pub uv_initialized: bool,
    /// `transports`, as the client told them.
    pub transports: Vec<String>,
    /// BE at registration.
    pub backup_eligible: bool,
    /// BS at the last ceremony.
    pub backup_state: bool,
}

/// A credential record and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCredential {
    /// The user handle of its user.
    pub user_handle: Vec<u8>,
    /// The record.
    pub record: CredentialRecord,
}

/// The credentials of a relying party.
pub trait Credentials {
    /// The credential with this id, whosever it is.
    fn find(&self, credential_id: &[u8]) -> Option<RegisteredCredential>;
}

impl Credentials for [RegisteredCredential] {
    fn find(&self, credential_id: &[u8]) -> Option<RegisteredCredential> {
        self.iter().find(|credential| credential.record.id == credential_id).cloned()
    }
}

impl<const N: usize> Credentials for [RegisteredCredential; N] {
    fn find(&self, credential_id: &[u8]) -> Option<RegisteredCredential> {
        self.as_slice().find(credential_id)
    }
}

impl Credentials for Vec<RegisteredCredential> {
    fn find(&self, credential_id: &[u8]) -> Option<RegisteredCredential> {
        self.as_slice().find(credential_id)
    }
}
