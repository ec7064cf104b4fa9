//! The tables `days` and `post_days`, with daily counts. Reads are added to both later, from `read_batches`.
//!
//! Other events change `days` at once. Its counts are spread over shards, which are added up when they are read.
//! Statements do not name the shard: its default depends on the connection to PostgreSQL, and is always the same for
//! SQLite's single writer.

pub mod contents;
pub mod last_refusals;

use std::ops::AddAssign;

use diesel::{dsl::exists, prelude::*, select, sql_types::BigInt};

use crate::db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch, schema::days};

/// The counts of a day, or what to add to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub struct DayCounts {
    /// Free reads are counted once per user and post.
    pub reads: i64,
    /// Reads refused because the meter was used up.
    pub refusals: i64,
    /// Distinct readers.
    pub readers: i64,
    /// Subscriptions that started. The table has only those of deleted accounts.
    pub conversions: i64,
    /// The part of these counts that is due to anonymous readers.
    pub anonymous_reads: i64,
    pub anonymous_refusals: i64,
    pub anonymous_readers: i64,
    /// Anonymous readers who registered. Counted when they first sign in.
    pub anonymous_conversions: i64,
    /// The part that is due to subscribers.
    pub subscriber_reads: i64,
    pub subscriber_readers: i64,
}

impl AddAssign for DayCounts {
    fn add_assign(&mut self, other: Self) {
        self.reads += other.reads;
        self.refusals += other.refusals;
        self.readers += other.readers;
        self.conversions += other.conversions;
        self.anonymous_reads += other.anonymous_reads;
        self.anonymous_refusals += other.anonymous_refusals;
        self.anonymous_readers += other.anonymous_readers;
        self.anonymous_conversions += other.anonymous_conversions;
        self.subscriber_reads += other.subscriber_reads;
        self.subscriber_readers += other.subscriber_readers;
    }
}

pub fn add(tx: &mut Tx<'_>, day: i64, counts: DayCounts) -> Result<(), DbError> {
    let add = [
        day,
        counts.reads,
        counts.refusals,
        counts.readers,
        counts.conversions,
        counts.anonymous_reads,
        counts.anonymous_refusals,
        counts.anonymous_readers,
        counts.anonymous_conversions,
        counts.subscriber_reads,
        counts.subscriber_readers,
        counts.reads,
    ];
    let add = Statement::new(AddToDay, add);
    dispatch!(tx.connection(), |c| add.execute(c))?;
    Ok(())
}

struct AddToDay;

impl RawSql for AddToDay {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO days (day, reads, refusals, readers, conversions, anonymous_reads, anonymous_refusals, \
         anonymous_readers, anonymous_conversions, subscriber_reads, subscriber_readers, has_reads) VALUES (",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ", 0 < ",
        ") ON CONFLICT (day, shard) DO UPDATE SET reads = days.reads + excluded.reads, \
         refusals = days.refusals + excluded.refusals, readers = days.readers + excluded.readers, \
         conversions = days.conversions + excluded.conversions, \
         anonymous_reads = days.anonymous_reads + excluded.anonymous_reads, \
         anonymous_refusals = days.anonymous_refusals + excluded.anonymous_refusals, \
         anonymous_readers = days.anonymous_readers + excluded.anonymous_readers, \
         anonymous_conversions = days.anonymous_conversions + excluded.anonymous_conversions, \
         subscriber_reads = days.subscriber_reads + excluded.subscriber_reads, \
         subscriber_readers = days.subscriber_readers + excluded.subscriber_readers, \
         has_reads = days.has_reads OR excluded.has_reads",
    ];
}

pub fn add_to_post(tx: &mut Tx<'_>, day: i64, post_id: i64, reads: i64) -> Result<(), DbError> {
    let add = Statement::new(AddToPost, [day, post_id, reads]);
    dispatch!(tx.connection(), |c| add.execute(c))?;
    Ok(())
}

struct AddToPost;

impl RawSql for AddToPost {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO post_days (day, post_id, reads) VALUES (",
        ", ",
        ", ",
        ") ON CONFLICT (day, post_id) DO UPDATE SET reads = post_days.reads + excluded.reads",
    ];
}

/// The counts of the days from `first` to `last`. A day has several rows, which the caller adds up.
pub fn between(connection: &mut DbConnection, first: i64, last: i64) -> Result<Vec<(i64, DayCounts)>, DbError> {
    let parts = Statement::new(Between, [first, last, first, last]);
    Ok(dispatch!(connection, |c| parts.load(c))?)
}

struct Between;

impl RawSql for Between {
    type Row = (BigInt, (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt));
    // One statement, so that a batch that is being added to `days` meanwhile is counted exactly once.
    const PIECES: &'static [&'static str] = &[
        "SELECT day, reads, refusals, readers, conversions, anonymous_reads, anonymous_refusals, anonymous_readers, \
         anonymous_conversions, subscriber_reads, subscriber_readers FROM days WHERE day BETWEEN ",
        " AND ",
        " UNION ALL SELECT day, CAST(sum(reads) AS BIGINT), 0, CAST(sum(readers) AS BIGINT), 0, \
         CAST(sum(anonymous_reads) AS BIGINT), 0, CAST(sum(anonymous_readers) AS BIGINT), 0, \
         CAST(sum(subscriber_reads) AS BIGINT), CAST(sum(subscriber_readers) AS BIGINT) \
         FROM read_batches WHERE day BETWEEN ",
        " AND ",
        " GROUP BY day",
    ];
}

/// Whether the table `reads` may have reads of days before `day`.
pub fn have_reads_before(connection: &mut DbConnection, day: i64) -> Result<bool, DbError> {
    let found = days::table.filter(days::day.lt(day).and(days::has_reads));
    Ok(dispatch!(connection, |c| select(exists(found)).get_result(c))?)
}

/// Records that the reads of days before `day` have been deleted.
pub fn set_reads_deleted(tx: &mut Tx<'_>, day: i64) -> Result<(), DbError> {
    let old = days::table.filter(days::day.lt(day).and(days::has_reads));
    dispatch!(tx.connection(), |c| diesel::update(old).set(days::has_reads.eq(false)).execute(c))?;
    Ok(())
}
