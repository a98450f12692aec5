//! Cases, listed and explained.

use stuntkey::encoding::json::Json;
use stuntkey_conformance::{
    AnyCase, AuthenticatorCase, AuthenticatorProfile, Case, Explanation, Profile, Suite, authenticator_cases,
    cases, explain as explain_case, explain_authenticator_case,
};

use crate::failure::Failure;
use crate::output::Output;

pub(super) fn list<S: Suite>(
    cases: &[AnyCase<S>],
    profile: S::Profile,
    name: fn(S::Profile) -> &'static str,
    output: &Output,
) -> Result<(), Failure> {
    if output.is_json() {
        return output.json_data(&describe_all(cases, profile, name));
    }
    let mut text = String::new();
    for case in cases {
        let level = case.level(profile).name();
        let severity = case.severity().name();
        text.push_str(&format!("{}\n", case.id()));
        text.push_str(&output.paragraph(4, &format!("{level}, {severity}, {}", case.clause(profile))));
        text.push_str(&output.paragraph(4, &case.sentence(profile)));
        for need in case.needs() {
            text.push_str(&output.paragraph(4, &format!("if the target {need}")));
        }
    }
    text.push_str(&format!("{} cases; `stuntkey conform explain ID` says more of one\n", cases.len()));
    output.data(&text)
}

/// The page of each case that the filter names, for whatever kind of target it is.
pub(super) fn explain(id: &str, profile: Profile, output: &Output) -> Result<(), Failure> {
    let of_servers: Vec<Case> = cases().into_iter().filter(|case| case.matches(id)).collect();
    let of_authenticators: Vec<AuthenticatorCase> =
        authenticator_cases().into_iter().filter(|case| case.matches(id)).collect();
    if of_servers.is_empty() && of_authenticators.is_empty() {
        return Err(Failure::NothingMatched(format!(
            "no case is {id:?} or below it: `stuntkey conform --list` shows them, with --profile 2.3 those for authenticators"
        )));
    }
    if output.is_json() {
        let newest =
            |case: &AuthenticatorCase| case.profiles().last().copied().unwrap_or(AuthenticatorProfile::V2_3);
        let mut described: Vec<Json<'static>> =
            of_servers.iter().map(|case| describe(case, profile, Profile::name)).collect();
        described.extend(
            of_authenticators.iter().map(|case| describe(case, newest(case), AuthenticatorProfile::name)),
        );
        return output.json_data(&Json::object([("cases", Json::Array(described))]));
    }
    let of_servers =
        of_servers.iter().map(|case| page(case.id(), &explain_case(case), "relying party", output));
    let of_authenticators = of_authenticators
        .iter()
        .map(|case| page(case.id(), &explain_authenticator_case(case), "authenticator", output));
    output.data(&of_servers.chain(of_authenticators).collect::<Vec<_>>().join("\n"))
}

/// The page of a case.
fn page(id: &str, explanation: &Explanation, kind: &str, output: &Output) -> String {
    let mut text = format!("{id}\n");
    text.push_str(&output.paragraph(4, &explanation.sentence));
    for (name, value) in &explanation.facts {
        text.push_str(&output.paragraph(4, &format!("{name}: {value}")));
    }
    text.push_str(&format!("    before a sound {kind}:\n"));
    for (number, step) in explanation.steps.iter().enumerate() {
        text.push_str(&output.paragraph(6, &format!("{}. {step}", number + 1)));
    }
    text.push_str(&output.paragraph(4, &explanation.command));
    text
}

fn describe_all<S: Suite>(
    cases: &[AnyCase<S>],
    profile: S::Profile,
    name: fn(S::Profile) -> &'static str,
) -> Json<'static> {
    let cases = cases.iter().map(|case| describe(case, profile, name)).collect();
    Json::object([("cases", Json::Array(cases))])
}

fn describe<S: Suite>(
    case: &AnyCase<S>,
    profile: S::Profile,
    name: fn(S::Profile) -> &'static str,
) -> Json<'static> {
    let needs = case.needs().iter().map(|need| Json::from(need.to_string())).collect();
    let profiles = case.profiles().iter().map(|profile| Json::from(name(*profile))).collect();
    let mut members = vec![
        ("id", Json::from(case.id().to_owned())),
        ("requirement", case.requirement().to_owned().into()),
        ("clause", case.clause(profile).into_owned().into()),
        ("level", case.level(profile).name().into()),
        ("severity", case.severity().name().into()),
        ("profiles", Json::Array(profiles)),
        ("needs", Json::Array(needs)),
        ("catches", case.caught_flaw().to_owned().into()),
        ("defect", case.defect().id.into()),
    ];
    members.extend(case.aligned_suite().map(|suite| ("alignsWith", Json::from(suite))));
    Json::object(members)
}
