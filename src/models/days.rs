//! The tables `days` and `post_days`, with daily counts, and `post_reads`, from which reads are added to `post_days`
//! later: the reads of a batch are of many posts, so counting them at once would change almost one row per read.
//!
//! The counts of a day are spread over shards, which are added up when they are read. Statements do not name the shard:
//! its default depends on the connection to PostgreSQL, and is always the same for SQLite's single writer.

use std::{collections::BTreeMap, ops::AddAssign};

use diesel::{dsl::exists, prelude::*, select};

use crate::{
    clock::Timestamp,
    db::{
        DbConnection, DbError, RawSql, Statement, Tx, dispatch,
        schema::{days, post_reads},
    },
};

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
    /// The part of these counts that is due to readers without a session.
    pub anonymous_reads: i64,
    pub anonymous_refusals: i64,
    pub anonymous_readers: i64,
    /// Readers without a session who registered. Counted when they first sign in.
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

/// Something that happened to a post: when, the post's id, and what it adds.
pub type Event = (Timestamp, i64, DayCounts);

/// Adds events to the counts of their days: each day once, and in ascending order, so that transactions cannot
/// deadlock.
pub fn count(tx: &mut Tx<'_>, events: &[Event]) -> Result<(), DbError> {
    let mut days = BTreeMap::<i64, (DayCounts, Vec<String>)>::new();
    for (at, post_id, counts) in events {
        let (day, post_ids) = days.entry(at.day()).or_default();
        *day += *counts;
        post_ids.extend((counts.reads > 0).then(|| post_id.to_string()));
    }
    for (day, (counts, post_ids)) in days {
        add(tx, day, counts)?;
        if !post_ids.is_empty() {
            let row = (post_reads::day.eq(day), post_reads::post_ids.eq(post_ids.join(",")));
            dispatch!(tx.connection(), |c| diesel::insert_into(post_reads::table).values(&row).execute(c))?;
        }
    }
    Ok(())
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

/// Adds up to `max` rows of `post_reads` to `post_days`, and returns their number.
pub fn add_post_reads(tx: &mut Tx<'_>, max: i64) -> Result<usize, DbError> {
    Ok(match tx.connection() {
        DbConnection::Postgres(c) => Statement::new(AddPostReads, [max]).execute(c)?,
        DbConnection::Sqlite(c) => {
            Statement::new(AddFirstPostReads, [max]).execute(c)?;
            Statement::new(DeleteFirstPostReads, [max]).execute(c)?
        }
    })
}

struct AddPostReads;

impl RawSql for AddPostReads {
    type Row = ();
    // Nodes that do this at the same time share the work.
    const PIECES: &'static [&'static str] = &[
        "WITH old AS (DELETE FROM post_reads WHERE id IN \
         (SELECT id FROM post_reads ORDER BY id LIMIT ",
        " FOR UPDATE SKIP LOCKED) RETURNING day, post_ids), \
         added AS (INSERT INTO post_days (day, post_id, reads) \
         SELECT day, post_id::BIGINT, count(*) FROM old, unnest(string_to_array(post_ids, ',')) AS post_id \
         GROUP BY 1, 2 ORDER BY 1, 2 \
         ON CONFLICT (day, post_id) DO UPDATE SET reads = post_days.reads + excluded.reads) \
         SELECT FROM old",
    ];
}

struct AddFirstPostReads;

impl RawSql for AddFirstPostReads {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO post_days (day, post_id, reads) SELECT day, value, count(*) \
         FROM (SELECT day, post_ids FROM post_reads ORDER BY id LIMIT ",
        ") JOIN json_each('[' || post_ids || ']') WHERE TRUE GROUP BY 1, 2 \
         ON CONFLICT (day, post_id) DO UPDATE SET reads = post_days.reads + excluded.reads",
    ];
}

struct DeleteFirstPostReads;

impl RawSql for DeleteFirstPostReads {
    type Row = ();
    const PIECES: &'static [&'static str] =
        &["DELETE FROM post_reads WHERE id IN (SELECT id FROM post_reads ORDER BY id LIMIT ", ")"];
}

/// The rows of the days from `first` to `last`. A day has a row for each shard.
pub fn between(connection: &mut DbConnection, first: i64, last: i64) -> Result<Vec<(i64, DayCounts)>, DbError> {
    let rows = days::table.filter(days::day.between(first, last));
    let rows = rows.select((
        days::day,
        (
            days::reads,
            days::refusals,
            days::readers,
            days::conversions,
            days::anonymous_reads,
            days::anonymous_refusals,
            days::anonymous_readers,
            days::anonymous_conversions,
            days::subscriber_reads,
            days::subscriber_readers,
        ),
    ));
    Ok(dispatch!(connection, |c| rows.load(c))?)
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
