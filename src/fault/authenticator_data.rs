//! The authenticator data: §7.1 steps 13 to 19, 25 and 28, §7.2 steps 15 to 19 and 23.

use super::Fault;
use super::changes::{GENERATOR, flip_last_bit, set};
use crate::crypto::{PublicKey, sha256};
use crate::draft::constant_edits as edits;
use crate::encoding::json::Json;
use crate::webauthn::{Aaguid, AttestedCredentialData, Flags};

pub(super) const FAULTS: &[Fault] = &[
    Fault::both(
        "authenticator-data/layout/short",
        (13, 15),
        "the authenticator data has 36 bytes",
        edits![AuthData(|data| data.truncate(36))],
    ),
    Fault::both(
        "authenticator-data/layout/flags-alone",
        (13, 15),
        "the authenticator data ends after the flags",
        edits![AuthData(|data| data.truncate(33))],
    ),
    Fault::both(
        "authenticator-data/layout/trailing-bytes",
        (13, 15),
        "a byte follows the authenticator data",
        edits![AuthData(|data| data.push(0))],
    ),
    Fault::both(
        "authenticator-data/layout/ed-without-data",
        (13, 15),
        "ED is set and there is no extension data",
        edits![AuthenticatorData(|data| data.flags = data.flags.with(Flags::ED, true))],
    ),
    Fault::both(
        "authenticator-data/layout/data-without-ed",
        (13, 15),
        "there is extension data and ED is clear",
        edits![AuthenticatorData(|data| {
            data.flags = data.flags.with(Flags::ED, false);
            data.extensions = Some(vec![0xa0]);
        })],
    ),
    Fault::both(
        "authenticator-data/layout/extensions-not-a-map",
        (13, 15),
        "the extension data is an array",
        edits![AuthenticatorData(|data| {
            data.flags = data.flags.with(Flags::ED, true);
            data.extensions = Some(vec![0x80]);
        })],
    ),
    Fault::create(
        "authenticator-data/layout/at-clear-with-data",
        13,
        "there is attested credential data and AT is clear",
        edits![AuthenticatorData(|data| data.flags = data.flags.with(Flags::AT, false))],
    ),
    Fault::create(
        "authenticator-data/layout/at-without-data",
        13,
        "AT is set and there is no credential data",
        edits![AuthenticatorData(|data| data.attested_credential_data = None)],
    ),
    Fault::create(
        "authenticator-data/layout/credential-id-length",
        13,
        "the credential id's length reaches beyond the data",
        edits![AuthData(|data| {
            if let Some(length) = data.get_mut(53..55) {
                length.fill(0xff);
            }
        })],
    ),
    Fault::both(
        "authenticator-data/canonical/extension-order",
        (13, 15),
        "the extension data is in another order",
        edits![AuthenticatorData(|data| {
            data.flags = data.flags.with(Flags::ED, true);
            data.extensions = Some(b"\xa2\x62bb\xf5\x61a\xf5".to_vec());
        })],
    ),
    Fault::create(
        "authenticator-data/attested-credential-data/missing",
        13,
        "there is no attested credential data",
        edits![AuthenticatorData(|data| {
            data.flags = data.flags.with(Flags::AT, false);
            data.attested_credential_data = None;
        })],
    ),
    Fault::get(
        "authenticator-data/attested-credential-data/unasked",
        15,
        "there is attested credential data",
        edits![AuthenticatorData(|data| {
            data.flags = data.flags.with(Flags::AT, true);
            let [mut x, mut y] = [[0; 32]; 2];
            x.copy_from_slice(&GENERATOR[27..59]);
            y.copy_from_slice(&GENERATOR[59..]);
            data.attested_credential_data = Some(AttestedCredentialData {
                aaguid: Aaguid::STUNTKEY,
                credential_id: b"stuntkey".to_vec(),
                public_key: PublicKey::P256 { x, y },
            });
        })],
    ),
    Fault::both(
        "authenticator-data/rp-id-hash/other-site",
        (14, 15),
        "the RP ID is another site's",
        edits![AuthenticatorData(|data| data.rp_id_hash = sha256(&[b"attacker.example"]))],
    ),
    Fault::both(
        "authenticator-data/rp-id-hash/flipped-bit",
        (14, 15),
        "one bit of the RP ID hash is flipped",
        edits![AuthenticatorData(|data| flip_last_bit(&mut data.rp_id_hash))],
    ),
    Fault::both(
        "authenticator-data/rp-id-hash/zero",
        (14, 15),
        "the RP ID hash is zero",
        edits![AuthenticatorData(|data| data.rp_id_hash = [0; 32])],
    ),
    Fault::get(
        "authenticator-data/rp-id-hash/app-id",
        15,
        "the RP ID hash is that of an AppID, though nobody asked for the extension",
        edits![
            AuthenticatorData(|data| data.rp_id_hash = sha256(&[b"https://attacker.example/app-id.json"])),
            Reply(|r| set(r, "clientExtensionResults", Json::object([("appid", Json::from(true))])))
        ],
    ),
    Fault::both(
        "authenticator-data/user-present/clear",
        (15, 16),
        "UP is clear",
        edits![AuthenticatorData(|data| {
            data.flags = data.flags.with(Flags::UP, false);
        })],
    ),
    Fault::both(
        "authenticator-data/user-verified/clear",
        (16, 17),
        "UV is clear, though it is required",
        edits![AuthenticatorData(|data| data.flags = data.flags.with(Flags::UV, false))],
    ),
    Fault::both(
        "authenticator-data/backup-state/without-eligibility",
        (17, 18),
        "BS is set and BE is clear",
        edits![
            AuthenticatorData(|data| data.flags = data.flags.with(Flags::BE, false).with(Flags::BS, true))
        ],
    ),
    Fault::both(
        "policy/backup-eligibility/set",
        (18, 19),
        "BE is set, though policy forbids it",
        edits![AuthenticatorData(|data| data.flags = data.flags.with(Flags::BE, true))],
    ),
    Fault::both(
        "policy/backup-state/set",
        (19, 19),
        "BS is set, though policy forbids it",
        edits![AuthenticatorData(|data| data.flags = data.flags.with(Flags::BE, true).with(Flags::BS, true))],
    ),
    Fault::get(
        "authenticator-data/backup-eligibility/flipped",
        19,
        "BE is not what it was at registration",
        edits![AuthenticatorData(|data| {
            let eligible = data.flags.contains(Flags::BE);
            data.flags = data.flags.with(Flags::BE, !eligible).with(Flags::BS, false);
        })],
    ),
    Fault::create("credential-id/length/1024", 25, "the credential id has 1,024 bytes", &[])
        .on(&[("credential_id_length", "1024")]),
    Fault::create(
        "credential-id/in-use/again",
        26,
        "the credential id is registered already",
        edits![AuthenticatorData(|data| {
            if let Some(attested) = &mut data.attested_credential_data {
                attested.credential_id = vec![0x2a; 32];
            }
        })],
    ),
    Fault::both(
        "extensions/outputs/unasked",
        (28, 23),
        "there is an output of an extension nobody asked for",
        &[],
    )
    // {"unasked": true}
    .on(&[("extension_data", "a167756e61736b6564f5")]),
];
