//! Data on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use stuntkey::Error;
use stuntkey::encoding::json::Json;

use crate::failure::Failure;

/// The character, unless it could drive a terminal or turn the text around.
pub(crate) fn harmless(character: char) -> char {
    let turns =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turns { '\u{fffd}' } else { character }
}

pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether machines read along.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// How many columns a line of data may have: those of the terminal, and any number in a pipe.
    pub(crate) fn width(&self) -> usize {
        terminal_size::terminal_size_of(io::stdout()).map_or(usize::MAX, |(width, _)| width.0.into())
    }

    /// A text of one line's own, indented; broken between words where it is wider than the terminal.
    pub(crate) fn paragraph(&self, indent: usize, text: &str) -> String {
        paragraph(self.width(), indent, text)
    }

    /// Data: one line, or indented on a terminal.
    pub(crate) fn json_data(&self, json: &Json<'_>) -> Result<(), Failure> {
        match !self.json && io::stdout().is_terminal() {
            true => self.data(&json.to_pretty_string()),
            false => self.data(json),
        }
    }

    /// Data, as it is, and the end of a line if there is none. Nobody listening any more is no failure.
    pub(crate) fn data(&self, data: &impl Display) -> Result<(), Failure> {
        let mut text = data.to_string();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::Tool(format!("standard output: cannot write: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Something the caller should know.
    pub(crate) fn warning(&self, message: &impl Display) {
        self.message("warning", Vec::new(), message);
    }

    /// Something that was done.
    pub(crate) fn note(&self, message: &impl Display) {
        self.message("note", Vec::new(), message);
    }

    /// Why the command did not do its work.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut details = Vec::new();
        if let Failure::Library(error) = failure {
            details.extend(error.dom_exception().map(|name| ("exception", Json::from(name.to_string()))));
            if let Error::Input(input) = error {
                details.push(("path", input.path.clone().into()));
                details.push(("found", input.found.clone().into()));
                details.push(("expected", input.expected.clone().into()));
            }
        }
        self.message("error", details, failure);
    }

    fn message(
        &self,
        level: &'static str,
        details: Vec<(&'static str, Json<'static>)>,
        message: &impl Display,
    ) {
        // A control character from the input could drive the terminal.
        let text: String = message.to_string().chars().map(harmless).collect();
        let mut stderr = io::stderr().lock();
        let written = if self.json {
            let members = [("level", Json::from(level)), ("message", text.into())];
            writeln!(stderr, "{}", Json::object(members.into_iter().chain(details)))
        } else {
            writeln!(stderr, "stuntkey: {level}: {text}")
        };
        // Nowhere is left to tell that standard error is gone.
        drop(written);
    }
}

pub(crate) fn paragraph(width: usize, indent: usize, text: &str) -> String {
    let mut lines = vec![" ".repeat(indent)];
    let mut column = indent;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > indent && column.saturating_add(1 + length) > width {
            lines.push(" ".repeat(indent));
            column = indent;
        }
        if let Some(line) = lines.last_mut() {
            if column > indent {
                line.push(' ');
                column += 1;
            }
            line.push_str(word);
            column += length;
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_broken_between_words() {
        assert_eq!(paragraph(12, 2, "one two three"), "  one two\n  three\n");
        assert_eq!(paragraph(usize::MAX, 4, "one two"), "    one two\n");
        assert_eq!(paragraph(5, 4, "unbreakable x"), "    unbreakable\n    x\n");
    }
}
