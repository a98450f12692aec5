//! What was found: one tree, which the terminal and JSON both draw.

use std::ops::Range;

/// The name of a node with a whole CBOR item in diagnostic notation.
pub const NOTATION: &str = "diagnostic notation";

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
    /// What it is, if somebody may look for that in a tree.
    pub role: Option<Role>,
}

/// What a node is, whatever it is called where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A COSE_Key; the node's range has its bytes.
    CoseKey,
    /// A SubjectPublicKeyInfo; the node's range has its bytes.
    SubjectPublicKeyInfo,
    /// Something that is not to be shown unless asked for: a private key.
    Secret,
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

    /// The same node as something that is not to be shown unless asked for.
    #[must_use]
    pub fn secret(self) -> Self {
        Self { role: Some(Role::Secret), ..self }
    }

    /// Takes out what is secret, and gives how much that was: values, notations that repeat them, and their bytes, in
    /// whose places zeros are left.
    pub fn hide_secrets(&mut self) -> usize {
        let mut places = Vec::new();
        self.hide(&mut places)
    }

    /// Adds the places of secrets in the bytes of a node above.
    fn hide(&mut self, places: &mut Vec<Range<usize>>) -> usize {
        if self.role == Some(Role::Secret) {
            places.extend(self.range.clone());
            let kept =
                Self { range: self.range.take(), key: self.key.take(), role: self.role, ..Self::default() };
            let stops =
                std::mem::take(&mut self.notes).into_iter().filter(|note| matches!(note, Note::Stop(_)));
            let name = std::mem::take(&mut self.name);
            *self = Self { name, notes: stops.collect(), ..kept }.word("not shown: a private key");
            return 1;
        }
        let mut inside = Vec::new();
        let hidden: usize = self.children.iter_mut().map(|child| child.hide(&mut inside)).sum();
        if hidden > 0 {
            for child in self.children.iter_mut().filter(|child| child.name == NOTATION) {
                child.value = Value::Word("not shown: it has a private key".into());
            }
        }
        match &mut self.bytes {
            Some(bytes) => {
                for place in inside {
                    bytes.get_mut(place).into_iter().for_each(|secret| secret.fill(0));
                }
            }
            None => places.append(&mut inside),
        }
        hidden
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stop_is_told_with_its_way() {
        let tree = Node::new("a").with(Node::new("b").odd("x")).with(Node::new("c").stop("ends"));
        assert_eq!(tree.first_stop().as_deref(), Some("a: c: ends"));
    }

    #[test]
    fn secrets_are_taken_out_with_their_bytes_and_notations() {
        let mut tree = Node::new("key")
            .at(0..4)
            .with(Node::new("x").data([1]).at(0..1))
            .with(Node::new("d").data([7, 7]).at(1..3).odd("a private key").secret())
            .with(Node::new(NOTATION).word("h'0707'"))
            .within(&[1, 7, 7, 2]);
        assert_eq!(tree.hide_secrets(), 1);
        assert_eq!(tree.bytes, Some(vec![1, 0, 0, 2]));
        let shown = format!("{tree:?}");
        assert!(
            !shown.contains("0707") && !shown.contains("[7, 7]") && shown.contains("not shown"),
            "{shown}"
        );
        assert_eq!(tree.hide_secrets(), 1, "twice is as good as once");
    }
}
