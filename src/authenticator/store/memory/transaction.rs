//! A transaction in memory.

use zeroize::Zeroizing;

use super::{MemoryStore, Position, Slot, SlotNumber, UNDO_KEPT, place};
use crate::authenticator::store::codec::Packed;
use crate::authenticator::store::{Credential, StoreError, Transaction};

/// Writes at once and remembers how to take it back.
pub(super) struct MemoryTransaction<'a>(pub(super) &'a mut MemoryStore);

/// One step, to be taken back.
pub(super) enum Undo {
    Insert(SlotNumber),
    Take(SlotNumber, Slot),
    Count(SlotNumber, u32),
    State(Option<Zeroizing<Vec<u8>>>),
}

impl MemoryTransaction<'_> {
    fn take(&mut self, number: SlotNumber) -> Option<Position> {
        let slot = self.0.take(number)?;
        let position = slot.position();
        self.0.undo.push(Undo::Take(number, slot));
        Some(position)
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError> {
        Ok(self.0.find(id).and_then(|number| self.0.credential(number)))
    }

    fn all(&mut self) -> Result<Vec<Credential>, StoreError> {
        let numbers = (1..).map_while(SlotNumber::new);
        let taken =
            numbers.zip(&self.0.slots).filter_map(|(number, slot)| Some((slot.as_ref()?.order, number)));
        let mut taken: Vec<(u64, SlotNumber)> = taken.collect();
        taken.sort_unstable();
        Ok(taken.into_iter().rev().filter_map(|(_, number)| self.0.credential(number)).collect())
    }

    fn discoverable(&mut self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        Ok(self.0.discoverable(rp_id).filter_map(|number| self.0.credential(number)).collect())
    }

    fn put(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let relying_party = self.0.relying_party(&credential.rp_id);
        let packed = Packed::new(credential);
        let hashes = self.0.hashes(&packed, relying_party);
        let (number, position) = match self.0.find_hashed(hashes.id, packed.id()) {
            Some(number) => (number, self.take(number)),
            None => {
                while packed.discoverable()
                    && let Some(superseded) =
                        self.0.find_account(hashes.account, relying_party, packed.user_id())
                {
                    self.take(superseded);
                }
                (self.0.free_slot(), None)
            }
        };
        let position = match position {
            Some(position) if position.relying_party == relying_party => position,
            Some(position) => Position { relying_party, neighbours: None, ..position },
            None => Position { order: self.0.next_order, relying_party, neighbours: None },
        };
        self.0.insert(number, packed, position, hashes);
        self.0.undo.push(Undo::Insert(number));
        Ok(())
    }

    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError> {
        let found = self.0.find(id);
        Ok(found.is_some_and(|number| self.take(number).is_some()))
    }

    fn sign_count(&mut self, id: &[u8]) -> Result<Option<u32>, StoreError> {
        let slot = self.0.find(id).and_then(|number| self.0.slot(number));
        Ok(slot.map(|slot| slot.packed.sign_count()))
    }

    fn set_sign_count(&mut self, id: &[u8], count: u32) -> Result<bool, StoreError> {
        let Some(number) = self.0.find(id) else { return Ok(false) };
        if let Some(slot) = self.0.slot_mut(number) {
            let before = slot.packed.set_sign_count(count);
            self.0.undo.push(Undo::Count(number, before));
        }
        Ok(true)
    }

    fn next_global_count(&mut self) -> Result<u32, StoreError> {
        self.0.global_count = self.0.global_count.checked_add(1).ok_or(StoreError::CounterExhausted)?;
        Ok(self.0.global_count)
    }

    fn authenticator_state(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.state.as_ref().map(|state| state.to_vec()))
    }

    fn set_authenticator_state(&mut self, state: &[u8]) -> Result<(), StoreError> {
        let before = self.0.state.replace(Zeroizing::new(state.to_vec()));
        self.0.undo.push(Undo::State(before));
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        // A slot whose credential was taken and that no other was put in is free now, whatever went through it.
        let MemoryStore { undo, slots, free, .. } = &mut *self.0;
        let known = free.len();
        free.extend(undo.drain(..).filter_map(|step| match step {
            Undo::Take(number, _) if matches!(slots.get(place(number)), Some(None)) => Some(number),
            _ => None,
        }));
        if free.len() > known + 1 {
            let mut freed = free.split_off(known);
            freed.sort_unstable();
            freed.dedup();
            free.append(&mut freed);
        }
        undo.shrink_to(UNDO_KEPT);
        self.0.committed_global_count = self.0.global_count;
        Ok(())
    }
}

impl Drop for MemoryTransaction<'_> {
    fn drop(&mut self) {
        self.0.roll_back();
    }
}
