//! Authenticator data (WebAuthn L3 §6.1), read for the verifier: §7.1 steps 14 to 19, §7.2 steps 15 to 19.

use stuntkey_inspect::authenticator_data::{self as reader, Field};
use stuntkey_inspect::cbor::Item;

use super::cbor;
use super::check::Check;
use super::expectations::RelyingPartyPolicy;
use super::judge::{Hex, Judge, hex};
use super::relying_party::RelyingParty;
use crate::webauthn::{Aaguid, Flags};

/// Authenticator data, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: [u8; 32],
    pub(super) flags: Flags,
    pub(super) sign_count: u32,
    pub(super) attested: Option<AttestedCredentialData<'a>>,
    extensions: Option<Item<'a>>,
}

/// Attested credential data (§6.5.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttestedCredentialData<'a> {
    pub(super) aaguid: Aaguid,
    pub(super) credential_id: Vec<u8>,
    /// The COSE_Key.
    pub(super) public_key: Item<'a>,
    /// The COSE_Key as it came.
    pub(super) public_key_bytes: Vec<u8>,
}

impl<'a> AuthenticatorData<'a> {
    /// Reads `bytes`; the error says what was found.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let data = reader::read(bytes, 0..bytes.len(), cbor::LIMITS);
        if let Some(stop) = &data.stop {
            return Err(cbor::place(stop));
        }
        let flags = Flags(value(data.flags)?);
        if !data.rest.is_empty() {
            return Err(format!("{} bytes more than the flags {flags} tell", data.rest.len()));
        }
        let attested = match data.attested {
            Some(attested) => Some(AttestedCredentialData::whole(attested, bytes)?),
            None => None,
        };
        if let Some(extensions) = &data.extensions {
            cbor::all_is_text(extensions)?;
            if !extensions.is_map() {
                return Err(format!("ED, and {} as extension data", extensions.kind_name()));
            }
        }
        Ok(Self {
            rp_id_hash: value(data.rp_id_hash)?,
            flags,
            sign_count: value(data.sign_count)?,
            attested,
            extensions: data.extensions,
        })
    }

    /// Examines the encoding form of the credential key and the extension data.
    pub(super) fn examine_form(&self, judge: &mut Judge<'_>, policy: &RelyingPartyPolicy) {
        let key = self.attested.as_ref().map(|attested| &attested.public_key);
        let named = [("the credential key", key), ("the extension data", self.extensions.as_ref())];
        let departure = named.into_iter().find_map(|(name, item)| {
            Some(format!("{} in {name}", cbor::departure(item?, !policy.canonical_cbor)?))
        });
        let holds = departure.is_none();
        let check = Check::AuthenticatorDataCanonical;
        judge.check(check, holds, || departure.unwrap_or_default(), "the CTAP2 canonical encoding form");
    }

    /// The names of the extension outputs.
    pub(super) fn extension_names(&self) -> Vec<String> {
        let entries = self.extensions.iter().flat_map(Item::entries);
        entries.map(|(key, _)| key.text().map_or_else(|| key.kind_name().into(), str::to_owned)).collect()
    }
}

impl<'a> AttestedCredentialData<'a> {
    fn whole(attested: reader::AttestedCredentialData<'a>, bytes: &[u8]) -> Result<Self, String> {
        let public_key = attested.public_key.ok_or("AT, and no credential key")?;
        cbor::all_is_text(&public_key)?;
        Ok(Self {
            aaguid: Aaguid(value(attested.aaguid)?),
            credential_id: value(attested.credential_id)?.to_vec(),
            public_key_bytes: bytes.get(public_key.range.clone()).unwrap_or_default().to_vec(),
            public_key,
        })
    }
}

/// The value of a field. Every field is there if the reader did not stop.
fn value<T>(field: Option<Field<T>>) -> Result<T, String> {
    field.map(|field| field.value).ok_or_else(|| "too few bytes".into())
}

/// What the flags have to be in this ceremony.
pub(super) struct Wanted {
    pub(super) user_present: bool,
    pub(super) user_verified: bool,
}

/// Makes the checks of both ceremonies, from the RP ID hash to BS.
pub(super) fn examine(
    judge: &mut Judge<'_>,
    data: &AuthenticatorData<'_>,
    wanted: &Wanted,
    relying_party: &RelyingParty,
) {
    let rp_id_hash = relying_party.rp_id_hash();
    judge.check(
        Check::RpIdHash,
        data.rp_id_hash == *rp_id_hash,
        || hex(&data.rp_id_hash),
        format_args!("{}, the SHA-256 of {:?}", Hex(rp_id_hash), relying_party.policy().rp_id),
    );
    let flags = data.flags;
    let found = || format!("the flags {flags}");
    let step = |judge: &Judge<'_>, check: Check| check.step(judge.ceremony()).unwrap_or_default();
    match wanted.user_present {
        true => {
            judge.check(Check::UserPresent, flags.contains(Flags::UP), found, "UP");
        }
        false => {
            let step = step(judge, Check::UserPresent);
            judge.not_applicable(step, "the create was conditional");
        }
    }
    match wanted.user_verified {
        true => {
            judge.check(Check::UserVerified, flags.contains(Flags::UV), found, "UV");
        }
        false => {
            let step = step(judge, Check::UserVerified);
            judge.not_applicable(step, "user verification is not required");
        }
    }
    let (eligible, backed_up) = (flags.contains(Flags::BE), flags.contains(Flags::BS));
    judge.check(Check::BackupStateWithoutEligibility, eligible || !backed_up, found, "no BS without BE");
}

/// Examines BE and BS by the relying party's policy.
pub(super) fn examine_backup_policy(judge: &mut Judge<'_>, flags: Flags, policy: &RelyingPartyPolicy) {
    let asked = [
        (Check::BackupEligibilityPolicy, Flags::BE, "BE", policy.backup_eligible),
        (Check::BackupStatePolicy, Flags::BS, "BS", policy.backed_up),
    ];
    for (check, flag, name, wanted) in asked {
        match wanted {
            Some(wanted) => {
                let holds = flags.contains(flag) == wanted;
                let no = if wanted { "" } else { "no " };
                judge.check(check, holds, || format!("the flags {flags}"), format_args!("{no}{name}"));
            }
            None => {
                let step = check.step(judge.ceremony()).unwrap_or_default();
                judge.not_applicable(step, "the relying party has no policy");
            }
        }
    }
}
