//! Registering a new credential (WebAuthn L3 §7.1), step by step.

use stuntkey_inspect::cbor::Item;

use super::attestation::{self, Attestation, Evidence};
use super::authenticator_data::{self, AttestedCredentialData, AuthenticatorData, Wanted};
use super::check::Check;
use super::expectations::{CredentialRecord, Credentials, RegistrationExpectations};
use super::judge::{Hex, Judge, hex};
use super::key::VerifyingKey;
use super::received::Received;
use super::relying_party::RelyingParty;
use super::{cbor, client_data, extensions};
use crate::crypto::Algorithm;
use crate::webauthn::{Aaguid, Flags};

/// The longest credential id that a relying party should accept (§7.1 step 25).
const MOST_CREDENTIAL_ID_BYTES: usize = 1023;

/// A registration that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRegistration {
    /// What to store (§7.1 step 27).
    pub record: CredentialRecord,
    /// The authenticator's model.
    pub aaguid: Aaguid,
    /// The flags.
    pub flags: Flags,
    /// The attestation: its format, type and trust path.
    pub attestation: Attestation,
}

/// Goes through the steps. The result is `None` if a failed check left too little to go on with; the caller has to look
/// at the judge for failed checks in any case.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    relying_party: &RelyingParty,
    reply: &str,
    expected: &RegistrationExpectations,
    credentials: &dyn Credentials,
) -> Option<VerifiedRegistration> {
    judge.not_applicable(1, "done before");
    judge.not_applicable(2, "done before");
    let received = Received::read(judge, reply);
    let policy = relying_party.policy();
    let client_data_hash = received
        .client_data_json
        .as_deref()
        .map(|json| client_data::examine(judge, json, &expected.challenge, policy));
    let bytes = received.attestation_object.as_deref()?;
    let object = judge.require(Check::AttestationObjectCbor, cbor::read_first(bytes), ATTESTATION_OBJECT);
    let (object, length) = object?;
    let object = AttestationObject::of(judge, &object, bytes.len() - length, policy.canonical_cbor)?;
    let data = AuthenticatorData::parse(object.auth_data);
    let data = judge.require(Check::AuthenticatorDataLayout, data, "what the flags and lengths tell")?;
    data.examine_form(judge, policy);
    let wanted = Wanted { user_present: !expected.conditional, user_verified: expected.user_verification };
    authenticator_data::examine(judge, &data, &wanted, relying_party);
    authenticator_data::examine_backup_policy(judge, data.flags, policy);
    let attested = data.attested.as_ref().ok_or_else(|| "no AT".to_owned());
    let attested =
        judge.require(Check::AttestedCredentialData, attested, "attested credential data with the flag AT");
    extensions::examine(judge, &received, &data, &expected.extensions, policy);
    let attested = attested?;
    let key = examine_key(judge, attested, &expected.algorithms);
    examine_credential_id(judge, &attested.credential_id, credentials);
    if let Some(id) = &received.id {
        let holds = *id == attested.credential_id;
        let found = || format!("the id {}", hex(id));
        judge.check(Check::CredentialIdAttested, holds, found, Hex(&attested.credential_id));
    }

    let attestation = attestation::examine(
        judge,
        object.fmt,
        object.att_stmt,
        &Evidence {
            auth_data: object.auth_data,
            client_data_hash: &client_data_hash?,
            rp_id_hash: &data.rp_id_hash,
            aaguid: attested.aaguid,
            credential_id: &attested.credential_id,
            key: key.as_ref(),
            enterprise: expected.enterprise,
            relying_party,
        },
    )?;
    attestation::examine_trust(judge, &attestation, relying_party);
    judge.done(27);
    judge.not_applicable(29, "left to the relying party");
    Some(VerifiedRegistration {
        record: CredentialRecord {
            id: attested.credential_id.clone(),
            public_key: attested.public_key_bytes.clone(),
            sign_count: data.sign_count,
            uv_initialized: data.flags.contains(Flags::UV),
            transports: received.transports,
            backup_eligible: data.flags.contains(Flags::BE),
            backup_state: data.flags.contains(Flags::BS),
        },
        aaguid: attested.aaguid,
        flags: data.flags,
        attestation: attestation.into_attestation(),
    })
}

/// Step 20.
fn examine_key(
    judge: &mut Judge<'_>,
    attested: &AttestedCredentialData<'_>,
    algorithms: &[i64],
) -> Option<(VerifyingKey, Algorithm)> {
    let key = VerifyingKey::from_item(&attested.public_key).map_err(|refusal| refusal.found);
    let key = judge.require(Check::CredentialPublicKey, key, "a COSE_Key that can verify");
    if let Some((_, algorithm)) = &key {
        let identifier = algorithm.cose_identifier();
        let found = || format!("{identifier} ({algorithm})");
        let holds = algorithms.contains(&identifier);
        judge.check(Check::Algorithm, holds, found, format_args!("one of {algorithms:?}"));
        if holds {
            judge.note(20, algorithm);
        }
    }
    key
}

/// Steps 25 and 26.
fn examine_credential_id(judge: &mut Judge<'_>, id: &[u8], credentials: &dyn Credentials) {
    let length = id.len();
    let holds = length <= MOST_CREDENTIAL_ID_BYTES;
    judge.check(Check::CredentialIdLength, holds, || format!("{length} bytes"), "at most 1023 bytes");
    let known = credentials.find(id).is_some();
    let found = || "the id of a credential that is registered".to_owned();
    judge.check(Check::CredentialIdInUse, !known, found, "a new id");
}

/// The attestation object (§6.5.4).
struct AttestationObject<'a> {
    fmt: &'a str,
    att_stmt: &'a Item<'a>,
    auth_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// Step 13. So many bytes follow the object.
    fn of(judge: &mut Judge<'_>, object: &'a Item<'a>, following: usize, canonical: bool) -> Option<Self> {
        let map = object.is_map().then_some(()).ok_or_else(|| object.kind_name().to_owned());
        judge.require(Check::AttestationObjectCbor, map, ATTESTATION_OBJECT)?;
        judge.check(
            Check::AttestationObjectTrailing,
            following == 0,
            || format!("{following} bytes more"),
            "nothing more",
        );
        let departure = cbor::departure(object, !canonical);
        let holds = departure.is_none();
        let found = || departure.unwrap_or_default();
        judge.check(Check::AttestationObjectCanonical, holds, found, "the CTAP2 canonical encoding form");
        let found = |name| format!("{} as {name}", cbor::kind_of(object.member(name)));
        let fmt = object.member("fmt").and_then(Item::text).ok_or_else(|| found("fmt"));
        let fmt = judge.require(Check::AttestationObjectFmt, fmt, "a text");
        let statement = object.member("attStmt").filter(|value| value.is_map() || value.items().is_some());
        let statement = statement.ok_or_else(|| found("attStmt"));
        let statement = judge.require(Check::AttestationObjectStatement, statement, "a map or an array");
        let auth_data = object.member("authData").and_then(Item::bytes).ok_or_else(|| found("authData"));
        let auth_data = judge.require(Check::AttestationObjectAuthData, auth_data, "a byte string");
        Some(Self { fmt: fmt?, att_stmt: statement?, auth_data: auth_data? })
    }
}

const ATTESTATION_OBJECT: &str = "a map of fmt, attStmt and authData";
