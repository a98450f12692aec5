//! The files that `--report` names, each with the format that its name stands for.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Files and their formats.
pub(crate) struct ReportFiles<F>(Vec<(PathBuf, F)>);

impl<F: Copy> ReportFiles<F> {
    /// Finds the formats, of which `all` are there. A report that cannot be written is better known before a run than after
    /// it.
    ///
    /// # Errors
    /// A name stands for no format.
    pub(crate) fn of(
        files: &[PathBuf],
        all: &[(&str, F)],
        of_file: fn(&Path) -> Option<F>,
    ) -> Result<Self, Failure> {
        let format = |file: &PathBuf| match of_file(file) {
            Some(format) => Ok((file.clone(), format)),
            None => {
                let ends: Vec<String> = all.iter().map(|(end, _)| format!(".{end}")).collect();
                let expected = ends.join(", ");
                let found = format!("--report: found {file:?}, expected a name that ends in {expected}");
                Err(Failure::Usage(found))
            }
        };
        files.iter().map(format).collect::<Result<_, _>>().map(Self)
    }

    /// Writes every file that can be written.
    ///
    /// # Errors
    /// The first that cannot.
    pub(crate) fn write(&self, text: impl Fn(F) -> String) -> Result<(), Failure> {
        let written: Vec<_> = self.0.iter().map(|(file, format)| write(file, &text(*format))).collect();
        written.into_iter().collect()
    }
}

/// Writes a file.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| Failure::Tool(format!("{}: cannot write: {error}", file.display())))
}
