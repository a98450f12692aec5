//! Options, clients and what is read out of their responses.

use ciborium::Value as Cbor;
use serde_json::{Value, json};
use stuntkey::authenticator::{Answer, Authenticator, AuthenticatorBuilder, Credential, Script};
use stuntkey::client::{DomException, Refusal};
use stuntkey::encoding::base64url;
use stuntkey::webauthn::{AuthenticationResponse, RegistrationResponse};
use stuntkey::{Client, Error};

pub(crate) const SELECTION: &str = "/authenticatorSelection";

/// Creation options for a server-side credential of alice.
pub(crate) fn creation() -> Value {
    json!({
        "rp": { "id": "example.com", "name": "Example" },
        "user": { "id": "YWxpY2U", "name": "alice", "displayName": "Alice" },
        "challenge": "AAECAwQFBgcICQoLDA0ODw",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
    })
}

/// Creation options for a discoverable credential.
pub(crate) fn resident(name: &str) -> Value {
    let user = json!({ "id": base64url::encode(name.as_bytes()), "name": name, "displayName": name });
    with(with(creation(), "/user", user), SELECTION, json!({ "residentKey": "required" }))
}

pub(crate) fn excluding(id: &[u8]) -> Value {
    let descriptor = json!({ "type": "public-key", "id": base64url::encode(id) });
    with(creation(), "/excludeCredentials", json!([descriptor]))
}

pub(crate) fn request() -> Value {
    json!({ "challenge": "EBESExQVFhcYGRobHB0eHw", "rpId": "example.com" })
}

pub(crate) fn allowing(ids: &[&[u8]]) -> Value {
    let descriptor = |id: &&[u8]| json!({ "type": "public-key", "id": base64url::encode(id) });
    with(request(), "/allowCredentials", ids.iter().map(descriptor).collect())
}

pub(crate) fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[name] = new;
    value
}

pub(crate) fn key() -> AuthenticatorBuilder {
    Authenticator::builder()
}

pub(crate) fn client() -> Client {
    Client::new("https://example.com").unwrap()
}

pub(crate) fn client_with(builder: AuthenticatorBuilder) -> Client {
    Client::builder("https://example.com").authenticator(builder.build().unwrap()).build().unwrap()
}

pub(crate) fn scripted(answers: impl IntoIterator<Item = Answer>) -> Client {
    client_with(key().user(Script::new(answers)))
}

pub(crate) fn stored(client: &mut Client) -> Vec<Credential> {
    client.authenticator().store().begin().unwrap().all().unwrap()
}

pub(crate) fn create(client: &mut Client, body: &Value) -> Result<RegistrationResponse, DomException> {
    let reply = client.register(&body.to_string()).map_err(|error| error.dom_exception().unwrap())?;
    Ok(reply.response().clone())
}

pub(crate) fn get(client: &mut Client, body: &Value) -> Result<AuthenticationResponse, DomException> {
    let reply = client.authenticate(&body.to_string()).map_err(|error| error.dom_exception().unwrap())?;
    Ok(reply.response().clone())
}

pub(crate) fn refusal<T>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => panic!("no refusal: {error}"),
        Ok(_) => panic!("no refusal"),
    }
}

/// The statement's format and the certificates in `x5c`.
pub(crate) fn attestation_of(response: &RegistrationResponse) -> (String, Vec<Vec<u8>>) {
    let member = |map: &Cbor, name: &str| {
        map.as_map()
            .unwrap()
            .iter()
            .find(|(key, _)| key.as_text() == Some(name))
            .map(|(_, value)| value.clone())
    };
    let object: Cbor = ciborium::from_reader(&response.attestation_object[..]).unwrap();
    let fmt = member(&object, "fmt").unwrap().into_text().unwrap();
    let statement = member(&object, "attStmt").unwrap();
    assert_eq!(fmt == "none", statement == Cbor::Map(vec![]), "§8.7");
    let chain = member(&statement, "x5c").map(|chain| chain.into_array().unwrap()).unwrap_or_default();
    (fmt, chain.into_iter().map(|certificate| certificate.into_bytes().unwrap()).collect())
}

pub(crate) fn count(authenticator_data: &[u8]) -> u32 {
    u32::from_be_bytes(authenticator_data[33..37].try_into().unwrap())
}

pub(crate) fn origin_of(client_data: &[u8]) -> String {
    let client_data: Value = serde_json::from_slice(client_data).unwrap();
    client_data["origin"].as_str().unwrap().to_owned()
}
