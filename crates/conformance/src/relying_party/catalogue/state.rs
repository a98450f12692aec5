//! What stays after a refusal: nothing.

use stuntkey::draft::Edit;

use super::play::{
    begun_login, begun_registration, leaves_nothing, leaves_the_counter, login_case, registration_case,
};
use crate::relying_party::suite::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        registration_case(
            "state/nothing-is-registered",
            "register nothing when it refuses",
            "WebAuthn L3 §7.1 step 29",
            |stage| {
                let (mut person, begun) = begun_registration(stage)?;
                let edit = Edit::authenticator_data(|data| data.rp_id_hash = [0; 32]);
                let reply = person.create_edited([edit], &begun.body)?;
                person.finish_registration(&reply)?.refused("a registration for another RP ID", None)?;
                leaves_nothing(stage, &mut person)
            },
        ),
        login_case(
            "state/the-counter-stays",
            "leave the signature counter where it was when it refuses",
            "WebAuthn L3 §7.2 steps 24 and 25",
            |stage| {
                let (mut person, begun) = begun_login(stage)?;
                let edit = Edit::authenticator_data(|data| data.rp_id_hash = [0; 32]);
                let reply = person.get_edited([edit], &begun.body)?;
                person.finish_authentication(&reply)?.refused("a login for another RP ID", None)?;
                leaves_the_counter(&mut person)
            },
        ),
    ]
}
