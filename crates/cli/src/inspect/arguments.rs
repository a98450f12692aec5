//! The grammar of `stuntkey inspect`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use stuntkey::encoding::base64url;

use stuntkey_inspect::recognise::Kind;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The input; - is standard input [default: standard input, unless that is a terminal]
    pub(crate) file: Option<PathBuf>,

    /// Read the input as this kind
    #[arg(long = "as", value_name = "KIND", value_parser = kinds())]
    pub(crate) kind: Option<Kind>,

    /// Also show every byte, and to what it belongs
    #[arg(long)]
    pub(crate) hex: bool,

    /// Show private keys, which are left out otherwise
    #[arg(long)]
    pub(crate) show_secrets: bool,

    #[command(flatten)]
    pub(crate) expected: Expected,
}

/// What a relying party expects. If any of these is given, the response is verified step by step.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Verify the response: every step of WebAuthn L3 §7.1 or §7.2, by what is given here"
)]
pub(crate) struct Expected {
    /// The creation or request options that the server sent, in any known shape
    #[arg(long, value_name = "FILE")]
    pub(crate) options: Option<PathBuf>,

    /// The challenge [default: that of --options]
    #[arg(long, value_name = "BASE64URL", value_parser = challenge, allow_hyphen_values = true)]
    pub(crate) challenge: Option<Challenge>,

    /// An origin of the relying party's pages
    #[arg(long = "origin", value_name = "URL")]
    pub(crate) origins: Vec<String>,

    /// The RP ID [default: that of --options, else the first origin's host]
    #[arg(long, value_name = "RP_ID")]
    pub(crate) rp_id: Option<String>,

    /// The relying party may be embedded in pages of other origins
    #[arg(long)]
    pub(crate) cross_origin: bool,

    /// A page in which it may be embedded
    #[arg(long = "top-origin", value_name = "URL")]
    pub(crate) top_origins: Vec<String>,

    /// Whether the user has to be verified [default: as --options say, else no]
    #[arg(long, value_name = "REQUIREMENT")]
    pub(crate) user_verification: Option<UserVerification>,

    /// The creation was conditional: the user need not have been present
    #[arg(long)]
    pub(crate) conditional: bool,

    /// A root or attestation certificate to trust, PEM or DER [default: trust is not assessed]
    #[arg(long = "trust", value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,

    /// Android key attestations may lack origin and purpose
    #[arg(long)]
    pub(crate) android_key_absent: bool,

    /// The attestation is an enterprise attestation
    #[arg(long)]
    pub(crate) enterprise: bool,

    /// The registered key: COSE_Key or SubjectPublicKeyInfo, as text or a file
    #[arg(long, value_name = "KEY|FILE", allow_hyphen_values = true)]
    pub(crate) public_key: Option<String>,

    /// The signature counter of the ceremony before
    #[arg(long, value_name = "COUNT")]
    pub(crate) sign_count: Option<u32>,
}

impl Expected {
    /// Whether anything is expected.
    pub(crate) fn is_given(&self) -> bool {
        let flags = self.cross_origin || self.conditional || self.android_key_absent || self.enterprise;
        let lists = !self.origins.is_empty() || !self.top_origins.is_empty() || !self.trust.is_empty();
        let named = self.options.is_some() || self.challenge.is_some() || self.rp_id.is_some();
        let key = self.public_key.is_some() || self.sign_count.is_some();
        flags || lists || named || key || self.user_verification.is_some()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UserVerification {
    Required,
    Preferred,
    Discouraged,
}

/// A challenge. It has a type of its own, as clap reads a `Vec<u8>` as a list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge(pub(crate) Vec<u8>);

fn challenge(text: &str) -> Result<Challenge, String> {
    let decoded = base64url::decode_lenient(text);
    decoded.map(|(bytes, _)| Challenge(bytes)).map_err(|error| format!("{error}, expected base64url"))
}

/// The kinds that the readers know, by their ids.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    let kinds = Kind::ALL.map(|kind| PossibleValue::new(kind.id()).help(kind.description()));
    PossibleValuesParser::new(kinds).try_map(|id| Kind::from_id(&id).ok_or("no kind"))
}
