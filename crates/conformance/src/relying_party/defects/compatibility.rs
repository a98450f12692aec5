//! What a relying party refuses though it is sound: who is locked out by it.

use super::{Entry, entry};
use crate::core::defect::Severity::{Low, Medium};

pub(super) const DEFECTS: &[Entry] = &[
    entry(
        "accepts/reply",
        Low,
        "replies that are unusual but sound are refused",
        "users of some browsers, apps and libraries cannot register or log in, perhaps after their next update",
        "ignore members and values that you do not know, and do without those that are optional",
    ),
    entry(
        "accepts/client-data",
        Low,
        "client data that is unusual but sound is refused",
        "users of some browsers and apps cannot register or log in, perhaps after their next update",
        "parse client data as JSON, ignore members that you do not know, and hash the bytes as they came",
    ),
    entry(
        "accepts/reply/large",
        Medium,
        "a large reply breaks it down",
        "anybody can keep it busy or bring it down, without an account",
        "limit the length of a request's body, and answer 413 beyond",
    ),
    entry(
        "accepts/conditional-create",
        Medium,
        "conditional creates are refused",
        "users are never upgraded to passkeys, though their browser has made one",
        "where you ask for `mediation: \"conditional\"`, do without UP and UV",
    ),
    entry(
        "accepts/origin",
        Low,
        "it breaks down at pages of its related origins",
        "users of those sites cannot log in",
        "expect the origins that you list, or refuse them in an orderly way",
    ),
    entry(
        "accepts/authenticator-data",
        Low,
        "authenticator data that is unusual but sound is refused",
        "users of some authenticators cannot register or log in, perhaps after their next update",
        "ignore extension outputs and flags that you do not know",
    ),
    entry(
        "accepts/backup",
        Low,
        "passkeys that are or may be backed up are refused",
        "users of the passkeys of phones and password managers cannot register",
        "accept BE and BS as they come, unless your policy needs otherwise",
    ),
    entry(
        "accepts/user-verification",
        Low,
        "user verification is demanded or refused otherwise than the options say",
        "users of authenticators without PIN or finger, or with them, cannot register or log in",
        "require UV if, and only if, the options say `required`",
    ),
    entry(
        "accepts/authenticator",
        Low,
        "roaming authenticators are refused",
        "users of security keys cannot register",
        "name the attachment in the options if you accept one only",
    ),
    entry(
        "accepts/credential-id",
        Low,
        "credential ids of some lengths are refused",
        "users of some authenticators cannot register",
        "accept credential ids of 16 to 1,023 bytes",
    ),
    entry(
        "accepts/credentials/second",
        Medium,
        "a second credential of a user is refused, or replaces the first",
        "a user who loses an authenticator loses the account",
        "keep several credentials for an account",
    ),
    entry(
        "accepts/credentials/not-discoverable",
        Medium,
        "credentials that are not discoverable are refused",
        "users of older security keys cannot register or log in",
        "accept a login without a user handle, if the user has given a name",
    ),
    entry(
        "accepts/without-a-name",
        Medium,
        "a login without a name is refused",
        "users cannot log in by their passkey alone",
        "find the account by the user handle",
    ),
    entry(
        "accepts/algorithm",
        Medium,
        "credentials of an algorithm that it offers are refused",
        "users whose authenticators take this algorithm cannot register or log in",
        "offer the algorithms that you can verify, and no others",
    ),
    entry(
        "accepts/format",
        Low,
        "an attestation format is not supported",
        "users of authenticators that attest so cannot register, if attestation is asked for",
        "add the format, or accept such registrations as if they had no attestation",
    )
    .cases(&[
        "accepts/attested",
        "accepts/attestation-key",
        "accepts/attestation",
        "accepts/aaguid",
        "accepts/metadata",
    ]),
    entry(
        "accepts/sign-count",
        Medium,
        "signature counters that are sound are refused",
        "users of authenticators that do not count, or count otherwise, are locked out",
        "accept a counter that is greater than the stored one, and zero beside zero",
    ),
    entry(
        "accepts/signature",
        Medium,
        "sound signatures are refused",
        "a login fails now and then, or always with some authenticators",
        "take every signature that the algorithm's document takes",
    ),
];
