//! Pages of the table `users`, each found by an index. Pages continue after a row rather than at an offset, which would
//! make the database scan all rows before it and which shifts when a row is deleted.

use diesel::{
    dsl::sql,
    pg::Pg,
    prelude::*,
    sql_types::{Nullable, Text},
    sqlite::Sqlite,
};
use strum::VariantArray;

use super::{User, role::Role};
use crate::db::{DbConnection, DbError, dispatch, schema::users};

/// Sorts after every character of a name or an address: Unicode will never assign the last code point.
pub(super) const LAST: char = '\u{10ffff}';

/// Restricts the users to find; `None` matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}

/// A range of keys: those that start with `prefix` and come after `after`.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'k> {
    pub prefix: &'k str,
    /// The last key of the previous page.
    pub after: Option<&'k str>,
}

/// The next `max` users with ids above `id`, in the order of registration.
pub fn after(connection: &mut DbConnection, id: i64, max: i64) -> Result<Vec<User>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::id.gt(id))
        .order(users::id)
        .limit(max)
        .select(User::as_select())
        .load(c));
    Ok(found?)
}

/// The same as [`after`], with a filter.
///
/// Runs one query for each role and state, which reads a range of an index. A single query would scan every user
/// between two admins.
pub fn filtered(connection: &mut DbConnection, filter: Filter, id: i64, max: i64) -> Result<Vec<User>, DbError> {
    if filter == Filter::default() {
        return after(connection, id, max);
    }
    let mut found: Vec<User> = Vec::new();
    for role in filter.role.map_or(Role::VARIANTS.to_vec(), |role| vec![role]) {
        for is_active in filter.is_active.map_or(vec![true, false], |is_active| vec![is_active]) {
            let wanted = users::role.eq(role).and(users::is_active.eq(is_active)).and(users::id.gt(id));
            let page = dispatch!(connection, |c| users::table
                .filter(wanted)
                .order(users::id)
                .limit(max)
                .select(User::as_select())
                .load(c));
            found.extend(page?);
        }
    }
    found.sort_by_key(|user| user.id);
    found.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    Ok(found)
}

/// A query for users ordered by a key.
macro_rules! by_key {
    ($backend:ty, $c:expr, $key:expr, $keys:expr, $filter:expr, $max:expr) => {{
        let Keys { prefix, after } = $keys;
        let mut query = users::table.into_boxed::<$backend>().filter($key.lt(format!("{prefix}{LAST}")));
        query = match after {
            Some(after) => query.filter($key.gt(after)),
            None => query.filter($key.ge(prefix)),
        };
        if let Some(role) = $filter.role {
            query = query.filter(users::role.eq(role));
        }
        if let Some(is_active) = $filter.is_active {
            query = query.filter(users::is_active.eq(is_active));
        }
        (query.order($key).limit($max).select(User::as_select()), $c)
    }};
}

/// Users by username prefix, ordered by username. Compares bytes (`COLLATE "C"`), for which PostgreSQL has an index.
pub fn by_name(connection: &mut DbConnection, names: Keys<'_>, filter: Filter, max: i64) -> Result<Vec<User>, DbError> {
    let found = match connection {
        DbConnection::Sqlite(c) => {
            let (query, c) = by_key!(Sqlite, c, users::username_key, names, filter, max);
            query.load(c)
        }
        DbConnection::Postgres(c) => {
            let key = || sql::<Text>("username_key COLLATE \"C\"");
            let (query, c) = by_key!(Pg, c, key(), names, filter, max);
            query.load(c)
        }
    };
    Ok(found?)
}

/// Users by email address prefix, ordered by address, except those whose username starts with `name`.
pub fn by_email(
    connection: &mut DbConnection,
    emails: Keys<'_>,
    name: &str,
    filter: Filter,
    max: i64,
) -> Result<Vec<User>, DbError> {
    let last_name = format!("{name}{LAST}");
    let found = match connection {
        DbConnection::Sqlite(c) => {
            let (query, c) = by_key!(Sqlite, c, users::email_key, emails, filter, max);
            query.filter(users::username_key.lt(name).or(users::username_key.ge(last_name))).load(c)
        }
        DbConnection::Postgres(c) => {
            let key = || sql::<Nullable<Text>>("email_key COLLATE \"C\"");
            let by_bytes = || sql::<Text>("username_key COLLATE \"C\"");
            let (query, c) = by_key!(Pg, c, key(), emails, filter, max);
            query.filter(by_bytes().lt(name).or(by_bytes().ge(last_name))).load(c)
        }
    };
    Ok(found?)
}
