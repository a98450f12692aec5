//! A case explained.

/// A case explained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The requirement as a sentence: "A relying party must refuse …".
    pub sentence: String,
    /// Names and values: level, severity, clause …
    pub facts: Vec<(&'static str, String)>,
    /// The requests of the case, and what a sound target does with each.
    pub steps: Vec<String>,
    /// The command that plays this case alone.
    pub command: String,
}

#[cfg(test)]
pub(crate) mod pages;
