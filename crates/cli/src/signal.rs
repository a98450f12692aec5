//! Signals.

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

/// Has a write beyond the process's limit for files (`ulimit -f`) fail as any other write does, with a message. Without
/// this, SIGXFSZ ends the process without a word.
#[cfg(unix)]
pub(crate) fn report_a_file_that_is_too_large() {
    static TOO_LARGE: AtomicBool = AtomicBool::new(false);
    let handled = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, &TOO_LARGE);
    // Where the signal cannot be handled, all is as it was without this.
    drop(handled);
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub(crate) fn report_a_file_that_is_too_large() {}

/// What a signal says to a key.
pub(crate) enum Heard {
    /// SIGUSR1
    Touch,
    /// SIGUSR2
    PowerCycle,
    /// SIGINT, SIGTERM and the like.
    Stop,
}

/// Hands each signal over that a key listens to.
#[cfg(unix)]
pub(crate) fn listen(mut hand_over: impl FnMut(Heard) + Send + 'static) -> Result<(), Failure> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2])
        .map_err(|error| Failure::Tool(format!("cannot listen for signals: {error}")))?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            hand_over(match signal {
                SIGUSR1 => Heard::Touch,
                SIGUSR2 => Heard::PowerCycle,
                _ => Heard::Stop,
            });
        }
    });
    Ok(())
}

/// Other systems have none for touches.
#[cfg(not(unix))]
pub(crate) fn listen(mut hand_over: impl FnMut(Heard) + Send + 'static) -> Result<(), Failure> {
    ctrlc::set_handler(move || hand_over(Heard::Stop))
        .map_err(|error| Failure::Tool(format!("cannot listen for signals: {error}")))
}
