//! From a tree to a document, without a text in between.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::Json;
use super::error::{JsonError, JsonErrorKind, MAX_DEPTH, Refusal, Segment};
use super::tape::{Entry, Kind, Literal};

/// The entries of a tree. `text` takes its strings and numbers, one after the other.
///
/// # Errors
/// [`JsonError`]: an object has two members of one name, or the tree is too deep.
pub(super) fn flatten(tree: &Json<'_>, text: &mut String) -> Result<Vec<Entry>, JsonError> {
    let mut flat = Flat { text, entries: Vec::new() };
    let whole = flat.value(tree, Literal::NONE, 0).map_err(|refusal| refusal.into_error(""))?;
    flat.entries.push(whole);
    Ok(flat.entries)
}

struct Flat<'o> {
    text: &'o mut String,
    entries: Vec<Entry>,
}

type Flattened<'t, T> = Result<T, Box<Refusal<'t>>>;

impl Flat<'_> {
    /// `depth`: how many arrays and objects the value stands in.
    fn value<'t>(&mut self, value: &'t Json<'_>, name: Literal, depth: usize) -> Flattened<'t, Entry> {
        let (kind, place) = match value {
            Json::Null => (Kind::Null, Literal::NONE),
            Json::Bool(value) => (Kind::Bool(*value), Literal::NONE),
            Json::Number(number) => {
                let start = self.text.len();
                write!(self.text, "{number}").expect("a String takes everything");
                (Kind::Number, Literal::new(start, self.text.len() - start, false))
            }
            Json::String(string) => (Kind::String, self.string(string)),
            Json::Array(_) | Json::Object(_) if depth == MAX_DEPTH => {
                return Err(Refusal::of(JsonErrorKind::TooDeep));
            }
            Json::Array(items) => {
                let mut inside = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let item = self.value(item, Literal::NONE, depth + 1);
                    inside.push(item.map_err(|refusal| refusal.inside(Segment::Item(index)))?);
                }
                (Kind::Array, self.close(&inside))
            }
            Json::Object(members) => {
                let mut inside = Vec::with_capacity(members.len());
                let mut names = HashSet::with_capacity(members.len());
                for (name, member) in members {
                    let segment = || Segment::Member(name.as_ref().into());
                    if !names.insert(name.as_ref()) {
                        return Err(Refusal::of(JsonErrorKind::DuplicateMember).inside(segment()));
                    }
                    let literal = self.string(name);
                    let member = self.value(member, literal, depth + 1);
                    inside.push(member.map_err(|refusal| refusal.inside(segment()))?);
                }
                (Kind::Object, self.close(&inside))
            }
        };
        Ok(Entry { kind, name, place })
    }

    fn string(&mut self, string: &str) -> Literal {
        let start = self.text.len();
        self.text.push_str(string);
        Literal::new(start, string.len(), false)
    }

    /// Puts the values inside an array or an object together.
    fn close(&mut self, inside: &[Entry]) -> Literal {
        let start = self.entries.len();
        self.entries.extend_from_slice(inside);
        Literal::new(start, inside.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::{Document, parse};

    #[test]
    fn a_tree_comes_back_from_its_document() {
        let text = r#"{"a":[1,-2.5,"x\"y",null,{}],"é":{"b":true,"c":[[]]},"":"1"}"#;
        let tree = parse(text).unwrap();
        let mut strings = String::new();
        let document = Document::of_tree(&tree, &mut strings).unwrap();
        assert_eq!(document.to_json(), tree);
        assert!(document.root().member("é").unwrap().member("c").unwrap().is_array());
        assert_eq!(document.root().member("a").unwrap().items().nth(2).unwrap().as_str().unwrap(), "x\"y");
    }

    #[test]
    fn refuses_what_the_parser_would_refuse() {
        let twice =
            Json::object([("a", Json::Array(vec![Json::object([("b", true.into()), ("b", 1.into())])]))]);
        let error = |tree: &Json<'_>| Document::of_tree(tree, &mut String::new()).err().unwrap();
        assert_eq!(error(&twice), parse(&twice.to_string()).unwrap_err());
        let deep = (0..=MAX_DEPTH).fold(Json::Null, |inner, _| Json::Array(vec![inner]));
        assert_eq!(error(&deep), parse(&deep.to_string()).unwrap_err());
    }
}
