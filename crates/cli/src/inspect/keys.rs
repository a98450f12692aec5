//! Whether the public keys in a tree can verify: the readers know their layout, the verifier their mathematics.

use stuntkey::verifier::VerifyingKey;
use stuntkey_inspect::text::slice;
use stuntkey_inspect::tree::{Node, Role};

/// More keys are not looked at: a point takes time to prove, and no honest response has as many.
const MOST_KEYS: usize = 64;

/// Notes on every key that cannot verify, why.
pub(super) fn check(tree: &mut Node) {
    let mut left = MOST_KEYS;
    visit(tree, &[], &mut left);
}

/// `bytes` are those in which the node's range counts, if it has none of its own.
fn visit(node: &mut Node, bytes: &[u8], left: &mut usize) {
    let own = node.bytes.take();
    let bytes = own.as_deref().unwrap_or(bytes);
    let key = slice(bytes, node.range.clone().unwrap_or_default());
    let read = match node.role {
        Some(_) if *left == 0 => Ok(()),
        Some(Role::CoseKey) => VerifyingKey::from_cose(key).map(|_| ()),
        Some(Role::SubjectPublicKeyInfo) => VerifyingKey::from_spki(key).map(|_| ()),
        _ => Ok(()),
    };
    *left = left.saturating_sub(usize::from(node.role.is_some()));
    if let Err(refusal) = read {
        *node = std::mem::take(node).odd(format!("cannot verify: found {}", refusal.found));
    }
    node.children.iter_mut().for_each(|child| visit(child, bytes, left));
    node.bytes = own;
}

/// The bytes of the first COSE_Key in a tree.
pub(super) fn first_cose_key(node: &Node, bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = node.bytes.as_deref().unwrap_or(bytes);
    if node.role == Some(Role::CoseKey) {
        return Some(slice(bytes, node.range.clone()?).to_vec());
    }
    node.children.iter().find_map(|child| first_cose_key(child, bytes))
}

#[cfg(test)]
mod tests {
    use stuntkey::crypto::Algorithm;
    use stuntkey::webauthn::Aaguid;
    use stuntkey_inspect::{authenticator_data, cose};

    /// The readers have tables of their own, as they share nothing with the library.
    #[test]
    fn the_readers_know_the_library_s_algorithms_and_its_aaguid() {
        for algorithm in Algorithm::ALL {
            assert_eq!(cose::algorithm(algorithm.cose_identifier().into()), algorithm.name());
        }
        let node = authenticator_data::aaguid_node("aaguid", &Aaguid::STUNTKEY.0);
        assert_eq!(node.meaning.as_deref(), Some("stuntkey"));
    }
}
