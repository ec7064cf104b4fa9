//! The table `failed_passwords`: wrong passwords of the last hour, for the limits on guessing.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::failed_passwords},
};

/// SHA-256 of the name that was tried.
pub type AccountHash = [u8; 32];

/// A wrong password for a user's account.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = failed_passwords)]
pub struct FailedPassword {
    /// When it was given.
    pub at: Timestamp,
    /// From which network.
    pub network: String,
}

/// Which wrong passwords are counted together.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// Those for one account from one network.
    AccountAndNetwork(&'a AccountHash, &'a str),
    /// Those from one network.
    Network(&'a str),
    /// Those for one account.
    Account(&'a AccountHash),
}

/// When the `nth` last wrong password after `since` and up to `until` was given, where there are so many; the last one is the first.
///
/// # Errors
/// The database's own.
pub fn nth_last(
    connection: &mut DbConnection,
    scope: Scope<'_>,
    nth: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    macro_rules! last {
        ($c:expr, $filter:expr) => {
            failed_passwords::table
                .filter($filter)
                .filter(failed_passwords::at.gt(since))
                .filter(failed_passwords::at.le(until))
                .order(failed_passwords::at.desc())
                .offset(nth - 1)
                .limit(1)
                .select(failed_passwords::at)
                .get_result($c)
                .optional()
        };
    }
    let (account, network) = (failed_passwords::account, failed_passwords::network);
    let found = dispatch!(connection, |c| match scope {
        Scope::AccountAndNetwork(a, n) => last!(c, account.eq(a.as_slice()).and(network.eq(n))),
        Scope::Network(n) => last!(c, network.eq(n)),
        Scope::Account(a) => last!(c, account.eq(a.as_slice())),
    });
    Ok(found?)
}

/// Makes others who count a wrong password of this account or network wait until this transaction ends, so that the
/// count that decides is the count that is written. SQLite has one writer as it is.
///
/// # Errors
/// The database's own.
pub fn lock(connection: &mut DbConnection, account: &AccountHash, network: &str) -> Result<(), DbError> {
    if let DbConnection::Postgres(c) = connection {
        // The account before the network, always: two that wait for each other would wait forever.
        let [a, b, c1, d, e, f, g, h, ..] = *account;
        let account = i64::from_be_bytes([a, b, c1, d, e, f, g, h]);
        sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(account).execute(c)?;
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind::<Text, _>(network).execute(c)?;
    }
    Ok(())
}

/// Notes a wrong password.
///
/// # Errors
/// The database's own.
pub fn insert(
    connection: &mut DbConnection,
    account: &AccountHash,
    network: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let row = (
        failed_passwords::account.eq(account.as_slice()),
        failed_passwords::network.eq(network),
        failed_passwords::at.eq(now),
    );
    dispatch!(connection, |c| diesel::insert_into(failed_passwords::table).values(row).execute(c))?;
    Ok(())
}

/// The networks from which wrong passwords for an account came.
///
/// # Errors
/// The database's own.
pub fn networks(connection: &mut DbConnection, account: &AccountHash) -> Result<Vec<String>, DbError> {
    let found = dispatch!(connection, |c| failed_passwords::table
        .filter(failed_passwords::account.eq(account.as_slice()))
        .select(failed_passwords::network)
        .distinct()
        .order(failed_passwords::network)
        .load(c));
    Ok(found?)
}

/// The last `limit` wrong passwords for an account before the one with the id `before`, newest first, each with its id.
///
/// # Errors
/// The database's own.
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

/// Counts the wrong passwords for one account as those for another.
///
/// # Errors
/// The database's own.
pub fn rename(connection: &mut DbConnection, from: &AccountHash, to: &AccountHash) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::update(failed_passwords::table)
        .filter(failed_passwords::account.eq(from.as_slice()))
        .set(failed_passwords::account.eq(to.as_slice()))
        .execute(c))?;
    Ok(())
}

/// Forgets the wrong passwords for an account, from one network or from all; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete(connection: &mut DbConnection, account: &AccountHash, network: Option<&str>) -> Result<usize, DbError> {
    let of_account = failed_passwords::account.eq(account.as_slice());
    let deleted = dispatch!(connection, |c| match network {
        Some(network) => diesel::delete(failed_passwords::table)
            .filter(of_account.and(failed_passwords::network.eq(network)))
            .execute(c),
        None => diesel::delete(failed_passwords::table).filter(of_account).execute(c),
    });
    Ok(deleted?)
}

/// Deletes up to `max` rows before `before`; how many those were.
///
/// # Errors
/// The database's own.
pub fn delete_before(connection: &mut DbConnection, before: Timestamp, max: i64) -> Result<usize, DbError> {
    dispatch!(connection, |c| {
        let old = failed_passwords::table.filter(failed_passwords::at.lt(before)).limit(max);
        let ids: Vec<i64> = old.select(failed_passwords::id).load(c)?;
        Ok(diesel::delete(failed_passwords::table).filter(failed_passwords::id.eq_any(ids)).execute(c)?)
    })
}
