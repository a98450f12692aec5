//! What is wrong with PINs and tokens.

use super::defect;
use crate::core::defect::Defect;
use crate::core::defect::Severity::{High, Low, Medium};

pub(super) const DEFECTS: &[Defect] = &[
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
        "make-credential/token",
        High,
        "tokens are taken for what they were not given for",
        "a platform that was allowed one thing does another in the user's name",
        "check the proof, the permission and the RP ID of the token, and spend it with the touch",
    ),
    defect(
        "make-credential/empty-proof",
        Low,
        "a proof without a byte, in registrations, is not answered as the document has it",
        "platforms that let users choose among authenticators by a touch do not find the right one",
        "wait for a touch, then say whether a PIN is set, before anything else is looked at",
    ),
    defect(
        "make-credential/uv",
        High,
        "registrations do not say truly whether the authenticator verified its user",
        "relying parties take somebody else for the user, or turn the user away",
        "set UV if, and only if, the user was verified for this request",
    ),
    defect(
        "make-credential/proof",
        High,
        "registrations do not ask for a proof, or ask for it, as the document has it",
        "whoever finds the authenticator uses it without its PIN, or its user cannot use it",
        "ask for a proof as the PIN, alwaysUv and makeCredUvNotRqd have it",
    ),
    defect(
        "get-assertion/empty-proof",
        Low,
        "a proof without a byte, in assertions, is not answered as the document has it",
        "platforms that let users choose among authenticators by a touch do not find the right one",
        "wait for a touch, then say whether a PIN is set, before anything else is looked at",
    ),
    defect(
        "get-assertion/uv",
        High,
        "assertions do not say truly whether the authenticator verified its user",
        "relying parties take somebody else for the user, or turn the user away",
        "set UV if, and only if, the user was verified for this request",
    ),
    defect(
        "get-assertion/proof",
        High,
        "assertions do not ask for a proof, or ask for it, as the document has it",
        "whoever finds the authenticator uses it without its PIN, or its user cannot use it",
        "ask for a proof as the PIN, alwaysUv and makeCredUvNotRqd have it",
    ),
    defect(
        "client-pin/get-pin-token",
        Medium,
        "tokens of getPinToken do more or less than they should",
        "a platform does more in the user's name than it was allowed, or older platforms fail",
        "give them the permissions for ceremonies alone, and bind them to the first relying party",
    ),
    defect(
        "client-pin/read-only",
        Medium,
        "tokens that only read credentials are not as the document has them",
        "platforms ask for the PIN again and again, or a token does more than read",
        "keep this token apart from the others, over power cycles, until the PIN is changed",
    ),
    defect(
        "client-pin/built-in",
        High,
        "verification by the authenticator itself does not give tokens as the document has it",
        "somebody else gets a token, or the user gets none that works",
        "verify the user first, and give the permissions that were asked for",
    ),
];
