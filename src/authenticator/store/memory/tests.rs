use proptest::prelude::*;

use super::*;
use crate::authenticator::store::tests::{credential, keeps_what_a_list_would, turns};

proptest! {
    #[test]
    fn a_store_in_memory_keeps_what_a_list_would(turns in turns(), collide: bool) {
        let mut store = MemoryStore { collide, ..MemoryStore::default() };
        keeps_what_a_list_would(&mut store, turns, |store| {
            let taken = store.slots.iter().filter(|slot| slot.is_some()).count();
            assert_eq!(taken + store.free.len(), store.slots.len(), "a slot is lost");
        });
    }
}

#[test]
fn a_forgotten_transaction_is_taken_back() {
    let mut store = MemoryStore::default();
    let mut transaction = store.begin().unwrap();
    transaction.put(&credential(1, 1, 1, true)).unwrap();
    transaction.commit().unwrap();
    let mut forgotten = store.begin().unwrap();
    forgotten.put(&credential(2, 1, 1, true)).unwrap();
    assert_eq!(forgotten.next_global_count().unwrap(), 1);
    forgotten.set_authenticator_state(b"state").unwrap();
    std::mem::forget(forgotten);
    let mut transaction = store.begin().unwrap();
    assert_eq!(transaction.all().unwrap(), [credential(1, 1, 1, true)]);
    assert_eq!(transaction.next_global_count().unwrap(), 1);
    assert_eq!(transaction.authenticator_state().unwrap(), None);
}
