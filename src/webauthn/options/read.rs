//! Reading options from JSON.

use std::cell::RefCell;
use std::fmt::Display;

use super::super::reading::{InputError, Leniency, Node, Notice};
use super::{
    Attachment, AttestationConveyance, AuthenticatorSelection, CreationOptions, CredentialDescriptor,
    Extensions, Hint, RelyingParty, RequestOptions, ResidentKey, Transport, User, UserVerification,
};
use crate::encoding::json::Json;

impl CreationOptions {
    /// Reads the options from the JSON object that holds them. `path` is where it stands in the body.
    ///
    /// # Errors
    /// [`InputError`] for a member that is missing, of a wrong type or out of range. What could be mended is added
    /// to `notices`.
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        Self::from_json_at(json, &path, notices)
    }

    /// As [`from_json`](Self::from_json), with a path that is only written where it is told.
    pub(crate) fn from_json_at(
        json: &Json<'_>,
        path: &dyn Display,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, InputError> {
        collecting(notices, |told| Self::read(&Node::new(json, path, told)))
    }

    fn read(options: &Node<'_, '_>) -> Result<Self, InputError> {
        options.object()?;
        Ok(Self {
            rp: relying_party(options)?,
            user: user(&options.required("user", "an object with id, name and displayName")?)?,
            challenge: challenge(options)?,
            pub_key_cred_params: pub_key_cred_params(options)?,
            timeout: timeout(options)?,
            exclude_credentials: match options.member("excludeCredentials") {
                Some(list) => descriptors(&list)?,
                None => Vec::new(),
            },
            authenticator_selection: authenticator_selection(options)?,
            hints: hints(options)?,
            attestation: match options.member("attestation") {
                Some(node) => node.enumerated(AttestationConveyance::from_name)?,
                None => None,
            }
            .unwrap_or(AttestationConveyance::None),
            attestation_formats: match options.member("attestationFormats") {
                Some(node) => {
                    node.items()?.map(|item| item.text().map(str::to_owned)).collect::<Result<_, _>>()?
                }
                None => Vec::new(),
            },
            extensions: extensions(options)?,
        })
    }
}

impl RequestOptions {
    /// Reads the options from the JSON object that holds them. `path` is where it stands in the body.
    ///
    /// # Errors
    /// As [`CreationOptions::from_json`].
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        Self::from_json_at(json, &path, notices)
    }

    /// As [`from_json`](Self::from_json), with a path that is only written where it is told.
    pub(crate) fn from_json_at(
        json: &Json<'_>,
        path: &dyn Display,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, InputError> {
        collecting(notices, |told| Self::read(&Node::new(json, path, told)))
    }

    fn read(options: &Node<'_, '_>) -> Result<Self, InputError> {
        options.object()?;
        Ok(Self {
            challenge: challenge(options)?,
            timeout: timeout(options)?,
            rp_id: rp_id(options, "rpId")?,
            allow_credentials: match options.member("allowCredentials") {
                Some(list) if list.items()?.next().is_some() => Some(descriptors(&list)?),
                _ => None,
            },
            user_verification: user_verification(options)?,
            hints: {
                extensions(options)?;
                hints(options)?
            },
        })
    }
}

fn collecting<T>(
    notices: &mut Vec<Notice>,
    read: impl FnOnce(&RefCell<Vec<Notice>>) -> Result<T, InputError>,
) -> Result<T, InputError> {
    let told = RefCell::new(std::mem::take(notices));
    let result = read(&told);
    *notices = told.into_inner();
    result
}

fn relying_party(options: &Node<'_, '_>) -> Result<RelyingParty, InputError> {
    let rp = match options.member("rp") {
        Some(rp) => rp,
        None => {
            let rp = options
                .member("relyingParty")
                .ok_or_else(|| options.missing("rp", "an object with a name"))?;
            rp.notice(Leniency::RelyingPartyForRp);
            rp
        }
    };
    rp.object()?;
    Ok(RelyingParty { id: rp_id(&rp, "id")?, name: rp.required("name", "a string")?.text()?.to_owned() })
}

fn rp_id(parent: &Node<'_, '_>, name: &str) -> Result<Option<String>, InputError> {
    let Some(node) = parent.member(name) else { return Ok(None) };
    let id = node.text()?;
    if id.is_empty() {
        node.notice(Leniency::EmptyRpId);
        return Ok(None);
    }
    Ok(Some(id.to_owned()))
}

fn user(user: &Node<'_, '_>) -> Result<User, InputError> {
    user.object()?;
    let id = user.required("id", "base64url of 1 to 64 bytes")?;
    let handle = id.bytes("base64url of 1 to 64 bytes")?;
    // §5.4.3: a user handle has at most 64 bytes and MUST NOT be empty.
    if !(1..=64).contains(&handle.len()) {
        return Err(id.error(format!("{} bytes", handle.len()), "a user handle of 1 to 64 bytes"));
    }
    let name = user.required("name", "a string")?.text()?.to_owned();
    let display_name = match user.member("displayName") {
        Some(node) => node.text()?.to_owned(),
        None => {
            if user.json().member("displayName").is_none() {
                user.notice_at("displayName", Leniency::MissingDisplayName);
            }
            name.clone()
        }
    };
    Ok(User { id: handle, name, display_name })
}

fn challenge(options: &Node<'_, '_>) -> Result<Vec<u8>, InputError> {
    // The standard sets no upper bound; 1,024 bytes are eight times the longest challenge in its vectors.
    let expected = "base64url of 16 to 1024 bytes";
    let node = options.required("challenge", expected)?;
    let challenge = node.bytes(expected)?;
    match challenge.len() {
        0 => Err(node.error("an empty challenge", expected)),
        1025.. => Err(node.error(format!("{} bytes", challenge.len()), expected)),
        length => {
            if length < 16 {
                node.notice(Leniency::ShortChallenge(length));
            }
            Ok(challenge)
        }
    }
}

fn pub_key_cred_params(options: &Node<'_, '_>) -> Result<Vec<i64>, InputError> {
    let expected = "an array of {type, alg}";
    let node = options.required("pubKeyCredParams", expected)?;
    let mut algorithms = Vec::new();
    let mut empty = true;
    for item in node.items()? {
        empty = false;
        item.object()?;
        if is_public_key(&item)? {
            algorithms.push(
                item.required("alg", "a COSE algorithm identifier")?.int("a COSE algorithm identifier")?,
            );
        }
    }
    if empty {
        // §5.1.3: the default list.
        return Ok(vec![-7, -257]);
    }
    Ok(algorithms)
}

/// Whether `type` is `public-key`; another value makes the entry one to ignore (§5.8.2).
fn is_public_key(item: &Node<'_, '_>) -> Result<bool, InputError> {
    let kind = item.required("type", "\"public-key\"")?;
    Ok(kind.enumerated(|text| (text == "public-key").then_some(()))?.is_some())
}

fn descriptors(list: &Node<'_, '_>) -> Result<Vec<CredentialDescriptor>, InputError> {
    let mut descriptors = Vec::new();
    for item in list.items()? {
        item.object()?;
        if !is_public_key(&item)? {
            continue;
        }
        let id = item.required("id", "base64url")?.bytes("base64url")?;
        let mut transports = Vec::new();
        if let Some(node) = item.member("transports") {
            for transport in node.items()? {
                transports.extend(transport.enumerated(Transport::from_name)?);
            }
        }
        descriptors.push(CredentialDescriptor { id, transports });
    }
    Ok(descriptors)
}

fn authenticator_selection(options: &Node<'_, '_>) -> Result<AuthenticatorSelection, InputError> {
    let Some(node) = options.member("authenticatorSelection") else {
        return Ok(AuthenticatorSelection {
            attachment: None,
            resident_key: ResidentKey::Discouraged,
            user_verification: UserVerification::Preferred,
        });
    };
    node.object()?;
    let attachment = match (node.member("authenticatorAttachment"), node.member("authenticatorAttachement")) {
        (Some(attachment), _) => attachment.enumerated(Attachment::from_name)?,
        (None, Some(misspelled)) => {
            misspelled.notice(Leniency::MisspelledAttachment);
            misspelled.enumerated(Attachment::from_name)?
        }
        (None, None) => None,
    };
    let resident_key = match node.member("residentKey") {
        Some(node) => node.enumerated(ResidentKey::from_name)?,
        None => None,
    };
    // §5.4.4: without a known residentKey, requireResidentKey decides.
    let resident_key = match (resident_key, node.member("requireResidentKey")) {
        (Some(resident_key), _) => resident_key,
        (None, Some(required)) if required.boolean()? => ResidentKey::Required,
        (None, _) => ResidentKey::Discouraged,
    };
    Ok(AuthenticatorSelection { attachment, resident_key, user_verification: user_verification(&node)? })
}

fn user_verification(parent: &Node<'_, '_>) -> Result<UserVerification, InputError> {
    let value = match parent.member("userVerification") {
        Some(node) => node.enumerated(UserVerification::from_name)?,
        None => None,
    };
    Ok(value.unwrap_or(UserVerification::Preferred))
}

fn hints(options: &Node<'_, '_>) -> Result<Vec<Hint>, InputError> {
    let mut hints = Vec::new();
    if let Some(node) = options.member("hints") {
        for hint in node.items()? {
            hints.extend(hint.enumerated(Hint::from_name)?);
        }
    }
    Ok(hints)
}

fn timeout(options: &Node<'_, '_>) -> Result<Option<u64>, InputError> {
    let expected = "a number of milliseconds";
    let Some(node) = options.member("timeout") else { return Ok(None) };
    match u64::try_from(node.int(expected)?) {
        Ok(milliseconds) => Ok(Some(milliseconds)),
        Err(_) => Err(node.unexpected(expected)),
    }
}

fn extensions(options: &Node<'_, '_>) -> Result<Extensions, InputError> {
    let Some(node) = options.member("extensions") else { return Ok(Extensions::default()) };
    node.object()?;
    Ok(Extensions {
        cred_props: match node.member("credProps") {
            Some(node) => node.boolean()?,
            None => false,
        },
    })
}
