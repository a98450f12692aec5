//! The registered public key, from whatever it is given as.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use stuntkey::crypto::Algorithm;
use stuntkey::verifier::{KeyType, VerifyingKey};

use super::keys;
use crate::failure::Failure;
use crate::input;
use stuntkey_inspect::recognise::{Kind, Recognised, recognise};
use stuntkey_inspect::response::Response;

/// A COSE_Key from text or a file: of its own, of a SubjectPublicKeyInfo, or out of a registration.
pub(crate) fn read(given: &str, response: &Response) -> Result<Vec<u8>, Failure> {
    let path = Path::new(given);
    let bytes = if File::open(path).is_ok_and(|mut file| file.read(&mut [0]).is_ok()) {
        input::read_bytes(path)?
    } else {
        given.as_bytes().to_vec()
    };
    let found = recognise(&bytes, None, &|_| None);
    let refuse = |found: String| {
        Failure::Usage(format!(
            "--public-key: found {found}, expected a COSE_Key, a SubjectPublicKeyInfo or a registration"
        ))
    };
    let cose = match (found.kind, &found.tree.bytes) {
        (Some(Kind::CoseKey), Some(bytes)) => bytes.clone(),
        (Some(Kind::PublicKey), Some(bytes)) => from_spki(bytes, response).map_err(refuse)?,
        (Some(Kind::Response | Kind::AttestationObject | Kind::AuthenticatorData), _) => {
            keys::first_cose_key(&found.tree, &[]).ok_or_else(|| refuse("a response without a key".into()))?
        }
        _ => return Err(refuse(kind(&found))),
    };
    VerifyingKey::from_cose(&cose).map_err(|refusal| refuse(refusal.found))?;
    Ok(cose)
}

fn kind(found: &Recognised) -> String {
    found.kind.map_or_else(|| "nothing that is known".to_owned(), |kind| kind.name().to_owned())
}

/// The COSE_Key of a SubjectPublicKeyInfo. That of an RSA key has the algorithm by which the response is signed.
fn from_spki(bytes: &[u8], response: &Response) -> Result<Vec<u8>, String> {
    let key = VerifyingKey::from_spki(bytes).map_err(|refusal| refusal.found)?;
    let signed = response.signed();
    let algorithms = algorithms(key.key_type());
    let fits = |algorithm: &&Algorithm| key.verify(**algorithm, &signed, &response.signature).is_ok();
    let algorithm = algorithms.iter().find(fits).or(algorithms.first());
    let algorithm = *algorithm.ok_or_else(|| format!("an {} key", key.key_type()))?;
    Ok(key.to_cose(algorithm))
}

/// The algorithms of a key, the usual one first.
fn algorithms(key_type: KeyType) -> &'static [Algorithm] {
    match key_type {
        KeyType::P256 => &[Algorithm::Es256],
        KeyType::P384 => &[Algorithm::Es384],
        KeyType::P521 => &[Algorithm::Es512],
        KeyType::Secp256k1 => &[Algorithm::Es256k],
        KeyType::Ed25519 => &[Algorithm::EdDsa],
        KeyType::Ed448 => &[Algorithm::Ed448],
        KeyType::MlDsa44 => &[Algorithm::MlDsa44],
        KeyType::MlDsa65 => &[Algorithm::MlDsa65],
        KeyType::MlDsa87 => &[Algorithm::MlDsa87],
        KeyType::Rsa => &[
            Algorithm::Rs256,
            Algorithm::Rs384,
            Algorithm::Rs512,
            Algorithm::Ps256,
            Algorithm::Ps384,
            Algorithm::Ps512,
            Algorithm::Rs1,
        ],
        _ => &[],
    }
}
