//! The target that is tested, as the arguments describe it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use stuntkey::client::{Preset, find_creation_options};
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{
    Answer, Description, HttpTarget, ProcessTarget, RegistrationRequest, Target, UserNames,
};
use url::{Host, Url};

use crate::arguments::{duration, pair};
use crate::failure::Failure;
use crate::secret::Bearer;
use crate::{input, origin};

/// How a server is spoken to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct Http {
    /// How the server is spoken to: fido, nevis or another name in docs/conform.md, or a description file (TOML) [default: fido; for enroll nevis]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) target: Option<PathBuf>,

    /// A value for a name in the target's description
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) variables: Vec<(String, String)>,

    /// A header to send with every request; @FILE reads headers from a file, one a line
    #[arg(long = "header", value_name = "NAME: VALUE|@FILE", value_parser = headers)]
    pub(crate) headers: Vec<Headers>,

    #[command(flatten)]
    pub(crate) bearer: Bearer,

    /// Trust only the certificates in this file (PEM) for HTTPS [default: those of the system]
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// How long a case, or a request, may take [default: 10s, before an authenticator 45s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) deadline: Option<Duration>,
}

/// Another relying party of the same server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct Second {
    /// The URL of another relying party of the same server, such as another tenant's, with an RP ID and users of its own
    #[arg(long, value_name = "URL", requires = "url", conflicts_with = "command_line")]
    pub(crate) second_url: Option<String>,

    /// The origin of its pages [default: the URL's, or https:// and its RP ID]
    #[arg(long, value_name = "URL", requires = "second_url", value_parser = origin::of_page)]
    pub(crate) second_origin: Option<String>,
}

impl Second {
    /// Opens it as the first one is opened, and finds out the origin of its pages.
    fn open(&self, http: &Http, user_names: &UserNames) -> Result<Option<(HttpTarget, String)>, Failure> {
        let Some(url) = &self.second_url else { return Ok(None) };
        let target = http.open(url, "fido")?;
        let origin = origin_or(self.second_origin.as_deref(), &target, Some(url), user_names)?;
        Ok(Some((target, origin)))
    }

    /// The pages of the two are at different origins, or they would be one relying party.
    pub(crate) fn expect_other_origin(&self, target: &dyn Target, first: &str) -> Result<(), Failure> {
        match target.second() {
            Some((_, origin)) if origin == first => Err(Failure::Usage(format!(
                "--second-url: found a relying party whose pages are at {origin}, as the first one's are"
            ))
            .hint("if its pages are elsewhere, say where: --second-origin https://…")),
            _ => Ok(()),
        }
    }
}

/// What `--header` names, as `curl` has it.
#[derive(Debug, Clone)]
pub(crate) enum Headers {
    One(String, String),
    In(PathBuf),
}

fn headers(text: &str) -> Result<Headers, String> {
    match (text.strip_prefix('@'), header(text)) {
        (Some(file), _) => Ok(Headers::In(file.into())),
        (None, Some((name, value))) => Ok(Headers::One(name, value)),
        (None, None) => Err("expected NAME: VALUE, or @FILE".into()),
    }
}

fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()))?;
    (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

impl Headers {
    /// The headers; empty lines of a file are none. An error does not show a line, which may be a secret.
    fn read(&self) -> Result<Vec<(String, String)>, Failure> {
        let file = match self {
            Self::One(name, value) => return Ok(vec![(name.clone(), value.clone())]),
            Self::In(file) => file,
        };
        let text = input::read_text(file)?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let headers = lines.map(|(number, line)| {
            header(line).ok_or_else(|| {
                let place = format!("{}:{}", file.display(), number + 1);
                Failure::Usage(format!(
                    "--header: {place}: found no colon after a name, expected NAME: VALUE"
                ))
            })
        });
        headers.collect()
    }
}

impl Http {
    /// How long a case, or a request, may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline.unwrap_or(Duration::from_secs(10))
    }

    /// Opens the server at this URL. Without `--target`, it is spoken to as the description `default` says.
    pub(crate) fn open(&self, url: &str, default: &str) -> Result<HttpTarget, Failure> {
        let how = self.target.clone().unwrap_or_else(|| default.into());
        let description = description(&how)?;
        let takes_key = description.needed_variables().iter().any(|name| name == "access_key");
        let usage = |error: stuntkey_conformance::HttpTargetError| Failure::Usage(error.to_string());
        let mut target = HttpTarget::new(url, description).map_err(usage)?.timeout(self.deadline());
        for (name, value) in &self.variables {
            target = target.variable(name, value);
        }
        for headers in &self.headers {
            for (name, value) in headers.read()? {
                target = target.header(&name, &value);
            }
        }
        if let Some(token) = self.bearer.read()? {
            target = match takes_key {
                true => target.variable("access_key", &token),
                false => target.header("Authorization", &format!("Bearer {token}")),
            };
        }
        if let Some(file) = &self.ca {
            let pem = input::read(file)?;
            target =
                target.trust(&pem).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        }
        match target.missing_variables().as_slice() {
            [] => Ok(target),
            missing => {
                let option = |name: &String| match name.as_str() {
                    "access_key" => "--bearer TOKEN".to_owned(),
                    name => format!("--set {name}=…"),
                };
                let options: Vec<String> = missing.iter().map(option).collect();
                Err(Failure::Usage(format!("the target {} needs {}", how.display(), options.join(" and "))))
            }
        }
    }
}

fn description(target: &Path) -> Result<Description, Failure> {
    let name = target.to_str().unwrap_or_default();
    if let Some(description) = Description::named(name) {
        return Ok(description);
    }
    if !target.exists() && !name.contains(['/', '.']) {
        let known: Vec<&str> = Description::ready_made().collect();
        return Err(Failure::Usage(format!(
            "--target: found {name:?}, expected {}, or a file",
            known.join(", ")
        )));
    }
    Description::from_toml(&input::read(target)?)
        .map_err(|error| Failure::Usage(format!("{}: {error}", target.display())))
}

/// Opens a program that speaks JSON lines. The command is split into words and unquoted as by a POSIX shell, without
/// variables and patterns.
fn process(command: &str, deadline: Duration) -> Result<ProcessTarget, Failure> {
    let words = shlex::split(command)
        .ok_or_else(|| Failure::Usage(format!("--command: found {command:?}, expected quotes in pairs")))?;
    let mut words = words.into_iter();
    let program =
        words.next().ok_or_else(|| Failure::Usage("--command: found nothing, expected a program".into()))?;
    Ok(ProcessTarget::new(&program, words).timeout(deadline))
}

/// The target that the arguments name, a server or a program.
pub(crate) struct OpenedTarget {
    pub(crate) target: Box<dyn Target>,
    /// The name that a report gives it.
    pub(crate) name: String,
    /// The shape of replies.
    pub(crate) reply: Option<Preset>,
    /// The form of user names.
    pub(crate) user_names: UserNames,
    /// The library that it stands on, if the description says so.
    pub(crate) library: Option<&'static str>,
}

/// What to check if a server does not answer as it should.
const URL_HINT: &str =
    "is the URL right, and does --target say how the server is spoken to? docs/conform.md describes both";
/// What to check if a program does not.
const PROGRAM_HINT: &str =
    "a program reads one JSON request a line and writes one answer a line; docs/conform.md describes both";

/// Opens the server at a URL, or a program instead; one of them is given.
pub(crate) fn open(
    url: Option<&str>,
    program: Option<&str>,
    http: &Http,
    reply: Option<&str>,
    user_names: Option<&UserNames>,
    patience: Option<Duration>,
    second: Option<&Second>,
) -> Result<OpenedTarget, Failure> {
    let asked = reply.and_then(Preset::from_name);
    Ok(match url {
        Some(url) => {
            let mut target = http.open(url, "fido")?;
            if let Some(patience) = patience {
                target = target.patience(patience);
            }
            let reply = asked.or(target.reply());
            let user_names = user_names.or(target.user_names()).cloned().unwrap_or_default();
            let library = target.library();
            if let Some(second) = second
                && let Some((second, origin)) = second.open(http, &user_names)?
            {
                target = target.with_second(second, &origin);
            }
            OpenedTarget { name: name(url, http), reply, user_names, library, target: Box::new(target) }
        }
        None => {
            let command = program.unwrap_or_default();
            let target = process(command, http.deadline())?;
            let user_names = user_names.cloned().unwrap_or_default();
            let (name, target) = (command.to_owned(), Box::new(target));
            OpenedTarget { name, reply: asked, user_names, library: None, target }
        }
    })
}

/// The origin that was given, or else the one that follows from the target's URL and RP ID.
pub(crate) fn origin_or(
    given: Option<&str>,
    target: &dyn Target,
    url: Option<&str>,
    user_names: &UserNames,
) -> Result<String, Failure> {
    match given {
        Some(given) => Ok(given.to_owned()),
        None => origin(target, url, user_names),
    }
}

/// The origin of the target's pages: that of its URL if the RP ID allows it, else `https://` and the RP ID. If the target
/// gives no options, the error is no verdict, as no case was played.
fn origin(target: &dyn Target, url: Option<&str>, user_names: &UserNames) -> Result<String, Failure> {
    let username = user_names.name("stuntkey-origin");
    let request = RegistrationRequest {
        username: &username,
        display_name: "stuntkey",
        user_verification: UserVerification::Preferred,
        resident_key: ResidentKey::Preferred,
        attestation: AttestationConveyance::None,
        conditional: false,
        extensions: "{}",
    };
    let hint = if url.is_some() { URL_HINT } else { PROGRAM_HINT };
    let body = match target.session().registration_options(&request) {
        Answer::Accepted(body) => body,
        Answer::Refused(why) => {
            return Err(Failure::NoVerdict(format!("the target gives no creation options: {why}")).hint(hint));
        }
        Answer::Crashed(how) => {
            return Err(Failure::NoVerdict(format!(
                "the target breaks down when asked for creation options: {how}"
            ))
            .hint(hint));
        }
        Answer::Hung(how) => {
            return Err(Failure::NoVerdict(format!(
                "the target hangs when asked for creation options: {how}"
            ))
            .hint(hint));
        }
        Answer::Unreachable(why) => return Err(Failure::Tool(format!("the target: {why}"))),
        other => return Err(Failure::NoVerdict(format!("the target takes no requests now: {other:?}"))),
    };
    let options = find_creation_options(&body).map_err(|error| {
        Failure::NoVerdict(format!("the target's answer has no creation options in it: {error}")).hint(hint)
    })?;
    let url = url.and_then(|url| Url::parse(url).ok());
    let of_url = url.as_ref().map(|url| url.origin().ascii_serialization());
    let Some(rp_id) = options.rp.id else {
        return of_url.ok_or_else(|| Failure::Usage("the target names no RP ID: give --origin".into()));
    };
    let host = url.as_ref().and_then(Url::host);
    Ok(match (host, of_url) {
        (Some(Host::Domain(host)), Some(origin)) if host == rp_id || host.ends_with(&format!(".{rp_id}")) => {
            origin
        }
        // An IP address cannot be an RP ID, so a server on loopback calls itself localhost, or by a name below it.
        (Some(Host::Ipv4(_) | Host::Ipv6(_) | Host::Domain("localhost")), _)
            if rp_id == "localhost" || rp_id.ends_with(".localhost") =>
        {
            let port = url.as_ref().and_then(Url::port).map(|port| format!(":{port}")).unwrap_or_default();
            let scheme = url.as_ref().map_or("http", Url::scheme);
            format!("{scheme}://{rp_id}{port}")
        }
        _ => format!("https://{rp_id}"),
    })
}

/// Reads the form of user names.
pub(crate) fn user_names(text: &str) -> Result<UserNames, String> {
    text.parse()
}

/// The name that a report gives the server.
fn name(url: &str, http: &Http) -> String {
    match &http.target {
        None => url.to_owned(),
        Some(other) => format!("{url} ({})", other.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_splits_it() {
        let shown = |command: &str| format!("{:?}", process(command, Duration::from_secs(1)));
        let target = shown("'/opt/my server' --name \"it's me\" a\\ b");
        assert!(target.contains(r#"program: "/opt/my server""#), "{target}");
        assert!(target.contains(r#"["--name", "it's me", "a b"]"#), "{target}");
        assert!(shown("'unpaired").contains("quotes in pairs") && shown(" ").contains("found nothing"));
    }
}
