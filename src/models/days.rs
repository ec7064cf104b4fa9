//! The tables `days` and `post_days`, with daily counts, and `post_reads`, from which reads are added to `post_days`
//! later: the reads of a batch are of many posts, so counting them at once would change almost one row per read.
//!
//! The counts of a day are spread over shards, which are added up when they are read. Statements do not name the shard:
//! its default depends on the connection to PostgreSQL, and is always the same for SQLite's single writer.

use std::{collections::BTreeMap, ops::AddAssign};

use diesel::{dsl::exists, prelude::*, select};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{
        DbConnection, DbError, RawSql, Statement, Tx, dispatch,
        schema::{days, post_reads},
    },
};

/// The counts of a day, or what to add to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable, Serialize)]
pub struct DayCounts {
    /// Free reads are counted once per reader and post.
    pub reads: i64,
    /// Reads refused because the meter was used up.
    pub refusals: i64,
    /// Distinct users who read.
    pub readers: i64,
    /// Subscriptions that started. The table has only those of deleted accounts.
    pub conversions: i64,
}

impl AddAssign for DayCounts {
    fn add_assign(&mut self, other: Self) {
        self.reads += other.reads;
        self.refusals += other.refusals;
        self.readers += other.readers;
        self.conversions += other.conversions;
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
    let DayCounts { reads, refusals, readers, conversions } = counts;
    let add = Statement::new(AddToDay, [day, reads, refusals, readers, conversions]);
    dispatch!(tx.connection(), |c| add.execute(c))?;
    Ok(())
}

struct AddToDay;

impl RawSql for AddToDay {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO days (day, reads, refusals, readers, conversions) VALUES (",
        ", ",
        ", ",
        ", ",
        ", ",
        ") ON CONFLICT (day, shard) DO UPDATE SET reads = days.reads + excluded.reads, \
         refusals = days.refusals + excluded.refusals, readers = days.readers + excluded.readers, \
         conversions = days.conversions + excluded.conversions, has_reads = days.has_reads OR excluded.reads > 0",
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
    let rows = rows.select((days::day, (days::reads, days::refusals, days::readers, days::conversions)));
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
