//! The table `failed_passwords`: wrong passwords of the last hour, for rate limiting.

use diesel::prelude::*;
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, Tx,
        advisory_lock::AdvisoryLock,
        dispatch,
        query_macros::{delete_batch, nth_last},
        schema::failed_passwords,
    },
};

/// SHA-256 of the username that was entered.
pub type AccountHash = [u8; 32];

#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = failed_passwords)]
pub struct FailedPassword {
    pub at: Timestamp,
    pub network: String,
}

/// Which wrong passwords are counted together.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    AccountAndNetwork(&'a AccountHash, &'a str),
    Network(&'a str),
    Account(&'a AccountHash),
}

/// The time of the `nth` last wrong password after `since` and up to `until`; `None` if there are fewer.
pub fn nth_last(
    connection: &mut DbConnection,
    scope: Scope<'_>,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let (account, network) = (failed_passwords::account, failed_passwords::network);
    match scope {
        Scope::AccountAndNetwork(a, n) => {
            let is_one = account.eq(a.as_slice()).and(network.eq(n));
            nth_last!(connection, failed_passwords.at, is_one, nth, since, until)
        }
        Scope::Network(n) => nth_last!(connection, failed_passwords.at, network.eq(n), nth, since, until),
        Scope::Account(a) => nth_last!(connection, failed_passwords.at, account.eq(a.as_slice()), nth, since, until),
    }
}

/// Serializes transactions that count wrong passwords of this account or network, so that no two decide on the same
/// count. Always the account before the network: a fixed order prevents deadlocks.
pub fn lock(tx: &mut Tx<'_>, account: &AccountHash, network: &str) -> Result<(), DbError> {
    AdvisoryLock::Hash(account).acquire(tx)?;
    AdvisoryLock::FailedPasswordsOfNetwork(network).acquire(tx)
}

pub fn insert(tx: &mut Tx<'_>, account: &AccountHash, network: &str, now: Timestamp) -> Result<(), DbError> {
    let row = (
        failed_passwords::account.eq(account.as_slice()),
        failed_passwords::network.eq(network),
        failed_passwords::at.eq(now),
    );
    dispatch!(tx.connection(), |c| diesel::insert_into(failed_passwords::table).values(row).execute(c))?;
    Ok(())
}

/// The networks from which wrong passwords for an account came.
pub fn networks(connection: &mut DbConnection, account: &AccountHash) -> Result<Vec<String>, DbError> {
    let found = dispatch!(connection, |c| failed_passwords::table
        .filter(failed_passwords::account.eq(account.as_slice()))
        .select(failed_passwords::network)
        .distinct()
        .order(failed_passwords::network)
        .load(c));
    Ok(found?)
}

/// The last `limit` wrong passwords for an account with ids below `before`, newest first, each with its id.
pub fn page(
    connection: &mut DbConnection,
    account: &AccountHash,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, FailedPassword)>, DbError> {
    let found = dispatch!(connection, |c| failed_passwords::table
        .filter(failed_passwords::account.eq(account.as_slice()))
        .filter(failed_passwords::id.lt(before))
        .order(failed_passwords::id.desc())
        .limit(limit)
        .select((failed_passwords::id, FailedPassword::as_select()))
        .load(c));
    Ok(found?)
}

/// Moves the wrong passwords of one account to another, for a user who changes the username.
pub fn rename(tx: &mut Tx<'_>, from: &AccountHash, to: &AccountHash) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::update(failed_passwords::table)
        .filter(failed_passwords::account.eq(from.as_slice()))
        .set(failed_passwords::account.eq(to.as_slice()))
        .execute(c))?;
    Ok(())
}

/// Deletes the wrong passwords for an account, from one network or from all, and returns their number.
pub fn delete(tx: &mut Tx<'_>, account: &AccountHash, network: Option<&str>) -> Result<usize, DbError> {
    let of_account = failed_passwords::account.eq(account.as_slice());
    let deleted = dispatch!(tx.connection(), |c| match network {
        Some(network) => diesel::delete(failed_passwords::table)
            .filter(of_account.and(failed_passwords::network.eq(network)))
            .execute(c),
        None => diesel::delete(failed_passwords::table).filter(of_account).execute(c),
    });
    Ok(deleted?)
}

/// Deletes up to `max` rows before `before` and returns their number.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, failed_passwords.id: i64, failed_passwords::at.lt(before), max)
}
