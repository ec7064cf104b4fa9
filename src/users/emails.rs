//! The addresses of the table `users`: which account owns one, and which ones wait for their verification.

use diesel::prelude::*;

use super::{Credentials, User};
use crate::{
    base::clock::Timestamp,
    db::{CacheTag, DbConnection, DbError, Tx, advisory_lock::AdvisoryLock, dispatch, schema::users},
};

/// A user that has entered an address, verified or not.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Claimant {
    #[diesel(embed)]
    pub user: User,
    pub email_key: Option<String>,
    pub unverified_email_key: Option<String>,
}

/// Finds the user who has verified this address.
pub fn find_verified(connection: &mut DbConnection, email_key: &str) -> Result<Option<Credentials>, DbError> {
    let is_verified = users::email_key.eq(email_key).and(users::email_verified_at.is_not_null());
    let found = dispatch!(connection, |c| users::table
        .filter(is_verified)
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Serializes verifications of this address until the transaction ends.
pub fn lock_address(tx: &mut Tx<'_>, email_key: &str) -> Result<(), DbError> {
    AdvisoryLock::EmailKey(email_key).acquire(tx)
}

/// Locks the user and everybody else who has entered the address, in the order of their ids: two verifications that
/// affect the same users must not wait for each other.
pub fn lock_claimants(tx: &mut Tx<'_>, user_id: i64, email_key: &str) -> Result<Vec<Claimant>, DbError> {
    let is_claimant = users::id
        .eq(user_id)
        .or(users::email_key.eq(email_key).assume_not_null())
        .or(users::unverified_email_key.eq(email_key).assume_not_null());
    let query = users::table.filter(is_claimant).order(users::id);
    let found = match tx.connection() {
        DbConnection::Sqlite(c) => query.select(Claimant::as_select()).load(c),
        DbConnection::Postgres(c) => query.select(Claimant::as_select()).for_no_key_update().load(c),
    };
    Ok(found?)
}

/// Stores a verified address of the user.
pub fn set_verified(tx: &mut Tx<'_>, id: i64, email: &str, email_key: &str, now: Timestamp) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    let changes = (
        users::email.eq(email),
        users::email_key.eq(email_key),
        users::email_verified_at.eq(now),
        users::pending_email.eq(None::<String>),
        users::unverified_email_key.eq(None::<String>),
        users::updated_at.eq(now),
    );
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(changes).execute(c))?;
    Ok(())
}

/// Sets which address waits for its verification.
pub fn set_unverified_key(tx: &mut Tx<'_>, id: i64, email_key: &str) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id))
        .set(users::unverified_email_key.eq(email_key))
        .execute(c))?;
    Ok(())
}

/// Removes an unverified address of a user: the pending one, or else the only one.
pub fn drop_unverified(tx: &mut Tx<'_>, user: &User) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(user.id));
    let (pending, key) = (users::pending_email.eq(None::<String>), users::unverified_email_key.eq(None::<String>));
    dispatch!(tx.connection(), |c| match user.pending_email {
        Some(_) => diesel::update(users::table.find(user.id)).set((pending, key)).execute(c),
        None => diesel::update(users::table.find(user.id)).set((users::email.eq(None::<String>), key)).execute(c),
    })?;
    Ok(())
}

/// Removes all addresses of a user.
pub fn remove(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    let changes = (
        users::email.eq(None::<String>),
        users::email_key.eq(None::<String>),
        users::email_verified_at.eq(None::<Timestamp>),
        users::pending_email.eq(None::<String>),
        users::unverified_email_key.eq(None::<String>),
        users::updated_at.eq(now),
    );
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(changes).execute(c))?;
    Ok(())
}

/// Removes an unverified address that the account owns because it was entered while email was off.
pub fn drop_unowned(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    tx.invalidate(CacheTag::User(id));
    let changes = (users::email.eq(None::<String>), users::email_key.eq(None::<String>));
    dispatch!(tx.connection(), |c| diesel::update(users::table.find(id)).set(changes).execute(c))?;
    Ok(())
}
