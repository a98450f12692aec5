//! The reply's members, beside what is in them.

use stuntkey::draft::Edit;
use stuntkey::encoding::json::{self, Json};

use super::faults::{Chapter, MUST_IN_FIDO, advice, chapter, should};
use super::play::{
    begun_login, begun_registration, edited_login, edited_login_by_name, edited_registration, login_case,
    registration_case,
};
use crate::core::case::Level;
use crate::core::outcome::Stop;
use crate::relying_party::stage::Reason;
use crate::relying_party::suite::{Case, Profile};

pub(super) const FAULTS: &[Chapter] = &[
    chapter("reply").aligned(Some("Attestation Resp-1"), Some("Assertion Resp-1")),
    // The JSON between script and server is outside of the standard (§7, first paragraphs): no step reads `id` and `type`
    // where `rawId` is there, and a lenient decoder finds the right bytes.
    advice("reply/id").cites("WebAuthn L3 §5.1").but(MUST_IN_FIDO).aligned(RESP_1.0, RESP_1.1),
    advice("registration/reply/id/other-than-raw-id").cites("WebAuthn L3 §5.1; §7.1 step 27"),
    should("authentication/reply/id/other-than-raw-id").cites("WebAuthn L3 §7.2 step 6"),
    advice("reply/type").cites("WebAuthn L3 §5.1").but(MUST_IN_FIDO).aligned(RESP_1.0, RESP_1.1),
    advice("reply/*/not-base64url")
        .cites("WebAuthn L3 §3; §5.1")
        .but(MUST_IN_FIDO)
        .aligned(RESP_1.0, RESP_1.1),
    chapter("reply/user-handle").cites("WebAuthn L3 §7.2 step 6").aligned(None, RESP_1.1),
    // Any or all outputs MAY be ignored.
    advice("registration/reply/client-extension-results").cites("WebAuthn L3 §7.1 step 28"),
    advice("authentication/reply/client-extension-results").cites("WebAuthn L3 §7.2 step 23"),
];

const RESP_1: (Option<&str>, Option<&str>) = (Some("Attestation Resp-1"), Some("Assertion Resp-1"));

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn registration() -> Vec<Case> {
    vec![
        edited_registration(
            "accepts/reply/unknown-members",
            "accept a reply with members that it does not know",
            "WebAuthn L3 §5.1",
            Edit::reply(unknown_reply_members),
        )
        .with_level(Level::Advice),
        registration_case(
            "accepts/reply/large",
            "accept a reply of 2 MiB, or refuse it without breaking",
            "WebAuthn L3 §5.1",
            |stage| {
                let mut person = stage.person()?;
                let begun = person.begin_registration()?;
                let reply = person.create_edited([Edit::reply(large)], &begun.body)?;
                person.finish_registration(&reply)?.accepted_or_cut_off("the reply")?;
                stage.person()?.register()?.accepted("a sound registration afterwards").map(drop)
            },
        )
        .with_level(Level::May),
        edited_registration(
            "accepts/reply/unknown-transport",
            "accept transports that it does not know",
            "WebAuthn L3 §5.2.1",
            Edit::reply(unknown_transport),
        )
        .with_level(Level::Should)
        .with_level_in(Profile::L2, Level::Must),
        edited_registration(
            "accepts/reply/extension-results",
            "accept client extension results that it did not ask for, or refuse them without breaking",
            "WebAuthn L3 §7.1 step 28",
            Edit::reply(unknown_extension_results),
        )
        .with_level(Level::May),
        edited_registration(
            "accepts/reply/no-transports",
            "accept a reply that tells no transports",
            "WebAuthn L3 §5.1; §5.2.1",
            Edit::reply(no_transports),
        )
        .with_level(Level::Advice),
        registration_case(
            "reply/of-a-login",
            "refuse the reply of a login where one of a registration is expected",
            "WebAuthn L3 §7.1 step 3",
            |stage| {
                let (mut person, login) = begun_login(stage)?;
                let reply = person.get(&login.body)?;
                person.begin_registration()?;
                person.finish_registration(&reply)?.refused("the reply of a login", Reason::step("7.1", 3))
            },
        )
        .catches("reply/attestation-object"),
    ]
}

fn authentication() -> Vec<Case> {
    vec![
        edited_login(
            "accepts/reply/unknown-members",
            "accept a reply with members that it does not know",
            "WebAuthn L3 §5.1",
            Edit::reply(unknown_reply_members),
        )
        .with_level(Level::Advice),
        edited_login(
            "accepts/reply/extension-results",
            "accept client extension results that it did not ask for, or refuse them without breaking",
            "WebAuthn L3 §7.2 step 23",
            Edit::reply(unknown_extension_results),
        )
        .with_level(Level::May),
        edited_login_by_name(
            "accepts/reply/no-user-handle",
            "accept a login without a user handle, if it knows the user",
            "WebAuthn L3 §7.2 step 6",
            Edit::reply(no_user_handle),
        ),
        edited_login_by_name(
            "accepts/reply/null-user-handle",
            "accept a login whose user handle is null, if it knows the user",
            "WebAuthn L3 §5.1",
            Edit::reply(null_user_handle),
        )
        .with_level(Level::Advice),
        login_case(
            "reply/of-a-registration",
            "refuse the reply of a registration where one of a login is expected",
            "WebAuthn L3 §7.2 step 3",
            |stage| {
                let mut person = stage.registered()?;
                let (mut other, begun) = begun_registration(stage)?;
                let reply = other.create(&begun.body)?;
                let begun = person.begin_authentication(true)?;
                // As the reply of the credential that is asked for, and to the right challenge's session.
                let login = person.get(&begun.body)?;
                let reply = with_members_of(&login, &["id", "rawId"], &reply)?;
                person
                    .finish_authentication(&reply)?
                    .refused("the reply of a registration", Reason::step("7.2", 3))
            },
        )
        .catches("reply/signature"),
    ]
}

fn unknown_reply_members(reply: &mut Json<'static>) {
    reply.set("stuntkey", Json::object([("unknown", Json::from(true))]));
    if let Some(response) = reply.member_mut("response") {
        response.set("stuntkey", "unknown");
    }
}

/// Outputs of extensions that clients know, and of one that nobody knows.
fn unknown_extension_results(reply: &mut Json<'static>) {
    let rk = Json::object([("rk", Json::from(true))]);
    let prf = Json::object([("enabled", Json::from(true))]);
    let unknown = Json::object([("unknown", Json::from(true))]);
    let results = Json::object([("credProps", rk), ("prf", prf), ("stuntkey", unknown)]);
    reply.set("clientExtensionResults", results);
}

fn unknown_transport(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        response.set("transports", Json::Array(vec!["internal".into(), "carrier-pigeon".into()]));
    }
}

fn no_transports(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        drop(response.remove("transports"));
    }
}

fn no_user_handle(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        drop(response.remove("userHandle"));
    }
}

fn null_user_handle(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        response.set("userHandle", Json::Null);
    }
}

/// The reply, with these members of another one in the place of its own.
fn with_members_of(other: &str, names: &[&'static str], reply: &str) -> Result<String, Stop> {
    let read =
        |text: &str| json::parse(text).map(Json::into_owned).map_err(|error| Stop::error(error.to_string()));
    let (other, mut reply) = (read(other)?, read(reply)?);
    for name in names {
        if let (Some(value), true) = (other.member(name), reply.member(name).is_some()) {
            reply.set(*name, value.clone());
        }
    }
    Ok(reply.to_string())
}

/// A member that nobody knows, of 2 MiB.
fn large(reply: &mut Json<'static>) {
    reply.set("padding", "0".repeat(2 << 20));
}
