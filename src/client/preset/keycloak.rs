//! Keycloak: its pages carry template variables in a script in place of options, and post a form.
//!
//! The input is the page itself, or the variables as a JSON object.

use super::Writer::Form;
use super::{Carried, OwnOptions, Vendor};
use crate::crypto::Algorithm;
use crate::encoding::base64url::encode;
use crate::encoding::json::{Document, Json, Value};
use crate::webauthn::{Attachment, AuthenticationResponse, Ceremony, RegistrationResponse};

pub(super) const ENTRY: Vendor = Vendor {
    name: "keycloak",
    recognise: |place| ceremony(place.value).is_some(),
    page: Some(variables_of_page),
    options: Some(OwnOptions { ceremony, to_standard }),
    registration: Form(registration),
    authentication: Form(authentication),
};

/// The variables of both pages.
const VARIABLES: [&str; 16] = [
    "challenge",
    "userid",
    "username",
    "signatureAlgorithms",
    "rpEntityName",
    "rpId",
    "attestationConveyancePreference",
    "authenticatorAttachment",
    "residentKey",
    "requireResidentKey",
    "userVerificationRequirement",
    "createTimeout",
    "excludeCredentialIds",
    "isUserIdentified",
    "userVerification",
    "allowCredentialIds",
];

/// The ceremony whose variables an object holds, if it does.
fn ceremony(object: Value<'_>) -> Option<Ceremony> {
    let has = |name| object.member(name).is_some();
    if !has("challenge") {
        None
    } else if has("userid") && (has("rpEntityName") || has("signatureAlgorithms")) {
        Some(Ceremony::Create)
    } else if has("isUserIdentified") || has("createTimeout") {
        Some(Ceremony::Get)
    } else {
        None
    }
}

/// The variables in the script of a page, as an object; `None` if the body is not a page that has them.
fn variables_of_page(body: &str) -> Option<Json<'static>> {
    let found: Vec<_> = VARIABLES.iter().filter_map(|name| Some((*name, variable(body, name)?))).collect();
    let variables = Json::object(found);
    ceremony(Document::of_tree(&variables, &mut String::new()).ok()?.root())?;
    Some(variables)
}

/// The value of the first `name: value` or `name = value` in a script, if it is a literal. Only eight occurrences of the
/// name are examined, so that a page of nothing but names does not take long.
fn variable(page: &str, name: &str) -> Option<Json<'static>> {
    let assigned = page.match_indices(name).filter_map(|(at, _)| {
        let before = page.get(..at)?.chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$')) {
            return None;
        }
        let rest = page.get(at + name.len()..)?.trim_start_matches(['"', '\'']).trim_start();
        Some(rest.strip_prefix(':').or_else(|| rest.strip_prefix('='))?.trim_start())
    });
    assigned.take(8).find_map(literal)
}

/// A string, a list of words in brackets (as one comma-separated string), or a bare word.
fn literal(text: &str) -> Option<Json<'static>> {
    let mut characters = text.chars();
    match characters.next()? {
        quote @ ('"' | '\'') => {
            let mut value = String::new();
            loop {
                match characters.next()? {
                    c if c == quote => return Some(value.into()),
                    '\\' => value.push(escape(&mut characters)?),
                    c => value.push(c),
                }
            }
        }
        '[' => {
            let inside = characters.as_str();
            let list = inside.get(..inside.find(']')?)?;
            let words: Vec<&str> = words(list).collect();
            Some(words.join(",").into())
        }
        c if c.is_ascii_alphanumeric() || c == '-' => {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
            Some(text.get(..end)?.to_owned().into())
        }
        _ => None,
    }
}

/// The character behind a backslash in a JavaScript string.
fn escape(characters: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match characters.next()? {
        'u' => 4,
        'x' => 2,
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        other => return Some(other),
    };
    let code: String = characters.by_ref().take(digits).collect();
    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)
}

/// The words of a comma-separated list.
fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|word| word.trim().trim_matches(['"', '\''])).filter(|word| !word.is_empty())
}

/// Standard options made of the variables.
fn to_standard(variables: Value<'_>, ceremony: Ceremony) -> Json<'static> {
    // "not specified" is Keycloak's word for absent.
    let text = |name: &str| match variables.member(name)?.to_json() {
        Json::String(text) if text.is_empty() || text == "not specified" => None,
        Json::String(text) => Some(text.into_owned()),
        Json::Array(items) => Some(items.iter().map(plain).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    };
    let member = |name: &'static str, variable: &str| text(variable).map(|value| (name, Json::from(value)));
    let descriptors = |variable: &str| {
        let ids = text(variable)?;
        let items = words(&ids)
            .map(|id| Json::object([("type", Json::from("public-key")), ("id", id.to_owned().into())]));
        Some(Json::Array(items.collect()))
    };
    // Seconds; 0 is Keycloak's word for no timeout.
    let timeout = text("createTimeout").map(|seconds| match seconds.parse::<i64>() {
        Ok(0) => None,
        Ok(seconds) => Some(("timeout", Json::from(seconds.saturating_mul(1000)))),
        Err(_) => Some(("timeout", seconds.into())),
    });
    let mut options: Vec<(&str, Json<'static>)> = member("challenge", "challenge").into_iter().collect();
    options.extend(timeout.flatten());
    match ceremony {
        Ceremony::Create => {
            let name = text("rpEntityName").unwrap_or_default();
            options.push((
                "rp",
                Json::object([("name", Json::from(name))].into_iter().chain(member("id", "rpId"))),
            ));
            let user = member("id", "userid").into_iter().chain(member("name", "username"));
            options.push(("user", Json::object(user.chain(member("displayName", "username")))));
            let algorithms = text("signatureAlgorithms").unwrap_or_default();
            options.push(("pubKeyCredParams", Json::Array(words(&algorithms).map(parameter).collect())));
            let resident_key = member("residentKey", "residentKey");
            let require = text("requireResidentKey")
                .map(|v| ("requireResidentKey", (v == "Yes" || v == "true").into()));
            let selection = member("authenticatorAttachment", "authenticatorAttachment")
                .into_iter()
                .chain(resident_key)
                .chain(require)
                .chain(member("userVerification", "userVerificationRequirement"));
            options.push(("authenticatorSelection", Json::object(selection)));
            options.extend(member("attestation", "attestationConveyancePreference"));
            options.extend(descriptors("excludeCredentialIds").map(|list| ("excludeCredentials", list)));
        }
        Ceremony::Get => {
            options.extend(member("rpId", "rpId"));
            options.extend(member("userVerification", "userVerification"));
            options.extend(descriptors("allowCredentialIds").map(|list| ("allowCredentials", list)));
        }
    }
    Json::object(options)
}

fn plain(json: &Json<'_>) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// An algorithm by its COSE identifier, or by its name, as older templates have it.
fn parameter(algorithm: &str) -> Json<'static> {
    let named = match algorithm {
        "Ed25519" => Some(Algorithm::EdDsa),
        name => Algorithm::from_name(name),
    };
    let identifier = named.map(Algorithm::cose_identifier).or_else(|| algorithm.parse().ok());
    let alg = identifier.map_or_else(|| Json::from(algorithm.to_owned()), Json::from);
    Json::object([("type", Json::from("public-key")), ("alg", alg)])
}

fn registration(response: &RegistrationResponse, carried: &mut Carried<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("clientDataJSON", encode(&response.client_data_json)),
        ("attestationObject", encode(&response.attestation_object)),
        ("publicKeyCredentialId", encode(&response.id)),
        ("authenticatorLabel", carried.label("authenticatorLabel").to_owned()),
        ("transports", response.transport_names().join(",")),
        ("authenticatorAttachment", response.attachment.map_or("", Attachment::as_str).to_owned()),
    ]
}

fn authentication(response: &AuthenticationResponse, _: &mut Carried<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("clientDataJSON", encode(&response.client_data_json)),
        ("authenticatorData", encode(&response.authenticator_data)),
        ("signature", encode(&response.signature)),
        ("credentialId", encode(&response.id)),
        ("userHandle", response.user_handle.as_deref().map(encode).unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_in_a_script_are_read() {
        let page =
            r"<script>x = { challenge: 'AA', username: 'O\u0027N\x65il\n\'', createTimeout: 60 }</script>";
        let variables = variables_of_page(page).unwrap();
        assert_eq!(variables.member("username").unwrap().as_str(), Some("O'Neil\n'"));
        assert_eq!(variables.member("createTimeout").unwrap().as_str(), Some("60"));
    }

    #[test]
    fn a_page_of_names_takes_no_time() {
        assert!(variables_of_page(&format!("<script>{}", "challenge:[".repeat(300_000))).is_none());
    }
}
