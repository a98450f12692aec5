//! What the tests of `inspect` share: the vectors of WebAuthn Level 3, and ways through what is printed.
#![allow(dead_code, unused_imports, reason = "each test file takes what it needs")]

pub(crate) use std::path::Path;
pub(crate) use std::process::Output;

pub(crate) use serde_json::{Value, json as value};
pub(crate) use sha2::{Digest, Sha256};
pub(crate) use stuntkey::encoding::base64url::encode;

pub(crate) use crate::common::{
    creation_options, json, nevis, request_options, run, stderr, stdout, stuntkey,
};

pub(crate) const VECTORS: &str = include_str!("../../../../tests/vectors/webauthn-l3-vectors.json");
pub(crate) const IDS: [&str; 15] = [
    "none-es256",
    "packed-self-es256",
    "none-es256-crossOrigin",
    "none-es256-topOrigin",
    "none-es256-long-credential-id",
    "packed-es256",
    "packed-es384",
    "packed-es512",
    "packed-rs256",
    "packed-eddsa",
    "packed-ed448",
    "tpm-es256",
    "android-key-es256",
    "apple-es256",
    "fido-u2f-es256",
];

pub(crate) fn inspect(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = stuntkey(Path::new("/nonexistent"));
    command.env_remove("NO_COLOR").env("COLUMNS", "80").arg("inspect").args(arguments);
    run(&mut command, input)
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    stuntkey_inspect::text::from_hex(text).unwrap()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    stuntkey_inspect::text::hex(bytes)
}

/// A registration (0) or an authentication (1) of the standard.
pub(crate) struct Vector(pub(crate) Value);

impl Vector {
    pub(crate) fn of(id: &str) -> Self {
        let sections: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        let wanted = format!("sctn-test-vectors-{id}");
        Self(sections.into_iter().find(|section| section["id"] == wanted.as_str()).unwrap()["blocks"].take())
    }

    pub(crate) fn bytes(&self, block: usize, name: &str) -> Vec<u8> {
        hex(self.0[block][name].as_str().unwrap_or_else(|| panic!("{name}")))
    }

    pub(crate) fn reply(&self, block: usize) -> Value {
        let id = encode(&self.bytes(0, "credential_id"));
        let names: &[&str] = match block {
            0 => &["clientDataJSON", "attestationObject"],
            _ => &["clientDataJSON", "authenticatorData", "signature"],
        };
        let members =
            names.iter().map(|name| ((*name).to_owned(), Value::from(encode(&self.bytes(block, name)))));
        let response: Value = members.collect::<serde_json::Map<_, _>>().into();
        value!({"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response})
    }

    pub(crate) fn challenge(&self, block: usize) -> String {
        encode(&self.bytes(block, "challenge"))
    }
}

/// The node that names lead to.
pub(crate) fn node<'a>(tree: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().fold(tree, |node, name| {
        let children =
            node["children"].as_array().unwrap_or_else(|| panic!("no children where {name} should be"));
        children.iter().find(|child| child["name"] == *name).unwrap_or_else(|| panic!("no {name}"))
    })
}

/// The names of every failed check, with the steps' numbers.
pub(crate) fn failed(verification: &Value) -> Vec<(u64, String)> {
    let steps = verification["steps"].as_array().unwrap();
    let failures = steps.iter().flat_map(|step| {
        let failures = step["failures"].as_array().cloned().unwrap_or_default();
        failures
            .into_iter()
            .map(|f| (step["step"].as_u64().unwrap(), f["check"].as_str().unwrap().to_owned()))
    });
    failures.collect()
}

/// What each vector needs beyond the defaults, as in the verifier's own tests.
pub(crate) fn willing(id: &str) -> Vec<&'static str> {
    match id {
        "none-es256-crossOrigin" => vec!["--cross-origin"],
        "none-es256-topOrigin" => vec!["--cross-origin", "--top-origin", "https://example.com"],
        _ => Vec::new(),
    }
}
