//! The table `anonymous_meters`: the meters of readers without a session, and of networks.

use diesel::{prelude::*, sql_types::BigInt};

use super::{meter_id::MeterId, meters::Meter};
use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, RawSql, Statement, Tx, dispatch, schema::anonymous_meters},
};

/// As [`super::meters::start_period`], for a meter that may not exist yet.
pub(super) fn start_period(
    tx: &mut Tx<'_>,
    id: MeterId,
    now: Timestamp,
    expired_if_started_by: Timestamp,
) -> Result<Meter, DbError> {
    let expired = expired_if_started_by.millis();
    let start = Statement::new(StartPeriod, [now.millis(), id.number(), expired, expired]);
    let (started_at, used): (i64, i64) = dispatch!(tx.connection(), |c| start.get_result(c))?;
    Ok(Meter { period_started_at: Timestamp::from_millis(started_at), used })
}

struct StartPeriod;

impl RawSql for StartPeriod {
    type Row = (BigInt, BigInt);
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO anonymous_meters AS meters (period_started_at, id, used) VALUES (",
        ", ",
        ", 0) ON CONFLICT (id) DO UPDATE SET used = CASE WHEN meters.period_started_at <= ",
        " THEN 0 ELSE meters.used END, period_started_at = CASE WHEN meters.period_started_at <= ",
        " THEN excluded.period_started_at ELSE meters.period_started_at END RETURNING period_started_at, used",
    ];
}

pub(super) fn clamp(tx: &mut Tx<'_>, id: MeterId, ahead: Timestamp, now: Timestamp) -> Result<bool, DbError> {
    let ahead = anonymous_meters::table
        .filter(anonymous_meters::id.eq(id.number()))
        .filter(anonymous_meters::period_started_at.gt(ahead));
    let clamp = diesel::update(ahead).set(anonymous_meters::period_started_at.eq(now));
    Ok(dispatch!(tx.connection(), |c| clamp.execute(c))? > 0)
}

pub(super) fn find(connection: &mut DbConnection, id: MeterId) -> Result<Option<Meter>, DbError> {
    let found = dispatch!(connection, |c| anonymous_meters::table
        .filter(anonymous_meters::id.eq(id.number()))
        .select((anonymous_meters::period_started_at, anonymous_meters::used))
        .get_result::<(Timestamp, i64)>(c)
        .optional())?;
    Ok(found.map(|(period_started_at, used)| Meter { period_started_at, used }))
}

/// Records the first time that a reader signs in, and returns its meter. `None` if the reader has no meter, or has
/// signed in before: of two simultaneous calls, one gets the meter.
pub fn sign_in(tx: &mut Tx<'_>, id: MeterId, now: Timestamp) -> Result<Option<Meter>, DbError> {
    let first = anonymous_meters::table
        .filter(anonymous_meters::id.eq(id.number()))
        .filter(anonymous_meters::signed_in_at.is_null());
    let signed_in = dispatch!(tx.connection(), |c| diesel::update(first)
        .set(anonymous_meters::signed_in_at.eq(now))
        .returning((anonymous_meters::period_started_at, anonymous_meters::used))
        .get_result::<(Timestamp, i64)>(c)
        .optional())?;
    Ok(signed_in.map(|(period_started_at, used)| Meter { period_started_at, used }))
}

/// Examines up to `max` rows after `after`, in the order of ids, and deletes those whose period started before
/// `before`. Returns the number of deleted meters, and the last row unless no rows follow.
pub fn delete_before(
    tx: &mut Tx<'_>,
    before: Timestamp,
    after: i64,
    max: i64,
) -> Result<(usize, Option<i64>), DbError> {
    let rows = anonymous_meters::table.filter(anonymous_meters::id.gt(after));
    dispatch!(tx.connection(), |c| {
        let last = rows.order(anonymous_meters::id).offset(max.saturating_sub(1)).limit(1);
        let last: Option<i64> = last.select(anonymous_meters::id).get_result(c).optional()?;
        let old = rows
            .filter(anonymous_meters::id.le(last.unwrap_or(i64::MAX)))
            .filter(anonymous_meters::period_started_at.lt(before));
        Ok((diesel::delete(old).execute(c)?, last))
    })
}
