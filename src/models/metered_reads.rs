//! Records reads: a metered read changes the user's row in `meters`, inserts a row in `reads`, and is added to the
//! counts of its day.

use std::{collections::HashMap, time::Duration};

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt},
};

use super::{
    days::{self, DayCounts},
    meters::{self, Meter},
    reads,
};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, PgConnection, RawSql, Statement, Tx, dispatch, schema::meters as meters_table},
};

/// A user's request to read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeteredRead {
    pub user_id: i64,
    pub post_id: i64,
    pub at: Timestamp,
}

/// Counts and records reads, at most one per user, sorted by user. Returns for each the updated meter, or `None` if the
/// user's limit was reached. A single statement on PostgreSQL.
pub fn charge(
    tx: &mut Tx<'_>,
    reads: &[MeteredRead],
    limit: i64,
    period: Duration,
) -> Result<Vec<Option<Meter>>, DbError> {
    let connection = match tx.connection() {
        DbConnection::Postgres(connection) => return charge_by_one_statement(connection, reads, limit, period),
        DbConnection::Sqlite(connection) => connection,
    };
    let charged = reads.iter().map(|read| charge_alone(connection, *read, limit, period));
    let charged = charged.collect::<Result<Vec<_>, _>>()?;
    let counted = reads.iter().zip(&charged).filter_map(|(read, charged)| Some(event(*read, charged.as_ref()?.1)));
    days::count(tx, &counted.collect::<Vec<_>>())?;
    Ok(charged.into_iter().map(|charged| charged.map(|(meter, _)| meter)).collect())
}

/// What a read with this id adds to its day.
fn event(MeteredRead { post_id, at, .. }: MeteredRead, id: i64) -> days::Event {
    let readers = i64::from(id == reads::first_id_of_day(at));
    (at, post_id, DayCounts { reads: 1, readers, ..DayCounts::default() })
}

/// Counts a read in the single writer's transaction, so that no other write runs between these statements. Several
/// simple statements need less than half the instructions of an upsert with `RETURNING`, whose rows SQLite first
/// collects in a temporary table. Also returns the read's id.
fn charge_alone(
    connection: &mut SqliteConnection,
    read: MeteredRead,
    limit: i64,
    period: Duration,
) -> Result<Option<(Meter, i64)>, DbError> {
    let MeteredRead { user_id, post_id, at } = read;
    let known = meters_table::table.filter(meters_table::user_id.eq(user_id));
    let known: Option<(Meter, i64)> =
        known.select((Meter::as_select(), meters_table::last_read)).get_result(connection).optional()?;
    let meter = match known {
        Some((meter, _)) if meter.period_started_at > at.before(period) => Meter { used: meter.used + 1, ..meter },
        _ => Meter { period_started_at: at, used: 1 },
    };
    if meter.used > limit {
        return Ok(None);
    }
    let first_of_day = reads::first_id_of_day(at);
    let id = known.map_or(first_of_day, |(_, last)| first_of_day.max(last + 1));
    let values = [meter.period_started_at.millis(), meter.used, id, user_id];
    let changed = match known {
        Some(_) => Statement::new(UpdateMeter, values).execute(connection)?,
        None => Statement::new(InsertMeter, values).execute(connection)?,
    };
    if changed == 0 {
        return Ok(None);
    }
    let read_at = at.max(meter.period_started_at).millis();
    Statement::new(InsertRead, [id, user_id, post_id, read_at, 1]).execute(connection)?;
    Ok(Some((meter, id)))
}

struct UpdateMeter;

impl RawSql for UpdateMeter {
    type Row = ();
    const PIECES: &'static [&'static str] =
        &["UPDATE meters SET period_started_at = ", ", used = ", ", last_read = ", " WHERE user_id = ", ""];
}

struct InsertMeter;

impl RawSql for InsertMeter {
    type Row = ();
    // Selects from `users` because a foreign key error for a deleted user would fail the other writes of the
    // transaction.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (period_started_at, used, last_read, user_id) SELECT ",
        ", ",
        ", ",
        ", id FROM users WHERE id = ",
        "",
    ];
}

struct InsertRead;

impl RawSql for InsertRead {
    type Row = ();
    // A unique index admits only one of several concurrent free reads of a post. No other read can conflict.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO reads (id, user_id, post_id, read_at, metered) VALUES (",
        ", ",
        ", ",
        ", ",
        ", 1 = ",
        ") ON CONFLICT DO NOTHING",
    ];
}

/// Records a read that is free of charge, unless a read of this post was already recorded today (UTC).
///
/// # Errors
/// [`DbError::OwnerGone`] if the user does not exist.
pub fn record_free(tx: &mut Tx<'_>, read: MeteredRead) -> Result<(), DbError> {
    let MeteredRead { user_id, post_id, at } = read;
    if reads::is_read(tx, user_id, post_id, Timestamp::from_day(at.day()), false)? {
        return Ok(());
    }
    let Some(id) = meters::next_read_id(tx, user_id, reads::first_id_of_day(at))? else {
        return Err(DbError::OwnerGone("a read of a user who does not exist".to_owned()));
    };
    let insert = Statement::new(InsertRead, [id, user_id, post_id, at.millis(), 0]);
    match dispatch!(tx.connection(), |c| insert.execute(c))? {
        0 => Ok(()),
        _ => days::count(tx, &[event(read, id)]),
    }
}

fn charge_by_one_statement(
    connection: &mut PgConnection,
    reads: &[MeteredRead],
    limit: i64,
    period: Duration,
) -> Result<Vec<Option<Meter>>, DbError> {
    let charge = ChargeAll {
        user_ids: reads.iter().map(|read| read.user_id).collect(),
        post_ids: reads.iter().map(|read| read.post_id).collect(),
        times: reads.iter().map(|read| read.at).collect(),
        first_ids: reads.iter().map(|read| reads::first_id_of_day(read.at)).collect(),
        limit,
        period: i64::try_from(period.as_millis()).unwrap_or(i64::MAX),
    };
    let rows: Vec<(i64, Timestamp, i64)> = charge.load(connection)?;
    let mut meters: HashMap<_, _> = rows
        .into_iter()
        .map(|(user_id, period_started_at, used)| (user_id, Meter { period_started_at, used }))
        .collect();
    Ok(reads.iter().map(|read| meters.remove(&read.user_id)).collect())
}

/// Counts the reads of many users in the order of their ids, so that two such statements cannot deadlock, and then the
/// days. The users themselves are locked last, by the foreign key of `meters`, so that a deletion waiting for one of
/// these meters blocks nothing until it gets the lock.
///
/// `reads` has no foreign key: a row is inserted only together with a change of the user's meter, which a deletion
/// deletes first.
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
    first_ids: Vec<i64>,
    limit: i64,
    /// In milliseconds.
    period: i64,
}

impl QueryFragment<Pg> for ChargeAll {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH requested AS MATERIALIZED (SELECT requested.* FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.user_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.post_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.first_ids)?;
        out.push_sql(
            ") AS requested (user_id, post_id, at, first_of_day) \
             WHERE EXISTS (SELECT FROM users WHERE users.id = requested.user_id OFFSET 0) ORDER BY requested.user_id), \
             rules AS (SELECT ",
        );
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql("::BIGINT AS max_reads, ");
        out.push_bind_param::<BigInt, _>(&self.period)?;
        out.push_sql("::BIGINT AS period), ");
        out.push_sql(
            "charged AS (\
             INSERT INTO meters (user_id, period_started_at, used, last_read) \
             SELECT user_id, at, 1, first_of_day FROM requested \
             ON CONFLICT (user_id) DO UPDATE SET \
             used = CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
             THEN 1 ELSE meters.used + 1 END, \
             period_started_at = \
             CASE WHEN meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
             THEN excluded.period_started_at ELSE meters.period_started_at END, \
             last_read = GREATEST(meters.last_read + 1, excluded.last_read) \
             WHERE meters.period_started_at <= excluded.period_started_at - (SELECT period FROM rules) \
             OR meters.used < (SELECT max_reads FROM rules) \
             RETURNING user_id, period_started_at, used, last_read), \
             granted AS MATERIALIZED (SELECT user_id, period_started_at, used, last_read, post_id, at, \
             at / 86400000 AS day, last_read = first_of_day AS is_first FROM charged JOIN requested USING (user_id)), \
             inserted AS (\
             INSERT INTO reads (id, user_id, post_id, read_at, metered) \
             SELECT last_read, user_id, post_id, GREATEST(at, period_started_at), TRUE FROM granted), \
             counted AS (\
             INSERT INTO days (day, reads, readers) \
             SELECT day, count(*), count(*) FILTER (WHERE is_first) FROM granted GROUP BY 1 ORDER BY 1 \
             ON CONFLICT (day, shard) DO UPDATE \
             SET reads = days.reads + excluded.reads, readers = days.readers + excluded.readers, \
             has_reads = TRUE), \
             listed AS (\
             INSERT INTO post_reads (day, post_ids) SELECT day, string_agg(post_id::TEXT, ',') FROM granted GROUP BY 1) \
             SELECT user_id, period_started_at, used FROM granted",
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
