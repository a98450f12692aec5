//! What is wrong with an authenticator that fails a case, what comes of it, and what to do about it.
//!
//! A case belongs to the last entry of the table whose id is its own, or a beginning of it at a slash.

use crate::core::defect::{Defect, Severity};
use crate::core::filter;

const fn defect(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    consequence: &'static str,
    remedy: &'static str,
) -> Defect {
    Defect { id, title, consequence, remedy, severity, explained_by: None }
}

use Severity::{High, Low, Medium};

const DEFECTS: &[Defect] = &[
    defect(
        "get-info",
        Low,
        "getInfo tells something that does not go together",
        "platforms choose by it what to send, and fail later or leave features out",
        "derive each member of getInfo from what the authenticator can do",
    ),
    defect(
        "get-info/options",
        Medium,
        "the options of getInfo do not go together",
        "platforms skip verifying the user, or ask for what cannot be done",
        "derive each option from what the authenticator can do now",
    ),
    defect(
        "get-info/max-msg-size",
        Medium,
        "requests longer than maxMsgSize are not refused as such",
        "platforms cannot tell a request that is too long from one that is wrong",
        "answer REQUEST_TOO_LARGE before the request is parsed",
    ),
    defect(
        "get-info/aaguid/same",
        Medium,
        "credentials are of another model than getInfo tells",
        "relying parties apply another model's rules, or refuse the credential",
        "take the AAGUID of getInfo and of credentials from one place",
    ),
    defect(
        "get-info/algorithms/usable",
        Medium,
        "an algorithm is listed that it cannot sign by",
        "users whose relying party asks for it first cannot register",
        "list the algorithms that are there",
    ),
    defect(
        "make-credential/missing",
        Low,
        "requests without a required member are not refused as such",
        "mistakes of platforms are found late, or are not found",
        "check that every required member is there before anything else",
    ),
    defect(
        "make-credential/type",
        Low,
        "members of another type are not refused as such",
        "mistakes of platforms are found late, and parsers see what they do not expect",
        "check the type of every member that is known",
    ),
    defect(
        "make-credential/length",
        Low,
        "values that are too long or too short are taken",
        "what is stored or signed is not what the platform meant",
        "check the length of clientDataHash and user.id",
    ),
    defect(
        "make-credential/user",
        Medium,
        "users with unusual entities are refused",
        "accounts with long names, or with none, cannot register",
        "cut names at a character's end, and do without those that are missing",
    ),
    defect(
        "make-credential/rp",
        Medium,
        "relying parties without a name are refused",
        "users cannot register there",
        "do without a name of the relying party",
    ),
    defect(
        "make-credential/unknown",
        Medium,
        "requests with something new in them are refused",
        "platforms of later versions cannot use the authenticator",
        "pass over members and extensions that are not known",
    ),
    defect(
        "make-credential/algorithm",
        Medium,
        "the algorithm of a new credential is chosen wrongly",
        "users cannot register, or get a key that the relying party did not prefer",
        "walk pubKeyCredParams in its order, validate all of it, and take the first entry that is supported",
    ),
    defect(
        "make-credential/options",
        Medium,
        "options are not understood as the document has them",
        "a credential is made without its user, or is not of the kind that was asked for",
        "understand rk, up and uv as step 5 says, and pass over others",
    ),
    defect(
        "make-credential/exclude",
        High,
        "the exclude list is not respected",
        "accounts get several credentials of one authenticator, or pages learn without a touch which are there",
        "look up every entry for this relying party, and wait for a touch before the answer",
    ),
    defect(
        "make-credential/answer",
        High,
        "a new credential does not say what happened",
        "relying parties refuse the credential, or take the user for present or verified without being so",
        "set the flags from what happened, and sign authenticator data and client data hash as they are",
    ),
    defect(
        "make-credential/attestation",
        Low,
        "the preference of attestation formats is not respected",
        "relying parties get an attestation that they cannot use, or one that they asked not to get",
        "follow attestationFormatsPreference as step 19 says",
    ),
    defect(
        "get-assertion/missing",
        Low,
        "requests without a required member are not refused as such",
        "mistakes of platforms are found late, or are not found",
        "check that every required member is there before anything else",
    ),
    defect(
        "get-assertion/type",
        Low,
        "members of another type are not refused as such",
        "mistakes of platforms are found late, and parsers see what they do not expect",
        "check the type of every member that is known",
    ),
    defect(
        "get-assertion/length",
        Low,
        "a hash of another length is signed",
        "what is signed is not what the platform meant",
        "check the length of clientDataHash",
    ),
    defect(
        "get-assertion/unknown",
        Medium,
        "requests with something new in them are refused",
        "platforms of later versions cannot use the authenticator",
        "pass over members and extensions that are not known",
    ),
    defect(
        "get-assertion/options",
        High,
        "options are not understood as the document has them",
        "an assertion is signed without its user, or is not signed where it should",
        "understand up and uv as step 4 says, refuse rk, and pass over others",
    ),
    defect(
        "get-assertion/find",
        High,
        "the wrong credential is found, or the right one is not",
        "users cannot log in, or one relying party learns of another's credentials",
        "look up every entry of the list for this relying party, and compare whole ids",
    ),
    defect(
        "get-assertion/answer",
        High,
        "an assertion does not say what happened",
        "relying parties refuse it, or take the user for present or verified without being so",
        "set the flags from what happened, and sign authenticator data and client data hash as they are",
    ),
    defect(
        "get-assertion/token",
        High,
        "tokens are taken for what they were not given for",
        "a platform that was allowed one thing does another in the user's name",
        "check the proof, the permission and the RP ID of the token, and spend it with the touch",
    ),
    defect(
        "get-next-assertion",
        Medium,
        "several accounts are not gone through as the document has it",
        "users cannot choose their account, or others learn which there are",
        "remember the credentials from the newest to the oldest, and forget them with the last",
    ),
    defect(
        "client-pin/sub-command",
        Low,
        "sub-commands of authenticatorClientPIN are not told apart as the document has them",
        "platforms cannot tell what the authenticator lacks from what went wrong",
        "check that the sub-command is there and known before anything else",
    ),
    defect(
        "client-pin/key-agreement",
        Medium,
        "key agreement is not as the document has it",
        "platforms cannot set or use a PIN",
        "give one COSE_Key of ECDH-ES on P-256 for each protocol, until a wrong PIN or the power renews it",
    ),
    defect(
        "client-pin/retries",
        Low,
        "retries are not told as the document has them",
        "users learn too late that the PIN is about to be blocked",
        "tell the counter that is spent, whatever the protocol",
    ),
    defect(
        "client-pin/uv-retries",
        Low,
        "retries of a verification are told that is not there",
        "platforms offer users a verification that does not exist",
        "answer the sub-command only where there is built-in user verification",
    ),
    defect(
        "client-pin/set-pin",
        High,
        "PINs are set that must not be, or are not set that must be",
        "users are locked out, or protected by less than they think",
        "follow the steps of setPIN in their order, and count code points",
    ),
    defect(
        "client-pin/change-pin",
        High,
        "PINs are not changed as the document has it",
        "whoever does not know the PIN changes it, or an old PIN or token goes on working",
        "follow the steps of changePIN in their order, and renew the tokens",
    ),
    defect(
        "client-pin/token",
        High,
        "wrong PINs are not counted as the document has it",
        "whoever holds the authenticator tries PINs until one is right",
        "spend a retry before the PIN is compared, renew the key, and stop after three",
    ),
    defect(
        "client-pin/permissions",
        Medium,
        "permissions of tokens are not as the document has them",
        "platforms get tokens that do not work, or that allow more than they should",
        "check the permissions against what the authenticator has, and keep them with the token",
    ),
    defect(
        "encoding/command",
        Low,
        "commands that are not known are not refused as such",
        "platforms cannot tell what the authenticator lacks from what went wrong",
        "answer INVALID_COMMAND",
    ),
    defect(
        "encoding/malformed",
        Medium,
        "requests that cannot be read break it down",
        "any program on the machine can bring it into a state that nobody tested",
        "parse within limits, answer INVALID_CBOR, and go on",
    ),
    defect(
        "encoding/not-canonical",
        Low,
        "requests that are not canonical are taken, or not refused as such",
        "two readers of one request may understand two things",
        "parse CTAP's canonical CBOR strictly, and answer INVALID_CBOR",
    ),
    defect(
        "reset",
        High,
        "a reset does not do what the document asks",
        "whoever gets the authenticator next finds credentials, or a program resets it without its user",
        "forget every credential, PIN and token, and ask for a touch soon after power-up",
    ),
    defect(
        "selection",
        Low,
        "it is not selected as the document has it",
        "users with several authenticators cannot choose by a touch",
        "wait for a touch, and have no other effect",
    ),
    defect(
        "u2f",
        Medium,
        "U2F is not spoken as the document has it",
        "clients that fall back to U2F cannot register or log in, or do so without a touch",
        "follow U2F's raw message formats, and answer with its status words",
    ),
    defect(
        "u2f/authenticate",
        High,
        "logins by U2F are not as the document has them",
        "somebody logs in without a touch, or another application's credential is used",
        "look the key handle up for this application, and sign only when touched",
    ),
    defect(
        "hid",
        Medium,
        "CTAPHID is not spoken as the document has it",
        "clients that share the authenticator disturb each other, or wait in vain",
        "follow CTAP 2.1 §11.2 packet by packet",
    ),
    defect(
        "hid/busy",
        High,
        "one channel's message is not protected from another's",
        "a program can break or steal what another one is doing",
        "answer ERR_CHANNEL_BUSY to other channels until the message is done",
    ),
    defect(
        "hid/cancel",
        High,
        "requests are not cancelled as the document has it",
        "users touch for a request that was given up, or a program ends another's request",
        "end the running request of the channel that cancels, and no other",
    ),
    defect(
        "whole-run",
        Medium,
        "an answer is not of the form that the document has",
        "platforms with strict parsers refuse it",
        "encode canonically, and send nothing behind an error",
    ),
    defect(
        "whole-run/unique",
        High,
        "something came twice that must come once",
        "credentials or tokens can be taken for one another",
        "draw every id, key and token from a good source of randomness",
    ),
];

/// A test holds that no case has it.
const UNKNOWN: Defect = defect(
    "unknown",
    Severity::Medium,
    "the requirement is not met",
    "the case says what it is about",
    "follow the clause that the case cites",
);

/// What is wrong with an authenticator that fails the case of this id.
pub(crate) fn of(case: &str) -> &'static Defect {
    DEFECTS.iter().rev().find(|defect| filter::matches(defect.id, case)).unwrap_or(&UNKNOWN)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_case_has_a_defect_and_every_defect_a_case() {
        let found: BTreeSet<&str> =
            super::super::catalogue::all().iter().map(|case| case.defect().id).collect();
        assert!(!found.contains(UNKNOWN.id));
        let all: BTreeSet<&str> = DEFECTS.iter().map(|defect| defect.id).collect();
        assert_eq!(all.len(), DEFECTS.len());
        assert_eq!(found, all);
    }

    #[test]
    fn a_defect_is_told_in_plain_sentences() {
        for defect in DEFECTS {
            for text in [defect.title, defect.consequence, defect.remedy] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", defect.id);
            }
        }
    }
}
