use proptest::prelude::*;

use super::*;
use crate::crypto::KeyPair;
use crate::webauthn::User;

/// A store as plain as can be: a list, oldest first.
#[derive(Default, Clone)]
struct Plain(Vec<Credential>);

impl Plain {
    fn put(&mut self, credential: &Credential) {
        if let Some(known) = self.0.iter_mut().find(|known| known.id == credential.id) {
            *known = credential.clone();
            return;
        }
        self.0.retain(|other| !super::super::supersedes(credential, other));
        self.0.push(credential.clone());
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put { id: u8, rp: u8, user: u8, discoverable: bool },
    Remove(u8),
    Count(u8, u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12_u8, 0..3_u8, 0..4_u8, any::<bool>())
            .prop_map(|(id, rp, user, discoverable)| Step::Put { id, rp, user, discoverable }),
        1 => (0..12_u8).prop_map(Step::Remove),
        1 => (0..12_u8, any::<u32>()).prop_map(|(id, count)| Step::Count(id, count)),
    ]
}

fn credential(id: u8, rp: u8, user: u8, discoverable: bool) -> Credential {
    Credential {
        id: vec![id; 16],
        rp_id: format!("{rp}.example"),
        user: User { id: vec![user], name: user.to_string(), display_name: String::new() },
        key: KeyPair::from_p256_scalar(&[3; 32]).unwrap(),
        discoverable,
        sign_count: 0,
        backup_eligible: false,
        backup_state: false,
    }
}

proptest! {
    /// Transactions of several steps, committed or dropped, against a plain list.
    #[test]
    fn keeps_what_a_list_would(
        transactions in prop::collection::vec((prop::collection::vec(step(), 0..6), any::<bool>()), 0..20),
        colliding: bool,
    ) {
        let mut store = MemoryStore { collide: colliding, ..MemoryStore::default() };
        let mut plain = Plain::default();
        for (steps, committed) in transactions {
            let mut after = plain.clone();
            let mut transaction = store.begin().unwrap();
            for step in steps {
                match step {
                    Step::Put { id, rp, user, discoverable } => {
                        let credential = credential(id, rp, user, discoverable);
                        transaction.put(&credential).unwrap();
                        after.put(&credential);
                    }
                    Step::Remove(id) => {
                        let there = after.0.iter().any(|c| c.id == [id; 16]);
                        assert_eq!(transaction.remove(&[id; 16]).unwrap(), there);
                        after.0.retain(|c| c.id != [id; 16]);
                    }
                    Step::Count(id, count) => {
                        let known = after.0.iter_mut().find(|c| c.id == [id; 16]);
                        assert_eq!(transaction.set_sign_count(&[id; 16], count).unwrap(), known.is_some());
                        if let Some(known) = known {
                            known.sign_count = count;
                        }
                        let read = transaction.sign_count(&[id; 16]).unwrap();
                        assert_eq!(read, after.0.iter().find(|c| c.id == [id; 16]).map(|c| c.sign_count));
                    }
                }
                check(transaction.as_mut(), &after);
            }
            match committed {
                true => {
                    transaction.commit().unwrap();
                    plain = after;
                }
                false => drop(transaction),
            }
            check(store.begin().unwrap().as_mut(), &plain);
            let taken = store.slots.iter().filter(|slot| slot.is_some()).count();
            assert_eq!(taken + store.free.len(), store.slots.len(), "a slot is lost");
        }
    }
}

fn check(transaction: &mut dyn Transaction, plain: &Plain) {
    let newest_first: Vec<Credential> = plain.0.iter().rev().cloned().collect();
    assert_eq!(transaction.all().unwrap(), newest_first);
    for rp in 0..3 {
        let rp_id = format!("{rp}.example");
        let of_rp: Vec<Credential> =
            newest_first.iter().filter(|c| c.discoverable && c.rp_id == rp_id).cloned().collect();
        assert_eq!(transaction.discoverable(&rp_id).unwrap(), of_rp);
    }
    for id in 0..12 {
        let known = plain.0.iter().find(|c| c.id == [id; 16]).cloned();
        assert_eq!(transaction.find(&[id; 16]).unwrap(), known);
    }
}
