//! The door as an extension module: `stuntkey._native`.

#![forbid(unsafe_code)]

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::Door;
}

/// A door, behind which nothing is at first. Threads may share it.
#[pyclass(frozen, module = "stuntkey._native")]
struct Door(Mutex<stuntkey_door::Door>);

#[pymethods]
impl Door {
    #[new]
    fn new() -> Self {
        Self(Mutex::new(stuntkey_door::Door::new()))
    }

    /// Carries out a request, which is JSON, and gives the answer, which is JSON too.
    fn call(&self, py: Python<'_>, request: &str) -> String {
        // Other threads of Python run meanwhile, so the one that has the lock never waits for one that has Python's.
        py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).call(request))
    }
}
