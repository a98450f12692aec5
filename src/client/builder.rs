use super::Client;
use std::fmt;

use super::error::Error;
use super::origin::Origin;
use super::wire::Preset;
use crate::authenticator::Authenticator;
use crate::draft::Edit;
use crate::encoding::json::{self, Json};
use crate::fault::Fault;
use crate::webauthn::InputError;

/// What a client is told once and keeps.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) related_origins: Vec<String>,
    pub(super) any_rp_id: bool,
    pub(super) cross_origin: bool,
    pub(super) enterprise_rp_ids: Vec<String>,
    pub(super) account: Option<String>,
    pub(super) conditional: Option<bool>,
    pub(super) strict: bool,
    pub(super) preset: Option<Preset>,
    pub(super) reply_members: Vec<(String, String)>,
}

/// Members of replies may be access tokens, so their values are not shown.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<&String> = self.reply_members.iter().map(|(name, _)| name).collect();
        f.debug_struct("Settings")
            .field("strict", &self.strict)
            .field("preset", &self.preset)
            .field("reply_members", &members)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    origin: Option<String>,
    authenticator: Option<Authenticator>,
    top_origin: Option<String>,
    client_data_members: Vec<(String, String)>,
    edits: Vec<Edit>,
    settings: Settings,
}

impl ClientBuilder {
    pub(super) fn new(origin: Option<&str>) -> Self {
        Self {
            origin: origin.map(str::to_owned),
            authenticator: None,
            top_origin: None,
            client_data_members: Vec::new(),
            edits: Vec::new(),
            settings: Settings::default(),
        }
    }

    /// The authenticator to use. Default: a platform authenticator in memory.
    pub fn authenticator(mut self, authenticator: Authenticator) -> Self {
        self.authenticator = Some(authenticator);
        self
    }

    /// The origins at `https://RP-ID/.well-known/webauthn` that may use the RP ID (WebAuthn L3 §5.11).
    pub fn related_origins<S: Into<String>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.settings.related_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Uses whatever RP ID the options name, as no browser does (WebAuthn L3 §5.1.3 step 8): for tests of relying
    /// parties. Default: no.
    pub fn any_rp_id(mut self, any: bool) -> Self {
        self.settings.any_rp_id = any;
        self
    }

    /// The page is in a frame that is not same-origin with its ancestors. Default: no.
    pub fn cross_origin(mut self, cross_origin: bool) -> Self {
        self.settings.cross_origin = cross_origin;
        self
    }

    /// The origin of the top-level page. Implies [`cross_origin`](Self::cross_origin).
    pub fn top_origin(mut self, origin: &str) -> Self {
        self.top_origin = Some(origin.to_owned());
        self
    }

    /// A member for client data, after those of the standard; `json` is its value.
    pub fn client_data_member(mut self, name: &str, json: &str) -> Self {
        self.client_data_members.push((name.to_owned(), json.to_owned()));
        self
    }

    /// The RP IDs that may have an enterprise attestation.
    pub fn enterprise_rp_ids<S: Into<String>>(mut self, rp_ids: impl IntoIterator<Item = S>) -> Self {
        self.settings.enterprise_rp_ids = rp_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Which account to log in with where there are several: the user's name. Default: the newest.
    pub fn account(mut self, name: &str) -> Self {
        self.settings.account = Some(name.to_owned());
        self
    }

    /// `mediation: "conditional"`, or not, whatever stands beside the options.
    pub fn conditional(mut self, conditional: bool) -> Self {
        self.settings.conditional = Some(conditional);
        self
    }

    /// Refuses options that stray from the standard instead of mending them. Default: no.
    pub fn strict(mut self, strict: bool) -> Self {
        self.settings.strict = strict;
        self
    }

    /// The shape of replies. Default: the one that goes with the shape of the input.
    pub fn reply(mut self, preset: Preset) -> Self {
        self.settings.preset = Some(preset);
        self
    }

    /// A member that some reply shapes carry and the input may lack: `statusToken`, `AccessToken`, `label` …
    pub fn reply_member(mut self, name: &str, value: &str) -> Self {
        self.settings.reply_members.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Changes every ceremony at one stage, the client's or its authenticator's, after the edits that the
    /// authenticator has. A ceremony in which an edit has no effect fails. Default: none.
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// Makes every ceremony of this kind faulty; the authenticator is to be [prepared](Fault::prepare) for it.
    /// Default: no fault.
    pub fn fault(mut self, fault: &Fault) -> Self {
        self.edits.extend(fault.edits().iter().cloned());
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`Error::Input`] for an origin or a client data member that is none, [`Error::Random`] without randomness.
    pub fn build(self) -> Result<Client, Error> {
        let mut extra_client_data: Vec<(String, Json<'static>)> = Vec::new();
        for (name, text) in self.client_data_members {
            let standard =
                ["type", "challenge", "origin", "crossOrigin", "topOrigin"].contains(&name.as_str());
            if standard || extra_client_data.iter().any(|(known, _)| *known == name) {
                let found = "a name that is taken".to_owned();
                let (path, expected) = (format!("client data member {name:?}"), "another name".to_owned());
                return Err(InputError { path, found, expected }.into());
            }
            let value = json::parse(&text).map_err(|mut error| {
                error.path = format!("client data member {name:?}");
                error
            })?;
            extra_client_data.push((name, value.into_owned()));
        }
        let top_origin = match self.top_origin {
            Some(text) => Some(Origin::parse(&text)?.serialized("").into_owned()),
            None => None,
        };
        let mut authenticator = match self.authenticator {
            Some(authenticator) => authenticator,
            None => Authenticator::builder().build()?,
        };
        let mut edits = authenticator.edits_mut().split_off_client();
        let (own, others) = split(self.edits);
        edits.extend(own);
        authenticator.edits_mut().extend(others);
        authenticator.defer(!edits.is_empty());
        Ok(Client {
            origin: match self.origin {
                Some(text) => Origin::parse(&text)?,
                None => Origin::OfRpId,
            },
            authenticator,
            edits,
            top_origin,
            extra_client_data,
            settings: self.settings,
        })
    }
}

/// The edits that a client makes, and those of its authenticator.
pub(super) fn split(edits: impl IntoIterator<Item = Edit>) -> (Vec<Edit>, Vec<Edit>) {
    edits.into_iter().partition(|edit| matches!(edit, Edit::Client(_)))
}
