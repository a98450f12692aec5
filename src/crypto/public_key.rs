use super::Algorithm;
use super::asn1::{BIT_STRING, SEQUENCE, tlv, unsigned};

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// A point on P-256, in big-endian affine coordinates.
    P256 {
        /// The x coordinate.
        x: [u8; 32],
        /// The y coordinate.
        y: [u8; 32],
    },
    /// A point on P-384.
    P384 {
        /// The x coordinate.
        x: [u8; 48],
        /// The y coordinate.
        y: [u8; 48],
    },
    /// A point on P-521.
    P521 {
        /// The x coordinate.
        x: [u8; 66],
        /// The y coordinate.
        y: [u8; 66],
    },
    /// A point on secp256k1.
    Secp256k1 {
        /// The x coordinate.
        x: [u8; 32],
        /// The y coordinate.
        y: [u8; 32],
    },
    /// A point on edwards25519 in the encoding of RFC 8032 §5.1.2.
    Ed25519([u8; 32]),
    /// A point on edwards448 in the encoding of RFC 8032 §5.2.2.
    Ed448([u8; 57]),
    /// An RSA key.
    Rsa {
        /// The algorithm that the key is for: one of the RSA algorithms.
        algorithm: Algorithm,
        /// The modulus: big-endian, no leading zeros.
        n: Vec<u8>,
        /// The public exponent: big-endian, no leading zeros.
        e: Vec<u8>,
    },
    /// An ML-DSA key in the encoding of FIPS 204 §7.2.
    MlDsa {
        /// The algorithm that the key is for: one of the ML-DSA algorithms.
        algorithm: Algorithm,
        /// 1312, 1952 or 2592 bytes.
        key: Vec<u8>,
    },
}

/// `SubjectPublicKeyInfo` up to the point's coordinates: id-ecPublicKey, prime256v1, a 66-byte BIT STRING, `04`
/// (RFC 5480 §2).
const P256_SPKI_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

impl PublicKey {
    /// The key as a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7), as `getPublicKey()` returns it. RFC 5480 for
    /// elliptic curves, RFC 8410 for EdDSA, RFC 3279 §2.3.1 (rsaEncryption) for RSA, RFC 9881 for ML-DSA.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        let spki = |key: &[&[u8]]| {
            let identifier = tlv(SEQUENCE, &[algorithm_identifier(self.algorithm())]);
            let unused_bits = [&[0][..]];
            let key = tlv(BIT_STRING, &[&unused_bits, key].concat());
            tlv(SEQUENCE, &[&identifier, &key])
        };
        match self {
            PublicKey::P256 { x, y } => {
                let mut der = Vec::with_capacity(91);
                [&P256_SPKI_PREFIX[..], x, y].iter().for_each(|part| der.extend_from_slice(part));
                der
            }
            PublicKey::P384 { x, y } => spki(&[&[UNCOMPRESSED], x, y]),
            PublicKey::P521 { x, y } => spki(&[&[UNCOMPRESSED], x, y]),
            PublicKey::Secp256k1 { x, y } => spki(&[&[UNCOMPRESSED], x, y]),
            PublicKey::Ed25519(point) => spki(&[point]),
            PublicKey::Ed448(point) => spki(&[point]),
            PublicKey::Rsa { n, e, .. } => spki(&[&tlv(SEQUENCE, &[&unsigned(n), &unsigned(e)])]),
            PublicKey::MlDsa { key, .. } => spki(&[key]),
        }
    }

    /// The algorithm that this key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            PublicKey::P256 { .. } => Algorithm::Es256,
            PublicKey::P384 { .. } => Algorithm::Es384,
            PublicKey::P521 { .. } => Algorithm::Es512,
            PublicKey::Secp256k1 { .. } => Algorithm::Es256k,
            PublicKey::Ed25519(_) => Algorithm::EdDsa,
            PublicKey::Ed448(_) => Algorithm::Ed448,
            PublicKey::Rsa { algorithm, .. } | PublicKey::MlDsa { algorithm, .. } => *algorithm,
        }
    }
}

/// The first byte of an uncompressed point (SEC 1 §2.3.3).
pub(super) const UNCOMPRESSED: u8 = 0x04;

/// The content of the `AlgorithmIdentifier` of keys for `algorithm`: the object identifier and the parameters, DER.
pub(super) const fn algorithm_identifier(algorithm: Algorithm) -> &'static [u8] {
    match algorithm {
        // id-ecPublicKey (RFC 5480 §2.1.1) and the curve (§2.1.1.1; SEC 2 §A.2.1 for secp256k1).
        Algorithm::Es256 => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
        Algorithm::Es384 => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22",
        Algorithm::Es512 => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23",
        Algorithm::Es256k => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a",
        // RFC 8410 §3.
        Algorithm::EdDsa => b"\x06\x03\x2b\x65\x70",
        Algorithm::Ed448 => b"\x06\x03\x2b\x65\x71",
        // RFC 9881 §2.
        Algorithm::MlDsa44 => b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11",
        Algorithm::MlDsa65 => b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12",
        Algorithm::MlDsa87 => b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13",
        // rsaEncryption and NULL (RFC 3279 §2.3.1), whatever the key signs with.
        Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512
        | Algorithm::Rs1 => b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
    }
}
