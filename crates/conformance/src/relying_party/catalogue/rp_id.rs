//! The RP ID hash: replies for the domains above and below the RP ID.

use super::body::{changed, with_member};
use super::play::{login_case, registration_case};
use crate::core::outcome::{Outcome, Stop};
use crate::relying_party::need::Need;
use crate::relying_party::stage::{Reason, Stage};
use crate::relying_party::suite::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn registration() -> Vec<Case> {
    vec![
        registration_case(
            "authenticator-data/rp-id-hash/subdomain",
            "refuse a registration for a subdomain of its RP ID",
            "WebAuthn L3 §7.1 step 14",
            |stage| register_for(stage, subdomain),
        )
        .catches("authenticator-data/rp-id-hash"),
        registration_case(
            "authenticator-data/rp-id-hash/parent-domain",
            "refuse a registration for the parent domain of its RP ID",
            "WebAuthn L3 §7.1 step 14",
            |stage| register_for(stage, parent_domain),
        )
        .if_the_target(Need::SeveralLabels)
        .catches("authenticator-data/rp-id-hash"),
    ]
}

fn authentication() -> Vec<Case> {
    vec![
        login_case(
            "authenticator-data/rp-id-hash/subdomain",
            "refuse a login for a subdomain of its RP ID",
            "WebAuthn L3 §7.2 step 15",
            |stage| log_in_for(stage, subdomain),
        )
        .catches("authenticator-data/rp-id-hash"),
        login_case(
            "authenticator-data/rp-id-hash/parent-domain",
            "refuse a login for the parent domain of its RP ID",
            "WebAuthn L3 §7.2 step 15",
            |stage| log_in_for(stage, parent_domain),
        )
        .if_the_target(Need::SeveralLabels)
        .catches("authenticator-data/rp-id-hash"),
    ]
}

/// A sound registration, but for another RP ID.
fn register_for(stage: &mut Stage<'_>, other: fn(&str) -> Option<String>) -> Outcome {
    let mut person = stage.person_with_any_rp_id()?;
    let begun = person.begin_registration()?;
    let rp_id = other_rp_id(stage, begun.options.rp.id, other)?;
    let body = changed(&begun.body, |options| {
        for name in ["rp", "relyingParty"] {
            if let Some(rp) = options.member_mut(name) {
                rp.set("id", rp_id.clone());
            }
        }
    })?;
    let reply = person.create(&body)?;
    person
        .finish_registration(&reply)?
        .refused(&format!("a registration for {rp_id}"), Reason::step("7.1", 14))
}

/// A sound login, but for another RP ID.
fn log_in_for(stage: &mut Stage<'_>, other: fn(&str) -> Option<String>) -> Outcome {
    let mut person = stage.registered()?;
    let mut lax = stage.person_with_any_rp_id()?;
    let begun = person.begin_authentication(true)?;
    let rp_id = other_rp_id(stage, begun.options.rp_id, other)?;
    let mut credential = person.credential()?;
    credential.rp_id.clone_from(&rp_id);
    lax.keep(&credential)?;
    let body = with_member(&begun.body, "rpId", &rp_id)?;
    let reply = lax.get(&body)?;
    person.finish_authentication(&reply)?.refused(&format!("a login for {rp_id}"), Reason::step("7.2", 15))
}

fn other_rp_id(
    stage: &Stage<'_>,
    rp_id: Option<String>,
    other: fn(&str) -> Option<String>,
) -> Result<String, Stop> {
    let rp_id = rp_id.or_else(|| stage.host()).unwrap_or_default();
    other(&rp_id).ok_or_else(|| Stop::skip(format!("the RP ID {rp_id} has no parent domain")))
}

fn subdomain(rp_id: &str) -> Option<String> {
    Some(format!("sub.{rp_id}"))
}

fn parent_domain(rp_id: &str) -> Option<String> {
    rp_id.split_once('.').map(|(_, parent)| parent.to_owned())
}
