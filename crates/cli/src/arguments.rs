//! Options that several commands share, and how their values are read.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use stuntkey::attestation::AttestationFormat;
use stuntkey::client::Preset;
use stuntkey::crypto::{Algorithm, Backend};
use stuntkey::encoding::base64url;
use stuntkey::fault::Fault;
use stuntkey::webauthn::{Aaguid, Attachment, Flags, Transport};

use crate::origin;
use crate::secret::{Seed, Stateless};

#[derive(Debug, Args)]
pub(crate) struct Faults {
    /// An id, or the beginning of ids: client-data/origin
    pub(crate) filter: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Ceremony {
    /// The server's answer; - is standard input [default: standard input, unless that is a terminal]
    pub(crate) file: Option<PathBuf>,

    /// Make this fault; `stuntkey faults` lists them
    #[arg(long, value_name = "ID", value_parser = fault)]
    pub(crate) fault: Option<&'static Fault>,

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
    #[arg(id = "store", long, value_name = "FILE", env = "STUNTKEY_STORE")]
    pub(crate) file: Option<PathBuf>,
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

    /// A member that the reply carries: statusToken, AccessToken, label …
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

    /// A member after the standard ones in client data
    #[arg(long = "client-data", value_name = "NAME=JSON", value_parser = pair)]
    pub(crate) client_data: Vec<(String, String)>,

    /// Whether the request is mediated conditionally [default: as the input says]
    #[arg(long, value_name = "BOOL")]
    pub(crate) conditional: Option<bool>,

    /// An RP ID that may have an enterprise attestation
    #[arg(long = "enterprise", value_name = "RP_ID")]
    pub(crate) enterprise_rp_ids: Vec<String>,

    /// Which account to log in with, by its user name [default: the newest]
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Authenticator")]
pub(crate) struct Authenticator {
    #[command(flatten)]
    pub(crate) seed: Seed,

    /// The attestation to make, whatever is asked for
    #[arg(long, value_name = "FMT", value_parser = PossibleValuesParser::new(AttestationFormat::ALL.iter().map(|f| f.name())))]
    pub(crate) format: Option<String>,

    /// The only algorithm it has [default: all but RS1]
    #[arg(long, value_name = "ALG", value_parser = PossibleValuesParser::new(Algorithm::available().iter().map(|a| a.name())))]
    pub(crate) alg: Option<String>,

    #[command(flatten)]
    pub(crate) stateless: Stateless,

    /// Who computes keys and signatures [default: the fastest here; with a seed rustcrypto, whose signatures stay the
    /// same]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Backend::ALL.iter().map(|b| b.name())))]
    pub(crate) backend: Option<String>,

    #[command(flatten)]
    pub(crate) authority: Authority,

    /// What attestation keys sign with [default: ES256; with android-safetynet RS256]
    #[arg(long, value_name = "ALG", value_parser = PossibleValuesParser::new(Algorithm::available().iter().map(|a| a.name())))]
    pub(crate) attestation_alg: Option<String>,

    /// Put an intermediate CA between the root and the attestation certificate
    #[arg(long)]
    pub(crate) attestation_intermediate: bool,

    /// The device's serial number in enterprise attestations
    #[arg(long, value_name = "TEXT", default_value = "stuntkey-0001")]
    pub(crate) serial_number: String,

    /// The model identifier [default: stuntkey's own; with fido-u2f zero]
    #[arg(long, value_name = "UUID", value_parser = aaguid)]
    pub(crate) aaguid: Option<Aaguid>,

    /// How it is attached
    #[arg(long, value_name = "KIND", default_value = "platform", value_parser = PossibleValuesParser::new(Attachment::ALL.iter().map(|a| a.as_str())))]
    pub(crate) attachment: String,

    /// How it is reached [default: internal, or usb for cross-platform]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = PossibleValuesParser::new(Transport::ALL.iter().map(|t| t.as_str())))]
    pub(crate) transports: Option<Vec<String>>,

    /// The length of new credential ids in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 32, value_parser = clap::value_parser!(u16).range(16..))]
    pub(crate) credential_id_length: u16,

    /// How signature counters move
    #[arg(long, value_name = "POLICY", default_value = "per-credential")]
    pub(crate) counter: Counter,

    /// Force a flag: up, uv, be, bs, at or ed, =0 or =1
    #[arg(long = "flag", value_name = "FLAG=BIT", value_parser = flag)]
    pub(crate) flags: Vec<(Flags, bool)>,

    /// Whether new credentials may be backed up, and are
    #[arg(long, value_name = "STATE", default_value = "no")]
    pub(crate) backup: Backup,

    /// Extension outputs to send: a canonical CBOR map in hex
    #[arg(long, value_name = "HEX", value_parser = hex)]
    pub(crate) extension_data: Option<Bytes>,

    /// It cannot verify its user
    #[arg(long)]
    pub(crate) no_user_verification: bool,

    /// It cannot keep discoverable credentials
    #[arg(long)]
    pub(crate) no_resident_key: bool,

    /// What the user answers
    #[arg(long, value_name = "ANSWER", default_value = "verified")]
    pub(crate) user: User,
}

#[derive(Debug, Args)]
pub(crate) struct Authority {
    /// The CA of attestation certificates: PEM with a certificate and its key
    #[arg(long, value_name = "FILE")]
    pub(crate) attestation_ca: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Counter {
    /// Each credential counts its assertions
    PerCredential,
    /// One counter for all
    Global,
    /// Always 0
    Zero,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Backup {
    /// Neither
    No,
    /// They may be
    Eligible,
    /// They are
    BackedUp,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum User {
    /// Agrees, and passes verification
    Verified,
    /// Agrees, but fails verification
    Present,
    /// Says no
    Denied,
    /// Does nothing until the time is over
    None,
    /// You are asked on the terminal
    Ask,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Credentials {
    /// List credentials
    List(Selection),
    /// Write credentials, private keys and all, to standard output
    Export {
        #[command(flatten)]
        selection: Selection,

        /// The form: WebDriver's or Playwright's JSON, or the private key as PEM
        #[arg(long = "as", value_name = "FORM", default_value = "webdriver")]
        form: Form,
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

        /// The user handle, for a PEM key; makes it discoverable
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

        /// Delete all that there are
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
    /// Print metadata about the authenticator that register has with the same options
    ///
    /// A metadata statement (FIDO Metadata Statement v3.0, JSON), or with --blob a BLOB of it (FIDO Metadata Service
    /// v3.0, a JSON Web Token), signed under the root that `stuntkey attestation root` prints.
    Metadata {
        /// Print the signed BLOB
        #[arg(long)]
        blob: bool,

        /// What signs the BLOB
        #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = ["RS256", "ES256"])]
        blob_alg: String,

        #[command(flatten)]
        authenticator: Box<Authenticator>,
    },
}

/// Bytes given as text. A type of its own, as clap takes `Vec<u8>` for many values.
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

/// A length of time: 10s, 5m. A moment that far ahead can be computed on every system.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let longest = Duration::from_secs(365 * 24 * 60 * 60);
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= longest => Ok(duration),
        Ok(_) => Err("expected at most 365 days".into()),
        Err(error) => Err(format!("{error}, expected a time such as 10s or 5m")),
    }
}

fn flag(text: &str) -> Result<(Flags, bool), String> {
    let expected = || "expected up, uv, be, bs, at or ed, then =0 or =1".to_owned();
    let (name, bit) = text.split_once('=').ok_or_else(expected)?;
    let (_, flag) =
        Flags::NAMED.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).ok_or_else(expected)?;
    match bit {
        "0" => Ok((flag, false)),
        "1" => Ok((flag, true)),
        _ => Err(expected()),
    }
}

fn aaguid(text: &str) -> Result<Aaguid, String> {
    Aaguid::from_uuid(text).ok_or_else(|| "expected a UUID".into())
}

fn base64(text: &str) -> Result<Bytes, String> {
    base64url::decode_lenient(text)
        .map(|(bytes, _)| Bytes(bytes))
        .map_err(|e| format!("{e}, expected base64url"))
}

fn hex(text: &str) -> Result<Bytes, String> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => Ok(Bytes(
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect(),
        )),
        _ => Err("expected an even number of hex digits".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        assert_eq!(hex("00fF"), Ok(Bytes(vec![0, 255])));
        assert!(hex("0").is_err() && hex("0g").is_err());
        assert_eq!(flag("UV=0"), Ok((Flags::UV, false)));
        assert!(flag("uv").is_err() && flag("uv=2").is_err() && flag("xx=1").is_err());
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        for text in ["18446744073709551615s", "366days", "10", "soon", ""] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(pair("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(pair("=b").is_err() && pair("a").is_err());
    }
}
