//! The registered public key, from whatever it is given as.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use stuntkey::crypto::Algorithm;
use stuntkey::encoding::cbor::Writer;
use stuntkey::verifier::{KeyType, VerifyingKey};

use crate::failure::Failure;
use crate::input;
use stuntkey_inspect::der;
use stuntkey_inspect::recognise::{Kind, Recognised, recognise};
use stuntkey_inspect::response::Response;
use stuntkey_inspect::tree::{Node, slice};

/// A COSE_Key from text or a file: of its own, of a SubjectPublicKeyInfo, or out of a registration.
pub(crate) fn read(given: &str, response: &Response) -> Result<Vec<u8>, Failure> {
    let path = Path::new(given);
    let bytes = if File::open(path).is_ok_and(|mut file| file.read(&mut [0]).is_ok()) {
        input::read_bytes(path)?
    } else {
        given.as_bytes().to_vec()
    };
    let found = recognise(&bytes, None);
    let refuse = |found: String| {
        Failure::Usage(format!(
            "--public-key: found {found}, expected a COSE_Key, a SubjectPublicKeyInfo or a registration"
        ))
    };
    let cose = match (found.kind, &found.tree.bytes) {
        (Some(Kind::CoseKey), Some(bytes)) => bytes.clone(),
        (Some(Kind::PublicKey), Some(bytes)) => from_spki(bytes, response).map_err(refuse)?,
        (Some(Kind::Response | Kind::AttestationObject | Kind::AuthenticatorData), _) => {
            credential_key(&found.tree, &[]).ok_or_else(|| refuse("a response without a key".into()))?
        }
        _ => return Err(refuse(kind(&found))),
    };
    VerifyingKey::from_cose(&cose).map_err(|refusal| refuse(refusal.found))?;
    Ok(cose)
}

fn kind(found: &Recognised) -> String {
    found.kind.map_or_else(|| "nothing that is known".to_owned(), |kind| kind.name().to_owned())
}

/// The credential public key in a tree; `bytes` are those in which its ranges count.
fn credential_key(node: &Node, bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = node.bytes.as_deref().unwrap_or(bytes);
    if node.name == "credentialPublicKey" {
        return Some(slice(bytes, node.range.clone()?).to_vec());
    }
    node.children.iter().find_map(|child| credential_key(child, bytes))
}

/// The COSE_Key of a SubjectPublicKeyInfo. That of an RSA key has the algorithm by which the response is signed.
fn from_spki(bytes: &[u8], response: &Response) -> Result<Vec<u8>, String> {
    let key = VerifyingKey::from_spki(bytes).map_err(|refusal| refusal.found)?;
    let element = der::read(bytes, 0..bytes.len()).map_err(|stop| stop.to_string())?;
    let value = element.child(1).map(|value| value.value(bytes)).unwrap_or_default();
    // The first byte of a BIT STRING tells how many bits are unused.
    let value = value.get(1..).unwrap_or_default();
    let signed = response.signed();
    let algorithms = algorithms(key.key_type());
    let fits = |algorithm: &&Algorithm| key.verify(**algorithm, &signed, &response.signature).is_ok();
    let algorithm = algorithms.iter().find(fits).or(algorithms.first());
    let algorithm = *algorithm.ok_or_else(|| format!("an {} key", key.key_type()))?;
    let mut writer = Writer::new();
    let head = |writer: &mut Writer, members: usize, kty: i64| {
        writer.map(members);
        for number in [1, kty, 3, algorithm.cose_identifier()] {
            writer.int(number);
        }
    };
    match curve(key.key_type()) {
        Some((2, crv)) => {
            head(&mut writer, 5, 2);
            let point = value.get(1..).unwrap_or_default();
            let (x, y) = point.split_at(point.len() / 2);
            writer.int(-1);
            writer.int(crv);
            writer.int(-2);
            writer.bytes(x);
            writer.int(-3);
            writer.bytes(y);
        }
        Some((_, crv)) => {
            head(&mut writer, 4, 1);
            writer.int(-1);
            writer.int(crv);
            writer.int(-2);
            writer.bytes(value);
        }
        None if key.key_type() == KeyType::Rsa => {
            let element = der::read(value, 0..value.len()).map_err(|stop| stop.to_string())?;
            let part = |index| {
                let bytes = element.child(index).map(|part| part.value(value)).unwrap_or_default();
                bytes.strip_prefix(&[0]).unwrap_or(bytes)
            };
            head(&mut writer, 4, 3);
            writer.int(-1);
            writer.bytes(part(0));
            writer.int(-2);
            writer.bytes(part(1));
        }
        None => {
            head(&mut writer, 3, 7);
            writer.int(-1);
            writer.bytes(value);
        }
    }
    Ok(writer.into_bytes())
}

/// `kty` and `crv` of keys on curves.
fn curve(key_type: KeyType) -> Option<(i64, i64)> {
    Some(match key_type {
        KeyType::P256 => (2, 1),
        KeyType::P384 => (2, 2),
        KeyType::P521 => (2, 3),
        KeyType::Secp256k1 => (2, 8),
        KeyType::Ed25519 => (1, 6),
        KeyType::Ed448 => (1, 7),
        _ => return None,
    })
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
