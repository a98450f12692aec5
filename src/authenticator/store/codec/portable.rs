//! Credentials as other tools write them: the JSON of WebDriver, the Chrome DevTools Protocol, and Playwright.

use std::cell::RefCell;

use url::Host;
use zeroize::Zeroizing;

use crate::authenticator::store::credential::{Credential, FIELDS, Field, Place};
use crate::crypto::{Algorithm, KeyPair};
use crate::encoding::base64url::encode;
use crate::encoding::deflate;
use crate::encoding::json::{Document, Json};
use crate::webauthn::{InputError, Node, Notice, User};

/// Whose names the members have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// WebDriver's credential parameters (WebAuthn L3 §11.5), which are the DevTools Protocol's too.
    WebDriver,
    /// Playwright's credential, which carries fewer fields.
    Playwright,
    /// A list for people and their programs, without private keys.
    List,
}

impl Form {
    /// The name of a field, if this form carries it.
    fn name(self, field: &Field) -> Option<&'static str> {
        match self {
            Form::WebDriver => Some(field.webdriver),
            Form::Playwright => field.playwright,
            Form::List => Some(field.listed),
        }
    }
}

impl Credential {
    /// WebDriver's credential parameters (WebAuthn L3 §11.5). A member of our own, `algorithm`, has the COSE
    /// algorithm identifier of an RSA key that is not for RS256, as a PKCS#8 key does not say what it is for.
    #[must_use]
    pub fn to_webdriver_json(&self) -> Json<'static> {
        self.to_json(Form::WebDriver)
    }

    /// Playwright's credential, which carries no names, and no backup flags. `algorithm` as in
    /// [`to_webdriver_json`](Self::to_webdriver_json).
    #[must_use]
    pub fn to_playwright_json(&self) -> Json<'static> {
        self.to_json(Form::Playwright)
    }

    /// What may be shown of the credential: every field but the key pair, of which the algorithm is named.
    #[must_use]
    pub fn to_list_json(&self) -> Json<'static> {
        self.to_json(Form::List)
    }

    fn to_json(&self, form: Form) -> Json<'static> {
        let mut members: Vec<(&'static str, Json<'static>)> = Vec::new();
        for field in &FIELDS {
            let Some(name) = form.name(field) else { continue };
            let is_hidden = form == Form::List && field.secret;
            if is_hidden || !field.is_written(self) {
                continue;
            }
            // The standard's member is the blob itself.
            if field.record == LARGE_BLOB {
                let most = usize::try_from(self.large_blob_original_size).unwrap_or(usize::MAX);
                if let Some(blob) = deflate::decompress(&self.large_blob, most) {
                    members.push((name, encode(&blob).into()));
                }
                continue;
            }
            if field.record == LARGE_BLOB_SIZE {
                continue;
            }
            let value = match field.place {
                Place::Bytes(read, _) => encode(read(self)).into(),
                Place::Text(read, _) => read(self).clone().into(),
                Place::Flag(read, _) => (*read(self)).into(),
                Place::Count(read, _) => i64::from(*read(self)).into(),
                Place::Key if form == Form::List => self.key.algorithm().name().into(),
                Place::Key => encode(&self.key.to_pkcs8_der()).into(),
            };
            members.push((name, value));
        }
        if form == Form::Playwright {
            members.push((PUBLIC_KEY, encode(&self.key.public_key().to_spki_der()).into()));
        }
        let algorithm = self.key.algorithm();
        if form != Form::List && algorithm.is_rsa() && algorithm != Algorithm::Rs256 {
            members.push((ALGORITHM, algorithm.cose_identifier().into()));
        }
        Json::object(members)
    }

    /// Reads credentials in either form: one, or an array of them. `notices` takes what was mended.
    ///
    /// # Errors
    /// As [`ImportedCredential::list_from_text`].
    pub fn list_from_json(json: &Json<'_>, notices: &mut Vec<Notice>) -> Result<Vec<Self>, InputError> {
        let mut text = Zeroizing::new(String::new());
        let imported = list(&Document::of_tree(json, &mut text)?, notices)?;
        Ok(imported.into_iter().map(|imported| imported.credential).collect())
    }
}

/// The fields that are compressed where they are kept.
const LARGE_BLOB: i64 = 16;
const LARGE_BLOB_SIZE: i64 = 17;

/// Members that only some forms have.
const PUBLIC_KEY: &str = "publicKey";
const ALGORITHM: &str = "algorithm";

/// A credential that was read from JSON, and what that JSON did not say about it.
#[derive(Debug, Clone)]
pub struct ImportedCredential {
    credential: Credential,
    /// The fields that no member gave, by their keys in a record.
    absent: Vec<i64>,
}

impl ImportedCredential {
    /// Reads credentials in WebDriver's form, the DevTools Protocol's or Playwright's: one, or an array of them.
    /// `notices` takes what was mended.
    ///
    /// # Errors
    /// [`InputError`] for the first member that is missing or wrong, which shows nothing of a private key, and for what
    /// [`parse`](crate::encoding::json::parse) would refuse, but for its length.
    pub fn list_from_text(text: &str, notices: &mut Vec<Notice>) -> Result<Vec<Self>, InputError> {
        list(&Document::written_here(text)?, notices)
    }

    /// The credential, in which the fields that the JSON did not carry have the values of a new one.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The credential as it takes the place of `known`, of the same id: what the JSON did not carry stays as it was.
    #[must_use]
    pub fn in_place_of(mut self, known: &Credential) -> Credential {
        for field in FIELDS.iter().filter(|field| self.absent.contains(&field.record)) {
            field.copy(known, &mut self.credential);
        }
        self.credential
    }
}

impl From<Credential> for ImportedCredential {
    /// A credential that is wholly known.
    fn from(credential: Credential) -> Self {
        Self { credential, absent: Vec::new() }
    }
}

fn list(document: &Document<'_>, notices: &mut Vec<Notice>) -> Result<Vec<ImportedCredential>, InputError> {
    let mended = RefCell::new(Vec::new());
    let root = Node::new(document.root(), "$", &mended);
    let credentials = match document.root().is_array() {
        true => root.items()?.map(|item| imported(&item)).collect(),
        false => imported(&root).map(|credential| vec![credential]),
    };
    notices.extend(mended.into_inner());
    credentials
}

fn imported(node: &Node<'_>) -> Result<ImportedCredential, InputError> {
    node.object()?;
    let form = match node.has_member("credentialId") {
        true => Form::WebDriver,
        false => Form::Playwright,
    };
    let mut credential = Credential::new(Vec::new(), "", User::default(), private_key(node)?);
    let mut absent = Vec::new();
    for field in &FIELDS {
        let name = form.name(field);
        let member = name.and_then(|name| node.member(name));
        match (member, name, field.place) {
            (_, _, Place::Key) => {}
            (None, Some(name), _) if field.required => return Err(node.missing(name, field.expected)),
            (None, ..) => absent.push(field.record),
            (Some(member), _, Place::Bytes(_, write)) => *write(&mut credential) = bytes(&member, field)?,
            (Some(member), _, Place::Text(_, write)) => *write(&mut credential) = member.text()?.into_owned(),
            (Some(member), _, Place::Flag(_, write)) => *write(&mut credential) = member.boolean()?,
            (Some(member), _, Place::Count(_, write)) => {
                let count = u32::try_from(member.int(field.expected)?);
                *write(&mut credential) = count.map_err(|_| member.unexpected(field.expected))?;
            }
        }
    }
    check(node, form, &mut credential)?;
    Ok(ImportedCredential { credential, absent })
}

/// Checks what several members say together.
fn check(node: &Node<'_>, form: Form, credential: &mut Credential) -> Result<(), InputError> {
    if let Some(rp_id) = node.member("rpId")
        && !is_rp_id(&credential.rp_id)
    {
        return Err(rp_id.unexpected("an RP ID: a domain in ASCII lower case"));
    }
    if let Some(level) = node.member("credProtect")
        && credential.cred_protect > 3
    {
        return Err(level.unexpected("a level from 1 to 3"));
    }
    if let Some(key) = node.member("largeBlobKey")
        && !matches!(credential.large_blob_key.len(), 0 | 32)
    {
        return Err(key.error(format!("{} bytes", credential.large_blob_key.len()), "32 bytes"));
    }
    if let Some(blob) = node.member("largeBlob") {
        let length = u32::try_from(credential.large_blob.len());
        credential.large_blob_original_size =
            length.map_err(|_| blob.unexpected("a blob of less than 4 GiB"))?;
        credential.large_blob = deflate::compress(&credential.large_blob);
        if credential.large_blob.is_empty() {
            return Err(blob.unexpected("none, as this build lacks the Cargo feature `ctap`"));
        }
    }
    let has_user = !credential.user.id.is_empty();
    match form {
        Form::Playwright => credential.discoverable = has_user,
        _ if credential.discoverable && !has_user => {
            return Err(node.missing("userHandle", "base64url, as the credential is resident"));
        }
        _ => {}
    }
    if form == Form::Playwright
        && let Some(public) = node.member(PUBLIC_KEY)
        && public.bytes("base64url of a SubjectPublicKeyInfo")? != credential.key.public_key().to_spki_der()
    {
        return Err(public.error("the public key of another private key", "that of privateKey"));
    }
    Ok(())
}

/// Whether this can be an RP ID: a domain as browsers write it (WebAuthn L3 §5.1.2), or the application string of an
/// SSH key, which OpenSSH begins with `ssh:`.
fn is_rp_id(text: &str) -> bool {
    match Host::parse(text) {
        Ok(Host::Domain(domain)) => domain == text,
        Ok(_) => false,
        Err(_) => {
            (text.starts_with("ssh:") || text.starts_with("sha256:")) && !text.chars().any(char::is_control)
        }
    }
}

fn bytes(member: &Node<'_>, field: &Field) -> Result<Vec<u8>, InputError> {
    let bytes = member.bytes(field.expected)?;
    let (least, most) = field.length;
    match (least..=most).contains(&bytes.len()) {
        true => Ok(bytes),
        false => Err(member.error(format!("{} bytes", bytes.len()), field.expected)),
    }
}

fn private_key(node: &Node<'_>) -> Result<KeyPair, InputError> {
    let expected = "base64url of a PKCS#8 private key";
    let key = node.required("privateKey", expected)?;
    let bytes = Zeroizing::new(key.secret_bytes(expected)?);
    let pair = KeyPair::from_pkcs8_der(&bytes).map_err(|why| key.error(why.to_string(), expected))?;
    let Some(algorithm) = node.member(ALGORITHM) else { return Ok(pair) };
    let expected = "the COSE algorithm identifier of an algorithm that the private key serves";
    match Algorithm::from_cose_identifier(algorithm.int(expected)?) {
        Some(wanted) => pair.with_algorithm(wanted).map_err(|why| algorithm.error(why.to_string(), expected)),
        None => Err(algorithm.unexpected(expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::derived_rng;
    use crate::encoding::json::parse;

    fn sample() -> Credential {
        let user = User { id: vec![2], name: "n".into(), display_name: "d".into() };
        let key = KeyPair::from_p256_scalar(&[3; 32]).unwrap();
        Credential {
            discoverable: true,
            sign_count: 7,
            backup_eligible: true,
            backup_state: true,
            ..Credential::new(vec![1; 16], "example.org", user, key)
        }
    }

    fn read(text: &str) -> Result<Vec<Credential>, InputError> {
        Credential::list_from_json(&parse(text).unwrap(), &mut Vec::new())
    }

    #[test]
    fn webdriver_json_keeps_everything() {
        let text = sample().to_webdriver_json().to_string();
        assert_eq!(read(&text).unwrap(), [sample()]);
        assert_eq!(read(&format!("[{text},{text}]")).unwrap().len(), 2);
    }

    #[test]
    fn playwright_json_keeps_what_it_knows() {
        let found = read(&sample().to_playwright_json().to_string()).unwrap().remove(0);
        let user = User { id: vec![2], ..User::default() };
        let expected = Credential { user, backup_eligible: false, backup_state: false, ..sample() };
        assert_eq!(found, expected);
    }

    #[test]
    fn every_algorithm_comes_back_in_either_form() {
        let mut random = derived_rng(b"portable", &[]);
        for algorithm in Algorithm::available() {
            let key = match algorithm.is_rsa() {
                true => KeyPair::from_rsa_pool(*algorithm, &mut random).unwrap(),
                false => KeyPair::generate(*algorithm, &mut random).unwrap(),
            };
            let credential = Credential { key, ..sample() };
            let (webdriver, playwright) = (credential.to_webdriver_json(), credential.to_playwright_json());
            assert_eq!(
                read(&webdriver.to_string()).unwrap(),
                std::slice::from_ref(&credential),
                "{algorithm}"
            );
            assert_eq!(read(&playwright.to_string()).unwrap()[0].key, credential.key, "{algorithm}");
            let named = webdriver.member("algorithm").is_some();
            assert_eq!(named, algorithm.is_rsa() && *algorithm != Algorithm::Rs256, "{algorithm}");
        }
    }

    #[test]
    fn refuses_an_algorithm_that_the_key_does_not_serve() {
        let text = sample().to_webdriver_json().to_string();
        let with = |algorithm: &str| text.replacen('{', &format!("{{\"algorithm\":{algorithm},"), 1);
        assert_eq!(read(&with("-7")).unwrap(), [sample()]);
        for wrong in ["-37", "-8", "0", "\"x\""] {
            assert_eq!(read(&with(wrong)).unwrap_err().path, "$.algorithm");
        }
    }

    #[test]
    fn what_an_import_does_not_carry_stays_as_it_was() {
        let text = Credential { sign_count: 9, ..sample() }.to_playwright_json().to_string();
        assert!(text.contains("\"signCount\":9"), "{text}");
        let read = |text: &str| ImportedCredential::list_from_text(text, &mut Vec::new()).unwrap().remove(0);
        assert_eq!(read(&text).in_place_of(&sample()), Credential { sign_count: 9, ..sample() });
        // Playwright before 1.65 had no count.
        let text = text.replace(",\"signCount\":9", "");
        assert_eq!(read(&text).credential().sign_count, 0);
        assert_eq!(read(&text).in_place_of(&sample()), sample());
        // What a form carries counts, be it empty.
        let text =
            sample().to_webdriver_json().to_string().replace("\"userName\":\"n\"", "\"userName\":\"\"");
        assert_eq!(read(&text).in_place_of(&sample()).user.name, "");
    }

    #[test]
    fn no_error_shows_a_private_key() {
        let text = sample().to_webdriver_json().to_string();
        let key = encode(&sample().key.to_pkcs8_der());
        for at in [0, 30, 60, key.len() - 1] {
            for wrong in ["!", "é", "A", ""] {
                let mut changed = key.clone();
                changed.replace_range(at..=at, wrong);
                let Err(error) = read(&text.replace(&key, &changed)) else { continue };
                let error = error.to_string();
                for start in 0..key.len() - 4 {
                    let part = &changed.get(start..start + 4);
                    assert!(part.is_none_or(|part| !error.contains(part)), "{error}");
                }
            }
        }
    }

    #[test]
    fn an_rp_id_is_one_that_a_browser_can_have() {
        let with = |rp_id: &str| {
            let text = sample().to_webdriver_json().to_string();
            read(&text.replace("\"example.org\"", &format!("\"{rp_id}\""))).map(|read| read[0].rp_id.clone())
        };
        for right in ["example.org", "localhost", "xn--bcher-kva.example", "ssh:", "ssh:host"] {
            assert_eq!(with(right).unwrap(), right);
        }
        for wrong in [
            "",
            "Example.org",
            "https://example.org",
            "example.org:8443",
            "192.0.2.1",
            "[::1]",
            "a b",
            "bücher.example",
        ] {
            assert_eq!(with(wrong).unwrap_err().path, "$.rpId", "{wrong}");
        }
    }

    #[test]
    fn names_the_member_that_is_wrong() {
        let path = |from: &str, to: &str| {
            let text = sample().to_webdriver_json().to_string();
            assert!(text.contains(from), "{text}");
            read(&text.replace(from, to)).unwrap_err().path
        };
        assert_eq!(path("\"signCount\":7", "\"signCount\":-1"), "$.signCount");
        assert_eq!(path("\"privateKey\":\"MI", "\"privateKey\":\"MA"), "$.privateKey");
        assert_eq!(path("\"userHandle\":\"Ag\",", ""), "$.userHandle");
        assert_eq!(path("\"rpId\":\"example.org\",", ""), "$.rpId");
        let other = KeyPair::from_p256_scalar(&[4; 32]).unwrap().public_key().to_spki_der();
        let mine = encode(&sample().key.public_key().to_spki_der());
        let text = sample().to_playwright_json().to_string().replace(&mine, &encode(&other));
        assert_eq!(read(&text).unwrap_err().path, "$.publicKey");
    }
}
