//! One client, one authenticator, many pages.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use serde_json::{Value, json};
use stuntkey::client::DomException;
use stuntkey::encoding::base64url;
use stuntkey::{Client, Error};

#[test]
fn a_client_takes_its_device_from_page_to_page() {
    let mut client = Client::new("https://shop.example.com").unwrap();
    let at_shop = client.register(&creation(Some("shop.example.com"))).unwrap().into_response();
    client.navigate("https://bank.example").unwrap();
    assert_eq!(client.origin().unwrap().as_str(), "https://bank.example");
    // The other page may not use the shop's RP ID, and has no credential of its own.
    let of_shop = request("shop.example.com", &[]);
    let of_bank = request("bank.example", &at_shop.id);
    assert_eq!(exception(client.authenticate(&of_shop)), DomException::SecurityError);
    assert_eq!(exception(client.authenticate(&of_bank)), DomException::NotAllowedError);
    let at_bank = client.register(&creation(Some("bank.example"))).unwrap().into_response();
    assert_eq!(origin_of(&at_bank.client_data_json), "https://bank.example");
    assert_eq!(client.authenticator().credentials().unwrap().len(), 2);
    // Back at the shop, the credential made there still logs in, and its count goes on.
    client.navigate("https://shop.example.com").unwrap();
    let login = client.authenticate(&request("shop.example.com", &at_shop.id)).unwrap().into_response();
    assert_eq!((login.id, login.authenticator_data[36]), (at_shop.id, 1));
    assert_eq!(origin_of(&login.client_data_json), "https://shop.example.com");
}

#[test]
fn a_new_page_stands_at_the_top_unless_it_is_framed() {
    let builder = Client::builder("https://shop.example.com").top_origin("https://portal.example");
    let mut client = builder.client_data_member("extra", "1").build().unwrap();
    let framing = |client: &mut Client| {
        let response = client.register(&creation(None)).unwrap().into_response();
        let data: Value = serde_json::from_slice(&response.client_data_json).unwrap();
        assert_eq!(data["extra"], 1);
        (data["crossOrigin"].as_bool().unwrap(), data["topOrigin"].as_str().map(str::to_owned))
    };
    assert_eq!(framing(&mut client), (true, Some("https://portal.example".into())));
    client.navigate("https://bank.example").unwrap();
    assert_eq!(framing(&mut client), (false, None));
    client.navigate_frame("https://bank.example", "https://portal.example/").unwrap();
    assert_eq!(framing(&mut client), (true, Some("https://portal.example".into())));
    // A frame of the same origin as its ancestors is not told from a page at the top.
    client.navigate_frame("https://bank.example", "https://bank.example:443").unwrap();
    assert_eq!(framing(&mut client), (false, None));
    for (origin, top) in [("bank", "https://portal.example"), ("https://bank.example", "portal")] {
        assert!(matches!(client.navigate_frame(origin, top), Err(Error::Input(_))), "{origin} {top}");
        assert_eq!(client.origin().unwrap().as_str(), "https://bank.example");
    }
}

#[test]
fn related_origins_stay_when_the_page_changes() {
    let related = ["https://shop.example.de", "https://shop.example.fr"];
    let mut client = Client::builder("https://shop.example.de").related_origins(related).build().unwrap();
    for origin in ["https://shop.example.fr", "https://shop.example.de"] {
        client.navigate(origin).unwrap();
        let response = client.register(&creation(Some("example.com"))).unwrap().into_response();
        assert_eq!(origin_of(&response.client_data_json), origin);
    }
    client.navigate("https://shop.example.it").unwrap();
    assert_eq!(exception(client.register(&creation(Some("example.com")))), DomException::SecurityError);
}

fn creation(rp_id: Option<&str>) -> String {
    let mut rp = json!({"name": "A relying party"});
    if let Some(id) = rp_id {
        rp["id"] = id.into();
    }
    json!({
        "challenge": "AAECAwQFBgcICQoLDA0ODw",
        "rp": rp,
        "user": {"id": "AQ", "name": "alice", "displayName": "Alice"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    })
    .to_string()
}

/// `id`: the one credential that may log in; empty, any discoverable one.
fn request(rp_id: &str, id: &[u8]) -> String {
    let allowed: Vec<Value> = match id {
        [] => vec![],
        id => vec![json!({"type": "public-key", "id": base64url::encode(id)})],
    };
    json!({"challenge": "EBESExQVFhcYGRobHB0eHw", "rpId": rp_id, "allowCredentials": allowed}).to_string()
}

fn origin_of(client_data: &[u8]) -> String {
    let client_data: Value = serde_json::from_slice(client_data).unwrap();
    client_data["origin"].as_str().unwrap().to_owned()
}

fn exception<T>(result: Result<T, Error>) -> DomException {
    result.err().unwrap().dom_exception().unwrap()
}
