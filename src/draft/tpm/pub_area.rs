use super::{TPM_ALG_SHA256, sized};
use crate::crypto::{PublicKey, sha256};

// TPM 2.0 Library, part 2, table 9.
const TPM_ALG_RSA: u16 = 0x0001;
const TPM_ALG_NULL: u16 = 0x0010;
const TPM_ALG_ECC: u16 = 0x0023;

// Table 10.
const TPM_ECC_NIST_P256: u16 = 0x0003;
const TPM_ECC_NIST_P384: u16 = 0x0004;
const TPM_ECC_NIST_P521: u16 = 0x0005;

/// fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, decrypt, sign (table 31). Windows gives its credential
/// keys these attributes.
const OBJECT_ATTRIBUTES: u32 = 0x0006_0472;

/// `pubArea`: a TPMT_PUBLIC (TPM 2.0 Library, part 2, §12.2.4). Every number is written unchanged, whatever it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PubArea {
    /// `type`: 0x0001 RSA, 0x0023 ECC. It does not select the layout of the parameters: the variant of `parameters` does.
    pub object_type: u16,
    /// `nameAlg`: 0x000B SHA-256, the hash of the key's name.
    pub name_alg: u16,
    /// `objectAttributes`.
    pub object_attributes: u32,
    /// `authPolicy`.
    pub auth_policy: Vec<u8>,
    /// `parameters` and `unique`.
    pub parameters: PublicParameters,
}

/// `parameters` and `unique` of a TPMT_PUBLIC. The variant selects their layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicParameters {
    /// TPMS_ECC_PARMS and TPMS_ECC_POINT.
    Ecc {
        /// The algorithm for children: 0x0010, none.
        symmetric: u16,
        /// The scheme that the key signs with.
        scheme: TpmScheme,
        /// 0x0003 P-256, 0x0004 P-384, 0x0005 P-521.
        curve_id: u16,
        /// The key derivation: 0x0010, none.
        kdf: u16,
        /// The x coordinate, big-endian.
        x: Vec<u8>,
        /// The y coordinate, big-endian.
        y: Vec<u8>,
    },
    /// TPMS_RSA_PARMS and the modulus.
    Rsa {
        /// The algorithm for children: 0x0010, none.
        symmetric: u16,
        /// The scheme that the key signs with.
        scheme: TpmScheme,
        /// The length of the modulus in bits.
        key_bits: u16,
        /// The public exponent; 0 for 65537.
        exponent: u32,
        /// The modulus, big-endian.
        modulus: Vec<u8>,
    },
}

/// A signing scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TpmScheme {
    /// 0x0010: the scheme is chosen when the key is used, as with Windows.
    Null,
    /// A scheme (0x0014 RSASSA, 0x0016 RSAPSS, 0x0018 ECDSA) and its hash.
    Signing {
        /// The scheme.
        scheme: u16,
        /// The hash.
        hash: u16,
    },
}

impl PubArea {
    /// The public area that a TPM makes for Windows. `None` for a key of an algorithm that no TPM has.
    pub(crate) fn of(key: &PublicKey) -> Option<Self> {
        let (object_type, parameters) = match key {
            PublicKey::P256 { x, y } => (TPM_ALG_ECC, ecc(TPM_ECC_NIST_P256, x, y)),
            PublicKey::P384 { x, y } => (TPM_ALG_ECC, ecc(TPM_ECC_NIST_P384, x, y)),
            PublicKey::P521 { x, y } => (TPM_ALG_ECC, ecc(TPM_ECC_NIST_P521, x, y)),
            PublicKey::Rsa { n, e, .. } => (TPM_ALG_RSA, rsa(n, e)),
            _ => return None,
        };
        Some(Self {
            object_type,
            name_alg: TPM_ALG_SHA256,
            object_attributes: OBJECT_ATTRIBUTES,
            auth_policy: sha256(&[b"stuntkey test policy"]).to_vec(),
            parameters,
        })
    }

    /// The bytes of the TPMT_PUBLIC.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(384);
        bytes.extend(self.object_type.to_be_bytes());
        bytes.extend(self.name_alg.to_be_bytes());
        bytes.extend(self.object_attributes.to_be_bytes());
        bytes.extend(sized(&self.auth_policy));
        match &self.parameters {
            PublicParameters::Ecc { symmetric, scheme, curve_id, kdf, x, y } => {
                bytes.extend(symmetric.to_be_bytes());
                scheme.write(&mut bytes);
                bytes.extend(curve_id.to_be_bytes());
                bytes.extend(kdf.to_be_bytes());
                bytes.extend(sized(x));
                bytes.extend(sized(y));
            }
            PublicParameters::Rsa { symmetric, scheme, key_bits, exponent, modulus } => {
                bytes.extend(symmetric.to_be_bytes());
                scheme.write(&mut bytes);
                bytes.extend(key_bits.to_be_bytes());
                bytes.extend(exponent.to_be_bytes());
                bytes.extend(sized(modulus));
            }
        }
        bytes
    }
}

impl TpmScheme {
    fn write(self, bytes: &mut Vec<u8>) {
        match self {
            TpmScheme::Null => bytes.extend(TPM_ALG_NULL.to_be_bytes()),
            TpmScheme::Signing { scheme, hash } => {
                bytes.extend(scheme.to_be_bytes());
                bytes.extend(hash.to_be_bytes());
            }
        }
    }
}

fn ecc(curve_id: u16, x: &[u8], y: &[u8]) -> PublicParameters {
    PublicParameters::Ecc {
        symmetric: TPM_ALG_NULL,
        scheme: TpmScheme::Null,
        curve_id,
        kdf: TPM_ALG_NULL,
        x: x.to_vec(),
        y: y.to_vec(),
    }
}

fn rsa(n: &[u8], e: &[u8]) -> PublicParameters {
    PublicParameters::Rsa {
        symmetric: TPM_ALG_NULL,
        scheme: TpmScheme::Null,
        key_bits: u16::try_from(crate::crypto::bit_length(n)).unwrap_or(u16::MAX),
        exponent: match e {
            // Part 2, §12.2.3.5: zero means the default, 65537.
            [1, 0, 1] => 0,
            other => other.iter().fold(0, |e, byte| e << 8 | u32::from(*byte)),
        },
        modulus: n.to_vec(),
    }
}
