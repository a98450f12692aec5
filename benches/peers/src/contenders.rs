//! Who is measured, and on what.

mod ours;
mod passkey_rs;
mod primitives;
mod programs;
mod webauthn_rs;

use std::sync::LazyLock;

use crate::fixture::Fixture;
use programs::Program;
pub(crate) use programs::Running;

/// One piece of work as one of those compared does it.
pub(crate) struct Contender {
    pub(crate) who: String,
    pub(crate) work: Work,
    pub(crate) runs: Runs,
}

/// Where the work is done.
pub(crate) enum Runs {
    /// In this process, once a call.
    Here(Box<dyn FnMut()>),
    /// In a process of its own, which takes the time itself.
    There(Running),
}

/// Ceremonies go from JSON text to JSON text, verifications begin with JSON text; primitives are on P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    RegisterPacked,
    RegisterSelf,
    RegisterNone,
    Authenticate,
    /// Of a registration with a packed attestation, whose root is trusted.
    VerifyRegistration,
    VerifyLogin,
    /// A random private key and its public key, as an uncompressed point.
    Key,
    /// Over as many bytes as a packed attestation signs.
    PackedSignature,
    /// Over as many bytes as an assertion signs.
    LoginSignature,
    /// Of a signature over as many bytes as a packed attestation signs.
    PackedVerification,
    /// Of a signature over as many bytes as an assertion signs.
    LoginVerification,
}

/// How many bytes stuntkey's ceremonies sign: authenticator data and the hash of the client data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) packed: usize,
    pub(crate) login: usize,
}

/// A program in another language, as it names itself.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The language's implementation and its version.
    pub(crate) runtime: String,
}

/// Those who are measured.
pub(crate) struct Everybody {
    /// Those of one work next to each other, so that what is compared is measured within milliseconds.
    pub(crate) contenders: Vec<Contender>,
    pub(crate) lengths: Lengths,
    pub(crate) peers: Vec<Peer>,
}

pub(crate) const STUNTKEY: &str = "stuntkey";
pub(crate) const STUNTKEY_RUSTCRYPTO: &str = "stuntkey, RustCrypto";
pub(crate) const PASSKEY_AWS_LC: &str = "passkey-rs, AWS-LC";
pub(crate) const PASSKEY_RUSTCRYPTO: &str = "passkey-rs, RustCrypto";
pub(crate) const WEBAUTHN_RS: &str = "webauthn-rs";
pub(crate) const P256: &str = "p256";

impl Everybody {
    /// All in Rust, and the programs that these commands start.
    ///
    /// # Errors
    /// Someone does the work wrong, or does not start.
    pub(crate) fn with(commands: &[String]) -> Result<Self, String> {
        let (mut contenders, lengths) = ours::keys()?;
        let fixture = Fixture::new()?;
        contenders.extend(ours::verifiers(&fixture)?);
        contenders.extend(passkey_rs::contenders()?);
        contenders.extend(webauthn_rs::contenders(&fixture)?);
        contenders.extend(primitives::contenders(lengths)?);
        let mut peers = Vec::new();
        for command in commands {
            let program = Program::start(command, &fixture)?;
            peers.push(program.peer().clone());
            contenders.extend(program.contenders(&fixture)?);
        }
        contenders.sort_by_key(|contender| Work::ALL.iter().position(|work| *work == contender.work));
        Ok(Self { contenders, lengths, peers })
    }
}

impl Contender {
    pub(crate) fn here(who: impl Into<String>, work: Work, run: impl FnMut() + 'static) -> Self {
        Self { who: who.into(), work, runs: Runs::Here(Box::new(run)) }
    }
}

impl Work {
    pub(crate) const ALL: &'static [Self] = &[
        Self::RegisterPacked,
        Self::RegisterSelf,
        Self::RegisterNone,
        Self::Authenticate,
        Self::VerifyRegistration,
        Self::VerifyLogin,
        Self::Key,
        Self::PackedSignature,
        Self::LoginSignature,
        Self::PackedVerification,
        Self::LoginVerification,
    ];

    /// What libraries of others do as well.
    pub(crate) const OF_LIBRARIES: &'static [Self] = &[
        Self::RegisterPacked,
        Self::RegisterSelf,
        Self::RegisterNone,
        Self::Authenticate,
        Self::VerifyRegistration,
        Self::VerifyLogin,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RegisterPacked => "register packed x5c",
            Self::RegisterSelf => "register packed self",
            Self::RegisterNone => "register none",
            Self::Authenticate => "authenticate",
            Self::VerifyRegistration => "verify registration",
            Self::VerifyLogin => "verify login",
            Self::Key => "key generation",
            Self::PackedSignature => "signature (packed)",
            Self::LoginSignature => "signature (login)",
            Self::PackedVerification => "verification (packed)",
            Self::LoginVerification => "verification (login)",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|work| work.name() == name)
    }
}

pub(crate) const RP_ID: &str = "login.example.com";
pub(crate) const ORIGIN: &str = "https://login.example.com";

/// The same for everybody. One account: each registration takes the place of the one before.
pub(crate) const REGISTER_PACKED: &str = include_str!("../../samples/creation.json");

/// The same but for the attestation.
pub(crate) static REGISTER_NONE: LazyLock<String> =
    LazyLock::new(|| REGISTER_PACKED.replace(r#""attestation":"direct""#, r#""attestation":"none""#));

/// No list of credentials: the authenticator finds the one it has.
pub(crate) const AUTHENTICATE: &str = include_str!("../../samples/request.json");
