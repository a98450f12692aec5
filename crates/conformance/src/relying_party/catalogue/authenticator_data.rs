//! Authenticator data: flags, extensions and backup state.

use stuntkey::authenticator::{AuthenticatorBuilder, FlagOverrides};
use stuntkey::draft::Edit;
use stuntkey::webauthn::{Ceremony, Flags};

use super::faults::{Chapter, MUST_IN_FIDO, advice, chapter, should};
use super::play::{edited_login, login_case, registers_and_logs_in, with_authenticator};
use crate::core::case::Level;
use crate::relying_party::need::Need;
use crate::relying_party::stage::Reason;
use crate::relying_party::suite::{Case, L3_ONLY};

pub(super) const FAULTS: &[Chapter] = &[
    chapter("authenticator-data").aligned(Some("Attestation Resp-3"), Some("Assertion Resp-3")),
    // Later steps lack what they read.
    chapter("registration/authenticator-data/layout")
        .beside("§6.1; §6.5.1; §7.1 step 20")
        .aligned(Some("Attestation Resp-3"), None),
    chapter("authentication/authenticator-data/layout")
        .cites("WebAuthn L3 §6.1; §7.2 steps 15 and 22")
        .aligned(None, Some("Assertion Resp-3")),
    // Every step has what it reads, and outputs may be ignored.
    advice("authenticator-data/layout/trailing-bytes").cites("WebAuthn L3 §6.1").but(MUST_IN_FIDO),
    advice("authenticator-data/layout/ed-without-data").cites("WebAuthn L3 §6.1").but(MUST_IN_FIDO),
    advice("authenticator-data/layout/data-without-ed").cites("WebAuthn L3 §6.1").but(MUST_IN_FIDO),
    advice("authenticator-data/layout/extensions-not-a-map").cites("WebAuthn L3 §6.1").but(MUST_IN_FIDO),
    chapter("authenticator-data/attested-credential-data")
        .beside("§6.1; §6.5.1; §7.1 step 20")
        .aligned(Some("Attestation Resp-3"), None),
    // Asked of authenticators.
    advice("authenticator-data/attested-credential-data/unasked").cites("WebAuthn L3 §6.1"),
    // Decoders SHOULD reject what is not canonical.
    should("authenticator-data/canonical").cites("WebAuthn L3 §2.4"),
    should("authenticator-data/canonical/key-order").cites("WebAuthn L3 §2.4; §6.5.1"),
    should("authenticator-data/canonical/duplicate-parameter").cites("WebAuthn L3 §2.4; §6.5.1"),
    chapter("authenticator-data/rp-id-hash").aligned(None, Some("Assertion Resp-3")),
    chapter("authenticator-data/user-verified").aligned(Some("Attestation Resp-1"), Some("Assertion Resp-3")),
    chapter("authenticator-data/backup-state").only_in(L3_ONLY),
    // Asked of those who use the backup state.
    should("authenticator-data/backup-eligibility").only_in(L3_ONLY),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = registration();
    cases.extend(authentication());
    cases
}

fn registration() -> Vec<Case> {
    vec![
Case::of(
            Ceremony::Create,
            "accepts/conditional-create",
            "accept a registration without the user's presence, where it asked for a conditional create",
            "WebAuthn L3 §7.1 step 15; §6.3.2",
            |stage| registers_and_logs_in(&mut stage.person()?),
        )
        .only_in(L3_ONLY)
        .if_the_target(Need::ConditionalCreate),
with_authenticator(
            "accepts/authenticator-data/extension-data",
            "accept authenticator data with the output of an extension that it does not know, or refuse it without breaking",
            "WebAuthn L3 §7.1 step 28",
            extension_data,
        )
        .with_level(Level::May)
        .aligned_with(Some("Attestation Resp-3")),
with_authenticator(
            "accepts/backup/eligible",
            "accept a credential that may be backed up",
            "WebAuthn L3 §7.1 step 18; §6.1.3",
            |authenticator| authenticator.backup(true, false),
        )
        .with_level(Level::May)
        .only_in(L3_ONLY),
with_authenticator(
            "accepts/backup/backed-up",
            "accept a credential that is backed up",
            "WebAuthn L3 §7.1 step 19; §6.1.3",
            |authenticator| authenticator.backup(true, true),
        )
        .with_level(Level::May)
        .only_in(L3_ONLY),
with_authenticator(
            "accepts/authenticator-data/reserved-flags",
            "accept authenticator data in which reserved flags are set",
            "WebAuthn L3 §6.1",
            |authenticator| authenticator.flags(FlagOverrides::default().force(Flags(0x22), true)),
        )
        .with_level(Level::May),
    ]
}

fn authentication() -> Vec<Case> {
    vec![
edited_login(
            "accepts/authenticator-data/reserved-flags",
            "accept authenticator data in which reserved flags are set",
            "WebAuthn L3 §6.1",
            Edit::authenticator_data(|data| data.flags = data.flags.with(Flags(0x22), true)),
        )
        .with_level(Level::May),
edited_login(
            "accepts/authenticator-data/extension-data",
            "accept authenticator data with the output of an extension that it does not know, or refuse it without breaking",
            "WebAuthn L3 §7.2 step 23",
            Edit::authenticator_data(|data| {
                data.flags = data.flags.with(Flags::ED, true);
                data.extensions = Some(UNKNOWN_EXTENSION.to_vec());
            }),
        )
        .with_level(Level::May)
        .aligned_with(Some("Assertion Resp-3")),
Case::of(
            Ceremony::Get,
            "accepts/backup/state-changes",
            "accept a credential that has been backed up since its registration",
            "WebAuthn L3 §7.2 step 19; §6.1.3",
            |stage| {
                let mut person = stage.registered_with(|a| a.backup(true, false))?;
                let mut credential = person.credential()?;
                credential.backup_state = true;
                person.keep(&credential)?;
                person.log_in()?.accepted("the login").map(drop)
            },
        )
        .with_level(Level::May)
        .only_in(L3_ONLY),
login_case(
            "authenticator-data/backup-eligibility/cleared",
            "refuse a credential that was eligible for backup and no longer is",
            "WebAuthn L3 §7.2 step 19",
            |stage| {
                let mut person = stage.registered_with(|a| a.backup(true, false))?;
                person.log_in()?.required("a login with it")?;
                let begun = person.begin_authentication(true)?;
                let edit = Edit::authenticator_data(|data| {
                    data.flags = data.flags.with(Flags::BE, false).with(Flags::BS, false);
                });
                let reply = person.get_edited([edit], &begun.body)?;
                person.finish_authentication(&reply)?.refused("a login with BE clear", Reason::step("7.2", 19))
            },
        )
        .with_level(Level::Should)
        .only_in(L3_ONLY)
        .catches("authenticator-data/backup-eligibility"),
    ]
}

/// `{"stuntkey": true}`: an extension of nobody's.
const UNKNOWN_EXTENSION: &[u8] = b"\xa1\x68stuntkey\xf5";

fn extension_data(authenticator: AuthenticatorBuilder) -> AuthenticatorBuilder {
    authenticator
        .extension_data(UNKNOWN_EXTENSION)
        .expect("a canonical CBOR map, as the cases are tested to send")
}
