//! `tpm` (WebAuthn L3 §8.3): a TPM 2.0 certifies the credential key with its attestation identity key (AIK).

use super::profile::{Intermediate, Profile};
use super::statement::Subject;
use crate::crypto::{Algorithm, Hash, sha256};
#[cfg(feature = "rsa")]
use crate::draft::TPM_ALG_SHA1;
use crate::draft::{
    CertInfo, Extension, Oid, PubArea, TPM_ALG_SHA256, TPM_ALG_SHA384, TPM_ALG_SHA512, certificate,
};
use crate::encoding::cbor::Writer;
use crate::webauthn::Aaguid;

/// FIDO's vendor id for tests, which belongs to no vendor. Some of the verifiers that have a list of vendors know it.
const MANUFACTURER: &str = "id:FFFFF1D0";

/// The statement `{alg, sig, ver, x5c, pubArea, certInfo}`. The AIK signs it.
pub(super) fn statement(subject: &Subject<'_>) -> Vec<u8> {
    let known = subject.known_identity();
    let identity = known.unwrap_or_else(|| subject.issue_identity(&profile(subject.aaguid)));
    let algorithm = identity.key().algorithm();

    let pub_area = pub_area(subject);
    let cert_info = cert_info(subject, algorithm, &pub_area, &identity.key().public_key().to_spki_der());
    let signature = subject.edits.sign(identity.key(), &[&cert_info]);

    let mut writer = Writer::with_capacity(1024);
    writer.map(6);
    writer.text("alg");
    writer.int(algorithm.cose_identifier());
    writer.text("sig");
    writer.bytes(&signature);
    writer.text("ver");
    writer.text("2.0");
    subject.write_x5c(&mut writer, identity.chain());
    writer.text("pubArea");
    writer.bytes(&pub_area);
    writer.text("certInfo");
    writer.bytes(&cert_info);
    writer.into_bytes()
}

/// `pubArea`: the TPM's description of the credential key.
fn pub_area(subject: &Subject<'_>) -> Vec<u8> {
    let key = subject.credential_key.public_key();
    let mut members = PubArea::of(key).expect("another key is refused before it is attested");
    subject.edits.pub_area(&mut members);
    let mut bytes = members.to_bytes();
    subject.edits.pub_area_bytes(&mut bytes);
    bytes
}

/// `certInfo`: the TPM certifies that it holds the credential key, and names the ceremony.
fn cert_info(subject: &Subject<'_>, algorithm: Algorithm, pub_area: &[u8], aik: &[u8]) -> Vec<u8> {
    // §8.3: the hash function of the signature algorithm.
    let hash = Hash::of(algorithm).expect("another AIK is refused before it attests");
    let extra_data = hash.digest(&[subject.auth_data, subject.client_data_hash]);
    let mut members = CertInfo::certify(extra_data, name(pub_area), &sha256(&[aik]));
    subject.edits.cert_info(&mut members);
    let mut bytes = members.to_bytes();
    subject.edits.cert_info_bytes(&mut bytes);
    bytes
}

/// A Name (part 1, §16): nameAlg, and the hash of the public area by nameAlg. If an edit puts an unknown nameAlg there,
/// the hash is SHA-256.
fn name(pub_area: &[u8]) -> Vec<u8> {
    let name_alg = match pub_area {
        [_, _, high, low, ..] => [*high, *low],
        _ => TPM_ALG_SHA256.to_be_bytes(),
    };
    let hash = match u16::from_be_bytes(name_alg) {
        #[cfg(feature = "rsa")]
        TPM_ALG_SHA1 => Hash::Sha1,
        TPM_ALG_SHA384 => Hash::Sha384,
        TPM_ALG_SHA512 => Hash::Sha512,
        _ => Hash::Sha256,
    };
    [&name_alg[..], &hash.digest(&[pub_area])].concat()
}

/// The profile of the AIK certificate (§8.3.1): an empty subject, and a critical alternative name that names the TPM.
fn profile(aaguid: Aaguid) -> Profile {
    let tpm = certificate::multi_valued_name(&[
        (Oid::TPM_MANUFACTURER, MANUFACTURER),
        (Oid::TPM_MODEL, "stuntkey test TPM"),
        (Oid::TPM_VERSION, "id:00000001"),
    ]);
    Profile {
        purpose: b"tpm leaf",
        subject: certificate::name(&[]),
        extensions: vec![
            Extension::extended_key_usage(Oid::TPM_AIK_CERTIFICATE),
            Extension::directory_name(&tpm),
            Extension::octets(Oid::FIDO_AAGUID, &aaguid.0),
        ],
        intermediate: Intermediate::IfAsked,
        sends_root: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_the_hash_that_the_public_area_names() {
        let area = |alg: u16| [&[0, 0x23][..], &alg.to_be_bytes(), &[1, 2, 3]].concat();
        assert_eq!(
            name(&area(TPM_ALG_SHA384)),
            [&[0, 0x0c][..], &Hash::Sha384.digest(&[&area(0x0c)])].concat()
        );
        assert_eq!(name(&area(TPM_ALG_SHA256)).len(), 34);
        assert_eq!(name(&[]).len(), 34);
    }
}
