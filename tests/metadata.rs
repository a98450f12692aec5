//! Metadata BLOBs: what the authenticator signs, the verifier reads.
#![cfg(feature = "verifier")]

use stuntkey::Authenticator;
use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::MetadataBlob;
use stuntkey::webauthn::Aaguid;

#[test]
fn a_blob_of_ours_is_read_and_verified() {
    let authenticator = Authenticator::builder().build().unwrap();
    let blob = MetadataBlob::parse(&authenticator.metadata_blob(Algorithm::Es256).unwrap()).unwrap();
    assert_eq!((blob.number, blob.next_update.as_str()), (1, "2048-12-31"));
    let root = authenticator.attestation_authority().certificate_der().to_vec();
    let entry = blob.entry(Aaguid::STUNTKEY).unwrap();
    assert_eq!(entry.roots.as_slice(), std::slice::from_ref(&root));
    assert_eq!(entry.statuses, ["NOT_FIDO_CERTIFIED"]);
    assert!(blob.verify_signature().is_ok() && blob.verify_path(&[root]).is_ok());
    let other = CertificateAuthority::seeded("other").certificate_der().to_vec();
    assert!(blob.verify_path(&[other]).is_err());
}

#[test]
fn a_changed_blob_is_refused() {
    let authenticator = Authenticator::builder().build().unwrap();
    let text = authenticator.metadata_blob(Algorithm::Es256).unwrap();
    let (signed, _) = text.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", "A".repeat(86));
    assert!(MetadataBlob::parse(&forged).unwrap().verify_signature().is_err());
    for wrong in ["", "a.b.c", "e30.e30.AA"] {
        assert!(MetadataBlob::parse(wrong).is_err(), "{wrong}");
    }
}
