//! The client: what a browser does between a page and an authenticator.

mod builder;
mod create;
mod error;
mod get;
mod origin;
mod reply;
mod rp_id;
mod wire;

pub use builder::ClientBuilder;
pub use error::{DomException, Error, Refusal};
pub use reply::Reply;
pub use wire::Preset;

use crate::attestation::Edit;
use crate::authenticator::Authenticator;
use crate::encoding::json::Json;
use crate::webauthn::{
    AuthenticationResponse, Ceremony, ClientData, CreationOptions, Notice, RegistrationResponse,
    RequestOptions,
};
use builder::Settings;
use origin::Origin;
use wire::{Body, Carried, Found};

/// The creation options in a server's answer, in any known shape.
///
/// # Errors
/// [`Error::Input`]: there are none, or they are malformed.
pub fn find_creation_options(body: &str) -> Result<CreationOptions, Error> {
    wire::find_creation_options(body).map(|found| found.options)
}

/// The request options in a server's answer, in any known shape.
///
/// # Errors
/// [`Error::Input`]: there are none, or they are malformed.
pub fn find_request_options(body: &str) -> Result<RequestOptions, Error> {
    wire::find_request_options(body).map(|found| found.options)
}

/// A browser at one origin, with one authenticator.
///
/// [`register`](Self::register) and [`authenticate`](Self::authenticate) take what a server sent, in any known
/// shape, and give what it expects back. [`create`](Self::create) and [`get`](Self::get) are the same for typed
/// options.
#[derive(Debug)]
pub struct Client {
    origin: Origin,
    authenticator: Authenticator,
    top_origin: Option<String>,
    extra_client_data: Vec<(String, Json<'static>)>,
    settings: Settings,
}

impl Client {
    /// A client at `origin` (`https://…`, or `http://localhost`) with a platform authenticator in memory.
    ///
    /// # Errors
    /// [`Error::Input`] if `origin` is none, [`Error::Random`] without randomness.
    pub fn new(origin: &str) -> Result<Self, Error> {
        Self::builder(origin).build()
    }

    /// Sets up a client at `origin`.
    pub fn builder(origin: &str) -> ClientBuilder {
        ClientBuilder::new(Some(origin))
    }

    /// Sets up a client whose origin is `https://` and the RP ID that each body names.
    pub fn builder_without_origin() -> ClientBuilder {
        ClientBuilder::new(None)
    }

    /// Registers a credential: the body of a server's answer in, the body of the client's next request out.
    ///
    /// # Errors
    /// [`Error`]. Nothing is stored then.
    pub fn register(&mut self, body: &str) -> Result<Reply<RegistrationResponse>, Error> {
        let Found { options, place, mut notices } = wire::find_creation_options(body)?;
        let path = place.path.as_str();
        let rp_path = format!("{path}.rp.id");
        let asked = options.rp.id.as_deref();
        let rp_id = self.rp_id(asked, &rp_path, &mut notices)?;
        let conditional = self.settings.conditional.unwrap_or(place.conditional);
        let response = self.create_for(&options, rp_id, path, conditional)?;
        let preset = self.settings.preset.unwrap_or(place.preset);
        let mut carried = Carried::new(&self.settings.reply_members, &place.members);
        let body = self.edited(preset.registration(&response, &mut carried));
        Ok(Reply { response, preset, body, notices, missing: carried.missing })
    }

    /// Logs in: the body of a server's answer in, the body of the client's next request out.
    ///
    /// # Errors
    /// [`Error`]. No counter moves then.
    pub fn authenticate(&mut self, body: &str) -> Result<Reply<AuthenticationResponse>, Error> {
        let Found { options, place, mut notices } = wire::find_request_options(body)?;
        let rp_path = format!("{}.rpId", place.path);
        let asked = options.rp_id.as_deref();
        let rp_id = self.rp_id(asked, &rp_path, &mut notices)?;
        let conditional = self.settings.conditional.unwrap_or(place.conditional);
        let response = self.get_for(&options, rp_id, conditional)?;
        let preset = self.settings.preset.unwrap_or(place.preset);
        let mut carried = Carried::new(&self.settings.reply_members, &place.members);
        let body = self.edited(preset.authentication(&response, &mut carried));
        Ok(Reply { response, preset, body, notices, missing: carried.missing })
    }

    /// `navigator.credentials.create()` (WebAuthn L3 §5.1.3).
    ///
    /// # Errors
    /// [`Error`]. Nothing is stored then.
    pub fn create(&mut self, options: &CreationOptions) -> Result<RegistrationResponse, Error> {
        let mut notices = Vec::new();
        let asked = options.rp.id.as_deref();
        let rp_id = self.rp_id(asked, "$.rp.id", &mut notices)?;
        self.create_for(options, rp_id, "$", self.settings.conditional.unwrap_or(false))
    }

    /// `navigator.credentials.get()` (WebAuthn L3 §5.1.4).
    ///
    /// # Errors
    /// [`Error`]. No counter moves then.
    pub fn get(&mut self, options: &RequestOptions) -> Result<AuthenticationResponse, Error> {
        let mut notices = Vec::new();
        let asked = options.rp_id.as_deref();
        let rp_id = self.rp_id(asked, "$.rpId", &mut notices)?;
        self.get_for(options, rp_id, self.settings.conditional.unwrap_or(false))
    }

    /// The authenticator inside.
    pub fn authenticator(&mut self) -> &mut Authenticator {
        &mut self.authenticator
    }

    /// Takes these edits in the place of those that it and its authenticator have: for a login after a registration
    /// of another kind.
    pub fn set_edits(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.authenticator.set_edits(edits);
    }

    /// The RP ID in effect, if neither it nor what was mended before is refused.
    fn rp_id(&self, asked: Option<&str>, path: &str, notices: &mut Vec<Notice>) -> Result<String, Error> {
        let rp_id = match (self.settings.any_rp_id, asked) {
            (true, Some(asked)) => asked.to_owned(),
            _ => rp_id::effective(&self.origin, asked, &self.settings.related_origins, path, notices)?,
        };
        self.check_strict(notices)?;
        Ok(rp_id)
    }

    /// Client data for a ceremony, through its stages: members, bytes.
    fn client_data(&self, ceremony: Ceremony, challenge: &[u8], rp_id: &str) -> Vec<u8> {
        let edits = self.authenticator.edits();
        let mut members = ClientData {
            ceremony,
            challenge: challenge.to_vec(),
            origin: self.origin.serialized(rp_id),
            cross_origin: self.settings.cross_origin || self.top_origin.is_some(),
            top_origin: self.top_origin.clone(),
            extra: self.extra_client_data.clone(),
        };
        edits.client_data(&mut members);
        let mut json = members.to_json().into_bytes();
        edits.client_data_json(&mut json);
        json
    }

    /// The last stage: the reply's JSON.
    fn edited(&self, mut body: Body) -> Body {
        if let Body::Json(json) = &mut body {
            self.authenticator.edits().reply(json);
        }
        body
    }

    fn check_strict(&self, notices: &[Notice]) -> Result<(), Error> {
        match self.settings.strict && !notices.is_empty() {
            true => Err(Error::NotStrict(notices.to_vec())),
            false => Ok(()),
        }
    }
}
