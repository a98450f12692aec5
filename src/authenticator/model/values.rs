//! The values of a model's settings, and their text forms. [`lists`](super::lists) has those that are lists.

use crate::attestation::Plan;
use crate::authenticator::user::{Answer, ConsentRequest, User};
use crate::crypto::Backend;
use crate::encoding::cbor::{self, Value};
use crate::encoding::setting::{SettingKind, SettingValue, by_name, items, list};
use crate::webauthn::{Aaguid, Attachment, Flags, InputError};

/// Defines an enumeration whose values have names, one of which may be the default.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $text:literal $($default:ident)?,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[doc = $doc])* $(#[$default])? $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }

        impl SettingValue for $name {
            fn values() -> Vec<(&'static str, &'static str)> {
                vec![$(($text, sentence(concat!($($doc),*))),)*]
            }

            fn from_text(text: &str) -> Result<Self, String> {
                by_name(text, Self::ALL, Self::name)
            }

            fn to_text(&self) -> Option<String> {
                Some(self.name().to_owned())
            }
        }
    };
}

/// A line of documentation as help has it.
fn sentence(doc: &'static str) -> &'static str {
    doc.trim().trim_end_matches('.')
}

names! {
    /// The version of CTAP that an authenticator speaks.
    #[derive(PartialOrd, Ord)]
    CtapVersion {
        /// CTAP1 alone, which is U2F.
        U2f = "u2f",
        /// CTAP 2.0.
        V2_0 = "2.0",
        /// CTAP 2.1. CTAP 2.2 has no version of its own: what it brought is set beside this one.
        V2_1 = "2.1",
        /// CTAP 2.3.
        V2_3 = "2.3",
    }
}

names! {
    /// An extension that an authenticator has.
    Extension {
        /// How credentials are protected.
        CredProtect = "credProtect",
        /// Secrets of a credential, keyed by salts.
        HmacSecret = "hmac-secret",
        /// The same when a credential is made, since CTAP 2.2.
        HmacSecretMc = "hmac-secret-mc",
        /// A small blob with each credential.
        CredBlob = "credBlob",
        /// Keys for large blobs.
        LargeBlobKey = "largeBlobKey",
        /// A large blob with each credential, since CTAP 2.3.
        LargeBlob = "largeBlob",
        /// Tells relying parties the least length of a PIN.
        MinPinLength = "minPinLength",
        /// Tells relying parties whether PINs have to be complex, since CTAP 2.2.
        PinComplexityPolicy = "pinComplexityPolicy",
        /// Lets others than the relying party use a credential for payments, since CTAP 2.2.
        ThirdPartyPayment = "thirdPartyPayment",
        /// How the user was verified (WebAuthn L2).
        Uvm = "uvm",
    }
}

names! {
    /// How signature counters move (WebAuthn L3 §6.1.1).
    #[derive(Default)]
    CounterPolicy {
        /// Each credential starts at 0 and counts its own assertions.
        PerCredential = "per-credential" default,
        /// One counter for all, raised by every ceremony.
        Global = "global",
        /// Always 0: no counter.
        Zero = "zero",
    }
}

names! {
    /// Whether new credentials may be backed up (the flag BE), and are (BS).
    Backup {
        /// Neither.
        No = "no",
        /// They may be.
        Eligible = "eligible",
        /// They are.
        BackedUp = "backed-up",
        /// They are, though they may not be: a contradiction, which relying parties have to refuse.
        NotEligible = "backed-up-not-eligible",
    }
}

impl Backup {
    pub(in crate::authenticator) const fn new(eligible: bool, state: bool) -> Self {
        match (eligible, state) {
            (false, false) => Backup::No,
            (true, false) => Backup::Eligible,
            (true, true) => Backup::BackedUp,
            (false, true) => Backup::NotEligible,
        }
    }

    /// Whether they may be backed up.
    #[must_use]
    pub const fn is_eligible(self) -> bool {
        matches!(self, Backup::Eligible | Backup::BackedUp)
    }

    /// Whether they are backed up.
    #[must_use]
    pub const fn is_backed_up(self) -> bool {
        matches!(self, Backup::BackedUp | Backup::NotEligible)
    }
}

/// The length of new credential ids in bytes: at least 16 (WebAuthn L3 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialIdLength(u16);

impl CredentialIdLength {
    /// The length.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for CredentialIdLength {
    fn default() -> Self {
        Self(32)
    }
}

/// A length below 16 becomes 16.
impl From<u16> for CredentialIdLength {
    fn from(length: u16) -> Self {
        Self(length.max(16))
    }
}

impl SettingValue for CredentialIdLength {
    const KIND: SettingKind = SettingKind::Number;

    fn from_text(text: &str) -> Result<Self, String> {
        let length = text.parse().ok().filter(|length| *length >= 16);
        length.map(Self).ok_or_else(|| format!("a number from 16 to {}", u16::MAX))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// Flags that are forced to a value, whatever the ceremony would say. The bit alone changes: AT and ED can so be made to
/// contradict the data that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlagOverrides {
    set: u8,
    clear: u8,
}

impl FlagOverrides {
    /// Forces `flags` on or off. What is said last about a flag counts.
    #[must_use]
    pub fn force(self, flags: Flags, on: bool) -> Self {
        match on {
            true => Self { set: self.set | flags.0, clear: self.clear & !flags.0 },
            false => Self { set: self.set & !flags.0, clear: self.clear | flags.0 },
        }
    }

    /// What the flag is forced to, if it is.
    #[must_use]
    pub fn forced(self, flag: Flags) -> Option<bool> {
        match (Flags(self.set).contains(flag), Flags(self.clear).contains(flag)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    pub(in crate::authenticator) fn apply(self, flags: Flags) -> Flags {
        Flags((flags.0 | self.set) & !self.clear)
    }
}

/// `uv=0,be=1`. The two reserved bits, which have no name, are `rfu1` and `rfu2` (WebAuthn L3 §6.1).
impl SettingValue for FlagOverrides {
    const KIND: SettingKind = SettingKind::List;

    fn from_text(text: &str) -> Result<Self, String> {
        let expected = || "up, uv, be, bs, at or ed, then =0 or =1".to_owned();
        items(text).try_fold(Self::default(), |overrides, item| {
            let (name, bit) = item.split_once('=').ok_or_else(expected)?;
            let (_, flag) = flag_names()
                .find(|(known, _)| known.eq_ignore_ascii_case(name.trim()))
                .ok_or_else(expected)?;
            match bit.trim() {
                "0" => Ok(overrides.force(flag, false)),
                "1" => Ok(overrides.force(flag, true)),
                _ => Err(expected()),
            }
        })
    }

    fn to_text(&self) -> Option<String> {
        let forced = flag_names().filter_map(|(name, flag)| {
            let bit = u8::from(self.forced(flag)?);
            Some(format!("{}={bit}", name.to_ascii_lowercase()))
        });
        let forced: Vec<String> = forced.collect();
        (!forced.is_empty()).then(|| forced.join(","))
    }
}

fn flag_names() -> impl Iterator<Item = (&'static str, Flags)> {
    Flags::NAMED.into_iter().chain([("RFU1", Flags(0x02)), ("RFU2", Flags(0x20))])
}

/// Authenticator extension outputs: one canonical CBOR map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionData(Vec<u8>);

impl ExtensionData {
    /// Takes the bytes of a map.
    ///
    /// # Errors
    /// [`InputError`]: the CBOR rule that `map` breaks, or that it is no map.
    pub fn new(map: &[u8]) -> Result<Self, InputError> {
        let found = match cbor::read(map) {
            Ok(Value::Map(_)) => return Ok(Self(map.to_vec())),
            Ok(other) => other.kind().to_owned(),
            Err(error) => error.to_string(),
        };
        Err(InputError::new("extension data", found, "a canonical CBOR map"))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Hex.
impl SettingValue for ExtensionData {
    fn from_text(text: &str) -> Result<Self, String> {
        let bytes =
            base16ct::mixed::decode_vec(text).map_err(|_| "an even number of hex digits".to_owned())?;
        Self::new(&bytes).map_err(|error| format!("{}, not {}", error.expected, error.found))
    }

    fn to_text(&self) -> Option<String> {
        Some(base16ct::lower::encode_string(&self.0))
    }
}

/// What a user answers, who is data and no program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answers {
    /// The same each time.
    Always(Answer),
    /// One after the other; when they are used up, none.
    InTurn(Vec<Answer>),
}

impl Default for Answers {
    fn default() -> Self {
        Self::Always(Answer::Verified)
    }
}

/// `verified`, or several in turn: `verified,denied`.
impl SettingValue for Answers {
    fn values() -> Vec<(&'static str, &'static str)> {
        let meaning = |answer: &Answer| match answer {
            Answer::Verified => "Agrees, and passes verification",
            Answer::Present => "Agrees, but fails verification",
            Answer::Denied => "Says no",
            Answer::NoAnswer => "Does nothing until the time is over",
        };
        Answer::ALL.iter().map(|answer| (answer.name(), meaning(answer))).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let mut answers = list(text, |item| by_name(item, Answer::ALL, Answer::name))?;
        match (answers.len(), answers.pop()) {
            (1, Some(one)) => Ok(Self::Always(one)),
            (_, Some(last)) => {
                answers.push(last);
                Ok(Self::InTurn(answers))
            }
            (_, None) => Err("an answer".to_owned()),
        }
    }

    fn to_text(&self) -> Option<String> {
        let mut answers = match self {
            Self::Always(answer) => return Some(answer.name().to_owned()),
            Self::InTurn(answers) => answers.clone(),
        };
        // A single answer would be read as one that is always given.
        while answers.len() < 2 {
            answers.push(Answer::NoAnswer);
        }
        Some(answers.iter().map(|answer| answer.name()).collect::<Vec<_>>().join(","))
    }
}

/// The user who answers so.
impl User for Answers {
    fn answer(&mut self, _: &ConsentRequest<'_>) -> Answer {
        match self {
            Self::Always(answer) => *answer,
            Self::InTurn(answers) if answers.is_empty() => Answer::NoAnswer,
            Self::InTurn(answers) => answers.remove(0),
        }
    }
}

impl SettingValue for Aaguid {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::from_uuid(text).ok_or_else(|| "a UUID".to_owned())
    }

    fn to_text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl SettingValue for Attachment {
    fn values() -> Vec<(&'static str, &'static str)> {
        Self::ALL.iter().map(|attachment| (attachment.as_str(), "")).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        by_name(text, Self::ALL, Self::as_str)
    }

    fn to_text(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

/// The plan has settings of its own, and as a whole no text form.
impl SettingValue for Plan {
    fn from_text(_: &str) -> Result<Self, String> {
        Err("an object with the plan's settings".to_owned())
    }

    fn to_text(&self) -> Option<String> {
        None
    }
}

impl SettingValue for Backend {
    fn values() -> Vec<(&'static str, &'static str)> {
        Self::ALL.iter().map(|backend| (backend.name(), "")).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        by_name(text, Self::ALL, Self::name)
    }

    fn to_text(&self) -> Option<String> {
        Some(self.name().to_owned())
    }
}
