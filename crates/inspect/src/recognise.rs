//! What the input is.

use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::Ceremony;

use super::authenticator_data::{self, Hints};
use super::encoding::{self, Candidate, Pem};
use super::response::{self, Response};
use super::tree::{Node, count};
use super::{attestation_object, cbor, certificate, cose, ctap, der, diagnostic, json_text};

/// What an input can be taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A registration or authentication response, JSON.
    Response,
    /// Creation or request options, JSON.
    Options,
    /// Client data, JSON.
    ClientData,
    /// An attestation object.
    AttestationObject,
    /// Authenticator data.
    AuthenticatorData,
    /// An X.509 certificate.
    Certificate,
    /// A public key, SubjectPublicKeyInfo.
    PublicKey,
    /// A public key, COSE_Key.
    CoseKey,
    /// A CTAP2 response: makeCredential, getAssertion, getInfo.
    Ctap,
    /// Any CBOR.
    Cbor,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 10] = [
        Kind::Response,
        Kind::Options,
        Kind::ClientData,
        Kind::AttestationObject,
        Kind::AuthenticatorData,
        Kind::Certificate,
        Kind::PublicKey,
        Kind::CoseKey,
        Kind::Ctap,
        Kind::Cbor,
    ];

    /// Its id, its name, and what it is in one sentence.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::Response => ("response", "response", "A registration or authentication response, JSON"),
            Kind::Options => ("options", "options", "Creation or request options, JSON"),
            Kind::ClientData => ("client-data", "client data", "Client data, JSON"),
            Kind::AttestationObject => ("attestation-object", "attestation object", "An attestation object"),
            Kind::AuthenticatorData => ("authenticator-data", "authenticator data", "Authenticator data"),
            Kind::Certificate => ("certificate", "certificate", "An X.509 certificate"),
            Kind::PublicKey => {
                ("public-key", "public key (SubjectPublicKeyInfo)", "A public key, SubjectPublicKeyInfo")
            }
            Kind::CoseKey => ("cose-key", "public key (COSE_Key)", "A public key, COSE_Key"),
            Kind::Ctap => {
                ("ctap", "CTAP2 response", "A CTAP2 response: makeCredential, getAssertion, getInfo")
            }
            Kind::Cbor => ("cbor", "CBOR", "Any CBOR"),
        }
    }

    /// A stable id, such as `client-data`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.words().0
    }

    /// The kind of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// The kind's name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().1
    }

    /// What the kind is, in one sentence without its full stop.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.words().2
    }
}

/// An input, understood.
#[derive(Debug)]
pub struct Recognised {
    /// What it was taken for; none, if nothing fits.
    pub kind: Option<Kind>,
    /// How the bytes were written: `raw`, `hex`, `base64url`, `JSON`, `PEM` and so on.
    pub encoding: &'static str,
    /// What was read.
    pub tree: Node,
    /// The response, if the input is one.
    pub response: Option<Response>,
}

/// What the input is, or what it is told to be.
pub fn recognise(input: &[u8], told: Option<Kind>) -> Recognised {
    let blocks = encoding::pem(input);
    if !blocks.is_empty() && !looks_like_json(input) {
        return from_pem(&blocks, told);
    }
    if let Some(recognised) = from_json(input, told) {
        return recognised;
    }
    let candidates = encoding::candidates(input);
    let best = candidates.iter().filter_map(|candidate| {
        let (kind, certainty) = match told {
            Some(kind) => (kind, u8::from(binary(kind, &candidate.bytes).first_stop().is_none())),
            None => kind_of(&candidate.bytes)?,
        };
        Some((certainty, kind, candidate))
    });
    // Of equals, the first: what a text stands for comes before the text itself.
    let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some((_, kind, Candidate { encoding, bytes })) => {
            Recognised { kind: Some(kind), encoding, tree: binary(kind, bytes), response: None }
        }
        None => unknown(&candidates),
    }
}

fn looks_like_json(input: &[u8]) -> bool {
    let text = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    text.trim_ascii_start().starts_with(b"{")
}

fn from_json(input: &[u8], told: Option<Kind>) -> Option<Recognised> {
    let text = std::str::from_utf8(input).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let done = |kind, tree, response| Some(Recognised { kind: Some(kind), encoding: "JSON", tree, response });
    let told_other = |kind| told.is_some_and(|told| told != kind);
    let json = match json::parse(text) {
        Ok(json) => json,
        // A page may hold options.
        Err(_) if text.trim_start().starts_with('<') => return options(text, &Json::Null, told),
        Err(error) if looks_like_json(input) => {
            let tree = Node::new("JSON").with(Node::new("text").text(text)).stop(format!("stops: {error}"));
            return Some(Recognised { kind: None, encoding: "JSON", tree, response: None });
        }
        Err(_) => return None,
    };
    if !matches!(json, Json::Object(_) | Json::Array(_))
        || encoding::candidates(input).iter().any(|c| c.encoding == "numbers")
    {
        return None;
    }
    if !told_other(Kind::Response)
        && let Some(response) = response::find(&json)
    {
        let hints = Hints { rp_ids: json_text::rp_ids(&response.client_data) };
        let name = match response.ceremony {
            Ceremony::Create => "registration response",
            Ceremony::Get => "authentication response",
        };
        let tree = response::node(name, &json, &hints).remark(format!("found at {}", response.path));
        return done(Kind::Response, tree, Some(response));
    }
    if !told_other(Kind::ClientData) && json_text::is_client_data(&json) {
        return done(Kind::ClientData, json_text::client_data("client data", input), None);
    }
    options(text, &json, told).or_else(|| {
        let wanted = told.map_or("response, options or client data", Kind::name);
        let tree = json_text::node("JSON", &json).stop(format!("found JSON without {wanted}"));
        Some(Recognised { kind: None, encoding: "JSON", tree, response: None })
    })
}

fn options(text: &str, json: &Json<'_>, told: Option<Kind>) -> Option<Recognised> {
    if told.is_some_and(|told| told != Kind::Options) {
        return None;
    }
    let (name, command) = if find_creation_options(text).is_ok() {
        ("creation options", "register")
    } else {
        find_request_options(text).ok()?;
        ("request options", "authenticate")
    };
    let tree = json_text::node(name, json).remark(format!("`stuntkey {command}` answers them"));
    Some(Recognised { kind: Some(Kind::Options), encoding: "JSON", tree, response: None })
}

fn from_pem(blocks: &[Pem], told: Option<Kind>) -> Recognised {
    let mut kind = None;
    let nodes: Vec<Node> = blocks
        .iter()
        .map(|block| {
            let Some(bytes) = &block.bytes else {
                return Node::new(block.label.as_str()).stop("what stands between its lines is no base64");
            };
            if block.label.ends_with("PRIVATE KEY") {
                // Nobody is served by a private key on the screen.
                return Node::new(block.label.as_str()).stop("a private key, which is not shown");
            }
            let found = told.or(match block.label.as_str() {
                "CERTIFICATE" => Some(Kind::Certificate),
                "PUBLIC KEY" => Some(Kind::PublicKey),
                _ => kind_of(bytes).map(|(kind, _)| kind),
            });
            let Some(found) = found else {
                return Node::new(block.label.as_str()).data(bytes.clone()).stop("of no known kind");
            };
            kind = kind.or(Some(found));
            binary(found, bytes)
        })
        .collect();
    let tree = match <[Node; 1]>::try_from(nodes) {
        Ok([node]) => node,
        Err(nodes) => Node::new("PEM").word(count(nodes.len(), "block", "blocks")).with_all(nodes),
    };
    Recognised { kind, encoding: "PEM", tree, response: None }
}

/// What bytes are, and how sure that is.
fn kind_of(bytes: &[u8]) -> Option<(Kind, u8)> {
    if let Ok(element) = der::read(bytes, 0..bytes.len()) {
        let whole = u8::from(element.range.end == bytes.len() && element.first_stop().is_none());
        if certificate::is_certificate(&element) || certificate::is_cut_certificate(&element) {
            return Some((Kind::Certificate, 3 + whole));
        }
        if certificate::is_public_key(&element, bytes) {
            return Some((Kind::PublicKey, 3 + whole));
        }
    }
    let text = String::from_utf8_lossy(bytes);
    if looks_like_json(bytes)
        && json::parse(text.trim_start_matches('\u{feff}')).is_ok_and(|json| json_text::is_client_data(&json))
    {
        return Some((Kind::ClientData, 4));
    }
    let reading = cbor::read(bytes, 0..bytes.len());
    let whole = reading.stop.is_none() && reading.end == bytes.len();
    if let Some(item) = &reading.item {
        if attestation_object::is_object(item, bytes) {
            return Some((Kind::AttestationObject, 3 + u8::from(whole)));
        }
        if ctap::recognise(item).is_some() {
            return Some((Kind::Ctap, 3 + u8::from(whole)));
        }
        if whole && cose::is_key(item) {
            return Some((Kind::CoseKey, 4));
        }
    }
    if ctap_after_status(bytes) {
        return Some((Kind::Ctap, 3));
    }
    if authenticator_data::is_exact(bytes) {
        return Some((Kind::AuthenticatorData, 2));
    }
    whole.then_some((Kind::Cbor, 1))
}

/// A CTAP2 response behind its status byte 0x00.
fn ctap_after_status(bytes: &[u8]) -> bool {
    let reading = cbor::read(bytes, 1..bytes.len().max(1));
    bytes.first() == Some(&0) && reading.item.as_ref().is_some_and(|item| ctap::recognise(item).is_some())
}

/// Bytes, taken for what they are told to be.
fn binary(kind: Kind, bytes: &[u8]) -> Node {
    let range = 0..bytes.len();
    let name = kind.name();
    let hints = Hints::default();
    let node = match kind {
        Kind::AttestationObject => {
            attestation_object::node(name, bytes, range, &hints).word(count(bytes.len(), "byte", "bytes"))
        }
        Kind::AuthenticatorData => authenticator_data::node(name, bytes, range, &hints),
        Kind::Certificate => certificate::node(name, bytes, range),
        Kind::PublicKey => certificate::public_key(name, bytes, range),
        Kind::ClientData => json_text::client_data(name, bytes),
        Kind::CoseKey => match cbor::read(bytes, range.clone()) {
            reading if reading.item.as_ref().is_some_and(|item| !item.entries().is_empty()) => {
                let node = reading.item.as_ref().map(|item| {
                    let notation = Node::new("diagnostic notation").word(diagnostic::notation(item, bytes));
                    cose::node(name, item, bytes).with(notation)
                });
                diagnostic::ending(node.unwrap_or_default(), &reading, bytes, range.end)
            }
            reading => diagnostic::document(&reading, bytes, range.end).stop("no COSE_Key: no map"),
        },
        Kind::Ctap => {
            let start = usize::from(ctap_after_status(bytes));
            let reading = cbor::read(bytes, start..bytes.len());
            match reading.item.as_ref().and_then(|item| Some((ctap::recognise(item)?, item))) {
                Some((response, item)) => response.node(name, item, &reading, bytes, &hints),
                None => {
                    diagnostic::document(&reading, bytes, range.end).stop("no CTAP2 response that is known")
                }
            }
        }
        Kind::Cbor => diagnostic::document(&cbor::read(bytes, range.clone()), bytes, range.end),
        Kind::Response | Kind::Options => Node::new(name).data(bytes).stop(format!("no {name}: no JSON")),
    };
    node.at(0..bytes.len()).within(bytes)
}

/// Bytes of which nothing is known: what each reader says.
fn unknown(candidates: &[Candidate]) -> Recognised {
    let empty = Candidate { encoding: "raw", bytes: Vec::new() };
    let candidate = candidates.first().unwrap_or(&empty);
    let bytes = &candidate.bytes;
    let mut tree = Node::new("unknown").data(bytes.clone()).at(0..bytes.len()).within(bytes);
    for kind in [Kind::Cbor, Kind::AuthenticatorData, Kind::Certificate] {
        let stop = binary(kind, bytes).first_stop();
        let why = stop
            .as_deref()
            .and_then(|stop| stop.split_once(": "))
            .map_or("more would fit as well", |(_, why)| why);
        tree = tree.with(Node::new(format!("as {}", kind.name())).word(why));
    }
    let stop = match bytes.len() {
        0 => "found nothing, expected a response, or a part of one".to_owned(),
        length => format!(
            "found {} of no known kind (tell it by --as, see all of it by --hex)",
            count(length, "byte", "bytes")
        ),
    };
    Recognised { kind: None, encoding: candidate.encoding, tree: tree.stop(stop), response: None }
}
