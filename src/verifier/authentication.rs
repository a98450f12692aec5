//! Verifying an authentication assertion (WebAuthn L3 §7.2), step by step.

use super::authenticator_data::{self, AuthenticatorData, Wanted};
use super::check::Check;
use super::expectations::{AuthenticationExpectations, CredentialRecord, Credentials, RegisteredCredential};
use super::judge::{Hex, Judge, hex};
use super::key::VerifyingKey;
use super::received::Received;
use super::relying_party::RelyingParty;
use super::{client_data, extensions};
use crate::webauthn::Flags;

/// An authentication that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAuthentication {
    /// The user handle of the user who logged in.
    pub user_handle: Vec<u8>,
    /// The record to store in place of the one before (§7.2 step 24).
    pub record: CredentialRecord,
    /// The flags.
    pub flags: Flags,
    /// Whether the signature counter did not rise, a sign of a clone (§7.2 step 22).
    pub stale_sign_count: bool,
}

/// Goes through the steps. The result is `None` if a failed check left too little to go on with; the caller has to look
/// at the judge for failed checks in any case.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    relying_party: &RelyingParty,
    reply: &str,
    expected: &AuthenticationExpectations,
    credentials: &dyn Credentials,
) -> Option<VerifiedAuthentication> {
    judge.not_applicable(1, "done before");
    judge.not_applicable(2, "done before");
    let received = Received::read(judge, reply);
    let policy = relying_party.policy();
    let credential = examine_user(judge, &received, expected, credentials);
    let client_data_hash = received
        .client_data_json
        .as_deref()
        .map(|json| client_data::examine(judge, json, &expected.challenge, policy));
    let auth_data = received.authenticator_data.as_deref()?;
    let data = AuthenticatorData::parse(auth_data);
    let data = judge.require(Check::AuthenticatorDataLayout, data, "what the flags and lengths tell")?;
    data.examine_form(judge, policy);
    let wanted = Wanted { user_present: true, user_verified: expected.user_verification };
    authenticator_data::examine(judge, &data, &wanted, relying_party);
    let found = || "attested credential data".to_owned();
    judge.check(
        Check::AttestedCredentialData,
        data.attested.is_none(),
        found,
        "none, as it is an authentication",
    );
    extensions::examine(judge, &received, &data, &expected.extensions, policy);

    let credential = credential?;
    let record = credential.record;
    let (eligible, was) = (data.flags.contains(Flags::BE), record.backup_eligible);
    let say = |eligible| if eligible { "BE" } else { "no BE" };
    let check = Check::BackupEligibilityChanged;
    let found = || say(eligible).to_owned();
    judge.check(check, eligible == was, found, format_args!("{}, as at registration", say(was)));
    authenticator_data::examine_backup_policy(judge, data.flags, policy);
    let signed = [auth_data, &client_data_hash?];
    examine_signature(judge, relying_party, &record, &signed, received.signature.as_deref()?);
    let stale = examine_sign_count(judge, data.sign_count, record.sign_count, expected.stale_sign_count);
    judge.done(24);
    judge.not_applicable(25, "left to the relying party");
    Some(VerifiedAuthentication {
        user_handle: credential.user_handle,
        record: CredentialRecord {
            sign_count: data.sign_count,
            uv_initialized: record.uv_initialized || data.flags.contains(Flags::UV),
            backup_state: data.flags.contains(Flags::BS),
            ..record
        },
        flags: data.flags,
        stale_sign_count: stale,
    })
}

/// Steps 5 and 6.
fn examine_user(
    judge: &mut Judge<'_>,
    received: &Received,
    expected: &AuthenticationExpectations,
    credentials: &dyn Credentials,
) -> Option<RegisteredCredential> {
    let id = received.id.as_ref()?;
    match expected.allow_credentials.as_slice() {
        [] => judge.not_applicable(5, "no credential was asked for by name"),
        allowed => {
            let found = || format!("the credential {}", hex(id));
            judge.check(Check::CredentialAllowed, allowed.contains(id), found, "one of allowCredentials");
        }
    }
    let found = credentials.find(id).ok_or_else(|| format!("the credential {}", hex(id)));
    let credential = judge.require(Check::CredentialKnown, found, "a credential that is registered")?;
    let owner = &credential.user_handle;
    if let Some(user) = &expected.user {
        let found = || format!("a credential of the user {}", hex(owner));
        judge.check(
            Check::CredentialKnown,
            user == owner,
            found,
            format_args!("one of the user {}", Hex(user)),
        );
    }
    match &received.user_handle {
        Some(Some(handle)) => {
            judge.check(Check::UserHandle, handle == owner, || hex(handle), Hex(owner));
        }
        Some(None) => {
            let known = expected.user.is_some();
            judge.check(Check::UserHandleMissing, known, || "none".into(), "a user handle");
        }
        // A user handle that could not be read has been refused before.
        None => {}
    }
    Some(credential)
}

/// Step 21.
fn examine_signature(
    judge: &mut Judge<'_>,
    relying_party: &RelyingParty,
    record: &CredentialRecord,
    signed: &[&[u8]],
    signature: &[u8],
) {
    let key = VerifyingKey::from_cose(&record.public_key).map_err(|refusal| refusal.found);
    let verified = key.and_then(|(key, algorithm)| {
        let verified = key.verify_with(relying_party.backend(), algorithm, signed, signature);
        verified.map_err(|refusal| refusal.found)
    });
    let holds = verified.is_ok();
    let expected = "a signature by the registered key";
    judge.check(Check::Signature, holds, || verified.err().unwrap_or_default(), expected);
}

/// Step 22. Returns whether the counter failed to rise.
fn examine_sign_count(judge: &mut Judge<'_>, found: u32, stored: u32, stale_allowed: bool) -> bool {
    let stale = (found != 0 || stored != 0) && found <= stored;
    let holds = !stale || stale_allowed;
    judge.check(Check::SignCount, holds, || found.to_string(), format_args!("more than {stored}"));
    if stale && stale_allowed {
        judge.note(22, format_args!("{found} after {stored}, let pass"));
    }
    stale
}
