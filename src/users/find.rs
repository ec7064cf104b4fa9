//! Finds users.

use diesel::prelude::*;

use super::{Credentials, Role, User};
use crate::db::{DbConnection, DbError, Tx, dispatch, schema::users};

/// Finds a user by the normalized username.
pub fn find_credentials(connection: &mut DbConnection, username_key: &str) -> Result<Option<Credentials>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::username_key.eq(username_key))
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

pub fn find_credentials_by_id(connection: &mut DbConnection, id: i64) -> Result<Option<Credentials>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::id.eq(id))
        .select(Credentials::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// No user has this id.
const NOBODY: i64 = 0;

/// Whether there is any user.
pub fn exist(connection: &mut DbConnection) -> Result<bool, DbError> {
    let any = diesel::dsl::exists(users::table.select(users::id));
    Ok(dispatch!(connection, |c| diesel::select(any).get_result(c))?)
}

/// Whether an admin may sign in.
pub fn has_admin(connection: &mut DbConnection) -> Result<bool, DbError> {
    has_other_admin(connection, NOBODY)
}

/// Whether an admin other than this user may sign in.
pub fn has_other_admin(connection: &mut DbConnection, id: i64) -> Result<bool, DbError> {
    let others = users::table.filter(users::role.eq(Role::Admin)).filter(users::is_active).filter(users::id.ne(id));
    Ok(dispatch!(connection, |c| diesel::select(diesel::dsl::exists(others)).get_result(c))?)
}

pub fn find(connection: &mut DbConnection, id: i64) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| users::table.find(id).select(User::as_select()).get_result(c).optional());
    Ok(found?)
}

/// Finds a user by the normalized email address.
pub fn find_by_email(connection: &mut DbConnection, email_key: &str) -> Result<Option<User>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::email_key.eq(email_key))
        .select(User::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The ids of the first users whose username is like an email address, up to `max`.
pub fn with_address_as_name(connection: &mut DbConnection, max: i64) -> Result<Vec<i64>, DbError> {
    let like_address = users::table.filter(users::username_key.like("%@%"));
    Ok(dispatch!(connection, |c| like_address.order(users::id).limit(max).select(users::id).load(c))?)
}

/// A user's normalized username and email address.
pub fn find_keys(connection: &mut DbConnection, id: i64) -> Result<Option<(String, Option<String>)>, DbError> {
    let keys = (users::username_key, users::email_key);
    Ok(dispatch!(connection, |c| users::table.find(id).select(keys).get_result(c).optional())?)
}

/// Runs a query for a user and locks the user until the transaction ends.
macro_rules! locked {
    ($connection:expr, $query:expr) => {{
        let found = match $connection {
            // No lock is needed: this runs in the single writer's transaction.
            DbConnection::Sqlite(c) => $query.select(User::as_select()).get_result(c).optional(),
            DbConnection::Postgres(c) => $query.select(User::as_select()).for_no_key_update().get_result(c).optional(),
        };
        Ok(found?)
    }};
}

/// Finds the user if the password is still of this version, and locks the user until the transaction ends, so that no
/// session is opened while another transaction ends all sessions.
pub fn lock(tx: &mut Tx<'_>, id: i64, password_version: i64) -> Result<Option<User>, DbError> {
    let is_user = users::id.eq(id).and(users::password_version.eq(password_version));
    locked!(tx.connection(), users::table.filter(is_user))
}

/// Finds a user and locks it until the transaction ends.
pub fn lock_by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<User>, DbError> {
    locked!(tx.connection(), users::table.find(id))
}
