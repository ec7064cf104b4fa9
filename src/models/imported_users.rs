//! Many users at once, brought along from elsewhere into the table `users`.

use diesel::prelude::*;

use super::users::NewUser;
use crate::db::{DbConnection, DbError, dispatch, schema::users};

/// What of a user nobody else may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Keys {
    /// The name, as compared.
    pub username_key: String,
    /// The e-mail address, as compared.
    pub email_key: Option<String>,
}

impl From<&NewUser> for Keys {
    fn from(user: &NewUser) -> Self {
        Self { username_key: user.username_key.clone(), email_key: user.email_key.clone() }
    }
}

/// Adds those whose name and address nobody has, of two in the list the first; the ids and keys of those.
///
/// A conflict must not end the transaction, which PostgreSQL does to one whose statement fails. What the conflict is
/// about is asked afterwards, by [`find`]: a savepoint for each user would tell it by its error, at the price of two trips
/// to the server each.
///
/// # Errors
/// The database's own.
pub fn insert(connection: &mut DbConnection, users: &[&NewUser]) -> Result<Vec<(i64, Keys)>, DbError> {
    let added = dispatch!(connection, |c| diesel::insert_into(users::table)
        .values(users.to_vec())
        .on_conflict_do_nothing()
        .returning((users::id, Keys::as_returning()))
        .get_results(c));
    Ok(added?)
}

/// The keys of all users who have one of these names or one of these addresses.
///
/// # Errors
/// The database's own.
pub fn find(connection: &mut DbConnection, users: &[&NewUser]) -> Result<Vec<Keys>, DbError> {
    let names = users.iter().map(|user| user.username_key.as_str());
    let addresses = users.iter().filter_map(|user| user.email_key.as_deref());
    let is_one = users::username_key.eq_any(names).or(users::email_key.eq_any(addresses).assume_not_null());
    let found = dispatch!(connection, |c| users::table.filter(is_one).select(Keys::as_select()).load(c));
    Ok(found?)
}
