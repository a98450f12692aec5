//! `stuntkey enroll`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use stuntkey::Client;
use stuntkey::client::Preset;
use stuntkey::encoding::json::Json;
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{Answer, AuthenticationRequest, RegistrationRequest, Target};

use crate::arguments::{Authenticator, Store};
use crate::failure::Failure;
use crate::output::Output;
use crate::target::{self, Http};
use crate::{authenticator, origin, store};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The server's URL, such as https://example.mauth.nevis.cloud
    pub(crate) url: String,

    /// The account's name
    #[arg(long, value_name = "NAME")]
    pub(crate) username: String,

    /// The name to display [default: the account's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) display_name: Option<String>,

    /// Log in afterwards
    #[arg(long)]
    pub(crate) log_in: bool,

    /// The origin of the server's pages [default: the URL's, or https:// and the RP ID]
    #[arg(long, value_name = "URL", value_parser = origin::of_page)]
    pub(crate) origin: Option<String>,

    /// The shape of replies [default: the target's]
    #[arg(long, value_name = "PRESET", value_parser = PossibleValuesParser::new(Preset::all().map(Preset::name)))]
    pub(crate) reply: Option<String>,

    // The store stands before the target, as clap puts every option after a heading under that heading.
    #[command(flatten)]
    pub(crate) store: Store,

    #[command(flatten)]
    pub(crate) http: Http,

    #[command(flatten)]
    pub(crate) authenticator: Authenticator,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let target = arguments.http.open(&arguments.url, "nevis")?;
    // Nothing is tested here, so a server that gives no options has refused the enrolment.
    let user_names = target.user_names().cloned().unwrap_or_default();
    let origin = target::origin_or(arguments.origin.as_deref(), &target, Some(&arguments.url), &user_names)
        .map_err(Failure::refuted)?;
    let authenticator =
        authenticator::builder(&arguments.authenticator)?.store(store::open(&arguments.store, output)?);
    let mut client = Client::builder(&origin).authenticator(authenticator);
    if let Some(preset) = arguments.reply.as_deref().and_then(Preset::from_name).or(target.reply()) {
        client = client.reply(preset);
    }
    let mut client = client.build()?;
    let username = arguments.username.as_str();

    let mut session = target.session();
    session.set_time_left(arguments.http.deadline());
    let wanted = RegistrationRequest {
        username,
        display_name: arguments.display_name.as_deref().unwrap_or(username),
        user_verification: UserVerification::Preferred,
        resident_key: ResidentKey::Required,
        attestation: AttestationConveyance::Direct,
        conditional: false,
        extensions: "{}",
    };
    let body = accepted(session.registration_options(&wanted), "the enrolment")?;
    let reply = client.register(&body)?;
    for notice in reply.notices() {
        output.warning(notice);
    }
    let said = accepted(session.register(&reply.to_string()), "the registration")?;
    done(output, "registered", username, &reply.response().id, &said)?;
    if !arguments.log_in {
        return Ok(());
    }

    let mut session = target.session();
    session.set_time_left(arguments.http.deadline());
    let wanted =
        AuthenticationRequest { username: Some(username), user_verification: UserVerification::Preferred };
    let body = accepted(session.authentication_options(&wanted), "the beginning of the login")?;
    let reply = client.authenticate(&body)?;
    let said = accepted(session.authenticate(&reply.to_string()), "the login")?;
    done(output, "logged in", username, &reply.response().id, &said)
}

fn accepted(answer: Answer, what: &str) -> Result<String, Failure> {
    match answer {
        Answer::Accepted(body) => Ok(body),
        Answer::Refused(why) => Err(Failure::Refuted(format!("{what} was refused: {why}"))),
        Answer::Crashed(how) => Err(Failure::Refuted(format!("{what} made the server break: {how}"))),
        Answer::Hung(how) => Err(Failure::Tool(format!("{what}: {how}"))),
        Answer::Unreachable(why) => Err(Failure::Tool(format!("{what}: {why}"))),
        other => Err(Failure::Tool(format!("{what}: {other:?}"))),
    }
}

fn done(output: &Output, what: &str, username: &str, id: &[u8], said: &str) -> Result<(), Failure> {
    let id = stuntkey::encoding::base64url::encode(id);
    match output.is_json() {
        true => output.json_data(&Json::object([
            ("done", Json::from(what.to_owned())),
            ("username", username.to_owned().into()),
            ("credentialId", id.into()),
            ("answer", said.to_owned().into()),
        ])),
        false => output.data(&format!("{what}: {username} with credential {id}\n{said}")),
    }
}
