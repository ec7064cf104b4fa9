//! Metered reads: increments the user's row in `meters` and inserts a row in `reads`.

use std::time::Duration;

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt},
};

use super::meters::Meter;
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, PgConnection, RawSql, Statement, Tx, schema::meters},
};

/// A user's request to read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeteredRead {
    pub user_id: i64,
    pub post_id: i64,
    pub at: Timestamp,
}

/// Counts and records reads, at most one per user. Returns the users whose limit was not reached, with their updated
/// meters. A single statement on PostgreSQL.
pub fn charge(
    tx: &mut Tx<'_>,
    reads: &[MeteredRead],
    limit: i64,
    period: Duration,
) -> Result<Vec<(i64, Meter)>, DbError> {
    match tx.connection() {
        DbConnection::Postgres(tx) => charge_by_one_statement(tx, reads, limit, period),
        DbConnection::Sqlite(tx) => {
            let charged = reads.iter().map(|read| charge_alone(tx, *read, limit, period));
            charged.filter_map(Result::transpose).collect()
        }
    }
}

/// Counts a read in the single writer's transaction, so that no other write runs between these statements. Several
/// simple statements need less than half the instructions of an upsert with `RETURNING`, whose rows SQLite first
/// collects in a temporary table.
fn charge_alone(
    connection: &mut SqliteConnection,
    read: MeteredRead,
    limit: i64,
    period: Duration,
) -> Result<Option<(i64, Meter)>, DbError> {
    let MeteredRead { user_id, post_id, at } = read;
    let (now, expired) = (at.millis(), at.before(period).millis());
    let count = Statement::new(CountRead, [expired, expired, now, user_id, expired, limit]);
    if count.execute(connection)? == 0 && Statement::new(StartWithOne, [now, user_id]).execute(connection)? == 0 {
        return Ok(None);
    }
    let meter = meters::table.filter(meters::user_id.eq(user_id)).select(Meter::as_select());
    let meter = meter.get_result(connection)?;
    let read_at = at.max(meter.period_started_at).millis();
    Statement::new(InsertRead, [user_id, post_id, read_at]).execute(connection)?;
    Ok(Some((user_id, meter)))
}

struct CountRead;

impl RawSql for CountRead {
    type Row = ();
    const PIECES: &'static [&'static str] = &[
        "UPDATE meters SET used = CASE WHEN period_started_at <= ",
        " THEN 1 ELSE used + 1 END, period_started_at = CASE WHEN period_started_at <= ",
        " THEN ",
        " ELSE period_started_at END WHERE user_id = ",
        " AND (period_started_at <= ",
        " OR used < ",
        ")",
    ];
}

struct StartWithOne;

impl RawSql for StartWithOne {
    type Row = ();
    // Selects from `users` because a foreign key error for a deleted user would fail the other writes of the
    // transaction.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (user_id, period_started_at, used) SELECT id, ",
        ", 1 FROM users WHERE id = ",
        " ON CONFLICT DO NOTHING",
    ];
}

struct InsertRead;

impl RawSql for InsertRead {
    type Row = ();
    const PIECES: &'static [&'static str] =
        &["INSERT INTO reads (user_id, post_id, read_at, metered) VALUES (", ", ", ", ", ", TRUE)"];
}

fn charge_by_one_statement(
    connection: &mut PgConnection,
    reads: &[MeteredRead],
    limit: i64,
    period: Duration,
) -> Result<Vec<(i64, Meter)>, DbError> {
    let charge = ChargeAll {
        user_ids: reads.iter().map(|read| read.user_id).collect(),
        post_ids: reads.iter().map(|read| read.post_id).collect(),
        times: reads.iter().map(|read| read.at).collect(),
        limit,
        period: i64::try_from(period.as_millis()).unwrap_or(i64::MAX),
    };
    let rows: Vec<(i64, Timestamp, i64)> = charge.load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(user_id, period_started_at, used)| (user_id, Meter { period_started_at, used }))
        .collect())
}

/// Counts the reads of many users in the order of their ids, so that two such statements cannot deadlock. The users
/// themselves are locked last, by the foreign key of `meters`, so that a deletion waiting for one of these meters
/// blocks nothing until it gets the lock.
///
/// `OFFSET 0` makes PostgreSQL look up each user by index; as a join it would scan the table for about a thousand
/// users.
///
/// A custom `QueryFragment`, because Diesel does not cache prepared statements that it has no type for, and this one is
/// on the hot path.
struct ChargeAll {
    user_ids: Vec<i64>,
    post_ids: Vec<i64>,
    times: Vec<Timestamp>,
    limit: i64,
    /// In milliseconds.
    period: i64,
}

impl QueryFragment<Pg> for ChargeAll {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH asked AS MATERIALIZED (SELECT asked.user_id, asked.post_id, asked.at FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.user_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.post_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.times)?;
        out.push_sql(
            ") AS asked (user_id, post_id, at) \
             WHERE EXISTS (SELECT FROM users WHERE users.id = asked.user_id OFFSET 0) ORDER BY asked.user_id), \
             rules AS (SELECT ",
        );
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql("::BIGINT AS most, ");
        out.push_bind_param::<BigInt, _>(&self.period)?;
        out.push_sql("::BIGINT AS period), ");
        out.push_sql(
            "charged AS (\
             INSERT INTO meters (user_id, period_started_at, used) SELECT user_id, at, 1 FROM asked \
             ON CONFLICT (user_id) DO UPDATE SET \
             used = CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
             THEN 1 ELSE meters.used + 1 END, \
             period_started_at = \
             CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
             THEN excluded.period_started_at ELSE meters.period_started_at END \
             WHERE meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
             OR meters.used < (SELECT most FROM rules) \
             RETURNING user_id, period_started_at, used), \
             noted AS (\
             INSERT INTO reads (user_id, post_id, read_at, metered) \
             SELECT user_id, asked.post_id, GREATEST(asked.at, charged.period_started_at), TRUE \
             FROM charged JOIN asked USING (user_id)) \
             SELECT user_id, period_started_at, used FROM charged",
        );
        Ok(())
    }
}

impl QueryId for ChargeAll {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for ChargeAll {
    type SqlType = (BigInt, BigInt, BigInt);
}

impl<C> RunQueryDsl<C> for ChargeAll {}
