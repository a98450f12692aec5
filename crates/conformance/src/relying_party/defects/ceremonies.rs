//! Checks of either ceremony that are missing: options, reply, client data, challenge.

use super::{Entry, entry};
use crate::core::defect::Severity::{Critical, High, Low, Medium};

pub(super) const DEFECTS: &[Entry] = &[
    // Options
    entry(
        "options/readable",
        Low,
        "its options cannot be read as the standard has them",
        "some browsers and libraries cannot begin a ceremony with it",
        "send what `parseCreationOptionsFromJSON()` and `parseRequestOptionsFromJSON()` take",
    ),
    entry(
        "options/challenge-length",
        High,
        "its challenges are short",
        "an attacker can guess or wait for a challenge, and use a reply that was made beforehand",
        "make challenges of at least 16 random bytes",
    ),
    entry(
        "options/challenge-fresh",
        Critical,
        "its challenges come again",
        "whoever has seen one login can send it again, and is logged in as that user",
        "draw every challenge from a cryptographic random source",
    ),
    entry(
        "options/user-id",
        Low,
        "its user handles tell who the user is",
        "whoever reads an authenticator's list of credentials learns the user's name",
        "draw user handles at random, 64 bytes of them",
    ),
    entry(
        "options/user-id-own",
        High,
        "users share a user handle",
        "a login without a name may find another user, and a new passkey overwrites another user's",
        "give every account a random user handle of its own",
    ),
    entry(
        "options/user-id-same",
        Medium,
        "a user gets another user handle every time",
        "an authenticator keeps several passkeys for one account, and cannot replace an old one",
        "keep the user handle with the account, and send it at every registration",
    ),
    entry(
        "options/algorithms",
        Low,
        "it asks for neither ES256 nor RS256",
        "most authenticators cannot be registered",
        "offer at least ES256 (-7) and RS256 (-257)",
    ),
    entry(
        "options/exclude-credentials",
        Low,
        "the user's credentials are not listed in excludeCredentials",
        "a user registers one authenticator twice without noticing",
        "list the account's credentials in `excludeCredentials`",
    ),
    entry(
        "options/exclude-credentials-own",
        Medium,
        "ids of other users' credentials are told",
        "anybody learns ids of a stranger's credentials, and with them what they need for other attacks",
        "list nobody's credentials but those of the account that registers",
    ),
    entry(
        "options/allow-credentials",
        Medium,
        "allowCredentials lists others than the user's credentials",
        "anybody learns ids of other users' credentials, and the user may be offered the wrong one",
        "list the credentials of the account that logs in, or none",
    ),
    entry(
        "options/unknown-user",
        Medium,
        "it tells whether a name is somebody's",
        "anybody finds out who has an account, name by name",
        "answer a name that nobody has with made-up credential ids, the same every time",
    ),
    entry(
        "options/related-origins",
        Low,
        "its related origins cannot be read",
        "no browser lets pages of the other sites use its credentials",
        "send `{\"origins\": [\"https://…\"]}` as `application/json` at `/.well-known/webauthn`",
    ),
    entry(
        "options/rp-id",
        Low,
        "logins do not ask for the RP ID of the registration",
        "a login from a page at a subdomain looks for other credentials than those that were registered",
        "send `rpId` in request options as in creation options",
    ),
    entry(
        "options/echoed",
        Low,
        "its options do not follow what was asked for",
        "a test of FIDO's cannot set up what it tests",
        "take over the members of the request that the REST binding names",
    )
    .cases(&[
        "options/attestation-echoed",
        "options/extensions-echoed",
        "options/user-verification-echoed",
    ]),
    // Reply
    entry(
        "reply",
        Low,
        "the shape of the reply is not checked",
        "nobody gains anything by that alone, but later checks work on whatever the sender chose",
        "refuse a reply that lacks a member, or has one of another type, before anything else is looked at",
    ),
    entry(
        "reply/of-the-other-ceremony",
        Medium,
        "the replies of the two ceremonies are mixed up",
        "what was signed for one purpose can be presented for another",
        "expect an attestation response at registrations and an assertion response at logins, and nothing else",
    )
    .cases(&["reply/of-a-login", "reply/of-a-registration"]),
    entry(
        "reply/id/other-than-raw-id",
        Low,
        "`id` and `rawId` are not compared",
        "a server that looks one up and stores the other can be led to two credentials with one reply",
        "use one of them everywhere, or refuse a reply in which they differ",
    ),
    // Client data
    entry(
        "client-data/json",
        Medium,
        "client data that is no JSON is accepted",
        "none of the checks of its members can have been made",
        "parse the client data, and refuse what is not a JSON object",
    ),
    entry(
        "client-data/json/trailing-bytes",
        Low,
        "bytes that follow the client data are ignored",
        "nobody gains anything by that alone; parsers that disagree are what other attacks are made of",
        "refuse client data that is not one whole JSON text",
    )
    .explained_by("client-data/json"),
    entry(
        "client-data/type",
        High,
        "the type of the client data is not compared",
        "what a user signed for one ceremony can be presented in the other",
        "compare `type` with `webauthn.create` at registrations, and with `webauthn.get` at logins",
    ),
    entry(
        "client-data/challenge",
        Critical,
        "the challenge is not compared",
        "whoever has seen one login can send it again at any time, and is logged in as that user",
        "compare `challenge` with the base64url of the challenge that was issued in this session",
    ),
    entry(
        "client-data/challenge/spelling",
        Low,
        "the challenge is compared after it was decoded leniently",
        "nobody gains anything by that alone",
        "compare the text of `challenge`, without padding and in the URL alphabet, as it stands",
    )
    .cases(&["client-data/challenge/padded", "client-data/challenge/not-base64url"])
    .explained_by("client-data/challenge"),
    entry(
        "client-data/origin",
        High,
        "the origin is not compared",
        "a page of another origin, or an app that writes client data itself, gets logins that are taken for the relying party's own",
        "compare `origin`, character by character, with the list of the origins of your own pages",
    ),
    entry(
        "client-data/origin/subdomain",
        Medium,
        "pages at subdomains are taken for its own",
        "whoever controls any subdomain, such as a forgotten one, can have users log in there",
        "compare the whole origin; list a subdomain that is meant (if all are meant, tell the run so: `subdomain-origins`)",
    )
    .explained_by("client-data/origin"),
    entry(
        "client-data/origin/port",
        Medium,
        "pages at other ports are taken for its own",
        "another service on the same host can have users log in there",
        "compare the whole origin, port included (if all ports are meant, tell the run so: `other-ports`)",
    )
    .explained_by("client-data/origin"),
    entry(
        "client-data/origin/spelling",
        Low,
        "the origin is compared after it was parsed",
        "nobody gains anything by that alone: it still is the right origin",
        "compare the text of `origin` as it stands, as clients write it in one form only",
    )
    .cases(&[
        "client-data/origin/trailing-slash",
        "client-data/origin/upper-case",
        "client-data/origin/default-port",
    ])
    .explained_by("client-data/origin"),
    entry(
        "client-data/cross-origin",
        High,
        "nobody notices that the page is embedded in another site's",
        "a page that has the relying party in a frame can have users log in without seeing where",
        "refuse `crossOrigin: true`, unless you expect to be embedded",
    ),
    entry(
        "client-data/cross-origin/not-boolean",
        Low,
        "a `crossOrigin` that is no boolean is accepted",
        "nobody gains anything by that alone, as no client sends it",
        "refuse a `crossOrigin` that is neither true nor false",
    )
    .explained_by("client-data/cross-origin"),
    entry(
        "client-data/top-origin",
        High,
        "the page that embeds it is not compared",
        "any site can have the relying party in a frame and have users log in there",
        "refuse a `topOrigin`, unless it is one of the pages that may embed you",
    ),
    twice("client-data/type/twice", "client-data/type"),
    twice("client-data/challenge/twice", "client-data/challenge"),
    twice("client-data/origin/twice", "client-data/origin"),
    // Challenge
    entry(
        "challenge/replayed",
        Critical,
        "a challenge is good for more than one login",
        "whoever has seen one login can send it again, and is logged in as that user",
        "delete the challenge when the first reply to it comes",
    ),
    entry(
        "registration/challenge/replayed",
        High,
        "a challenge is good for more than one registration",
        "whoever gets at one set of options can add a credential of their own later",
        "delete the challenge when the first reply to it comes",
    ),
    entry(
        "challenge/at-once",
        Low,
        "two replies at the same moment are both accepted",
        "a double click counts twice, and whoever gets at a reply in the same moment can use it, too",
        "take the challenge away, in one step, before you look at the reply",
    )
    .explained_by("challenge/replayed"),
    entry(
        "challenge/other-session",
        High,
        "challenges are not bound to the session",
        "an attacker can begin a ceremony and have somebody else's browser finish it, or the other way round",
        "keep the challenge in the session, and look for it there alone",
    ),
    entry(
        "challenge/other-relying-party",
        Medium,
        "a challenge of another relying party of the same server is accepted",
        "whoever runs one relying party of the server chooses what users of the others sign",
        "keep with each challenge the relying party that issued it, and look for it there alone",
    )
    .explained_by("challenge/other-session"),
    entry(
        "challenge/of-the-other-ceremony",
        Medium,
        "a challenge is good for either ceremony",
        "what a user confirms for one purpose can be used for another",
        "keep with each challenge the ceremony that it was issued for",
    )
    .cases(&["challenge/of-a-login", "challenge/of-a-registration"]),
    entry(
        "challenge/unasked",
        Critical,
        "a challenge that nobody issued is accepted",
        "whoever has one signed reply, whenever it was made, is logged in with it",
        "refuse a reply in a session that has no challenge",
    ),
    entry(
        "registration/challenge/unasked",
        High,
        "a registration that nobody began is accepted",
        "an attacker can add a credential with a reply that was made beforehand",
        "refuse a reply in a session that has no challenge",
    ),
    entry(
        "challenge/after-a-refusal",
        Low,
        "a refused reply leaves its challenge valid",
        "an attacker can try any number of replies to one challenge",
        "delete the challenge when the first reply to it comes, whether it is accepted or not",
    ),
    entry(
        "challenge/expired",
        Low,
        "challenges stay valid after the timeout of the options",
        "options that somebody has left behind can be used much later",
        "keep with each challenge the time until which it is valid, at most ten minutes",
    ),
];

/// Two members of one name, which are not compared either if the member is not.
const fn twice(id: &'static str, member: &'static str) -> Entry {
    entry(
        id,
        Low,
        "client data in which a member is there twice is accepted",
        "two parsers may read it differently: what one checks, the other does not see",
        "refuse client data with two members of one name",
    )
    .explained_by(member)
}
