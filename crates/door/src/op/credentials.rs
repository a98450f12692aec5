//! The credentials of a client's authenticator.

use serde::{Deserialize, Deserializer, Serialize};
use stuntkey::authenticator::{Credential, ImportedCredential};
use stuntkey::crypto::{Algorithm, KeyPair};
use stuntkey::encoding::cbor::Writer;
use stuntkey::encoding::json::Json;
use stuntkey::encoding::{base64url, cose};
use stuntkey::webauthn::User;

use super::client::held;
use crate::error::{Name, Refusal};
use crate::held::Held;
use crate::state::State;
use crate::words::{Any, Body, Bytes, named};

/// A request about credentials: those that fit everything that is given.
macro_rules! about_credentials {
    ($(#[$doc:meta])* $name:ident { $($more:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub(crate) struct $name {
            client: u64,
            /// The credential id.
            #[serde(default)]
            id: Option<Bytes>,
            #[serde(default)]
            rp_id: Option<String>,
            #[serde(default)]
            user_name: Option<String>,
            #[serde(default)]
            user_handle: Option<Bytes>,
            $($more)*
        }

        impl $name {
            fn filter(&self) -> Filter<'_> {
                Filter {
                    id: self.id.as_ref().map(|id| id.0.as_slice()),
                    rp_id: self.rp_id.as_deref(),
                    user_name: self.user_name.as_deref(),
                    user_handle: self.user_handle.as_ref().map(|handle| handle.0.as_slice()),
                }
            }
        }
    };
}

about_credentials! {
    /// Which credentials to list. Default: all.
    List {}
}

about_credentials! {
    /// Which credentials to remove.
    Remove {
        /// Every credential.
        #[serde(default)]
        all: bool,
    }
}

about_credentials! {
    /// Which credentials to export, and in which form. Default: all.
    Export {
        r#as: Form,
    }
}

/// What credentials have to fit.
#[derive(Debug, Default, PartialEq, Eq)]
struct Filter<'a> {
    id: Option<&'a [u8]>,
    rp_id: Option<&'a str>,
    user_name: Option<&'a str>,
    user_handle: Option<&'a [u8]>,
}

impl Filter<'_> {
    fn fits(&self, credential: &Credential) -> bool {
        self.id.is_none_or(|id| id == credential.id)
            && self.rp_id.is_none_or(|rp_id| rp_id == credential.rp_id)
            && self.user_name.is_none_or(|name| name == credential.user.name)
            && self.user_handle.is_none_or(|handle| handle == credential.user.id)
    }
}

fn select(held: &mut Held, filter: &Filter<'_>) -> Result<Vec<Credential>, Refusal> {
    let mut credentials = held.client.authenticator().credentials()?;
    credentials.retain(|credential| filter.fits(credential));
    Ok(credentials)
}

pub(crate) fn list(state: &mut State, given: List) -> Result<Vec<Any<Json<'static>>>, Refusal> {
    let credentials = select(held(state, given.client)?, &given.filter())?;
    Ok(credentials.iter().map(|credential| Any(credential.to_list_json())).collect())
}

/// How many were removed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Removed {
    removed: usize,
}

pub(crate) fn remove(state: &mut State, given: Remove) -> Result<Removed, Refusal> {
    if given.filter() == Filter::default() && !given.all {
        return Err(Refusal::new(Name::Request, "$: found nothing that says which credentials")
            .at("$")
            .hint("give id, rpId, userName or userHandle, or \"all\": true"));
    }
    let held = held(state, given.client)?;
    let chosen = select(held, &given.filter())?;
    let mut transaction = held.client.authenticator().store().begin()?;
    for credential in &chosen {
        transaction.remove(&credential.id)?;
    }
    transaction.commit()?;
    Ok(Removed { removed: chosen.len() })
}

/// A credential that no ceremony makes. What is left out is drawn, or has the default of a new credential.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Add {
    client: u64,
    rp_id: String,
    /// The credential id. Default: 32 bytes that are drawn.
    #[serde(default)]
    id: Option<Bytes>,
    /// The user handle. With one, the credential is discoverable. Default: none.
    #[serde(default)]
    user_handle: Option<Bytes>,
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    user_display_name: String,
    /// The algorithm of the key. Default: the authenticator's first.
    #[serde(default)]
    algorithm: Option<String>,
    /// The private key, PKCS#8 in base64url or PEM. Default: one that is drawn.
    #[serde(default)]
    private_key: Option<String>,
    #[serde(default)]
    sign_count: u32,
    #[serde(default)]
    backup_eligible: bool,
    #[serde(default)]
    backup_state: bool,
}

/// What a server stores of a credential that was added.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Added {
    id: Bytes,
    /// The credential public key, a COSE_Key.
    public_key: Bytes,
    /// The same as a SubjectPublicKeyInfo.
    public_key_spki: Bytes,
}

pub(crate) fn add(state: &mut State, given: Add) -> Result<Added, Refusal> {
    let held = held(state, given.client)?;
    let wrong = |member: &str, text: String| {
        let path = format!("$.{member}");
        Refusal::new(Name::Request, format!("{path}: {text}")).at(path)
    };
    let algorithm: Option<Algorithm> = match &given.algorithm {
        None => None,
        Some(name) => Some(name.parse().map_err(|error| wrong("algorithm", format!("{error}")))?),
    };
    let handle = given.user_handle.map(|handle| handle.0).unwrap_or_default();
    if handle.len() > 64 {
        return Err(wrong("userHandle", format!("found {} bytes, expected at most 64", handle.len())));
    }
    let discoverable = !handle.is_empty();
    let user = User { id: handle, name: given.user_name, display_name: given.user_display_name };
    let authenticator = held.client.authenticator();
    let mut credential = match &given.private_key {
        Some(text) => {
            let key = read_key(text).map_err(|error| wrong("privateKey", error))?;
            let key = match algorithm {
                Some(algorithm) => {
                    key.with_algorithm(algorithm).map_err(|error| wrong("algorithm", error.to_string()))?
                }
                None => key,
            };
            let id = given.id.as_ref().ok_or_else(|| {
                wrong(
                    "id",
                    "found none beside a private key, expected the credential id that goes with it".into(),
                )
            })?;
            Credential::new(id.0.clone(), given.rp_id, user, key)
        }
        None => {
            let first = authenticator.algorithms().first().copied();
            authenticator
                .draw_credential(&given.rp_id, user, algorithm.or(first).unwrap_or(Algorithm::Es256))
                .map_err(|error| wrong("algorithm", error.to_string()))?
        }
    };
    if let Some(id) = given.id {
        credential.id = id.0;
    }
    if !(1..=1023).contains(&credential.id.len()) {
        return Err(wrong("id", format!("found {} bytes, expected 1 to 1023", credential.id.len())));
    }
    credential.discoverable = discoverable;
    credential.sign_count = given.sign_count;
    credential.backup_eligible = given.backup_eligible;
    credential.backup_state = given.backup_state;
    let mut transaction = authenticator.store().begin()?;
    transaction.put(&credential)?;
    transaction.commit()?;
    let public_key = credential.key.public_key();
    let mut cose = Writer::new();
    cose::write_public_key(&mut cose, public_key);
    Ok(Added {
        id: Bytes(credential.id.clone()),
        public_key: Bytes(cose.into_bytes()),
        public_key_spki: Bytes(public_key.to_spki_der()),
    })
}

fn read_key(text: &str) -> Result<KeyPair, String> {
    if text.contains("-----BEGIN") {
        return KeyPair::from_pem(text).map_err(|error| error.to_string());
    }
    let der = base64url::decode(text).map_err(|error| error.to_string())?;
    KeyPair::from_pkcs8_der(&der).map_err(|error| error.to_string())
}

/// Credentials of another tool's.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    client: u64,
    /// One credential, or an array of them, newest first.
    credentials: Body,
}

/// How many were imported.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Imported {
    imported: usize,
    /// What was mended.
    notices: Vec<String>,
}

pub(crate) fn import(state: &mut State, given: Import) -> Result<Imported, Refusal> {
    let held = held(state, given.client)?;
    let mut notices = Vec::new();
    let credentials = ImportedCredential::list_from_text(&given.credentials.text(), &mut notices)?;
    let imported = credentials.len();
    let mut transaction = held.client.authenticator().store().begin()?;
    // What is put last is the newest.
    for credential in credentials.into_iter().rev() {
        let known = transaction.find(&credential.credential().id)?;
        let known = known.filter(|known| known.rp_id == credential.credential().rp_id);
        transaction.put(&match known {
            Some(known) => credential.in_place_of(&known),
            None => credential.credential().clone(),
        })?;
    }
    transaction.commit()?;
    Ok(Imported { imported, notices: notices.iter().map(ToString::to_string).collect() })
}

/// A form of credentials.
#[derive(Debug, Clone, Copy)]
enum Form {
    WebDriver,
    Playwright,
    Pkcs8,
}

impl Form {
    const ALL: [Self; 3] = [Self::WebDriver, Self::Playwright, Self::Pkcs8];

    const fn name(self) -> &'static str {
        match self {
            Self::WebDriver => "webdriver",
            Self::Playwright => "playwright",
            Self::Pkcs8 => "pkcs8",
        }
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer, &Self::ALL, Self::name)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Form {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CredentialForm".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "enum": Self::ALL.map(Self::name),
            "description": "webdriver and playwright are arrays; pkcs8 is an array of PEM texts.",
        })
    }
}

pub(crate) fn export(state: &mut State, given: Export) -> Result<Vec<Any<Json<'static>>>, Refusal> {
    let credentials = select(held(state, given.client)?, &given.filter())?;
    let exported = credentials.iter().map(|credential| match given.r#as {
        Form::WebDriver => credential.to_webdriver_json(),
        Form::Playwright => credential.to_playwright_json(),
        Form::Pkcs8 => credential.key.to_pkcs8_pem().to_string().into(),
    });
    Ok(exported.map(Any).collect())
}
