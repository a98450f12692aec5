//! ML-DSA (FIPS 204) by `ml-dsa`: pure, empty context, the deterministic variant.

use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams};
use zeroize::Zeroizing;

use super::Algorithm;

/// An ML-DSA private key: the seed ξ of FIPS 204 §5.1, and its parameter set.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MlDsaKey {
    pub(super) parameters: ParameterSet,
    pub(super) seed: Zeroizing<[u8; 32]>,
}

/// FIPS 204 §4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterSet {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

impl ParameterSet {
    /// The parameter set of an algorithm; `None` if it is not ML-DSA.
    pub(super) const fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::MlDsa44 => Some(Self::MlDsa44),
            Algorithm::MlDsa65 => Some(Self::MlDsa65),
            Algorithm::MlDsa87 => Some(Self::MlDsa87),
            _ => None,
        }
    }

    pub(super) const fn algorithm(self) -> Algorithm {
        match self {
            Self::MlDsa44 => Algorithm::MlDsa44,
            Self::MlDsa65 => Algorithm::MlDsa65,
            Self::MlDsa87 => Algorithm::MlDsa87,
        }
    }
}

impl MlDsaKey {
    /// The public key, encoded as FIPS 204 §7.2 says.
    pub(super) fn public_key(&self) -> Vec<u8> {
        match self.parameters {
            ParameterSet::MlDsa44 => public_key::<MlDsa44>(&self.seed),
            ParameterSet::MlDsa65 => public_key::<MlDsa65>(&self.seed),
            ParameterSet::MlDsa87 => public_key::<MlDsa87>(&self.seed),
        }
    }

    /// The signature over the concatenation of `message`: 2420, 3309 or 4627 bytes.
    pub(super) fn sign(&self, message: &[&[u8]]) -> Vec<u8> {
        match self.parameters {
            ParameterSet::MlDsa44 => sign::<MlDsa44>(&self.seed, message),
            ParameterSet::MlDsa65 => sign::<MlDsa65>(&self.seed, message),
            ParameterSet::MlDsa87 => sign::<MlDsa87>(&self.seed, message),
        }
    }
}

fn public_key<P: MlDsaParams>(seed: &[u8; 32]) -> Vec<u8> {
    ExpandedSigningKey::<P>::from_seed(seed.into()).verifying_key().encode().to_vec()
}

fn sign<P: MlDsaParams>(seed: &[u8; 32], message: &[&[u8]]) -> Vec<u8> {
    let key = ExpandedSigningKey::<P>::from_seed(seed.into());
    let signature = key.sign_deterministic(&message.concat(), &[]).expect("an empty context is short enough");
    signature.encode().to_vec()
}
