//! What is wrong with input, and what was mended in it.

use std::fmt;

use super::options::Attachment;
use crate::encoding::json::JsonError;

/// Input that cannot be used: where, what was found, what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputError {
    /// The JSON path, or the name of another input.
    pub path: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
    hint: Option<NextStep>,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.path, self.found, self.expected)
    }
}

impl std::error::Error for InputError {}

impl InputError {
    /// The error that `found` stands at `path`, where `expected` should.
    pub fn new(path: impl Into<String>, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { path: path.into(), found: found.into(), expected: expected.into(), hint: None }
    }

    /// What to do next, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&NextStep> {
        self.hint.as_ref()
    }

    /// The same error with something to do next.
    pub(crate) fn with_hint(self, hint: NextStep) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The error of JSON that stands inside other JSON, at `place`.
    pub(crate) fn at(error: JsonError, place: &dyn fmt::Display) -> Self {
        Self { path: error.path.replacen('$', &place.to_string(), 1), ..error.into() }
    }
}

impl From<JsonError> for InputError {
    fn from(error: JsonError) -> Self {
        Self::new(error.path, error.found, error.expected)
    }
}

/// What to do after an error, where that is known. [`Display`](fmt::Display) says it in a sentence; a program with options
/// of its own says which of them to use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Give the client the origin of the page: neither it nor the options say where the page is.
    GiveOrigin,
    /// Use this origin: the RP ID is not for pages of the present one.
    UseOrigin(String),
    /// Authenticate: the input is request options.
    Authenticate,
    /// Register: the input is creation options.
    Register,
    /// Register a credential first, or use the store in which it is: this one has none for the relying party.
    RegisterFirst,
    /// Remove the credential from the store, or use another store: the account is registered already.
    ForgetCredential,
    /// Use an authenticator that is attached so.
    Attach(Attachment),
    /// Let the authenticator verify its user.
    VerifyUser,
    /// Give the client the PIN of its device.
    GivePin,
    /// Let the authenticator keep discoverable credentials.
    KeepDiscoverable,
    /// Leave strict mode, which refuses what could be mended.
    BeLenient,
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GiveOrigin => f.write_str("give the origin of the page: https:// and its host"),
            Self::UseOrigin(origin) => write!(f, "use an origin that the RP ID is for: {origin}"),
            Self::Authenticate => f.write_str("these are request options: authenticate with them"),
            Self::Register => f.write_str("these are creation options: register with them"),
            Self::RegisterFirst => {
                f.write_str("register a credential first, or use the credential store in which it is")
            }
            Self::ForgetCredential => {
                f.write_str("remove the credential from the credential store, or use another store")
            }
            Self::Attach(attachment) => write!(f, "use a {} authenticator", attachment.as_str()),
            Self::VerifyUser => f.write_str("use an authenticator that can verify its user"),
            Self::GivePin => f.write_str("give the client the PIN of its device"),
            Self::KeepDiscoverable => {
                f.write_str("use an authenticator that can keep discoverable credentials")
            }
            Self::BeLenient => f.write_str("leave strict mode to have it mended"),
        }
    }
}

/// Something in the options that the standard forbids or ignores, and that was mended or ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// The JSON path.
    pub path: String,
    /// What was mended or ignored there.
    pub leniency: Leniency,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.leniency)
    }
}

/// What was mended or ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leniency {
    /// `relyingParty` stands for `rp`.
    RelyingPartyForRp,
    /// `authenticatorAttachement` stands for `authenticatorAttachment`.
    MisspelledAttachment,
    /// An empty RP ID is taken as absent.
    EmptyRpId,
    /// A byte order mark before the JSON (RFC 8259 §8.1).
    ByteOrderMark,
    /// `null` is taken as absent.
    NullAsAbsent,
    /// base64url in the alphabet of plain base64 (RFC 4648 §4).
    StandardBase64,
    /// base64url with padding.
    Base64Padding,
    /// base64url with white space.
    Base64WhiteSpace,
    /// A number given as text.
    NumberAsText,
    /// A boolean given as text.
    BooleanAsText,
    /// `user.displayName` is missing; `user.name` takes its place.
    MissingDisplayName,
    /// A value that the standard does not define, ignored as it says.
    UnknownValue(String),
    /// A challenge below 16 bytes (WebAuthn L3 §13.4.3).
    ShortChallenge(usize),
    /// An RP ID that is not in ASCII lower case; its ASCII form was used.
    RpIdNotAscii(String),
}

impl fmt::Display for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Leniency::RelyingPartyForRp => f.write_str("\"relyingParty\", read as \"rp\""),
            Leniency::MisspelledAttachment => f.write_str("misspelled, read as \"authenticatorAttachment\""),
            Leniency::EmptyRpId => f.write_str("an empty RP ID, taken as absent: the origin's host is used"),
            Leniency::ByteOrderMark => f.write_str("a byte order mark, passed over"),
            Leniency::NullAsAbsent => f.write_str("null, taken as absent"),
            Leniency::StandardBase64 => f.write_str("base64 with + or /, expected base64url"),
            Leniency::Base64Padding => f.write_str("padded base64url, expected no padding"),
            Leniency::Base64WhiteSpace => f.write_str("white space in base64url"),
            Leniency::NumberAsText => f.write_str("a number given as text"),
            Leniency::BooleanAsText => f.write_str("a boolean given as text"),
            Leniency::MissingDisplayName => f.write_str("missing, the user's name stands in"),
            Leniency::UnknownValue(value) => write!(f, "the unknown value {value}, ignored"),
            Leniency::ShortChallenge(length) => {
                write!(f, "a challenge of {length} bytes, expected at least 16")
            }
            Leniency::RpIdNotAscii(ascii) => write!(f, "not in ASCII lower case, {ascii:?} is used"),
        }
    }
}
