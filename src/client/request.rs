//! Requests: options, found wherever they stand in a server's body.

mod find;

use std::cell::RefCell;

use super::error::Error;
use super::preset::{self, Preset, Surroundings};
use crate::encoding::json::{Document, Json};
use crate::webauthn::{
    Ceremony, CreationOptions, InputError, JsonForm, Leniency, Node, Notice, RequestOptions,
};

/// What a page asks of its browser: options, and what a reply to them needs of the body in which they were found.
///
/// ```
/// use stuntkey::client::{Client, Request};
///
/// let body = r#"{"publicKey":{"challenge":"GVeXqotfQOWSaaWZuWj94Q","rp":{"name":"Example"},
///     "user":{"id":"AQ","name":"alice","displayName":"Alice"},
///     "pubKeyCredParams":[{"type":"public-key","alg":-7}]}}"#;
/// let request = Request::find(body)?;
/// assert_eq!((request.path(), request.preset().name()), ("$.publicKey", "l3"));
/// let reply = Client::new("https://example.org")?.answer(request)?;
/// assert!(reply.to_string().contains("attestationObject"));
/// # Ok::<(), stuntkey::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub(super) options: Options,
    pub(super) around: Around,
    notices: Vec<Notice>,
}

/// Options of either ceremony.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Options {
    /// `navigator.credentials.create()`.
    Creation(CreationOptions),
    /// `navigator.credentials.get()`.
    Request(RequestOptions),
}

impl Request {
    /// The first options in a server's answer, in any known shape.
    ///
    /// # Errors
    /// [`Error::Input`]: there are none, or they are malformed.
    pub fn find(body: &str) -> Result<Self, Error> {
        with_options(body, None, |place, options, ceremony| {
            let options = match ceremony {
                Ceremony::Create => Options::Creation(CreationOptions::read(options)?),
                Ceremony::Get => Options::Request(RequestOptions::read(options)?),
            };
            Ok(Self { options, around: Around::of(place), notices: place.carried.take() })
        })
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The ceremony that the options are for.
    #[must_use]
    pub fn ceremony(&self) -> Ceremony {
        match self.options {
            Options::Creation(_) => Ceremony::Create,
            Options::Request(_) => Ceremony::Get,
        }
    }

    /// What was mended or ignored in the options.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Where in the body the options stand: a JSON path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.around.path
    }

    /// The shape of the body. The reply has the same, unless the client is set up for another.
    #[must_use]
    pub fn preset(&self) -> Preset {
        self.around.preset
    }

    /// Whether `mediation: "conditional"` stands beside the options.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.around.conditional
    }

    /// The same request, with `mediation: "conditional"` or without.
    #[must_use]
    pub fn conditional(mut self, conditional: bool) -> Self {
        self.around.conditional = conditional;
        self
    }

    /// Takes the request apart: options, surroundings, notices.
    pub(super) fn into_parts(self) -> (Options, Around, Vec<Notice>) {
        (self.options, self.around, self.notices)
    }
}

/// A request for a new credential, in the standard's shape.
impl From<CreationOptions> for Request {
    fn from(options: CreationOptions) -> Self {
        Self { options: Options::Creation(options), around: Around::nothing(), notices: Vec::new() }
    }
}

/// A request to log in, in the standard's shape.
impl From<RequestOptions> for Request {
    fn from(options: RequestOptions) -> Self {
        Self { options: Options::Request(options), around: Around::nothing(), notices: Vec::new() }
    }
}

/// What surrounded the options, as far as replies need it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Around {
    pub(super) path: String,
    pub(super) preset: Preset,
    pub(super) conditional: bool,
    /// Scalar members of the options and of the objects around them, innermost first.
    members: Vec<(String, Json<'static>)>,
}

impl Around {
    fn of(place: &Node<'_>) -> Self {
        let members = place.outwards().flat_map(|node| node.value.members());
        let scalars = members.filter(|(_, value)| value.is_scalar());
        Self {
            path: place.path(),
            preset: Preset::recognise(place),
            conditional: is_conditional(place),
            members: scalars.map(|(name, value)| (name.into_owned(), value.to_json().into_owned())).collect(),
        }
    }

    fn nothing() -> Self {
        Self { path: "$".into(), preset: Preset::standard(), conditional: false, members: Vec::new() }
    }
}

impl Surroundings for Around {
    fn scalar(&self, name: &str) -> Option<Json<'_>> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// The surroundings while the body is there.
impl Surroundings for Node<'_> {
    fn scalar(&self, name: &str) -> Option<Json<'_>> {
        let found =
            self.outwards().find_map(|node| node.value.member(name).filter(|value| value.is_scalar()));
        found.map(|value| value.to_json())
    }
}

/// Whether `mediation: "conditional"` stands in the options or around them.
pub(super) fn is_conditional(place: &Node<'_>) -> bool {
    let mut mediations = place.outwards().filter_map(|node| node.value.member("mediation"));
    mediations.any(|mediation| mediation.is("conditional"))
}

/// Finds creation options and hands them to `then` with their place, while the body that they borrow from is there.
pub(super) fn with_creation_options<R>(
    body: &str,
    then: impl FnOnce(&mut CreationOptions, &Node<'_>) -> Result<R, Error>,
) -> Result<R, Error> {
    with_options(body, Some(Ceremony::Create), |place, options, _| {
        then(&mut CreationOptions::read(options)?, place)
    })
}

/// As [`with_creation_options`], for request options.
pub(super) fn with_request_options<R>(
    body: &str,
    then: impl FnOnce(&mut RequestOptions, &Node<'_>) -> Result<R, Error>,
) -> Result<R, Error> {
    with_options(body, Some(Ceremony::Get), |place, options, _| {
        then(&mut RequestOptions::read(options)?, place)
    })
}

/// Finds options and hands to `then` their place in the body, the standard's options that stand for them, and their
/// ceremony.
fn with_options<R>(
    body: &str,
    wanted: Option<Ceremony>,
    then: impl FnOnce(&Node<'_>, &Node<'_>, Ceremony) -> Result<R, Error>,
) -> Result<R, Error> {
    let notices = RefCell::new(Vec::new());
    let body = body.strip_prefix('\u{feff}').map_or(body, |rest| {
        notices.borrow_mut().push(Notice { path: "$".into(), leniency: Leniency::ByteOrderMark });
        rest
    });
    let (page, mut strings) = (preset::body_of_page(body), String::new());
    let document = match &page {
        Some(page) => Document::of_tree(page, &mut strings)?,
        None => Document::parse(body)?,
    };
    let root = Node::new(document.root(), "$", &notices);
    // The search ends with the first options, so these are taken once.
    let mut then = Some(then);
    let mut result = None;
    find::first(&root, wanted, &mut |place, ceremony, own| {
        let Some(then) = then.take() else { return };
        result = Some(match own {
            None => then(place, place, ceremony),
            Some(own) => {
                let standard = (own.to_standard)(place.value, ceremony);
                let mut strings = String::new();
                match Document::of_tree(&standard, &mut strings) {
                    Ok(document) => then(place, &place.replaced_by(document.root()), ceremony),
                    Err(error) => Err(InputError::at(error, place).into()),
                }
            }
        });
    })?;
    result.unwrap_or_else(|| Err(find::nothing(&root, wanted).into()))
}
