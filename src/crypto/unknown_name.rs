use std::fmt;

/// A text is none of the names that were expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What the name would be of, with its article: `an algorithm`.
    pub of: &'static str,
    /// The text.
    pub found: String,
    /// The names that there are.
    pub expected: Vec<&'static str>,
}

impl UnknownName {
    /// The value whose name is `text` in upper or lower case.
    pub(crate) fn find<T: Copy>(
        of: &'static str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
        text: &str,
    ) -> Result<T, Self> {
        let found = all.iter().copied().find(|value| name(*value).eq_ignore_ascii_case(text));
        found.ok_or_else(|| Self {
            of,
            found: text.to_owned(),
            expected: all.iter().map(|value| name(*value)).collect(),
        })
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {:?}, expected the name of {}: {}", self.found, self.of, self.expected.join(", "))
    }
}

impl std::error::Error for UnknownName {}
