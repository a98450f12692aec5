//! `stuntkey relying-party`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use stuntkey::encoding::json::Json;
use stuntkey::verifier::MetadataBlob;
use stuntkey_conformance::{Flaw, ReferenceRelyingParty, Settings, cases};

use crate::arguments::duration;
use crate::failure::Failure;
use crate::output::Output;
use crate::secret::AccessKey;
use crate::{origin, server};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The port; with 0, the operating system chooses a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub(crate) port: u16,

    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) address: IpAddr,

    /// The RP ID
    #[arg(long, value_name = "RP_ID", default_value = "localhost")]
    pub(crate) rp_id: String,

    /// An origin of its pages [default: http://localhost: and the port]
    #[arg(long = "origin", value_name = "URL", value_parser = origin::of_client)]
    pub(crate) origins: Vec<String>,

    /// Trust the attestation roots in this file (PEM) instead of stuntkey's test root
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,

    /// Trust the models that this metadata BLOB tells of, beside the roots, which sign it; once for each BLOB, in their order
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Vec<PathBuf>,

    /// Expect pages of this other site, too, and list it at /.well-known/webauthn
    #[arg(long = "related-origin", value_name = "URL", value_parser = origin::of_client)]
    pub(crate) related_origins: Vec<String>,

    /// Be another relying party, too, at this port: its RP ID is second.localhost, its users are its own
    #[arg(long, value_name = "N")]
    pub(crate) second_port: Option<u16>,

    /// How long a challenge is valid
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub(crate) timeout: Duration,

    #[command(flatten)]
    pub(crate) access_key: AccessKey,

    /// Do this one thing wrong
    #[arg(long, value_name = "ID", value_parser = flaw)]
    pub(crate) flaw: Option<Flaw>,

    /// Write a line for each request to standard error
    #[arg(long)]
    pub(crate) log: bool,

    /// Print the flaws, each with the cases that catch it
    #[arg(long)]
    pub(crate) list_flaws: bool,
}

/// The RP ID of the other relying party. Browsers take every name below localhost for loopback.
const SECOND: &str = "second.localhost";

fn flaw(text: &str) -> Result<Flaw, String> {
    Flaw::from_id(text).ok_or_else(|| {
        let chapter = text.split('/').next().unwrap_or_default();
        let near: Vec<String> = Flaw::all()
            .iter()
            .map(|flaw| flaw.id().to_owned())
            .filter(|id| id.starts_with(chapter))
            .take(5)
            .collect();
        match near.as_slice() {
            [] => "expected one that --list-flaws prints".to_owned(),
            near => format!("expected one that --list-flaws prints, such as {}", near.join(", ")),
        }
    })
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    if arguments.list_flaws {
        return list(output);
    }
    let failed = |error: std::io::Error| Failure::Tool(error.to_string());
    let server = server::bind(arguments.address, arguments.port, arguments.log)?;
    let own = server.localhost_origin();
    let (first, others) = match arguments.origins.split_first() {
        Some((first, others)) => (first.as_str(), others),
        None => (own.as_str(), &[][..]),
    };
    let mut settings = Settings::new(&arguments.rp_id, first).timeout(arguments.timeout);
    for origin in others {
        settings = settings.origin(origin);
    }
    for origin in &arguments.related_origins {
        settings = settings.related_origin(origin);
    }
    if !arguments.metadata.is_empty() {
        let blobs = arguments.metadata.iter().map(|file| metadata_blob(file));
        settings = settings.metadata(blobs.collect::<Result<Vec<_>, _>>()?);
    }
    let second_port = |port| server::bind(arguments.address, port, arguments.log);
    let second = arguments.second_port.map(second_port).transpose()?;
    if let Some(second) = &second {
        settings = settings.second(SECOND, &second.origin(SECOND));
    }
    if let Some(file) = &arguments.trust {
        settings = settings.trust(crate::inspect::certificates(file)?);
    }
    if let Some(key) = arguments.access_key.read()? {
        settings = settings.access_key(&key);
    }
    if let Some(flaw) = &arguments.flaw {
        settings = settings.flaw(flaw.clone());
        output.warning(&format!("it {}", flaw.sentence()));
    }
    server::warn_if_not_on_loopback(arguments.address, "the relying party is", output);
    let relying_party = ReferenceRelyingParty::new(settings).map_err(failed)?;
    let described = |url: String, rp_id: &str, origin: &str| {
        vec![
            ("url", Json::from(url)),
            ("rpId", rp_id.to_owned().into()),
            ("origin", origin.to_owned().into()),
        ]
    };
    match output.is_json() {
        true => {
            let mut members = described(server.url(), &arguments.rp_id, first);
            if let Some(second) = &second {
                let theirs = described(second.url(), SECOND, &second.origin(SECOND));
                members.push(("second", Json::object(theirs)));
            }
            output.json_data(&Json::object(members))?;
        }
        // An IP address cannot be an RP ID, so a browser needs the name.
        false if arguments.origins.is_empty() => {
            output.data(&format!("{first} (also {}), RP ID {}", server.url(), arguments.rp_id))?;
        }
        false => output.data(&format!("{} for {first}, RP ID {}", server.url(), arguments.rp_id))?,
    }
    if let (Some(second), false) = (&second, output.is_json()) {
        output.data(&format!("{} for {}, RP ID {SECOND}", second.url(), second.origin(SECOND)))?;
    }
    // It stops when the process ends, as the first one does.
    let _running = second.zip(relying_party.second()).map(|(server, second)| server.start(second));
    server.run(relying_party).map_err(failed)
}

/// Reads a file that has to be a metadata BLOB, be it forged: the relying party ignores what it should not trust.
fn metadata_blob(file: &Path) -> Result<String, Failure> {
    let text = crate::input::read_text(file)?;
    match MetadataBlob::parse(&text) {
        Ok(_) => Ok(text),
        Err(found) => Err(Failure::Usage(format!(
            "--metadata {}: found {found}, expected a metadata BLOB, as `stuntkey attestation blobs` writes it",
            file.display()
        ))),
    }
}

fn list(output: &Output) -> Result<(), Failure> {
    let cases = cases();
    let caught_by = |flaw: &Flaw| -> Vec<String> {
        let catching = cases.iter().filter(|case| case.caught_flaw() == flaw.id());
        catching.map(|case| case.id().to_owned()).collect()
    };
    if output.is_json() {
        let flaws = Flaw::all().into_iter().map(|flaw| {
            let cases = caught_by(&flaw).into_iter().map(Json::from).collect();
            Json::object([
                ("id", Json::from(flaw.id().to_owned())),
                ("sentence", flaw.sentence().to_owned().into()),
                ("cases", Json::Array(cases)),
            ])
        });
        return output.json_data(&Json::object([("flaws", Json::Array(flaws.collect()))]));
    }
    let mut text = String::new();
    for flaw in Flaw::all() {
        text.push_str(&format!("{}\n", flaw.id()));
        text.push_str(&output.paragraph(4, flaw.sentence()));
        let caught = match caught_by(&flaw).as_slice() {
            [] => "no case catches it, as it is a policy of the relying party".to_owned(),
            [one] => format!("caught by {one}"),
            [first, others @ ..] => format!("caught by {first} and {} more", others.len()),
        };
        text.push_str(&output.paragraph(4, &caught));
    }
    output.data(&text)
}
