//! Counts reads on SQLite.

use diesel::{prelude::*, sql_types::BigInt};

use super::request::{Limits, MeteredRead};
use crate::{
    base::clock::Timestamp,
    db::{DbError, RawSql, Statement},
    paywall::{
        meter_id::MeterId,
        meters::Meter,
        reads::{self, InsertRead},
    },
};

/// Counts a read in the single writer's transaction, so that no other write runs between these statements. Several
/// simple statements need less than half the instructions of an upsert with `RETURNING`, whose rows SQLite first
/// collects in a temporary table. Also returns the read's id.
pub(super) fn charge(
    connection: &mut SqliteConnection,
    read: MeteredRead,
    limits: &Limits,
) -> Result<Option<(Meter, i64)>, DbError> {
    let MeteredRead { meter: id, reader, content, at } = read;
    let found = find(connection, id)?;
    let meter = match found {
        Some((meter, _)) if meter.period_started_at > at.before(limits.period) => {
            Meter { used: meter.used + 1, ..meter }
        }
        _ => Meter { period_started_at: at, used: 1 },
    };
    if meter.used > limits.of(id) {
        return Ok(None);
    }
    let first_of_day = reads::first_id_of_day(at);
    let last_read = found.map_or(first_of_day, |(_, last)| first_of_day.max(last + 1));
    if !save(connection, id, meter, last_read, found.is_some())? {
        return Ok(None);
    }
    let (meter, read_id) = if read.is_by_new_reader() {
        let own = Meter { period_started_at: at, used: 1 };
        save(connection, reader, own, first_of_day, false)?;
        (own, first_of_day)
    } else {
        (meter, last_read)
    };
    let read_at = at.max(meter.period_started_at).millis();
    Statement::new(InsertRead, [read_id, reader.number(), content.number(), read_at, 1]).execute(connection)?;
    Ok(Some((meter, read_id)))
}

/// The meter, and the id of its latest read.
fn find(connection: &mut SqliteConnection, id: MeterId) -> Result<Option<(Meter, i64)>, DbError> {
    let found: Option<(Timestamp, i64, i64)> =
        Statement::new(FindMeter, [id.number()]).get_result(connection).optional()?;
    Ok(found.map(|(period_started_at, used, last_read)| (Meter { period_started_at, used }, last_read)))
}

struct FindMeter;

impl RawSql for FindMeter {
    type Row = (BigInt, BigInt, BigInt);
    const PIECES: &'static [&'static str] = &["SELECT period_started_at, used, last_read FROM meters WHERE id = ", ""];
}

/// Returns whether the meter was saved: one of a user who no longer exists is not.
fn save(
    connection: &mut SqliteConnection,
    id: MeterId,
    meter: Meter,
    last_read: i64,
    exists: bool,
) -> Result<bool, DbError> {
    let values = [meter.period_started_at.millis(), meter.used, last_read, id.number()];
    let changed = match exists {
        true => Statement::new(UpdateMeter, values).execute(connection)?,
        false => Statement::new(InsertMeter, values).execute(connection)?,
    };
    Ok(changed > 0)
}

struct UpdateMeter;

impl RawSql for UpdateMeter {
    type Row = ();
    const PIECES: &'static [&'static str] =
        &["UPDATE meters SET period_started_at = ", ", used = ", ", last_read = ", " WHERE id = ", ""];
}

struct InsertMeter;

impl RawSql for InsertMeter {
    type Row = ();
    // Selects from `users` because a foreign key error for a deleted user would fail the other writes of the
    // transaction. Two new readers with the same random id share a meter.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (period_started_at, used, last_read, id, user_id) SELECT ",
        ", ",
        ", ",
        ", requested.id, users.id FROM (SELECT ",
        " AS id) AS requested LEFT JOIN users ON users.id = requested.id \
         WHERE requested.id < 0 OR users.id IS NOT NULL ON CONFLICT (id) DO NOTHING",
    ];
}
