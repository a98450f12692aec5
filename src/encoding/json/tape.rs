//! What a document is made of: its values, one after the other, and where each stands in the text.

use std::borrow::Cow;
use std::ops::Range;

use super::escape::unescaped;

/// A value of a document.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// The name of a member.
    pub(super) name: Literal,
    /// Where a string or a number stands in the text; for an array or an object, which entries it holds.
    pub(super) place: Literal,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number,
    String,
    Array,
    Object,
}

/// Where a literal stands in the text: its start in the upper half, its length below, and in the lowest bit whether it is
/// a string with escapes. The quotation marks of a string do not belong to it. One number stays in a register.
#[derive(Clone, Copy)]
pub(super) struct Literal(u64);

impl Literal {
    pub(super) const NONE: Self = Self(0);

    /// Lengths up to 2 GiB fit, and no text is longer.
    pub(super) fn new(start: usize, length: usize, escaped: bool) -> Self {
        let at_most = |number: usize, most: u64| u64::try_from(number).unwrap_or(most).min(most);
        let (start, length) = (at_most(start, 0xffff_ffff), at_most(length, 0x7fff_ffff));
        Self(start << 32 | length << 1 | u64::from(escaped))
    }

    pub(super) fn escaped(self) -> bool {
        self.0 & 1 == 1
    }

    pub(super) fn length(self) -> usize {
        usize::try_from(self.0 >> 1 & 0x7fff_ffff).unwrap_or(usize::MAX)
    }

    pub(super) fn range(self) -> Range<usize> {
        let start = usize::try_from(self.0 >> 32).unwrap_or(usize::MAX);
        start..start + self.length()
    }

    /// The literal as it is written.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// The string that the literal stands for.
    pub(super) fn string(self, text: &str) -> Cow<'_, str> {
        let literal = self.of(text);
        match self.escaped() {
            true => unescaped(literal).map_or(Cow::Borrowed(literal), Cow::Owned),
            false => Cow::Borrowed(literal),
        }
    }

    /// Whether the string is `other`. Most strings differ in length, which is compared inline.
    #[inline(always)]
    pub(super) fn is(self, text: &str, other: &str) -> bool {
        if self.escaped() {
            return self.means(text, other);
        }
        self.length() == other.len() && text.as_bytes().get(self.range()) == Some(other.as_bytes())
    }

    #[cold]
    fn means(self, text: &str, other: &str) -> bool {
        // An escape has at most six bytes for one, and never fewer than what it stands for.
        (self.length() / 6..=self.length()).contains(&other.len()) && self.string(text) == other
    }

    /// Whether both literals are the same bytes.
    #[inline(always)]
    pub(super) fn equals(self, other: Self, text: &str) -> bool {
        self.length() == other.length()
            && text.as_bytes().get(self.range()) == text.as_bytes().get(other.range())
    }
}
