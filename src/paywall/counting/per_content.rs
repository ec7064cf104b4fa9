//! Charges reads that cost one read per post and period.

use std::collections::HashMap;

use diesel::{
    RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Array, BigInt},
};

use super::{
    charge,
    request::{Limits, MeteredRead},
};
use crate::{
    db::{DbConnection, DbError, PgConnection, Tx},
    paywall::{
        meters::{self, Meter},
        reads,
    },
};

/// As [`charge`], except that nothing is charged for a post that the reader was charged for earlier in the period. Not
/// for new readers, who charge the meter of their network.
///
/// The meters stay locked until the transaction ends: of two simultaneous first reads of a post, the second finds the
/// row of the first. On PostgreSQL, a single statement would not find it, because it sees only what was committed
/// before it began to wait.
pub fn charge_per_content(
    tx: &mut Tx<'_>,
    requested: &[MeteredRead],
    limits: &Limits,
) -> Result<Vec<Option<Meter>>, DbError> {
    // On SQLite, no other transaction writes meanwhile.
    if let DbConnection::Postgres(connection) = tx.connection() {
        lock(connection, requested)?;
    }
    let paid = paid(tx, requested, limits)?;
    let is_unpaid = |read: &&MeteredRead| !paid.contains_key(&read.meter.number());
    let unpaid: Vec<_> = requested.iter().filter(is_unpaid).copied().collect();
    let mut charged = charge(tx, &unpaid, limits)?.into_iter();
    let meters = requested.iter().map(|read| match paid.get(&read.meter.number()) {
        Some(meter) => Some(*meter),
        None => charged.next().flatten(),
    });
    Ok(meters.collect())
}

/// The meters of those who were charged for their post earlier in the period.
fn paid(
    connection: &mut DbConnection,
    requested: &[MeteredRead],
    limits: &Limits,
) -> Result<HashMap<i64, Meter>, DbError> {
    let mut charged = HashMap::new();
    match connection {
        DbConnection::Sqlite(connection) => {
            for read in requested {
                let meter = reads::charged_in_period(connection, read.reader, read.content)?;
                charged.extend(meter.map(|meter| (read.reader.number(), meter)));
            }
        }
        DbConnection::Postgres(connection) => {
            let reads: Vec<_> = requested.iter().map(|read| (read.reader, read.content)).collect();
            charged.extend(reads::all_charged_in_period(connection, &reads)?);
        }
    }
    let paid = requested.iter().filter_map(|read| {
        let (reader, meter) = charged.remove_entry(&read.reader.number())?;
        (meter.period_started_at > read.at.before(limits.period)).then_some((reader, meter))
    });
    Ok(paid.collect())
}

/// Locks the meters of these reads, and inserts those that do not exist.
fn lock(connection: &mut PgConnection, requested: &[MeteredRead]) -> Result<(), DbError> {
    Lock { meters: requested.iter().map(|read| read.meter.number()).collect() }.execute(connection)?;
    Ok(())
}

/// A single statement in the order of ids: locking the existing meters first and then inserting the others could
/// deadlock with a batch that charges.
///
/// A conflict locks the row even if the condition of the update is false:
/// <https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT>.
struct Lock {
    meters: Vec<i64>,
}

impl QueryFragment<Pg> for Lock {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO meters (id, user_id, period_started_at, used) SELECT id, CASE WHEN id >= 0 THEN id END, ",
        );
        out.push_bind_param::<BigInt, _>(&meters::NEVER)?;
        out.push_sql(", 0 FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.meters)?;
        out.push_sql(
            ") AS requested (id) \
             WHERE id < 0 OR EXISTS (SELECT FROM users WHERE users.id = requested.id OFFSET 0) \
             ORDER BY id ON CONFLICT (id) DO UPDATE SET used = meters.used WHERE FALSE",
        );
        Ok(())
    }
}

impl QueryId for Lock {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<C> RunQueryDsl<C> for Lock {}
