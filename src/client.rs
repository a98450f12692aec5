//! The client: what a browser does between a page and an authenticator.

mod authenticator;
mod builder;
mod capabilities;
mod create;
mod device;
mod devices;
mod error;
mod extensions;
mod get;
mod page;
mod platform;
mod preset;
mod remote;
mod reply;
mod request;
mod settings;

pub use authenticator::ClientAuthenticator;
pub use builder::ClientBuilder;
pub use device::{Abilities, Candidate, Choice, Device, DeviceError};
pub use devices::Devices;
pub use error::{DomException, Error, Refusal};
pub use page::{Fetch, Fetched, Origin};
pub use preset::Preset;
pub use remote::{Channel, RemoteDevice};
pub use reply::{Reply, Response};
pub use request::{Options, Request};

pub use crate::webauthn::NextStep;

use std::borrow::Cow;
use std::fmt::Display;

use crate::authenticator::Authenticator;
use crate::crypto::RandomSource;
use crate::draft::{Edit, Edits};
use crate::encoding::unicode::nfc;
use crate::fault::{Fault, FaultError};
use crate::webauthn::{
    AuthenticationResponse, Ceremony, CreationOptions, Extensions, Notice, RegistrationResponse,
    RequestOptions,
};
use builder::split;
use error::of_device;
use page::Page;
use preset::{Carried, Surroundings};
use settings::Settings;

/// The creation options in a server's answer, in any known shape.
///
/// # Errors
/// [`Error::Input`]: there are none, or they are malformed.
pub fn find_creation_options(body: &str) -> Result<CreationOptions, Error> {
    request::with_creation_options(body, |options, _| Ok(options.clone()))
}

/// The request options in a server's answer, in any known shape.
///
/// # Errors
/// [`Error::Input`]: there are none, or they are malformed.
pub fn find_request_options(body: &str) -> Result<RequestOptions, Error> {
    request::with_request_options(body, |options, _| Ok(options.clone()))
}

/// A browser with one device, at one page at a time.
///
/// [`register`](Self::register) and [`authenticate`](Self::authenticate) take what a server sent, in any known
/// shape, and give what it expects back. [`create`](Self::create) and [`get`](Self::get) are the same for typed
/// options, and [`answer`](Self::answer) for a [`Request`] of either ceremony.
///
/// The device is an [`Authenticator`] in the same process, or anything else that is a [`Device`].
#[derive(Debug)]
pub struct Client<D = Authenticator> {
    page: Page,
    device: D,
    settings: Settings,
    /// What the client draws from, once it does.
    random: Option<RandomSource>,
    /// Changes to the client's own part of every ceremony.
    edits: Edits,
    /// The faults that those edits, and its device's, are of.
    faults: Vec<Fault>,
}

impl Client {
    /// A client at `origin` (`https://…`, or `http://localhost`) with a platform authenticator in memory.
    ///
    /// # Errors
    /// [`Error::Input`] if `origin` is not an origin, [`Error::Random`] without randomness.
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

    /// The authenticator inside.
    pub fn authenticator(&mut self) -> &mut Authenticator {
        &mut self.device
    }

    /// Calls `act` with these edits in effect, beside those that the client and its authenticator have. They end with it.
    /// A ceremony in which an edit has no effect fails.
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
        let before = (self.edits.len(), self.device.edits_mut().len());
        self.edits.extend(own);
        self.device.edits_mut().extend(others);
        self.device.defer(!self.edits.is_empty());
        let outcome = act(self);
        self.edits.truncate(before.0);
        self.device.edits_mut().truncate(before.1);
        self.device.defer(!self.edits.is_empty());
        outcome
    }

    /// Calls `act` with this fault, and not beyond.
    ///
    /// # Errors
    /// [`Error::Fault`]: the authenticator is not what the fault [needs](Fault::patch).
    pub fn faulty<T>(&mut self, fault: &Fault, act: impl FnOnce(&mut Self) -> T) -> Result<T, Error> {
        fault.fits(self.device.model())?;
        self.faults.push(*fault);
        let outcome = self.edited(fault.edits().iter().cloned(), act);
        self.faults.pop();
        Ok(outcome)
    }

    /// Calls `act` without any of the edits and faults that the client and its authenticator have: for the sound ceremony
    /// beside a changed one. The authenticator's model stays as a fault needs it.
    pub fn unedited<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let own = std::mem::take(&mut self.edits);
        let others = std::mem::take(self.device.edits_mut());
        let faults = std::mem::take(&mut self.faults);
        self.device.defer(false);
        let outcome = act(self);
        self.edits = own;
        self.faults = faults;
        *self.device.edits_mut() = others;
        self.device.defer(!self.edits.is_empty());
        outcome
    }
}

impl<D: Device> Client<D> {
    /// The device inside.
    pub fn device(&mut self) -> &mut D {
        &mut self.device
    }

    /// What PIN the user knows from now on, in whatever form of Unicode.
    pub fn set_pin(&mut self, pin: Option<&str>) {
        self.settings.pin = pin.map(nfc);
    }

    /// Goes to a page at another origin. The device and its credentials stay, and so do all settings of the client but
    /// those about frames: the new page stands at the top.
    ///
    /// # Errors
    /// [`Error::Input`] if `origin` is not an origin. Then the page stays.
    pub fn navigate(&mut self, origin: &str) -> Result<(), Error> {
        Ok(self.page.navigate(origin, None)?)
    }

    /// Goes to a page in a frame of a page at `top_origin`, which [may be](ClientBuilder::cross_origin) of the same
    /// origin.
    ///
    /// # Errors
    /// [`Error::Input`] if one of them is not an origin. Then the page stays.
    pub fn navigate_frame(&mut self, origin: &str, top_origin: &str) -> Result<(), Error> {
        Ok(self.page.navigate(origin, Some(top_origin))?)
    }

    /// The origin of the page; `None` if each ceremony's is `https://` and its RP ID.
    pub fn origin(&self) -> Option<&Origin> {
        self.page.origin.as_ref()
    }

    /// Registers a credential: the body of a server's answer in, the body of the client's next request out.
    ///
    /// # Errors
    /// [`Error`]. Nothing is stored then.
    pub fn register(&mut self, body: &str) -> Result<Reply<RegistrationResponse>, Error> {
        request::with_creation_options(body, |options, place| {
            let context = Context {
                path: place,
                around: place,
                conditional: &|| request::is_conditional(place),
                preset: &|| Preset::recognise(place),
            };
            self.register_in(options, &context, place.carried.take())
        })
    }

    /// Logs in: the body of a server's answer in, the body of the client's next request out.
    ///
    /// # Errors
    /// [`Error`]. No counter moves then.
    pub fn authenticate(&mut self, body: &str) -> Result<Reply<AuthenticationResponse>, Error> {
        request::with_request_options(body, |options, place| {
            let context = Context {
                path: place,
                around: place,
                conditional: &|| request::is_conditional(place),
                preset: &|| Preset::recognise(place),
            };
            self.authenticate_in(options, &context, place.carried.take())
        })
    }

    /// Answers a request of either ceremony, as [`register`](Self::register) and
    /// [`authenticate`](Self::authenticate) answer a body.
    ///
    /// # Errors
    /// [`Error`]. Nothing is stored and no counter moves then.
    pub fn answer(&mut self, request: Request) -> Result<Reply<Response>, Error> {
        let (options, around, notices) = request.into_parts();
        let context = Context {
            path: &around.path,
            around: &around,
            conditional: &|| around.conditional,
            preset: &|| around.preset,
        };
        match options {
            Options::Creation(mut options) => {
                Ok(self.register_in(&mut options, &context, notices)?.map(Response::Registration))
            }
            Options::Request(options) => {
                Ok(self.authenticate_in(&options, &context, notices)?.map(Response::Authentication))
            }
        }
    }

    /// `navigator.credentials.create()` (WebAuthn L3 §5.1.3).
    ///
    /// # Errors
    /// [`Error`]. Nothing is stored then.
    pub fn create(&mut self, options: &CreationOptions) -> Result<RegistrationResponse, Error> {
        let rp_id =
            self.rp_id_for(&options.extensions, options.rp.id.as_deref(), &"$.rp.id", &mut Vec::new())?;
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
        let rp_id =
            self.rp_id_for(&options.extensions, options.rp_id.as_deref(), &"$.rpId", &mut Vec::new())?;
        let response = self.get_for(options, &rp_id, self.settings.conditional.unwrap_or(false))?;
        self.seal()?;
        Ok(response)
    }

    /// `navigator.credentials.get()` with `mediation: "conditional"`: waits until a discoverable credential will do.
    /// Between two looks, `waits` is called with the device; when it says no, the page gives up.
    ///
    /// # Errors
    /// [`Refusal::Aborted`] if the page gave up; other [`Error`]s as [`get`](Self::get). No counter moves then.
    pub fn get_conditionally(
        &mut self,
        options: &RequestOptions,
        mut waits: impl FnMut(&mut D) -> bool,
    ) -> Result<AuthenticationResponse, Error> {
        let rp_id = self
            .rp_id_for(&options.extensions, options.rp_id.as_deref(), &"$.rpId", &mut Vec::new())?
            .into_owned();
        loop {
            match self.get_for(options, &rp_id, true) {
                Err(Error::Refused(Refusal::NoCredentials { .. })) => {}
                Err(error) => return Err(error),
                Ok(response) => {
                    self.seal()?;
                    return Ok(response);
                }
            }
            if !waits(&mut self.device) {
                return Err(Refusal::Aborted.into());
            }
        }
    }

    fn register_in(
        &mut self,
        options: &mut CreationOptions,
        context: &Context<'_>,
        mut notices: Vec<Notice>,
    ) -> Result<Reply<RegistrationResponse>, Error> {
        let user = std::mem::take(&mut options.user);
        let path = context.path;
        let rp_id = self.rp_id_for(
            &options.extensions,
            options.rp.id.as_deref(),
            &format_args!("{path}.rp.id"),
            &mut notices,
        )?;
        let conditional = self.settings.conditional.unwrap_or_else(context.conditional);
        let response = self.create_for(options, Cow::Owned(user), &rp_id, path, conditional)?;
        let preset = self.settings.preset.unwrap_or_else(context.preset);
        let mut carried = Carried::new(&self.settings.reply_members, context.around);
        let body = match self.edits.touch_reply() {
            false => preset.registration(&response, &mut carried),
            true => preset.edited_registration(&response, &mut carried, |json| self.edits.reply(json)),
        };
        let missing = carried.missing;
        self.seal()?;
        Ok(Reply { response, preset, body, notices, missing })
    }

    fn authenticate_in(
        &mut self,
        options: &RequestOptions,
        context: &Context<'_>,
        mut notices: Vec<Notice>,
    ) -> Result<Reply<AuthenticationResponse>, Error> {
        let path = context.path;
        let rp_id = self.rp_id_for(
            &options.extensions,
            options.rp_id.as_deref(),
            &format_args!("{path}.rpId"),
            &mut notices,
        )?;
        let conditional = self.settings.conditional.unwrap_or_else(context.conditional);
        let response = self.get_for(options, &rp_id, conditional)?;
        let preset = self.settings.preset.unwrap_or_else(context.preset);
        let mut carried = Carried::new(&self.settings.reply_members, context.around);
        let body = match self.edits.touch_reply() {
            false => preset.authentication(&response, &mut carried),
            true => preset.edited_authentication(&response, &mut carried, |json| self.edits.reply(json)),
        };
        let missing = carried.missing;
        self.seal()?;
        Ok(Reply { response, preset, body, notices, missing })
    }

    /// A ceremony begins: it is one of every fault's, and no edit has had an effect.
    fn begin(&self, ceremony: Ceremony) -> Result<(), FaultError> {
        self.edits.begin();
        match self.faults.iter().find(|fault| fault.step(ceremony).is_none()) {
            None => Ok(()),
            Some(fault) => Err(FaultError::Ceremony { fault: fault.id(), ceremony }),
        }
    }

    /// The ceremony is over: every edit has had its effect, and the device keeps what it made.
    fn seal(&mut self) -> Result<(), Error> {
        if self.edits.is_empty() {
            return Ok(());
        }
        self.edits.all_effective()?;
        self.device.seal().map_err(|error| of_device(error, None))
    }

    /// The RP ID in effect for options with these extensions: one that the page's own client data name is not checked
    /// (WebAuthn L3 §10.1.6).
    fn rp_id_for<'o>(
        &self,
        extensions: &Extensions,
        asked: Option<&'o str>,
        path: &dyn Display,
        notices: &mut Vec<Notice>,
    ) -> Result<Cow<'o, str>, Error> {
        match asked {
            Some(asked)
                if self.settings.remote_client_data && extensions.remote_client_data_json.is_some() =>
            {
                Ok(Cow::Borrowed(asked))
            }
            asked => self.rp_id(asked, path, notices),
        }
    }

    /// The RP ID in effect, unless the page may not use it, or strict mode refuses what was mended before.
    fn rp_id<'o>(
        &self,
        asked: Option<&'o str>,
        path: &dyn Display,
        notices: &mut Vec<Notice>,
    ) -> Result<Cow<'o, str>, Error> {
        let rp_id = self.page.rp_id(asked, path, notices)?;
        match self.settings.strict && !notices.is_empty() {
            true => Err(Error::NotStrict(notices.clone())),
            false => Ok(rp_id),
        }
    }
}

/// Where options were found. The closures compute what a client with settings of its own does not need.
struct Context<'a> {
    path: &'a dyn Display,
    around: &'a dyn Surroundings,
    conditional: &'a dyn Fn() -> bool,
    preset: &'a dyn Fn() -> Preset,
}
