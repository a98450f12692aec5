//! Any store against a plain list.

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
        self.0.retain(|other| !supersedes(credential, other));
        self.0.push(credential.clone());
    }
}

/// Whether a new `credential` takes the place of `other`.
fn supersedes(credential: &Credential, other: &Credential) -> bool {
    credential.discoverable
        && other.discoverable
        && credential.id != other.id
        && credential.rp_id == other.rp_id
        && credential.user.id == other.user.id
}

/// A transaction, and what is looked at after it: the lists of relying parties 0 to 2, ids 0 to 11, and everything.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    steps: Vec<Step>,
    committed: bool,
    looks: u16,
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

pub(super) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (prop::collection::vec(step(), 0..6), any::<bool>(), any::<u16>());
    let turn = turn.prop_map(|(steps, committed, looks)| Turn { steps, committed, looks });
    prop::collection::vec(turn, 0..20)
}

pub(super) fn credential(id: u8, rp: u8, user: u8, discoverable: bool) -> Credential {
    let user = User { id: vec![user], name: user.to_string(), display_name: String::new() };
    let key = KeyPair::from_p256_scalar(&[3; 32]).unwrap();
    Credential { discoverable, ..Credential::new(vec![id; 16], format!("{rp}.example"), user, key) }
}

/// That a store keeps what a list would. `after_each` looks into it after each transaction.
pub(super) fn keeps_what_a_list_would<S: CredentialStore>(
    store: &mut S,
    turns: Vec<Turn>,
    after_each: impl Fn(&S),
) {
    let mut plain = Plain::default();
    for Turn { steps, committed, looks } in turns {
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
            check(transaction.as_mut(), &after, looks);
        }
        match committed {
            true => {
                transaction.commit().unwrap();
                plain = after;
            }
            false => drop(transaction),
        }
        check(store.begin().unwrap().as_mut(), &plain, looks);
        after_each(store);
    }
}

fn check(transaction: &mut dyn Transaction, plain: &Plain, looks: u16) {
    let newest_first: Vec<Credential> = plain.0.iter().rev().cloned().collect();
    for rp in (0..3).filter(|rp| looks >> rp & 1 == 1) {
        let rp_id = format!("{rp}.example");
        let of_rp: Vec<Credential> =
            newest_first.iter().filter(|c| c.discoverable && c.rp_id == rp_id).cloned().collect();
        assert_eq!(transaction.discoverable(&rp_id).unwrap(), of_rp);
    }
    for id in (0..12).filter(|id| looks >> (3 + id) & 1 == 1) {
        let known = plain.0.iter().find(|c| c.id == [id; 16]).cloned();
        assert_eq!(transaction.find(&[id; 16]).unwrap(), known);
    }
    if looks >> 15 == 1 {
        assert_eq!(transaction.all().unwrap(), newest_first);
    }
}
