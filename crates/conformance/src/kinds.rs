//! The kinds of targets that reports are about.

#[cfg(feature = "authenticators")]
use crate::authenticator::report::AuthenticatorKind;
#[cfg(feature = "authenticators")]
use crate::authenticator::suite::AuthenticatorProfile;
use crate::core::report::{Format, Report};
use crate::relying_party::report::RelyingPartyKind;

impl Report {
    /// The report in this format.
    #[must_use]
    pub fn to_text(&self, format: Format) -> String {
        #[cfg(feature = "authenticators")]
        if AuthenticatorProfile::from_name(&self.profile).is_some() {
            return self.write(format, &AuthenticatorKind);
        }
        self.write(format, &RelyingPartyKind::new(&self.profile))
    }
}
