//! The table `read_batches`: the statistics of reads that have not been added to `days` and `post_days` yet.
//!
//! A batch of reads inserts one row here. Counting it at once would change almost one row of `post_days` per read, and
//! each batch would wait for the one before to commit its change of the day's row.

use std::collections::BTreeMap;

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Text},
};

use crate::{
    base::clock::Timestamp,
    daily_counts::{self, DayCounts},
    db::{DbConnection, DbError, Tx, dispatch, schema::read_batches},
    paywall::content::ContentId,
};

/// A read, and what it adds to the counts of its day.
#[derive(Clone, Copy, Debug)]
pub struct CountedRead {
    pub at: Timestamp,
    pub content: ContentId,
    pub counts: DayCounts,
}

/// Inserts a row for each sequence of reads on the same day.
pub fn add(tx: &mut Tx<'_>, reads: &[CountedRead]) -> Result<(), DbError> {
    for reads in reads.chunk_by(|one, next| one.at.day() == next.at.day()) {
        let Some(CountedRead { at, .. }) = reads.first() else { continue };
        let post_ids: Vec<_> = reads.iter().map(|read| read.content.number().to_string()).collect();
        let mut counts = DayCounts::default();
        reads.iter().for_each(|read| counts += read.counts);
        let numbers = [
            at.day(),
            counts.reads,
            counts.readers,
            counts.anonymous_reads,
            counts.anonymous_readers,
            counts.subscriber_reads,
            counts.subscriber_readers,
        ];
        let insert = InsertBatch { post_ids: post_ids.join(","), numbers };
        dispatch!(tx.connection(), |c| insert.execute(c))?;
    }
    Ok(())
}

/// A custom `QueryFragment`, because Diesel builds an INSERT of eight columns again for each call, which took as long as
/// executing it.
struct InsertBatch {
    post_ids: String,
    numbers: [i64; 7],
}

impl<DB> QueryFragment<DB> for InsertBatch
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO read_batches (post_ids, day, reads, readers, anonymous_reads, anonymous_readers, \
             subscriber_reads, subscriber_readers) VALUES (",
        );
        out.push_bind_param::<Text, _>(&self.post_ids)?;
        for number in &self.numbers {
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(number)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for InsertBatch {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<C> RunQueryDsl<C> for InsertBatch {}

#[derive(Queryable, Selectable)]
#[diesel(table_name = read_batches)]
struct Batch {
    id: i64,
    day: i64,
    post_ids: String,
    reads: i64,
    readers: i64,
    anonymous_reads: i64,
    anonymous_readers: i64,
    subscriber_reads: i64,
    subscriber_readers: i64,
}

impl Batch {
    fn counts(&self) -> DayCounts {
        DayCounts {
            reads: self.reads,
            readers: self.readers,
            anonymous_reads: self.anonymous_reads,
            anonymous_readers: self.anonymous_readers,
            subscriber_reads: self.subscriber_reads,
            subscriber_readers: self.subscriber_readers,
            ..DayCounts::default()
        }
    }
}

/// Adds up to `max` batches to `days` and `post_days`, in ascending order, so that transactions cannot deadlock.
/// Returns the number of these batches. Nodes that do this at the same time share the work.
pub fn add_up(tx: &mut Tx<'_>, max: i64) -> Result<usize, DbError> {
    let (mut counts, mut posts) = (BTreeMap::<_, DayCounts>::new(), BTreeMap::<_, i64>::new());
    let batches = drain(tx, max)?;
    for batch in &batches {
        *counts.entry(batch.day).or_default() += batch.counts();
        for post_id in batch.post_ids.split(',').flat_map(str::parse) {
            *posts.entry((batch.day, post_id)).or_default() += 1;
        }
    }
    for (day, counts) in counts {
        daily_counts::add(tx, day, counts)?;
    }
    for ((day, post_id), reads) in posts {
        daily_counts::add_to_post(tx, day, post_id, reads)?;
    }
    Ok(batches.len())
}

/// Deletes up to `max` batches and returns them.
fn drain(tx: &mut Tx<'_>, max: i64) -> Result<Vec<Batch>, DbError> {
    let first = read_batches::table.order(read_batches::id).limit(max);
    let batches: Vec<Batch> = match tx.connection() {
        DbConnection::Sqlite(c) => first.select(Batch::as_select()).load(c)?,
        DbConnection::Postgres(c) => first.select(Batch::as_select()).for_update().skip_locked().load(c)?,
    };
    let drained = read_batches::table.filter(read_batches::id.eq_any(batches.iter().map(|batch| batch.id)));
    dispatch!(tx.connection(), |c| diesel::delete(drained).execute(c))?;
    Ok(batches)
}
