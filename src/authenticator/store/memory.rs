use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Credential, CredentialStore, StoreError, Transaction, supersedes};

/// Credentials in memory, gone with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// By order of creation.
    credentials: BTreeMap<u64, Arc<Credential>>,
    order: HashMap<Vec<u8>, u64>,
    /// The discoverable ones of each relying party, oldest first.
    discoverable: HashMap<String, Vec<u64>>,
    next: u64,
    global_count: u32,
}

impl MemoryStore {
    fn insert(&mut self, order: u64, credential: Arc<Credential>) {
        if credential.discoverable {
            let of_rp = self.discoverable.entry(credential.rp_id.clone()).or_default();
            if let Err(at) = of_rp.binary_search(&order) {
                of_rp.insert(at, order);
            }
        }
        self.order.insert(credential.id.clone(), order);
        self.credentials.insert(order, credential);
        self.next = self.next.max(order.saturating_add(1));
    }

    fn take(&mut self, order: u64) -> Option<Arc<Credential>> {
        let credential = self.credentials.remove(&order)?;
        self.order.remove(&credential.id);
        if let Some(of_rp) = self.discoverable.get_mut(&credential.rp_id) {
            of_rp.retain(|o| *o != order);
        }
        Some(credential)
    }
}

impl CredentialStore for MemoryStore {
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        Ok(Box::new(MemoryTransaction { global_count: self.global_count, store: self, undo: Vec::new() }))
    }
}

/// Writes at once and remembers how to take it back.
struct MemoryTransaction<'a> {
    store: &'a mut MemoryStore,
    undo: Vec<(u64, Option<Arc<Credential>>)>,
    global_count: u32,
}

impl Transaction for MemoryTransaction<'_> {
    fn find(&mut self, id: &[u8]) -> Result<Option<Credential>, StoreError> {
        let order = self.store.order.get(id);
        Ok(order.and_then(|order| self.store.credentials.get(order)).map(|found| Credential::clone(found)))
    }

    fn all(&mut self) -> Result<Vec<Credential>, StoreError> {
        Ok(self.store.credentials.values().rev().map(|found| Credential::clone(found)).collect())
    }

    fn discoverable(&mut self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        let of_rp = self.store.discoverable.get(rp_id).map(Vec::as_slice).unwrap_or_default();
        let found = of_rp.iter().rev().filter_map(|order| self.store.credentials.get(order));
        Ok(found.map(|found| Credential::clone(found)).collect())
    }

    fn put(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let order = match self.store.order.get(&credential.id).copied() {
            Some(order) => order,
            None => {
                let of_rp = self.store.discoverable.get(&credential.rp_id).cloned().unwrap_or_default();
                for order in of_rp {
                    if self.store.credentials.get(&order).is_some_and(|other| supersedes(credential, other)) {
                        self.undo.push((order, self.store.take(order)));
                    }
                }
                self.store.next
            }
        };
        self.undo.push((order, self.store.take(order)));
        self.store.insert(order, Arc::new(credential.clone()));
        Ok(())
    }

    fn remove(&mut self, id: &[u8]) -> Result<bool, StoreError> {
        let Some(order) = self.store.order.get(id).copied() else { return Ok(false) };
        self.undo.push((order, self.store.take(order)));
        Ok(true)
    }

    fn next_global_count(&mut self) -> Result<u32, StoreError> {
        self.store.global_count =
            self.store.global_count.checked_add(1).ok_or(StoreError::CounterExhausted)?;
        Ok(self.store.global_count)
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.undo.clear();
        self.global_count = self.store.global_count;
        Ok(())
    }
}

impl Drop for MemoryTransaction<'_> {
    fn drop(&mut self) {
        self.store.global_count = self.global_count;
        while let Some((order, before)) = self.undo.pop() {
            self.store.take(order);
            if let Some(credential) = before {
                self.store.insert(order, credential);
            }
        }
    }
}
