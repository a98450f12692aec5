//! Sound authenticators, before which cases are rehearsed.

use stuntkey::authenticator::Model;

use super::suite::AuthenticatorProfile;

/// The sound authenticator that has most of what a profile speaks of.
pub(crate) fn sound_model(profile: AuthenticatorProfile) -> Model {
    let name = match profile {
        AuthenticatorProfile::U2f => "u2f_only",
        AuthenticatorProfile::V2_0 => "security_key_ctap2_0",
        AuthenticatorProfile::V2_1 => "security_key_ctap2_1",
        AuthenticatorProfile::V2_3 => "full",
    };
    Model::named(name).unwrap_or_default()
}
