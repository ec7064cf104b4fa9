//! The table `users`, a page at a time, each found by an index. Pages continue after a row and not at an offset, for which
//! the database would walk over all rows before it, and which a deletion moves.

use diesel::{
    dsl::sql,
    pg::Pg,
    prelude::*,
    sql_types::{Nullable, Text},
    sqlite::Sqlite,
};

use super::{role::Role, users::User};
use crate::db::{DbConnection, DbError, dispatch, schema::users};

/// Sorts after every character of a name or an address: Unicode will never assign the last code point.
const LAST: char = '\u{10ffff}';

/// Which users are wanted; `None` where it does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may sign in.
    pub is_active: Option<bool>,
}

/// A range of keys: those that start with a prefix, after one of them.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'k> {
    /// What they start with.
    pub prefix: &'k str,
    /// Where the page before ended.
    pub after: Option<&'k str>,
}

/// The next `max` users after an id, in the order in which they registered.
///
/// # Errors
/// The database's own.
pub fn after(connection: &mut DbConnection, id: i64, max: i64) -> Result<Vec<User>, DbError> {
    let found = dispatch!(connection, |c| users::table
        .filter(users::id.gt(id))
        .order(users::id)
        .limit(max)
        .select(User::as_select())
        .load(c));
    Ok(found?)
}

/// The same, of those users that are wanted.
///
/// For each role and state one query, which reads a range of an index: one for all of them would walk over every user
/// between two admins.
///
/// # Errors
/// The database's own.
pub fn filtered(connection: &mut DbConnection, filter: Filter, id: i64, max: i64) -> Result<Vec<User>, DbError> {
    if filter == Filter::default() {
        return after(connection, id, max);
    }
    let mut found: Vec<User> = Vec::new();
    for role in filter.role.map_or(vec![Role::User, Role::Admin], |role| vec![role]) {
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

/// Users in the order of a key.
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

/// Users by the start of their name, in the order of names. As in an index, by bytes: PostgreSQL has one for that.
///
/// # Errors
/// The database's own.
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

/// Users by the start of their e-mail address, in the order of addresses, without those whose name starts with `name`.
///
/// # Errors
/// The database's own.
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
