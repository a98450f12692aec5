use crate::crypto::asn1::{BOOLEAN, ENUMERATED, NULL, OCTET_STRING, SEQUENCE, SET, explicit, integer, tlv};
use crate::crypto::{Algorithm, Hash, PublicKey, bit_length, sha256};

// Android's KeyMint: Tag.aidl, and the enumerations of its tags' values.
const PURPOSE_SIGN: u64 = 2;
const ALGORITHM_RSA: u64 = 1;
const ALGORITHM_EC: u64 = 3;
const CURVE_P256: u64 = 1;
const CURVE_P384: u64 = 2;
const CURVE_P521: u64 = 3;
const CURVE_25519: u64 = 4;
const PADDING_PSS: u64 = 3;
const PADDING_PKCS1_1_5_SIGN: u64 = 5;
const ORIGIN_GENERATED: u64 = 0;
const TRUSTED_ENVIRONMENT: u8 = 1;

/// The key description extension (Android key attestation, schema of version 300; WebAuthn L3 §8.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription {
    /// `attestationVersion`: 300, KeyMint 3.
    pub attestation_version: u64,
    /// `attestationSecurityLevel`: 0 software, 1 trusted environment, 2 StrongBox.
    pub attestation_security_level: u8,
    /// `keyMintVersion`.
    pub key_mint_version: u64,
    /// `keyMintSecurityLevel`: as `attestation_security_level`.
    pub key_mint_security_level: u8,
    /// `attestationChallenge`: the client data hash.
    pub attestation_challenge: Vec<u8>,
    /// `uniqueId`.
    pub unique_id: Vec<u8>,
    /// `softwareEnforced`.
    pub software_enforced: AuthorizationList,
    /// `hardwareEnforced`, in older schemas `teeEnforced`.
    pub tee_enforced: AuthorizationList,
}

/// `AuthorizationList`. A member that is `None` or `false` is left out. Enumerations have the numbers of KeyMint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorizationList {
    /// `[1]` `purpose`: 2 is signing.
    pub purpose: Option<Vec<u64>>,
    /// `[2]` `algorithm`: 1 RSA, 3 EC.
    pub algorithm: Option<u64>,
    /// `[3]` `keySize`, in bits.
    pub key_size: Option<u64>,
    /// `[5]` `digest`: 0 none, 2 SHA-1, 4 SHA-256, 5 SHA-384, 6 SHA-512.
    pub digest: Option<Vec<u64>>,
    /// `[6]` `padding`: 3 PSS, 5 PKCS #1 v1.5.
    pub padding: Option<Vec<u64>>,
    /// `[10]` `ecCurve`: 1 P-256, 2 P-384, 3 P-521, 4 Curve25519.
    pub ec_curve: Option<u64>,
    /// `[200]` `rsaPublicExponent`.
    pub rsa_public_exponent: Option<u64>,
    /// `[203]` `mgfDigest`, with the numbers of `digest`.
    pub mgf_digest: Option<Vec<u64>>,
    /// `[503]` `noAuthRequired`: the key can be used without the user's authentication.
    pub no_auth_required: bool,
    /// `[504]` `userAuthType`, bits: 1 password, 2 fingerprint.
    pub user_auth_type: Option<u64>,
    /// `[600]` `allApplications`, which WebAuthn forbids.
    pub all_applications: bool,
    /// `[701]` `creationDateTime`, in milliseconds since 1970.
    pub creation_date_time: Option<u64>,
    /// `[702]` `origin`: 0 generated, 2 imported.
    pub origin: Option<u64>,
    /// `[704]` `rootOfTrust`.
    pub root_of_trust: Option<RootOfTrust>,
    /// `[705]` `osVersion`: 150000 is Android 15.
    pub os_version: Option<u64>,
    /// `[706]` `osPatchLevel`: 202501 is January 2025.
    pub os_patch_level: Option<u64>,
    /// `[709]` `attestationApplicationId`: a DER `AttestationApplicationId`.
    pub attestation_application_id: Option<Vec<u8>>,
    /// `[718]` `vendorPatchLevel`: 20250101 is the first of January 2025.
    pub vendor_patch_level: Option<u64>,
    /// `[719]` `bootPatchLevel`, written as `vendor_patch_level`.
    pub boot_patch_level: Option<u64>,
}

/// `RootOfTrust`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootOfTrust {
    /// `verifiedBootKey`: a hash.
    pub verified_boot_key: Vec<u8>,
    /// `deviceLocked`.
    pub device_locked: bool,
    /// `verifiedBootState`: 0 verified, 1 self-signed, 2 unverified, 3 failed.
    pub verified_boot_state: u8,
    /// `verifiedBootHash`.
    pub verified_boot_hash: Vec<u8>,
}

impl KeyDescription {
    /// A key for signing, generated in the trusted environment of a locked device at `now`, milliseconds since 1970.
    pub(crate) fn of(key: &PublicKey, client_data_hash: &[u8; 32], now: u64) -> Self {
        Self {
            attestation_version: 300,
            attestation_security_level: TRUSTED_ENVIRONMENT,
            key_mint_version: 300,
            key_mint_security_level: TRUSTED_ENVIRONMENT,
            attestation_challenge: client_data_hash.to_vec(),
            unique_id: Vec::new(),
            software_enforced: AuthorizationList {
                creation_date_time: Some(now),
                attestation_application_id: Some(application_id()),
                ..AuthorizationList::default()
            },
            tee_enforced: AuthorizationList {
                purpose: Some(vec![PURPOSE_SIGN]),
                no_auth_required: true,
                origin: Some(ORIGIN_GENERATED),
                root_of_trust: Some(RootOfTrust {
                    verified_boot_key: sha256(&[b"stuntkey test boot key"]).to_vec(),
                    device_locked: true,
                    verified_boot_state: 0,
                    verified_boot_hash: sha256(&[b"stuntkey test boot"]).to_vec(),
                }),
                os_version: Some(150_000),
                os_patch_level: Some(202_501),
                vendor_patch_level: Some(20_250_101),
                boot_patch_level: Some(20_250_101),
                ..authorizations_of(key)
            },
        }
    }

    /// The extension's value, DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let level = |level: u8| tlv(ENUMERATED, &[&[level & 0x7f]]);
        tlv(
            SEQUENCE,
            &[
                &integer(self.attestation_version),
                &level(self.attestation_security_level),
                &integer(self.key_mint_version),
                &level(self.key_mint_security_level),
                &tlv(OCTET_STRING, &[&self.attestation_challenge]),
                &tlv(OCTET_STRING, &[&self.unique_id]),
                &self.software_enforced.to_der(),
                &self.tee_enforced.to_der(),
            ],
        )
    }
}

impl AuthorizationList {
    fn to_der(&self) -> Vec<u8> {
        let number = |tag, value: Option<u64>| value.map(|value| explicit(tag, &integer(value)));
        let set =
            |tag, values: &Option<Vec<u64>>| values.as_ref().map(|values| explicit(tag, &set_of(values)));
        let present = |tag, is: bool| is.then(|| explicit(tag, &tlv(NULL, &[])));
        let root_of_trust = self.root_of_trust.as_ref().map(|root| explicit(704, &root.to_der()));
        let application = self.attestation_application_id.as_ref();
        let members = [
            set(1, &self.purpose),
            number(2, self.algorithm),
            number(3, self.key_size),
            set(5, &self.digest),
            set(6, &self.padding),
            number(10, self.ec_curve),
            number(200, self.rsa_public_exponent),
            set(203, &self.mgf_digest),
            present(503, self.no_auth_required),
            number(504, self.user_auth_type),
            present(600, self.all_applications),
            number(701, self.creation_date_time),
            number(702, self.origin),
            root_of_trust,
            number(705, self.os_version),
            number(706, self.os_patch_level),
            application.map(|id| explicit(709, &tlv(OCTET_STRING, &[id]))),
            number(718, self.vendor_patch_level),
            number(719, self.boot_patch_level),
        ];
        let members: Vec<u8> = members.into_iter().flatten().flatten().collect();
        tlv(SEQUENCE, &[&members])
    }
}

impl RootOfTrust {
    fn to_der(&self) -> Vec<u8> {
        tlv(
            SEQUENCE,
            &[
                &tlv(OCTET_STRING, &[&self.verified_boot_key]),
                &tlv(BOOLEAN, &[&[if self.device_locked { 0xff } else { 0 }]]),
                &tlv(ENUMERATED, &[&[self.verified_boot_state & 0x7f]]),
                &tlv(OCTET_STRING, &[&self.verified_boot_hash]),
            ],
        )
    }
}

/// What KeyMint says of a key of this kind: algorithm, size, digest, padding.
fn authorizations_of(key: &PublicKey) -> AuthorizationList {
    let algorithm = key.algorithm();
    let digest = Some(vec![digest(algorithm)]);
    let ec = |ec_curve, bits| AuthorizationList {
        algorithm: Some(ALGORITHM_EC),
        key_size: Some(bits),
        digest: digest.clone(),
        ec_curve: Some(ec_curve),
        ..AuthorizationList::default()
    };
    match key {
        PublicKey::P384 { .. } => ec(CURVE_P384, 384),
        PublicKey::P521 { .. } => ec(CURVE_P521, 521),
        PublicKey::Ed25519(_) => ec(CURVE_25519, 256),
        PublicKey::Rsa { n, e, .. } => {
            let pss = matches!(algorithm, Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512);
            AuthorizationList {
                algorithm: Some(ALGORITHM_RSA),
                key_size: Some(bit_length(n).into()),
                digest: digest.clone(),
                padding: Some(vec![if pss { PADDING_PSS } else { PADDING_PKCS1_1_5_SIGN }]),
                rsa_public_exponent: Some(e.iter().fold(0, |e, byte| e << 8 | u64::from(*byte))),
                mgf_digest: digest.filter(|_| pss),
                ..AuthorizationList::default()
            }
        }
        // P-256. The authenticator refuses keys that KeyMint lacks before it attests them.
        _ => ec(CURVE_P256, 256),
    }
}

fn digest(algorithm: Algorithm) -> u64 {
    match Hash::of(algorithm) {
        #[cfg(feature = "rsa")]
        Some(Hash::Sha1) => 2,
        Some(Hash::Sha256) => 4,
        Some(Hash::Sha384) => 5,
        Some(Hash::Sha512) => 6,
        None => 0,
    }
}

/// `AttestationApplicationId`: one package, of one signer.
fn application_id() -> Vec<u8> {
    let package = tlv(SEQUENCE, &[&tlv(OCTET_STRING, &[b"org.example.stuntkey"]), &integer(1)]);
    let signer = tlv(OCTET_STRING, &[&sha256(&[b"stuntkey test application"])]);
    tlv(SEQUENCE, &[&tlv(SET, &[&package]), &tlv(SET, &[&signer])])
}

/// `SET OF INTEGER`, in the order that DER wants.
fn set_of(numbers: &[u64]) -> Vec<u8> {
    let mut numbers: Vec<Vec<u8>> = numbers.iter().map(|number| integer(*number)).collect();
    numbers.sort_unstable();
    tlv(SET, &[&numbers.concat()])
}
