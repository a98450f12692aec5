//! The kinds of targets that reports are about.

use crate::authenticator::report::AuthenticatorKind;
use crate::authenticator::suite::AuthenticatorProfile;
use crate::core::report::{Format, Report};
use crate::relying_party::report::RelyingPartyKind;

impl Report {
    /// The report in this format.
    #[must_use]
    pub fn to_text(&self, format: Format) -> String {
        match AuthenticatorProfile::from_name(&self.profile) {
            Some(_) => self.write(format, &AuthenticatorKind),
            None => self.write(format, &RelyingPartyKind::new(&self.profile)),
        }
    }
}
