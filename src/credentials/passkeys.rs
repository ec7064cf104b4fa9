//! The table `passkeys`: public keys of authenticators.

use diesel::prelude::*;
use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, schema::passkeys},
};

/// What users see of a passkey.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = passkeys)]
pub struct Passkey {
    pub id: i64,
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// Whether the authenticator has copied it to other devices.
    pub backed_up: bool,
}

/// What signatures are verified with.
#[derive(Queryable, Selectable)]
#[diesel(table_name = passkeys)]
#[expect(missing_debug_implementations, reason = "keys must not be logged")]
pub struct PasskeyCredential {
    pub id: i64,
    pub user_id: i64,
    /// JSON.
    pub credential: String,
    pub sign_count: i64,
    pub backed_up: bool,
}

#[derive(Insertable)]
#[diesel(table_name = passkeys)]
#[expect(missing_debug_implementations, reason = "keys must not be logged")]
pub struct NewPasskey<'a> {
    pub user_id: i64,
    pub credential_id: &'a [u8],
    pub credential: &'a str,
    pub sign_count: i64,
    pub backed_up: bool,
    pub name: &'a str,
    pub created_at: Timestamp,
}

/// Adds a passkey. `None` if somebody has this credential already.
pub fn insert(tx: &mut Tx<'_>, passkey: &NewPasskey<'_>) -> Result<Option<Passkey>, DbError> {
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(passkeys::table)
        .values(passkey)
        .on_conflict(passkeys::credential_id)
        .do_nothing()
        .returning(Passkey::as_returning())
        .get_result(c)
        .optional());
    Ok(inserted?)
}

pub fn list(connection: &mut DbConnection, user_id: i64) -> Result<Vec<Passkey>, DbError> {
    Ok(dispatch!(connection, |c| passkeys::table
        .filter(passkeys::user_id.eq(user_id))
        .order(passkeys::id)
        .select(Passkey::as_select())
        .load(c))?)
}

pub fn credentials(connection: &mut DbConnection, user_id: i64) -> Result<Vec<PasskeyCredential>, DbError> {
    Ok(dispatch!(connection, |c| passkeys::table
        .filter(passkeys::user_id.eq(user_id))
        .order(passkeys::id)
        .select(PasskeyCredential::as_select())
        .load(c))?)
}

pub fn find_credential(
    connection: &mut DbConnection,
    credential_id: &[u8],
) -> Result<Option<PasskeyCredential>, DbError> {
    let found = dispatch!(connection, |c| passkeys::table
        .filter(passkeys::credential_id.eq(credential_id))
        .select(PasskeyCredential::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Records a use. Returns whether the signature counter has grown, or is and was 0.
pub fn record_use(tx: &mut Tx<'_>, id: i64, sign_count: i64, backed_up: bool, now: Timestamp) -> Result<bool, DbError> {
    let is_next =
        passkeys::sign_count.lt(sign_count).or(passkeys::sign_count.eq(0).and(passkeys::sign_count.eq(sign_count)));
    let used = (passkeys::sign_count.eq(sign_count), passkeys::backed_up.eq(backed_up), passkeys::last_used_at.eq(now));
    let recorded = dispatch!(tx.connection(), |c| diesel::update(passkeys::table.filter(passkeys::id.eq(id)))
        .filter(is_next)
        .set(used)
        .execute(c))?;
    Ok(recorded == 1)
}

pub fn rename(tx: &mut Tx<'_>, user_id: i64, id: i64, name: &str) -> Result<Option<Passkey>, DbError> {
    let is_one = passkeys::id.eq(id).and(passkeys::user_id.eq(user_id));
    let renamed = dispatch!(tx.connection(), |c| diesel::update(passkeys::table.filter(is_one))
        .set(passkeys::name.eq(name))
        .returning(Passkey::as_returning())
        .get_result(c)
        .optional());
    Ok(renamed?)
}

/// Deletes a passkey of a user; returns whether it existed.
pub fn delete(tx: &mut Tx<'_>, user_id: i64, id: i64) -> Result<bool, DbError> {
    let is_one = passkeys::id.eq(id).and(passkeys::user_id.eq(user_id));
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(passkeys::table).filter(is_one).execute(c))?;
    Ok(deleted == 1)
}

/// Deletes the passkeys that a user has added since a time; returns how many.
pub fn delete_since(tx: &mut Tx<'_>, user_id: i64, since: Timestamp) -> Result<usize, DbError> {
    let added = passkeys::user_id.eq(user_id).and(passkeys::created_at.ge(since));
    Ok(dispatch!(tx.connection(), |c| diesel::delete(passkeys::table).filter(added).execute(c))?)
}

pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    let of_user = passkeys::user_id.eq(user_id);
    dispatch!(tx.connection(), |c| diesel::delete(passkeys::table).filter(of_user).execute(c))?;
    Ok(())
}
