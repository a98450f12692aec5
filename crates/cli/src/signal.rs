//! The end that somebody calls for.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// Becomes true at the first interruption, so that what has begun comes to its end; a second one ends the tool at
/// once.
pub(crate) fn stopped() -> Result<&'static AtomicBool, Failure> {
    static STOPPED: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stuntkey: note: stopping; once more ends it at once");
    })
    .map_err(|error| Failure::Tool(format!("cannot listen for signals: {error}")))?;
    Ok(&STOPPED)
}
