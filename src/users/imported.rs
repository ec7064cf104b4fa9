//! Bulk import into the table `users`.

use diesel::prelude::*;

use super::NewUser;
use crate::db::{DbConnection, DbError, Tx, dispatch, schema::users};

/// The unique keys of a user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Keys {
    pub username_key: String,
    pub email_key: Option<String>,
}

impl From<&NewUser> for Keys {
    fn from(user: &NewUser) -> Self {
        Self { username_key: user.username_key.clone(), email_key: user.email_key.clone() }
    }
}

/// Inserts the users whose username and email address are not taken, and returns their ids and keys. Of two in the list
/// that conflict, the first is inserted.
///
/// `ON CONFLICT DO NOTHING`, because in PostgreSQL a failed statement aborts the transaction. What caused a conflict is
/// looked up afterwards with [`find`]: a savepoint per user would report it in the error, but costs two round trips
/// each.
pub fn insert(tx: &mut Tx<'_>, users: &[&NewUser]) -> Result<Vec<(i64, Keys)>, DbError> {
    let added = dispatch!(tx.connection(), |c| diesel::insert_into(users::table)
        .values(users.to_vec())
        .on_conflict_do_nothing()
        .returning((users::id, Keys::as_returning()))
        .get_results(c));
    Ok(added?)
}

/// The keys of all existing users that have one of these usernames or email addresses.
pub fn find(connection: &mut DbConnection, users: &[&NewUser]) -> Result<Vec<Keys>, DbError> {
    let names = users.iter().map(|user| user.username_key.as_str());
    let addresses = users.iter().filter_map(|user| user.email_key.as_deref());
    let is_one = users::username_key.eq_any(names).or(users::email_key.eq_any(addresses).assume_not_null());
    let found = dispatch!(connection, |c| users::table.filter(is_one).select(Keys::as_select()).load(c));
    Ok(found?)
}
