//! Counts reads on PostgreSQL.

use std::collections::HashMap;

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt},
};

use super::request::{Limits, MeteredRead};
use crate::{
    base::clock::Timestamp,
    db::{DbError, PgConnection},
    paywall::{content::ContentId, meters::Meter, reads},
};

pub(super) fn charge_all(
    connection: &mut PgConnection,
    reads: &[MeteredRead],
    limits: &Limits,
) -> Result<Vec<Option<Meter>>, DbError> {
    if reads.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, Timestamp, i64)> = ChargeAll::new(reads, limits).load(connection)?;
    let mut meters: HashMap<_, _> =
        rows.into_iter().map(|(meter, period_started_at, used)| (meter, Meter { period_started_at, used })).collect();
    Ok(reads.iter().map(|read| meters.remove(&read.meter.number())).collect())
}

/// Counts the reads of many meters in the order of their ids, so that two such statements cannot deadlock. The users
/// themselves are locked last, by the foreign key of `meters`, so that a deletion waiting for one of these meters
/// blocks nothing until it gets the lock.
///
/// `reads` has no foreign key: a row is inserted only together with a change of the reader's meter, which a deletion
/// deletes first.
///
/// `OFFSET 0` makes PostgreSQL look up each user by index; as a join it would scan the table for about a thousand
/// users.
///
/// A custom `QueryFragment`, because Diesel does not cache prepared statements that it has no type for, and this one is
/// on the hot path.
struct ChargeAll {
    meters: Vec<i64>,
    readers: Vec<i64>,
    contents: Vec<ContentId>,
    times: Vec<Timestamp>,
    first_ids: Vec<i64>,
    limits: Limits,
    /// In milliseconds.
    period: i64,
}

impl ChargeAll {
    fn new(reads: &[MeteredRead], limits: &Limits) -> Self {
        Self {
            meters: reads.iter().map(|read| read.meter.number()).collect(),
            readers: reads.iter().map(|read| read.reader.number()).collect(),
            contents: reads.iter().map(|read| read.content).collect(),
            times: reads.iter().map(|read| read.at).collect(),
            first_ids: reads.iter().map(|read| reads::first_id_of_day(read.at)).collect(),
            limits: *limits,
            period: i64::try_from(limits.period.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// The reads of users who exist and of others.
const REQUESTED: &str = ") AS requested (id, reader, post_id, at, first_of_day) \
     WHERE id < 0 OR EXISTS (SELECT FROM users WHERE users.id = requested.id OFFSET 0) ORDER BY id), rules AS (SELECT ";

/// Starts or charges the meters, unless their limit is reached. Ids below -2^62 are those of networks.
const CHARGE: &str = "charged AS (\
     INSERT INTO meters (id, user_id, period_started_at, used, last_read) \
     SELECT id, CASE WHEN id >= 0 THEN id END, at, 1, first_of_day FROM requested \
     ON CONFLICT (id) DO UPDATE SET \
     used = CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
     THEN 1 ELSE meters.used + 1 END, \
     period_started_at = \
     CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
     THEN excluded.period_started_at ELSE meters.period_started_at END, \
     last_read = GREATEST(meters.last_read + 1, excluded.last_read) \
     WHERE meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
     OR meters.used < CASE WHEN meters.id >= 0 THEN (SELECT user_reads FROM rules) \
     WHEN meters.id < -4611686018427387904 THEN (SELECT network_reads FROM rules) \
     ELSE (SELECT anonymous_reads FROM rules) END \
     RETURNING id, period_started_at, used, last_read), ";

/// The reads that were granted, with the state of the readers' own meters. Those of new readers start here.
const GRANTED: &str = "granted AS MATERIALIZED (SELECT id AS meter, reader, post_id, at, at / 86400000 AS day, \
     CASE WHEN is_new THEN at ELSE period_started_at END AS period_started_at, \
     CASE WHEN is_new THEN 1 ELSE used END AS used, \
     CASE WHEN is_new THEN first_of_day ELSE last_read END AS read_id, \
     is_new OR last_read = first_of_day AS is_first, is_new \
     FROM charged JOIN (SELECT *, id <> reader AS is_new FROM requested) AS requested USING (id)), \
     started AS (\
     INSERT INTO meters (id, period_started_at, used, last_read) \
     SELECT reader, period_started_at, used, read_id FROM granted WHERE is_new ON CONFLICT (id) DO NOTHING), ";

/// Records the reads, and counts them in the statistics.
const RECORD: &str = "inserted AS (\
     INSERT INTO reads (id, user_id, post_id, read_at, metered) \
     SELECT read_id, reader, post_id, GREATEST(at, period_started_at), TRUE FROM granted), \
     counted AS (\
     INSERT INTO read_batches (day, post_ids, reads, readers, anonymous_reads, anonymous_readers) \
     SELECT day, string_agg(post_id::TEXT, ','), count(*), count(*) FILTER (WHERE is_first), \
     count(*) FILTER (WHERE reader < 0), count(*) FILTER (WHERE is_first AND reader < 0) \
     FROM granted GROUP BY day) \
     SELECT meter, period_started_at, used FROM granted";

impl QueryFragment<Pg> for ChargeAll {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH requested AS MATERIALIZED (SELECT requested.* FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.meters)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.readers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.contents)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.first_ids)?;
        out.push_sql(REQUESTED);
        out.push_bind_param::<BigInt, _>(&self.limits.user)?;
        out.push_sql("::BIGINT AS user_reads, ");
        out.push_bind_param::<BigInt, _>(&self.limits.anonymous)?;
        out.push_sql("::BIGINT AS anonymous_reads, ");
        out.push_bind_param::<BigInt, _>(&self.limits.network)?;
        out.push_sql("::BIGINT AS network_reads, ");
        out.push_bind_param::<BigInt, _>(&self.period)?;
        out.push_sql("::BIGINT AS period), ");
        out.push_sql(CHARGE);
        out.push_sql(GRANTED);
        out.push_sql(RECORD);
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
