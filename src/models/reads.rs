//! The table `reads`: which posts were read, and when.

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
        DbConnection, DbError, Tx, dispatch,
        schema::{posts, reads},
    },
};

#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = reads)]
pub struct Read {
    /// The cursor for pages of `/reads`; not part of an account's export.
    #[serde(skip_serializing)]
    pub id: i64,
    pub post_id: i64,
    pub read_at: Timestamp,
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

/// Statistics of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct DayOfReads {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    pub reads: i64,
    /// Number of users who read something.
    pub readers: i64,
}

/// Whether the user was charged for this post at `since` or later.
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

/// Records a free read, unless a read of this post was already recorded today (UTC).
pub fn insert_free(tx: &mut Tx<'_>, user_id: i64, post_id: i64, now: Timestamp) -> Result<(), DbError> {
    let today = Timestamp::from_day(now.day());
    let is_read = reads::user_id.eq(user_id).and(reads::post_id.eq(post_id)).and(reads::read_at.ge(today));
    let found = reads::table.filter(is_read.and(reads::metered));
    if dispatch!(tx.connection(), |c| select(exists(found)).get_result(c))? {
        return Ok(());
    }
    // A unique index lets only one of several concurrent reads in.
    let row = NewRead { user_id, post_id, read_at: now, metered: false };
    dispatch!(tx.connection(), |c| diesel::insert_into(reads::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Clamps a user's metered reads that are in the future. With `READS_COUNT=posts` they would be found in later periods.
pub(super) fn clamp(tx: &mut Tx<'_>, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    let ahead = reads::table.filter(reads::metered.and(reads::user_id.eq(user_id)).and(reads::read_at.gt(now)));
    dispatch!(tx.connection(), |c| diesel::update(ahead).set(reads::read_at.eq(now)).execute(c))?;
    Ok(())
}

/// A user's reads since `since`, latest first, with the titles of posts that are still published: the first `limit`
/// reads, or those that follow the read with the id `before`. Empty if the user has no read with that id.
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
    // The first of the two conditions on the time is for the index. Ids alone would not do: in databases older than the
    // id column they are not in the order of time.
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

/// Deletes about `max` of the reads before `before`, oldest first, and returns their number.
///
/// Deletes up to an instant rather than by id, for which PostgreSQL has no suitable index; hence reads of the same
/// millisecond are deleted together.
pub fn delete_before(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<usize, DbError> {
    let old = reads::table.filter(reads::read_at.lt(before));
    dispatch!(tx.connection(), |c| {
        let last = old.order(reads::read_at).offset(max.saturating_sub(1)).limit(1).select(reads::read_at);
        let last: Option<Timestamp> = last.get_result(c).optional()?;
        let deleted = match last {
            Some(last) => diesel::delete(reads::table.filter(reads::read_at.le(last))).execute(c)?,
            None => diesel::delete(old).execute(c)?,
        };
        Ok(deleted)
    })
}

/// Reads and readers per day from `first` to `last`, without days that have none.
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
