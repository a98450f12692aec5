//! ECDSA by RustCrypto's curves and `ecdsa`: one implementation for every curve.

use std::ops::Add;

use ecdsa::der::{MaxOverhead, MaxSize};
use ecdsa::hazmat::sign_prehashed_rfc6979;
use ecdsa::{EcdsaCurve, SignatureSize};
use p256::elliptic_curve::array::ArraySize;
use p256::elliptic_curve::point::{AffineCoordinates, BatchNormalize};
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{
    self as ec, AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, NonZeroScalar,
};
use sha2::Digest;
use sha2::digest::block_api::BlockSizeUser;
use zeroize::Zeroizing;

use super::{KeyError, digest};

/// The affine coordinates of the public point that belongs to `scalar` (big-endian); `N` is the size of the field
/// in bytes.
///
/// # Errors
/// [`KeyError::ScalarOutOfRange`].
pub(super) fn public_point<C, const N: usize>(scalar: &[u8; N]) -> Result<[[u8; N]; 2], KeyError>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let scalar = Zeroizing::new(read_scalar::<C, N>(scalar)?);
    let point = ec::PublicKey::<C>::from_secret_scalar(&scalar).to_sec1_point(false);
    let (Some(x), Some(y)) = (point.x(), point.y()) else {
        unreachable!("an uncompressed point that is not the identity has both coordinates")
    };
    // `read_scalar` succeeded, so `N` is the size of the field.
    Ok([x, y].map(|coordinate| bytes(coordinate)))
}

/// The affine coordinates of points, none of which is the identity. All of them together cost one inversion.
pub(super) fn affine_coordinates<const N: usize>(points: &[p256::ProjectivePoint; N]) -> [[[u8; 32]; 2]; N] {
    let affine = p256::ProjectivePoint::batch_normalize(points);
    affine.map(|point| [point.x(), point.y()].map(|coordinate| bytes(&coordinate)))
}

/// The DER `Ecdsa-Sig-Value` over the concatenation of `message`, hashed by `D`, with the nonce of RFC 6979.
/// [`public_point`] has accepted the scalar before.
pub(super) fn sign<C, D, const N: usize>(scalar: &[u8; N], message: &[&[u8]]) -> Vec<u8>
where
    C: EcdsaCurve + CurveArithmetic,
    D: Digest + BlockSizeUser,
    SignatureSize<C>: ArraySize,
    MaxSize<C>: ArraySize,
    <FieldBytesSize<C> as Add>::Output: Add<MaxOverhead> + ArraySize,
{
    // From the scalar, because `SigningKey` would compute the public key once more.
    let scalar = Zeroizing::new(read_checked_scalar::<C, N>(scalar));
    let (signature, _) = sign_prehashed_rfc6979::<C, D>(&scalar, &digest::<D>(message), &[]);
    signature.to_der().as_bytes().to_vec()
}

/// The r and s of a DER `Ecdsa-Sig-Value` over P-256, 32 bytes each, as JSON Web Signatures have them (RFC 7518 §3.4).
/// `None` if the bytes are no such signature.
pub(crate) fn p256_fixed_length(der: &[u8]) -> Option<Vec<u8>> {
    let signature = ecdsa::Signature::<p256::NistP256>::from_der(der).ok()?;
    Some(signature.to_bytes().to_vec())
}

/// Checks that a big-endian scalar is one of the curve's private keys.
///
/// # Errors
/// [`KeyError::ScalarOutOfRange`].
#[cfg(feature = "store")]
pub(super) fn check_scalar<C: CurveArithmetic, const N: usize>(scalar: &[u8; N]) -> Result<(), KeyError> {
    read_scalar::<C, N>(scalar).map(|scalar| drop(Zeroizing::new(scalar)))
}

fn read_scalar<C: CurveArithmetic, const N: usize>(bytes: &[u8; N]) -> Result<NonZeroScalar<C>, KeyError> {
    NonZeroScalar::from_repr(*field_bytes::<C, N>(bytes)).into_option().ok_or(KeyError::ScalarOutOfRange)
}

pub(super) fn read_checked_scalar<C: CurveArithmetic, const N: usize>(bytes: &[u8; N]) -> NonZeroScalar<C> {
    read_scalar(bytes).expect("a KeyPair's scalar was checked when it was made")
}

pub(super) fn field_bytes<C: CurveArithmetic, const N: usize>(bytes: &[u8; N]) -> &FieldBytes<C> {
    bytes.as_slice().try_into().expect("the backend gives each curve scalars of its size")
}

pub(super) fn bytes<const N: usize>(slice: &[u8]) -> [u8; N] {
    slice.try_into().expect("the curve and its hash have this size")
}
