//! Credentials as other tools write them: WebDriver's and Playwright's JSON.

use std::borrow::Cow;
use std::cell::RefCell;

use zeroize::Zeroizing;

use super::store::Credential;
use crate::crypto::{Algorithm, KeyPair};
use crate::encoding::base64url::encode;
use crate::encoding::json::{Document, Json};
use crate::webauthn::{InputError, Node, Notice, User};

impl Credential {
    /// WebDriver's credential parameters (WebAuthn L3 §11.5). A member of our own, `algorithm`, has the COSE
    /// algorithm identifier of an RSA key for anything else than RS256, as a PKCS#8 key does not tell.
    #[must_use]
    pub fn to_webdriver_json(&self) -> Json<'static> {
        self.with_algorithm(Json::object([
            ("credentialId", Json::from(encode(&self.id))),
            ("isResidentCredential", self.discoverable.into()),
            ("rpId", self.rp_id.clone().into()),
            ("privateKey", encode(&self.key.to_pkcs8_der()).into()),
            ("userHandle", encode(&self.user.id).into()),
            ("signCount", i64::from(self.sign_count).into()),
            ("backupEligibility", self.backup_eligible.into()),
            ("backupState", self.backup_state.into()),
            ("userName", self.user.name.clone().into()),
            ("userDisplayName", self.user.display_name.clone().into()),
        ]))
    }

    /// Playwright's credential. It knows no counter, no names and no flags. `algorithm` as in
    /// [`to_webdriver_json`](Self::to_webdriver_json).
    #[must_use]
    pub fn to_playwright_json(&self) -> Json<'static> {
        self.with_algorithm(Json::object([
            ("id", Json::from(encode(&self.id))),
            ("rpId", self.rp_id.clone().into()),
            ("userHandle", encode(&self.user.id).into()),
            ("privateKey", encode(&self.key.to_pkcs8_der()).into()),
            ("publicKey", encode(&self.key.public_key().to_spki_der()).into()),
        ]))
    }

    fn with_algorithm(&self, mut json: Json<'static>) -> Json<'static> {
        let algorithm = self.key.algorithm();
        if let Json::Object(members) = &mut json
            && algorithm.is_rsa()
            && algorithm != Algorithm::Rs256
        {
            members.push(("algorithm".into(), algorithm.cose_identifier().into()));
        }
        json
    }

    /// Reads credentials in either form: one, or an array of them. `notices` takes what was mended.
    ///
    /// # Errors
    /// [`InputError`] for the first member that is missing or wrong, and for a tree that
    /// [`parse`](crate::encoding::json::parse) would refuse as a text of any length.
    pub fn list_from_json(json: &Json<'_>, notices: &mut Vec<Notice>) -> Result<Vec<Self>, InputError> {
        let told = RefCell::new(Vec::new());
        let mut text = Zeroizing::new(String::new());
        let document = Document::of_tree(json, &mut text)?;
        let root = Node::new(document.root(), "$", &told);
        let credentials = match json {
            Json::Array(_) => root.items()?.map(|item| credential(&item)).collect(),
            _ => credential(&root).map(|credential| vec![credential]),
        };
        notices.extend(told.into_inner());
        credentials
    }
}

fn credential(node: &Node<'_>) -> Result<Credential, InputError> {
    node.object()?;
    match node.has_member("credentialId") {
        true => webdriver(node),
        false => playwright(node),
    }
}

fn webdriver(node: &Node<'_>) -> Result<Credential, InputError> {
    let flag = |name| node.member(name).map_or(Ok(false), |flag| flag.boolean());
    let discoverable = node.required("isResidentCredential", "true or false")?.boolean()?;
    let user = user(node)?;
    if discoverable && user.id.is_empty() {
        return Err(node.missing("userHandle", "base64url, as the credential is resident"));
    }
    let sign_count = match node.member("signCount") {
        None => 0,
        Some(count) => {
            let expected = "a count from 0 to 4294967295";
            u32::try_from(count.int(expected)?).map_err(|_| count.unexpected(expected))?
        }
    };
    Ok(Credential {
        id: credential_id(node, "credentialId")?,
        rp_id: node.required("rpId", "a string")?.text()?.into_owned(),
        user,
        key: private_key(node)?,
        discoverable,
        sign_count,
        backup_eligible: flag("backupEligibility")?,
        backup_state: flag("backupState")?,
    })
}

fn playwright(node: &Node<'_>) -> Result<Credential, InputError> {
    let key = private_key(node)?;
    if let Some(public) = node.member("publicKey")
        && public.bytes("base64url of a SubjectPublicKeyInfo")? != key.public_key().to_spki_der()
    {
        return Err(public.error("the public key of another private key", "that of privateKey"));
    }
    let user = user(node)?;
    Ok(Credential {
        id: credential_id(node, "id")?,
        rp_id: node.required("rpId", "a string")?.text()?.into_owned(),
        discoverable: !user.id.is_empty(),
        user,
        key,
        sign_count: 0,
        backup_eligible: false,
        backup_state: false,
    })
}

fn credential_id(node: &Node<'_>, name: &str) -> Result<Vec<u8>, InputError> {
    let expected = "base64url of 1 to 1023 bytes";
    let id = node.required(name, expected)?;
    let bytes = id.bytes(expected)?;
    match bytes.len() {
        1..=1023 => Ok(bytes),
        length => Err(id.error(format!("{length} bytes"), expected)),
    }
}

fn private_key(node: &Node<'_>) -> Result<KeyPair, InputError> {
    let expected = "base64url of a PKCS#8 private key";
    let key = node.required("privateKey", expected)?;
    let bytes = Zeroizing::new(key.bytes(expected)?);
    let pair = KeyPair::from_pkcs8_der(&bytes).map_err(|why| key.error(why.to_string(), expected))?;
    let Some(algorithm) = node.member("algorithm") else { return Ok(pair) };
    let expected = "the COSE algorithm identifier of an algorithm that the private key serves";
    match Algorithm::from_cose_identifier(algorithm.int(expected)?) {
        Some(wanted) => pair.with_algorithm(wanted).map_err(|why| algorithm.error(why.to_string(), expected)),
        None => Err(algorithm.unexpected(expected)),
    }
}

fn user(node: &Node<'_>) -> Result<User, InputError> {
    let text =
        |name| node.member(name).map_or(Ok(Cow::Borrowed("")), |text| text.text()).map(Cow::into_owned);
    let id = match node.member("userHandle") {
        None => Vec::new(),
        Some(handle) => {
            let expected = "base64url of at most 64 bytes";
            let bytes = handle.bytes(expected)?;
            if bytes.len() > 64 {
                return Err(handle.error(format!("{} bytes", bytes.len()), expected));
            }
            bytes
        }
    };
    Ok(User { id, name: text("userName")?, display_name: text("userDisplayName")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::derived_rng;
    use crate::encoding::json::parse;

    fn sample() -> Credential {
        Credential {
            id: vec![1; 16],
            rp_id: "example.org".into(),
            user: User { id: vec![2], name: "n".into(), display_name: "d".into() },
            key: KeyPair::from_p256_scalar(&[3; 32]).unwrap(),
            discoverable: true,
            sign_count: 7,
            backup_eligible: true,
            backup_state: true,
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
        let expected =
            Credential { user, sign_count: 0, backup_eligible: false, backup_state: false, ..sample() };
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
