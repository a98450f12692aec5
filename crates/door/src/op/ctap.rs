//! The authenticator behind the client, by CTAP2 messages.

use serde::{Deserialize, Serialize};

use super::client::held;
use crate::error::Refusal;
use crate::held::UserAnswer;
use crate::state::State;
use crate::words::Bytes;

/// A CTAP2 command.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    client: u64,
    /// The command byte, and CBOR after it.
    request: Bytes,
    /// The channel: what one has begun, another cannot go on with. Default: 1.
    #[serde(default)]
    channel: Option<u32>,
    /// What the user does meanwhile. Default: what the model says.
    #[serde(default)]
    user: Option<UserAnswer>,
}

/// What the authenticator answers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Response {
    /// The status byte, and CBOR after it.
    response: Bytes,
}

pub(crate) fn call(state: &mut State, given: Command) -> Result<Response, Refusal> {
    let held = held(state, given.client)?;
    held.tell_user(given.user);
    let response = held.client.authenticator().call(given.channel.unwrap_or(1), &given.request.0);
    Ok(Response { response: Bytes(response) })
}
