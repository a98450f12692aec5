//! What is wrong with messages, resets, U2F and CTAPHID, and with a run as a whole.

use super::defect;
use crate::core::defect::Defect;
use crate::core::defect::Severity::{High, Low, Medium};

pub(super) const DEFECTS: &[Defect] = &[
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
        "nfc",
        Medium,
        "the application on the card does not answer commands as it should",
        "phones and readers do not find it, or lose its answers",
        "follow CTAP's binding to NFC, and ISO 7816-4 where that says nothing",
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
    defect(
        "whole-run/counters",
        Medium,
        "a signature counter does not rise",
        "relying parties take the authenticator for a copy, or cannot tell a copy from it",
        "raise the counter with every signature, or keep it at zero",
    ),
    defect(
        "whole-run/relying-parties",
        High,
        "a relying party sees what is another's",
        "users are known from one page to the next, or somebody signs in for them",
        "find credentials by their relying party before anything else",
    ),
];
