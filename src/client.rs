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

use std::borrow::Cow;
use std::fmt::Display;

use crate::authenticator::Authenticator;
use crate::draft::{Edit, Edits};
use crate::encoding::json::{Document, Json};
use crate::webauthn::{
    AuthenticationResponse, Ceremony, ClientData, CreationOptions, Notice, RegistrationResponse,
    RequestOptions, client_data_json,
};
use builder::{Settings, split};
use error::from_authenticator;
use origin::Origin;
use wire::{Body, Carried, Found};

/// The creation options in a server's answer, in any known shape.
///
/// # Errors
/// [`Error::Input`]: there are none, or they are malformed.
pub fn find_creation_options(body: &str) -> Result<CreationOptions, Error> {
    wire::with_creation_options(body, |found| Ok(found.options.clone()))
}

/// The request options in a server's answer, in any known shape.
///
/// # Errors
/// [`Error::Input`]: there are none, or they are malformed.
pub fn find_request_options(body: &str) -> Result<RequestOptions, Error> {
    wire::with_request_options(body, |found| Ok(found.options.clone()))
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
    /// Changes to its own part of every ceremony.
    edits: Edits,
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
        wire::with_creation_options(body, |Found { options, place, mut notices }| {
            let user = std::mem::take(&mut options.user);
            let rp_id = self.rp_id(options.rp.id.as_deref(), &format_args!("{place}.rp.id"), &mut notices)?;
            let conditional = self.settings.conditional.unwrap_or_else(|| place.is_conditional());
            let response = self.create_for(options, Cow::Owned(user), &rp_id, place, conditional)?;
            let preset = self.settings.preset.unwrap_or_else(|| place.preset());
            let mut carried = Carried::new(&self.settings.reply_members, place);
            let body = self.edited_reply(preset.registration(&response, &mut carried));
            let missing = carried.missing;
            self.seal()?;
            Ok(Reply { response, preset, body, notices, missing })
        })
    }

    /// Logs in: the body of a server's answer in, the body of the client's next request out.
    ///
    /// # Errors
    /// [`Error`]. No counter moves then.
    pub fn authenticate(&mut self, body: &str) -> Result<Reply<AuthenticationResponse>, Error> {
        wire::with_request_options(body, |Found { options, place, mut notices }| {
            let rp_id = self.rp_id(options.rp_id.as_deref(), &format_args!("{place}.rpId"), &mut notices)?;
            let conditional = self.settings.conditional.unwrap_or_else(|| place.is_conditional());
            let response = self.get_for(options, &rp_id, conditional)?;
            let preset = self.settings.preset.unwrap_or_else(|| place.preset());
            let mut carried = Carried::new(&self.settings.reply_members, place);
            let body = self.edited_reply(preset.authentication(&response, &mut carried));
            let missing = carried.missing;
            self.seal()?;
            Ok(Reply { response, preset, body, notices, missing })
        })
    }

    /// `navigator.credentials.create()` (WebAuthn L3 §5.1.3).
    ///
    /// # Errors
    /// [`Error`]. Nothing is stored then.
    pub fn create(&mut self, options: &CreationOptions) -> Result<RegistrationResponse, Error> {
        let rp_id = self.rp_id(options.rp.id.as_deref(), &"$.rp.id", &mut Vec::new())?;
        let conditional = self.settings.conditional.unwrap_or(false);
        let response = self.create_for(options, Cow::Borrowed(&options.user), &rp_id, &"$", conditional)?;
        self.seal()?;
        Ok(response)
    }

    /// `navigator.credentials.get()` (WebAuthn L3 §5.1.4).
    ///
    /// # Errors
    /// [`Error`]. No counter moves then.
    pub fn get(&mut self, options: &RequestOptions) -> Result<AuthenticationResponse, Error> {
        let rp_id = self.rp_id(options.rp_id.as_deref(), &"$.rpId", &mut Vec::new())?;
        let response = self.get_for(options, &rp_id, self.settings.conditional.unwrap_or(false))?;
        self.seal()?;
        Ok(response)
    }

    /// The authenticator inside.
    pub fn authenticator(&mut self) -> &mut Authenticator {
        &mut self.authenticator
    }

    /// Does something with these edits beside those that it and its authenticator have, and not beyond. A ceremony in
    /// which one of them has no effect fails.
    ///
    /// ```
    /// use stuntkey::draft::Edit;
    ///
    /// # let body = include_str!("../examples/nevis-enroll-response.json");
    /// let mut client = stuntkey::Client::new("https://login.example.com")?;
    /// let edit = Edit::client_data(|data| data.origin = "https://evil.example".into());
    /// let wrong = client.edited([edit], |client| client.register(body))?;
    /// let sound = client.register(body)?;
    /// # assert_ne!(wrong.response().client_data_json, sound.response().client_data_json);
    /// # Ok::<(), stuntkey::Error>(())
    /// ```
    pub fn edited<T>(
        &mut self,
        edits: impl IntoIterator<Item = Edit>,
        act: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let (own, others) = split(edits);
        let before = (self.edits.len(), self.authenticator.edits_mut().len());
        self.edits.extend(own);
        self.authenticator.edits_mut().extend(others);
        self.authenticator.defer(!self.edits.is_empty());
        let outcome = act(self);
        self.edits.truncate(before.0);
        self.authenticator.edits_mut().truncate(before.1);
        self.authenticator.defer(!self.edits.is_empty());
        outcome
    }

    /// Does something without any of the edits that it and its authenticator have: the sound ceremony beside the changed
    /// one.
    pub fn unedited<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let own = std::mem::take(&mut self.edits);
        let others = std::mem::take(self.authenticator.edits_mut());
        self.authenticator.defer(false);
        let outcome = act(self);
        self.edits = own;
        *self.authenticator.edits_mut() = others;
        self.authenticator.defer(!self.edits.is_empty());
        outcome
    }

    /// The ceremony is over: every edit has had its effect, and what it leaves behind is stored, if it is not yet.
    fn seal(&mut self) -> Result<(), Error> {
        if self.edits.is_empty() {
            return Ok(());
        }
        self.edits.all_effective()?;
        self.authenticator.seal().map_err(|error| from_authenticator(error, None))
    }

    /// The RP ID in effect, if neither it nor what was mended before is refused. `path` is where it stands.
    fn rp_id<'o>(
        &self,
        asked: Option<&'o str>,
        path: &dyn Display,
        notices: &mut Vec<Notice>,
    ) -> Result<Cow<'o, str>, Error> {
        let rp_id = match (self.settings.any_rp_id, asked) {
            (true, Some(asked)) => Cow::Borrowed(asked),
            _ => rp_id::effective(&self.origin, asked, &self.settings.related_origins, path, notices)?,
        };
        self.check_strict(notices)?;
        Ok(rp_id)
    }

    /// Client data for a ceremony, through its stages: members, bytes.
    fn client_data(&self, ceremony: Ceremony, challenge: &[u8], rp_id: &str) -> Vec<u8> {
        let edits = &self.edits;
        let origin = self.origin.serialized(rp_id);
        let cross_origin = self.settings.cross_origin || self.top_origin.is_some();
        let top_origin = self.top_origin.as_deref();
        if !edits.touch_client_data() {
            let extra = &self.extra_client_data;
            return client_data_json(ceremony, challenge, &origin, cross_origin, top_origin, extra);
        }
        let mut members = ClientData {
            ceremony,
            challenge: challenge.to_vec(),
            origin: origin.into_owned(),
            cross_origin,
            top_origin: top_origin.map(str::to_owned),
            extra: self.extra_client_data.clone(),
        };
        edits.client_data(&mut members);
        let mut json = members.to_json().into_bytes();
        edits.client_data_json(&mut json);
        json
    }

    /// The last stage: the reply's JSON.
    fn edited_reply(&self, body: Body) -> Body {
        let edits = &self.edits;
        match body {
            Body::Json(text) if edits.touch_reply() => {
                let mut json =
                    Document::written_here(&text).expect("a reply is written as JSON").to_json().into_owned();
                edits.reply(&mut json);
                Body::Json(json.to_string())
            }
            body => body,
        }
    }

    fn check_strict(&self, notices: &[Notice]) -> Result<(), Error> {
        match self.settings.strict && !notices.is_empty() {
            true => Err(Error::NotStrict(notices.to_vec())),
            false => Ok(()),
        }
    }
}
