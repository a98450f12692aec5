//! The lenient readers: whatever they are told that bytes are, and against the strict ones.

use stuntkey::encoding::cbor;
use stuntkey::webauthn::AuthenticatorData;
use stuntkey_inspect::recognise::{Kind, recognise};
use stuntkey_inspect::tree::Node;
use stuntkey_inspect::{authenticator_data, cbor as located};

/// No panic, no place outside of the bytes; and what a strict reader takes, these read whole, without a note, and as
/// the same.
pub fn readers(data: &[u8]) {
    for told in Kind::ALL.into_iter().map(Some).chain([None]) {
        let mut found = recognise(data, told, &|_| None);
        places(&found.tree, data.len());
        found.tree.hide_secrets();
        places(&found.tree, data.len());
    }
    if cbor::read(data).is_ok() {
        let reading = located::read(data, 0..data.len());
        let item = reading.item.as_ref().expect("canonical CBOR is an item");
        assert_eq!((&reading.stop, reading.end, item.first_departure()), (&None, data.len(), None));
        assert!(!item.has_a_key_twice());
    }
    if let Ok(strict) = AuthenticatorData::parse(data) {
        let lenient = authenticator_data::read(data, 0..data.len(), located::Limits::default());
        assert!(lenient.stop.is_none() && lenient.rest.is_empty());
        assert_eq!(lenient.rp_id_hash.map(|hash| hash.value), Some(strict.rp_id_hash));
        assert_eq!(lenient.flags.map(|flags| flags.value), Some(strict.flags.0));
        assert_eq!(lenient.sign_count.map(|count| count.value), Some(strict.sign_count));
        let id = lenient.attested.and_then(|attested| attested.credential_id);
        let strict_id = strict.attested_credential_data.map(|attested| attested.credential_id);
        assert_eq!(id.map(|id| id.value.to_vec()), strict_id.map(|id| id.to_vec()));
    }
}

/// Every place is inside the bytes in which it counts: those of the nearest node above that has some.
fn places(node: &Node, length: usize) {
    let length = node.bytes.as_ref().map_or(length, Vec::len);
    for place in [&node.range, &node.key].into_iter().flatten() {
        assert!(place.start <= place.end && place.end <= length, "{}: {place:?} of {length}", node.name);
    }
    node.children.iter().for_each(|child| places(child, length));
}
