//! Authenticator data (WebAuthn L3 §6.1), read for the judge: §7.1 steps 14 to 19, §7.2 steps 15 to 19.

use ciborium::Value;
use sha2::{Digest, Sha256};

use super::cbor;
use super::check::Check;
use super::expectations::RelyingPartyPolicy;
use super::judge::{Judge, hex};
use crate::webauthn::{Aaguid, Flags};

/// Authenticator data, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AuthenticatorData {
    pub(super) rp_id_hash: [u8; 32],
    pub(super) flags: Flags,
    pub(super) sign_count: u32,
    pub(super) attested: Option<AttestedCredentialData>,
    /// The extension data and its bytes.
    extensions: Option<(Value, Vec<u8>)>,
}

/// Attested credential data (§6.5.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttestedCredentialData {
    pub(super) aaguid: Aaguid,
    pub(super) credential_id: Vec<u8>,
    /// The COSE_Key as it came.
    pub(super) public_key: Vec<u8>,
}

impl AuthenticatorData {
    /// Takes `bytes` apart; the error says what was found.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let Some((head, mut rest)) = bytes.split_first_chunk::<37>() else {
            return Err(format!("{} bytes, fewer than 37", bytes.len()));
        };
        let (rp_id_hash, flags_and_count) = head.split_first_chunk::<32>().ok_or("too few bytes")?;
        let [flags, a, b, c, d] = flags_and_count else { return Err("too few bytes".into()) };
        let flags = Flags(*flags);
        let attested =
            flags.contains(Flags::AT).then(|| AttestedCredentialData::take(&mut rest)).transpose()?;
        let extensions = match flags.contains(Flags::ED) {
            true => {
                let (map, length) = cbor::read_first(rest)
                    .map_err(|why| format!("ED, and after {} bytes {why}", bytes.len() - rest.len()))?;
                if !map.is_map() {
                    return Err(format!("ED, and {} as extension data", cbor::kind(&map)));
                }
                let (bytes, more) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                rest = more;
                Some((map, bytes.to_vec()))
            }
            false => None,
        };
        if !rest.is_empty() {
            return Err(format!("{} bytes more than the flags {flags} tell", rest.len()));
        }
        let sign_count = u32::from_be_bytes([*a, *b, *c, *d]);
        Ok(Self { rp_id_hash: *rp_id_hash, flags, sign_count, attested, extensions })
    }

    /// The encoding form of the credential key and the extension data.
    pub(super) fn judge_form(&self, judge: &mut Judge<'_>, policy: &RelyingPartyPolicy) {
        let key = self.attested.as_ref().map(|attested| attested.public_key.as_slice());
        let key = key.and_then(|bytes| Some((cbor::read_first(bytes).ok()?.0, bytes)));
        let extensions = self.extensions.as_ref().map(|(map, bytes)| (map.clone(), bytes.as_slice()));
        let named = [("the credential key", key), ("the extension data", extensions)];
        let departure = named.into_iter().find_map(|(name, item)| {
            let (value, bytes) = item?;
            Some(format!("{} in {name}", cbor::departure(&value, bytes, !policy.canonical_cbor)?))
        });
        let holds = departure.is_none();
        let check = Check::AuthenticatorDataCanonical;
        judge.check(check, holds, || departure.unwrap_or_default(), "the CTAP2 canonical encoding form");
    }

    /// The names of the extension outputs.
    pub(super) fn extension_names(&self) -> Vec<String> {
        let entries = self.extensions.as_ref().and_then(|(map, _)| map.as_map()).into_iter().flatten();
        entries.map(|(key, _)| key.as_text().map_or_else(|| cbor::kind(key).into(), str::to_owned)).collect()
    }
}

impl AttestedCredentialData {
    fn take(rest: &mut &[u8]) -> Result<Self, String> {
        let ends = |what: &str| format!("AT, and an end before {what}");
        let (aaguid, more) = rest.split_first_chunk::<16>().ok_or_else(|| ends("the AAGUID"))?;
        let (length, more) =
            more.split_first_chunk::<2>().ok_or_else(|| ends("the credential id's length"))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, more) = more
            .split_at_checked(length)
            .ok_or_else(|| format!("a credential id of {length} bytes where {} are left", more.len()))?;
        let (_, length) = cbor::read_first(more).map_err(|why| format!("AT, and as credential key {why}"))?;
        let (public_key, more) = more.split_at_checked(length).ok_or_else(|| ends("the credential key"))?;
        *rest = more;
        Ok(Self { aaguid: Aaguid(*aaguid), credential_id: id.to_vec(), public_key: public_key.to_vec() })
    }
}

/// What the flags have to be in this ceremony.
pub(super) struct Wanted {
    pub(super) user_present: bool,
    pub(super) user_verified: bool,
}

/// The checks that both ceremonies make, RP ID hash to BS.
pub(super) fn judge(
    judge: &mut Judge<'_>,
    data: &AuthenticatorData,
    wanted: &Wanted,
    policy: &RelyingPartyPolicy,
) {
    let rp_id_hash: [u8; 32] = Sha256::digest(policy.rp_id.as_bytes()).into();
    judge.check(
        Check::RpIdHash,
        data.rp_id_hash == rp_id_hash,
        || hex(&data.rp_id_hash),
        format!("{}, the SHA-256 of {:?}", hex(&rp_id_hash), policy.rp_id),
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

/// The relying party's policy on BE and BS.
pub(super) fn judge_backup_policy(judge: &mut Judge<'_>, flags: Flags, policy: &RelyingPartyPolicy) {
    let asked = [
        (Check::BackupEligibilityPolicy, Flags::BE, "BE", policy.backup_eligible),
        (Check::BackupStatePolicy, Flags::BS, "BS", policy.backed_up),
    ];
    for (check, flag, name, wanted) in asked {
        match wanted {
            Some(wanted) => {
                let holds = flags.contains(flag) == wanted;
                let expected = if wanted { name.to_owned() } else { format!("no {name}") };
                judge.check(check, holds, || format!("the flags {flags}"), expected);
            }
            None => {
                let step = check.step(judge.ceremony()).unwrap_or_default();
                judge.not_applicable(step, "the relying party has no policy");
            }
        }
    }
}
