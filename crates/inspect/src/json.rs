//! JSON (RFC 8259), read as far as it goes, with offsets. Members stand in the order of the text, and none is lost that
//! is there twice.

mod read;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

pub use read::read;

use crate::cbor::Stop;
use crate::text::count;
use crate::tree::{Node, Role, Value};

/// A JSON value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<'a> {
    /// What it is, with what it holds.
    pub kind: Kind<'a>,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

/// The types of JSON values.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written: no precision is lost, and none is too large.
    Number(&'a str),
    /// A string. Half of a surrogate pair stands as U+FFFD.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object.
    Object(Vec<Member<'a>>),
    /// An array or an object inside so many others that it was not kept.
    Deep,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Where the name stands, quotes included.
    pub key: Range<usize>,
    /// Its value.
    pub value: Json<'a>,
}

/// What could be read.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The value, incomplete if there is a stop.
    pub value: Option<Json<'a>>,
    /// Why the reader went no further; `None` if the text is one value and nothing else.
    pub stop: Option<Stop>,
}

impl<'a> Reading<'a> {
    /// The value, if the text is one value and nothing else.
    #[must_use]
    pub fn whole(self) -> Option<Json<'a>> {
        self.value.filter(|_| self.stop.is_none())
    }
}

impl<'a> Json<'a> {
    /// The value of the first member of this name, if this is an object that has it.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Json<'a>> {
        self.members().iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The members of an object; nothing of any other value.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// What it is, for people: `a string`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
            Kind::Deep => "a deep array or object",
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }
}

/// A value as a node. With a `base`, the node and those below it have their places, which are that much further on.
pub fn node(name: impl Into<String>, json: &Json<'_>, base: Option<usize>) -> Node {
    let node = Node::new(name);
    let place = |range: &Range<usize>| base.map(|base| base + range.start..base + range.end);
    let node = Node { range: place(&json.range), ..node };
    match &json.kind {
        Kind::Null => node.word("null"),
        Kind::Bool(truth) => Node { value: Value::Truth(*truth), ..node },
        Kind::Number(text) => match text.parse::<i64>() {
            Ok(number) => node.number(number),
            Err(_) => node.word(*text),
        },
        Kind::String(text) => node.text(text.as_ref()),
        Kind::Deep => node.word("nested too deep to be shown"),
        Kind::Array(items) if items.is_empty() => node.word("[]"),
        Kind::Array(items) => {
            let children = items.iter().enumerate();
            let children = children.map(|(index, item)| self::node(format!("[{index}]"), item, base));
            node.word(count(items.len(), "item", "items")).with_all(children)
        }
        Kind::Object(members) if members.is_empty() => node.word("{}"),
        Kind::Object(members) => {
            let children = repeats(members).map(|(member, twice)| {
                named(self::node(member.name.as_ref(), &member.value, base), json, member, twice, base)
            });
            node.with_all(children)
        }
    }
}

/// Every member, and whether its name is there before.
pub fn repeats<'m, 'a>(members: &'m [Member<'a>]) -> impl Iterator<Item = (&'m Member<'a>, bool)> {
    let mut seen = HashSet::new();
    members.iter().map(move |member| (member, !seen.insert(member.name.as_ref())))
}

/// The node of a member of an object, with the place of its name, a note if that is there before, and its role if it is
/// a private key.
#[must_use]
pub fn named(node: Node, object: &Json<'_>, member: &Member<'_>, twice: bool, base: Option<usize>) -> Node {
    let node = if twice { node.odd("a member of this name is there before") } else { node };
    let role = if is_secret(object, member) { Some(Role::Secret) } else { node.role };
    Node { key: base.map(|base| base + member.key.start..base + member.key.end), role, ..node }
}

/// A private key by its name; a part of one in a JSON Web Key (RFC 7518 §6); or JSON in a string that has one.
fn is_secret(object: &Json<'_>, member: &Member<'_>) -> bool {
    const OF_WEB_KEYS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    let of_web_key = OF_WEB_KEYS.contains(&member.name.as_ref()) && object.member("kty").is_some();
    names_a_secret(&member.name) || of_web_key || member.value.as_str().is_some_and(names_a_secret)
}

fn names_a_secret(text: &str) -> bool {
    text.to_ascii_lowercase().replace(['_', '-'], "").contains("privatekey")
}

/// What a reader left of a text from where it stopped; `None` if that is nothing.
#[must_use]
pub fn not_read(text: &str, from: usize) -> Option<Node> {
    let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
    let node = Node::new("not read").text(rest);
    Some(if names_a_secret(rest) { node.secret() } else { node })
}
