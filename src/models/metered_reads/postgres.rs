//! Counts reads on PostgreSQL.

use std::collections::HashMap;

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt},
};

use super::{Limits, MeteredRead};
use crate::{
    clock::Timestamp,
    db::{DbError, PgConnection},
    models::{meters::Meter, reads},
};

pub(super) fn charge_all(
    connection: &mut PgConnection,
    reads: &[MeteredRead],
    limits: &Limits,
) -> Result<Vec<Option<Meter>>, DbError> {
    let rows: Vec<(i64, Timestamp, i64)> = match reads.first() {
        Some(read) if read.meter.is_user() => ChargeAll::<false>::new(reads, limits).load(connection)?,
        Some(_) => ChargeAll::<true>::new(reads, limits).load(connection)?,
        None => Vec::new(),
    };
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
/// For anonymous readers it is another statement, which also starts the meters of new readers.
///
/// A custom `QueryFragment`, because Diesel does not cache prepared statements that it has no type for, and this one is
/// on the hot path.
struct ChargeAll<const IS_ANONYMOUS: bool> {
    meters: Vec<i64>,
    readers: Vec<i64>,
    post_ids: Vec<i64>,
    times: Vec<Timestamp>,
    first_ids: Vec<i64>,
    max_reads: i64,
    max_network_reads: i64,
    /// In milliseconds.
    period: i64,
}

impl<const IS_ANONYMOUS: bool> ChargeAll<IS_ANONYMOUS> {
    fn new(reads: &[MeteredRead], limits: &Limits) -> Self {
        let readers = reads.iter().filter(|_| IS_ANONYMOUS).map(|read| read.reader.number()).collect();
        Self {
            meters: reads.iter().map(|read| read.meter.number()).collect(),
            readers,
            post_ids: reads.iter().map(|read| read.post_id).collect(),
            times: reads.iter().map(|read| read.at).collect(),
            first_ids: reads.iter().map(|read| reads::first_id_of_day(read.at)).collect(),
            max_reads: limits.reads,
            max_network_reads: limits.network_reads,
            period: i64::try_from(limits.period.as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// The reads, and the limits as `rules`.
    fn push_requested<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH requested AS MATERIALIZED (SELECT requested.* FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.meters)?;
        out.push_sql(", ");
        if IS_ANONYMOUS {
            out.push_bind_param::<Array<BigInt>, _>(&self.readers)?;
            out.push_sql(", ");
        }
        out.push_bind_param::<Array<BigInt>, _>(&self.post_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.first_ids)?;
        out.push_sql(if IS_ANONYMOUS {
            ") AS requested (id, reader, post_id, at, first_of_day) ORDER BY id), rules AS (SELECT "
        } else {
            ") AS requested (user_id, post_id, at, first_of_day) \
             WHERE EXISTS (SELECT FROM users WHERE users.id = requested.user_id OFFSET 0) ORDER BY requested.user_id), \
             rules AS (SELECT "
        });
        out.push_bind_param::<BigInt, _>(&self.max_reads)?;
        out.push_sql("::BIGINT AS max_reads, ");
        if IS_ANONYMOUS {
            out.push_bind_param::<BigInt, _>(&self.max_network_reads)?;
            out.push_sql("::BIGINT AS max_network_reads, ");
        }
        out.push_bind_param::<BigInt, _>(&self.period)?;
        out.push_sql("::BIGINT AS period), ");
        Ok(())
    }
}

/// How a meter that exists is charged, unless its limit is reached.
const CHARGE: &str = "used = CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
     THEN 1 ELSE meters.used + 1 END, \
     period_started_at = \
     CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
     THEN excluded.period_started_at ELSE meters.period_started_at END, \
     last_read = GREATEST(meters.last_read + 1, excluded.last_read) \
     WHERE meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) OR meters.used < ";

/// Records the reads that were granted.
const RECORD: &str = "inserted AS (\
     INSERT INTO reads (id, user_id, post_id, read_at, metered) \
     SELECT read_id, reader, post_id, GREATEST(at, period_started_at), TRUE FROM granted), ";

/// Counts them in the statistics.
const COUNT: &str = "counted AS (\
     INSERT INTO read_batches (day, post_ids, reads, readers) \
     SELECT day, string_agg(post_id::TEXT, ','), count(*), count(*) FILTER (WHERE is_first) \
     FROM granted GROUP BY day) ";

const COUNT_ANONYMOUS: &str = "counted AS (\
     INSERT INTO read_batches (day, post_ids, reads, readers, anonymous_reads, anonymous_readers) \
     SELECT day, post_ids, reads, readers, reads, readers FROM (\
     SELECT day, string_agg(post_id::TEXT, ',') AS post_ids, count(*) AS reads, \
     count(*) FILTER (WHERE is_first) AS readers FROM granted GROUP BY day) AS granted) ";

impl<const IS_ANONYMOUS: bool> QueryFragment<Pg> for ChargeAll<IS_ANONYMOUS> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.push_requested(&mut out)?;
        out.push_sql(if IS_ANONYMOUS {
            "charged AS (\
             INSERT INTO anonymous_meters AS meters (id, period_started_at, used, last_read) \
             SELECT id, at, 1, first_of_day FROM requested ON CONFLICT (id) DO UPDATE SET "
        } else {
            "charged AS (\
             INSERT INTO meters (user_id, period_started_at, used, last_read) \
             SELECT user_id, at, 1, first_of_day FROM requested ON CONFLICT (user_id) DO UPDATE SET "
        });
        out.push_sql(CHARGE);
        out.push_sql(if IS_ANONYMOUS {
            // Ids below -2^62 are those of networks.
            "CASE WHEN meters.id < -4611686018427387904 THEN (SELECT max_network_reads FROM rules) \
             ELSE (SELECT max_reads FROM rules) END \
             RETURNING id, period_started_at, used, last_read), \
             granted AS MATERIALIZED (SELECT id AS meter, reader, post_id, at, at / 86400000 AS day, \
             CASE WHEN is_new THEN at ELSE period_started_at END AS period_started_at, \
             CASE WHEN is_new THEN 1 ELSE used END AS used, \
             CASE WHEN is_new THEN first_of_day ELSE last_read END AS read_id, \
             is_new OR last_read = first_of_day AS is_first, is_new \
             FROM charged JOIN (SELECT *, id <> reader AS is_new FROM requested) AS requested USING (id)), \
             started AS (\
             INSERT INTO anonymous_meters (id, period_started_at, used, last_read) \
             SELECT reader, period_started_at, used, read_id FROM granted WHERE is_new ON CONFLICT (id) DO NOTHING), "
        } else {
            "(SELECT max_reads FROM rules) \
             RETURNING user_id, period_started_at, used, last_read), \
             granted AS MATERIALIZED (SELECT user_id AS meter, user_id AS reader, post_id, at, at / 86400000 AS day, \
             period_started_at, used, last_read AS read_id, last_read = first_of_day AS is_first \
             FROM charged JOIN requested USING (user_id)), "
        });
        out.push_sql(RECORD);
        out.push_sql(if IS_ANONYMOUS { COUNT_ANONYMOUS } else { COUNT });
        out.push_sql("SELECT meter, period_started_at, used FROM granted");
        Ok(())
    }
}

impl<const IS_ANONYMOUS: bool> QueryId for ChargeAll<IS_ANONYMOUS> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const IS_ANONYMOUS: bool> Query for ChargeAll<IS_ANONYMOUS> {
    type SqlType = (BigInt, BigInt, BigInt);
}

impl<C, const IS_ANONYMOUS: bool> RunQueryDsl<C> for ChargeAll<IS_ANONYMOUS> {}
