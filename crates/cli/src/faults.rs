//! `stuntkey faults`.

use stuntkey::encoding::json::Json;
use stuntkey::fault::{AnswerFault, Fault};
use stuntkey::webauthn::Ceremony;

use crate::arguments::Faults;
use crate::failure::Failure;
use crate::output::{Output, paragraph};

pub(crate) fn run(arguments: &Faults, output: &Output) -> Result<(), Failure> {
    let wanted = |id: &str| match &arguments.filter {
        None => true,
        Some(filter) => id == filter || id.starts_with(&format!("{}/", filter.trim_end_matches('/'))),
    };
    let (rows, described): (Vec<[String; 3]>, Vec<Json<'static>>) = match arguments.answers {
        true => AnswerFault::all().filter(|fault| wanted(fault.id())).map(row_of_answer).unzip(),
        false => {
            Fault::all().filter(|fault| wanted(fault.id())).map(|fault| (row(fault), describe(fault))).unzip()
        }
    };
    if rows.is_empty() {
        let filter = arguments.filter.clone().unwrap_or_default();
        return Err(Failure::NothingMatched(format!("no fault is {filter:?} or below it")));
    }
    match output.is_json() {
        true => output.json_data(&Json::object([("faults", Json::Array(described))])),
        false => output.data(&text(&rows, output.width())),
    }
}

/// Its id, the clause, and the sentence.
fn row_of_answer(fault: &AnswerFault) -> ([String; 3], Json<'static>) {
    let (id, clause, sentence) = (fault.id(), fault.clause(), fault.sentence());
    let described = [("id", id), ("sentence", sentence), ("clause", clause)];
    let described = Json::object(described.map(|(name, text)| (name, Json::from(text))));
    ([id, clause, sentence].map(str::to_owned), described)
}

fn row(fault: &Fault) -> [String; 3] {
    [fault.id().to_owned(), steps(fault), fault.sentence().to_owned()]
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

/// In a pipe, one line a fault, its columns two spaces apart. On a terminal, columns that are aligned where all of them fit;
/// else the sentence on lines of its own.
fn text(rows: &[[String; 3]], width: usize) -> String {
    if width == usize::MAX {
        return rows.iter().map(|row| row.join("  ") + "\n").collect();
    }
    let widest = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let [id_width, steps_width, sentence_width] = [0, 1, 2].map(widest);
    let fits = id_width + 2 + steps_width + 2 + sentence_width <= width;
    let row = |[id, steps, sentence]: &[String; 3]| match fits {
        true => format!("{id:id_width$}  {steps:steps_width$}  {sentence}\n"),
        false => paragraph(width, 0, &format!("{id}  {steps}")) + &paragraph(width, 4, sentence),
    };
    rows.iter().map(row).collect()
}

/// The steps that have to refuse the fault: `§7.1 9, §7.2 12`.
fn steps(fault: &Fault) -> String {
    let of = |clause: &str, ceremony| fault.step(ceremony).map(|step| format!("{clause} {step}"));
    let steps = [of("§7.1", Ceremony::Create), of("§7.2", Ceremony::Get)];
    steps.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_fits_a_terminal_of_80_columns_and_is_not_padded_in_a_pipe() {
        let faults: Vec<[String; 3]> =
            Fault::all().map(row).chain(AnswerFault::all().map(|fault| row_of_answer(fault).0)).collect();
        let terminal = text(&faults, 80);
        let long: Vec<&str> = terminal.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{long:#?}");
        let pipe = text(&faults, usize::MAX);
        assert_eq!(pipe.lines().count(), faults.len());
        assert!(pipe.lines().all(|line| !line.contains("   ")));
    }

    #[test]
    fn columns_are_aligned_where_they_fit() {
        let faults: Vec<[String; 3]> = Fault::all()
            .filter(|fault| fault.id().starts_with("client-data/cross-origin/"))
            .map(row)
            .collect();
        let text = text(&faults, 200);
        let columns: Vec<Option<usize>> = text.lines().map(|line| line.find('§')).collect();
        assert_eq!(columns.len(), faults.len());
        assert!(columns.iter().all(|column| column.is_some() && *column == columns[0]), "{text}");
    }
}
