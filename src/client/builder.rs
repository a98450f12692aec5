use super::Client;
use super::authenticator::ClientAuthenticator;
use super::device::Device;
use super::error::Error;
use super::page::{Fetched, Origin, Page, RelatedOrigins};
use super::preset::Preset;
use super::settings::Settings;
use crate::draft::{Edit, Edits};
use crate::encoding::json::{self, Json};
use crate::encoding::unicode::nfc;
use crate::fault::{Fault, FaultError};
use crate::webauthn::InputError;

/// Sets up a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    origin: Option<String>,
    authenticator: ClientAuthenticator,
    top_origin: Option<String>,
    cross_origin: bool,
    related_origins: RelatedOrigins,
    any_rp_id: bool,
    client_data_members: Vec<(String, String)>,
    edits: Vec<Edit>,
    faults: Vec<Fault>,
    settings: Settings,
}

impl ClientBuilder {
    pub(super) fn new(origin: Option<&str>) -> Self {
        Self {
            origin: origin.map(str::to_owned),
            authenticator: ClientAuthenticator::default(),
            top_origin: None,
            cross_origin: false,
            related_origins: RelatedOrigins::Known(Vec::new()),
            any_rp_id: false,
            client_data_members: Vec::new(),
            edits: Vec::new(),
            faults: Vec::new(),
            settings: Settings::default(),
        }
    }

    /// The authenticator to use: one that is built, its builder, or its [model](crate::authenticator::Model). Default: a
    /// platform authenticator in memory.
    pub fn authenticator(mut self, authenticator: impl Into<ClientAuthenticator>) -> Self {
        self.authenticator = authenticator.into();
        self
    }

    /// The origins at `https://RP-ID/.well-known/webauthn` that may use the RP ID (WebAuthn L3 §5.11).
    pub fn related_origins<S: Into<String>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.related_origins = RelatedOrigins::Known(origins.into_iter().map(Into::into).collect());
        self
    }

    /// What fetches `https://RP-ID/.well-known/webauthn` where a page asks for an RP ID that its origin does not give
    /// (WebAuthn L3 §5.11.1). Default: nothing is fetched.
    pub fn fetch_related_origins(mut self, fetch: impl Fn(&str) -> Option<Fetched> + Send + 'static) -> Self {
        self.related_origins = RelatedOrigins::Fetched(Box::new(fetch));
        self
    }

    /// Lets pages give client data of their own (`remoteClientDataJSON`, WebAuthn L3 §10.1.6), as a browser that controls
    /// another one does. Default: no.
    pub fn remote_client_data(mut self, permitted: bool) -> Self {
        self.settings.remote_client_data = permitted;
        self
    }

    /// Uses whatever RP ID the options name, as no browser does (WebAuthn L3 §5.1.3 step 8): for tests of relying
    /// parties. Default: no.
    pub fn any_rp_id(mut self, any: bool) -> Self {
        self.any_rp_id = any;
        self
    }

    /// The page is in a frame that is not same-origin with its ancestors. Default: no.
    pub fn cross_origin(mut self, cross_origin: bool) -> Self {
        self.cross_origin = cross_origin;
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

    /// The PIN that the user knows, in whatever form of Unicode. A device that has none yet and is to verify its user is given
    /// this one. Default: none, so that only the device itself can verify the user.
    pub fn pin(mut self, pin: &str) -> Self {
        self.settings.pin = Some(nfc(pin));
        self
    }

    /// Whether a device that has no PIN yet is given the user's where it is to verify its user. Default: yes, as a stunt
    /// double is there for this test alone; a person's key is another matter.
    pub fn sets_pin(mut self, sets_pin: bool) -> Self {
        self.settings.leaves_pin_unset = !sets_pin;
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

    /// Makes the fault in every ceremony: changes the authenticator's model as the fault needs it, and gives it the
    /// fault's edits. An authenticator that is built already has to be such a model; and a ceremony that is none of the
    /// fault's is refused. Default: no fault.
    pub fn fault(mut self, fault: &Fault) -> Self {
        self.faults.push(*fault);
        self
    }

    /// Builds the client of an authenticator in this process.
    ///
    /// # Errors
    /// [`Error::Input`] for text that is not an origin, for a client data member whose name is taken or whose value is
    /// not JSON, and for a model that this build cannot have; [`Error::Fault`] for a fault that the authenticator stands
    /// in the way of; [`Error::Random`] without randomness.
    pub fn build(mut self) -> Result<Client, Error> {
        let mut authenticator = std::mem::take(&mut self.authenticator).build(&self.faults)?;
        let of_faults = self.faults.iter().flat_map(|fault| fault.edits().iter().cloned());
        let mut edits = authenticator.edits_mut().split_off_client();
        let (own, others) = split(std::mem::take(&mut self.edits).into_iter().chain(of_faults));
        edits.extend(own);
        authenticator.edits_mut().extend(others);
        authenticator.defer(!edits.is_empty());
        self.client(authenticator, edits)
    }

    /// Builds the client of another device. Its edits can only be the client's own.
    ///
    /// # Errors
    /// As [`build`](Self::build), and [`Error::Input`] for an edit that the device would have to make, [`Error::Fault`] for
    /// a fault that needs another device.
    pub fn build_with<D: Device>(mut self, mut device: D) -> Result<Client<D>, Error> {
        if let Some(fault) = self.faults.iter().find(|fault| !fault.patch().is_empty()) {
            return Err(FaultError::Device { fault: fault.id() }.into());
        }
        let of_faults = self.faults.iter().flat_map(|fault| fault.edits().iter().cloned());
        let (own, others) = split(std::mem::take(&mut self.edits).into_iter().chain(of_faults));
        if let Some(edit) = others.first() {
            let expected = "an edit that the client makes: another device is not edited";
            return Err(InputError::new("edit", edit.stage(), expected).into());
        }
        let mut edits = Edits::default();
        edits.extend(own);
        device.defer(!edits.is_empty());
        self.client(device, edits)
    }

    fn client<D>(self, device: D, edits: Edits) -> Result<Client<D>, Error> {
        let mut client_data_members: Vec<(String, Json<'static>)> = Vec::new();
        for (name, text) in self.client_data_members {
            let path = format!("client data member {name:?}");
            let standard =
                ["type", "challenge", "origin", "crossOrigin", "topOrigin"].contains(&name.as_str());
            if standard || client_data_members.iter().any(|(known, _)| *known == name) {
                return Err(InputError::new(path, "a name that is taken", "another name").into());
            }
            let value =
                json::parse(&text).map_err(|error| InputError::new(path, error.found, error.expected))?;
            client_data_members.push((name, value.into_owned()));
        }
        let origin = |text: Option<String>| text.map(|text| text.parse::<Origin>()).transpose();
        Ok(Client {
            page: Page {
                origin: origin(self.origin)?,
                top_origin: origin(self.top_origin)?,
                cross_origin: self.cross_origin,
                related_origins: self.related_origins,
                any_rp_id: self.any_rp_id,
                client_data_members,
            },
            device,
            settings: self.settings,
            random: None,
            edits,
            faults: self.faults,
        })
    }
}

/// The edits that a client makes, and those of its authenticator.
pub(super) fn split(edits: impl IntoIterator<Item = Edit>) -> (Vec<Edit>, Vec<Edit>) {
    edits.into_iter().partition(|edit| matches!(edit, Edit::Client(_)))
}
