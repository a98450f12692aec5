//! What a server has to trust.

use serde::{Deserialize, Serialize};
use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;

use super::client::{authority, held};
use crate::error::{Name, Refusal};
use crate::state::State;
use crate::words::{Any, Bytes};

/// Whose root: a client's, a seed's or an authority's. Default: the test root, which attestation ends in without a seed.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Of {
    #[serde(default)]
    client: Option<u64>,
    #[serde(default)]
    seed: Option<String>,
    /// PEM of a certificate and its private key.
    #[serde(default)]
    attestation_authority: Option<String>,
}

/// A root certificate.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Root {
    pem: String,
    der: Bytes,
}

pub(crate) fn root(state: &mut State, given: Of) -> Result<Root, Refusal> {
    let root = match (given.client, &given.seed, &given.attestation_authority) {
        (None, None, None) => CertificateAuthority::test_root(),
        (Some(client), None, None) => {
            held(state, client)?.client.authenticator().attestation_authority().clone()
        }
        (None, Some(seed), None) => CertificateAuthority::seeded(seed),
        (None, None, Some(pem)) => authority(pem)?,
        _ => {
            return Err(Refusal::new(
                Name::Request,
                "$: found several of client, seed and attestationAuthority, expected one at most",
            )
            .at("$"));
        }
    };
    Ok(Root { pem: root.certificate_pem(), der: Bytes(root.certificate_der().to_vec()) })
}

/// Whose metadata, and in which form.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    client: u64,
    /// The algorithm to sign a metadata BLOB by, such as `RS256`, which is a string then. Default: the statement alone, which
    /// is an object.
    #[serde(default)]
    blob: Option<String>,
}

pub(crate) fn metadata(state: &mut State, given: Metadata) -> Result<Any<Json<'static>>, Refusal> {
    let authenticator = held(state, given.client)?.client.authenticator();
    let Some(name) = given.blob else {
        return Ok(Any(authenticator.metadata_statement()));
    };
    let refuse = |found: String| Refusal::new(Name::Request, format!("$.blob: {found}")).at("$.blob");
    let algorithm: Algorithm = name.parse().map_err(|error| refuse(format!("{error}")))?;
    let blob = authenticator.metadata_blob(algorithm).map_err(|error| refuse(error.to_string()))?;
    Ok(Any(blob.into()))
}
