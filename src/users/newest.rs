//! Pages of the table `users`, newest first, and the ids of users by the start of their name or address.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Nullable, Text},
};
use strum::VariantArray;

use super::{
    User,
    listing::{Filter, LAST},
    role::Role,
};
use crate::db::{DbConnection, DbError, dispatch, schema::users};

/// What a search compares of a user. The other columns would take most of the time.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Candidate {
    pub id: i64,
    pub username_key: String,
    pub email_key: Option<String>,
    pub unverified_email_key: Option<String>,
}

/// The last `max` users with ids below `before`, newest first.
///
/// With a filter, this runs one query for each role and state, as [`super::listing::filtered`] does.
pub fn before(connection: &mut DbConnection, filter: Filter, before: i64, max: i64) -> Result<Vec<Candidate>, DbError> {
    let earlier = || users::table.filter(users::id.lt(before)).order(users::id.desc()).limit(max);
    if filter == Filter::default() {
        return Ok(dispatch!(connection, |c| earlier().select(Candidate::as_select()).load(c))?);
    }
    let mut found: Vec<Candidate> = Vec::new();
    for role in filter.role.map_or(Role::VARIANTS.to_vec(), |role| vec![role]) {
        for is_active in filter.is_active.map_or(vec![true, false], |is_active| vec![is_active]) {
            let wanted = users::role.eq(role).and(users::is_active.eq(is_active));
            let page = dispatch!(connection, |c| earlier().filter(wanted).select(Candidate::as_select()).load(c));
            found.extend(page?);
        }
    }
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.id));
    found.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    Ok(found)
}

/// Those of these users that match the filter and have ids below `before`: the last `max`, newest first.
pub fn of_ids(
    connection: &mut DbConnection,
    ids: &[i64],
    filter: Filter,
    before: i64,
    max: i64,
) -> Result<Vec<User>, DbError> {
    let earlier = ids.iter().copied().filter(|id| *id < before);
    let mut found: Vec<User> =
        dispatch!(connection, |c| users::table.filter(users::id.eq_any(earlier)).select(User::as_select()).load(c))?;
    found.retain(|user| {
        filter.role.is_none_or(|role| user.role == role)
            && filter.is_active.is_none_or(|active| user.is_active == active)
    });
    found.sort_by_key(|user| std::cmp::Reverse(user.id));
    found.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    Ok(found)
}

/// The ids of users with a key that starts with a prefix, up to `max`. PostgreSQL has indexes for comparing bytes.
macro_rules! ids_by_prefix {
    ($connection:expr, $column:ident: $type:ty, $prefix:expr, $max:expr) => {{
        let (prefix, end) = ($prefix, format!("{}{LAST}", $prefix));
        let ids: Vec<i64> = match $connection {
            DbConnection::Sqlite(c) => users::table
                .filter(users::$column.ge(prefix))
                .filter(users::$column.lt(end))
                .order(users::$column)
                .limit($max)
                .select(users::id)
                .load(c)?,
            DbConnection::Postgres(c) => {
                let key = || sql::<$type>(concat!(stringify!($column), " COLLATE \"C\""));
                let found = users::table.filter(key().ge(prefix)).filter(key().lt(end));
                found.order(key()).limit($max).select(users::id).load(c)?
            }
        };
        ids
    }};
}

pub fn ids_by_name(connection: &mut DbConnection, prefix: &str, max: i64) -> Result<Vec<i64>, DbError> {
    Ok(ids_by_prefix!(connection, username_key: Text, prefix, max))
}

/// By the address that the account owns.
pub fn ids_by_email(connection: &mut DbConnection, prefix: &str, max: i64) -> Result<Vec<i64>, DbError> {
    Ok(ids_by_prefix!(connection, email_key: Nullable<Text>, prefix, max))
}

/// By the address that waits for its verification.
pub fn ids_by_unverified_email(connection: &mut DbConnection, prefix: &str, max: i64) -> Result<Vec<i64>, DbError> {
    Ok(ids_by_prefix!(connection, unverified_email_key: Nullable<Text>, prefix, max))
}
