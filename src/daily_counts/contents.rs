//! The daily counts of posts and pages: reads from `post_days`, and the table `content_refusals`, which is sharded as
//! `days` is. A page has the negative number of its id.

use std::ops::AddAssign;

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};

use crate::db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch};

/// What is counted of a post or page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub struct ContentCounts {
    pub reads: i64,
    pub refusals: i64,
    /// Readers who registered after a refusal.
    pub sign_ups: i64,
    /// Subscriptions that started after a refusal.
    pub subscriptions: i64,
}

impl AddAssign for ContentCounts {
    fn add_assign(&mut self, other: Self) {
        self.reads += other.reads;
        self.refusals += other.refusals;
        self.sign_ups += other.sign_ups;
        self.subscriptions += other.subscriptions;
    }
}

/// Adds everything except reads, which are counted in batches.
pub fn add(tx: &mut Tx<'_>, day: i64, content: i64, counts: ContentCounts) -> Result<(), DbError> {
    let add = Statement::new(Add, [day, content, counts.refusals, counts.sign_ups, counts.subscriptions]);
    dispatch!(tx.connection(), |c| add.execute(c))?;
    Ok(())
}

struct Add;

impl RawSql for Add {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO content_refusals (day, post_id, refusals, sign_ups, subscriptions) VALUES (",
        ", ",
        ", ",
        ", ",
        ", ",
        ") ON CONFLICT (day, post_id, shard) DO UPDATE SET refusals = content_refusals.refusals + excluded.refusals, \
         sign_ups = content_refusals.sign_ups + excluded.sign_ups, \
         subscriptions = content_refusals.subscriptions + excluded.subscriptions",
    ];
}

/// The counts of the days from `first` to `last` of posts, and of pages that are still known. A post or page has several
/// rows, which the caller adds up. A row with a text stands for one read of each number in it, separated by commas.
pub fn between(
    connection: &mut DbConnection,
    first: i64,
    last: i64,
) -> Result<Vec<(i64, String, ContentCounts)>, DbError> {
    let parts = Statement::new(Between, [first, last, first, last, first, last]);
    Ok(dispatch!(connection, |c| parts.load(c))?)
}

struct Between;

impl RawSql for Between {
    type Row = (BigInt, Text, (BigInt, BigInt, BigInt, BigInt));
    // One statement, so that a batch that is being added to `post_days` meanwhile is counted exactly once.
    const PIECES: &'static [&'static str] = &[
        "SELECT post_id, CAST('' AS TEXT), CAST(sum(reads) AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), \
         CAST(0 AS BIGINT) FROM post_days WHERE (post_id > 0 OR -post_id IN (SELECT id FROM pages)) \
         AND day BETWEEN ",
        " AND ",
        " GROUP BY post_id UNION ALL SELECT post_id, '', 0, CAST(sum(refusals) AS BIGINT), \
         CAST(sum(sign_ups) AS BIGINT), CAST(sum(subscriptions) AS BIGINT) FROM content_refusals \
         WHERE (post_id > 0 OR -post_id IN (SELECT id FROM pages)) AND day BETWEEN ",
        " AND ",
        " GROUP BY post_id UNION ALL SELECT 0, post_ids, 0, 0, 0, 0 FROM read_batches WHERE day BETWEEN ",
        " AND ",
        "",
    ];
}
