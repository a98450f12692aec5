//! Checks that are missing of what a credential is, whose it is, and what it signs: authenticator data, credential, user,
//! signature, counter, and what a login leaves behind.

use super::{Entry, entry};
use crate::core::defect::Severity::{Critical, High, Low, Medium};

pub(super) const DEFECTS: &[Entry] = &[
    // Authenticator data
    entry(
        "authenticator-data/layout",
        Medium,
        "authenticator data is not taken apart carefully",
        "what is signed and what is read are no longer the same",
        "refuse authenticator data that is shorter than its flags and lengths tell",
    ),
    entry(
        "authenticator-data/layout/left-over",
        Low,
        "authenticator data with bytes that nobody reads is accepted",
        "nobody gains anything by that alone, as every byte is signed",
        "refuse authenticator data that has more than its flags and lengths tell",
    )
    .cases(&[
        "authenticator-data/layout/trailing-bytes",
        "authenticator-data/layout/ed-without-data",
        "authenticator-data/layout/data-without-ed",
        "authenticator-data/layout/extensions-not-a-map",
    ])
    .explained_by("authenticator-data/layout"),
    entry(
        "canonical",
        Low,
        "CBOR that is not in the canonical form is accepted",
        "nobody gains anything by that alone; two parsers may read such a text differently",
        "refuse CBOR that is not in the CTAP2 canonical encoding form, double keys above all",
    )
    .cases(&["authenticator-data/canonical", "attestation-object/canonical"]),
    entry(
        "authenticator-data/attested-credential-data",
        Medium,
        "a registration without a credential is accepted",
        "an account exists that nobody can log in to",
        "refuse a registration whose AT flag is clear",
    ),
    entry(
        "authenticator-data/attested-credential-data/unasked",
        Low,
        "attested credential data in a login is accepted",
        "nobody gains anything by that alone; no authenticator sends it",
        "refuse authenticator data of a login whose AT flag is set",
    ),
    entry(
        "authenticator-data/rp-id-hash",
        Critical,
        "the RP ID hash is not compared",
        "another site can pass on what its own users sign there, and is logged in",
        "compare the first 32 bytes of the authenticator data with the SHA-256 of your RP ID",
    ),
    entry(
        "authenticator-data/user-present",
        High,
        "UP is not checked",
        "malware at the user's computer logs in without the user touching anything",
        "refuse a reply whose UP flag is clear",
    ),
    entry(
        "authenticator-data/user-verified",
        High,
        "UV is not checked, though it is required",
        "whoever finds or steals the authenticator logs in without PIN or finger",
        "refuse a reply whose UV flag is clear, if the options required user verification",
    ),
    entry(
        "authenticator-data/backup-state",
        Medium,
        "flags that contradict each other are accepted",
        "what is known about backups of a credential cannot be relied on",
        "refuse BS without BE",
    ),
    entry(
        "authenticator-data/backup-eligibility",
        Medium,
        "nobody notices that a credential's eligibility for backup has changed",
        "a credential that was bound to one device may have been copied",
        "store BE at the registration, and compare it at every login",
    ),
    // Credential
    entry(
        "credential-id/length",
        Low,
        "credential ids of any length are accepted",
        "storage and logs fill with what no authenticator makes",
        "refuse a credential id of more than 1,023 bytes",
    ),
    entry(
        "credential-id/attested",
        Low,
        "the reply's `id` is not compared with the credential that is attested",
        "one of the two ids was looked up among all users, and the other may be stored",
        "take the credential id from the authenticator data alone, or refuse a reply whose `id` is another",
    ),
    entry(
        "credential-id/in-use",
        High,
        "a credential that another user has registered is accepted",
        "an attacker registers a victim's credential as their own: the victim's login may open the attacker's account",
        "look the credential id up among all users before you store it",
    ),
    entry(
        "credential-id/in-use/same-user",
        Low,
        "a credential is registered to its user twice",
        "the older record, with its counter and its flags, is lost or doubled",
        "refuse a credential id that the user has registered already",
    )
    .explained_by("credential-id/in-use"),
    entry(
        "credential-public-key/key",
        Medium,
        "a credential key that is none is registered",
        "the user cannot log in, or a library that reads it later breaks down or goes wrong",
        "read the key at the registration, and refuse what your library cannot verify with",
    ),
    entry(
        "credential-public-key/key/weak",
        Medium,
        "weak RSA keys are registered",
        "whoever has the public key can sign in the user's name",
        "refuse RSA keys of less than 2,048 bits, and public exponents below 3",
    )
    .cases(&["credential-public-key/key/rsa-exponent-one", "credential-public-key/key/rsa-modulus-small"])
    .explained_by("credential-public-key/key"),
    entry(
        "credential-public-key/algorithm",
        Medium,
        "algorithms that were not asked for are accepted",
        "whoever stands between, or the authenticator, can choose an algorithm that you have ruled out",
        "compare the key's `alg` with those of `pubKeyCredParams`",
    ),
    // User
    entry(
        "user/credential",
        Critical,
        "a credential that nobody has registered logs in",
        "whoever makes up a credential logs in",
        "look the credential up among those that are registered, and refuse what is not there",
    ),
    entry(
        "user/credential/of-another-user",
        High,
        "another user's credential is accepted from somebody who has given their name",
        "if the server goes by the name, whoever has any credential logs in as any user; if it goes by the key, as its owner",
        "look for the credential among those of the account that logs in",
    )
    .cases(&["user/credential/of-another-user-unlisted"]),
    entry(
        "user/allowed-credential",
        High,
        "credentials that were not asked for are accepted",
        "a credential that was meant for another purpose, such as a second factor, logs in",
        "compare the credential's id with those of `allowCredentials`",
    ),
    entry(
        "user/handle",
        Medium,
        "the user handle is not compared",
        "the owner of the key is logged in, whomever the reply names: servers that trust the name mix users up",
        "compare `userHandle`, if it is there, with that of the account",
    )
    .cases(&["reply/user-handle"]),
    entry(
        "user/handle-missing",
        Medium,
        "a login without a name and without a user handle is accepted",
        "the account is found by the credential id alone, which nobody signs",
        "ask for a user handle where nobody was identified before",
    ),
    // Signature and counter
    entry(
        "user/credential/id-taken-over",
        Critical,
        "another user's credential id can be taken over with another key",
        "whoever knows the id of a victim's credential logs in as the victim, or locks them out",
        "look the credential id up among all users before you store it, and never overwrite a record",
    ),
    entry(
        "user/credential/of-another-relying-party",
        Critical,
        "a credential of another relying party of the same server is accepted",
        "whoever can register at one relying party of the server logs in at the others",
        "look the credential up among those of the relying party at which somebody logs in",
    )
    .explained_by("user/credential"),
    entry(
        "user/credential/id-taken-over-elsewhere",
        Critical,
        "a user's credential id can be taken over from another relying party of the same server",
        "whoever can register at one relying party logs in as a user of another, or locks them out",
        "keep each record by its relying party and its credential id, and never overwrite one",
    ),
    entry(
        "signature/value",
        Critical,
        "the signature is not verified",
        "whoever knows a user's name and credential id logs in as that user",
        "verify the signature over the authenticator data and the hash of the client data, with the stored key",
    )
    .cases(&["user/credential/key-of-another"]),
    entry(
        "signature/value/encoding",
        Low,
        "signatures in another encoding are accepted",
        "nobody gains anything by that alone: one login has several signatures",
        "take an ECDSA signature in DER, whole and without anything after it",
    )
    .cases(&["signature/value/raw", "signature/value/trailing-bytes*"])
    .explained_by("signature/value"),
    entry(
        "sign-count",
        Medium,
        "a signature counter that does not rise is let pass",
        "a copy of an authenticator goes unnoticed",
        "compare the counter with the stored one, and treat a counter that did not rise as a sign of a copy",
    ),
    // The session
    entry(
        "session/renewed",
        Medium,
        "the session stays the same at a login",
        "whoever has put their own session into a browser is logged in as the user who logs in there",
        "give the browser another session with every login",
    ),
    // What stays after a refusal
    entry(
        "state/nothing-is-registered",
        Critical,
        "a refused registration is stored",
        "an attacker logs in with a credential that was refused",
        "store the credential after the last check, and not before",
    ),
    entry(
        "state/the-counter-stays",
        Low,
        "a refused login moves the signature counter",
        "an attacker without any key can lock a user out by a high counter",
        "store the counter after the last check, and not before",
    ),
];
