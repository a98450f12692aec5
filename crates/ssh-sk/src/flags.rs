//! The flags of a key, as OpenSSH keeps them in the key's file.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u8);

impl Flags {
    pub(crate) const USER_PRESENCE_REQUIRED: Self = Self(0x01);
    pub(crate) const USER_VERIFICATION_REQUIRED: Self = Self(0x04);
    /// Overwrites a resident key of the same application and user.
    pub(crate) const FORCE_OPERATION: Self = Self(0x10);
    pub(crate) const RESIDENT_KEY: Self = Self(0x20);

    pub(crate) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    #[must_use]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
