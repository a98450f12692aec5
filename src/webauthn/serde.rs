//! serde on the types of this room, in the JSON forms of the standard.
//!
//! They are read by this library's own reader, as [`CreationOptions::from_json`] does, but strictly: whatever would be
//! mended there is an error here. What the standard tells clients to ignore is ignored here, too: unknown members, and
//! unknown values of enumerations.

use ::serde::de::Error as _;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::input::{InputError, Leniency};
use super::json_form::{JsonForm, from_tree};
use super::{
    Attachment, AttestationConveyance, AuthenticationResponse, AuthenticatorSelection, CreationOptions,
    CredentialDescriptor, CredentialProtection, ExtensionResults, Extensions, Hint, LargeBlobInputs,
    LargeBlobOutput, LargeBlobRequirement, PrfInput, PrfOutput, PrfValues, RegistrationResponse,
    RelyingParty, RequestOptions, ResidentKey, Transport, User, UserVerification,
};
use crate::encoding::json::{Json, object_tree};

fn strictly<T: JsonForm>(json: &Json<'_>) -> Result<T, InputError> {
    let mut notices = Vec::new();
    let value = from_tree(json, "$", &mut notices)?;
    // A short challenge is the relying party's fault (§13.4.3), but challenges of any length are sound JSON.
    let is_sound =
        |leniency: &Leniency| matches!(leniency, Leniency::UnknownValue(_) | Leniency::ShortChallenge(_));
    match notices.into_iter().find(|notice| !is_sound(&notice.leniency)) {
        Some(notice) => Err(InputError::new(notice.path, notice.leniency.to_string(), "the standard's form")),
        None => Ok(value),
    }
}

macro_rules! dictionaries {
    ($($name:ident),* $(,)?) => {$(
        /// In the JSON form of the standard.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                object_tree(|object| self.write(object)).serialize(serializer)
            }
        }

        /// From the JSON form of the standard, strictly.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                strictly(&Json::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )*};
}

macro_rules! enumerations {
    ($($name:ident),* $(,)?) => {$(
        /// As the standard spells it.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// As the standard spells it.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const NAMES: &[&str] = &$name::NAMES;
                let text = String::deserialize(deserializer)?;
                // The standard's values are exact, where names on a command line are not.
                Self::from_name(&text).ok_or_else(|| D::Error::unknown_variant(&text, NAMES))
            }
        }
    )*};
}

dictionaries!(
    AuthenticationResponse,
    AuthenticatorSelection,
    CreationOptions,
    CredentialDescriptor,
    ExtensionResults,
    Extensions,
    LargeBlobInputs,
    LargeBlobOutput,
    PrfInput,
    PrfOutput,
    PrfValues,
    RegistrationResponse,
    RelyingParty,
    RequestOptions,
    User,
);
enumerations!(
    Attachment,
    AttestationConveyance,
    CredentialProtection,
    Hint,
    LargeBlobRequirement,
    ResidentKey,
    Transport,
    UserVerification,
);
