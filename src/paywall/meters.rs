//! The table `meters`: of users, of anonymous readers, and of networks.

use diesel::{prelude::*, sql_types::BigInt};

use super::meter_id::MeterId;
use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch, schema::meters},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = meters)]
pub struct Meter {
    /// The time of the first read of the period.
    pub period_started_at: Timestamp,
    /// Reads in the period. Below zero while there are extra reads beyond the limit.
    pub used: i64,
}

/// The start of the period of a meter that was never charged. Only the `last_read` of such a meter is meaningful.
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
    let expired = expired_if_started_by.millis();
    let start = Statement::new(StartPeriod, [now.millis(), id.number(), expired, expired]);
    let started: Option<(i64, i64)> = dispatch!(tx.connection(), |c| start.get_result(c).optional())?;
    Ok(started.map(|(started_at, used)| Meter { period_started_at: Timestamp::from_millis(started_at), used }))
}

struct StartPeriod;

impl RawSql for StartPeriod {
    type Row = (BigInt, BigInt);
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (id, user_id, period_started_at, used) SELECT requested.id, users.id, ",
        ", 0 FROM (SELECT CAST(",
        " AS BIGINT) AS id) AS requested LEFT JOIN users ON users.id = requested.id \
         WHERE requested.id < 0 OR users.id IS NOT NULL \
         ON CONFLICT (id) DO UPDATE SET used = CASE WHEN meters.period_started_at <= ",
        " THEN 0 ELSE meters.used END, period_started_at = CASE WHEN meters.period_started_at <= ",
        " THEN excluded.period_started_at ELSE meters.period_started_at END RETURNING period_started_at, used",
    ];
}

/// Assigns the id of a user's read that is free of charge, and locks the meter until the transaction ends. Returns
/// `None` if the user does not exist.
pub(super) fn next_read_id(tx: &mut Tx<'_>, user_id: i64, first_of_day: i64) -> Result<Option<i64>, DbError> {
    let next = Statement::new(NextReadId, [NEVER.millis(), first_of_day, user_id]);
    Ok(dispatch!(tx.connection(), |c| next.get_result(c).optional())?)
}

struct NextReadId;

impl RawSql for NextReadId {
    type Row = BigInt;
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO meters (id, user_id, period_started_at, used, last_read) SELECT id, id, ",
        ", 0, ",
        " FROM users WHERE id = ",
        " ON CONFLICT (id) DO UPDATE SET last_read = CASE WHEN meters.last_read < excluded.last_read \
         THEN excluded.last_read ELSE meters.last_read + 1 END RETURNING last_read",
    ];
}

/// Lets a period that starts after `ahead` start now instead, with the same number of reads used. Returns whether it
/// did.
pub fn clamp_to_now(tx: &mut Tx<'_>, id: MeterId, ahead: Timestamp, now: Timestamp) -> Result<bool, DbError> {
    let ahead = meters::table.filter(meters::id.eq(id.number())).filter(meters::period_started_at.gt(ahead));
    let clamp = diesel::update(ahead).set(meters::period_started_at.eq(now));
    Ok(dispatch!(tx.connection(), |c| clamp.execute(c))? > 0)
}

pub fn set_used(tx: &mut Tx<'_>, user_id: i64, used: i64) -> Result<(), DbError> {
    let set = diesel::update(meters::table.find(user_id)).set(meters::used.eq(used));
    dispatch!(tx.connection(), |c| set.execute(c))?;
    Ok(())
}

/// Lowers the number of reads used by `count`.
pub fn give(tx: &mut Tx<'_>, user_id: i64, count: i64) -> Result<(), DbError> {
    let give = diesel::update(meters::table.find(user_id)).set(meters::used.eq(meters::used - count));
    dispatch!(tx.connection(), |c| give.execute(c))?;
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

/// Records the first time that a reader signs in, and returns its meter. `None` if the reader has no meter, or has
/// signed in before: of two simultaneous calls, one gets the meter.
pub fn sign_in(tx: &mut Tx<'_>, id: MeterId, now: Timestamp) -> Result<Option<Meter>, DbError> {
    let first = meters::table.filter(meters::id.eq(id.number())).filter(meters::signed_in_at.is_null());
    let sign_in = diesel::update(first).set(meters::signed_in_at.eq(now));
    Ok(dispatch!(tx.connection(), |c| sign_in.returning(Meter::as_returning()).get_result(c).optional())?)
}

pub fn delete(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    dispatch!(tx.connection(), |c| diesel::delete(meters::table.find(user_id)).execute(c))?;
    Ok(())
}

/// Examines up to `max` meters of no user after `after`, in the order of ids, and deletes those whose period started
/// before `before`. Returns the number of deleted meters, and the last one unless no others follow.
pub fn delete_before(
    tx: &mut Tx<'_>,
    before: Timestamp,
    after: i64,
    max: i64,
) -> Result<(usize, Option<i64>), DbError> {
    let rows = meters::table.filter(meters::id.gt(after)).filter(meters::id.lt(0));
    dispatch!(tx.connection(), |c| {
        let last = rows.order(meters::id).offset(max.saturating_sub(1)).limit(1);
        let last: Option<i64> = last.select(meters::id).get_result(c).optional()?;
        let old = rows.filter(meters::id.le(last.unwrap_or(i64::MAX))).filter(meters::period_started_at.lt(before));
        Ok((diesel::delete(old).execute(c)?, last))
    })
}

/// The meter, even if its period has expired; `None` before the first read.
pub fn find(connection: &mut DbConnection, id: MeterId) -> Result<Option<Meter>, DbError> {
    let charged = meters::table.filter(meters::id.eq(id.number()).and(meters::period_started_at.gt(NEVER)));
    Ok(dispatch!(connection, |c| charged.select(Meter::as_select()).get_result(c).optional())?)
}
