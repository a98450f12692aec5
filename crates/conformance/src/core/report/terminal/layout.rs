//! Lays out lines that are no wider than the terminal, with colours or without.

use crate::core::report::text::harmless;

/// Where a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalStyle {
    /// The width in columns.
    pub width: usize,
    /// Whether to use colours.
    pub colour: bool,
}

impl TerminalStyle {
    /// A style without colours.
    #[must_use]
    pub fn plain(width: usize) -> Self {
        Self { width, colour: false }
    }
}

/// The parameters of an SGR sequence (ECMA-48 §8.3.117); empty for text without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint(&'static str);

pub(super) const PLAIN: Paint = Paint("");
pub(super) const BOLD: Paint = Paint("1");
pub(super) const DIM: Paint = Paint("2");
pub(super) const GOOD: Paint = Paint("1;32");
pub(super) const ODD: Paint = Paint("33");
pub(super) const BAD: Paint = Paint("1;31");

const NARROWEST: usize = 40;
/// Wider lines are hard to read, even on a wide terminal.
const WIDEST: usize = 120;
/// The width of a column of numbers.
const COLUMN: usize = 7;
/// The width of the column of names before them.
const NAMES: usize = 26;

/// The text that has been laid out so far.
pub(super) struct Canvas {
    width: usize,
    colour: bool,
    text: String,
}

impl Canvas {
    pub(super) fn new(style: TerminalStyle) -> Self {
        Self { width: style.width.clamp(NARROWEST, WIDEST), colour: style.colour, text: String::new() }
    }

    pub(super) fn text(self) -> String {
        self.text.lines().flat_map(|line| [line.trim_end_matches(' '), "\n"]).collect()
    }

    /// An empty line, unless nothing stands above it.
    pub(super) fn blank(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        self.words(BOLD, text, 0);
    }

    /// Writes words in lines that begin at this column.
    pub(super) fn words(&mut self, paint: Paint, text: &str, indent: usize) {
        self.text.push_str(&" ".repeat(indent));
        self.wrapped(paint, text, indent, indent);
    }

    /// Writes a label, and words that begin at `indent + room`. After a label that is longer than `room`, they begin after a
    /// space.
    pub(super) fn labelled(
        &mut self,
        label: &str,
        label_paint: Paint,
        text: &str,
        paint: Paint,
        indent: usize,
        room: usize,
    ) {
        self.text.push_str(&" ".repeat(indent));
        self.painted(label_paint, label);
        let used = label.chars().count();
        self.text.push_str(&" ".repeat(room.saturating_sub(used).max(1)));
        self.wrapped(paint, text, (indent + room).max(indent + used + 1), indent + room);
    }

    /// Writes a row of a table.
    pub(super) fn row(&mut self, paint: Paint, name: &str, cells: &[(Paint, String)]) {
        let room = NAMES.min(self.width.saturating_sub(COLUMN * cells.len()));
        let length = name.chars().count();
        let name = match length > room {
            true => name.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
            false => format!("{name:room$}"),
        };
        self.painted(paint, &name);
        for (paint, cell) in cells {
            self.text.push_str(&" ".repeat(COLUMN.saturating_sub(cell.chars().count())));
            self.painted(*paint, cell);
        }
        self.text.push('\n');
    }

    /// Writes words from this column on; further lines begin at `indent`. A word that is longer than a line is cut.
    fn wrapped(&mut self, paint: Paint, text: &str, column: usize, indent: usize) {
        let mut lines = vec![String::new()];
        let mut left = self.width.saturating_sub(column);
        let room = self.width.saturating_sub(indent).max(1);
        for word in text.split_whitespace() {
            let mut word: Vec<char> = word.chars().collect();
            loop {
                let line = lines.last_mut().expect("there is always a line");
                let space = usize::from(!line.is_empty());
                if word.len() + space <= left {
                    line.extend(std::iter::repeat_n(' ', space).chain(word.iter().copied()));
                    left -= word.len() + space;
                    break;
                }
                // A word that does not fit even on a line of its own is cut: after a slash or another mark, if it has one.
                if line.is_empty() && word.len() > room && left > 0 {
                    let fits = left.min(word.len());
                    let is_mark = |c: &char| matches!(c, '/' | '.' | '-');
                    let mark = word.iter().take(fits).rposition(is_mark).map(|place| place + 1);
                    let rest = word.split_off(mark.unwrap_or(fits));
                    line.extend(word);
                    word = rest;
                }
                lines.push(String::new());
                left = room;
            }
        }
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                self.text.push_str(&" ".repeat(indent));
            }
            self.painted(paint, &no_command(line));
            self.text.push('\n');
        }
    }

    /// Writes text in a colour, and replaces characters that could control the terminal.
    fn painted(&mut self, paint: Paint, text: &str) {
        let text: String = text.chars().map(harmless).collect();
        match self.colour && paint != PLAIN && !text.is_empty() {
            true => self.text.push_str(&format!("\u{1b}[{}m{text}\u{1b}[0m", paint.0)),
            false => self.text.push_str(&text),
        }
    }
}

/// Makes a line harmless in the log of a CI server, which runs commands that begin with `::` (GitHub) or contain `##` and
/// a bracket (GitHub, Azure, TeamCity). A target must not give commands.
fn no_command(line: &str) -> String {
    let line = line.replace("##", "#\u{fffd}");
    match line.strip_prefix("::") {
        Some(rest) => format!("\u{fffd}:{rest}"),
        None => line,
    }
}
