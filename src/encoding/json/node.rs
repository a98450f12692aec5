//! A value in a document, and the way to it.

use std::fmt;

use super::document::Value;

/// A value, the way to it, and what whoever goes there carries along: `C`. Its [`Display`](fmt::Display) is the JSON
/// path.
#[derive(Clone, Copy)]
pub(crate) struct Node<'n, C> {
    pub(crate) value: Value<'n>,
    step: Step<'n>,
    parent: Option<&'n Node<'n, C>>,
    pub(crate) carried: C,
}

/// The last step of the way.
#[derive(Clone, Copy)]
enum Step<'n> {
    /// None: the way begins here, at this path.
    Root(&'n str),
    Member(&'n str),
    Item(usize),
}

impl<'n, C: Copy> Node<'n, C> {
    /// The node that the way begins with; `path` is its path.
    pub(crate) fn new(value: Value<'n>, path: &'n str, carried: C) -> Self {
        Self { value, step: Step::Root(path), parent: None, carried }
    }

    /// Another value in the place of this one.
    pub(crate) fn replaced_by<'m>(&self, value: Value<'m>) -> Node<'m, C>
    where
        'n: 'm,
    {
        Node { value, step: self.step, parent: self.parent, carried: self.carried }
    }

    /// The node of a member, whose value the caller has looked up.
    #[inline(always)]
    pub(crate) fn at_member<'m>(&'m self, name: &'m str, value: Value<'m>) -> Node<'m, C> {
        Node { value, step: Step::Member(name), parent: Some(self), carried: self.carried }
    }

    /// The nodes of an array's items; none for another value.
    pub(crate) fn at_items<'m>(&'m self) -> impl Iterator<Item = Node<'m, C>> {
        self.value.items().enumerate().map(|(index, value)| Node {
            value,
            step: Step::Item(index),
            parent: Some(self),
            carried: self.carried,
        })
    }

    /// The JSON path.
    pub(crate) fn path(&self) -> String {
        self.to_string()
    }

    /// Whether the way leads through a member of this name.
    pub(crate) fn is_under(&self, name: &str) -> bool {
        self.outwards().any(|node| matches!(node.step, Step::Member(step) if step == name))
    }

    /// Whether an object around this value has a member of this name.
    pub(crate) fn is_beside(&self, name: &str) -> bool {
        self.outwards().skip(1).any(|node| node.value.member(name).is_some())
    }

    /// This node and those around it, from the inside out.
    pub(crate) fn outwards(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |node| node.parent)
    }
}

impl<C> fmt::Display for Node<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root(path) => f.write_str(path),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}
