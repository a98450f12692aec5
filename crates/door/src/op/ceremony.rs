//! Both ceremonies.

use serde::{Deserialize, Serialize};
use stuntkey::Client;
use stuntkey::encoding::json::Json;

use super::client::held;
use super::faults;
use crate::error::{Name, Refusal};
use crate::held::{Held, UserAnswer};
use crate::state::State;
use crate::words::{Any, Body, OneOrMore};

/// A ceremony: what a server sent, and what this ceremony has that others of the client have not.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Ceremony {
    client: u64,
    /// What the server sent: the options, in any known shape.
    options: Body,
    /// The origin of the page, to which the client goes first.
    #[serde(default)]
    origin: Option<String>,
    /// The origin of the page at the top, if that page is in a frame.
    #[serde(default)]
    top_origin: Option<String>,
    /// The ids of faults that this ceremony has.
    #[serde(default)]
    fault: OneOrMore<String>,
    /// What the user does in this ceremony. Default: what the model says.
    #[serde(default)]
    user: Option<UserAnswer>,
    /// Whether this ceremony is sound, whatever faults the client was made with.
    #[serde(default)]
    sound: bool,
}

/// What to send to the server, and what is in it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The standard's `RegistrationResponseJSON` or `AuthenticationResponseJSON`. A fault of replies is in it where it is the
    /// body, which is so for the shape `l3`; else it is in the body alone.
    response: Any<Json<'static>>,
    /// The body of the request to the server, as text.
    body: String,
    /// The media type of the body.
    content_type: String,
    /// The shape of the body.
    preset: String,
    /// What was mended or ignored in the options.
    notices: Vec<Notice>,
    /// Members that the shape requires, and that nobody gave.
    missing: Vec<String>,
}

/// Something in the options that was mended or ignored.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Notice {
    path: String,
    message: String,
}

pub(crate) fn register(state: &mut State, given: Ceremony) -> Result<Reply, Refusal> {
    perform(state, &given, |client, body| {
        let reply = client.register(body)?;
        Ok(written(&reply, reply.response().to_json()))
    })
}

pub(crate) fn authenticate(state: &mut State, given: Ceremony) -> Result<Reply, Refusal> {
    perform(state, &given, |client, body| {
        let reply = client.authenticate(body)?;
        Ok(written(&reply, reply.response().to_json()))
    })
}

type Act = fn(&mut Client, &str) -> Result<Reply, Refusal>;

fn perform(state: &mut State, given: &Ceremony, act: Act) -> Result<Reply, Refusal> {
    let faults: Vec<_> =
        given.fault.iter().map(|id| faults::by_id(id, "$.fault")).collect::<Result<_, _>>()?;
    if given.sound && !faults.is_empty() {
        return Err(Refusal::new(Name::Request, "$.sound: found true beside a fault, expected one of them")
            .at("$.sound"));
    }
    let held: &mut Held = held(state, given.client)?;
    held.tell_user(given.user);
    match (&given.origin, &given.top_origin) {
        (Some(origin), Some(top_origin)) => held.client.navigate_frame(origin, top_origin)?,
        (Some(origin), None) => held.client.navigate(origin)?,
        (None, Some(_)) => {
            return Err(Refusal::new(
                Name::Request,
                "$.topOrigin: found it without an origin, expected \"origin\" beside it",
            )
            .at("$.topOrigin"));
        }
        (None, None) => {}
    }
    let body = given.options.text();
    match given.sound {
        true => held.client.unedited(|client| act(client, &body)),
        false => with_faults(&mut held.client, &faults, &mut |client| act(client, &body)),
    }
}

fn with_faults(
    client: &mut Client,
    faults: &[&stuntkey::fault::Fault],
    act: &mut dyn FnMut(&mut Client) -> Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    match faults {
        [] => act(client),
        [first, rest @ ..] => client.faulty(first, |client| with_faults(client, rest, act))?,
    }
}

fn written<R>(reply: &stuntkey::Reply<R>, response: Json<'static>) -> Reply {
    let notice = |notice: &stuntkey::webauthn::Notice| Notice {
        path: notice.path.clone(),
        message: notice.to_string(),
    };
    let is_body = reply.preset().name() == "l3";
    let body = reply.json().filter(|_| is_body).map(Json::into_owned);
    Reply {
        response: Any(body.unwrap_or(response)),
        body: reply.to_string(),
        content_type: reply.content_type().to_owned(),
        preset: reply.preset().name().to_owned(),
        notices: reply.notices().iter().map(notice).collect(),
        missing: reply.missing().iter().map(|name| (*name).to_owned()).collect(),
    }
}
