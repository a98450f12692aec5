//! What a case needs of a relying party, so that it says something about it.

use std::fmt;

use stuntkey::attestation::AttestationFormat;
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::{
    Attachment, AttestationConveyance, Ceremony, CreationOptions, RequestOptions, ResidentKey,
    UserVerification,
};

use crate::core::exchange::Exchange;
use crate::core::outcome::{Outcome, Stop};

/// What a case needs of a relying party. Before one that lacks it the case is skipped, as it would say nothing.
///
/// The displayed text goes on with "if the target": "offers ES256".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// `pubKeyCredParams` has the algorithm. The authenticators of the case have this one alone.
    Algorithm(Algorithm),
    /// `pubKeyCredParams` has the algorithm, beside the one that the authenticators of the case take.
    FurtherAlgorithm(Algorithm),
    /// `pubKeyCredParams` lacks an algorithm that stuntkey has.
    SomeAlgorithmLeftOut,
    /// `attestation` is another than `none`.
    Attestation,
    /// `attestation` is `none`.
    NoAttestation,
    /// `authenticatorAttachment` is this, or none is named.
    Attachment(Attachment),
    /// A sound attestation statement of the format is accepted.
    Format(AttestationFormat),
    /// An attestation is refused if it ends at an authority that nobody knows.
    TrustAnchors,
    /// The server has another relying party, with an RP ID and users of its own.
    SecondRelyingParty,
    /// Roots are taken from the BLOBs of [`TestBlob`](crate::TestBlob).
    Metadata,
    /// `userVerification` of the ceremony has the value.
    UserVerification(Ceremony, UserVerification),
    /// `residentKey` is `discouraged`.
    NotDiscoverable,
    /// `mediation` beside creation options is `conditional`.
    ConditionalCreate,
    /// `mediation` beside creation options is not `conditional`.
    NoConditionalCreate,
    /// `allowCredentials` lists the credentials of a user who has given a name.
    NamedLogin,
    /// A login can begin without a name.
    NamelessLogin,
    /// Client data is parsed as JSON, and not verified by the limited algorithm of §5.8.1.2.
    JsonParser,
    /// The RP ID has several labels.
    SeveralLabels,
    /// Its pages are at `https`.
    HttpsOrigin,
    /// Its pages are at the default port of their scheme.
    DefaultPort,
    /// `timeout` is short enough to wait for.
    ShortTimeout,
    /// Its policy does not allow what the case is about.
    Forbids(Allowance),
}

/// What a relying party's policy can allow, though the default of the standard is to refuse it. Nobody can see from outside
/// whether it is policy or a missing check, so a run has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// Pages at subdomains of an expected origin (§13.4.8, §13.4.9).
    SubdomainOrigins,
    /// Pages at other ports of an expected origin (§13.4.9).
    OtherPorts,
    /// Pages of other sites that have embedded the relying party (§7.1 steps 10 and 11, §7.2 steps 13 and 14).
    Embedding,
}

impl Allowance {
    /// Every allowance.
    pub const ALL: &[Allowance] = &[Allowance::SubdomainOrigins, Allowance::OtherPorts, Allowance::Embedding];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Allowance::SubdomainOrigins => "subdomain-origins",
            Allowance::OtherPorts => "other-ports",
            Allowance::Embedding => "embedding",
        }
    }

    /// The allowance of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|allowance| allowance.name() == name)
    }

    const fn what(self) -> &'static str {
        match self {
            Allowance::SubdomainOrigins => "pages at subdomains of its origin",
            Allowance::OtherPorts => "pages at other ports of its origin",
            Allowance::Embedding => "pages of other sites that have embedded it",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Algorithm(algorithm) | Need::FurtherAlgorithm(algorithm) => {
                write!(f, "offers {}", algorithm.name())
            }
            Need::SomeAlgorithmLeftOut => f.write_str("does not ask for every algorithm"),
            Need::Attestation => f.write_str("asks for attestation"),
            Need::NoAttestation => f.write_str("asks for no attestation"),
            Need::Attachment(attachment) => write!(f, "accepts {} authenticators", attachment.as_str()),
            Need::Format(format) => write!(f, "accepts {} attestation", format.name()),
            Need::TrustAnchors => f.write_str("refuses attestation by an authority that nobody knows"),
            Need::SecondRelyingParty => f.write_str("shares its server with another relying party"),
            Need::Metadata => f.write_str("reads the BLOBs that `stuntkey attestation blobs` writes"),
            Need::UserVerification(ceremony, wanted) => {
                let ceremony = match ceremony {
                    Ceremony::Create => "registrations",
                    Ceremony::Get => "logins",
                };
                write!(f, "asks for user verification {} at {ceremony}", wanted.as_str())
            }
            Need::NotDiscoverable => f.write_str("discourages discoverable credentials if it is told to"),
            Need::ConditionalCreate => f.write_str("creates credentials conditionally if it is told to"),
            Need::NoConditionalCreate => f.write_str("does not create credentials conditionally"),
            Need::NamedLogin => f.write_str("lists the user's credentials if it is told a name"),
            Need::NamelessLogin => f.write_str("has logins without a name"),
            Need::JsonParser => f.write_str("parses client data as JSON"),
            Need::SeveralLabels => f.write_str("has an RP ID of several labels"),
            Need::HttpsOrigin => f.write_str("has its pages at https"),
            Need::DefaultPort => f.write_str("has its pages at the default port"),
            Need::ShortTimeout => f.write_str("has a short timeout"),
            Need::Forbids(allowance) => write!(f, "does not allow {}", allowance.what()),
        }
    }
}

/// What a run knows of its target before the cases.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Its pages are at `http`, as at localhost.
    pub(crate) http_origin: bool,
    /// Its pages are at another port than the default of their scheme.
    pub(crate) other_port: bool,
    /// It verifies client data by the limited algorithm of §5.8.1.2.
    pub(crate) limited_verification: bool,
    /// It accepts attestation by an authority that nobody knows.
    pub(crate) no_trust_anchors: bool,
    /// A sound registration and a sound login, as they went over the wire.
    pub(crate) sound_run: Vec<Exchange>,
    /// What its policy allows, as the run was told.
    pub(crate) allowances: Vec<Allowance>,
}

impl Need {
    /// A skip, if it is known that the target lacks it.
    pub(crate) fn expect_known(self, known: &Known) -> Outcome {
        let lacks = match self {
            Need::JsonParser => known.limited_verification,
            Need::TrustAnchors => known.no_trust_anchors,
            Need::HttpsOrigin => known.http_origin,
            Need::DefaultPort => known.other_port,
            Need::Forbids(allowance) => known.allowances.contains(&allowance),
            _ => false,
        };
        let why = match self {
            Need::JsonParser => {
                "the target verifies client data by the limited algorithm (WebAuthn L3 §5.8.1.2)".to_owned()
            }
            Need::TrustAnchors => {
                "the target accepts attestation by any authority, and so may not rely on it".to_owned()
            }
            Need::DefaultPort => {
                "the target's pages are at a port of their own, which their origin names".into()
            }
            Need::HttpsOrigin => "the target's pages are at http, so that https is no attack".into(),
            Need::Forbids(allowance) => format!("the target's policy allows {}", allowance.what()),
            _ => self.lacking(),
        };
        self.skip_if(lacks, why)
    }

    /// A skip, if the target's options for a registration show that it lacks it; `is_conditional` tells of the `mediation`
    /// beside them.
    pub(crate) fn expect_in_creation(
        self,
        options: &CreationOptions,
        is_conditional: &dyn Fn() -> bool,
    ) -> Outcome {
        let selection = &options.authenticator_selection;
        let lacks = match self {
            Need::Algorithm(algorithm) | Need::FurtherAlgorithm(algorithm) => {
                !options.pub_key_cred_params.contains(&algorithm.cose_identifier())
            }
            Need::Attestation => options.attestation == AttestationConveyance::None,
            Need::NoAttestation => options.attestation != AttestationConveyance::None,
            Need::UserVerification(Ceremony::Create, wanted) => selection.user_verification != wanted,
            Need::Attachment(wanted) => selection.attachment.is_some_and(|attachment| attachment != wanted),
            Need::NotDiscoverable => selection.resident_key != ResidentKey::Discouraged,
            Need::ConditionalCreate => !is_conditional(),
            Need::NoConditionalCreate => is_conditional(),
            _ => false,
        };
        self.skip_if(lacks, self.lacking())
    }

    /// A skip, if the target's options for a login show that it lacks it.
    pub(crate) fn expect_in_request(self, options: &RequestOptions) -> Outcome {
        let (lacks, why) = match self {
            Need::NamedLogin => (
                options.allow_credentials.as_ref().is_none_or(Vec::is_empty),
                "allowCredentials is empty, so the target may not know who logs in".to_owned(),
            ),
            Need::UserVerification(Ceremony::Get, wanted) => {
                (options.user_verification != wanted, self.lacking())
            }
            _ => (false, String::new()),
        };
        self.skip_if(lacks, why)
    }

    /// A skip, as it has turned out that the target lacks it.
    pub(crate) fn skip(self) -> Stop {
        Stop::skip(self.lacking()).testable_by(self.to_test())
    }

    fn skip_if(self, lacks: bool, why: String) -> Outcome {
        if lacks { Err(Stop::skip(why).testable_by(self.to_test())) } else { Ok(()) }
    }

    /// Whether only a play shows that the target lacks it.
    pub(crate) const fn is_hidden(self) -> bool {
        matches!(
            self,
            Need::SecondRelyingParty
                | Need::Metadata
                | Need::Format(_)
                | Need::NamelessLogin
                | Need::SeveralLabels
                | Need::ShortTimeout
        )
    }

    /// What to do so that a case with this need can be played, in the imperative and without a full stop; `None` if the
    /// target would have to be another one.
    pub(crate) fn to_test(self) -> Option<String> {
        Some(match self {
            Need::Algorithm(algorithm) | Need::FurtherAlgorithm(algorithm) => {
                let identifier = algorithm.cose_identifier();
                format!("offer {} ({identifier}) in pubKeyCredParams", algorithm.name())
            }
            Need::Attestation => "ask for attestation: attestation \"direct\"".into(),
            Need::NoAttestation => "let a registration ask for attestation \"none\"".into(),
            Need::Attachment(attachment) => {
                format!("let a registration ask for {} authenticators, or for any", attachment.as_str())
            }
            Need::Format(format) => {
                format!("trust the root that `stuntkey attestation root` prints, and accept {}", format.name())
            }
            Need::TrustAnchors => {
                "if attestation matters, trust no authority but the root that `stuntkey attestation root` prints".into()
            }
            Need::SecondRelyingParty => {
                "say where another relying party of the same server is, such as another tenant's: --second-url".into()
            }
            Need::Metadata => "read the metadata that `stuntkey attestation blobs` writes".into(),
            Need::ConditionalCreate => {
                "let a registration be a conditional create: mediation \"conditional\" beside its options".into()
            }
            Need::NoConditionalCreate => "let a registration be no conditional create".into(),
            Need::UserVerification(_, wanted) => {
                format!("let a ceremony ask for userVerification {:?}", wanted.as_str())
            }
            Need::NotDiscoverable => "let a registration ask for residentKey \"discouraged\"".into(),
            Need::NamedLogin => "list the user's credentials in allowCredentials when a name is given".into(),
            Need::NamelessLogin => "offer logins without a name".into(),
            Need::SeveralLabels => "run the target at a name of several labels, such as login.example.org".into(),
            Need::HttpsOrigin => "run the target at https".into(),
            Need::DefaultPort => "run the target at the default port".into(),
            Need::ShortTimeout => "send a short timeout, or give the run more time: --wait".into(),
            Need::Forbids(allowance) => format!("run without --allows {}", allowance.name()),
            Need::SomeAlgorithmLeftOut | Need::JsonParser => return None,
        })
    }

    /// Says of a target that it lacks this.
    fn lacking(self) -> String {
        match self {
            Need::Algorithm(algorithm) | Need::FurtherAlgorithm(algorithm) => {
                format!("the target does not offer {}", algorithm.name())
            }
            Need::SomeAlgorithmLeftOut => "the target asks for every algorithm that there is".into(),
            Need::Attestation => "the target asks for no attestation".into(),
            Need::NoAttestation => "the target asks for attestation".into(),
            Need::UserVerification(_, wanted) => {
                format!("the target does not ask for user verification {}", wanted.as_str())
            }
            Need::NotDiscoverable => "the target does not discourage discoverable credentials".into(),
            Need::ConditionalCreate => "the target's mediation is not conditional".into(),
            Need::NoConditionalCreate => "the target's mediation is conditional, which shows nothing".into(),
            Need::Attachment(_) => "the target asks for another kind of authenticator".into(),
            other => format!("the case is about a target that {other}"),
        }
    }
}
