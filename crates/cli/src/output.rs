//! Data on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use clap::ColorChoice;
use stuntkey::Error;
use stuntkey::encoding::json::Json;
use stuntkey_inspect::text::harmless;

use crate::failure::Failure;

/// How many lines of a message are shown: a server's error page can have any number.
const MOST_LINES: usize = 20;

/// Where a command writes, and in which form.
#[derive(Clone)]
pub(crate) struct Output {
    json: bool,
    color: ColorChoice,
}

impl Output {
    pub(crate) fn new(json: bool, color: ColorChoice) -> Self {
        Self { json, color }
    }

    /// When the caller wants colours.
    pub(crate) fn color(&self) -> ColorChoice {
        self.color
    }

    /// Whether data on standard output is to have colours.
    pub(crate) fn colors_data(&self) -> bool {
        self.colors(io::stdout().is_terminal())
    }

    fn colors(&self, is_terminal: bool) -> bool {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !no_color,
        }
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

    /// Why the command did not do its work, and what to do next where it is known.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut details = Vec::new();
        let mut message = failure.to_string();
        if let Some(error) = failure.library() {
            details.extend(error.dom_exception().map(|name| ("exception", Json::from(name.to_string()))));
            match error {
                // The exception has a member of its own.
                Error::Refused(refusal) if self.json => message = refusal.to_string(),
                Error::Device(error) if self.json => message = error.to_string(),
                Error::Input(input) => {
                    details.push(("path", input.path.clone().into()));
                    details.push(("found", input.found.clone().into()));
                    details.push(("expected", input.expected.clone().into()));
                }
                _ => {}
            }
        }
        details.extend(failure.file().map(|file| ("file", Json::from(file.display().to_string()))));
        let hint = failure.what_to_do();
        if self.json {
            details.extend(hint.map(|hint| ("hint", Json::from(hint.to_owned()))));
        }
        self.message("error", details, &message);
        if let (Some(hint), false) = (hint, self.json) {
            self.message("hint", Vec::new(), &hint);
        }
    }

    fn message(
        &self,
        level: &'static str,
        details: Vec<(&'static str, Json<'static>)>,
        message: &impl Display,
    ) {
        let text = shown(&message.to_string());
        let mut stderr = io::stderr().lock();
        let written = if self.json {
            let members = [("level", Json::from(level)), ("message", text.into())];
            writeln!(stderr, "{}", Json::object(members.into_iter().chain(details)))
        } else {
            let text = text.replace('\n', "\n    ");
            match self.colors(io::stderr().is_terminal()) {
                true => writeln!(stderr, "stuntkey: {}{level}\u{1b}[0m: {text}", color_of(level)),
                false => writeln!(stderr, "stuntkey: {level}: {text}"),
            }
        };
        // Nowhere is left to tell that standard error is gone.
        drop(written);
    }
}

fn color_of(level: &str) -> &'static str {
    match level {
        "error" => "\u{1b}[1;31m",
        "warning" => "\u{1b}[33m",
        _ => "\u{1b}[36m",
    }
}

/// A message with its ends of lines, and without what could drive the terminal.
fn shown(message: &str) -> String {
    let message = message.replace("\r\n", "\n");
    let message = message.trim_end_matches('\n');
    let keep = |c: char| if c == '\n' { c } else { harmless(c) };
    let mut lines = message.lines();
    let mut text = lines.by_ref().take(MOST_LINES).collect::<Vec<_>>().join("\n");
    match lines.count() {
        0 => {}
        more => text.push_str(&format!("\n… and {more} lines more")),
    }
    text.chars().map(keep).collect()
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

    #[test]
    fn a_message_keeps_its_lines_and_nothing_that_drives_the_terminal() {
        assert_eq!(shown("TOML\r\n  |\n2 | x\n"), "TOML\n  |\n2 | x");
        assert_eq!(shown("a\u{1b}[2J\rb"), "a\u{fffd}[2J\u{fffd}b");
        assert_eq!(
            shown("a\u{200b}\u{feff}\u{e0041}\u{202e}\u{61c}\u{2028}"),
            "a".to_owned() + &"\u{fffd}".repeat(6)
        );
        let page = "<p>\n".repeat(500);
        assert!(shown(&page).ends_with("<p>\n… and 480 lines more"), "{}", shown(&page));
    }
}
