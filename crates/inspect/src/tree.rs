//! What was found: one tree, which the terminal and JSON both draw.

use std::ops::Range;

/// A thing with a name, what it is, and where it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// What it is called where it stands.
    pub name: String,
    /// What it holds.
    pub value: Value,
    /// What the value means: the name of an identifier, the flags that are set.
    pub meaning: Option<String>,
    /// Where it stands, in the bytes of the nearest node above that has `bytes`, itself included.
    pub range: Option<Range<usize>>,
    /// Where its key stands, if it is a member of a CBOR map.
    pub key: Option<Range<usize>>,
    /// What it consists of, in order.
    pub children: Vec<Node>,
    /// What is to be said of it.
    pub notes: Vec<Note>,
    /// The bytes in which it and its children have their ranges.
    pub bytes: Option<Vec<u8>>,
}

/// What a node holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// Nothing of its own.
    #[default]
    None,
    /// A word of a specification, or something computed: shown as it is.
    Word(String),
    /// A number.
    Number(i128),
    /// True or false.
    Truth(bool),
    /// Text of the input: shown in quotes.
    Text(String),
    /// Bytes of the input.
    Bytes(Vec<u8>),
}

/// A remark on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Worth knowing.
    Remark(String),
    /// Against a specification, but it could be read.
    Odd(String),
    /// Here the reader could not go on.
    Stop(String),
}

impl Note {
    /// The text of the note.
    pub fn text(&self) -> &str {
        match self {
            Note::Remark(text) | Note::Odd(text) | Note::Stop(text) => text,
        }
    }
}

impl Node {
    /// A node of this name with nothing in it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same node with a word as its value.
    pub fn word(self, word: impl Into<String>) -> Self {
        Self { value: Value::Word(word.into()), ..self }
    }

    /// The same node with a number as its value.
    pub fn number(self, number: impl Into<i128>) -> Self {
        Self { value: Value::Number(number.into()), ..self }
    }

    /// The same node with text of the input as its value.
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { value: Value::Text(text.into()), ..self }
    }

    /// The same node with bytes as its value.
    pub fn data(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { value: Value::Bytes(bytes.into()), ..self }
    }

    /// The same node with what its value means.
    pub fn meaning(self, meaning: impl Into<String>) -> Self {
        Self { meaning: Some(meaning.into()), ..self }
    }

    /// The same node with its place.
    pub fn at(self, range: Range<usize>) -> Self {
        Self { range: Some(range), ..self }
    }

    /// The same node with one more child.
    pub fn with(mut self, child: Node) -> Self {
        self.children.push(child);
        self
    }

    /// The same node with these children more.
    pub fn with_all(mut self, children: impl IntoIterator<Item = Node>) -> Self {
        self.children.extend(children);
        self
    }

    /// The same node with something worth knowing.
    pub fn remark(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Remark(text.into()));
        self
    }

    /// The same node with something that is against a specification.
    pub fn odd(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Odd(text.into()));
        self
    }

    /// The same node with why its reader could not go on.
    pub fn stop(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Stop(text.into()));
        self
    }

    /// Its ranges, and those of its children, count in these bytes from here on.
    pub fn within(self, bytes: &[u8]) -> Self {
        let range = self.range.clone().unwrap_or(0..bytes.len());
        Self { bytes: Some(bytes.to_vec()), range: Some(range), ..self }
    }

    /// Where a reader first could not go on: the names on the way, and why.
    pub fn first_stop(&self) -> Option<String> {
        let own = self.notes.iter().find_map(|note| match note {
            Note::Stop(text) => Some(format!("{}: {text}", self.name)),
            _ => None,
        });
        own.or_else(|| {
            let inner = self.children.iter().find_map(Node::first_stop)?;
            Some(format!("{}: {inner}", self.name))
        })
    }
}

/// The bytes of a range; none, where it goes too far.
pub fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

/// `n` of something.
pub fn count(n: usize, one: &str, more: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {more}", thousands(n)),
    }
}

/// A number with a comma after every three digits.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in hex, lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([1, 999, 1_000, 1_234_567].map(thousands), ["1", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "byte", "bytes"), "1 byte");
    }

    #[test]
    fn the_first_stop_is_told_with_its_way() {
        let tree = Node::new("a").with(Node::new("b").odd("x")).with(Node::new("c").stop("ends"));
        assert_eq!(tree.first_stop().as_deref(), Some("a: c: ends"));
    }
}
