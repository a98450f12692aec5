//! One case for each fault of the library's catalogue and each ceremony that it applies to: a ceremony that is sound
//! but for one change has to be refused, and to leave no trace.

use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;
use stuntkey::fault::Fault;
use stuntkey::webauthn::{Ceremony, UserVerification};

use super::play::{leaves_nothing, leaves_the_counter};
use crate::core::case::Level;
use crate::core::filter;
use crate::core::outcome::Outcome;
use crate::core::verdict::Verdict;
use crate::relying_party::defects::UNATTESTED;
use crate::relying_party::need::{Allowance, Need};
use crate::relying_party::stage::{Reason, Stage};
use crate::relying_party::suite::{Case, Profile};

/// What holds for the faults whose id is, or begins with, `faults`; with the ceremony before it, for those of one ceremony.
/// If several chapters fit, the last one counts.
pub(super) struct Chapter {
    faults: &'static str,
    level: Level,
    other_levels: &'static [(Profile, Level)],
    cites: Cites,
    profiles: &'static [Profile],
    /// The suites of the FIDO Alliance's tests with cases like these: of attestation, of assertion.
    aligns_with: (Option<&'static str>, Option<&'static str>),
}

/// The clause of a chapter's cases.
#[derive(Clone, Copy)]
enum Cites {
    /// The step of the ceremony that refuses the fault.
    Step,
    /// The step, and more.
    Beside(&'static str),
    /// This alone.
    Alone(&'static str),
}

/// A chapter at the level MUST, as the steps of the ceremonies say it.
pub(super) const fn chapter(faults: &'static str) -> Chapter {
    Chapter {
        faults,
        level: Level::Must,
        other_levels: &[],
        cites: Cites::Step,
        profiles: Profile::ALL,
        aligns_with: (None, None),
    }
}

/// A chapter at the level SHOULD.
pub(super) const fn should(faults: &'static str) -> Chapter {
    Chapter { level: Level::Should, ..chapter(faults) }
}

/// A chapter that no clause demands of a relying party.
pub(super) const fn advice(faults: &'static str) -> Chapter {
    Chapter { level: Level::Advice, ..chapter(faults) }
}

impl Chapter {
    /// Another level in some profiles.
    pub(super) const fn but(self, other_levels: &'static [(Profile, Level)]) -> Self {
        Self { other_levels, ..self }
    }

    /// Cites more than the step.
    pub(super) const fn beside(self, clause: &'static str) -> Self {
        Self { cites: Cites::Beside(clause), ..self }
    }

    /// Cites something else than the step.
    pub(super) const fn cites(self, clause: &'static str) -> Self {
        Self { cites: Cites::Alone(clause), ..self }
    }

    /// In these profiles only.
    pub(super) const fn only_in(self, profiles: &'static [Profile]) -> Self {
        Self { profiles, ..self }
    }

    /// FIDO's tests have cases like these: of attestation, of assertion.
    pub(super) const fn aligned(
        self,
        attestation: Option<&'static str>,
        assertion: Option<&'static str>,
    ) -> Self {
        Self { aligns_with: (attestation, assertion), ..self }
    }

    fn clause(&self, step: &str) -> String {
        match self.cites {
            Cites::Step => step.to_owned(),
            Cites::Beside(more) => format!("{step}; {more}"),
            Cites::Alone(clause) => clause.to_owned(),
        }
    }
}

/// What FIDO's profile makes of good practice.
pub(super) const MUST_IN_FIDO: &[(Profile, Level)] = &[(Profile::Fido, Level::Must)];
/// What Level 2 demands without the exceptions of Level 3.
pub(super) const MUST_IN_L2: &[(Profile, Level)] = &[(Profile::L2, Level::Must)];

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
    let mut cases: Vec<Case> = [Ceremony::Create, Ceremony::Get]
        .iter()
        .flat_map(|ceremony| faults.iter().filter_map(move |fault| case(fault, *ceremony, chapters)))
        .collect();
    cases.extend(faults.iter().filter_map(|fault| unattested(fault, chapters)));
    cases
}

/// The faults in the structure of a registration. The signature of an attestation is over what they change, and a relying
/// party that verifies it may refuse them for that alone.
const STRUCTURE: &[&str] =
    &["attestation-object", "attestation/format", "authenticator-data", "credential-public-key/key"];

/// The same case where no attestation is asked for, and none is given.
fn unattested(fault: &'static Fault, chapters: &[&'static Chapter]) -> Option<Case> {
    let is_of = |chapters: &[&str]| chapters.iter().any(|faults| filter::matches(faults, fault.id()));
    if !is_of(STRUCTURE) || fault.attestation_format().is_some() {
        return None;
    }
    let chapter = chapter_of(fault, Ceremony::Create, chapters)?;
    let requirement =
        format!("refuse a registration in which {}, where it asks for no attestation", fault.sentence());
    let id = format!("{UNATTESTED}{}", fault.id());
    let case = case_of(fault, Ceremony::Create, chapter, &id, requirement)?;
    // Who wants no attestation can take authenticator data and key from the client, and never open the attestation object
    // (§5.2.1.1).
    let is_unopened = is_of(&["attestation-object", "attestation/format"]);
    let level = if is_unopened { chapter.level.max(Level::Should) } else { chapter.level };
    Some(case.with_level(level).if_the_target(Need::NoAttestation))
}

/// The faults that any registration, or any login by name, can have, and that have to be refused.
#[cfg(feature = "load")]
pub(super) fn plain(ceremony: Ceremony, chapters: &[&'static Chapter]) -> Vec<&'static Fault> {
    let is_plain = |fault: &&'static Fault| {
        let named = ["user", "reply/user-handle", "authenticator-data/backup-eligibility"];
        fault.attestation_format().is_none()
            && fault.changes_ceremony()
            && !LEFT_OUT.iter().chain(&named).any(|left| filter::matches(left, fault.id()))
            && case(fault, ceremony, chapters).is_some_and(|case| case.level(Profile::L3) == Level::Must)
            && fault.credential_algorithm().is_none_or(|algorithm| algorithm == Algorithm::Es256)
    };
    Fault::all().filter(is_plain).collect()
}

fn chapter_of(fault: &Fault, ceremony: Ceremony, chapters: &[&'static Chapter]) -> Option<&'static Chapter> {
    let id = Case::id_of(ceremony, fault.id());
    let is_of = |chapter: &Chapter| {
        filter::matches(chapter.faults, fault.id()) || filter::matches(chapter.faults, &id)
    };
    chapters.iter().rev().copied().find(|chapter| is_of(chapter))
}

fn case(fault: &'static Fault, ceremony: Ceremony, chapters: &[&'static Chapter]) -> Option<Case> {
    // A test holds that every fault has a chapter.
    let chapter = chapter_of(fault, ceremony, chapters)?;
    let (what, aligned) = match ceremony {
        Ceremony::Create => ("registration", chapter.aligns_with.0),
        Ceremony::Get => ("login", chapter.aligns_with.1),
    };
    let requirement = format!("refuse a {what} in which {}", fault.sentence());
    Some(case_of(fault, ceremony, chapter, fault.id(), requirement)?.aligned_with(aligned))
}

/// A case with the fault, as its chapter has it.
fn case_of(
    fault: &'static Fault,
    ceremony: Ceremony,
    chapter: &Chapter,
    id: &str,
    requirement: String,
) -> Option<Case> {
    let step = fault.step(ceremony)?;
    let clause = chapter.clause(&fault.clause(ceremony)?);
    let play = move |stage: &mut Stage<'_>| match ceremony {
        Ceremony::Create => registration(stage, fault, step),
        Ceremony::Get => authentication(stage, fault, step),
    };
    let mut case = Case::of(ceremony, id, requirement, clause, play)
        .with_level(chapter.level)
        .only_in(chapter.profiles)
        .catches(check_of(fault));
    for (profile, level) in chapter.other_levels {
        case = case.with_level_in(*profile, *level);
    }
    for need in needs(fault, ceremony) {
        case = case.if_the_target(need);
    }
    Some(case)
}

/// A fault's id begins with that of the check that refuses it.
fn check_of(fault: &Fault) -> &'static str {
    fault.id().rsplit_once('/').map_or(fault.id(), |(check, _)| check)
}

fn needs(fault: &Fault, ceremony: Ceremony) -> Vec<Need> {
    let mut needs = Vec::new();
    if let Some(format) = fault.attestation_format() {
        needs.push(Need::Format(format));
        if format != AttestationFormat::None {
            needs.push(Need::Attestation);
        }
    }
    needs.extend(fault.credential_algorithm().map(Need::Algorithm));
    if fault.id().starts_with("trust/") {
        needs.push(Need::TrustAnchors);
    }
    // The limited verifier accepts whatever follows crossOrigin, and refuses white space.
    let needs_json = ["client-data/json/trailing-bytes", "client-data/*/twice", "client-data/top-origin"];
    let written_anew = fault.id().ends_with("/client-data-written-anew");
    if written_anew || needs_json.iter().any(|faults| filter::matches(faults, fault.id())) {
        needs.push(Need::JsonParser);
    }
    let more = match fault.id() {
        "authenticator-data/user-verified/clear" => {
            Some(Need::UserVerification(ceremony, UserVerification::Required))
        }
        "authenticator-data/user-present/clear" if ceremony == Ceremony::Create => {
            Some(Need::NoConditionalCreate)
        }
        "user/handle-missing/missing" => Some(Need::NamelessLogin),
        "user/allowed-credential/another" => Some(Need::NamedLogin),
        // The key says so of itself.
        "fido-u2f/credential-key/other-curve" => Some(Need::FurtherAlgorithm(Algorithm::Es384)),
        "client-data/origin/scheme" => Some(Need::HttpsOrigin),
        "client-data/origin/default-port" => Some(Need::DefaultPort),
        "client-data/origin/subdomain" => Some(Need::Forbids(Allowance::SubdomainOrigins)),
        "client-data/origin/port" => Some(Need::Forbids(Allowance::OtherPorts)),
        id if id == "client-data/cross-origin/true" || id.starts_with("client-data/top-origin/") => {
            Some(Need::Forbids(Allowance::Embedding))
        }
        _ => None,
    };
    needs.extend(more);
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
    let begun = control.begin_registration()?;
    let reply = control.create_edited_with([], &begun.body, |json| takes_change(json, fault))?;
    control.finish_registration(&reply)?.required("the same registration without the change")?;

    let mut person = stage.person_with(|authenticator| prepared(fault, authenticator))?;
    let begun = person.begin_registration()?;
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
    person.register()?.required("a registration for the login")?;
    let begun = person.begin_authentication(by_name)?;
    let reply = person.get_edited_with([], &begun.body, |json| takes_change(json, fault))?;
    person.finish_authentication(&reply)?.required("the same login without the change")?;

    let begun = person.begin_authentication(by_name)?;
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
