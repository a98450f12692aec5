use std::time::SystemTime;

/// The time that attestation statements state. Two formats state one: `android-safetynet` and `android-key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that stands still at this time, in milliseconds since 1970.
    Fixed(u64),
}

impl Clock {
    /// The clock of seeded authenticators: it stands still at the beginning of 2026, UTC.
    pub const SEEDED: Clock = Clock::Fixed(1_767_225_600_000);

    /// The time in milliseconds since 1970; 0 if the system's clock is set to an earlier time, or there is none, as in
    /// WebAssembly.
    #[must_use]
    pub fn now(self) -> u64 {
        match self {
            // This target has no clock, and asking for it panics.
            Clock::System if cfg!(all(target_family = "wasm", target_os = "unknown")) => 0,
            Clock::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Clock::Fixed(milliseconds) => milliseconds,
        }
    }
}
