//! The suite for relying parties, whose requests the host carries out step by step.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stuntkey::client::Origin;
use stuntkey_conformance::report::{Format, TerminalStyle};
use stuntkey_conformance::{
    Allowance, Description, EndedCase, Expectations, FailOn, Harness, Level, Profile, Step, StepAnswer,
    StepTarget, UserNames, library_named, select_cases,
};

use super::about::Nothing;
use super::client::{PresetName, authority};
use crate::error::{Name, Refusal};
use crate::given_model::GivenModel;
use crate::run::Run;
use crate::state::State;
use crate::words::{Any, OneOrMore, by_name};

/// What a run plays, and before whom.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct New {
    /// The origin of the relying party's pages.
    origin: String,
    /// How its application is spoken to: the name of a description that is ready, or a description in TOML. Without one, the
    /// relying party is asked in a few words of JSON, without HTTP.
    #[serde(default)]
    description: Option<String>,
    /// What the URLs of requests begin with. Default: the origin.
    #[serde(default)]
    url: Option<String>,
    /// Values for names in the description.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Headers for every request.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// What keys, ids, user names and challenges follow from. Default: it is drawn, and the report names it.
    #[serde(default)]
    seed: Option<String>,
    /// The cases to play: ids, beginnings of ids at a slash, globs. Default: all of the profile.
    #[serde(default)]
    only: OneOrMore<String>,
    /// The document that the relying party is held to. Default: `l3`.
    #[serde(default, deserialize_with = "by_name")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    profile: Option<Profile>,
    /// What speaks against it: `critical`, `must` or `should`. Default: `must`.
    #[serde(default, deserialize_with = "by_name")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    fail_on: Option<FailOn>,
    /// What its policy allows, though the standard's default is to refuse it.
    #[serde(default)]
    allow: Vec<String>,
    /// What is known of it already: expectations in TOML.
    #[serde(default)]
    expectations: Option<String>,
    /// The authenticators that people have. Default: `every_algorithm`.
    #[serde(default)]
    model: Option<GivenModel>,
    /// PEM of a certificate and its private key: the authority at the end of attestation chains.
    #[serde(default)]
    attestation_authority: Option<String>,
    /// The form of user names, such as `{}@example.org`.
    #[serde(default)]
    user_names: Option<String>,
    /// The shape of replies. Default: what the description says, or the one that goes with the options.
    #[serde(default)]
    reply: Option<PresetName>,
    /// How long a case may wait for a challenge to expire, in milliseconds. Default: 5000.
    #[serde(default)]
    longest_wait: Option<u64>,
    /// What the report calls the relying party.
    #[serde(default)]
    name: Option<String>,
    /// The library that it stands on, for hints in code.
    #[serde(default)]
    library: Option<String>,
}

/// A run's handle, and its cases.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Made {
    run: u64,
    /// How many cases will be played.
    cases: usize,
}

pub(crate) fn new(state: &mut State, given: New) -> Result<Made, Refusal> {
    given.origin.parse::<Origin>().map_err(Refusal::from).map_err(|error| error.at("$.origin"))?;
    let mut target = match &given.description {
        Some(text) => {
            let url = given.url.as_deref().unwrap_or(&given.origin);
            StepTarget::described(url, description(text)?).map_err(|error| wrong("url", error))?
        }
        None => StepTarget::asked(),
    };
    for (name, value) in &given.variables {
        target = target.variable(name, value);
    }
    for (name, value) in &given.headers {
        target = target.header(name, value);
    }
    if let Some(missing) = target.missing_variables().first() {
        return Err(wrong(
            "variables",
            format!("found no {missing:?}, expected a value for it, as the description needs one"),
        ));
    }
    let profile = given.profile.unwrap_or(Profile::L3);
    let only = given.only.into_vec();
    let cases = select_cases(profile, &only);
    if cases.is_empty() {
        return Err(wrong(
            "only",
            format!("found {only:?}, expected the id of a case, or its beginning at a slash"),
        )
        .hint("the operation \"cases\" lists them"));
    }
    let mut harness = Harness::without_target(&given.origin).profile(profile).filters(only);
    if let Some(seed) = &given.seed {
        harness = harness.seed(seed);
    }
    if let Some(fail_on) = given.fail_on {
        harness = harness.fail_on(fail_on);
    }
    if let Some(text) = &given.expectations {
        let expectations = Expectations::from_toml(text, &select_cases::<&str>(profile, &[]));
        harness = harness.expectations(expectations.map_err(|error| wrong("expectations", error))?);
    }
    if let Some(model) = given.model {
        harness = harness.model(model.0);
    }
    if let Some(pem) = &given.attestation_authority {
        harness = harness.attestation_authority(authority(pem)?);
    }
    if let Some(form) = &given.user_names {
        harness = harness.user_names(UserNames::from_str(form).map_err(|error| wrong("userNames", error))?);
    }
    if let Some(preset) = given.reply {
        harness = harness.reply(preset.0);
    }
    if let Some(milliseconds) = given.longest_wait {
        harness = harness.longest_wait(Duration::from_millis(milliseconds));
    }
    if let Some(name) = &given.name {
        harness = harness.name(name);
    }
    if let Some(library) = &given.library {
        if library_named(library).is_none() {
            let known = stuntkey_conformance::libraries().collect::<Vec<_>>().join(", ");
            return Err(wrong("library", format!("found {library:?}, expected one of {known}")));
        }
        harness = harness.library(library);
    }
    let allowances: Result<Vec<Allowance>, Refusal> = given
        .allow
        .iter()
        .map(|name| {
            Allowance::from_name(name).ok_or_else(|| {
                let names: Vec<&str> = Allowance::ALL.iter().map(|allowance| allowance.name()).collect();
                wrong("allow", format!("found {name:?}, expected one of {}", names.join(", ")))
            })
        })
        .collect();
    let steps = harness.allows(allowances?).steps(target, Duration::from_millis(state.time()?.0));
    let run = state.runs.keep(Run { steps, report: None })?;
    Ok(Made { run, cases: cases.len() })
}

fn wrong(member: &str, what: impl ToString) -> Refusal {
    let path = format!("$.{member}");
    Refusal::new(Name::Request, format!("{path}: {}", what.to_string())).at(path)
}

/// A description that is ready, or one in TOML.
fn description(text: &str) -> Result<Description, Refusal> {
    if let Some(ready) = Description::named(text) {
        return Ok(ready);
    }
    if !text.contains('=') {
        let names = Description::ready_made().collect::<Vec<_>>().join(", ");
        return Err(wrong("description", format!("found {text:?}, expected TOML, or one of {names}")));
    }
    Description::from_toml(text).map_err(|error| wrong("description", error))
}

/// A run, and what came of its last step.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Next {
    run: u64,
    /// What came of the last step: `status`, `headers` and `body` of a response; `accepted`, `refused` or `crashed` of a
    /// question; `failed` or `hung` of either. Absent for the first step and after a wait.
    #[serde(default)]
    answer: Option<Map<String, Value>>,
}

/// The next step, and the cases that have ended since the one before.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Stepped {
    /// `step` says which it is: `request`, `ask`, `wait` or `done`.
    step: Any<NextStep>,
    ended: Vec<Any<EndedCase>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum NextStep {
    Step(Box<Step>),
    /// Instead of the whole report, what matters to a test.
    Done {
        step: &'static str,
        conforms: bool,
        /// The report for people.
        summary: String,
    },
}

pub(crate) fn next(state: &mut State, given: Next) -> Result<Stepped, Refusal> {
    let time = state.time()?;
    let run = state.runs.get("run", given.run)?;
    run.steps.set_time(Duration::from_millis(time.0));
    let answer = match given.answer {
        None => None,
        Some(answer) => Some(StepAnswer::try_from(answer).map_err(|error| wrong("answer", error))?),
    };
    let step = run.steps.next(answer).map_err(|error| wrong("answer", error))?;
    let step = match step {
        Step::Done { report } => {
            let done = NextStep::Done {
                step: "done",
                conforms: report.conforms(),
                summary: report.to_terminal(TerminalStyle::plain(100)),
            };
            run.report = Some(report);
            done
        }
        step => NextStep::Step(Box::new(step)),
    };
    Ok(Stepped { step: Any(step), ended: run.steps.take_ended().into_iter().map(Any).collect() })
}

/// A run that is over, and the form of its report.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportOf {
    run: u64,
    /// `json`, `xml` (JUnit), `md`, `html` or `sarif`; `txt` is for people. Default: `json`.
    #[serde(default)]
    format: Option<String>,
}

/// A report.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Text {
    text: String,
}

pub(crate) fn report(state: &mut State, given: ReportOf) -> Result<Text, Refusal> {
    let run = state.runs.get("run", given.run)?;
    let Some(report) = &run.report else {
        return Err(wrong("run", "found a run that goes on, expected one that is done")
            .hint("go on with \"conform.next\" until the step is \"done\""));
    };
    let wanted = given.format.as_deref().unwrap_or("json");
    if wanted == "txt" {
        return Ok(Text { text: report.to_terminal(TerminalStyle::plain(100)) });
    }
    let Some((_, format)) = Format::ALL.iter().find(|(name, _)| *name == wanted) else {
        let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).chain(["txt"]).collect();
        return Err(wrong("format", format!("found {wanted:?}, expected one of {}", names.join(", "))));
    };
    Ok(Text { text: report.to_text(*format) })
}

/// A run, and nothing else.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    run: u64,
}

pub(crate) fn free(state: &mut State, given: One) -> Result<Nothing, Refusal> {
    state.runs.free("run", given.run)?;
    Ok(Nothing {})
}

/// Which cases. Default: all of the profile.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    #[serde(default)]
    only: OneOrMore<String>,
    #[serde(default, deserialize_with = "by_name")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    profile: Option<Profile>,
}

/// A case.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Case {
    id: String,
    /// What a relying party has to do: "must refuse …".
    requirement: String,
    /// `MUST`, `SHOULD`, `MAY` or `advice`.
    level: String,
    clause: String,
}

pub(crate) fn cases(_: &mut State, given: Filter) -> Result<Vec<Case>, Refusal> {
    let profile = given.profile.unwrap_or(Profile::L3);
    let case = |case: stuntkey_conformance::Case| Case {
        id: case.id().to_owned(),
        requirement: case.sentence(profile),
        level: Level::name(case.level(profile)).to_owned(),
        clause: case.clause(profile).into_owned(),
    };
    Ok(select_cases(profile, &given.only.into_vec()).into_iter().map(case).collect())
}

/// What is read by its name.
macro_rules! names {
    ($($type:ty),+) => {
        $(impl crate::words::Name for $type {
            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn name(self) -> &'static str {
                self.name()
            }
        })+
    };
}

names!(Profile, FailOn);
