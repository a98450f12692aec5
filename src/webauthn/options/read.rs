//! Reading options from JSON.

use std::borrow::Cow;

use super::super::input::{InputError, Leniency, Notice};
use super::super::json_form::{JsonForm, from_tree};
use super::super::reading::Node;
use super::write;
use super::{
    Attachment, AttestationConveyance, AuthenticatorSelection, CreationOptions, CredentialDescriptor, Hint,
    RelyingParty, RequestOptions, ResidentKey, Transport, User, UserVerification,
};
use crate::encoding::json::{Json, ObjectWriter};

impl CreationOptions {
    /// Reads the options from the JSON object that holds them. `path` is where it stands in the body.
    ///
    /// # Errors
    /// [`InputError`] for a member that is missing, of a wrong type or out of range, and for a tree that
    /// [`parse`](crate::encoding::json::parse) would refuse as a text of any length. What could be mended is
    /// added to `notices`.
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        from_tree(json, path, notices)
    }
}

impl JsonForm for CreationOptions {
    fn read(options: &Node<'_>) -> Result<Self, InputError> {
        options.object()?;
        let [
            rp,
            user,
            challenge,
            pub_key_cred_params,
            timeout,
            exclude_credentials,
            authenticator_selection,
            hints,
            attestation,
            attestation_formats,
            extensions,
        ] = options.members([
            "rp",
            "user",
            "challenge",
            "pubKeyCredParams",
            "timeout",
            "excludeCredentials",
            "authenticatorSelection",
            "hints",
            "attestation",
            "attestationFormats",
            "extensions",
        ]);
        let missing = |name, expected| options.missing(name, expected);
        Ok(Self {
            rp: read_relying_party(options, rp)?,
            user: User::read(
                &user.ok_or_else(|| missing("user", "an object with id, name and displayName"))?,
            )?,
            challenge: read_challenge(challenge.ok_or_else(|| missing("challenge", CHALLENGE))?)?,
            pub_key_cred_params: read_parameters(
                pub_key_cred_params.ok_or_else(|| missing("pubKeyCredParams", PARAMETERS))?,
            )?,
            timeout: read_timeout(timeout)?,
            exclude_credentials: exclude_credentials.map_or(Ok(Vec::new()), read_descriptors)?,
            authenticator_selection: or_default(authenticator_selection)?,
            hints: read_hints(hints)?,
            attestation: enumerated(attestation, AttestationConveyance::from_name)?
                .unwrap_or(AttestationConveyance::None),
            attestation_formats: match attestation_formats {
                Some(node) => {
                    node.items()?.map(|item| item.text().map(Cow::into_owned)).collect::<Result<_, _>>()?
                }
                None => Vec::new(),
            },
            extensions: or_default(extensions)?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        write::creation_options(self, object);
    }
}

impl RequestOptions {
    /// Reads the options from the JSON object that holds them. `path` is where it stands in the body.
    ///
    /// # Errors
    /// As [`CreationOptions::from_json`].
    pub fn from_json(json: &Json<'_>, path: &str, notices: &mut Vec<Notice>) -> Result<Self, InputError> {
        from_tree(json, path, notices)
    }
}

impl JsonForm for RequestOptions {
    fn read(options: &Node<'_>) -> Result<Self, InputError> {
        options.object()?;
        let [challenge, timeout, rp_id, allow_credentials, user_verification, hints, extensions] = options
            .members([
                "challenge",
                "timeout",
                "rpId",
                "allowCredentials",
                "userVerification",
                "hints",
                "extensions",
            ]);
        let challenge = challenge.ok_or_else(|| options.missing("challenge", CHALLENGE))?;
        Ok(Self {
            challenge: read_challenge(challenge)?,
            timeout: read_timeout(timeout)?,
            rp_id: read_rp_id(rp_id)?,
            allow_credentials: match allow_credentials {
                Some(list) if list.items()?.next().is_some() => Some(read_descriptors(list)?),
                _ => None,
            },
            user_verification: read_user_verification(user_verification)?,
            hints: read_hints(hints)?,
            extensions: or_default(extensions)?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        write::request_options(self, object);
    }
}

fn read_relying_party(options: &Node<'_>, rp: Option<Node<'_>>) -> Result<RelyingParty, InputError> {
    let rp = match rp {
        Some(rp) => rp,
        None => {
            let rp = options.member("relyingParty");
            let rp = rp.ok_or_else(|| options.missing("rp", "an object with a name"))?;
            rp.notice(Leniency::RelyingPartyForRp);
            rp
        }
    };
    RelyingParty::read(&rp)
}

impl JsonForm for RelyingParty {
    fn read(rp: &Node<'_>) -> Result<Self, InputError> {
        rp.object()?;
        let [id, name] = rp.members(["id", "name"]);
        let id = read_rp_id(id)?;
        let name = name.ok_or_else(|| rp.missing("name", "a string"))?;
        Ok(Self { id, name: name.text()?.into_owned() })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        write::relying_party(self, object);
    }
}

fn read_rp_id(node: Option<Node<'_>>) -> Result<Option<String>, InputError> {
    let Some(node) = node else { return Ok(None) };
    let id = node.text()?;
    if id.is_empty() {
        node.notice(Leniency::EmptyRpId);
        return Ok(None);
    }
    Ok(Some(id.into_owned()))
}

impl JsonForm for User {
    fn read(user: &Node<'_>) -> Result<Self, InputError> {
        user.object()?;
        let [id, name, display_name] = user.members(["id", "name", "displayName"]);
        let id = id.ok_or_else(|| user.missing("id", "base64url of 1 to 64 bytes"))?;
        let handle = id.bytes("base64url of 1 to 64 bytes")?;
        // §5.4.3: a user handle has at most 64 bytes and MUST NOT be empty.
        if !(1..=64).contains(&handle.len()) {
            return Err(id.error(format!("{} bytes", handle.len()), "a user handle of 1 to 64 bytes"));
        }
        let name = name.ok_or_else(|| user.missing("name", "a string"))?.text()?.into_owned();
        let display_name = match display_name {
            Some(node) => node.text()?.into_owned(),
            None => {
                if !user.has_member("displayName") {
                    user.notice_at("displayName", Leniency::MissingDisplayName);
                }
                name.clone()
            }
        };
        Ok(Self { id: handle, name, display_name })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        write::user(self, object);
    }
}

// The standard sets no upper bound; 1,024 bytes are eight times the longest challenge in its vectors.
const CHALLENGE: &str = "base64url of 16 to 1024 bytes";

fn read_challenge(node: Node<'_>) -> Result<Vec<u8>, InputError> {
    let challenge = node.bytes(CHALLENGE)?;
    match challenge.len() {
        0 => Err(node.error("an empty challenge", CHALLENGE)),
        1025.. => Err(node.error(format!("{} bytes", challenge.len()), CHALLENGE)),
        length => {
            if length < 16 {
                node.notice(Leniency::ShortChallenge(length));
            }
            Ok(challenge)
        }
    }
}

const PARAMETERS: &str = "an array of {type, alg}";

fn read_parameters(node: Node<'_>) -> Result<Vec<i64>, InputError> {
    let mut algorithms = Vec::new();
    let mut empty = true;
    for item in node.items()? {
        empty = false;
        item.object()?;
        if is_public_key(&item)? {
            let expected = "a COSE algorithm identifier";
            algorithms.push(item.required("alg", expected)?.int(expected)?);
        }
    }
    if empty {
        // §5.1.3: the default list.
        return Ok(vec![-7, -257]);
    }
    Ok(algorithms)
}

/// Whether `type` is `public-key`; another value makes the entry one to ignore (§5.8.2).
fn is_public_key(item: &Node<'_>) -> Result<bool, InputError> {
    let kind = item.required("type", "\"public-key\"")?;
    Ok(kind.enumerated(|text| (text == "public-key").then_some(()))?.is_some())
}

fn read_descriptors(list: Node<'_>) -> Result<Vec<CredentialDescriptor>, InputError> {
    let mut descriptors = Vec::new();
    for item in list.items()? {
        item.object()?;
        if !is_public_key(&item)? {
            continue;
        }
        descriptors.push(read_descriptor(&item)?);
    }
    Ok(descriptors)
}

/// A descriptor whose type is known to be `public-key`.
fn read_descriptor(item: &Node<'_>) -> Result<CredentialDescriptor, InputError> {
    let id = item.required("id", "base64url")?.bytes("base64url")?;
    let transports = known(item.member("transports"), Transport::from_name)?;
    Ok(CredentialDescriptor { id, transports })
}

impl JsonForm for CredentialDescriptor {
    fn read(object: &Node<'_>) -> Result<Self, InputError> {
        object.object()?;
        match is_public_key(object)? {
            true => read_descriptor(object),
            false => Err(object.required("type", "\"public-key\"")?.unexpected("\"public-key\"")),
        }
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        write::descriptor(self, object);
    }
}

impl JsonForm for AuthenticatorSelection {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        let [attachment, misspelled, resident_key, require_resident_key, user_verification] = node.members([
            "authenticatorAttachment",
            "authenticatorAttachement",
            "residentKey",
            "requireResidentKey",
            "userVerification",
        ]);
        if let (None, Some(misspelled)) = (&attachment, &misspelled) {
            misspelled.notice(Leniency::MisspelledAttachment);
        }
        let attachment = enumerated(attachment.or(misspelled), Attachment::from_name)?;
        // §5.4.4: without a known residentKey, requireResidentKey decides.
        let resident_key = match (enumerated(resident_key, ResidentKey::from_name)?, require_resident_key) {
            (Some(resident_key), _) => resident_key,
            (None, Some(required)) if required.boolean()? => ResidentKey::Required,
            (None, _) => ResidentKey::Discouraged,
        };
        Ok(Self { attachment, resident_key, user_verification: read_user_verification(user_verification)? })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        write::selection(self, object);
    }
}

fn read_user_verification(node: Option<Node<'_>>) -> Result<UserVerification, InputError> {
    Ok(enumerated(node, UserVerification::from_name)?.unwrap_or(UserVerification::Preferred))
}

fn read_hints(node: Option<Node<'_>>) -> Result<Vec<Hint>, InputError> {
    known(node, Hint::from_name)
}

fn read_timeout(node: Option<Node<'_>>) -> Result<Option<u64>, InputError> {
    let expected = "a number of milliseconds";
    let Some(node) = node else { return Ok(None) };
    match u64::try_from(node.int(expected)?) {
        Ok(milliseconds) => Ok(Some(milliseconds)),
        Err(_) => Err(node.unexpected(expected)),
    }
}

/// What a member holds, or the default where there is none.
fn or_default<T: JsonForm + Default>(node: Option<Node<'_>>) -> Result<T, InputError> {
    node.map_or_else(|| Ok(T::default()), |node| T::read(&node))
}

/// The value of an enumeration, if it is there and known.
fn enumerated<T>(
    node: Option<Node<'_>>,
    from_name: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, InputError> {
    node.map_or(Ok(None), |node| node.enumerated(from_name))
}

/// Those of a list's values that are known.
fn known<T>(list: Option<Node<'_>>, from_name: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, InputError> {
    let mut known = Vec::new();
    if let Some(list) = list {
        for item in list.items()? {
            known.extend(item.enumerated(&from_name)?);
        }
    }
    Ok(known)
}
