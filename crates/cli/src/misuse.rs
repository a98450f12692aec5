//! Arguments that the grammar refuses.

use std::ffi::OsString;

use clap::{ColorChoice, ValueEnum};

use crate::failure::Failure;

/// How messages are to look, when the grammar could not read the arguments that say so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) json: bool,
    pub(crate) color: ColorChoice,
}

impl Manner {
    /// Looks for `--json` and `--color`. Arguments need not be text.
    pub(crate) fn of(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let mut manner = Self { json: false, color: ColorChoice::Auto };
        let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
        while let Some(argument) = arguments.next() {
            let color = match argument.as_str() {
                "--" => break,
                "--json" => {
                    manner.json = true;
                    None
                }
                "--color" => arguments.next(),
                other => other.strip_prefix("--color=").map(str::to_owned),
            };
            if let Some(choice) = color.and_then(|color| ColorChoice::from_str(&color, true).ok()) {
                manner.color = choice;
            }
        }
        manner
    }
}

/// What the grammar says, without its usage text: the message on one line, and its tips as the hint.
pub(crate) fn failure(misuse: &clap::Error) -> Failure {
    let text = misuse.to_string();
    let said = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let (tips, message): (Vec<&str>, Vec<&str>) =
        said.filter(|line| !line.is_empty()).partition(|line| line.starts_with("tip: "));
    let failure = Failure::Usage(message.join(" ").trim_start_matches("error: ").to_owned());
    match tips.is_empty() {
        true => failure,
        false => {
            let tips: Vec<&str> = tips.iter().map(|tip| tip.trim_start_matches("tip: ")).collect();
            failure.hint(tips.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(arguments: &[&str]) -> Manner {
        Manner::of(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_manner_is_found_among_arguments_that_the_grammar_refuses() {
        let expected = Manner { json: true, color: ColorChoice::Never };
        assert_eq!(manner(&["stuntkey", "--bogus", "--json", "--color", "never"]), expected);
        assert_eq!(manner(&["stuntkey", "--color=NEVER", "frobnicate", "--json"]), expected);
        let neither = Manner { json: false, color: ColorChoice::Auto };
        assert_eq!(manner(&["stuntkey", "register", "--", "--json"]), neither);
        assert_eq!(manner(&["stuntkey", "--color", "mauve"]), neither);
    }
}
