//! The table `reads`.

use diesel::prelude::*;
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::reads},
};

/// A post that a user was charged for.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = reads)]
pub struct Read {
    /// Which post.
    pub post_id: i64,
    /// When, last.
    pub charged_at: Timestamp,
}

/// Whether the user was charged for this post at `since` or later.
///
/// # Errors
/// The database's own.
pub fn is_charged(
    connection: &mut DbConnection,
    user_id: i64,
    post_id: i64,
    since: Timestamp,
) -> Result<bool, DbError> {
    let charged = dispatch!(connection, |c| reads::table
        .filter(reads::user_id.eq(user_id))
        .filter(reads::post_id.eq(post_id))
        .filter(reads::charged_at.ge(since))
        .count()
        .get_result::<i64>(c))?;
    Ok(charged > 0)
}

/// Notes that the user is charged for this post now.
///
/// # Errors
/// The database's own; the post may be gone.
pub fn insert(connection: &mut DbConnection, user_id: i64, post_id: i64, now: Timestamp) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::insert_into(reads::table)
        .values((reads::user_id.eq(user_id), reads::post_id.eq(post_id), reads::charged_at.eq(now)))
        .on_conflict((reads::user_id, reads::post_id))
        .do_update()
        .set(reads::charged_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// The posts that a user was charged for, the latest first.
///
/// # Errors
/// The database's own.
pub fn list(connection: &mut DbConnection, user_id: i64) -> Result<Vec<Read>, DbError> {
    let found = dispatch!(connection, |c| reads::table
        .filter(reads::user_id.eq(user_id))
        .order((reads::charged_at.desc(), reads::post_id.desc()))
        .select(Read::as_select())
        .load(c));
    Ok(found?)
}
