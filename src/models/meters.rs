//! The table `meters`, and the choice between it and `anonymous_meters`.

use diesel::{prelude::*, sql_types::BigInt};

use super::{anonymous_meters, meter_id::MeterId, reads};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch, schema::meters},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = meters)]
pub struct Meter {
    /// The time of the first read of the period.
    pub period_started_at: Timestamp,
    /// Reads in the period.
    pub used: i64,
}

/// The start of the period of a user who has never been charged. Only the `last_read` of such a meter is meaningful.
///
/// Earlier than any period can have started: a `READS_PERIOD` of a hundred years reaches back to before 1970.
pub(super) const NEVER: Timestamp = Timestamp::from_millis(i64::MIN / 2);

/// Starts a new period if the last one has expired, and locks the meter until the transaction ends. Returns the meter,
/// or `None` if it is that of a user who does not exist. A period is expired if it started at or before
/// `expired_if_started_by`.
pub fn start_period(
    tx: &mut Tx<'_>,
    id: MeterId,
    now: Timestamp,
    expired_if_started_by: Timestamp,
) -> Result<Option<Meter>, DbError> {
    if !id.is_user() {
        return anonymous_meters::start_period(tx, id, now, expired_if_started_by).map(Some);
    }
    let expired = expired_if_started_by.millis();
    let start = Statement::new(StartPeriod, [now.millis(), id.number(), expired, expired]);
    let started: Option<(i64, i64)> = dispatch!(tx.connection(), |c| start.get_result(c).optional())?;
    Ok(started.map(|(started_at, used)| Meter { period_started_at: Timestamp::from_millis(started_at), used }))
}

struct StartPeriod;

impl RawSql for StartPeriod {
    type Row = (BigInt, BigInt);
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (user_id, period_started_at, used) SELECT id, ",
        ", 0 FROM users WHERE id = ",
        " ON CONFLICT (user_id) DO UPDATE SET used = CASE WHEN meters.period_started_at <= ",
        " THEN 0 ELSE meters.used END, period_started_at = CASE WHEN meters.period_started_at <= ",
        " THEN excluded.period_started_at ELSE meters.period_started_at END RETURNING period_started_at, used",
    ];
}

/// Assigns the id of a read that is free of charge, and locks the meter until the transaction ends. Returns `None` if
/// the user does not exist.
pub(super) fn next_read_id(tx: &mut Tx<'_>, user_id: i64, first_of_day: i64) -> Result<Option<i64>, DbError> {
    let next = Statement::new(NextReadId, [NEVER.millis(), first_of_day, user_id]);
    Ok(dispatch!(tx.connection(), |c| next.get_result(c).optional())?)
}

struct NextReadId;

impl RawSql for NextReadId {
    type Row = BigInt;
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (user_id, period_started_at, used, last_read) SELECT id, ",
        ", 0, ",
        " FROM users WHERE id = ",
        " ON CONFLICT (user_id) DO UPDATE SET last_read = CASE WHEN meters.last_read < excluded.last_read \
         THEN excluded.last_read ELSE meters.last_read + 1 END RETURNING last_read",
    ];
}

/// Clamps a period and its reads: if the period starts after `ahead`, it starts now instead. The number of reads used
/// does not change.
pub fn clamp(tx: &mut Tx<'_>, id: MeterId, ahead: Timestamp, now: Timestamp) -> Result<(), DbError> {
    let is_moved = if id.is_user() {
        let ahead = meters::table.filter(meters::user_id.eq(id.number())).filter(meters::period_started_at.gt(ahead));
        let clamp = diesel::update(ahead).set(meters::period_started_at.eq(now));
        dispatch!(tx.connection(), |c| clamp.execute(c))? > 0
    } else {
        anonymous_meters::clamp(tx, id, ahead, now)?
    };
    if is_moved { reads::clamp(tx, id, now) } else { Ok(()) }
}

pub fn set_used(tx: &mut Tx<'_>, user_id: i64, used: i64) -> Result<(), DbError> {
    let set = diesel::update(meters::table.find(user_id)).set(meters::used.eq(used));
    dispatch!(tx.connection(), |c| set.execute(c))?;
    Ok(())
}

/// Adds reads that were counted by another meter. Returns the id of the latest read before them, or `None` if the user
/// has no meter.
pub fn add_reads(tx: &mut Tx<'_>, user_id: i64, count: i64) -> Result<Option<i64>, DbError> {
    let add = diesel::update(meters::table.find(user_id))
        .set((meters::used.eq(meters::used + count), meters::last_read.eq(meters::last_read + count)))
        .returning(meters::last_read);
    let last_read: Option<i64> = dispatch!(tx.connection(), |c| add.get_result(c).optional())?;
    Ok(last_read.map(|last_read| last_read - count))
}

pub fn delete(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::delete(meters::table.find(user_id)).execute(c))?;
    Ok(())
}

/// The meter, even if its period has expired; `None` before the first read.
pub fn find(connection: &mut DbConnection, id: MeterId) -> Result<Option<Meter>, DbError> {
    if !id.is_user() {
        return anonymous_meters::find(connection, id);
    }
    let found = dispatch!(connection, |c| meters::table
        .filter(meters::user_id.eq(id.number()).and(meters::period_started_at.gt(NEVER)))
        .select(Meter::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}
