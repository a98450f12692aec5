//! Why there is no answer.

use serde::Serialize;
use stuntkey::Error;
use stuntkey::authenticator::{AuthenticatorError, BuildError, StoreError};
use stuntkey::client::NextStep;
use stuntkey::fault::FaultError;
use stuntkey::webauthn::InputError;

/// What an operation says in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Refusal {
    /// The name of the DOMException that a browser would raise, `TypeError`, or a name of this door.
    name: String,
    /// What is wrong, what was found and what was expected.
    message: String,
    /// Where, as a JSON path into the request or into the options in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// What to do next, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The names that are the door's own, each with `Error` after it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Name {
    /// The request is not one of this door's.
    Request,
    /// A handle that this door has not given, or whose thing was freed.
    Handle,
    /// A fault that cannot be made here.
    Fault,
    /// A credential that cannot be kept, found or read.
    Store,
    /// The host has given no time, and has no clock.
    Clock,
    /// There is no randomness.
    Random,
}

impl Name {
    /// As it stands in an answer: `RequestError`.
    fn text(self) -> String {
        format!("{self:?}Error")
    }
}

impl Refusal {
    pub(crate) fn new(name: Name, message: impl Into<String>) -> Self {
        Self { name: name.text(), message: message.into(), path: None, hint: None }
    }

    /// `{"error": …}`.
    pub(crate) fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Answer<'a> {
            error: &'a Refusal,
        }
        // Texts alone, which always are JSON.
        serde_json::to_string(&Answer { error: self }).unwrap_or_default()
    }

    /// The same, about a member of the request: its path begins at the request.
    pub(crate) fn in_request(self) -> Self {
        let path = self.path.map(|path| if path.starts_with('$') { path } else { format!("$.{path}") });
        Self { path, ..self }
    }

    pub(crate) fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl From<InputError> for Refusal {
    fn from(error: InputError) -> Self {
        let hint = error.hint().map(NextStep::to_string);
        Self { name: "TypeError".into(), message: error.to_string(), path: Some(error.path), hint }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let hint = error.hint().map(|step| step.to_string());
        let name = match (&error, error.dom_exception()) {
            (Error::Input(_), _) => "TypeError".to_owned(),
            (_, Some(exception)) => exception.to_string(),
            (Error::Edit(_) | Error::Fault(_), None) => Name::Fault.text(),
            (Error::Random(_), None) => Name::Random.text(),
            (_, None) => Name::Store.text(),
        };
        let path = match &error {
            Error::Input(error) => Some(error.path.clone()),
            _ => None,
        };
        let hint = hint.or_else(|| match &error {
            Error::Fault(FaultError::Built { fault, .. }) => {
                Some(format!("make the client with \"preparedFor\": {fault:?}"))
            }
            Error::Fault(FaultError::Model { setting, .. }) => {
                Some(format!("leave out {setting:?}, which the fault sets itself"))
            }
            Error::Edit(_) => Some(
                "the fault changes something that this ceremony does not have: make it in another ceremony"
                    .into(),
            ),
            _ => None,
        });
        // The name stands by itself.
        let text = error.to_string();
        let message = text.strip_prefix(&format!("{name}: ")).map(str::to_owned).unwrap_or(text);
        Self { name, message, path, hint }
    }
}

impl From<BuildError> for Refusal {
    fn from(error: BuildError) -> Self {
        Error::from(error).into()
    }
}

impl From<FaultError> for Refusal {
    fn from(error: FaultError) -> Self {
        Error::from(error).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

impl From<AuthenticatorError> for Refusal {
    fn from(error: AuthenticatorError) -> Self {
        Self::new(Name::Store, error.to_string())
    }
}
