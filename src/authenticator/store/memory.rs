//! Credentials in memory.

mod transaction;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::num::NonZeroU32;

use zeroize::Zeroizing;

use super::codec::Packed;
use super::credential::Credential;
use super::{CredentialStore, StoreError, Transaction};
use transaction::{MemoryTransaction, Undo};

/// Credentials in memory, gone with the process.
///
/// Made for millions of them: an ES256 credential takes less than 400 bytes with its place in the indices, and is
/// found by its id, its account or its relying party in a time that does not grow with their number.
#[derive(Default)]
pub struct MemoryStore {
    slots: Vec<Option<Slot>>,
    /// Slots that are free again.
    free: Vec<SlotNumber>,
    /// The first slot of each chain. The keys are hashes.
    by_id: Index,
    /// The same for the accounts of discoverable credentials. An account is a relying party and a user handle.
    by_account: Index,
    relying_parties: Vec<RelyingParty>,
    by_rp_id: HashMap<Box<str>, u32>,
    hasher: RandomState,
    /// Gives everything the same hash, which no test could wait for.
    #[cfg(test)]
    collide: bool,
    next_order: u64,
    global_count: u32,
    /// As it was before the transaction that is going on.
    committed_global_count: u32,
    /// The authenticator's own state.
    state: Option<Zeroizing<Vec<u8>>>,
    /// The steps of that transaction.
    undo: Vec<Undo>,
}

/// The list of steps keeps the room for this many, and gives back the rest.
const UNDO_KEPT: usize = 16;

/// The number of a slot, counted from one so that an absent number takes no room.
type SlotNumber = NonZeroU32;

struct Slot {
    packed: Packed,
    /// The order of creation.
    order: u64,
    relying_party: u32,
    /// The next slot whose id, and whose account, has the same hash.
    next_by_id: Option<SlotNumber>,
    next_by_account: Option<SlotNumber>,
    /// The neighbours among the discoverable credentials of the relying party.
    newer: Option<SlotNumber>,
    older: Option<SlotNumber>,
}

/// Where a credential stands among the others.
#[derive(Clone, Copy)]
struct Position {
    order: u64,
    relying_party: u32,
    /// The newer and the older neighbour, where they are known.
    neighbours: Option<(Option<SlotNumber>, Option<SlotNumber>)>,
}

impl Slot {
    /// The position, which is right until others come and go beside it.
    fn position(&self) -> Position {
        Position {
            order: self.order,
            relying_party: self.relying_party,
            neighbours: self.packed.discoverable().then_some((self.newer, self.older)),
        }
    }
}

#[derive(Clone, Copy)]
struct Hashes {
    id: u64,
    account: u64,
}

struct RelyingParty {
    id: Box<str>,
    /// The newest of its discoverable credentials.
    newest: Option<SlotNumber>,
}

/// The chains beside the index are our own. `hashbrown`'s `HashTable`, which would take several entries under one hash,
/// has been tried: it fills more slowly than this, and it would be the 81st crate of the default build.
type Index = HashMap<u64, SlotNumber, BuildHasherDefault<AlreadyHashed>>;

/// The indices' keys are hashes already.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The index of a slot.
fn place(number: SlotNumber) -> usize {
    usize::try_from(number.get() - 1).expect("it was made from a usize")
}

impl MemoryStore {
    fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// How much there is to remember: credentials, and relying parties that had some.
    #[cfg(feature = "store")]
    pub(super) fn size(&self) -> usize {
        self.len() + self.relying_parties.len()
    }

    /// Whether a credential with this one's id is here, or with its account.
    #[cfg(feature = "store")]
    pub(super) fn concerns(&self, credential: &Credential) -> bool {
        let user_id = credential.user.id.as_slice();
        self.find(&credential.id).is_some()
            || self.by_rp_id.get(credential.rp_id.as_str()).is_some_and(|relying_party| {
                self.find_account(self.hash((*relying_party, user_id)), *relying_party, user_id).is_some()
            })
    }

    /// The discoverable credentials for a relying party, newest first.
    pub(super) fn discoverable(&self, rp_id: &str) -> impl Iterator<Item = SlotNumber> {
        let known = self.by_rp_id.get(rp_id).and_then(|number| usize::try_from(*number).ok());
        let newest = known.and_then(|number| self.relying_parties.get(number)?.newest);
        std::iter::successors(newest, |number| self.slot(*number)?.older)
    }

    /// Takes back what an uncommitted transaction did.
    fn roll_back(&mut self) {
        self.global_count = self.committed_global_count;
        while let Some(step) = self.undo.pop() {
            match step {
                Undo::Insert(number) => {
                    self.take(number);
                    // Unless a credential comes back to it, which is the step before.
                    if !matches!(self.undo.last(), Some(Undo::Take(same, _)) if *same == number) {
                        self.free.push(number);
                    }
                }
                Undo::Take(number, slot) => {
                    let hashes = self.hashes(&slot.packed, slot.relying_party);
                    let position = slot.position();
                    self.insert(number, slot.packed, position, hashes);
                }
                Undo::State(before) => self.state = before,
                Undo::Count(number, before) => {
                    if let Some(slot) = self.slot_mut(number) {
                        slot.packed.set_sign_count(before);
                    }
                }
            }
        }
        self.undo.shrink_to(UNDO_KEPT);
    }

    fn slot(&self, number: SlotNumber) -> Option<&Slot> {
        self.slots.get(place(number))?.as_ref()
    }

    fn slot_mut(&mut self, number: SlotNumber) -> Option<&mut Slot> {
        self.slots.get_mut(place(number))?.as_mut()
    }

    fn hash(&self, value: impl Hash) -> u64 {
        #[cfg(test)]
        if self.collide {
            return 0;
        }
        self.hasher.hash_one(value)
    }

    fn find(&self, id: &[u8]) -> Option<SlotNumber> {
        self.find_hashed(self.hash(id), id)
    }

    fn find_hashed(&self, hash: u64, id: &[u8]) -> Option<SlotNumber> {
        self.find_in_chain(self.by_id.get(&hash), |slot| slot.next_by_id, |slot| slot.packed.id() == id)
    }

    /// The discoverable credential of an account.
    fn find_account(&self, hash: u64, relying_party: u32, user_id: &[u8]) -> Option<SlotNumber> {
        let is_it = |slot: &Slot| slot.relying_party == relying_party && slot.packed.user_id() == user_id;
        self.find_in_chain(self.by_account.get(&hash), |slot| slot.next_by_account, is_it)
    }

    fn find_in_chain(
        &self,
        first: Option<&SlotNumber>,
        next: impl Fn(&Slot) -> Option<SlotNumber>,
        is_it: impl Fn(&Slot) -> bool,
    ) -> Option<SlotNumber> {
        let mut at = first.copied();
        while let Some(number) = at {
            let slot = self.slot(number)?;
            if is_it(slot) {
                return Some(number);
            }
            at = next(slot);
        }
        None
    }

    fn credential(&self, number: SlotNumber) -> Option<Credential> {
        let slot = self.slot(number)?;
        let relying_party = self.relying_parties.get(usize::try_from(slot.relying_party).ok()?)?;
        Some(slot.packed.unpack(relying_party.id.as_ref()))
    }

    fn relying_party(&mut self, rp_id: &str) -> u32 {
        if let Some(known) = self.by_rp_id.get(rp_id) {
            return *known;
        }
        let number = u32::try_from(self.relying_parties.len()).expect("memory ends before 2^32 RP IDs");
        self.relying_parties.push(RelyingParty { id: rp_id.into(), newest: None });
        self.by_rp_id.insert(rp_id.into(), number);
        number
    }

    fn newest(&mut self, relying_party: u32) -> Option<&mut Option<SlotNumber>> {
        let index = usize::try_from(relying_party).ok()?;
        self.relying_parties.get_mut(index).map(|relying_party| &mut relying_party.newest)
    }

    /// A slot to put a credential in.
    fn free_slot(&mut self) -> SlotNumber {
        if let Some(number) = self.free.pop() {
            return number;
        }
        // Doubling would leave half of the room unused.
        if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact(16 + self.slots.len() / 4);
        }
        self.slots.push(None);
        let number = u32::try_from(self.slots.len()).ok().and_then(SlotNumber::new);
        number.expect("memory ends before 2^32 credentials")
    }

    /// The hashes of a credential's id and of its account.
    fn hashes(&self, packed: &Packed, relying_party: u32) -> Hashes {
        Hashes { id: self.hash(packed.id()), account: self.hash((relying_party, packed.user_id())) }
    }

    /// Puts a credential into a free slot, and into every index.
    fn insert(&mut self, number: SlotNumber, packed: Packed, position: Position, hashes: Hashes) {
        let Position { order, relying_party, neighbours } = position;
        let discoverable = packed.discoverable();
        let next_by_id = self.by_id.insert(hashes.id, number);
        let next_by_account =
            if discoverable { self.by_account.insert(hashes.account, number) } else { None };
        if let Some(slot) = self.slots.get_mut(place(number)) {
            *slot = Some(Slot {
                packed,
                order,
                relying_party,
                next_by_id,
                next_by_account,
                newer: None,
                older: None,
            });
        }
        if discoverable {
            let (newer, older) = neighbours.unwrap_or_else(|| self.neighbours(relying_party, order));
            self.join(relying_party, newer, Some(number));
            self.join(relying_party, Some(number), older);
        }
        self.next_order = self.next_order.max(order.saturating_add(1));
    }

    /// The newer and the older neighbour of a credential that comes to a relying party. A new one is the newest; one
    /// that comes from another relying party looks for its place.
    fn neighbours(&mut self, relying_party: u32, order: u64) -> (Option<SlotNumber>, Option<SlotNumber>) {
        let (mut newer, mut older) = (None, self.newest(relying_party).and_then(|newest| *newest));
        while let Some(slot) = older.and_then(|older| self.slot(older))
            && slot.order > order
        {
            (newer, older) = (older, slot.older);
        }
        (newer, older)
    }

    /// Makes two slots neighbours. The newest has no newer neighbour, and the oldest no older one.
    fn join(&mut self, relying_party: u32, newer: Option<SlotNumber>, older: Option<SlotNumber>) {
        if let Some(slot) = older.and_then(|older| self.slot_mut(older)) {
            slot.newer = newer;
        }
        let place = match newer {
            Some(newer) => self.slot_mut(newer).map(|slot| &mut slot.older),
            None => self.newest(relying_party),
        };
        if let Some(place) = place {
            *place = older;
        }
    }

    /// Takes a credential out of its slot and every index.
    fn take(&mut self, number: SlotNumber) -> Option<Slot> {
        let slot = self.slots.get_mut(place(number))?.take()?;
        let id_hash = self.hash(slot.packed.id());
        self.unchain(number, id_hash, slot.next_by_id, |store| &mut store.by_id, |slot| &mut slot.next_by_id);
        if slot.packed.discoverable() {
            let account_hash = self.hash((slot.relying_party, slot.packed.user_id()));
            self.unchain(
                number,
                account_hash,
                slot.next_by_account,
                |store| &mut store.by_account,
                |slot| &mut slot.next_by_account,
            );
            self.join(slot.relying_party, slot.newer, slot.older);
        }
        Some(slot)
    }

    /// Takes a slot that is empty already out of the chain of its hash.
    fn unchain(
        &mut self,
        number: SlotNumber,
        hash: u64,
        next: Option<SlotNumber>,
        index: impl Fn(&mut Self) -> &mut Index,
        next_of: impl Fn(&mut Slot) -> &mut Option<SlotNumber>,
    ) {
        let first = index(self).get(&hash).copied();
        if first == Some(number) {
            match next {
                Some(next) => index(self).insert(hash, next),
                None => index(self).remove(&hash),
            };
            return;
        }
        let mut at = first;
        while let Some(slot) = at.and_then(|at| self.slot_mut(at)) {
            let after = next_of(slot);
            if *after == Some(number) {
                *after = next;
                return;
            }
            at = *after;
        }
    }
}

impl CredentialStore for MemoryStore {
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        // The steps of a forgotten transaction may be left.
        self.roll_back();
        Ok(Box::new(MemoryTransaction(self)))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("credentials", &self.len()).finish_non_exhaustive()
    }
}
