use proptest::prelude::*;

use super::*;
use crate::authenticator::store::tests::{keeps_what_a_list_would, turns};

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
