//! The table `reads`: what was read, and when.

use diesel::{
    dsl::{exists, sql},
    prelude::*,
    select,
    sql_types::BigInt,
};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{
        DbConnection, DbError, dispatch,
        schema::{posts, reads},
    },
};

/// A row.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = reads)]
pub struct Read {
    /// Where a page of `/reads` begins; not part of an account's export.
    #[serde(skip_serializing)]
    pub id: i64,
    /// Which post.
    pub post_id: i64,
    /// When it was read.
    pub read_at: Timestamp,
    /// Whether it counted.
    pub metered: bool,
}

#[derive(Insertable)]
#[diesel(table_name = reads)]
struct NewRead {
    user_id: i64,
    post_id: i64,
    read_at: Timestamp,
    metered: bool,
}

/// How much was read on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct DayOfReads {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// Reads.
    pub reads: i64,
    /// Users who read.
    pub readers: i64,
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
    let charged = reads::metered.and(reads::user_id.eq(user_id)).and(reads::post_id.eq(post_id));
    let found = reads::table.filter(charged).filter(reads::read_at.ge(since));
    Ok(dispatch!(connection, |c| select(exists(found)).get_result(c))?)
}

/// Notes a read that costs nothing, unless one of this post was noted this day.
///
/// # Errors
/// The database's own; the user may be gone.
pub fn insert_free(connection: &mut DbConnection, user_id: i64, post_id: i64, now: Timestamp) -> Result<(), DbError> {
    let today = Timestamp::from_day(now.day());
    let is_read = reads::user_id.eq(user_id).and(reads::post_id.eq(post_id)).and(reads::read_at.ge(today));
    let found = reads::table.filter(is_read.and(reads::metered));
    if dispatch!(connection, |c| select(exists(found)).get_result(c))? {
        return Ok(());
    }
    // Of many at once, the index lets one in.
    let row = NewRead { user_id, post_id, read_at: now, metered: false };
    dispatch!(connection, |c| diesel::insert_into(reads::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Moves a user's counted reads that are later than now to now. Where posts count they would be found in periods to come.
///
/// # Errors
/// The database's own.
pub(super) fn clamp(connection: &mut DbConnection, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    let ahead = reads::table.filter(reads::metered.and(reads::user_id.eq(user_id)).and(reads::read_at.gt(now)));
    dispatch!(connection, |c| diesel::update(ahead).set(reads::read_at.eq(now)).execute(c))?;
    Ok(())
}

/// What a user has read at `since` or later, the latest first, with the titles of posts that can still be read: the first
/// `limit` reads, or those that follow the one with the id `before`. None if the user has no such read.
///
/// # Errors
/// The database's own.
pub fn page(
    connection: &mut DbConnection,
    user_id: i64,
    since: Timestamp,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(Read, Option<String>)>, DbError> {
    let last = match before {
        Some(id) => read_at(connection, user_id, id)?.map(|at| (at, id)),
        None => Some((Timestamp::from_millis(i64::MAX), i64::MAX)),
    };
    let Some((at, id)) = last else { return Ok(Vec::new()) };
    // Two conditions on the time, of which the first one is what the index is searched by. Ids alone would not do: they
    // are not in the order of time in a database that is older than they are.
    let follows = reads::read_at.le(at).and(reads::read_at.lt(at).or(reads::id.lt(id)));
    let found = dispatch!(connection, |c| reads::table
        .left_join(posts::table.on(posts::id.eq(reads::post_id).and(posts::published)))
        .filter(reads::user_id.eq(user_id))
        .filter(reads::read_at.ge(since))
        .filter(follows)
        .order((reads::read_at.desc(), reads::id.desc()))
        .limit(limit)
        .select((Read::as_select(), posts::title.nullable()))
        .load(c));
    Ok(found?)
}

fn read_at(connection: &mut DbConnection, user_id: i64, id: i64) -> Result<Option<Timestamp>, DbError> {
    let found = dispatch!(connection, |c| reads::table
        .filter(reads::id.eq(id))
        .filter(reads::user_id.eq(user_id))
        .select(reads::read_at)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Deletes about `max` of the reads before `before`, the oldest ones; how many those were.
///
/// Up to an instant rather than by ids, for which PostgreSQL has no index here. Reads of the same millisecond go together.
///
/// # Errors
/// The database's own.
pub fn delete_before(connection: &mut DbConnection, before: Timestamp, max: i64) -> Result<usize, DbError> {
    let old = reads::table.filter(reads::read_at.lt(before));
    dispatch!(connection, |c| {
        let last = old.order(reads::read_at).offset(max.saturating_sub(1)).limit(1).select(reads::read_at);
        let last: Option<Timestamp> = last.get_result(c).optional()?;
        let deleted = match last {
            Some(last) => diesel::delete(reads::table.filter(reads::read_at.le(last))).execute(c)?,
            None => diesel::delete(old).execute(c)?,
        };
        Ok(deleted)
    })
}

/// Reads and readers of each day from `first` to `last` on which there were some.
///
/// # Errors
/// The database's own.
pub fn by_day(connection: &mut DbConnection, first: i64, last: i64) -> Result<Vec<DayOfReads>, DbError> {
    const DAY: &str = "read_at / 86400000";
    let found = dispatch!(connection, |c| reads::table
        .filter(reads::read_at.ge(Timestamp::from_day(first)))
        .filter(reads::read_at.lt(Timestamp::from_day(last.saturating_add(1))))
        .group_by(sql::<BigInt>(DAY))
        .select((sql::<BigInt>(DAY), sql::<BigInt>("count(*)"), sql::<BigInt>("count(DISTINCT user_id)")))
        .load(c));
    Ok(found?)
}
