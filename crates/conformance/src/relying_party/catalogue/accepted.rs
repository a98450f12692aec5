//! What a relying party has to accept: every format and algorithm that it asks for, and what is unusual but right.

use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::{AuthenticatorBuilder, CounterPolicy, FlagOverrides};
use stuntkey::crypto::Algorithm;
use stuntkey::draft::Edit;
use stuntkey::encoding::json::{self, Json};
use stuntkey::webauthn::{
    Aaguid, Attachment, AttestationConveyance, Ceremony, Flags, ResidentKey, Transport, UserVerification,
};

use crate::core::case::{Case, L3_ONLY, Level, Severity};
use crate::relying_party::stage::{Halt, Person, Scene, Stage, expect_accepted};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = formats();
    cases.extend(algorithms());
    cases.extend(attestation_keys());
    cases.extend(registrations());
    cases.extend(client_data(Ceremony::Create));
    cases.extend(user_verification(Ceremony::Create));
    cases.extend(authentications());
    cases.extend(client_data(Ceremony::Get));
    cases.extend(user_verification(Ceremony::Get));
    cases
}

fn formats() -> Vec<Case> {
    let case = |format: &'static AttestationFormat| {
        let format = *format;
        let id = format!("accepts/format/{}", format.name());
        let requirement = format!("accepts {} attestation that is sound and trusted", format.name());
        let case = Case::new(Ceremony::Create, &id, requirement, "WebAuthn L3 §7.1 step 21", move |stage| {
            let mut person = stage.person_with(|authenticator| authenticator.format(format))?;
            if format == AttestationFormat::None {
                person.wants.attestation = AttestationConveyance::None;
            }
            let asked = person.begin_registration()?.options.attestation;
            match (format, asked) {
                (AttestationFormat::None, AttestationConveyance::None) => registers_and_logs_in(&mut person),
                (AttestationFormat::None, _) => Err(Halt::skip("the target asks for attestation")),
                (_, AttestationConveyance::None) => Err(Halt::skip("the target asks for no attestation")),
                _ => registers_and_logs_in(&mut person),
            }
        });
        let profiles = if format == AttestationFormat::Compound { L3_ONLY } else { case.profiles };
        // Which formats it supports is up to the relying party.
        case.level(if format == AttestationFormat::None { Level::Must } else { Level::May })
            .severity(Severity::Low)
            .profiles(profiles)
            .needs(if format == AttestationFormat::None {
                "asks for no attestation"
            } else {
                "asks for attestation"
            })
    };
    AttestationFormat::ALL.iter().map(case).collect()
}

fn algorithms() -> Vec<Case> {
    let case = |algorithm: &'static Algorithm| {
        let algorithm = *algorithm;
        let id = format!("accepts/algorithm/{}", algorithm.name().to_ascii_lowercase());
        let requirement =
            format!("accepts a credential of the algorithm {}, if it asks for it", algorithm.name());
        Case::new(Ceremony::Create, &id, requirement, "WebAuthn L3 §7.1 step 20; §5.4", move |stage| {
            let mut person = stage.person_with(|authenticator| authenticator.algorithms([algorithm]))?;
            let offered = person.begin_registration()?.options.pub_key_cred_params;
            if !offered.contains(&algorithm.cose_identifier()) {
                return Err(Halt::skip(format!("the target does not offer {}", algorithm.name())));
            }
            registers_and_logs_in(&mut person)
        })
        .severity(Severity::Low)
        .needs(format!("offers {}", algorithm.name()))
        .aligns_with(Some("Attestation Resp-4"))
    };
    Algorithm::ALL.iter().map(case).collect()
}

fn attestation_keys() -> Vec<Case> {
    let kinds = [
        (AttestationFormat::Packed, Algorithm::Es384),
        (AttestationFormat::Packed, Algorithm::Rs256),
        (AttestationFormat::Packed, Algorithm::EdDsa),
        (AttestationFormat::Tpm, Algorithm::Rs256),
        (AttestationFormat::Tpm, Algorithm::Rs1),
    ];
    let case = |(format, algorithm): (AttestationFormat, Algorithm)| {
        let id =
            format!("accepts/attestation-key/{}-{}", format.name(), algorithm.name().to_ascii_lowercase());
        let requirement = format!("accepts {} attestation by a key of {}", format.name(), algorithm.name());
        Case::new(Ceremony::Create, &id, requirement, "WebAuthn L3 §7.1 step 22", move |stage| {
            registers_and_logs_in(
                &mut stage.person_with(|authenticator| {
                    authenticator.format(format).attestation_algorithm(algorithm)
                })?,
            )
        })
        .level(Level::May)
        .severity(Severity::Low)
        .needs(format!("accepts {} attestation", format.name()))
        .aligns_with((format == AttestationFormat::Tpm).then_some("Attestation Resp-9"))
        .catches("strict/attestation-key")
    };
    kinds.into_iter().map(case).collect()
}

/// A registration that is accepted, and a login after it.
fn registers_and_logs_in(person: &mut Person<'_>) -> Scene {
    let answer = person.register()?;
    expect_accepted(answer, "the registration")?;
    let answer = person.log_in()?;
    expect_accepted(answer, "the login after it").map(drop)
}

/// A case in which somebody with an authenticator of this kind registers and logs in.
fn with_authenticator(
    id: &str,
    requirement: &str,
    clause: &str,
    kind: fn(AuthenticatorBuilder) -> AuthenticatorBuilder,
) -> Case {
    Case::new(Ceremony::Create, id, requirement, clause, move |stage: &mut Stage<'_>| {
        registers_and_logs_in(&mut stage.person_with(kind)?)
    })
    .severity(Severity::Low)
}

/// A case in which a registration has this edit, and is followed by a login without it.
fn edited_registration(id: &str, requirement: &str, clause: &str, edit: Edit) -> Case {
    Case::new(Ceremony::Create, id, requirement, clause, move |stage: &mut Stage<'_>| {
        let mut person = stage.person()?;
        let begun = person.begin_registration()?;
        let reply = person.create_edited_with([edit.clone()], &begun.body, |json| takes(json, &edit))?;
        let answer = person.finish_registration(&reply)?;
        expect_accepted(answer, "the registration")?;
        let answer = person.log_in()?;
        expect_accepted(answer, "the login after it").map(drop)
    })
    .severity(Severity::Low)
}

/// A case in which a login has this edit.
fn edited_login(id: &str, requirement: &str, clause: &str, edit: Edit) -> Case {
    Case::new(Ceremony::Get, id, requirement, clause, move |stage: &mut Stage<'_>| {
        let mut person = stage.registered()?;
        let begun = person.begin_authentication(true)?;
        let reply = person.get_edited_with([edit.clone()], &begun.body, |json| takes(json, &edit))?;
        let answer = person.finish_authentication(&reply)?;
        expect_accepted(answer, "the login").map(drop)
    })
    .severity(Severity::Low)
}

/// Changes to the reply's JSON are for shapes with the standard's response.
fn takes(json: &Json<'_>, edit: &Edit) -> bool {
    edit.stage() != "Reply" || json.member("response").is_some()
}

fn registrations() -> Vec<Case> {
    vec![
        with_authenticator(
            "accepts/attestation/intermediate",
            "accepts packed attestation whose certificate an intermediate authority issued",
            "WebAuthn L3 §7.1 step 24",
            |authenticator| authenticator.format(AttestationFormat::Packed).attestation_intermediates(1),
        )
        .level(Level::May)
        .needs("accepts packed attestation"),
        Case::new(
            Ceremony::Create,
            "accepts/attestation/self-though-unasked",
            "accepts self attestation where it asked for none, or refuses it without breaking",
            "WebAuthn L3 §7.1 step 22; §5.4.7",
            |stage| {
                let mut person = stage.person_with(|a| a.format(AttestationFormat::PackedSelf))?;
                person.wants.attestation = AttestationConveyance::None;
                match person.begin_registration()?.options.attestation {
                    AttestationConveyance::None => registers_and_logs_in(&mut person),
                    _ => Err(Halt::skip("the target asks for attestation")),
                }
            },
        )
        .level(Level::May)
        .severity(Severity::Low)
        .aligns_with(Some("Attestation Resp-6")),
        Case::new(
            Ceremony::Create,
            "accepts/attestation/none-though-asked",
            "accepts a registration without attestation, or refuses it without breaking",
            "WebAuthn L3 §7.1 step 24; §5.4.7",
            |stage| registers_and_logs_in(&mut stage.person_with(|a| a.format(AttestationFormat::None))?),
        )
        .level(Level::May)
        .severity(Severity::Low),
        edited_registration(
            "accepts/reply/unknown-members",
            "accepts a reply with members that it does not know",
            "WebAuthn L3 §5.1",
            Edit::reply(unknown_reply_members),
        ),
        edited_registration(
            "accepts/reply/unknown-transport",
            "accepts transports that it does not know",
            "WebAuthn L3 §5.8.4",
            Edit::reply(unknown_transport),
        ),
        edited_registration(
            "accepts/reply/no-transports",
            "accepts a reply that tells no transports",
            "WebAuthn L3 §5.2.1",
            Edit::reply(no_transports),
        ),
        with_authenticator(
            "accepts/authenticator/cross-platform",
            "accepts a credential of a roaming authenticator",
            "WebAuthn L3 §5.4.5",
            |authenticator| authenticator.attachment(Attachment::CrossPlatform).transports([Transport::Usb, Transport::Nfc]),
        ),
        with_authenticator(
            "accepts/authenticator-data/extension-data",
            "accepts authenticator data with the output of an extension that it does not know, or refuses it without breaking",
            "WebAuthn L3 §7.1 step 28",
            extension_data,
        )
        .level(Level::May)
        .aligns_with(Some("Attestation Resp-3")),
        with_authenticator(
            "accepts/credential-id/16-bytes",
            "accepts a credential id of 16 bytes",
            "WebAuthn L3 §4, credential id",
            |authenticator| authenticator.credential_id_length(16),
        ),
        with_authenticator(
            "accepts/credential-id/1023-bytes",
            "accepts a credential id of 1,023 bytes",
            "WebAuthn L3 §7.1 step 25",
            |authenticator| authenticator.credential_id_length(1023),
        ),
        Case::new(
            Ceremony::Create,
            "accepts/aaguid/zero",
            "accepts an authenticator that does not tell its model, if it asks for no attestation",
            "WebAuthn L3 §6.5.1; §5.1.3",
            |stage| {
                let mut person = stage.person_with(|authenticator| {
                    authenticator.aaguid(Aaguid::default()).format(AttestationFormat::None)
                })?;
                person.wants.attestation = AttestationConveyance::None;
                match person.begin_registration()?.options.attestation {
                    AttestationConveyance::None => registers_and_logs_in(&mut person),
                    _ => Err(Halt::skip("the target asks for attestation")),
                }
            },
        )
        .severity(Severity::Low)
        .needs("asks for no attestation"),
        with_authenticator(
            "accepts/backup/eligible",
            "accepts a credential that may be backed up",
            "WebAuthn L3 §6.1.3",
            |authenticator| authenticator.backup(true, false),
        )
        .profiles(L3_ONLY),
        with_authenticator(
            "accepts/backup/backed-up",
            "accepts a credential that is backed up",
            "WebAuthn L3 §6.1.3",
            |authenticator| authenticator.backup(true, true),
        )
        .profiles(L3_ONLY),
        with_authenticator(
            "accepts/authenticator-data/reserved-flags",
            "accepts authenticator data in which reserved flags are set",
            "WebAuthn L3 §6.1",
            |authenticator| authenticator.flags(FlagOverrides::default().force(Flags(0x22), true)),
        )
        .level(Level::May),
        with_authenticator(
            "accepts/sign-count/begins-high",
            "accepts a signature counter that begins above zero",
            "WebAuthn L3 §7.1 step 27",
            // One counter for all its credentials: the first registration is 1.
            |authenticator| authenticator.counter(CounterPolicy::Global),
        ),
        Case::new(
            Ceremony::Create,
            "accepts/credentials/second",
            "accepts a second credential of a user, and both log in",
            "WebAuthn L3 §7.1 step 26",
            |stage| {
                let mut person = stage.registered()?;
                let first = stage.reequip(&mut person, |authenticator| authenticator)?;
                let answer = person.register()?;
                expect_accepted(answer, "the second registration")?;
                let answer = person.log_in()?;
                expect_accepted(answer, "a login with the second credential")?;
                person.replace_client(first);
                let answer = person.log_in()?;
                expect_accepted(answer, "a login with the first credential").map(drop)
            },
        ),
        Case::new(
            Ceremony::Create,
            "accepts/credentials/not-discoverable",
            "accepts a credential that is not discoverable, if that is asked for, and its login without a user handle",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.person()?;
                person.wants.resident_key = ResidentKey::Discouraged;
                if person.begin_registration()?.options.authenticator_selection.resident_key
                    != ResidentKey::Discouraged
                {
                    return Err(Halt::skip("the target asks for discoverable credentials"));
                }
                registers_and_logs_in(&mut person)
            },
        )
        .needs("does not insist on discoverable credentials"),
    ]
}

/// What client data may be like in either ceremony.
struct ClientDataCase {
    id: &'static str,
    requirement: &'static str,
    /// Of a registration, of a login.
    clauses: [&'static str; 2],
    level: Level,
    change: fn(&mut Vec<u8>),
}

const CLIENT_DATA: &[ClientDataCase] = &[
    ClientDataCase {
        id: "accepts/client-data/byte-order-mark",
        requirement: "accepts client data that begins with a byte order mark",
        clauses: ["WebAuthn L3 §7.1 step 5", "WebAuthn L3 §7.2 step 8"],
        level: Level::Must,
        change: byte_order_mark,
    },
    ClientDataCase {
        id: "accepts/client-data/unknown-member",
        requirement: "accepts client data with members that it does not know",
        clauses: ["WebAuthn L3 §7.1 step 6; §5.8.1", "WebAuthn L3 §7.2 step 9; §5.8.1"],
        level: Level::Must,
        change: unknown_member,
    },
    ClientDataCase {
        id: "accepts/client-data/invalid-utf-8",
        requirement: "accepts client data with a byte that is no UTF-8 in a member that it does not know",
        clauses: ["WebAuthn L3 §7.1 step 5", "WebAuthn L3 §7.2 step 8"],
        level: Level::Should,
        change: invalid_utf_8,
    },
    ClientDataCase {
        id: "accepts/client-data/duplicate-member",
        requirement: "accepts client data in which a member is there twice, or refuses it without breaking",
        clauses: ["WebAuthn L3 §7.1 step 6", "WebAuthn L3 §7.2 step 9"],
        level: Level::May,
        change: duplicate_member,
    },
    ClientDataCase {
        id: "accepts/client-data/other-order",
        requirement: "accepts client data whose members stand in another order",
        clauses: ["WebAuthn L3 §7.1 step 6", "WebAuthn L3 §7.2 step 9"],
        level: Level::Must,
        change: other_order,
    },
    ClientDataCase {
        id: "accepts/client-data/white-space",
        requirement: "accepts client data with white space, and hashes it as it came",
        clauses: ["WebAuthn L3 §7.1 step 12", "WebAuthn L3 §7.2 step 20"],
        level: Level::Must,
        change: white_space,
    },
    ClientDataCase {
        id: "accepts/client-data/escapes",
        requirement: "accepts client data whose strings are escaped, and hashes it as it came",
        clauses: ["WebAuthn L3 §7.1 steps 6 and 12", "WebAuthn L3 §7.2 steps 9 and 20"],
        level: Level::Must,
        change: escapes,
    },
    ClientDataCase {
        id: "accepts/client-data/no-cross-origin",
        requirement: "accepts client data without crossOrigin, as clients of Level 1 send it",
        clauses: ["WebAuthn L3 §7.1 step 10; §5.8.1", "WebAuthn L3 §7.2 step 13; §5.8.1"],
        level: Level::Must,
        change: no_cross_origin,
    },
    ClientDataCase {
        id: "accepts/client-data/token-binding",
        requirement: "accepts client data with the tokenBinding member of Level 2",
        clauses: ["WebAuthn L3 §5.8.1", "WebAuthn L3 §5.8.1"],
        level: Level::Must,
        change: token_binding,
    },
];

fn client_data(ceremony: Ceremony) -> Vec<Case> {
    let case = |case: &ClientDataCase| {
        let ClientDataCase { id, requirement, clauses: [create, get], level, change } = *case;
        let edit = Edit::client_data_json(change);
        match ceremony {
            Ceremony::Create => edited_registration(id, requirement, create, edit),
            Ceremony::Get => edited_login(id, requirement, get, edit),
        }
        .level(level)
    };
    CLIENT_DATA.iter().map(case).collect()
}

/// What user verification may be like in either ceremony: what was asked for, and whether the user was verified.
const USER_VERIFICATION: [(&str, &str, UserVerification, bool); 4] = [
    (
        "accepts/user-verification/preferred-clear",
        "accepts a user who was not verified, if verification is preferred",
        UserVerification::Preferred,
        false,
    ),
    (
        "accepts/user-verification/preferred-set",
        "accepts a user who was verified, if verification is preferred",
        UserVerification::Preferred,
        true,
    ),
    (
        "accepts/user-verification/discouraged-clear",
        "accepts a user who was not verified, if verification is discouraged",
        UserVerification::Discouraged,
        false,
    ),
    (
        "accepts/user-verification/discouraged-set",
        "accepts a user who was verified, though verification is discouraged",
        UserVerification::Discouraged,
        true,
    ),
];

fn user_verification(ceremony: Ceremony) -> Vec<Case> {
    let case = |(id, requirement, wanted, verified): (&str, &str, UserVerification, bool)| {
        let case = match ceremony {
            Ceremony::Create => {
                Case::new(ceremony, id, requirement, "WebAuthn L3 §7.1 step 16", move |stage| {
                    registration_with_verification(stage, wanted, verified)
                })
            }
            Ceremony::Get => Case::new(ceremony, id, requirement, "WebAuthn L3 §7.2 step 17", move |stage| {
                login_with_verification(stage, wanted, verified)
            }),
        };
        // Whether it requires verification is the relying party's to say, though the options should say the same.
        case.level(if verified { Level::Must } else { Level::Should })
            .severity(Severity::Low)
            .needs(format!("asks for user verification {}", wanted.as_str()))
    };
    USER_VERIFICATION.into_iter().map(case).collect()
}

fn registration_with_verification(stage: &mut Stage<'_>, wanted: UserVerification, verified: bool) -> Scene {
    let mut person = stage.person_with(|authenticator| {
        authenticator.flags(FlagOverrides::default().force(Flags::UV, verified))
    })?;
    person.wants.user_verification = wanted;
    expect_asked(person.begin_registration()?.options.authenticator_selection.user_verification, wanted)?;
    registers_and_logs_in(&mut person)
}

fn login_with_verification(stage: &mut Stage<'_>, wanted: UserVerification, verified: bool) -> Scene {
    let mut person = stage.person()?;
    person.wants.user_verification = wanted;
    let answer = person.register()?;
    expect_accepted(answer, "the registration")?;
    let begun = person.begin_authentication(true)?;
    expect_asked(begun.options.user_verification, wanted)?;
    // The authenticator verifies its user unless it is asked not to.
    let verifies = wanted != UserVerification::Discouraged;
    let edit = (verifies != verified)
        .then(|| Edit::authenticator_data(move |data| data.flags = data.flags.with(Flags::UV, verified)));
    let reply = person.get_edited(edit, &begun.body)?;
    let answer = person.finish_authentication(&reply)?;
    expect_accepted(answer, "the login").map(drop)
}

fn expect_asked(found: UserVerification, wanted: UserVerification) -> Scene {
    match found == wanted {
        true => Ok(()),
        false => Err(Halt::skip(format!("the target does not ask for {}", wanted.as_str()))),
    }
}

fn authentications() -> Vec<Case> {
    vec![
        edited_login(
            "accepts/reply/unknown-members",
            "accepts a reply with members that it does not know",
            "WebAuthn L3 §5.1",
            Edit::reply(unknown_reply_members),
        ),
        edited_login(
            "accepts/reply/no-user-handle",
            "accepts a login without a user handle, if it knows the user",
            "WebAuthn L3 §7.2 step 6",
            Edit::reply(no_user_handle),
        ),
        edited_login(
            "accepts/reply/null-user-handle",
            "accepts a login whose user handle is null, if it knows the user",
            "WebAuthn L3 §5.1; §5.2.2",
            Edit::reply(null_user_handle),
        ),
        edited_login(
            "accepts/signature/high-s",
            "accepts an ECDSA signature whose s is in the upper half",
            "WebAuthn L3 §7.2 step 21; §6.5.5",
            Edit::signature(high_s),
        ),
        edited_login(
            "accepts/sign-count/leaps",
            "accepts a signature counter that leaps ahead",
            "WebAuthn L3 §7.2 step 22",
            Edit::authenticator_data(|data| data.sign_count = u32::MAX),
        ),
        edited_login(
            "accepts/authenticator-data/reserved-flags",
            "accepts authenticator data in which reserved flags are set",
            "WebAuthn L3 §6.1",
            Edit::authenticator_data(|data| data.flags = data.flags.with(Flags(0x22), true)),
        )
        .level(Level::May),
        edited_login(
            "accepts/authenticator-data/extension-data",
            "accepts authenticator data with the output of an extension that it does not know, or refuses it without breaking",
            "WebAuthn L3 §7.2 step 23",
            Edit::authenticator_data(|data| {
                data.flags = data.flags.with(Flags::ED, true);
                data.extensions = Some(UNKNOWN_EXTENSION.to_vec());
            }),
        )
        .level(Level::May)
        .aligns_with(Some("Assertion Resp-3")),
        Case::new(
            Ceremony::Get,
            "accepts/sign-count/zero",
            "accepts an authenticator without a signature counter, again and again",
            "WebAuthn L3 §7.2 step 22",
            |stage| {
                let mut person = stage.registered_with(|a| a.counter(CounterPolicy::Zero))?;
                for _ in 0..2 {
                    let answer = person.log_in()?;
                    expect_accepted(answer, "a login with the signature counter 0")?;
                }
                Ok(())
            },
        )
        .aligns_with(Some("Assertion Resp-3")),
        Case::new(
            Ceremony::Get,
            "accepts/without-a-name",
            "accepts a login without a name, by a discoverable credential",
            "WebAuthn L3 §7.2 step 6",
            |stage| {
                let mut person = stage.registered()?;
                let begun = person.begin_authentication(false)?;
                let reply = person.get(&begun.body)?;
                let answer = person.finish_authentication(&reply)?;
                expect_accepted(answer, "the login").map(drop)
            },
        )
        .needs("has logins without a name"),
        Case::new(
            Ceremony::Get,
            "accepts/backup/state-changes",
            "accepts a credential that has been backed up since its registration",
            "WebAuthn L3 §7.2 steps 19 and 24",
            |stage| {
                let mut person = stage.registered_with(|a| a.backup(true, false))?;
                let mut credential = person.credential()?;
                credential.backup_state = true;
                person.keep(&credential)?;
                let answer = person.log_in()?;
                expect_accepted(answer, "the login").map(drop)
            },
        )
        .severity(Severity::Low)
        .profiles(L3_ONLY),
    ]
}

/// `{"stuntkey": true}`: an extension of nobody's.
const UNKNOWN_EXTENSION: &[u8] = b"\xa1\x68stuntkey\xf5";

fn extension_data(authenticator: AuthenticatorBuilder) -> AuthenticatorBuilder {
    authenticator
        .extension_data(UNKNOWN_EXTENSION)
        .expect("a canonical CBOR map, as the cases are tested to send")
}

fn byte_order_mark(json: &mut Vec<u8>) {
    json.splice(0..0, *b"\xef\xbb\xbf");
}

fn unknown_member(json: &mut Vec<u8>) {
    edit(json, |data| {
        data.set("other_keys_can_be_added_here", "do not compare clientDataJSON against a template")
    });
}

/// At the end, where clients put what the standard does not have.
fn invalid_utf_8(json: &mut Vec<u8>) {
    json.truncate(json.len().saturating_sub(1));
    json.extend_from_slice(b",\"stuntkey\":\"\xff\"}");
}

fn duplicate_member(json: &mut Vec<u8>) {
    json.truncate(json.len().saturating_sub(1));
    json.extend_from_slice(b",\"crossOrigin\":false}");
}

fn token_binding(json: &mut Vec<u8>) {
    edit(json, |data| data.set("tokenBinding", Json::object([("status", Json::from("supported"))])));
}

fn no_cross_origin(json: &mut Vec<u8>) {
    edit(json, |data| drop(data.remove("crossOrigin")));
}

fn other_order(json: &mut Vec<u8>) {
    edit(json, |data| {
        if let Json::Object(members) = data {
            members.reverse();
        }
    });
}

fn white_space(json: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(json).into_owned();
    if let Ok(data) = json::parse(&text) {
        *json = format!("\n{}\n", data.to_pretty_string()).into_bytes();
    }
}

/// `:` and `/` only stand in strings, or after a name: every slash may be escaped.
fn escapes(json: &mut Vec<u8>) {
    *json = String::from_utf8_lossy(json).replace('/', "\\/").into_bytes();
}

fn edit(json: &mut Vec<u8>, change: impl FnOnce(&mut Json<'_>)) {
    let text = String::from_utf8_lossy(json).into_owned();
    if let Ok(mut data) = json::parse(&text) {
        change(&mut data);
        *json = data.to_string().into_bytes();
    }
}

fn unknown_reply_members(reply: &mut Json<'static>) {
    reply.set("stuntkey", Json::object([("unknown", Json::from(true))]));
    if let Some(response) = reply.member_mut("response") {
        response.set("stuntkey", "unknown");
    }
}

fn unknown_transport(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        response.set("transports", Json::Array(vec!["internal".into(), "carrier-pigeon".into()]));
    }
}

fn no_transports(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        drop(response.remove("transports"));
    }
}

fn no_user_handle(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        drop(response.remove("userHandle"));
    }
}

fn null_user_handle(reply: &mut Json<'static>) {
    if let Some(response) = reply.member_mut("response") {
        response.set("userHandle", Json::Null);
    }
}

/// The order of P-256 (SEC 2 §2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Takes n − s for s where s is in the lower half: as valid a signature (SEC 1 §4.1.4).
fn high_s(signature: &mut Vec<u8>) {
    let Some((r, s)) = integers(signature) else { return };
    let mut padded = [0; 32];
    let Some(start) = padded.len().checked_sub(s.len()) else { return };
    if let Some(place) = padded.get_mut(start..) {
        place.copy_from_slice(&s);
    }
    let other = subtract(&ORDER, &padded);
    let high = if other > padded { other } else { padded };
    let sequence = [integer(&r), integer(&high)].concat();
    let Ok(length) = u8::try_from(sequence.len()) else { return };
    *signature = [&[0x30, length], sequence.as_slice()].concat();
}

/// The two INTEGERs of a DER signature on P-256, without leading zeros.
fn integers(signature: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut rest = signature.strip_prefix(&[0x30])?.get(1..)?;
    let mut next = || {
        let (length, after) = rest.strip_prefix(&[0x02])?.split_first()?;
        let (value, after) = after.split_at_checked(usize::from(*length))?;
        rest = after;
        Some(value.iter().copied().skip_while(|byte| *byte == 0).collect())
    };
    Some((next()?, next()?))
}

fn integer(value: &[u8]) -> Vec<u8> {
    let mut value: Vec<u8> = value.iter().copied().skip_while(|byte| *byte == 0).collect();
    if value.first().is_none_or(|first| *first >= 0x80) {
        value.insert(0, 0);
    }
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    [&[0x02, length], value.as_slice()].concat()
}

fn subtract(from: &[u8; 32], value: &[u8; 32]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrow = false;
    for (place, (a, b)) in difference.iter_mut().zip(from.iter().zip(value)).rev() {
        let (first, under) = a.overflowing_sub(*b);
        let (second, under_again) = first.overflowing_sub(u8::from(borrow));
        *place = second;
        borrow = under || under_again;
    }
    difference
}
