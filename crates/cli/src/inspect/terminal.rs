//! Draws trees at a terminal, with lines, colours, and no wider than the terminal.

use std::io::{self, IsTerminal};

use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};

use stuntkey_inspect::text::{count, harmless, hex};
use stuntkey_inspect::tree::{Node, Note, Value};

/// How many bytes of a value are shown; longer ones are cut.
const MOST_BYTES: usize = 36;
/// How many characters of a text are shown; longer ones are cut.
const MOST_CHARACTERS: usize = 700;
/// Names are padded to the width of their longest neighbour, if that is no longer than this.
const MOST_NAME: usize = 24;
/// A space at which no line is broken.
const HARD_SPACE: char = '\u{a0}';
const NARROWEST: usize = 40;
/// The width if standard output is no terminal.
const IN_A_PIPE: usize = 100;

pub(super) const PLAIN: Style = Style::new();
pub(super) const NAME: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const DATA: Style = AnsiColor::Cyan.on_default();
const TEXT: Style = AnsiColor::Green.on_default();
const MEANING: Style = AnsiColor::Magenta.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// The width of the output, and whether it has colours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) color: bool,
}

impl Canvas {
    pub(crate) fn new(choice: ColorChoice) -> Self {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
        let terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
        let width: usize = columns.or_else(terminal).unwrap_or(IN_A_PIPE);
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => !no_color && io::stdout().is_terminal(),
        };
        Self { width: width.max(NARROWEST), color }
    }

    /// Text in a style; characters that could control the terminal are replaced.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        let text: String =
            text.chars().map(harmless).map(|c| if c == HARD_SPACE { ' ' } else { c }).collect();
        match self.color && !text.is_empty() && style != PLAIN {
            true => format!("{style}{text}{style:#}"),
            false => text,
        }
    }

    /// Breaks words into lines that are no wider than the canvas. The first line already has `first` characters; the others
    /// begin with `indent`, which has `indent_width` characters.
    pub(super) fn wrap(
        self,
        words: &[(Style, String)],
        first: usize,
        indent: &str,
        indent_width: usize,
    ) -> String {
        let mut out = String::new();
        let mut column = first;
        let mut begins = true;
        for (style, word) in words {
            let mut word: Vec<char> = word.chars().collect();
            if !begins && column + 1 + word.len() > self.width {
                out.push_str(&format!("\n{indent}"));
                column = indent_width;
                begins = true;
                let blanks = word.iter().take_while(|c| **c == HARD_SPACE).count();
                word.drain(..blanks);
            }
            if !begins {
                out.push(' ');
                column += 1;
            }
            while column + word.len() > self.width {
                // At least one character a line, however narrow.
                let rest = word.split_off(self.width.saturating_sub(column).max(1).min(word.len()));
                out.push_str(&self.paint(*style, &word.iter().collect::<String>()));
                word = rest;
                if word.is_empty() {
                    break;
                }
                out.push_str(&format!("\n{indent}"));
                column = indent_width;
            }
            column += word.len();
            out.push_str(&self.paint(*style, &word.iter().collect::<String>()));
            begins = false;
        }
        out
    }
}

/// The words of a text, all in one style.
pub(super) fn words(style: Style, text: &str) -> Vec<(Style, String)> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| (style, word.to_owned())).collect()
}

/// Draws a tree.
pub(crate) fn draw(node: &Node, canvas: Canvas) -> String {
    let digits = format!("{:x}", longest(node)).len().max(4);
    let mut drawing = Drawing { canvas, digits, out: String::new() };
    drawing.node(node, "", "", 0);
    drawing.out
}

/// The highest offset in the tree.
fn longest(node: &Node) -> usize {
    let own = node.range.as_ref().map_or(0, |range| range.end);
    node.children.iter().map(longest).fold(own, usize::max)
}

struct Drawing {
    canvas: Canvas,
    digits: usize,
    out: String,
}

impl Drawing {
    /// Draws a node and its children. `branch` leads to the node, and the lines below it begin with `guide`.
    fn node(&mut self, node: &Node, branch: &str, guide: &str, name_width: usize) {
        let canvas = self.canvas;
        let offset = node
            .range
            .as_ref()
            .map_or_else(String::new, |range| format!("{:0digits$x}", range.start, digits = self.digits));
        let offset = format!("{offset:digits$}  ", digits = self.digits);
        let branch = shortened(branch, canvas.width);
        let guide = shortened(guide, canvas.width);
        let room = canvas.width.saturating_sub(self.digits + 4 + branch.chars().count());
        let name: String = cut(&node.name, room);
        let name_length = name.chars().count();
        let padding = name_width.saturating_sub(name_length);
        self.out.push_str(&canvas.paint(DIM, &offset));
        self.out.push_str(&canvas.paint(DIM, &branch));
        self.out.push_str(&canvas.paint(NAME, &name));

        let bar = if node.children.is_empty() { "" } else { "│" };
        let below = format!("{:digits$}  {guide}{bar}", "", digits = self.digits);
        let used = self.digits + 2 + branch.chars().count() + name_length;
        let column = (used + padding + 2).min(canvas.width - NARROWEST / 2);
        let below_width = below.chars().count();
        let indent =
            format!("{}{:pad$}", canvas.paint(DIM, &below), "", pad = column.saturating_sub(below_width));
        let indent_width = column.max(below_width);

        let mut lines: Vec<Vec<(Style, String)>> = Vec::new();
        let value = self.value(node, canvas.width.saturating_sub(column));
        lines.extend((!value.is_empty()).then_some(value));
        lines.extend(node.notes.iter().map(note));
        for (position, line) in lines.iter().enumerate() {
            let first = if position == 0 && used + 2 <= column {
                self.out.push_str(&" ".repeat(column - used));
                column
            } else {
                self.out.push_str(&format!("\n{indent}"));
                indent_width
            };
            let wrapped = canvas.wrap(line, first, &indent, indent_width);
            self.out.push_str(&wrapped);
        }
        self.out.push('\n');

        let widths =
            node.children.iter().filter(|child| child.value != Value::None || !child.notes.is_empty());
        let width = widths.map(|child| child.name.chars().count()).filter(|width| *width <= MOST_NAME).max();
        for (position, child) in node.children.iter().enumerate() {
            let last = position + 1 == node.children.len();
            let (branch, bar) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let (branch, guide) = (format!("{guide}{branch}"), format!("{guide}{bar}"));
            self.node(child, &branch, &guide, width.unwrap_or_default());
        }
    }

    fn value(&self, node: &Node, room: usize) -> Vec<(Style, String)> {
        let mut line = match &node.value {
            Value::None => Vec::new(),
            Value::Word(word) => words(PLAIN, &clip(word, MOST_CHARACTERS)),
            Value::Number(number) => words(PLAIN, &number.to_string()),
            Value::Truth(truth) => words(PLAIN, &truth.to_string()),
            Value::Text(text) => words(TEXT, &format!("\"{}\"", clip(text, MOST_CHARACTERS))),
            Value::Bytes(bytes) if bytes.is_empty() => words(DIM, "empty"),
            Value::Bytes(bytes) if bytes.len() <= MOST_BYTES => words(DATA, &hex(bytes)),
            Value::Bytes(bytes) => {
                let length = format!("({})", count(bytes.len(), "byte", "bytes"));
                let shown = room.saturating_sub(length.len() + 2).clamp(8, 2 * MOST_BYTES) / 2;
                let start: Vec<u8> = bytes.iter().take(shown).copied().collect();
                let mut line = words(DATA, &format!("{}…", hex(&start)));
                line.push((DIM, together(&length)));
                line
            }
        };
        if let Some(meaning) = &node.meaning {
            // Two spaces stand before the meaning. A short meaning stays on one line.
            let set_off = format!("{}{meaning}", if line.is_empty() { "" } else { "\u{a0}" });
            match meaning.len() <= 24 {
                true => line.push((MEANING, together(&set_off))),
                false => line.extend(words(MEANING, &set_off)),
            }
        }
        line
    }
}

/// The text with spaces at which no line is broken.
fn together(text: &str) -> String {
    text.replace(' ', &HARD_SPACE.to_string())
}

fn note(note: &Note) -> Vec<(Style, String)> {
    match note {
        Note::Remark(text) => words(DIM, text),
        Note::Odd(text) => words(ODD, &format!("! {text}")),
        Note::Stop(text) => words(BAD, &format!("✗ {text}")),
    }
}

/// The end of a guide, so that the guide takes at most half of the canvas.
fn shortened(guide: &str, width: usize) -> String {
    let length = guide.chars().count();
    match length > width / 2 {
        true => std::iter::once('…').chain(guide.chars().skip(length + 1 - width / 2)).collect(),
        false => guide.to_owned(),
    }
}

/// At most `most` characters, the last of which is an ellipsis if the text is longer.
fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// The first `most` characters; if there are more, also their number.
fn clip(text: &str, most: usize) -> String {
    let length = text.chars().count();
    match length > most {
        true => {
            let start: String = text.chars().take(most).collect();
            format!("{start}… ({})", count(length, "character", "characters"))
        }
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: Canvas = Canvas { width: 40, color: false };

    #[test]
    fn a_tree_is_drawn_with_its_offsets() {
        let tree = Node::new("map")
            .at(0..4)
            .with(Node::new("a").number(1).at(1..2))
            .with(Node::new("longer").with(Node::new("inner").text("x").at(3..4).odd("strange")));
        let expected = "0000  map\n0001  ├─ a  1\n      └─ longer\n0003     └─ inner  \"x\"\n                   ! strange\n";
        assert_eq!(draw(&tree, CANVAS), expected);
    }

    #[test]
    fn no_line_is_wider_than_the_canvas() {
        let mut tree = Node::new("root").text("y".repeat(200)).odd("many words ".repeat(30));
        for depth in 0..30 {
            tree = Node::new("a name ".repeat(depth % 9))
                .data(vec![0; depth * 3])
                .meaning("m ".repeat(40))
                .with(tree);
        }
        for width in [40, 80, 100] {
            let drawn = draw(&tree, Canvas { width, color: false });
            for line in drawn.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn no_control_sequence_of_the_input_reaches_the_terminal() {
        let tree = Node::new("\u{1b}[31m").text("\u{202e}\u{9b}\r");
        let drawn = draw(&tree, Canvas { width: 80, color: true });
        assert!(!drawn.contains("\u{1b}[31m") && !drawn.contains(['\u{202e}', '\u{9b}', '\r']));
    }
}
