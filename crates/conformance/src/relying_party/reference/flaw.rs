//! The flaws that the reference relying party can have. For each case there is a flaw that the case has to catch.

use std::fmt;

use stuntkey::attestation::AttestationFormat;
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::Check;
use stuntkey::webauthn::Flags;

use super::sound_ceremony::SoundCeremony;
use crate::relying_party::metadata::CERTIFIED;

/// One thing that is wrong with a relying party.
#[derive(Clone)]
pub struct Flaw {
    id: String,
    sentence: String,
    kind: FlawKind,
}

/// How a relying party with the flaw is wrong.
#[derive(Clone)]
pub(super) enum FlawKind {
    /// It ignores these checks of the verifier.
    IgnoresChecks(Vec<Check>),
    /// It refuses the sound ceremonies of which the function returns true.
    Refuses(fn(&SoundCeremony) -> bool),
    /// It does something wrong that is neither of these.
    Misbehaves(Misbehaviour),
}

/// What a relying party can do wrong apart from its checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misbehaviour {
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
    OtherRpId,
    NoLoginWithoutName,
    HashesAnew,
    RegistersRefused,
    MovesRefusedCounter,
    ChallengeTakenLate,
    BreaksAtLargeReplies,
    TellsUnknownUsers,
    RelatedOriginsMalformed,
    KeepsSession,
    ForgetsFirstCounter,
    ChallengeOfAnyRelyingParty,
    CredentialOfAnyRelyingParty,
    OverwritesElsewhere,
    MetadataSignatureIgnored,
    MetadataPathIgnored,
    MetadataNumberIgnored,
    MetadataDateIgnored,
    MetadataStatusIgnored,
    MetadataModelIgnored,
}

impl Flaw {
    /// Every flaw: first a flaw for each check of the verifier, with the check's id, then the others.
    #[must_use]
    pub fn all() -> Vec<Flaw> {
        let check = |check: &Check| Flaw {
            id: check.id().to_owned(),
            sentence: format!("does not check that {}", check.requirement()),
            kind: FlawKind::IgnoresChecks(vec![*check]),
        };
        let several = SEVERAL.iter().map(|(id, sentence, checks)| Flaw {
            id: (*id).to_owned(),
            sentence: (*sentence).to_owned(),
            kind: FlawKind::IgnoresChecks(checks.to_vec()),
        });
        let misbehaves = MISBEHAVIOURS.iter().map(|(id, sentence, misbehaviour)| Flaw {
            id: (*id).to_owned(),
            sentence: (*sentence).to_owned(),
            kind: FlawKind::Misbehaves(*misbehaviour),
        });
        let refuses = REFUSES.iter().map(|(id, sentence, is_refused)| Flaw {
            id: format!("strict/{id}"),
            sentence: format!("refuses {sentence}"),
            kind: FlawKind::Refuses(*is_refused),
        });
        Check::ALL.iter().map(check).chain(several).chain(misbehaves).chain(refuses).collect()
    }

    /// The flaw of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Flaw> {
        Self::all().into_iter().find(|flaw| flaw.id == id)
    }

    /// A stable name. A flaw that ignores a check has the check's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the relying party does, in one sentence without its subject and full stop.
    #[must_use]
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    pub(super) fn kind(&self) -> &FlawKind {
        &self.kind
    }

    pub(super) fn is(&self, misbehaviour: Misbehaviour) -> bool {
        matches!(self.kind, FlawKind::Misbehaves(found) if found == misbehaviour)
    }
}

impl fmt::Debug for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flaw({})", self.id)
    }
}

/// Flaws that ignore more than one check: id, sentence, checks.
const SEVERAL: &[(&str, &str, &[Check])] = &[
    (
        "user/credential/of-another-user",
        "does not check whose credential it is, when a user has given their name",
        &[Check::CredentialAllowed, Check::CredentialKnown, Check::UserHandle],
    ),
    (
        "user/credential/of-another-user-unlisted",
        "logs in the user of the user handle, no matter whose the credential is",
        &[Check::CredentialAllowed, Check::CredentialKnown, Check::UserHandle],
    ),
];

/// Flaws that misbehave: id, sentence, misbehaviour.
const MISBEHAVIOURS: &[(&str, &str, Misbehaviour)] = &[
    (
        "challenge/replayed",
        "accepts a challenge again after it was answered",
        Misbehaviour::ChallengeReplayed,
    ),
    (
        "challenge/after-a-refusal",
        "accepts a challenge again after it refused the first answer",
        Misbehaviour::ChallengeAfterRefusal,
    ),
    ("challenge/other-session", "accepts the challenge of any session", Misbehaviour::ChallengeOfAnySession),
    (
        "challenge/other-relying-party",
        "accepts the challenge of another relying party of the same server",
        Misbehaviour::ChallengeOfAnyRelyingParty,
    ),
    (
        "user/credential/of-another-relying-party",
        "looks credentials up at every relying party of the same server",
        Misbehaviour::CredentialOfAnyRelyingParty,
    ),
    (
        "user/credential/id-taken-over-elsewhere",
        "overwrites the record with the same credential id of another relying party of the same server",
        Misbehaviour::OverwritesElsewhere,
    ),
    (
        "challenge/of-a-login",
        "accepts the challenge of either ceremony",
        Misbehaviour::ChallengeOfEitherCeremony,
    ),
    (
        "challenge/of-a-registration",
        "accepts the challenge of either ceremony",
        Misbehaviour::ChallengeOfEitherCeremony,
    ),
    (
        "challenge/unasked",
        "accepts any challenge in a session that has begun no ceremony",
        Misbehaviour::ChallengeUnasked,
    ),
    ("challenge/expired", "accepts a challenge however old it is", Misbehaviour::ChallengeNeverExpires),
    (
        "challenge/at-once",
        "takes a challenge away only after it has looked at the answer",
        Misbehaviour::ChallengeTakenLate,
    ),
    ("strict/reply/large", "breaks down at large replies", Misbehaviour::BreaksAtLargeReplies),
    (
        "options/unknown-user",
        "begins no login for a name that has no credential",
        Misbehaviour::TellsUnknownUsers,
    ),
    ("options/related-origins", "writes related origins as one text", Misbehaviour::RelatedOriginsMalformed),
    (
        "session/renewed",
        "goes on with the session that was there before the login",
        Misbehaviour::KeepsSession,
    ),
    (
        "sign-count/below-registration",
        "stores no signature counter at the registration",
        Misbehaviour::ForgetsFirstCounter,
    ),
    ("metadata/signature", "reads metadata whose signature is wrong", Misbehaviour::MetadataSignatureIgnored),
    ("metadata/path", "reads metadata of any authority", Misbehaviour::MetadataPathIgnored),
    ("metadata/number", "reads metadata older than what it has", Misbehaviour::MetadataNumberIgnored),
    ("metadata/next-update", "reads metadata that is out of date", Misbehaviour::MetadataDateIgnored),
    ("metadata/status", "does not look at the status of a model", Misbehaviour::MetadataStatusIgnored),
    ("metadata/aaguid", "trusts the roots of one model for any model", Misbehaviour::MetadataModelIgnored),
    ("options/challenge-fresh", "sends the same challenge every time", Misbehaviour::ChallengeFixed),
    ("options/challenge-length", "sends challenges of 8 bytes", Misbehaviour::ChallengeShort),
    ("options/readable", "pads the challenge", Misbehaviour::Unreadable),
    ("options/user-id", "sends the user's name as the user handle", Misbehaviour::UserIdIsName),
    ("options/user-id-own", "gives every user the same user handle", Misbehaviour::UserIdShared),
    ("options/user-id-same", "gives a user another user handle every time", Misbehaviour::UserIdChanges),
    ("options/algorithms", "asks for neither ES256 nor RS256", Misbehaviour::UnusualAlgorithms),
    ("options/exclude-credentials", "leaves excludeCredentials empty", Misbehaviour::ExcludesNothing),
    (
        "options/exclude-credentials-own",
        "lists another user's credential in excludeCredentials",
        Misbehaviour::ExcludesOthers,
    ),
    (
        "options/allow-credentials",
        "lists another user's credential in allowCredentials",
        Misbehaviour::AllowsOthers,
    ),
    (
        "options/attestation-echoed",
        "asks for direct attestation, whatever it was told to ask for",
        Misbehaviour::AttestationFixed,
    ),
    (
        "options/user-verification-echoed",
        "requires user verification, whatever it was told to ask for",
        Misbehaviour::UserVerificationFixed,
    ),
    (
        "options/extensions-echoed",
        "leaves out the extensions that it was told to ask for",
        Misbehaviour::ForgetsExtensions,
    ),
    ("options/rp-id", "asks for the RP ID of a subdomain at logins", Misbehaviour::OtherRpId),
    (
        "state/nothing-is-registered",
        "stores the credential although it refuses the registration",
        Misbehaviour::RegistersRefused,
    ),
    (
        "state/the-counter-stays",
        "updates the stored signature counter although it refuses the login",
        Misbehaviour::MovesRefusedCounter,
    ),
    (
        "strict/without-a-name",
        "refuses to begin a login without a user name",
        Misbehaviour::NoLoginWithoutName,
    ),
    (
        "strict/client-data/white-space",
        "parses client data and serialises it again before it hashes it",
        Misbehaviour::HashesAnew,
    ),
    (
        "strict/client-data/escapes",
        "parses client data and serialises it again before it hashes it",
        Misbehaviour::HashesAnew,
    ),
];

type WrongRefusal = (&'static str, &'static str, fn(&SoundCeremony) -> bool);

/// What a relying party can wrongly refuse: the id after `strict/`, what it refuses, and whether a ceremony is such.
const REFUSES: &[WrongRefusal] = &[
    ("format/packed", "packed attestation with certificates", |c| c.fmt == "packed" && c.certificates() > 0),
    ("format/packed-self", "packed self attestation", |c| c.fmt == "packed" && c.certificates() == 0),
    ("format/tpm", "tpm attestation", |c| is_format(c, AttestationFormat::Tpm)),
    ("format/android-key", "android-key attestation", |c| is_format(c, AttestationFormat::AndroidKey)),
    ("format/android-safetynet", "android-safetynet attestation", |c| {
        is_format(c, AttestationFormat::AndroidSafetynet)
    }),
    ("format/fido-u2f", "fido-u2f attestation", |c| is_format(c, AttestationFormat::FidoU2f)),
    ("format/apple", "apple attestation", |c| is_format(c, AttestationFormat::Apple)),
    ("format/compound", "compound attestation", |c| is_format(c, AttestationFormat::Compound)),
    ("format/none", "a registration without attestation", |c| is_format(c, AttestationFormat::None)),
    ("algorithm/es256", "ES256", |c| has_algorithm(c, Algorithm::Es256)),
    ("algorithm/es384", "ES384", |c| has_algorithm(c, Algorithm::Es384)),
    ("algorithm/es512", "ES512", |c| has_algorithm(c, Algorithm::Es512)),
    ("algorithm/es256k", "ES256K", |c| has_algorithm(c, Algorithm::Es256k)),
    ("algorithm/eddsa", "EdDSA", |c| has_algorithm(c, Algorithm::EdDsa)),
    ("algorithm/ed448", "Ed448", |c| has_algorithm(c, Algorithm::Ed448)),
    ("algorithm/rs256", "RS256", |c| has_algorithm(c, Algorithm::Rs256)),
    ("algorithm/rs384", "RS384", |c| has_algorithm(c, Algorithm::Rs384)),
    ("algorithm/rs512", "RS512", |c| has_algorithm(c, Algorithm::Rs512)),
    ("algorithm/ps256", "PS256", |c| has_algorithm(c, Algorithm::Ps256)),
    ("algorithm/ps384", "PS384", |c| has_algorithm(c, Algorithm::Ps384)),
    ("algorithm/ps512", "PS512", |c| has_algorithm(c, Algorithm::Ps512)),
    ("algorithm/rs1", "RS1", |c| has_algorithm(c, Algorithm::Rs1)),
    ("algorithm/ml-dsa-44", "ML-DSA-44", |c| has_algorithm(c, Algorithm::MlDsa44)),
    ("algorithm/ml-dsa-65", "ML-DSA-65", |c| has_algorithm(c, Algorithm::MlDsa65)),
    ("algorithm/ml-dsa-87", "ML-DSA-87", |c| has_algorithm(c, Algorithm::MlDsa87)),
    ("attestation-key", "attestation keys of another algorithm than ES256", |c| {
        c.certificates() > 0
            && c.attestation_algorithm().is_some_and(|alg| alg != Algorithm::Es256.cose_identifier())
    }),
    ("attestation/intermediate", "attestation certificates of an intermediate authority", |c| {
        c.fmt == "packed" && c.certificates() > 1
    }),
    ("attestation/self-though-unasked", "self attestation where it asked for none", |c| {
        c.fmt == "packed" && c.certificates() == 0
    }),
    ("attestation/none-though-asked", "a registration without the attestation that it asked for", |c| {
        is_format(c, AttestationFormat::None)
    }),
    ("metadata/certified", "models that only metadata tells of", |c| {
        c.registration && c.aaguid() == CERTIFIED.aaguid().0
    }),
    ("conditional-create", "registrations without the user's presence", |c| {
        c.registration && !c.flags.contains(Flags::UP)
    }),
    ("origin/related", "pages whose host is not the RP ID", |c| !c.host_is_rp_id()),
    ("client-data/byte-order-mark", "client data with a byte order mark", |c| {
        c.client_data.starts_with('\u{feff}')
    }),
    ("client-data/unknown-member", "client data with a member that it does not know", |c| {
        c.client_data_member("other_keys_can_be_added_here").is_some()
    }),
    ("client-data/invalid-utf-8", "client data with a byte that is not UTF-8", |c| {
        c.client_data.contains('\u{fffd}')
    }),
    ("client-data/duplicate-member", "client data with a member that is there twice", |c| {
        c.client_data.matches("\"crossOrigin\"").count() > 1
    }),
    ("client-data/other-order", "client data that does not begin with its type", |c| {
        !c.client_data.starts_with("{\"type\"")
    }),
    ("client-data/no-cross-origin", "client data without crossOrigin", |c| {
        c.client_data_member("crossOrigin").is_none()
    }),
    ("client-data/token-binding", "client data with tokenBinding", |c| {
        c.client_data_member("tokenBinding").is_some()
    }),
    ("reply/unknown-members", "a reply with a member that it does not know", |c| {
        let known = ["id", "rawId", "type", "response", "authenticatorAttachment", "clientExtensionResults"];
        !SoundCeremony::has_only(&c.reply, &known)
    }),
    ("reply/extension-results", "client extension results that it did not ask for", |c| {
        c.reply.get("clientExtensionResults").is_some_and(|results| results.get("stuntkey").is_some())
    }),
    ("reply/unknown-transport", "transports that it does not know", |c| {
        let transports = c.response("transports").and_then(|t| t.as_array()).into_iter().flatten();
        transports.into_iter().any(|name| name == "carrier-pigeon")
    }),
    ("reply/no-transports", "a reply without transports", |c| {
        c.registration && c.response("transports").is_none()
    }),
    ("reply/no-user-handle", "a login without a user handle", |c| {
        !c.registration && c.response("userHandle").is_none()
    }),
    ("reply/null-user-handle", "a login whose user handle is null", |c| {
        !c.registration && c.response("userHandle").is_some_and(serde_json::Value::is_null)
    }),
    ("authenticator/cross-platform", "roaming authenticators", |c| {
        c.reply.get("authenticatorAttachment").is_some_and(|attachment| attachment == "cross-platform")
    }),
    ("authenticator-data/extension-data", "authenticator data with extension data", |c| {
        c.flags.contains(Flags::ED)
    }),
    ("authenticator-data/reserved-flags", "authenticator data with reserved flags", |c| {
        c.flags.0 & 0x22 != 0
    }),
    ("credential-id/16-bytes", "credential ids of less than 32 bytes", |c| c.credential_id.len() < 32),
    ("credential-id/1023-bytes", "credential ids of more than 255 bytes", |c| c.credential_id.len() > 255),
    ("aaguid/zero", "authenticators whose AAGUID is zero", |c| c.registration && c.aaguid() == [0; 16]),
    ("backup/eligible", "credentials that may be backed up", |c| c.flags.contains(Flags::BE)),
    ("backup/backed-up", "credentials that are backed up", |c| c.flags.contains(Flags::BS)),
    ("backup/state-changes", "a backup state other than at registration", |c| {
        c.before.as_ref().is_some_and(|before| before.backup_state != c.flags.contains(Flags::BS))
    }),
    (
        "user-verification/preferred-clear",
        "users who were not verified, though user verification is only preferred",
        |c| c.asked_user_verification == "preferred" && !c.flags.contains(Flags::UV),
    ),
    (
        "user-verification/preferred-set",
        "users who were verified, though user verification is only preferred",
        |c| c.asked_user_verification == "preferred" && c.flags.contains(Flags::UV),
    ),
    (
        "user-verification/discouraged-clear",
        "users who were not verified, though user verification is discouraged",
        |c| c.asked_user_verification == "discouraged" && !c.flags.contains(Flags::UV),
    ),
    (
        "user-verification/discouraged-set",
        "users who were verified, though user verification is discouraged",
        |c| c.asked_user_verification == "discouraged" && c.flags.contains(Flags::UV),
    ),
    ("sign-count/begins-high", "signature counters that begin above zero", |c| {
        c.registration && c.sign_count > 0
    }),
    ("sign-count/leaps", "signature counters that rise by more than 1000", |c| {
        c.before.as_ref().is_some_and(|before| c.sign_count.saturating_sub(before.sign_count) > 1000)
    }),
    ("sign-count/zero", "logins whose signature counter is zero", |c| !c.registration && c.sign_count == 0),
    ("signature/high-s", "ECDSA signatures whose s is in the upper half", has_high_s),
    ("signature/short-integer", "ECDSA signatures whose r or s is short", has_short_integer),
    ("credentials/second", "a second credential of a user", |c| c.known_credentials > 0),
    ("credentials/not-discoverable", "logins with credentials that are not discoverable", |c| {
        !c.registration && c.response("userHandle").is_none()
    }),
];

fn is_format(ceremony: &SoundCeremony, format: AttestationFormat) -> bool {
    ceremony.fmt == format.identifier()
}

fn has_algorithm(ceremony: &SoundCeremony, algorithm: Algorithm) -> bool {
    ceremony.registration && ceremony.algorithm == algorithm.cose_identifier()
}

/// r and s of a login's DER signature on P-256, each with the zero byte that DER may put in front of it.
fn r_and_s(ceremony: &SoundCeremony) -> Option<(&[u8], &[u8])> {
    let length = usize::from(*ceremony.signature.get(3)?);
    Some((ceremony.signature.get(4..4 + length)?, ceremony.signature.get(6 + length..)?))
}

/// Whether r or s takes less than 32 bytes.
fn has_short_integer(ceremony: &SoundCeremony) -> bool {
    let bytes = |integer: &[u8]| integer.iter().skip_while(|byte| **byte == 0).count();
    r_and_s(ceremony).is_some_and(|(r, s)| bytes(r) < 32 || bytes(s) < 32)
}

/// Whether s is above half of the order.
fn has_high_s(ceremony: &SoundCeremony) -> bool {
    // Half of the order is slightly less than 2^255. Above 2^255, DER puts a zero byte in front of s, for its sign.
    r_and_s(ceremony).is_some_and(|(_, s)| s.len() == 33)
}
