//! Who is measured, and on what.

mod ours;
mod primitives;
mod theirs;

use std::sync::LazyLock;

/// One piece of work as one of those compared does it.
pub(crate) struct Contender {
    pub(crate) who: &'static str,
    pub(crate) work: Work,
    /// Does the work once.
    pub(crate) run: Box<dyn FnMut()>,
}

/// Ceremonies go from JSON text to JSON text; primitives are on P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    RegisterPacked,
    RegisterNone,
    Authenticate,
    /// A random private key and its public key, as an uncompressed point.
    Key,
    /// Over as many bytes as a packed attestation signs.
    PackedSignature,
    /// Over as many bytes as an assertion signs.
    LoginSignature,
}

/// How many bytes stuntkey's ceremonies sign: authenticator data and the hash of the client data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) packed: usize,
    pub(crate) login: usize,
}

pub(crate) const STUNTKEY: &str = "stuntkey";
pub(crate) const STUNTKEY_RUSTCRYPTO: &str = "stuntkey, RustCrypto";
pub(crate) const PASSKEY_AWS_LC: &str = "passkey-rs, AWS-LC";
pub(crate) const PASSKEY_RUSTCRYPTO: &str = "passkey-rs, RustCrypto";
pub(crate) const P256: &str = "p256";

/// Everybody, those of one work next to each other, so that what is compared is measured within milliseconds.
///
/// # Errors
/// Someone does the work wrong.
pub(crate) fn all() -> Result<(Vec<Contender>, Lengths), String> {
    let (mut all, lengths) = ours::contenders()?;
    all.extend(theirs::contenders()?);
    all.extend(primitives::contenders(lengths)?);
    all.sort_by_key(|contender| Work::ALL.iter().position(|work| *work == contender.work));
    Ok((all, lengths))
}

impl Work {
    pub(crate) const ALL: &'static [Self] = &[
        Self::RegisterPacked,
        Self::RegisterNone,
        Self::Authenticate,
        Self::Key,
        Self::PackedSignature,
        Self::LoginSignature,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RegisterPacked => "register packed x5c",
            Self::RegisterNone => "register none",
            Self::Authenticate => "authenticate",
            Self::Key => "key generation",
            Self::PackedSignature => "signature (packed)",
            Self::LoginSignature => "signature (login)",
        }
    }
}

const ORIGIN: &str = "https://login.example.com";

/// The same for everybody. One account: each registration takes the place of the one before.
const REGISTER_PACKED: &str = include_str!("../../samples/creation.json");

/// The same but for the attestation.
static REGISTER_NONE: LazyLock<String> =
    LazyLock::new(|| REGISTER_PACKED.replace(r#""attestation":"direct""#, r#""attestation":"none""#));

/// No list of credentials: the authenticator finds the one it has.
const AUTHENTICATE: &str = include_str!("../../samples/request.json");
