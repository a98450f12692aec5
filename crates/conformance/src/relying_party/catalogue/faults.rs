//! One case for each fault of the library's catalogue and each ceremony that it applies to: a ceremony that is sound
//! but for one change has to be refused, and to leave no trace.

use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;
use stuntkey::fault::Fault;
use stuntkey::webauthn::{Ceremony, UserVerification};

use super::play::{leaves_nothing, leaves_the_counter};
use crate::core::case::{Level, Severity};
use crate::core::filter;
use crate::core::outcome::{Outcome, Stop};
use crate::core::verdict::Verdict;
use crate::relying_party::stage::{Reason, Stage};
use crate::relying_party::suite::{Case, Profile};

/// What holds for the faults whose id is, or begins with, `faults`. If several chapters fit, the last one counts.
pub(super) struct Chapter {
    faults: &'static str,
    level: Level,
    severity: Severity,
    profiles: &'static [Profile],
    /// The suites of the FIDO Alliance's tests with cases like these: of attestation, of assertion.
    aligns_with: (Option<&'static str>, Option<&'static str>),
}

/// A chapter at the level MUST.
pub(super) const fn chapter(
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

/// The chapter at the level SHOULD.
pub(super) const fn should(chapter: Chapter) -> Chapter {
    Chapter { level: Level::Should, ..chapter }
}

/// The chapter in these profiles only.
pub(super) const fn only(profiles: &'static [Profile], chapter: Chapter) -> Chapter {
    Chapter { profiles, ..chapter }
}

/// Faults that are no case here: the relying party is free to accept them, or a case of several ceremonies shows more.
pub(super) const LEFT_OUT: &[&str] = &[
    // Policies of the relying party's (§7.1 steps 18, 19, 24 and 28, §7.2 steps 19 and 23).
    "policy/backup-eligibility",
    "policy/backup-state",
    "trust/none",
    "trust/self",
    "extensions",
    // Cases of several ceremonies have them with real credentials, counters and algorithms.
    "policy/sign-count",
    "credential-id/in-use",
    "credential-public-key/algorithm",
    "user/credential",
];

/// A case for each fault, in the order of the library's catalogue; `chapters` are those of all subjects.
pub(super) fn cases(chapters: &[&'static Chapter]) -> Vec<Case> {
    let faults: Vec<&'static Fault> =
        Fault::all().filter(|fault| !LEFT_OUT.iter().any(|left| filter::matches(left, fault.id()))).collect();
    [Ceremony::Create, Ceremony::Get]
        .iter()
        .flat_map(|ceremony| faults.iter().filter_map(move |fault| case(fault, *ceremony, chapters)))
        .collect()
}

/// The faults that any registration, or any login by name, can have, and that have to be refused.
pub(super) fn plain(ceremony: Ceremony, chapters: &[&'static Chapter]) -> Vec<&'static Fault> {
    let is_plain = |fault: &&'static Fault| {
        let named = ["user", "reply/user-handle", "authenticator-data/backup-eligibility"];
        fault.attestation_format().is_none()
            && fault.changes_ceremony()
            && !LEFT_OUT.iter().chain(&named).any(|left| filter::matches(left, fault.id()))
            && case(fault, ceremony, chapters).is_some_and(|case| case.level() == Level::Must)
            && fault.credential_algorithm().is_none_or(|algorithm| algorithm == Algorithm::Es256)
    };
    Fault::all().filter(is_plain).collect()
}

fn chapter_of(fault: &Fault, chapters: &[&'static Chapter]) -> Option<&'static Chapter> {
    chapters.iter().rev().copied().find(|chapter| filter::matches(chapter.faults, fault.id()))
}

fn case(fault: &'static Fault, ceremony: Ceremony, chapters: &[&'static Chapter]) -> Option<Case> {
    let step = fault.step(ceremony)?;
    let clause = fault.clause(ceremony)?;
    // A test holds that every fault has a chapter.
    let chapter = chapter_of(fault, chapters)?;
    let (what, aligned) = match ceremony {
        Ceremony::Create => ("registration", chapter.aligns_with.0),
        Ceremony::Get => ("login", chapter.aligns_with.1),
    };
    let requirement = format!("refuse a {what} in which {}", fault.sentence());
    let play = move |stage: &mut Stage<'_>| match ceremony {
        Ceremony::Create => registration(stage, fault, step),
        Ceremony::Get => authentication(stage, fault, step),
    };
    let mut case = Case::of(ceremony, fault.id(), requirement, clause, play)
        .with_level(chapter.level)
        .with_severity(chapter.severity)
        .only_in(chapter.profiles)
        .aligned_with(aligned)
        .catches(check_of(fault));
    for need in needs(fault) {
        case = case.if_the_target(need);
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

/// The authenticator that the fault needs.
fn prepared(fault: &Fault, mut authenticator: AuthenticatorBuilder) -> AuthenticatorBuilder {
    let model = authenticator.model_mut();
    if fault.attestation_format().is_some() {
        // The format that the case is about comes before the one that the target takes.
        model.attestation.format = None;
    }
    fault.apply_to(model).expect("the stage's model leaves open what a fault needs");
    authenticator
}

fn registration(stage: &mut Stage<'_>, fault: &Fault, step: u8) -> Outcome {
    // The same without the change is accepted, so that a refusal can only mean the change.
    let mut control = stage.person_with(|authenticator| {
        match (fault.changes_ceremony(), fault.attestation_format()) {
            (true, _) => prepared(fault, authenticator),
            // The change is in the authenticator: all of it but the format.
            (false, Some(format)) => authenticator.format(format),
            (false, None) => authenticator,
        }
    })?;
    if let Some(algorithm) = fault.credential_algorithm() {
        control.expect_offered(algorithm)?;
    }
    if fault.attestation_format().is_some() {
        control.expect_attestation_asked()?;
    }
    let begun = control.begin_registration()?;
    let reply = control.create_edited_with([], &begun.body, |json| takes_change(json, fault))?;
    control.finish_registration(&reply)?.required("the same registration without the change")?;

    let mut person = stage.person_with(|authenticator| prepared(fault, authenticator))?;
    let begun = person.begin_registration()?;
    if fault.id() == "authenticator-data/user-verified/clear"
        && begun.options.authenticator_selection.user_verification != UserVerification::Required
    {
        return Err(Stop::skip("the target does not require user verification"));
    }
    let reply = person.create_faulty(fault, &begun.body)?;
    let reason = Reason { step: ("7.1", step), check: Some(check_of(fault)) };
    let outcome = person.finish_registration(&reply)?.refused("it", Some(reason));
    if !is_refusal(&outcome) {
        return outcome;
    }
    leaves_nothing(stage, &mut person)?;
    outcome
}

/// A weak refusal is one, too.
fn is_refusal(outcome: &Outcome) -> bool {
    outcome.as_ref().err().is_none_or(|stop| stop.verdict == Verdict::Weak)
}

fn authentication(stage: &mut Stage<'_>, fault: &Fault, step: u8) -> Outcome {
    let by_name = fault.id() != "user/handle-missing/missing";
    let mut person = stage.person_with(|authenticator| prepared(fault, authenticator))?;
    if let Some(algorithm) = fault.credential_algorithm() {
        person.expect_offered(algorithm)?;
    }
    person.register()?.required("a registration for the login")?;
    let begun = person.begin_authentication(by_name)?;
    let reply = person.get_edited_with([], &begun.body, |json| takes_change(json, fault))?;
    person.finish_authentication(&reply)?.required("the same login without the change")?;

    let begun = person.begin_authentication(by_name)?;
    match fault.id() {
        "authenticator-data/user-verified/clear"
            if begun.options.user_verification != UserVerification::Required =>
        {
            return Err(Stop::skip("the target does not require user verification"));
        }
        "user/allowed-credential/another" => begun.expect_named()?,
        _ => {}
    }
    let reply = person.get_faulty(fault, &begun.body)?;
    let reason = Reason { step: ("7.2", step), check: Some(check_of(fault)) };
    let outcome = person.finish_authentication(&reply)?.refused("it", Some(reason));
    if !is_refusal(&outcome) {
        return outcome;
    }
    leaves_the_counter(&mut person)?;
    outcome
}

/// A change to the reply's JSON is one to the standard's members, which not every shape has.
fn takes_change(json: &Json<'_>, fault: &Fault) -> bool {
    let has = |name: &str| json.member(name).is_some();
    !fault.changes_reply()
        || match fault.id() {
            "reply/id/other-than-raw-id" => has("rawId"),
            "reply/client-extension-results/not-an-object" => has("clientExtensionResults"),
            _ => has("response") && has("id") && has("type"),
        }
}
