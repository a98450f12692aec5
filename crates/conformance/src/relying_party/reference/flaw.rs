//! What can be wrong with the reference relying party: for each case there is a flaw that it has to catch.

use std::fmt;

use stuntkey::attestation::AttestationFormat;
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::Check;
use stuntkey::webauthn::Flags;

use super::seen::Seen;

/// One thing that is wrong with a relying party.
#[derive(Clone)]
pub struct Flaw {
    id: String,
    sentence: String,
    weakness: Weakness,
}

/// How it is wrong.
#[derive(Clone)]
pub(super) enum Weakness {
    /// These checks of the verifier always hold.
    Checks(Vec<Check>),
    /// It refuses what has to be accepted, where this is so.
    Refuses(fn(&Seen) -> bool),
    /// It does something else wrong.
    Named(Named),
}

/// What a relying party can do wrong beside its checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    ChallengeReplayed,
    ChallengeAfterRefusal,
    ChallengeOfAnySession,
    ChallengeOfEitherCeremony,
    ChallengeUnasked,
    ChallengeNeverExpires,
    ChallengeFixed,
    ChallengeShort,
    Unreadable,
    UserIdIsName,
    UserIdShared,
    UserIdChanges,
    UnusualAlgorithms,
    ExcludesNothing,
    ExcludesOthers,
    AllowsOthers,
    AttestationFixed,
    UserVerificationFixed,
    ForgetsExtensions,
    NoRpId,
    NoLoginWithoutName,
    HashesAnew,
    RegistersRefused,
    MovesRefusedCounter,
}

impl Flaw {
    /// Every flaw: first the checks of the verifier, by their ids, then what is wrong otherwise.
    #[must_use]
    pub fn all() -> Vec<Flaw> {
        let check = |check: &Check| Flaw {
            id: check.id().to_owned(),
            sentence: format!("does not ask whether {}", check.requirement()),
            weakness: Weakness::Checks(vec![*check]),
        };
        let several = SEVERAL.iter().map(|(id, sentence, checks)| Flaw {
            id: (*id).to_owned(),
            sentence: (*sentence).to_owned(),
            weakness: Weakness::Checks(checks.to_vec()),
        });
        let named = NAMED.iter().map(|(id, sentence, named)| Flaw {
            id: (*id).to_owned(),
            sentence: (*sentence).to_owned(),
            weakness: Weakness::Named(*named),
        });
        let refuses = REFUSES.iter().map(|(id, sentence, is_odd)| Flaw {
            id: format!("strict/{id}"),
            sentence: format!("refuses {sentence}"),
            weakness: Weakness::Refuses(*is_odd),
        });
        Check::ALL.iter().map(check).chain(several).chain(named).chain(refuses).collect()
    }

    /// The flaw of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Flaw> {
        Self::all().into_iter().find(|flaw| flaw.id == id)
    }

    /// A stable name. That of a check is the check's.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the relying party does, in one sentence without its subject and full stop.
    #[must_use]
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    pub(super) fn weakness(&self) -> &Weakness {
        &self.weakness
    }

    pub(super) fn is(&self, named: Named) -> bool {
        matches!(self.weakness, Weakness::Named(found) if found == named)
    }
}

impl fmt::Debug for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flaw({})", self.id)
    }
}

/// What more than one check guards.
const SEVERAL: &[(&str, &str, &[Check])] = &[
    (
        "user/credential/of-another-user",
        "does not ask whose credential it is, where a user has given their name",
        &[Check::CredentialAllowed, Check::CredentialKnown, Check::UserHandle],
    ),
    (
        "user/credential/of-another-user-unlisted",
        "believes the user handle, whosever the credential is",
        &[Check::CredentialAllowed, Check::CredentialKnown, Check::UserHandle],
    ),
];

const NAMED: &[(&str, &str, Named)] = &[
    ("challenge/replayed", "lets a challenge serve again after it was answered", Named::ChallengeReplayed),
    (
        "challenge/after-a-refusal",
        "lets a challenge serve again after a refusal",
        Named::ChallengeAfterRefusal,
    ),
    ("challenge/other-session", "takes a challenge of any session", Named::ChallengeOfAnySession),
    ("challenge/of-a-login", "takes a challenge of either ceremony", Named::ChallengeOfEitherCeremony),
    ("challenge/of-a-registration", "takes a challenge of either ceremony", Named::ChallengeOfEitherCeremony),
    (
        "challenge/unasked",
        "believes the challenge of a reply, in a session that began nothing",
        Named::ChallengeUnasked,
    ),
    ("challenge/expired", "lets a challenge serve for ever", Named::ChallengeNeverExpires),
    ("options/challenge-fresh", "sends the same challenge every time", Named::ChallengeFixed),
    ("options/challenge-length", "sends challenges of 8 bytes", Named::ChallengeShort),
    ("options/readable", "pads the challenge", Named::Unreadable),
    ("options/user-id", "sends the user's name as the user handle", Named::UserIdIsName),
    ("options/user-id-own", "sends everybody the same user handle", Named::UserIdShared),
    ("options/user-id-same", "sends another user handle every time", Named::UserIdChanges),
    ("options/algorithms", "asks for neither ES256 nor RS256", Named::UnusualAlgorithms),
    ("options/exclude-credentials", "leaves excludeCredentials empty", Named::ExcludesNothing),
    (
        "options/exclude-credentials-own",
        "lists another user's credential in excludeCredentials",
        Named::ExcludesOthers,
    ),
    ("options/allow-credentials", "lists another user's credential in allowCredentials", Named::AllowsOthers),
    (
        "options/attestation-echoed",
        "asks for direct attestation, whatever is wanted",
        Named::AttestationFixed,
    ),
    (
        "options/user-verification-echoed",
        "requires user verification, whatever is wanted",
        Named::UserVerificationFixed,
    ),
    ("options/extensions-echoed", "leaves out the extensions that are wanted", Named::ForgetsExtensions),
    ("options/rp-id", "leaves the RP ID out of request options", Named::NoRpId),
    ("state/nothing-is-registered", "registers the credential that it refuses", Named::RegistersRefused),
    ("state/the-counter-stays", "moves the signature counter when it refuses", Named::MovesRefusedCounter),
    ("strict/without-a-name", "has no login without a name", Named::NoLoginWithoutName),
    ("strict/client-data/white-space", "writes client data anew before it hashes it", Named::HashesAnew),
    ("strict/client-data/escapes", "writes client data anew before it hashes it", Named::HashesAnew),
];

type Refusal = (&'static str, &'static str, fn(&Seen) -> bool);

/// What a relying party can wrongly refuse: an id after `strict/`, what it refuses, and how it knows.
const REFUSES: &[Refusal] = &[
    ("format/packed", "packed attestation with certificates", |s| s.fmt == "packed" && s.certificates() > 0),
    ("format/packed-self", "packed self attestation", |s| s.fmt == "packed" && s.certificates() == 0),
    ("format/tpm", "tpm attestation", |s| is_format(s, AttestationFormat::Tpm)),
    ("format/android-key", "android-key attestation", |s| is_format(s, AttestationFormat::AndroidKey)),
    ("format/android-safetynet", "android-safetynet attestation", |s| {
        is_format(s, AttestationFormat::AndroidSafetynet)
    }),
    ("format/fido-u2f", "fido-u2f attestation", |s| is_format(s, AttestationFormat::FidoU2f)),
    ("format/apple", "apple attestation", |s| is_format(s, AttestationFormat::Apple)),
    ("format/compound", "compound attestation", |s| is_format(s, AttestationFormat::Compound)),
    ("format/none", "a registration without attestation", |s| is_format(s, AttestationFormat::None)),
    ("algorithm/es256", "ES256", |s| has_algorithm(s, Algorithm::Es256)),
    ("algorithm/es384", "ES384", |s| has_algorithm(s, Algorithm::Es384)),
    ("algorithm/es512", "ES512", |s| has_algorithm(s, Algorithm::Es512)),
    ("algorithm/es256k", "ES256K", |s| has_algorithm(s, Algorithm::Es256k)),
    ("algorithm/eddsa", "EdDSA", |s| has_algorithm(s, Algorithm::EdDsa)),
    ("algorithm/ed448", "Ed448", |s| has_algorithm(s, Algorithm::Ed448)),
    ("algorithm/rs256", "RS256", |s| has_algorithm(s, Algorithm::Rs256)),
    ("algorithm/rs384", "RS384", |s| has_algorithm(s, Algorithm::Rs384)),
    ("algorithm/rs512", "RS512", |s| has_algorithm(s, Algorithm::Rs512)),
    ("algorithm/ps256", "PS256", |s| has_algorithm(s, Algorithm::Ps256)),
    ("algorithm/ps384", "PS384", |s| has_algorithm(s, Algorithm::Ps384)),
    ("algorithm/ps512", "PS512", |s| has_algorithm(s, Algorithm::Ps512)),
    ("algorithm/rs1", "RS1", |s| has_algorithm(s, Algorithm::Rs1)),
    ("algorithm/ml-dsa-44", "ML-DSA-44", |s| has_algorithm(s, Algorithm::MlDsa44)),
    ("algorithm/ml-dsa-65", "ML-DSA-65", |s| has_algorithm(s, Algorithm::MlDsa65)),
    ("algorithm/ml-dsa-87", "ML-DSA-87", |s| has_algorithm(s, Algorithm::MlDsa87)),
    ("attestation-key", "attestation keys of another algorithm than ES256", |s| {
        s.certificates() > 0
            && s.attestation_algorithm().is_some_and(|alg| alg != Algorithm::Es256.cose_identifier())
    }),
    ("attestation/intermediate", "attestation certificates of an intermediate authority", |s| {
        s.fmt == "packed" && s.certificates() > 1
    }),
    ("attestation/self-though-unasked", "self attestation where it asked for none", |s| {
        s.fmt == "packed" && s.certificates() == 0
    }),
    ("attestation/none-though-asked", "a registration without the attestation that it asked for", |s| {
        is_format(s, AttestationFormat::None)
    }),
    ("client-data/byte-order-mark", "client data with a byte order mark", |s| {
        s.client_data.starts_with('\u{feff}')
    }),
    ("client-data/unknown-member", "client data with a member that it does not know", |s| {
        s.client_data_member("other_keys_can_be_added_here").is_some()
    }),
    ("client-data/invalid-utf-8", "client data with a byte that is no UTF-8", |s| {
        s.client_data.contains('\u{fffd}')
    }),
    ("client-data/duplicate-member", "client data with a member that is there twice", |s| {
        s.client_data.matches("\"crossOrigin\"").count() > 1
    }),
    ("client-data/other-order", "client data that does not begin with its type", |s| {
        !s.client_data.starts_with("{\"type\"")
    }),
    ("client-data/no-cross-origin", "client data without crossOrigin", |s| {
        s.client_data_member("crossOrigin").is_none()
    }),
    ("client-data/token-binding", "client data with tokenBinding", |s| {
        s.client_data_member("tokenBinding").is_some()
    }),
    ("reply/unknown-members", "a reply with a member that it does not know", |s| {
        let known = ["id", "rawId", "type", "response", "authenticatorAttachment", "clientExtensionResults"];
        !Seen::has_only(&s.reply, &known)
    }),
    ("reply/unknown-transport", "transports that it does not know", |s| {
        let transports = s.response("transports").and_then(|t| t.as_array()).into_iter().flatten();
        transports.into_iter().any(|name| name == "carrier-pigeon")
    }),
    ("reply/no-transports", "a reply that tells no transports", |s| {
        s.registration && s.response("transports").is_none()
    }),
    ("reply/no-user-handle", "a login without a user handle", |s| {
        !s.registration && s.response("userHandle").is_none()
    }),
    ("reply/null-user-handle", "a login whose user handle is null", |s| {
        !s.registration && s.response("userHandle").is_some_and(serde_json::Value::is_null)
    }),
    ("authenticator/cross-platform", "roaming authenticators", |s| {
        s.reply.get("authenticatorAttachment").is_some_and(|attachment| attachment == "cross-platform")
    }),
    ("authenticator-data/extension-data", "authenticator data with extension data", |s| {
        s.flags.contains(Flags::ED)
    }),
    ("authenticator-data/reserved-flags", "authenticator data with reserved flags", |s| {
        s.flags.0 & 0x22 != 0
    }),
    ("credential-id/16-bytes", "credential ids of less than 32 bytes", |s| s.credential_id.len() < 32),
    ("credential-id/1023-bytes", "credential ids of more than 255 bytes", |s| s.credential_id.len() > 255),
    ("aaguid/zero", "authenticators that do not tell their model", |s| {
        s.registration && s.aaguid() == [0; 16]
    }),
    ("backup/eligible", "credentials that may be backed up", |s| s.flags.contains(Flags::BE)),
    ("backup/backed-up", "credentials that are backed up", |s| s.flags.contains(Flags::BS)),
    ("backup/state-changes", "a backup state that is not that of the registration", |s| {
        s.before.as_ref().is_some_and(|before| before.backup_state != s.flags.contains(Flags::BS))
    }),
    (
        "user-verification/preferred-clear",
        "users who were not verified, though that is only preferred",
        |s| s.asked_user_verification == "preferred" && !s.flags.contains(Flags::UV),
    ),
    ("user-verification/preferred-set", "users who were verified, where that is only preferred", |s| {
        s.asked_user_verification == "preferred" && s.flags.contains(Flags::UV)
    }),
    ("user-verification/discouraged-clear", "users who were not verified, where that is discouraged", |s| {
        s.asked_user_verification == "discouraged" && !s.flags.contains(Flags::UV)
    }),
    ("user-verification/discouraged-set", "users who were verified, where that is discouraged", |s| {
        s.asked_user_verification == "discouraged" && s.flags.contains(Flags::UV)
    }),
    ("sign-count/begins-high", "signature counters that begin above zero", |s| {
        s.registration && s.sign_count > 0
    }),
    ("sign-count/leaps", "signature counters that leap ahead", |s| {
        s.before.as_ref().is_some_and(|before| s.sign_count.saturating_sub(before.sign_count) > 1000)
    }),
    ("sign-count/zero", "authenticators without a signature counter", |s| {
        !s.registration && s.sign_count == 0
    }),
    ("signature/high-s", "ECDSA signatures whose s is in the upper half", has_high_s),
    ("credentials/second", "a second credential of a user", |s| s.known_credentials > 0),
    ("credentials/not-discoverable", "logins by credentials that are not discoverable", |s| {
        !s.registration && s.response("userHandle").is_none()
    }),
];

fn is_format(seen: &Seen, format: AttestationFormat) -> bool {
    seen.fmt == format.identifier()
}

fn has_algorithm(seen: &Seen, algorithm: Algorithm) -> bool {
    seen.registration && seen.algorithm == algorithm.cose_identifier()
}

/// Whether s of a DER signature on P-256 is above half of the order.
fn has_high_s(seen: &Seen) -> bool {
    let Some(length) = seen.signature.get(3).map(|length| usize::from(*length)) else { return false };
    let s = seen.signature.get(6 + length..).unwrap_or_default();
    // Half of the order is 2^255 but for one part in 2^32: above it s needs a byte more for its sign.
    s.len() == 33
}
