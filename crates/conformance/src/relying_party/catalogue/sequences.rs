//! What takes more than one ceremony: replays, other sessions, other users, counters, and what stays after a refusal.

use std::time::Duration;

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::{CounterPolicy, Credential};
use stuntkey::crypto::Algorithm;
use stuntkey::draft::Edit;
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::{AttestationConveyance, Ceremony, Flags};

use super::faults::{leaves_nothing, leaves_the_counter};
use crate::core::case::{Case, L3_ONLY, Level, Severity};
use crate::relying_party::stage::{Halt, Reason, Scene, Stage, expect_refused, require};

const NOBODYS_CHALLENGE: [u8; 32] = [0x5a; 32];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn create(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Scene + Send + Sync + 'static,
) -> Case {
    Case::new(Ceremony::Create, id, requirement, clause, play).severity(Severity::High)
}

fn get(
    id: &str,
    requirement: &str,
    clause: &str,
    play: impl Fn(&mut Stage<'_>) -> Scene + Send + Sync + 'static,
) -> Case {
    Case::new(Ceremony::Get, id, requirement, clause, play).severity(Severity::Critical)
}

fn registration() -> Vec<Case> {
    vec![
        create(
            "challenge/replayed",
            "refuses a second registration with the challenge of one that it has accepted",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let mut person = stage.person()?;
                let begun = person.begin_registration()?;
                let reply = person.create(&begun.body)?;
                let answer = person.finish_registration(&reply)?;
                require(answer, "a registration")?;
                // Of another authenticator, so that the credential is new.
                stage.reequip(&mut person, |authenticator| authenticator)?;
                let reply = person.create(&begun.body)?;
                let answer = person.finish_registration(&reply)?;
                expect_refused(answer, "a second reply to the same challenge", None)
            },
        ),
        create(
            "challenge/other-session",
            "refuses a registration with the challenge of another session",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                let mut person = stage.person()?;
                let begun = person.begin_registration()?;
                let mut other = stage.person()?;
                let own = other.begin_registration()?;
                let body = with_member(&own.body, "challenge", &base64url(&begun.options.challenge))?;
                let reply = other.create(&body)?;
                let answer = other.finish_registration(&reply)?;
                expect_refused(answer, "the reply to another session's challenge", Reason::step("7.1", 8))
            },
        ),
        create(
            "challenge/of-a-login",
            "refuses a registration with the challenge of a login",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let login = person.begin_authentication(true)?;
                stage.reequip(&mut person, |authenticator| authenticator)?;
                let begun = person.begin_registration()?;
                let body = with_member(&begun.body, "challenge", &base64url(&login.options.challenge))?;
                let reply = person.create(&body)?;
                let answer = person.finish_registration(&reply)?;
                expect_refused(answer, "the reply to a login's challenge", Reason::step("7.1", 8))
            },
        ),
        create(
            "challenge/unasked",
            "refuses a registration that nobody began, by a challenge that nobody issued",
            "WebAuthn L3 §7.1 step 8; §13.4.3",
            |stage| {
                let mut person = stage.person()?;
                let mut other = stage.person()?;
                let begun = person.begin_registration()?;
                let body = with_member(&begun.body, "challenge", &base64url(&NOBODYS_CHALLENGE))?;
                let reply = person.create(&body)?;
                let answer = other.finish_registration(&reply)?;
                expect_refused(answer, "the reply in a session that asked for no options", None)
            },
        ),
        create(
            "challenge/after-a-refusal",
            "refuses a registration whose challenge an earlier reply has used up",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let mut person = stage.person()?;
                let begun = person.begin_registration()?;
                let edit = Edit::client_data_json(|json| json.truncate(json.len().saturating_sub(1)));
                let wrong = person.create_edited([edit], &begun.body)?;
                let answer = person.finish_registration(&wrong)?;
                expect_refused(answer, "a reply whose client data is cut", None)?;
                let reply = person.create(&begun.body)?;
                let answer = person.finish_registration(&reply)?;
                expect_refused(answer, "a second reply to the same challenge", None)
            },
        )
        .level(Level::Should)
        .severity(Severity::Low),
        create(
            "challenge/expired",
            "refuses a registration whose time is over",
            "WebAuthn L3 §13.4.3; §5.4, timeout",
            |stage| {
                let mut person = stage.person()?;
                let begun = person.begin_registration()?;
                let reply = person.create(&begun.body)?;
                wait_out(stage, begun.options.timeout)?;
                let answer = person.finish_registration(&reply)?;
                expect_refused(answer, "a reply after the timeout", None)
            },
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .needs("has a short timeout"),
        create(
            "credential-id/in-use/same-user",
            "refuses a credential id that the user has registered already",
            "WebAuthn L3 §7.1 step 26",
            |stage| in_use(stage, true, false),
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .catches("credential-id/in-use"),
        create(
            "credential-id/in-use/other-user",
            "refuses a credential that another user has registered",
            "WebAuthn L3 §7.1 step 26",
            |stage| in_use(stage, false, false),
        )
        .level(Level::Should)
        .catches("credential-id/in-use"),
        create(
            "credential-id/in-use/other-key",
            "refuses another user's credential id with another key, and goes on to know the first one's",
            "WebAuthn L3 §7.1 step 26",
            |stage| in_use(stage, false, true),
        )
        .level(Level::Should)
        .severity(Severity::Critical)
        .catches("credential-id/in-use"),
        create(
            "credential-public-key/algorithm/not-offered",
            "refuses a credential of an algorithm that it did not ask for",
            "WebAuthn L3 §7.1 step 20",
            not_offered,
        )
        .needs("does not ask for every algorithm")
        .aligns_with(Some("Attestation Resp-4"))
        .catches("credential-public-key/algorithm"),
        create(
            "authenticator-data/rp-id-hash/subdomain",
            "refuses a registration for a subdomain of its RP ID",
            "WebAuthn L3 §7.1 step 14",
            |stage| register_for(stage, subdomain),
        )
        .severity(Severity::Critical)
        .catches("authenticator-data/rp-id-hash"),
        create(
            "authenticator-data/rp-id-hash/parent-domain",
            "refuses a registration for the parent domain of its RP ID",
            "WebAuthn L3 §7.1 step 14",
            |stage| register_for(stage, parent_domain),
        )
        .severity(Severity::Critical)
        .needs("has an RP ID of several labels")
        .catches("authenticator-data/rp-id-hash"),
        create(
            "trust/anchor/other-authority",
            "refuses attestation by an authority that it does not trust, under the name of one that it does",
            "WebAuthn L3 §7.1 step 24",
            |stage| attested_by_another(stage, false),
        )
        .level(Level::Should)
        .needs("accepts packed attestation")
        .catches("trust/signature"),
        create(
            "trust/anchor/own-root",
            "refuses attestation whose x5c brings its own root along",
            "WebAuthn L3 §7.1 step 24; RFC 5280 §6.1",
            |stage| attested_by_another(stage, true),
        )
        .level(Level::Should)
        .needs("accepts packed attestation")
        .catches("trust/signature"),
        create(
            "reply/of-a-login",
            "refuses the reply of a login where one of a registration is expected",
            "WebAuthn L3 §7.1 step 3",
            |stage| {
                let mut person = stage.registered()?;
                let login = person.begin_authentication(true)?;
                let reply = person.get(&login.body)?;
                person.begin_registration()?;
                let answer = person.finish_registration(&reply)?;
                expect_refused(answer, "the reply of a login", Reason::step("7.1", 3))
            },
        )
        .severity(Severity::Medium)
        .catches("reply/attestation-object"),
        create(
            "state/nothing-is-registered",
            "registers nothing when it refuses",
            "WebAuthn L3 §7.1 step 29",
            |stage| {
                let mut person = stage.person()?;
                let begun = person.begin_registration()?;
                let edit = Edit::authenticator_data(|data| data.rp_id_hash = [0; 32]);
                let reply = person.create_edited([edit], &begun.body)?;
                let answer = person.finish_registration(&reply)?;
                expect_refused(answer, "a registration for another RP ID", None)?;
                leaves_nothing(stage, &mut person)
            },
        )
        .severity(Severity::Critical),
    ]
}

fn authentication() -> Vec<Case> {
    vec![
        get("challenge/replayed", "refuses a login that was posted before", "WebAuthn L3 §13.4.3", |stage| {
            // Without a counter, which would give the replay away.
            let mut person = stage.registered_with(|a| a.counter(CounterPolicy::Zero))?;
            let begun = person.begin_authentication(true)?;
            let reply = person.get(&begun.body)?;
            let answer = person.finish_authentication(&reply)?;
            require(answer, "the login")?;
            let answer = person.finish_authentication(&reply)?;
            expect_refused(answer, "the same reply a second time", None)
        }),
        get(
            "challenge/other-session",
            "refuses a login with the challenge of another session",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let mut elsewhere = stage.elsewhere(&person)?;
                let begun = elsewhere.begin_authentication(true)?;
                let own = person.begin_authentication(true)?;
                let body = with_member(&own.body, "challenge", &base64url(&begun.options.challenge))?;
                let reply = person.get(&body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "the reply to another session's challenge", Reason::step("7.2", 11))
            },
        ),
        get(
            "challenge/of-a-registration",
            "refuses a login with the challenge of a registration",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let registration = person.begin_registration()?;
                let begun = person.begin_authentication(true)?;
                let body =
                    with_member(&begun.body, "challenge", &base64url(&registration.options.challenge))?;
                let reply = person.get(&body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "the reply to a registration's challenge", Reason::step("7.2", 11))
            },
        ),
        get(
            "challenge/unasked",
            "refuses a login that nobody began, by a challenge that nobody issued",
            "WebAuthn L3 §7.2 step 11; §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.elsewhere(&person)?;
                let begun = person.begin_authentication(true)?;
                let body = with_member(&begun.body, "challenge", &base64url(&NOBODYS_CHALLENGE))?;
                let reply = person.get(&body)?;
                let answer = other.finish_authentication(&reply)?;
                expect_refused(answer, "the reply in a session that asked for no options", None)
            },
        ),
        get(
            "challenge/after-a-refusal",
            "refuses a login whose challenge an earlier reply has used up",
            "WebAuthn L3 §13.4.3",
            |stage| {
                let mut person = stage.registered()?;
                let begun = person.begin_authentication(true)?;
                let edit = Edit::signature(|signature| signature.truncate(signature.len().saturating_sub(1)));
                let wrong = person.get_edited([edit], &begun.body)?;
                let answer = person.finish_authentication(&wrong)?;
                expect_refused(answer, "a reply whose signature is cut", None)?;
                let reply = person.get(&begun.body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "a second reply to the same challenge", None)
            },
        )
        .level(Level::Should)
        .severity(Severity::Low),
        get(
            "challenge/expired",
            "refuses a login whose time is over",
            "WebAuthn L3 §13.4.3; §5.5, timeout",
            |stage| {
                let mut person = stage.registered()?;
                let begun = person.begin_authentication(true)?;
                let reply = person.get(&begun.body)?;
                wait_out(stage, begun.options.timeout)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "a reply after the timeout", None)
            },
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .needs("has a short timeout"),
        get(
            "user/credential/of-another-user",
            "refuses another user's credential where a user has given their name",
            "WebAuthn L3 §7.2 steps 5 and 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                let begun = person.begin_authentication(true)?;
                let body = with_credential(&begun.body, &other.credential()?)?;
                let reply = other.get(&body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "the other user's credential", None)
            },
        ),
        get(
            "user/credential/of-another-user-unlisted",
            "refuses another user's credential that claims this user's handle",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                // The other user's key says that it is this user's.
                let mut stolen = other.credential()?;
                stolen.user = person.credential()?.user;
                other.keep(&stolen)?;
                let begun = person.begin_authentication(true)?;
                let body = with_credential(&begun.body, &stolen)?;
                let reply = other.get(&body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "the other user's credential with this user's handle", None)
            },
        ),
        get(
            "user/credential/never-registered",
            "refuses a credential that nobody has registered",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut stranger = stage.elsewhere(&person)?;
                let begun = stranger.begin_registration()?;
                // The authenticator has the credential, the target never hears of it.
                stranger.create(&begun.body)?;
                let begun = person.begin_authentication(false)?;
                let reply = stranger.get(&begun.body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "a credential that was never registered", None)
            },
        )
        .needs("has logins without a name")
        .catches("user/credential"),
        get(
            "user/credential/key-of-another",
            "refuses the user's credential id with another credential's signature",
            "WebAuthn L3 §7.2 step 21",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                let mut mixed = person.credential()?;
                mixed.key = other.credential()?.key;
                other.keep(&mixed)?;
                let begun = person.begin_authentication(true)?;
                let body = with_credential(&begun.body, &mixed)?;
                let reply = other.get(&body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "another key's signature", Reason::step("7.2", 21))
            },
        )
        .catches("signature/value"),
        get(
            "user/handle/of-another-user",
            "refuses a login without a name whose user handle is another user's",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.registered()?;
                let mut renamed = person.credential()?;
                renamed.user = other.credential()?.user;
                person.keep(&renamed)?;
                let begun = person.begin_authentication(false)?;
                let body = with_credential(&begun.body, &renamed)?;
                let reply = person.get(&body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "the other user's handle", Reason::step("7.2", 6))
            },
        )
        .needs("has logins without a name")
        .catches("user/handle"),
        get(
            "sign-count/same",
            "refuses a signature counter that does not move",
            "WebAuthn L3 §7.2 step 22; §6.1.1",
            |stage| counted(stage, Edit::authenticator_data(|data| data.sign_count = 2)),
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .aligns_with(Some("Assertion Resp-3"))
        .catches("policy/sign-count"),
        get(
            "sign-count/lower",
            "refuses a signature counter that goes back",
            "WebAuthn L3 §7.2 step 22; §6.1.1",
            |stage| counted(stage, Edit::authenticator_data(|data| data.sign_count = 1)),
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .aligns_with(Some("Assertion Resp-3"))
        .catches("policy/sign-count"),
        get(
            "sign-count/zero",
            "refuses a signature counter that is back at zero",
            "WebAuthn L3 §7.2 step 22; §6.1.1",
            |stage| counted(stage, Edit::authenticator_data(|data| data.sign_count = 0)),
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .aligns_with(Some("Assertion Resp-3"))
        .catches("policy/sign-count"),
        get(
            "authenticator-data/backup-eligibility/cleared",
            "refuses a credential that was eligible for backup and no longer is",
            "WebAuthn L3 §7.2 step 19",
            |stage| {
                let mut person = stage.registered_with(|a| a.backup(true, false))?;
                let answer = person.log_in()?;
                require(answer, "a login with it")?;
                let begun = person.begin_authentication(true)?;
                let edit = Edit::authenticator_data(|data| {
                    data.flags = data.flags.with(Flags::BE, false).with(Flags::BS, false);
                });
                let reply = person.get_edited([edit], &begun.body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "a login with BE clear", Reason::step("7.2", 19))
            },
        )
        .level(Level::Should)
        .severity(Severity::Medium)
        .profiles(L3_ONLY)
        .catches("authenticator-data/backup-eligibility"),
        get(
            "authenticator-data/rp-id-hash/subdomain",
            "refuses a login for a subdomain of its RP ID",
            "WebAuthn L3 §7.2 step 15",
            |stage| log_in_for(stage, subdomain),
        )
        .catches("authenticator-data/rp-id-hash"),
        get(
            "authenticator-data/rp-id-hash/parent-domain",
            "refuses a login for the parent domain of its RP ID",
            "WebAuthn L3 §7.2 step 15",
            |stage| log_in_for(stage, parent_domain),
        )
        .needs("has an RP ID of several labels")
        .catches("authenticator-data/rp-id-hash"),
        get(
            "reply/of-a-registration",
            "refuses the reply of a registration where one of a login is expected",
            "WebAuthn L3 §7.2 step 3",
            |stage| {
                let mut person = stage.registered()?;
                let mut other = stage.person()?;
                let begun = other.begin_registration()?;
                let reply = other.create(&begun.body)?;
                let begun = person.begin_authentication(true)?;
                // As the reply of the credential that is asked for, and to the right challenge's session.
                let login = person.get(&begun.body)?;
                let reply = with_members_of(&login, &["id", "rawId"], &reply)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "the reply of a registration", Reason::step("7.2", 3))
            },
        )
        .severity(Severity::Medium)
        .catches("reply/signature"),
        get(
            "state/the-counter-stays",
            "leaves the signature counter where it was when it refuses",
            "WebAuthn L3 §7.2 steps 24 and 25",
            |stage| {
                let mut person = stage.registered()?;
                let begun = person.begin_authentication(true)?;
                let edit = Edit::authenticator_data(|data| data.rp_id_hash = [0; 32]);
                let reply = person.get_edited([edit], &begun.body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_refused(answer, "a login for another RP ID", None)?;
                leaves_the_counter(&mut person)
            },
        )
        .severity(Severity::Low),
    ]
}

/// Two logins, by which the signature counter is 2, and a third with another.
fn counted(stage: &mut Stage<'_>, edit: Edit) -> Scene {
    let mut person = stage.registered()?;
    for _ in 0..2 {
        let answer = person.log_in()?;
        require(answer, "a login")?;
    }
    let begun = person.begin_authentication(true)?;
    let reply = person.get_edited([edit], &begun.body)?;
    let answer = person.finish_authentication(&reply)?;
    expect_refused(answer, "the login", Reason::step("7.2", 22))
}

/// A credential id that is registered already, to the same user or another, perhaps with another key.
fn in_use(stage: &mut Stage<'_>, same_user: bool, other_key: bool) -> Scene {
    let mut first = stage.registered()?;
    let taken = first.credential()?;
    let mut second = match same_user {
        true => stage.elsewhere(&first)?,
        false => stage.person()?,
    };
    let begun = second.begin_registration()?;
    // The authenticator is made anew with the credential's id, and with its key or one of its own.
    let reply = registration_of(stage, &begun.body, &taken, other_key)?;
    let answer = second.finish_registration(&reply)?;
    expect_refused(answer, "the credential id that is in use", Reason::step("7.1", 26))?;
    let answer = first.log_in()?;
    crate::relying_party::stage::expect_accepted(answer, "a login of the first user afterwards").map(drop)
}

/// A sound registration with the id of another credential.
fn registration_of(
    stage: &mut Stage<'_>,
    body: &str,
    taken: &Credential,
    other_key: bool,
) -> Result<String, Halt> {
    let mut impostor = stage.person_with(|authenticator| {
        let authenticator = authenticator.credential_id(&taken.id);
        if other_key { authenticator } else { authenticator.credential_key(taken.key.clone()) }
    })?;
    impostor.create(&without(body, "excludeCredentials")?)
}

/// A sound registration, but for another RP ID.
fn register_for(stage: &mut Stage<'_>, other: fn(&str) -> Option<String>) -> Scene {
    let mut person = stage.person_with_any_rp_id()?;
    let begun = person.begin_registration()?;
    let rp_id = other_rp_id(stage, begun.options.rp.id, other)?;
    let body = changed(&begun.body, |options| {
        for name in ["rp", "relyingParty"] {
            if let Some(rp) = options.member_mut(name) {
                rp.set("id", rp_id.clone());
            }
        }
    })?;
    let reply = person.create(&body)?;
    let answer = person.finish_registration(&reply)?;
    expect_refused(answer, &format!("a registration for {rp_id}"), Reason::step("7.1", 14))
}

/// A sound login, but for another RP ID.
fn log_in_for(stage: &mut Stage<'_>, other: fn(&str) -> Option<String>) -> Scene {
    let mut person = stage.registered()?;
    let mut lax = stage.person_with_any_rp_id()?;
    let begun = person.begin_authentication(true)?;
    let rp_id = other_rp_id(stage, begun.options.rp_id, other)?;
    let mut credential = person.credential()?;
    credential.rp_id.clone_from(&rp_id);
    lax.keep(&credential)?;
    let body = with_member(&begun.body, "rpId", &rp_id)?;
    let reply = lax.get(&body)?;
    let answer = person.finish_authentication(&reply)?;
    expect_refused(answer, &format!("a login for {rp_id}"), Reason::step("7.2", 15))
}

fn other_rp_id(
    stage: &Stage<'_>,
    rp_id: Option<String>,
    other: fn(&str) -> Option<String>,
) -> Result<String, Halt> {
    let host = || url::Url::parse(&stage.scenery().origin).ok()?.host_str().map(str::to_owned);
    let rp_id = rp_id.or_else(host).unwrap_or_default();
    other(&rp_id).ok_or_else(|| Halt::skip(format!("the RP ID {rp_id} has no parent domain")))
}

fn subdomain(rp_id: &str) -> Option<String> {
    Some(format!("sub.{rp_id}"))
}

fn parent_domain(rp_id: &str) -> Option<String> {
    rp_id.split_once('.').map(|(_, parent)| parent.to_owned())
}

/// Packed attestation by an authority of the same name as the one that is trusted, with another key; perhaps with its
/// root in x5c.
fn attested_by_another(stage: &mut Stage<'_>, with_root: bool) -> Scene {
    let mut control = stage.person_with(|authenticator| authenticator.format(AttestationFormat::Packed))?;
    if control.begin_registration()?.options.attestation == AttestationConveyance::None {
        return Err(Halt::skip("the target asks for no attestation"));
    }
    let answer = control.register()?;
    require(answer, "packed attestation by the authority that it trusts")?;
    let mut person = stage.person_with(|authenticator| {
        authenticator
            .format(AttestationFormat::Packed)
            .attestation_authority(CertificateAuthority::seeded("somebody else"))
            .attestation_root_in_x5c(with_root)
    })?;
    let answer = person.register()?;
    let reason = Reason::step("7.1", 24);
    expect_refused(answer, "attestation by an authority that nobody trusts", reason)
}

/// A credential of an algorithm that the options do not have.
fn not_offered(stage: &mut Stage<'_>) -> Scene {
    let mut person = stage.person()?;
    // Some offer RS1, which only TPMs use, where they ask for attestation.
    person.wants.attestation = AttestationConveyance::None;
    let begun = person.begin_registration()?;
    let offered = &begun.options.pub_key_cred_params;
    let Some(algorithm) =
        Algorithm::available().iter().find(|algorithm| !offered.contains(&algorithm.cose_identifier()))
    else {
        return Err(Halt::skip("the target asks for every algorithm that there is"));
    };
    stage.reequip(&mut person, |authenticator| {
        authenticator.algorithms([*algorithm]).format(AttestationFormat::None)
    })?;
    let parameter =
        Json::object([("type", Json::from("public-key")), ("alg", Json::from(algorithm.cose_identifier()))]);
    let body = with_json(&begun.body, "pubKeyCredParams", &Json::Array(vec![parameter]))?;
    let reply = person.create(&body)?;
    let answer = person.finish_registration(&reply)?;
    expect_refused(answer, &format!("a credential with {}", algorithm.name()), Reason::step("7.1", 20))
}

/// Waits until the challenge has expired, if that is not too long.
fn wait_out(stage: &mut Stage<'_>, timeout: Option<u64>) -> Scene {
    let Some(timeout) = timeout.map(Duration::from_millis) else {
        return Err(Halt::skip("the target's options have no timeout"));
    };
    let longest = stage.scenery().longest_wait;
    if timeout > longest {
        return Err(Halt::skip(format!("the timeout of {timeout:?} is longer than {longest:?}")));
    }
    stage.wait(timeout + timeout / 4);
    Ok(())
}

/// The reply, with these members of another one in the place of its own.
fn with_members_of(other: &str, names: &[&'static str], reply: &str) -> Result<String, Halt> {
    let read =
        |text: &str| json::parse(text).map(Json::into_owned).map_err(|error| Halt::error(error.to_string()));
    let (other, mut reply) = (read(other)?, read(reply)?);
    for name in names {
        if let (Some(value), true) = (other.member(name), reply.member(name).is_some()) {
            reply.set(*name, value.clone());
        }
    }
    Ok(reply.to_string())
}

/// Options that ask for this credential.
fn with_credential(body: &str, credential: &Credential) -> Result<String, Halt> {
    let descriptor =
        Json::object([("type", Json::from("public-key")), ("id", Json::from(base64url(&credential.id)))]);
    with_json(body, "allowCredentials", &Json::Array(vec![descriptor]))
}

fn with_member(body: &str, name: &'static str, value: &str) -> Result<String, Halt> {
    with_json(body, name, &Json::from(value.to_owned()))
}

/// The body, with a member of the options set.
fn with_json(body: &str, name: &'static str, value: &Json<'static>) -> Result<String, Halt> {
    changed(body, |options| options.set(name, value.clone()))
}

/// The body, without a member of the options.
fn without(body: &str, name: &'static str) -> Result<String, Halt> {
    changed(body, |options| drop(options.remove(name)))
}

fn changed(body: &str, change: impl Fn(&mut Json<'static>)) -> Result<String, Halt> {
    let mut body = json::parse(body).map_err(|error| Halt::error(error.to_string()))?.into_owned();
    match options_in(&mut body) {
        Some(options) => {
            change(options);
            Ok(body.to_string())
        }
        None => Err(Halt::skip("the options are in a text inside the body")),
    }
}

/// The object with the challenge.
fn options_in<'j>(body: &'j mut Json<'static>) -> Option<&'j mut Json<'static>> {
    if body.member("challenge").is_some() {
        return Some(body);
    }
    match body {
        Json::Object(members) => members.iter_mut().find_map(|(_, value)| options_in(value)),
        _ => None,
    }
}

fn base64url(bytes: &[u8]) -> String {
    stuntkey::encoding::base64url::encode(bytes)
}
