//! User verification: whether the user was verified, and whether that was asked for.

use stuntkey::authenticator::FlagOverrides;
use stuntkey::draft::Edit;
use stuntkey::webauthn::{Ceremony, Flags, UserVerification};

use super::play::registers_and_logs_in;
use crate::core::case::Level;
use crate::core::outcome::Outcome;
use crate::relying_party::need::Need;
use crate::relying_party::stage::Stage;
use crate::relying_party::suite::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = user_verification(Ceremony::Create);
    cases.extend(user_verification(Ceremony::Get));
    cases
}

/// What user verification may be like in either ceremony: what was asked for, and whether the user was verified.
const USER_VERIFICATION: [(&str, &str, UserVerification, bool); 4] = [
    (
        "accepts/user-verification/preferred-clear",
        "accept a user who was not verified, if verification is preferred",
        UserVerification::Preferred,
        false,
    ),
    (
        "accepts/user-verification/preferred-set",
        "accept a user who was verified, if verification is preferred",
        UserVerification::Preferred,
        true,
    ),
    (
        "accepts/user-verification/discouraged-clear",
        "accept a user who was not verified, if verification is discouraged",
        UserVerification::Discouraged,
        false,
    ),
    (
        "accepts/user-verification/discouraged-set",
        "accept a user who was verified, though verification is discouraged",
        UserVerification::Discouraged,
        true,
    ),
];

fn user_verification(ceremony: Ceremony) -> Vec<Case> {
    let case = |(id, requirement, wanted, verified): (&str, &str, UserVerification, bool)| {
        let case = match ceremony {
            Ceremony::Create => {
                Case::of(ceremony, id, requirement, "WebAuthn L3 §7.1 step 16", move |stage| {
                    registration_with_verification(stage, verified)
                })
            }
            Ceremony::Get => Case::of(ceremony, id, requirement, "WebAuthn L3 §7.2 step 17", move |stage| {
                login_with_verification(stage, wanted, verified)
            }),
        };
        // Whether it requires verification is the relying party's to say, though the options should say the same.
        case.with_level(if verified { Level::Must } else { Level::Should })
            .if_the_target(Need::UserVerification(ceremony, wanted))
    };
    USER_VERIFICATION.into_iter().map(case).collect()
}

fn registration_with_verification(stage: &mut Stage<'_>, verified: bool) -> Outcome {
    let mut person = stage.person_with(|authenticator| {
        authenticator.flags(FlagOverrides::default().force(Flags::UV, verified))
    })?;
    registers_and_logs_in(&mut person)
}

fn login_with_verification(stage: &mut Stage<'_>, wanted: UserVerification, verified: bool) -> Outcome {
    let mut person = stage.person()?;
    person.register()?.accepted("the registration")?;
    let begun = person.begin_authentication(true)?;
    // The authenticator verifies its user unless it is asked not to.
    let verifies = wanted != UserVerification::Discouraged;
    let edit = (verifies != verified)
        .then(|| Edit::authenticator_data(move |data| data.flags = data.flags.with(Flags::UV, verified)));
    let reply = person.get_edited(edit, &begun.body)?;
    person.finish_authentication(&reply)?.accepted("the login").map(drop)
}
