//! The client data: §7.1 steps 5 to 11, §7.2 steps 8 to 14.

use super::Fault;
use super::changes::{change, client_data, other_first_character, remove, set};
use crate::draft::constant_edits as edits;
use crate::encoding::json::Json;

pub(super) const FAULTS: &[Fault] = &[
    Fault::both(
        "client-data/json/not-json",
        (6, 9),
        "the client data is no JSON",
        edits![ClientDataJson(|json| {
            *json = b"webauthn".to_vec();
        })],
    ),
    Fault::both(
        "client-data/json/array",
        (6, 9),
        "the client data is an array",
        edits![ClientDataJson(|json| {
            *json = [b"[", json.as_slice(), b"]"].concat();
        })],
    ),
    Fault::both(
        "client-data/json/truncated",
        (6, 9),
        "the client data ends early",
        edits![ClientDataJson(|json| {
            json.pop();
        })],
    ),
    Fault::both(
        "client-data/json/trailing-bytes",
        (6, 9),
        "something follows the client data",
        edits![ClientDataJson(|json| {
            json.push(b'x');
        })],
    ),
    Fault::both(
        "client-data/type/missing",
        (7, 10),
        "the client data has no type",
        edits![ClientDataJson(|json| {
            client_data(json, |data| remove(data, "type"));
        })],
    ),
    Fault::both(
        "client-data/type/empty",
        (7, 10),
        "the type is empty",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "type", ""));
        })],
    ),
    Fault::both(
        "client-data/type/not-text",
        (7, 10),
        "the type is a number",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "type", 1));
        })],
    ),
    Fault::both(
        "client-data/type/other-ceremony",
        (7, 10),
        "the type is the other ceremony's",
        edits![ClientDataJson(|json| {
            client_data(json, |data| {
                change(data, "type", |found| {
                    if found == "webauthn.get" { "webauthn.create".into() } else { "webauthn.get".into() }
                });
            });
        })],
    ),
    Fault::both(
        "client-data/type/nonsense",
        (7, 10),
        "the type is of no ceremony",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "type", "webauthn.nonsense"));
        })],
    ),
    Fault::both(
        "client-data/type/upper-case",
        (7, 10),
        "the type is in another case",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "type", str::to_uppercase));
        })],
    ),
    Fault::both(
        "client-data/type/twice",
        (7, 10),
        "there is a second type, which is another",
        edits![ClientDataJson(|json| {
            twice(json, "type", "webauthn.nonsense");
        })],
    ),
    Fault::both(
        "client-data/challenge/missing",
        (8, 11),
        "the client data has no challenge",
        edits![ClientDataJson(|json| {
            client_data(json, |data| remove(data, "challenge"));
        })],
    ),
    Fault::both(
        "client-data/challenge/empty",
        (8, 11),
        "the challenge is empty",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "challenge", ""));
        })],
    ),
    Fault::both(
        "client-data/challenge/not-text",
        (8, 11),
        "the challenge is a number",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "challenge", 1));
        })],
    ),
    Fault::both(
        "client-data/challenge/other",
        (8, 11),
        "the challenge is another than the one issued",
        edits![ClientDataJson(|json| client_data(json, |data| change(
            data,
            "challenge",
            other_first_character
        )))],
    ),
    Fault::both(
        "client-data/challenge/cut",
        (8, 11),
        "the challenge is a part of the one issued",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "challenge", |c| c.chars().take(8).collect()))
        })],
    ),
    Fault::both(
        "client-data/challenge/not-base64url",
        (8, 11),
        "the challenge has a character that base64url lacks",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "challenge", |challenge| format!("{challenge}!")));
        })],
    ),
    Fault::both(
        "client-data/challenge/padded",
        (8, 11),
        "the challenge is padded",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "challenge", |challenge| format!("{challenge}==")));
        })],
    ),
    Fault::both(
        "client-data/challenge/twice",
        (8, 11),
        "there is a second challenge, which is another",
        edits![ClientDataJson(|json| {
            twice(json, "challenge", "AAAAAAAAAAAAAAAAAAAAAA");
        })],
    ),
    Fault::both(
        "client-data/origin/missing",
        (9, 12),
        "the client data has no origin",
        edits![ClientDataJson(|json| {
            client_data(json, |data| remove(data, "origin"));
        })],
    ),
    Fault::both(
        "client-data/origin/empty",
        (9, 12),
        "the origin is empty",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "origin", ""));
        })],
    ),
    Fault::both(
        "client-data/origin/not-text",
        (9, 12),
        "the origin is a number",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "origin", 1));
        })],
    ),
    Fault::both(
        "client-data/origin/other-site",
        (9, 12),
        "the origin is another site",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "origin", "https://attacker.example"));
        })],
    ),
    Fault::both(
        "client-data/origin/suffix",
        (9, 12),
        "the origin only begins like the right one",
        edits![ClientDataJson(|json| {
            client_data(json, |data| {
                change(data, "origin", |origin| {
                    let (host, port) = host_and_port(origin);
                    format!("{host}.attacker.example{port}")
                });
            });
        })],
    ),
    Fault::both(
        "client-data/origin/subdomain",
        (9, 12),
        "the origin is a subdomain of the right one",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", |origin| origin.replacen("://", "://sub.", 1)));
        })],
    ),
    Fault::both(
        "client-data/origin/parent",
        (9, 12),
        "the origin is the parent domain of the right one",
        edits![ClientDataJson(|json| client_data(json, |data| change(data, "origin", parent)))],
    ),
    Fault::both(
        "client-data/origin/port",
        (9, 12),
        "the origin has another port",
        edits![ClientDataJson(|json| {
            client_data(json, |data| {
                change(data, "origin", |origin| {
                    let (host, port) = host_and_port(origin);
                    format!("{host}:{}", if port == ":8443" { "8444" } else { "8443" })
                });
            });
        })],
    ),
    Fault::both(
        "client-data/origin/scheme",
        (9, 12),
        "the origin has another scheme",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", other_scheme));
        })],
    ),
    Fault::both(
        "client-data/origin/prefix",
        (9, 12),
        "the origin only ends like the right one",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", |origin| origin.replacen("://", "://evil", 1)));
        })],
    ),
    Fault::both(
        "client-data/origin/user-info",
        (9, 12),
        "the right origin stands before the @ of another site",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", |origin| format!("{origin}@attacker.example")));
        })],
    ),
    Fault::both(
        "client-data/origin/null",
        (9, 12),
        "the origin is null, as that of a page in a sandbox",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "origin", "null"));
        })],
    ),
    Fault::both(
        "client-data/origin/homograph",
        (9, 12),
        "a letter of the origin is of another alphabet",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", homograph));
        })],
    ),
    Fault::both(
        "client-data/origin/android-app",
        (9, 12),
        "the origin is that of an Android app",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "origin", ANDROID_APP));
        })],
    ),
    Fault::both(
        "client-data/origin/ios-app",
        (9, 12),
        "the origin is that of an iOS app",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "origin", "ios:bundle-id:com.example.app"));
        })],
    ),
    Fault::both(
        "client-data/origin/default-port",
        (9, 12),
        "the origin has the default port of its scheme",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", with_default_port));
        })],
    ),
    Fault::both(
        "client-data/origin/trailing-slash",
        (9, 12),
        "the origin ends with a slash",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", |origin| format!("{origin}/")));
        })],
    ),
    Fault::both(
        "client-data/origin/upper-case",
        (9, 12),
        "the origin is in another case",
        edits![ClientDataJson(|json| {
            client_data(json, |data| change(data, "origin", str::to_uppercase));
        })],
    ),
    Fault::both(
        "client-data/origin/twice",
        (9, 12),
        "there is a second origin, which is another",
        edits![ClientDataJson(|json| {
            twice(json, "origin", "https://attacker.example");
        })],
    ),
    Fault::both(
        "client-data/cross-origin/true",
        (10, 13),
        "the page was embedded in one of another origin",
        edits![ClientDataJson(|json| client_data(json, |data| set(data, "crossOrigin", true)))],
    ),
    Fault::both(
        "client-data/cross-origin/not-boolean",
        (10, 13),
        "crossOrigin is a text",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "crossOrigin", "false"));
        })],
    ),
    Fault::both(
        "client-data/top-origin/unexpected",
        (11, 14),
        "there is a top origin where none is expected",
        edits![ClientDataJson(|json| {
            client_data(json, |data| set(data, "topOrigin", "https://attacker.example"))
        })],
    ),
    Fault::both(
        "client-data/top-origin/not-embedded",
        (11, 14),
        "there is a top origin, its own, and the page was not embedded",
        edits![ClientDataJson(|json| {
            client_data(json, |data| {
                let origin = data.member("origin").and_then(Json::as_str).unwrap_or_default().to_owned();
                set(data, "topOrigin", origin);
            });
        })],
    ),
    Fault::both(
        "client-data/top-origin/not-text",
        (11, 14),
        "the top origin is a number",
        edits![ClientDataJson(|json| client_data(json, |data| set(data, "topOrigin", 1)))],
    ),
];

/// `https://example.org` of `https://login.example.org`; a domain of two labels becomes its top-level domain.
fn parent(origin: &str) -> String {
    let (origin, port) = host_and_port(origin);
    let (scheme, host) = origin.split_once("://").unwrap_or(("https", origin));
    let parent = host.split_once('.').map_or("invalid", |(_, parent)| parent);
    format!("{scheme}://{parent}{port}")
}

/// The origin without its port, and the port with its colon; empty if there is none.
fn host_and_port(origin: &str) -> (&str, &str) {
    let after_scheme = origin.find("://").map_or(0, |at| at + 3);
    match origin.rfind(':') {
        Some(at) if at >= after_scheme => origin.split_at(at),
        _ => (origin, ""),
    }
}

/// What a page of an Android app has for an origin: a hash of the certificate that the app is signed with.
const ANDROID_APP: &str = "android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck";

/// The first letter of the host that Cyrillic has, too, in Cyrillic.
fn homograph(origin: &str) -> String {
    let start = origin.find("://").map_or(0, |at| at + 3);
    let (scheme, host) = origin.split_at(start);
    let letters = [("a", "\u{430}"), ("e", "\u{435}"), ("o", "\u{43e}")];
    match letters.iter().find(|(latin, _)| host.contains(latin)) {
        Some((latin, cyrillic)) => format!("{scheme}{}", host.replacen(latin, cyrillic, 1)),
        None => format!("{scheme}\u{430}{host}"),
    }
}

/// The same origin, as no client writes it; unchanged if it has a port.
fn with_default_port(origin: &str) -> String {
    match (host_and_port(origin).1, origin.starts_with("https:")) {
        ("", true) => format!("{origin}:443"),
        ("", false) => format!("{origin}:80"),
        _ => origin.to_owned(),
    }
}

/// A second member of this name at the end.
fn twice(json: &mut Vec<u8>, name: &str, value: &str) {
    json.pop();
    json.extend_from_slice(format!(",\"{name}\":\"{value}\"}}").as_bytes());
}

fn other_scheme(origin: &str) -> String {
    match origin.strip_prefix("https://") {
        Some(host) => format!("http://{host}"),
        None => origin.replacen("http://", "https://", 1),
    }
}
