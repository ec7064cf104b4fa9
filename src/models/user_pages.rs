//! The table `users`, a page at a time, for who wants all of it and must not hold it all.

use diesel::prelude::*;

use super::users::User;
use crate::db::{DbConnection, DbError, dispatch, schema::users};

/// The next `most` users after an id, in the order in which they registered. By the id and not by an offset, for which
/// the database would walk over all users before it, and which a deletion moves.
///
/// # Errors
/// The database's own.
pub fn after(connection: &mut DbConnection, id: i64, most: i64) -> Result<Vec<User>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::id.gt(id))
        .order(users::id)
        .limit(most)
        .select(User::as_select())
        .load(c));
    Ok(found?)
}
