//! `PublicKeyCredentialCreationOptions` and `PublicKeyCredentialRequestOptions` (WebAuthn L3 §5.4, §5.5, §5.7).

use std::cell::RefCell;

use super::reading::{InputError, Leniency, Node, Notice};
use crate::encoding::json::Json;

/// An enumeration whose values the standard names.
macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The value as the standard spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value spelled so, if there is one.
            #[must_use]
            pub fn from_name(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

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

/// `AuthenticatorSelectionCriteria` (§5.4.4), defaults applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticatorSelection {
    /// The attachment asked for.
    pub attachment: Option<Attachment>,
    /// `residentKey`, or what `requireResidentKey` says in its place.
    pub resident_key: ResidentKey,
    /// `userVerification`.
    pub user_verification: UserVerification,
}

/// Client extension inputs that this client acts on; all others are ignored, as §5.9 says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions {
    /// `credProps` (§10.1.3).
    pub cred_props: bool,
}

/// `PublicKeyCredentialCreationOptions` (§5.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationOptions {
    /// Who registers a credential.
    pub rp: RelyingParty,
    /// For which account.
    pub user: User,
    /// The challenge: 1 to 1,024 bytes.
    pub challenge: Vec<u8>,
    /// COSE algorithm identifiers, most wanted first: ES256 and RS256 where the relying party's list was empty
    /// (§5.1.3). Empty where that list had no entry of type `public-key`: then nothing will do.
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
}

impl CreationOptions {
    /// Reads the options from the JSON object that holds them. `path` is where it stands in the body.
    ///
    /// # Errors
    /// [`InputError`] for a member that is missing, of a wrong type or out of range. What could be mended is added
    /// to `notices`.
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        collecting(notices, |told| Self::read(&Node::new(json, path, told)))
    }

    fn read(options: &Node<'_, '_>) -> Result<Self, InputError> {
        options.object()?;
        Ok(Self {
            rp: relying_party(options)?,
            user: user(&options.required("user", "an object with id, name and displayName")?)?,
            challenge: challenge(options)?,
            pub_key_cred_params: pub_key_cred_params(options)?,
            timeout: timeout(options)?,
            exclude_credentials: match options.member("excludeCredentials") {
                Some(list) => descriptors(&list)?,
                None => Vec::new(),
            },
            authenticator_selection: authenticator_selection(options)?,
            hints: hints(options)?,
            attestation: match options.member("attestation") {
                Some(node) => node.enumerated(AttestationConveyance::from_name)?,
                None => None,
            }
            .unwrap_or(AttestationConveyance::None),
            attestation_formats: match options.member("attestationFormats") {
                Some(node) => {
                    node.items()?.map(|item| item.text().map(str::to_owned)).collect::<Result<_, _>>()?
                }
                None => Vec::new(),
            },
            extensions: extensions(options)?,
        })
    }
}

impl RequestOptions {
    /// Reads the options from the JSON object that holds them. `path` is where it stands in the body.
    ///
    /// # Errors
    /// As [`CreationOptions::from_json`].
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        collecting(notices, |told| Self::read(&Node::new(json, path, told)))
    }

    fn read(options: &Node<'_, '_>) -> Result<Self, InputError> {
        options.object()?;
        Ok(Self {
            challenge: challenge(options)?,
            timeout: timeout(options)?,
            rp_id: rp_id(options, "rpId")?,
            allow_credentials: match options.member("allowCredentials") {
                Some(list) if list.items()?.next().is_some() => Some(descriptors(&list)?),
                _ => None,
            },
            user_verification: user_verification(options)?,
            hints: hints(options)?,
        })
    }
}

fn collecting<T>(
    notices: &mut Vec<Notice>,
    read: impl FnOnce(&RefCell<Vec<Notice>>) -> Result<T, InputError>,
) -> Result<T, InputError> {
    let told = RefCell::new(std::mem::take(notices));
    let result = read(&told);
    *notices = told.into_inner();
    result
}

fn relying_party(options: &Node<'_, '_>) -> Result<RelyingParty, InputError> {
    let rp = match options.member("rp") {
        Some(rp) => rp,
        None => {
            let rp = options
                .member("relyingParty")
                .ok_or_else(|| options.missing("rp", "an object with a name"))?;
            rp.notice(Leniency::RelyingPartyForRp);
            rp
        }
    };
    rp.object()?;
    Ok(RelyingParty { id: rp_id(&rp, "id")?, name: rp.required("name", "a string")?.text()?.to_owned() })
}

fn rp_id(parent: &Node<'_, '_>, name: &str) -> Result<Option<String>, InputError> {
    let Some(node) = parent.member(name) else { return Ok(None) };
    let id = node.text()?;
    if id.is_empty() {
        node.notice(Leniency::EmptyRpId);
        return Ok(None);
    }
    Ok(Some(id.to_owned()))
}

fn user(user: &Node<'_, '_>) -> Result<User, InputError> {
    user.object()?;
    let id = user.required("id", "base64url of 1 to 64 bytes")?;
    let handle = id.bytes("base64url of 1 to 64 bytes")?;
    // §5.4.3: a user handle has at most 64 bytes and MUST NOT be empty.
    if !(1..=64).contains(&handle.len()) {
        return Err(id.error(format!("{} bytes", handle.len()), "a user handle of 1 to 64 bytes"));
    }
    let name = user.required("name", "a string")?.text()?.to_owned();
    let display_name = match user.member("displayName") {
        Some(node) => node.text()?.to_owned(),
        None => {
            if user.json().member("displayName").is_none() {
                user.notice_at("displayName", Leniency::MissingDisplayName);
            }
            name.clone()
        }
    };
    Ok(User { id: handle, name, display_name })
}

fn challenge(options: &Node<'_, '_>) -> Result<Vec<u8>, InputError> {
    // The standard sets no upper bound; 1,024 bytes are eight times the longest challenge in its vectors.
    let expected = "base64url of 16 to 1024 bytes";
    let node = options.required("challenge", expected)?;
    let challenge = node.bytes(expected)?;
    match challenge.len() {
        0 => Err(node.error("an empty challenge", expected)),
        1025.. => Err(node.error(format!("{} bytes", challenge.len()), expected)),
        length => {
            if length < 16 {
                node.notice(Leniency::ShortChallenge(length));
            }
            Ok(challenge)
        }
    }
}

fn pub_key_cred_params(options: &Node<'_, '_>) -> Result<Vec<i64>, InputError> {
    let expected = "an array of {type, alg}";
    let node = options.required("pubKeyCredParams", expected)?;
    let mut algorithms = Vec::new();
    let mut empty = true;
    for item in node.items()? {
        empty = false;
        item.object()?;
        if is_public_key(&item)? {
            algorithms.push(
                item.required("alg", "a COSE algorithm identifier")?.int("a COSE algorithm identifier")?,
            );
        }
    }
    if empty {
        // §5.1.3: the default list.
        return Ok(vec![-7, -257]);
    }
    Ok(algorithms)
}

/// Whether `type` is `public-key`; another value makes the entry one to ignore (§5.8.2).
fn is_public_key(item: &Node<'_, '_>) -> Result<bool, InputError> {
    let kind = item.required("type", "\"public-key\"")?;
    Ok(kind.enumerated(|text| (text == "public-key").then_some(()))?.is_some())
}

fn descriptors(list: &Node<'_, '_>) -> Result<Vec<CredentialDescriptor>, InputError> {
    let mut descriptors = Vec::new();
    for item in list.items()? {
        item.object()?;
        if !is_public_key(&item)? {
            continue;
        }
        let id = item.required("id", "base64url")?.bytes("base64url")?;
        let mut transports = Vec::new();
        if let Some(node) = item.member("transports") {
            for transport in node.items()? {
                transports.extend(transport.enumerated(Transport::from_name)?);
            }
        }
        descriptors.push(CredentialDescriptor { id, transports });
    }
    Ok(descriptors)
}

fn authenticator_selection(options: &Node<'_, '_>) -> Result<AuthenticatorSelection, InputError> {
    let Some(node) = options.member("authenticatorSelection") else {
        return Ok(AuthenticatorSelection {
            attachment: None,
            resident_key: ResidentKey::Discouraged,
            user_verification: UserVerification::Preferred,
        });
    };
    node.object()?;
    let attachment = match (node.member("authenticatorAttachment"), node.member("authenticatorAttachement")) {
        (Some(attachment), _) => attachment.enumerated(Attachment::from_name)?,
        (None, Some(misspelled)) => {
            misspelled.notice(Leniency::MisspelledAttachment);
            misspelled.enumerated(Attachment::from_name)?
        }
        (None, None) => None,
    };
    let resident_key = match node.member("residentKey") {
        Some(node) => node.enumerated(ResidentKey::from_name)?,
        None => None,
    };
    // §5.4.4: without a known residentKey, requireResidentKey decides.
    let resident_key = match (resident_key, node.member("requireResidentKey")) {
        (Some(resident_key), _) => resident_key,
        (None, Some(required)) if required.boolean()? => ResidentKey::Required,
        (None, _) => ResidentKey::Discouraged,
    };
    Ok(AuthenticatorSelection { attachment, resident_key, user_verification: user_verification(&node)? })
}

fn user_verification(parent: &Node<'_, '_>) -> Result<UserVerification, InputError> {
    let value = match parent.member("userVerification") {
        Some(node) => node.enumerated(UserVerification::from_name)?,
        None => None,
    };
    Ok(value.unwrap_or(UserVerification::Preferred))
}

fn hints(options: &Node<'_, '_>) -> Result<Vec<Hint>, InputError> {
    let mut hints = Vec::new();
    if let Some(node) = options.member("hints") {
        for hint in node.items()? {
            hints.extend(hint.enumerated(Hint::from_name)?);
        }
    }
    Ok(hints)
}

fn timeout(options: &Node<'_, '_>) -> Result<Option<u64>, InputError> {
    let expected = "a number of milliseconds";
    let Some(node) = options.member("timeout") else { return Ok(None) };
    match u64::try_from(node.int(expected)?) {
        Ok(milliseconds) => Ok(Some(milliseconds)),
        Err(_) => Err(node.unexpected(expected)),
    }
}

fn extensions(options: &Node<'_, '_>) -> Result<Extensions, InputError> {
    let Some(node) = options.member("extensions") else { return Ok(Extensions::default()) };
    node.object()?;
    Ok(Extensions {
        cred_props: match node.member("credProps") {
            Some(node) => node.boolean()?,
            None => false,
        },
    })
}
