//! What was found: one tree, which the terminal and JSON both draw.

use std::ops::Range;

/// A thing with a name, what it is, and where it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) value: Value,
    /// What the value means: the name of an identifier, the flags that are set.
    pub(crate) meaning: Option<String>,
    /// Where it stands, in the bytes of the nearest node above that has `bytes`, itself included.
    pub(crate) range: Option<Range<usize>>,
    /// Where its key stands, if it is a member of a CBOR map.
    pub(crate) key: Option<Range<usize>>,
    pub(crate) children: Vec<Node>,
    pub(crate) notes: Vec<Note>,
    /// The bytes in which it and its children have their ranges.
    pub(crate) bytes: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Value {
    #[default]
    None,
    /// A word of a specification, or something computed: shown as it is.
    Word(String),
    Number(i128),
    Truth(bool),
    /// Text of the input: shown in quotes.
    Text(String),
    Bytes(Vec<u8>),
}

/// A remark on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// Worth knowing.
    Remark(String),
    /// Against a specification, but it could be read.
    Odd(String),
    /// Here the reader could not go on.
    Stop(String),
}

impl Note {
    pub(crate) fn text(&self) -> &str {
        match self {
            Note::Remark(text) | Note::Odd(text) | Note::Stop(text) => text,
        }
    }
}

impl Node {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    pub(crate) fn word(self, word: impl Into<String>) -> Self {
        Self { value: Value::Word(word.into()), ..self }
    }

    pub(crate) fn number(self, number: impl Into<i128>) -> Self {
        Self { value: Value::Number(number.into()), ..self }
    }

    pub(crate) fn text(self, text: impl Into<String>) -> Self {
        Self { value: Value::Text(text.into()), ..self }
    }

    pub(crate) fn data(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { value: Value::Bytes(bytes.into()), ..self }
    }

    pub(crate) fn meaning(self, meaning: impl Into<String>) -> Self {
        Self { meaning: Some(meaning.into()), ..self }
    }

    pub(crate) fn at(self, range: Range<usize>) -> Self {
        Self { range: Some(range), ..self }
    }

    pub(crate) fn with(mut self, child: Node) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Node>) -> Self {
        self.children.extend(children);
        self
    }

    pub(crate) fn remark(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Remark(text.into()));
        self
    }

    pub(crate) fn odd(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Odd(text.into()));
        self
    }

    pub(crate) fn stop(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note::Stop(text.into()));
        self
    }

    /// Its ranges, and those of its children, count in these bytes from here on.
    pub(crate) fn within(self, bytes: &[u8]) -> Self {
        let range = self.range.clone().unwrap_or(0..bytes.len());
        Self { bytes: Some(bytes.to_vec()), range: Some(range), ..self }
    }

    /// Where a reader first could not go on: the names on the way, and why.
    pub(crate) fn first_stop(&self) -> Option<String> {
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
pub(crate) fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

/// `n` of something.
pub(crate) fn count(n: usize, one: &str, more: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {more}", thousands(n)),
    }
}

/// A number with a comma after every three digits.
pub(crate) fn thousands(n: usize) -> String {
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

pub(crate) fn hex(bytes: &[u8]) -> String {
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
