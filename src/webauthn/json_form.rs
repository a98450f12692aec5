//! The JSON forms that the standard gives its dictionaries, in both directions.

use std::cell::RefCell;

use super::input::{InputError, Notice};
use super::reading::Node;
use crate::encoding::json::{Document, Json, ObjectWriter};

/// A dictionary of the standard that has a JSON form.
pub(crate) trait JsonForm: Sized {
    /// Reads the object that holds the members.
    ///
    /// # Errors
    /// [`InputError`].
    fn read(object: &Node<'_>) -> Result<Self, InputError>;

    /// Writes the members.
    fn write(&self, object: &mut ObjectWriter<'_>);
}

/// Reads what a tree holds. What could be mended is added to `notices`.
pub(super) fn from_tree<T: JsonForm>(
    json: &Json<'_>,
    path: &str,
    notices: &mut Vec<Notice>,
) -> Result<T, InputError> {
    let mut text = String::new();
    let document = Document::of_tree(json, &mut text).map_err(|error| InputError::at(error, &path))?;
    let mended = RefCell::new(std::mem::take(notices));
    let result = T::read(&Node::new(document.root(), path, &mended));
    *notices = mended.take();
    result
}
