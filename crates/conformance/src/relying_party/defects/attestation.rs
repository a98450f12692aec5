//! Checks of attestation that are missing: the attestation object, each format, and the certificate path.

use super::{Entry, entry};
use crate::core::defect::Severity::{High, Low, Medium};

/// What comes of a statement that nobody verifies.
const ANY_MODEL: &str = "anybody can make up an attestation: a key in software passes for certified hardware";
/// What comes of a statement that vouches for something else.
const ANY_KEY: &str = "an attestation that was made for another credential vouches for this one";
/// What comes of a certificate that is not what the format demands.
const ANY_CERTIFICATE: &str = "certificates that were issued for other purposes can vouch for authenticators";
/// What comes of a statement whose form is wrong.
const ANY_FORM: &str = "what is verified may not be what the statement says, as parsers disagree about it";

pub(super) const DEFECTS: &[Entry] = &[
    entry(
        "attestation-object",
        Low,
        "the form of the attestation object is not checked",
        "nobody gains anything by that alone, but later checks work on whatever the sender chose",
        "refuse an attestation object that is not a whole CBOR map of `fmt`, `attStmt` and `authData`",
    ),
    entry(
        "attestation/format",
        Medium,
        "attestation of an unknown format is accepted",
        "whoever wants to avoid the checks of attestation names a format that nobody knows",
        "compare `fmt`, upper and lower case included, with the formats that you verify",
    ),
    entry(
        "packed/syntax",
        Low,
        "a packed statement of another form is accepted",
        ANY_FORM,
        "expect `alg`, `sig` and perhaps `x5c` of at least one certificate, and nothing else",
    ),
    entry(
        "packed/signature",
        High,
        "the signature of packed attestation is not verified",
        ANY_MODEL,
        "verify `sig` over the authenticator data and the hash of the client data, by `alg`, with the first certificate's key",
    ),
    entry(
        "packed/certificate",
        Medium,
        "certificates of packed attestation are not held to §8.2.1",
        ANY_CERTIFICATE,
        "check version, subject, basic constraints and extensions of the first certificate",
    ),
    entry(
        "packed/certificate/aaguid",
        High,
        "the AAGUID is not compared with the certificate's",
        "an authenticator can say that it is of another model than its certificate",
        "compare the extension 1.3.6.1.4.1.45724.1.1.4, if it is there, with the AAGUID of the authenticator data",
    ),
    entry(
        "packed/certificate/serial-number",
        Low,
        "serial numbers of devices are accepted unasked",
        "an authenticator can be recognised from one account to the next",
        "accept the extension 1.3.6.1.4.1.45724.1.1.2 in enterprise attestation only",
    ),
    entry(
        "packed-self",
        High,
        "self attestation is not verified",
        "a registration passes without its owner having the key",
        "verify `sig` with the credential key, and compare `alg` with that of the key",
    ),
    entry(
        "none/syntax",
        Low,
        "a none statement that is not empty is accepted",
        "nobody gains anything by that: nothing in it is read",
        "refuse a none statement that is not an empty map",
    ),
    entry(
        "fido-u2f",
        High,
        "fido-u2f attestation is not verified",
        ANY_MODEL,
        "verify `sig` over the registration data of U2F with the certificate's key, which is on P-256",
    ),
    entry(
        "fido-u2f/syntax",
        Low,
        "a fido-u2f statement of another form is accepted",
        ANY_FORM,
        "expect `sig` and `x5c` of exactly one certificate, and nothing else",
    ),
    entry(
        "fido-u2f/aaguid",
        Low,
        "a fido-u2f attestation with an AAGUID is accepted",
        "a U2F key can claim to be of a model of FIDO2",
        "refuse a fido-u2f attestation whose AAGUID is not zero",
    ),
    entry(
        "fido-u2f/credential-key",
        Medium,
        "the length of a U2F key's coordinates is not checked",
        "the bytes that are signed can be divided in another way than the key that is stored: an attestation vouches for it, too",
        "refuse a key whose x or y has other than 32 bytes, before you put the two together to `publicKeyU2F`",
    )
    .cases(&["credential-public-key/key/u2f-*"])
    .explained_by("fido-u2f"),
    entry(
        "tpm/statement",
        Low,
        "a tpm statement of another form is accepted",
        ANY_FORM,
        "expect `ver` \"2.0\", `alg`, `x5c`, `sig`, `certInfo` and `pubArea`, each whole and of its type",
    )
    .cases(&["tpm/syntax", "tpm/ver", "tpm/pub-area", "tpm/cert-info"]),
    entry(
        "tpm/pub-area/key",
        High,
        "the key of `pubArea` is not compared with the credential's",
        ANY_KEY,
        "compare type, parameters and value of `pubArea` with the credential public key",
    ),
    entry(
        "tpm/cert-info/content",
        High,
        "`certInfo` is not held to what it has to say",
        ANY_KEY,
        "check `magic`, `type`, `extraData` and the attested name",
    )
    .cases(&["tpm/cert-info/magic", "tpm/cert-info/type", "tpm/cert-info/extra-data", "tpm/cert-info/name"]),
    entry(
        "tpm/signature",
        High,
        "the signature of TPM attestation is not verified",
        ANY_MODEL,
        "verify `sig` over `certInfo`, by `alg`, with the key of the AIK certificate",
    ),
    entry(
        "tpm/certificate",
        Medium,
        "AIK certificates are not held to §8.3.1",
        ANY_CERTIFICATE,
        "check version, subject, subject alternative name, extended key usage and basic constraints",
    ),
    entry(
        "tpm/certificate/aaguid",
        High,
        "the AAGUID is not compared with the AIK certificate's",
        "an authenticator can say that it is of another model than its certificate",
        "compare the extension 1.3.6.1.4.1.45724.1.1.4, if it is there, with the AAGUID of the authenticator data",
    ),
    entry(
        "android-key/syntax",
        Low,
        "an android-key statement of another form is accepted",
        ANY_FORM,
        "expect `alg`, `sig` and `x5c` of at least one certificate, and nothing else",
    ),
    entry(
        "android-key/signature",
        High,
        "the signature of Android key attestation is not verified",
        ANY_MODEL,
        "verify `sig` with the first certificate's key",
    )
    .cases(&["android-key/certificate"]),
    entry(
        "android-key/public-key",
        High,
        "the key of the Android key certificate is not compared with the credential's",
        ANY_KEY,
        "compare the first certificate's key with the credential public key",
    ),
    entry(
        "android-key/challenge",
        High,
        "the `attestationChallenge` of Android key attestation is not compared",
        ANY_KEY,
        "compare `attestationChallenge` with the hash of the client data",
    )
    .cases(&["android-key/key-description"]),
    entry(
        "android-key/all-applications",
        Medium,
        "Android keys that every app can use are accepted",
        "any app at the phone can use the credential",
        "refuse a key description that has `allApplications` in either list",
    ),
    entry(
        "android-key/origin-and-purpose",
        High,
        "Android keys that were imported, or are not for signing, are accepted",
        "a key that was made elsewhere, and may be copied, passes for one of the phone's hardware",
        "expect KM_ORIGIN_GENERATED and KM_PURPOSE_SIGN in the authorization lists",
    )
    .cases(&["android-key/origin", "android-key/purpose"]),
    entry(
        "android-safetynet",
        Medium,
        "SafetyNet attestation is not verified",
        ANY_MODEL,
        "verify the signature of the response, its nonce, and that attest.android.com made it; or drop the format, which is deprecated",
    ),
    entry(
        "android-safetynet/integrity",
        Medium,
        "SafetyNet attestation of a device without integrity, or of long ago, is accepted",
        "a phone that was tampered with passes for a sound one",
        "expect `ctsProfileMatch` true and a `timestampMs` of the last minute; or drop the format, which is deprecated",
    )
    .cases(&[
        "android-safetynet/cts-profile-match",
        "android-safetynet/timestamp",
        "android-safetynet/ver",
    ])
    .explained_by("android-safetynet"),
    entry(
        "apple/syntax",
        Low,
        "an apple statement of another form is accepted",
        ANY_FORM,
        "expect `x5c` of at least one certificate, and nothing else",
    ),
    entry(
        "apple/nonce",
        High,
        "the nonce of Apple attestation is not compared",
        ANY_KEY,
        "compare the extension 1.2.840.113635.100.8.2 with the SHA-256 of the authenticator data and the client data hash",
    )
    .cases(&["apple/certificate"]),
    entry(
        "apple/public-key",
        High,
        "the key of the Apple certificate is not compared with the credential's",
        ANY_KEY,
        "compare the first certificate's key with the credential public key",
    ),
    entry(
        "compound/statement",
        Low,
        "a statement of a compound attestation that does not verify is let pass",
        "if that is the one that you go by, its model is made up; otherwise nobody gains anything",
        "decide which statements have to verify, and refuse the attestation if one of those does not",
    )
    .cases(&["packed/signature/in-compound"]),
    entry(
        "compound",
        Medium,
        "compound attestation is not verified",
        "statements that nobody has verified count",
        "verify every statement inside by its own procedure, and decide which of them have to hold",
    ),
    entry(
        "further-member",
        Low,
        "attestation statements with further members are accepted",
        "nobody gains anything by that alone: nothing in them is read",
        "refuse a statement with a member that the format does not have",
    )
    .cases(&["packed/syntax/further-member", "fido-u2f/syntax/further-member"]),
    entry(
        "trust",
        Medium,
        "certificate paths are not validated in full",
        "certificates that are not valid, or not meant for that, can vouch for authenticators",
        "validate the path by RFC 5280 §6 with a library that is made for it",
    ),
    entry(
        "trust/validity",
        Medium,
        "certificates outside their time are trusted",
        "a key that was lost long ago, and whose certificate has expired for that, still vouches",
        "compare notBefore and notAfter of every certificate of the path with the clock",
    )
    .cases(&["trust/expired", "trust/not-yet-valid"]),
    entry(
        "trust/authority",
        High,
        "issuers that are no authorities are trusted",
        "whoever has the key of one attestation certificate can issue others, for any model",
        "check basic constraints, path length and key usage of every issuer in the path",
    )
    .cases(&[
        "trust/basic-constraints",
        "trust/path-length",
        "trust/key-usage",
        "trust/certificate/intermediate-version-1",
    ]),
    entry(
        "trust/anchor",
        High,
        "attestation by an authority that nobody trusts is accepted",
        ANY_MODEL,
        "end every path at one of your own trust anchors, compared by its key and not by its name",
    ),
    entry(
        "trust/signature",
        High,
        "signatures of certificates are not verified",
        ANY_MODEL,
        "verify the signature of every certificate of the path with its issuer's key",
    ),
    entry(
        "trust/spare-certificates",
        Low,
        "x5c has certificates that nobody needs",
        "nobody gains anything by that: the path is valid without them",
        "nothing has to be done; a strict reader refuses them",
    )
    .cases(&["trust/certificate/garbage", "trust/order", "trust/root-included"]),
    // Metadata
    entry(
        "metadata/signature",
        High,
        "metadata with a wrong signature is read",
        "whoever can change a download decides which models are trusted",
        "verify the BLOB's signature with the key of its first certificate, and ignore it if that fails",
    ),
    entry(
        "metadata/path",
        High,
        "metadata is read, whoever signed it",
        "whoever can change a download decides which models are trusted",
        "verify that the BLOB's certificates lead to the root of the metadata service",
    ),
    entry(
        "metadata/number",
        Medium,
        "metadata is replaced by an older one",
        "whoever can change a download brings back the time before a model was revoked",
        "keep `no`, and ignore a BLOB whose number is not larger",
    ),
    entry(
        "metadata/next-update",
        Low,
        "metadata that is out of date is used",
        "models that were revoked since then are trusted",
        "fetch the next BLOB when `nextUpdate` has come, and raise an alarm if there is none",
    ),
    entry(
        "metadata/aaguid",
        Medium,
        "a model that no metadata tells of is trusted",
        "a root that was told for one model vouches for models of which nothing is known",
        "look up the entry of the AAGUID, and use its roots alone",
    ),
    entry(
        "metadata/status",
        Medium,
        "a model is trusted though its status says that it should not be",
        "keys of a model that is known to be broken are registered",
        "look at every status report of the model, and refuse it if one says REVOKED or that it is compromised",
    ),
];
