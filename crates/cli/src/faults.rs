//! `stuntkey faults`.

use stuntkey::encoding::json::Json;
use stuntkey::fault::Fault;
use stuntkey::webauthn::Ceremony;

use crate::arguments::Faults;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(arguments: &Faults, output: &Output) -> Result<(), Failure> {
    let wanted = |fault: &&Fault| match &arguments.filter {
        None => true,
        Some(filter) => {
            fault.id() == filter || fault.id().starts_with(&format!("{}/", filter.trim_end_matches('/')))
        }
    };
    let faults: Vec<&Fault> = Fault::all().filter(wanted).collect();
    if faults.is_empty() {
        let filter = arguments.filter.clone().unwrap_or_default();
        return Err(Failure::NothingMatched(format!("no fault is {filter:?} or below it")));
    }
    match output.is_json() {
        true => output
            .json_data(&Json::object([("faults", Json::Array(faults.into_iter().map(describe).collect()))])),
        false => output.data(&table(&faults, output.width())),
    }
}

const CEREMONIES: [(&str, Ceremony); 2] =
    [("registration", Ceremony::Create), ("authentication", Ceremony::Get)];

fn describe(fault: &Fault) -> Json<'static> {
    let steps = CEREMONIES.iter().filter_map(|(name, ceremony)| {
        fault.step(*ceremony).map(|step| (*name, Json::from(i64::from(step))))
    });
    let clauses = CEREMONIES.iter().filter_map(|(_, ceremony)| fault.clause(*ceremony).map(Json::from));
    let format = fault.attestation_format().map(|format| ("format", Json::from(format.name())));
    let algorithm = fault.credential_algorithm().map(|algorithm| ("algorithm", Json::from(algorithm.name())));
    Json::object(
        [
            ("id", Json::from(fault.id())),
            ("sentence", fault.sentence().into()),
            ("steps", Json::object(steps)),
            ("clauses", Json::Array(clauses.collect())),
        ]
        .into_iter()
        .chain(format)
        .chain(algorithm),
    )
}

/// One line a fault where the width allows it, else the sentence on a line of its own.
fn table(faults: &[&Fault], width: usize) -> String {
    let id_width = faults.iter().map(|fault| fault.id().len()).max().unwrap_or_default();
    let mut text = String::new();
    for fault in faults {
        let steps: Vec<String> = [(7, 1, Ceremony::Create), (7, 2, Ceremony::Get)]
            .iter()
            .filter_map(|(a, b, ceremony)| Some(format!("§{a}.{b} {}", fault.step(*ceremony)?)))
            .collect();
        let steps = steps.join(", ");
        let line = format!("{:id_width$}  {steps:16}  {}", fault.id(), fault.sentence());
        match line.chars().count() <= width {
            true => text.push_str(&line),
            false => text.push_str(&format!("{}  ({steps})\n    {}", fault.id(), fault.sentence())),
        }
        text.push('\n');
    }
    text
}
