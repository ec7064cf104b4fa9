//! Counts reads on SQLite.

use diesel::prelude::*;

use super::{InsertRead, Limits, MeteredRead};
use crate::{
    db::{
        DbError, RawSql, Statement,
        schema::{anonymous_meters, meters},
    },
    models::{meter_id::MeterId, meters::Meter, reads},
};

/// Counts a read in the single writer's transaction, so that no other write runs between these statements. Several
/// simple statements need less than half the instructions of an upsert with `RETURNING`, whose rows SQLite first
/// collects in a temporary table. Also returns the read's id.
pub(super) fn charge(
    connection: &mut SqliteConnection,
    read: MeteredRead,
    limits: &Limits,
) -> Result<Option<(Meter, i64)>, DbError> {
    let MeteredRead { meter: id, reader, post_id, at } = read;
    let known = find(connection, id)?;
    let meter = match known {
        Some((meter, _)) if meter.period_started_at > at.before(limits.period) => {
            Meter { used: meter.used + 1, ..meter }
        }
        _ => Meter { period_started_at: at, used: 1 },
    };
    if meter.used > limits.of(id) {
        return Ok(None);
    }
    let first_of_day = reads::first_id_of_day(at);
    let last_read = known.map_or(first_of_day, |(_, last)| first_of_day.max(last + 1));
    if !save(connection, id, meter, last_read, known.is_some())? {
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
    Statement::new(InsertRead, [read_id, reader.number(), post_id, read_at, 1]).execute(connection)?;
    Ok(Some((meter, read_id)))
}

/// The meter, and the id of its latest read.
fn find(connection: &mut SqliteConnection, id: MeterId) -> Result<Option<(Meter, i64)>, DbError> {
    if id.is_user() {
        let known = meters::table.filter(meters::user_id.eq(id.number()));
        return Ok(known.select((Meter::as_select(), meters::last_read)).get_result(connection).optional()?);
    }
    let known = anonymous_meters::table.filter(anonymous_meters::id.eq(id.number()));
    let meter = (anonymous_meters::period_started_at, anonymous_meters::used);
    Ok(known.select((meter, anonymous_meters::last_read)).get_result(connection).optional()?)
}

/// Returns whether the meter was saved: one of a user who no longer exists is not.
fn save(
    connection: &mut SqliteConnection,
    id: MeterId,
    meter: Meter,
    last_read: i64,
    is_known: bool,
) -> Result<bool, DbError> {
    let values = [meter.period_started_at.millis(), meter.used, last_read, id.number()];
    let changed = match (id.is_user(), is_known) {
        (true, true) => Statement::new(UpdateMeter, values).execute(connection)?,
        (true, false) => Statement::new(InsertMeter, values).execute(connection)?,
        (false, true) => Statement::new(UpdateAnonymousMeter, values).execute(connection)?,
        (false, false) => Statement::new(InsertAnonymousMeter, values).execute(connection)?,
    };
    Ok(changed > 0)
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

struct UpdateAnonymousMeter;

impl RawSql for UpdateAnonymousMeter {
    type Row = ();
    const PIECES: &'static [&'static str] =
        &["UPDATE anonymous_meters SET period_started_at = ", ", used = ", ", last_read = ", " WHERE id = ", ""];
}

struct InsertAnonymousMeter;

impl RawSql for InsertAnonymousMeter {
    type Row = ();
    // Two new readers with the same random id share a meter.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO anonymous_meters (period_started_at, used, last_read, id) VALUES (",
        ", ",
        ", ",
        ", ",
        ") ON CONFLICT (id) DO NOTHING",
    ];
}
