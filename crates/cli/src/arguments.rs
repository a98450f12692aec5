//! Options that several commands share, and how their values are read.

mod authenticator;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use authenticator::{Authenticator, Authority};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use stuntkey::client::Preset;
use stuntkey::encoding::base64url;
use stuntkey::fault::Fault;
use stuntkey_transport::Address;

use crate::origin;
use crate::secret::{Pin, Seed};

#[derive(Debug, Args)]
pub(crate) struct Faults {
    /// An id, or the beginning of ids: client-data/origin
    pub(crate) filter: Option<String>,

    /// List the lies that an authenticator can tell its clients instead
    #[arg(long)]
    pub(crate) answers: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ceremony {
    /// The server's answer; - is standard input [default: standard input, unless that is a terminal]
    pub(crate) file: Option<PathBuf>,

    /// Make this fault; `stuntkey faults` lists them
    #[arg(long, value_name = "ID", value_parser = fault)]
    pub(crate) fault: Option<&'static Fault>,

    /// Use this key instead of stuntkey's own: udp://HOST:PORT, tcp://HOST:PORT, hid:PATH, reader:NAME, exec:PROGRAM; `hid:`
    /// and `reader:` alone are the only one there is
    ///
    /// UDP, TCP, hidraw (Linux) and programs on whose standard input and output it goes carry CTAPHID's reports of 64 bytes; a
    /// reader is one of the system's PC/SC service.
    #[arg(long, value_name = "URL")]
    pub(crate) device: Option<Address>,

    /// Give the key of --device the PIN, where it has none yet
    #[arg(long, requires = "device")]
    pub(crate) set_pin: bool,

    #[command(flatten)]
    pub(crate) store: Store,

    #[command(flatten)]
    pub(crate) client: Client,

    #[command(flatten)]
    pub(crate) authenticator: Authenticator,
}

#[derive(Debug, Args)]
pub(crate) struct Store {
    /// The credential store [default: stuntkey/credentials.store in the user's data directory]
    ///
    /// With `memory`, no file is read or written, and credentials last as long as the process. Use it for a command that
    /// registers and logs in, or for a registration whose credential is not needed later.
    #[arg(id = "store", long, value_name = "FILE|memory", env = "STUNTKEY_STORE")]
    pub(crate) place: Option<PathBuf>,

    /// How long to wait for a store that another process holds
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Client")]
pub(crate) struct Client {
    /// The page's origin [default: https:// and the RP ID]
    #[arg(long, value_name = "URL", value_parser = origin::of_page)]
    pub(crate) origin: Option<String>,

    /// The reply's shape [default: the one that goes with the input]
    #[arg(long, value_name = "PRESET", value_parser = PossibleValuesParser::new(Preset::all().map(Preset::name)))]
    pub(crate) reply: Option<String>,

    /// A member that the reply carries and the input lacks: statusToken, AccessToken, label …
    #[arg(long = "with", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) members: Vec<(String, String)>,

    /// Refuse options that stray from the standard
    #[arg(long)]
    pub(crate) strict: bool,

    /// The page is in a cross-origin frame
    #[arg(long)]
    pub(crate) cross_origin: bool,

    /// The origin of the page around that frame
    #[arg(long, value_name = "URL", value_parser = origin::of_page)]
    pub(crate) top_origin: Option<String>,

    /// An origin that may use the RP ID, as /.well-known/webauthn lists it
    #[arg(long = "related-origin", value_name = "URL", value_parser = origin::of_page)]
    pub(crate) related_origins: Vec<String>,

    /// A member to add to client data, after the standard ones
    #[arg(long = "client-data", value_name = "NAME=JSON", value_parser = pair)]
    pub(crate) client_data: Vec<(String, String)>,

    /// Whether the request has conditional mediation [default: as the input says]
    #[arg(long, value_name = "BOOL")]
    pub(crate) conditional: Option<bool>,

    /// An RP ID that may get an enterprise attestation
    #[arg(long = "enterprise", value_name = "RP_ID")]
    pub(crate) enterprise_rp_ids: Vec<String>,

    /// Which account to log in with, by its user name [default: the newest]
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,

    #[command(flatten)]
    pub(crate) pin: Pin,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Credentials {
    /// List credentials
    List(Selection),
    /// Write credentials, with their private keys
    Export {
        #[command(flatten)]
        selection: Selection,

        /// The form: WebDriver's or Playwright's JSON, or the private key as PEM
        #[arg(long = "as", value_name = "FORM", default_value = "webdriver")]
        form: Form,

        /// Write to this file instead of standard output; only its owner may read it
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Read credentials: WebDriver's or Playwright's JSON, or a PEM private key
    Import {
        /// The credentials; - is standard input
        #[arg(default_value = "-")]
        file: PathBuf,

        #[command(flatten)]
        store: Store,

        /// The RP ID, for a PEM key
        #[arg(long, value_name = "RP_ID")]
        rp_id: Option<String>,

        /// The credential id, for a PEM key
        #[arg(long, value_name = "BASE64URL", value_parser = base64)]
        id: Option<Bytes>,

        /// The user handle, for a PEM key; it makes the credential discoverable
        #[arg(long, value_name = "BASE64URL", value_parser = base64)]
        user_handle: Option<Bytes>,

        /// The user name, for a PEM key
        #[arg(long, value_name = "NAME")]
        user_name: Option<String>,
    },
    /// Delete credentials
    Delete {
        #[command(flatten)]
        selection: Selection,

        /// Delete all credentials
        #[arg(long, conflicts_with_all = ["ids", "rp_id", "user_name"])]
        all: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Selection {
    #[command(flatten)]
    pub(crate) store: Store,

    /// The credential with this id
    #[arg(long = "id", value_name = "BASE64URL", value_parser = base64)]
    pub(crate) ids: Vec<Bytes>,

    /// The credentials for this relying party
    #[arg(long, value_name = "RP_ID")]
    pub(crate) rp_id: Option<String>,

    /// The credentials of this account
    #[arg(long, value_name = "NAME")]
    pub(crate) user_name: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Form {
    Webdriver,
    Playwright,
    Pkcs8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Attestation {
    /// Print the root certificate as PEM
    Root {
        #[command(flatten)]
        seed: Seed,

        #[command(flatten)]
        authority: Authority,
    },
    /// Print metadata about the authenticator that `stuntkey register` uses with the same options
    ///
    /// Prints a metadata statement (FIDO Metadata Statement v3.0, JSON). With --blob, prints a BLOB with that statement (FIDO
    /// Metadata Service v3.0, a JSON Web Token), signed under the root that `stuntkey attestation root` prints.
    Metadata {
        /// Print the signed BLOB
        #[arg(long)]
        blob: bool,

        /// The algorithm that signs the BLOB
        #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = ["RS256", "ES256"])]
        blob_alg: String,

        #[command(flatten)]
        authenticator: Box<Authenticator>,
    },
    /// Write, or serve, the metadata BLOBs that the cases of `stuntkey conform` about metadata are played with
    ///
    /// A server reads them in the order of their names, one after the other, and trusts the root that `stuntkey attestation
    /// root` prints with the same options. Only one of them is to be used: of the others, one is forged, one of another
    /// authority, one out of date, and one older than that which came before.
    ///
    /// With --port, they are served over HTTP until the command is stopped: each at a path of its own, such as /1-forged.jwt.
    /// At /next is the first of them, and the next one whenever it is fetched, for a server that asks at one URL again and
    /// again; the last one stays. / lists the paths.
    Blobs(Box<Blobs>),
}

#[derive(Debug, Args)]
pub(crate) struct Blobs {
    /// Where to write them; files of the same names are replaced
    #[arg(value_name = "DIRECTORY", required_unless_present = "port")]
    pub(crate) directory: Option<PathBuf>,

    /// Serve them over HTTP at this port; with 0, the operating system chooses a free one
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,

    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), requires = "port")]
    pub(crate) address: IpAddr,

    /// Write a line for each request to standard error
    #[arg(long, requires = "port")]
    pub(crate) log: bool,

    /// The algorithm that signs them
    #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = ["RS256", "ES256"])]
    pub(crate) blob_alg: String,

    #[command(flatten)]
    pub(crate) seed: Seed,

    #[command(flatten)]
    pub(crate) authority: Authority,
}

/// Bytes given as text. They have a type of their own, as clap reads a `Vec<u8>` as a list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

fn fault(text: &str) -> Result<&'static Fault, String> {
    Fault::from_id(text).ok_or_else(|| {
        let chapter = text.rsplit_once('/').map_or(text, |(chapter, _)| chapter);
        let near: Vec<&str> =
            Fault::all().map(Fault::id).filter(|id| id.starts_with(chapter)).take(5).collect();
        match near.as_slice() {
            [] => "expected one that `stuntkey faults` lists".to_owned(),
            near => format!("expected one that `stuntkey faults` lists, such as {}", near.join(", ")),
        }
    })
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".into()),
    }
}

/// Reads a length of time, such as 10s or 5m. It is short enough that every system can compute the end of it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let longest = Duration::from_secs(365 * 24 * 60 * 60);
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= longest => Ok(duration),
        Ok(_) => Err("expected at most 365 days".into()),
        Err(error) => Err(format!("{error}, expected a time such as 10s or 5m")),
    }
}

fn base64(text: &str) -> Result<Bytes, String> {
    base64url::decode_lenient(text)
        .map(|(bytes, _)| Bytes(bytes))
        .map_err(|e| format!("{e}, expected base64url"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        for text in ["18446744073709551615s", "366days", "10", "soon", ""] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(pair("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(pair("=b").is_err() && pair("a").is_err());
    }
}
