//! The tables of the database, and what is done with them in one of its transactions.

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use zeroize::Zeroizing;

use crate::authenticator::store::Credential;
use crate::authenticator::store::codec::record;

/// Credentials by their order of creation.
pub(super) const CREDENTIALS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("credentials");
/// Credential id → order of creation.
const ORDER: TableDefinition<'_, &[u8], u64> = TableDefinition::new("order");
/// [`account_key`] and order of creation, of discoverable credentials → nothing.
const DISCOVERABLE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("discoverable");
/// [`GLOBAL_COUNT`], [`NEXT_ORDER`], [`COMMITS`].
pub(super) const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");
/// [`AUTHENTICATOR`].
const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");

/// The signature count that all credentials share.
const GLOBAL_COUNT: &str = "global_count";
/// The order of the credential that is created next.
const NEXT_ORDER: &str = "next";
/// How many transactions were committed.
const COMMITS: &str = "commits";
/// The authenticator's own state.
const AUTHENTICATOR: &str = "authenticator";

/// A credential as [`record`] writes it.
pub(super) type Record = Zeroizing<Vec<u8>>;

/// Every record, newest first.
pub(super) fn records(transaction: &WriteTransaction) -> Result<Vec<(u64, Record)>, redb::Error> {
    let mut records = Vec::new();
    for entry in transaction.open_table(CREDENTIALS)?.iter()?.rev() {
        let (order, record) = entry?;
        records.push((order.value(), Zeroizing::new(record.value().to_vec())));
    }
    Ok(records)
}

/// The record of a credential id.
pub(super) fn record(
    transaction: &WriteTransaction,
    id: &[u8],
) -> Result<Option<(u64, Record)>, redb::Error> {
    let Some(order) = transaction.open_table(ORDER)?.get(id)?.map(|order| order.value()) else {
        return Ok(None);
    };
    let credentials = transaction.open_table(CREDENTIALS)?;
    let record = credentials.get(order)?.map(|record| Zeroizing::new(record.value().to_vec()));
    Ok(record.map(|record| (order, record)))
}

/// The records of the discoverable credentials for a relying party, newest first.
pub(super) fn discoverable(
    transaction: &WriteTransaction,
    rp_id: &str,
) -> Result<Vec<(u64, Record)>, redb::Error> {
    // Below any user handle's, and above.
    let from = account_key(rp_id, &[]);
    let index = transaction.open_table(DISCOVERABLE)?;
    let mut orders: Vec<u64> = Vec::new();
    for entry in index.range(from.as_slice()..)? {
        let (key, ()) = entry.map(|(key, value)| (key, value.value()))?;
        if !key.value().starts_with(&from) {
            break;
        }
        orders.extend(order_of(key.value()));
    }
    orders.sort_unstable();
    let credentials = transaction.open_table(CREDENTIALS)?;
    let mut records = Vec::new();
    for order in orders.into_iter().rev() {
        records.extend(credentials.get(order)?.map(|r| (order, Zeroizing::new(r.value().to_vec()))));
    }
    Ok(records)
}

/// Where a credential stands already: its order, and its account if it is discoverable.
pub(super) type Standing = (u64, Option<Vec<u8>>);

/// Adds a credential as the newest, or replaces the one that stands there.
pub(super) fn put(
    transaction: &WriteTransaction,
    credential: &Credential,
    before: Option<Standing>,
) -> Result<(), redb::Error> {
    let account = credential.discoverable.then(|| account_key(&credential.rp_id, &credential.user.id));
    let mut credentials = transaction.open_table(CREDENTIALS)?;
    let order = match before {
        // Most updates concern the signature count alone, and leave the index as it is.
        Some((order, before)) if before == account => order,
        Some((order, before)) => {
            let mut discoverable = transaction.open_table(DISCOVERABLE)?;
            if let Some(before) = before {
                discoverable.remove(indexed(&before, order).as_slice())?;
            }
            if let Some(account) = account {
                discoverable.insert(indexed(&account, order).as_slice(), ())?;
            }
            order
        }
        None => {
            let mut orders = transaction.open_table(ORDER)?;
            let order = raised(transaction, NEXT_ORDER)? - 1;
            if let Some(account) = account {
                let mut discoverable = transaction.open_table(DISCOVERABLE)?;
                // The account's other credentials make room.
                for superseded in of_account(&discoverable, &account)? {
                    discoverable.remove(indexed(&account, superseded).as_slice())?;
                    if let Some(record) = credentials.remove(superseded)? {
                        let id = record::id(record.value());
                        id.map(|id| orders.remove(id.as_slice())).transpose()?;
                    }
                }
                discoverable.insert(indexed(&account, order).as_slice(), ())?;
            }
            orders.insert(credential.id.as_slice(), order)?;
            order
        }
    };
    credentials.insert(order, record::encode(credential).as_slice())?;
    Ok(())
}

/// Removes the credential that stands there.
pub(super) fn remove(
    transaction: &WriteTransaction,
    id: &[u8],
    (order, account): Standing,
) -> Result<(), redb::Error> {
    transaction.open_table(ORDER)?.remove(id)?;
    transaction.open_table(CREDENTIALS)?.remove(order)?;
    if let Some(account) = account {
        transaction.open_table(DISCOVERABLE)?.remove(indexed(&account, order).as_slice())?;
    }
    Ok(())
}

/// Raises the counter that all credentials share.
pub(super) fn next_global_count(transaction: &WriteTransaction) -> Result<u64, redb::Error> {
    raised(transaction, GLOBAL_COUNT)
}

/// Counts this transaction, and returns how many there were with it.
pub(super) fn count_commit(transaction: &WriteTransaction) -> Result<u64, redb::Error> {
    raised(transaction, COMMITS)
}

/// How many transactions were committed.
pub(super) fn commits(transaction: &WriteTransaction) -> Result<u64, redb::Error> {
    Ok(transaction.open_table(COUNTERS)?.get(COMMITS)?.map_or(0, |commits| commits.value()))
}

pub(super) fn state(transaction: &WriteTransaction) -> Result<Option<Vec<u8>>, redb::Error> {
    Ok(transaction.open_table(STATE)?.get(AUTHENTICATOR)?.map(|state| state.value().to_vec()))
}

pub(super) fn set_state(transaction: &WriteTransaction, state: &[u8]) -> Result<(), redb::Error> {
    transaction.open_table(STATE)?.insert(AUTHENTICATOR, state)?;
    Ok(())
}

/// Takes over a record of an older version, in its order. One that cannot be read is kept, too.
pub(super) fn take_over(
    transaction: &WriteTransaction,
    order: u64,
    record: &[u8],
) -> Result<(), redb::Error> {
    transaction.open_table(CREDENTIALS)?.insert(order, record)?;
    if let Some(id) = record::id(record) {
        transaction.open_table(ORDER)?.insert(id.as_slice(), order)?;
    }
    if let Ok(Some((rp_id, user_id))) = record::account(record) {
        let key = indexed(&account_key(rp_id, user_id), order);
        transaction.open_table(DISCOVERABLE)?.insert(key.as_slice(), ())?;
    }
    Ok(())
}

/// Adds one to a counter, which begins at 0.
fn raised(transaction: &WriteTransaction, counter: &str) -> Result<u64, redb::Error> {
    let mut counters = transaction.open_table(COUNTERS)?;
    let count = counters.get(counter)?.map_or(0, |count| count.value()) + 1;
    counters.insert(counter, count)?;
    Ok(count)
}

/// No byte of a text is this: it ends the RP ID in an index.
const NO_TEXT: u8 = 0xff;

/// A relying party and a user handle.
pub(super) fn account_key(rp_id: &str, user_id: &[u8]) -> Vec<u8> {
    [rp_id.as_bytes(), &[NO_TEXT], user_id].concat()
}

/// The key of a credential in [`DISCOVERABLE`].
fn indexed(account: &[u8], order: u64) -> Vec<u8> {
    [account, &order.to_be_bytes()].concat()
}

/// The order of creation in such a key.
fn order_of(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|order| u64::from_be_bytes(*order))
}

/// The orders of an account's discoverable credentials.
fn of_account(
    index: &impl ReadableTable<&'static [u8], ()>,
    account: &[u8],
) -> Result<Vec<u64>, redb::Error> {
    let mut orders = Vec::new();
    for entry in index.range(indexed(account, 0).as_slice()..=indexed(account, u64::MAX).as_slice())? {
        let (key, _) = entry?;
        // Between them may be longer user handles.
        if key.value().len() == account.len() + size_of::<u64>() && key.value().starts_with(account) {
            orders.extend(order_of(key.value()));
        }
    }
    Ok(orders)
}
