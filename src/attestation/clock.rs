use std::time::SystemTime;

/// What time it is. Two attestation statement formats say it: `android-safetynet` and `android-key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Always this time: milliseconds since 1970.
    Fixed(u64),
}

impl Clock {
    /// The time of seeded authenticators: the beginning of 2026, UTC.
    pub const SEEDED: Clock = Clock::Fixed(1_767_225_600_000);

    /// Milliseconds since 1970. A system clock that stands before that gives 0.
    #[must_use]
    pub fn now(self) -> u64 {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Clock::Fixed(milliseconds) => milliseconds,
        }
    }
}
