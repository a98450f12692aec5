//! `PublicKeyCredentialCreationOptions` and `PublicKeyCredentialRequestOptions` (WebAuthn L3 §5.4, §5.5, §5.7).

#[macro_use]
mod enumeration;
mod extensions;
mod read;
mod write;

pub use extensions::{
    CredentialProtection, Extensions, LargeBlobInputs, LargeBlobRequirement, PrfInput, PrfValues,
};

enumeration! {
    /// `AuthenticatorAttachment` (§5.4.5).
    Attachment {
        /// Part of the client device.
        Platform = "platform",
        /// Removable.
        CrossPlatform = "cross-platform",
    }
}

enumeration! {
    /// `ResidentKeyRequirement` (§5.4.6).
    ResidentKey {
        /// Better not discoverable.
        Discouraged = "discouraged",
        /// Better discoverable.
        Preferred = "preferred",
        /// Discoverable or nothing.
        Required = "required",
    }
}

enumeration! {
    /// `UserVerificationRequirement` (§5.8.6).
    UserVerification {
        /// Must be performed.
        Required = "required",
        /// If the authenticator can.
        Preferred = "preferred",
        /// Better not.
        Discouraged = "discouraged",
    }
}

enumeration! {
    /// `AttestationConveyancePreference` (§5.4.7).
    AttestationConveyance {
        /// No attestation wanted.
        None = "none",
        /// Any verifiable attestation.
        Indirect = "indirect",
        /// The authenticator's own.
        Direct = "direct",
        /// One that may name the individual device.
        Enterprise = "enterprise",
    }
}

enumeration! {
    /// `AuthenticatorTransport` (§5.8.4).
    Transport {
        /// USB.
        Usb = "usb",
        /// NFC.
        Nfc = "nfc",
        /// Bluetooth Low Energy.
        Ble = "ble",
        /// A contact smart card.
        SmartCard = "smart-card",
        /// Another device, near by.
        Hybrid = "hybrid",
        /// Part of the client device.
        Internal = "internal",
    }
}

enumeration! {
    /// `PublicKeyCredentialHint` (§5.8.7).
    Hint {
        /// A physical security key.
        SecurityKey = "security-key",
        /// The client device itself.
        ClientDevice = "client-device",
        /// A phone or the like.
        Hybrid = "hybrid",
    }
}

impl Hint {
    /// The attachment a hint speaks of (§5.8.7).
    #[must_use]
    pub const fn attachment(self) -> Attachment {
        match self {
            Hint::ClientDevice => Attachment::Platform,
            Hint::SecurityKey | Hint::Hybrid => Attachment::CrossPlatform,
        }
    }
}

/// `PublicKeyCredentialRpEntity` (§5.4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelyingParty {
    /// The RP ID; absent, the origin's effective domain.
    pub id: Option<String>,
    /// A name for people.
    pub name: String,
}

/// `PublicKeyCredentialUserEntity` (§5.4.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The user handle: 1 to 64 bytes.
    pub id: Vec<u8>,
    /// The account's name.
    pub name: String,
    /// The person's name.
    pub display_name: String,
}

/// `PublicKeyCredentialDescriptor` (§5.8.3) of type `public-key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialDescriptor {
    /// The credential id.
    pub id: Vec<u8>,
    /// Known transports.
    pub transports: Vec<Transport>,
}

/// `AuthenticatorSelectionCriteria` (§5.4.4), with the standard's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticatorSelection {
    /// The attachment asked for.
    pub attachment: Option<Attachment>,
    /// `residentKey`, or what `requireResidentKey` says in its place.
    pub resident_key: ResidentKey,
    /// `userVerification`.
    pub user_verification: UserVerification,
}

impl Default for AuthenticatorSelection {
    fn default() -> Self {
        Self {
            attachment: None,
            resident_key: ResidentKey::Discouraged,
            user_verification: UserVerification::Preferred,
        }
    }
}

/// `PublicKeyCredentialCreationOptions` (§5.4).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreationOptions {
    /// Who registers a credential.
    pub rp: RelyingParty,
    /// For which account.
    pub user: User,
    /// The challenge: 1 to 1,024 bytes.
    pub challenge: Vec<u8>,
    /// COSE algorithm identifiers, most wanted first: ES256 and RS256 where the relying party's list was empty
    /// (§5.1.3). Empty where that list had no entry of type `public-key`: then no algorithm is acceptable.
    pub pub_key_cred_params: Vec<i64>,
    /// Milliseconds.
    pub timeout: Option<u64>,
    /// Credentials of the account that exist already.
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// What the authenticator has to be and do.
    pub authenticator_selection: AuthenticatorSelection,
    /// Which kind of authenticator the user probably has.
    pub hints: Vec<Hint>,
    /// The attestation wanted.
    pub attestation: AttestationConveyance,
    /// Attestation statement formats, most wanted first; unknown ones stay in.
    pub attestation_formats: Vec<String>,
    /// Client extension inputs.
    pub extensions: Extensions,
}

/// `PublicKeyCredentialRequestOptions` (§5.5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestOptions {
    /// The challenge: 1 to 1,024 bytes.
    pub challenge: Vec<u8>,
    /// Milliseconds.
    pub timeout: Option<u64>,
    /// The RP ID; absent, the origin's effective domain.
    pub rp_id: Option<String>,
    /// Which credentials will do; `None`, any discoverable one. Empty where the relying party's list had entries of
    /// unknown types only: then none will do (§5.8.3).
    pub allow_credentials: Option<Vec<CredentialDescriptor>>,
    /// Whether the user has to be verified.
    pub user_verification: UserVerification,
    /// Which kind of authenticator the user probably has.
    pub hints: Vec<Hint>,
    /// Client extension inputs.
    pub extensions: Extensions,
}

impl CreationOptions {
    /// Options with the members that the standard requires, and its defaults for the others.
    #[must_use]
    pub fn new(rp: RelyingParty, user: User, challenge: Vec<u8>, pub_key_cred_params: Vec<i64>) -> Self {
        Self {
            rp,
            user,
            challenge,
            pub_key_cred_params,
            timeout: None,
            exclude_credentials: Vec::new(),
            authenticator_selection: AuthenticatorSelection::default(),
            hints: Vec::new(),
            attestation: AttestationConveyance::None,
            attestation_formats: Vec::new(),
            extensions: Extensions::default(),
        }
    }
}

impl RequestOptions {
    /// Options with the one member that the standard requires, and its defaults for the others: any discoverable
    /// credential of the origin's effective domain will do.
    #[must_use]
    pub fn new(challenge: Vec<u8>) -> Self {
        Self {
            challenge,
            timeout: None,
            rp_id: None,
            allow_credentials: None,
            user_verification: UserVerification::Preferred,
            hints: Vec::new(),
            extensions: Extensions::default(),
        }
    }
}
