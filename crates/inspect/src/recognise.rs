//! What the input is.

use super::authenticator_data::{self, Hints};
use super::json::{self, Json};
use super::response::{self, Form, Response};
use super::text::count;
use super::tree::{NOTATION, Node};
use super::written::{self, Candidate, Pem};
use super::{attestation_object, base64, cbor, certificate, client_data, cose, ctap, der, diagnostic};

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

/// Finds options in any server's answer: whoever can answer them knows their shapes.
pub type FindOptions<'f> = &'f dyn Fn(&str) -> Option<Form>;

/// Recognises what the input is. With `told`, it is read as that kind.
#[must_use]
pub fn recognise(input: &[u8], told: Option<Kind>, find_options: FindOptions<'_>) -> Recognised {
    let blocks = written::pem(input);
    if !blocks.is_empty() && !looks_like_json(input) {
        return from_pem(&blocks, told);
    }
    if let Some(recognised) = from_json(input, told, find_options) {
        return recognised;
    }
    let candidates = written::candidates(input);
    if let Some(candidate) =
        candidates.iter().find(|candidate| told.is_none() && is_private_key(&candidate.bytes))
    {
        let tree = Node::new("private key").data(candidate.bytes.clone()).secret();
        let tree = tree.stop("a private key, which is no part of any message");
        return Recognised { kind: None, encoding: candidate.encoding, tree, response: None };
    }
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

/// Whether bytes are a DER private key: PrivateKeyInfo (RFC 5958) or ECPrivateKey (RFC 5915).
fn is_private_key(bytes: &[u8]) -> bool {
    let Ok(element) = der::read(bytes, 0..bytes.len()) else { return false };
    match element.children.as_slice() {
        [version, algorithm, key, ..] if version.is(der::INTEGER) && algorithm.is(der::SEQUENCE) => {
            key.is(der::OCTET_STRING) && algorithm.child(0).is_some_and(|oid| oid.is(der::OID))
        }
        [version, key, ..] => version.integer(bytes) == Some(1) && key.is(der::OCTET_STRING),
        _ => false,
    }
}

fn looks_like_json(input: &[u8]) -> bool {
    let text = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    text.trim_ascii_start().starts_with(b"{")
}

fn from_json(input: &[u8], told: Option<Kind>, find_options: FindOptions<'_>) -> Option<Recognised> {
    let text = std::str::from_utf8(input).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let done = |kind, tree, response| Some(Recognised { kind, encoding: "JSON", tree, response });
    let told_other = |kind| told.is_some_and(|told| told != kind);
    let options = |tree: &dyn Fn(&str) -> Node| {
        let form = if told_other(Kind::Options) { None } else { find_options(text) }?;
        let (name, command) = match form {
            Form::Registration => ("creation options", "register"),
            Form::Authentication => ("request options", "authenticate"),
        };
        let tree = tree(name).remark(format!("`stuntkey {command}` answers them"));
        done(Some(Kind::Options), tree, None)
    };
    let reading = json::read(text);
    let json = match (reading.value, reading.stop) {
        (Some(json), None) => json,
        // A page may hold options.
        _ if text.trim_start().starts_with('<') => return options(&|name| Node::new(name)),
        (value, Some(stop)) if looks_like_json(input) => {
            let hints = Hints { rp_ids: value.as_ref().map(rp_ids).unwrap_or_default() };
            let tree = match &value {
                Some(json) if !json.members().is_empty() => response::node("JSON", text, json, &hints),
                _ => Node::new("JSON"),
            };
            let rest = json::not_read(text, stop.offset);
            return done(None, tree.with_all(rest).stop(stop.to_string()), None);
        }
        _ => return None,
    };
    let compound = matches!(json.kind, json::Kind::Object(_) | json::Kind::Array(_));
    if !compound || written::candidates(input).iter().any(|candidate| candidate.encoding == "numbers") {
        return None;
    }
    if !told_other(Kind::Response)
        && let Some(response) = response::find(text, &json)
    {
        let hints = Hints { rp_ids: client_data::rp_ids(&response.client_data) };
        let name = match response.form {
            Form::Registration => "registration response",
            Form::Authentication => "authentication response",
        };
        let tree = response::node(name, text, &json, &hints).remark(format!("found at {}", response.path));
        return done(Some(Kind::Response), tree, Some(response));
    }
    if !told_other(Kind::ClientData) && client_data::is_client_data(&json) {
        return done(Some(Kind::ClientData), client_data::node("client data", input), None);
    }
    options(&|name| json::node(name, &json, None)).or_else(|| {
        let wanted = told.map_or("response, options or client data", Kind::name);
        let tree = json::node("JSON", &json, None).stop(format!("found JSON without {wanted}"));
        done(None, tree, None)
    })
}

/// The RP IDs that the client data of a response may be about, wherever in the JSON it stands.
fn rp_ids(json: &Json<'_>) -> Vec<String> {
    let own = ["clientDataJSON", "clientData"].iter().find_map(|name| json.member(name)?.as_str());
    let decoded = own.and_then(|text| base64::decode_lenient(text).ok());
    match decoded {
        Some((bytes, _)) => client_data::rp_ids(&bytes),
        None => json
            .members()
            .iter()
            .map(|member| rp_ids(&member.value))
            .find(|found| !found.is_empty())
            .unwrap_or_default(),
    }
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
                let node = Node::new(block.label.as_str()).data(bytes.clone()).secret();
                return node.stop("a private key, which is no part of any message");
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
    if looks_like_json(bytes) {
        let text = String::from_utf8_lossy(bytes);
        let json = json::read(text.trim_start_matches('\u{feff}')).whole();
        if json.is_some_and(|json| client_data::is_client_data(&json)) {
            return Some((Kind::ClientData, 4));
        }
    }
    let reading = cbor::read(bytes, 0..bytes.len());
    let whole = reading.stop.is_none() && reading.end == bytes.len();
    if let Some(item) = &reading.item {
        if attestation_object::is_object(item) {
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

/// Reads bytes as a kind.
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
        Kind::ClientData => client_data::node(name, bytes),
        Kind::CoseKey => {
            let reading = cbor::read(bytes, range.clone());
            match reading.item.as_ref().filter(|item| !item.entries().is_empty()) {
                Some(item) => {
                    let notation = Node::new(NOTATION).word(diagnostic::notation(item));
                    diagnostic::ending(cose::node(name, item).with(notation), &reading, bytes, range.end)
                }
                None => diagnostic::document(&reading, bytes, range.end).stop("no COSE_Key: no map"),
            }
        }
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
            "found {} of no known kind (--as KIND says what it is, --hex shows all of it)",
            count(length, "byte", "bytes")
        ),
    };
    Recognised { kind: None, encoding: candidate.encoding, tree: tree.stop(stop), response: None }
}
