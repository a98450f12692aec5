//! One case for each fault of the library's catalogue and each ceremony that it applies to: a ceremony that is sound
//! but for one change has to be refused, and to leave no trace.

use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::crypto::Algorithm;
use stuntkey::fault::Fault;
use stuntkey::webauthn::{AttestationConveyance, Ceremony, UserVerification};

use crate::core::case::{Case, FIDO_ONLY, L3_ONLY, Level, Profile, Severity, id_matches};
use crate::relying_party::stage::{
    Halt, Person, Reason, Scene, Stage, expect_accepted, expect_refused, require,
};

/// What holds for the faults whose id is, or begins with, `faults`. Of several the last one counts.
struct Chapter {
    faults: &'static str,
    level: Level,
    severity: Severity,
    profiles: &'static [Profile],
    /// The suites of the FIDO Alliance's tests with cases like these: of attestation, of assertion.
    aligns_with: (Option<&'static str>, Option<&'static str>),
}

const fn chapter(
    faults: &'static str,
    severity: Severity,
    attestation: Option<&'static str>,
    assertion: Option<&'static str>,
) -> Chapter {
    Chapter {
        faults,
        level: Level::Must,
        severity,
        profiles: Profile::ALL,
        aligns_with: (attestation, assertion),
    }
}

const fn should(chapter: Chapter) -> Chapter {
    Chapter { level: Level::Should, ..chapter }
}

const fn only(profiles: &'static [Profile], chapter: Chapter) -> Chapter {
    Chapter { profiles, ..chapter }
}

const ATTESTATION_1: Option<&str> = Some("Attestation Resp-1");
const ATTESTATION_2: Option<&str> = Some("Attestation Resp-2");
const ATTESTATION_3: Option<&str> = Some("Attestation Resp-3");
const ATTESTATION_4: Option<&str> = Some("Attestation Resp-4");
const ATTESTATION_5: Option<&str> = Some("Attestation Resp-5");
const ATTESTATION_6: Option<&str> = Some("Attestation Resp-6");
const ATTESTATION_7: Option<&str> = Some("Attestation Resp-7");
const ATTESTATION_8: Option<&str> = Some("Attestation Resp-8");
const ATTESTATION_9: Option<&str> = Some("Attestation Resp-9");
const ATTESTATION_A: Option<&str> = Some("Attestation Resp-A");
const ASSERTION_1: Option<&str> = Some("Assertion Resp-1");
const ASSERTION_2: Option<&str> = Some("Assertion Resp-2");
const ASSERTION_3: Option<&str> = Some("Assertion Resp-3");

const CHAPTERS: &[Chapter] = &[
    chapter("reply", Severity::Low, ATTESTATION_1, ASSERTION_1),
    should(chapter("reply/id/other-than-raw-id", Severity::Medium, None, None)),
    // No step of the ceremonies looks at more than the results of the extensions that were asked for.
    should(chapter("reply/client-extension-results", Severity::Low, None, None)),
    chapter("user", Severity::Critical, None, None),
    chapter("client-data", Severity::Medium, ATTESTATION_2, ASSERTION_2),
    chapter("client-data/type", Severity::High, ATTESTATION_2, ASSERTION_2),
    chapter("client-data/challenge", Severity::Critical, ATTESTATION_2, ASSERTION_2),
    // It still is the right one.
    chapter("client-data/challenge/padded", Severity::Low, None, None),
    chapter("client-data/challenge/not-base64url", Severity::Low, ATTESTATION_2, ASSERTION_2),
    chapter("client-data/origin", Severity::High, ATTESTATION_2, ASSERTION_2),
    only(L3_ONLY, chapter("client-data/cross-origin", Severity::High, None, None)),
    // Step 10 speaks of the value true alone.
    only(L3_ONLY, should(chapter("client-data/cross-origin/not-boolean", Severity::Low, None, None))),
    only(L3_ONLY, chapter("client-data/top-origin", Severity::High, None, None)),
    chapter("attestation-object", Severity::Low, ATTESTATION_3, None),
    should(chapter("attestation-object/canonical", Severity::Low, None, None)),
    chapter("authenticator-data", Severity::Medium, ATTESTATION_3, ASSERTION_3),
    should(chapter("authenticator-data/canonical", Severity::Low, None, None)),
    chapter("authenticator-data/rp-id-hash", Severity::Critical, None, ASSERTION_3),
    chapter("authenticator-data/user-present", Severity::High, None, None),
    chapter("authenticator-data/user-verified", Severity::High, ATTESTATION_1, ASSERTION_3),
    only(L3_ONLY, chapter("authenticator-data/backup-state", Severity::Medium, None, None)),
    // Asked of those who use the backup state.
    only(L3_ONLY, should(chapter("authenticator-data/backup-eligibility", Severity::Medium, None, None))),
    // §7.1 step 20 looks at `alg` alone; what else a key is, §5.8.5 and §6.5.1.1 say to those who make it.
    should(chapter("credential-public-key", Severity::Medium, None, None)),
    chapter("credential-public-key/key/alg-missing", Severity::High, None, None),
    chapter("credential-public-key/key/alg-unknown", Severity::High, None, None),
    chapter("credential-public-key/key/not-a-map", Severity::High, None, None),
    should(chapter("credential-public-key/key/further-parameter", Severity::Low, None, None)),
    chapter("attestation/format", Severity::Medium, ATTESTATION_5, None),
    chapter("packed", Severity::High, ATTESTATION_5, None),
    chapter("packed/syntax", Severity::Medium, ATTESTATION_3, None),
    // §8.2.2 asks it of those who make certificates.
    should(chapter("packed/certificate/serial-number", Severity::Low, None, None)),
    chapter("packed-self", Severity::High, ATTESTATION_6, None),
    chapter("none", Severity::Low, ATTESTATION_7, None),
    chapter("fido-u2f", Severity::High, ATTESTATION_8, None),
    only(FIDO_ONLY, chapter("fido-u2f/aaguid", Severity::Low, ATTESTATION_8, None)),
    chapter("tpm", Severity::High, ATTESTATION_9, None),
    chapter("android-key", Severity::High, ATTESTATION_A, None),
    // Deprecated.
    chapter("android-safetynet", Severity::Medium, None, None),
    // Asked by FIDO's tests and Google's documentation, and not by §8.5 itself.
    should(chapter("android-safetynet/cts-profile-match", Severity::Medium, None, None)),
    should(chapter("android-safetynet/ver/empty", Severity::Low, None, None)),
    chapter("apple", Severity::High, None, None),
    only(L3_ONLY, chapter("compound", Severity::High, None, None)),
    // §7.1 step 24: what is not trustworthy SHOULD fail.
    should(chapter("trust", Severity::Medium, ATTESTATION_5, None)),
    only(FIDO_ONLY, chapter("trust/root-included", Severity::Low, ATTESTATION_5, None)),
    only(L3_ONLY, should(chapter("credential-id/length", Severity::Low, None, None))),
    chapter("credential-public-key/algorithm", Severity::Medium, ATTESTATION_4, None),
    chapter("signature", Severity::Critical, None, ASSERTION_1),
    chapter("signature/value/trailing-bytes", Severity::Low, None, None),
    // Harmless, though a statement's syntax is closed (RFC 8610 §3.5).
    chapter("*/further-member", Severity::Low, None, None),
];

/// Faults that are no case here: the relying party is free to accept them, or a scene of `sequences` shows more.
pub(super) const LEFT_OUT: &[&str] = &[
    // Policies of the relying party's (§7.1 steps 18, 19, 24 and 28, §7.2 steps 19 and 23).
    "policy/backup-eligibility",
    "policy/backup-state",
    "trust/none",
    "trust/self",
    "extensions",
    // `sequences` has them with real credentials, counters and algorithms.
    "policy/sign-count",
    "credential-id/in-use",
    "credential-public-key/algorithm",
    "user/credential",
];

pub(super) fn cases() -> Vec<Case> {
    let faults: Vec<&'static Fault> =
        Fault::all().filter(|fault| !LEFT_OUT.iter().any(|left| id_matches(left, fault.id()))).collect();
    [Ceremony::Create, Ceremony::Get]
        .iter()
        .flat_map(|ceremony| faults.iter().filter_map(move |fault| case(fault, *ceremony)))
        .collect()
}

/// The faults that any registration, or any login by name, can have, and that have to be refused.
pub(crate) fn plain(ceremony: Ceremony) -> Vec<&'static Fault> {
    let is_plain = |fault: &&'static Fault| {
        let named = ["user", "reply/user-handle", "authenticator-data/backup-eligibility"];
        fault.attestation_format().is_none()
            && fault.credential_algorithm().is_none_or(|algorithm| algorithm == Algorithm::Es256)
            && fault.changes_ceremony()
            && !LEFT_OUT.iter().chain(&named).any(|left| id_matches(left, fault.id()))
            && case(fault, ceremony).is_some_and(|case| case.level == Level::Must)
    };
    Fault::all().filter(is_plain).collect()
}

fn case(fault: &'static Fault, ceremony: Ceremony) -> Option<Case> {
    let step = fault.step(ceremony)?;
    let clause = fault.clause(ceremony)?;
    // A test holds that every fault has a chapter.
    let chapter = CHAPTERS.iter().rev().find(|chapter| id_matches(chapter.faults, fault.id()))?;
    let (what, aligned) = match ceremony {
        Ceremony::Create => ("registration", chapter.aligns_with.0),
        Ceremony::Get => ("login", chapter.aligns_with.1),
    };
    let requirement = format!("refuses a {what} in which {}", fault.sentence());
    let play = move |stage: &mut Stage<'_>| match ceremony {
        Ceremony::Create => registration(stage, fault, step),
        Ceremony::Get => authentication(stage, fault, step),
    };
    let mut case = Case::new(ceremony, fault.id(), requirement, clause, play)
        .level(chapter.level)
        .severity(chapter.severity)
        .profiles(chapter.profiles)
        .aligns_with(aligned)
        .catches(check_of(fault));
    for need in needs(fault) {
        case = case.needs(need);
    }
    Some(case)
}

/// A fault's id begins with that of the check that refuses it.
fn check_of(fault: &Fault) -> &'static str {
    fault.id().rsplit_once('/').map_or(fault.id(), |(check, _)| check)
}

/// In words, for the list of cases; the play finds out whether the target has it.
fn needs(fault: &Fault) -> Vec<String> {
    let mut needs = Vec::new();
    if let Some(format) = fault.attestation_format() {
        needs.push(format!("accepts {} attestation", format.name()));
    }
    if let Some(algorithm) = fault.credential_algorithm() {
        needs.push(format!("offers {}", algorithm.name()));
    }
    match fault.id() {
        "authenticator-data/user-verified/clear" => needs.push("requires user verification".into()),
        "user/handle-missing/missing" => needs.push("has logins without a name".into()),
        "user/allowed-credential/another" => needs.push("lists the user's credentials".into()),
        _ => {}
    }
    needs
}

fn registration(stage: &mut Stage<'_>, fault: &Fault, step: u8) -> Scene {
    // The same without the change is accepted, so that a refusal can only mean the change.
    let mut control = stage.person_with(|authenticator| match fault.changes_ceremony() {
        true => prepared(authenticator, fault),
        // The change is in the authenticator: all of it but the format.
        false => match fault.attestation_format() {
            Some(format) => authenticator.format(format),
            None => authenticator,
        },
    })?;
    expect_offered(fault, &mut control)?;
    let begun = control.begin_registration()?;
    let reply = control.create_edited_with([], &begun.body, |json| takes_change(json, fault))?;
    let answer = control.finish_registration(&reply)?;
    require(answer, "the same registration without the change")?;

    let mut person = stage.person_with(|authenticator| prepared(authenticator, fault))?;
    let begun = person.begin_registration()?;
    if fault.id() == "authenticator-data/user-verified/clear"
        && begun.options.authenticator_selection.user_verification != UserVerification::Required
    {
        return Err(Halt::skip("the target does not require user verification"));
    }
    if fault.attestation_format().is_some() && begun.options.attestation == AttestationConveyance::None {
        return Err(Halt::skip("the target asks for no attestation"));
    }
    let reply = person.create_faulty(fault, &begun.body)?;
    let answer = person.finish_registration(&reply)?;
    let outcome =
        expect_refused(answer, "it", Some(Reason { step: ("7.1", step), check: Some(check_of(fault)) }));
    if matches!(&outcome, Err(halt) if halt.verdict != crate::Verdict::Weak) {
        return outcome;
    }
    leaves_nothing(stage, &mut person)?;
    outcome
}

/// After a refused registration: the credential is not registered, and a sound registration passes.
pub(super) fn leaves_nothing<'a>(stage: &mut Stage<'a>, person: &mut Person<'a>) -> Scene {
    let credential = person.credential()?;
    if let crate::Answer::Accepted(body) = person.ask_to_log_in(true)?
        && let Ok(reply) = person.client().authenticate(&body)
    {
        let answer = person.finish_authentication(&reply.to_string())?;
        expect_refused(answer, "a login with the refused credential", None)?;
    }
    stage.reequip(person, |authenticator| authenticator)?;
    let begun = person.begin_registration()?;
    if begun.options.exclude_credentials.iter().any(|excluded| excluded.id == credential.id) {
        return Err(Halt::fail("the refused credential stands in excludeCredentials"));
    }
    let reply = person.create(&begun.body)?;
    let answer = person.finish_registration(&reply)?;
    expect_accepted(answer, "a sound registration afterwards").map(drop)
}

fn authentication(stage: &mut Stage<'_>, fault: &Fault, step: u8) -> Scene {
    let by_name = fault.id() != "user/handle-missing/missing";
    let mut person = stage.person_with(|authenticator| prepared(authenticator, fault))?;
    expect_offered(fault, &mut person)?;
    let answer = person.register()?;
    require(answer, "a registration for the login")?;
    let begun = person.begin_authentication(by_name)?;
    let reply = person.get_edited_with([], &begun.body, |json| takes_change(json, fault))?;
    let answer = person.finish_authentication(&reply)?;
    require(answer, "the same login without the change")?;

    let begun = person.begin_authentication(by_name)?;
    match fault.id() {
        "authenticator-data/user-verified/clear"
            if begun.options.user_verification != UserVerification::Required =>
        {
            return Err(Halt::skip("the target does not require user verification"));
        }
        "user/allowed-credential/another"
            if begun.options.allow_credentials.as_ref().is_none_or(Vec::is_empty) =>
        {
            return Err(Halt::skip("the target does not list the user's credentials"));
        }
        _ => {}
    }
    let reply = person.get_faulty(fault, &begun.body)?;
    let answer = person.finish_authentication(&reply)?;
    let outcome =
        expect_refused(answer, "it", Some(Reason { step: ("7.2", step), check: Some(check_of(fault)) }));
    if matches!(&outcome, Err(halt) if halt.verdict != crate::Verdict::Weak) {
        return outcome;
    }
    leaves_the_counter(&mut person)?;
    outcome
}

/// After a refused login: one with the very same signature counter passes, so the refused one has not moved it.
pub(super) fn leaves_the_counter(person: &mut Person<'_>) -> Scene {
    let mut credential = person.credential()?;
    credential.sign_count = credential.sign_count.saturating_sub(1);
    person.keep(&credential)?;
    let answer = person.log_in()?;
    expect_accepted(answer, "a sound login afterwards, with the signature counter of the refused one")
        .map(drop)
}

/// An authenticator as the fault needs it.
fn prepared(mut authenticator: AuthenticatorBuilder, fault: &Fault) -> AuthenticatorBuilder {
    let model = authenticator.model_mut();
    if fault.attestation_format().is_some() {
        // The format that the case is about comes before the one that the target takes.
        model.attestation.format = None;
    }
    fault.apply_to(model).expect("the stage's model leaves open what a fault needs");
    authenticator
}

/// The algorithm that the fault is about is among those that the target offers.
fn expect_offered(fault: &Fault, person: &mut Person<'_>) -> Scene {
    let Some(algorithm) = fault.credential_algorithm() else { return Ok(()) };
    let offered = person.begin_registration()?.options.pub_key_cred_params;
    match offered.contains(&algorithm.cose_identifier()) {
        true => Ok(()),
        false => Err(Halt::skip(format!("the target does not offer {}", algorithm.name()))),
    }
}

/// A change to the reply's JSON is one to the standard's members, which not every shape has.
fn takes_change(json: &stuntkey::encoding::json::Json<'_>, fault: &Fault) -> bool {
    let has = |name: &str| json.member(name).is_some();
    !fault.changes_reply()
        || match fault.id() {
            "reply/id/other-than-raw-id" => has("rawId"),
            "reply/client-extension-results/not-an-object" => has("clientExtensionResults"),
            _ => has("response") && has("id") && has("type"),
        }
}
