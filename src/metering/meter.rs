//! The meter, which determines whether a user may read another post.

use std::time::Duration;

use crate::{
    client::Client,
    clock::Timestamp,
    config::MeterConfig,
    db::{DbConnection, DbError, Tx},
    models::{
        audit::{self, Event},
        metered_reads::{self, MeteredRead},
        meters::{self, Meter},
        reads::{self, Read},
        users,
    },
};

/// The state of a user's meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterState {
    /// The maximum number of reads per period.
    pub limit: i64,
    /// The number of reads in this period.
    pub used: i64,
    /// When the period ends; `None` before its first read.
    pub resets_at: Option<Timestamp>,
    /// The time until the period ends; zero before its first read.
    pub resets_in: Duration,
}

impl MeterState {
    /// The number of remaining reads; zero if the limit was lowered below the number of reads used.
    #[must_use]
    pub fn remaining(&self) -> i64 {
        (self.limit - self.used).max(0)
    }

    pub(super) fn new(policy: &MeterConfig, meter: Option<Meter>, now: Timestamp) -> Self {
        // A period that starts ahead of the clock is not displayed as longer than usual.
        let running = meter.map(|meter| (meter.used, meter.period_started_at.min(now).after(policy.period)));
        match running.filter(|(_, resets_at)| *resets_at > now) {
            Some((used, resets_at)) => {
                let resets_in = now.until(resets_at);
                Self { limit: policy.limit, used, resets_at: Some(resets_at), resets_in }
            }
            None => Self { limit: policy.limit, used: 0, resets_at: None, resets_in: Duration::ZERO },
        }
    }
}

/// Returns the posts that the user has read in this period, or if no period is running, within the length of one. The
/// latest reads come first: up to `limit` of them, or of those that follow the read with the id `before`.
pub fn reads(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    before: Option<i64>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<(Read, Option<String>)>, DbError> {
    let started = meters::find(connection, user_id)?.map(|meter| meter.period_started_at);
    let running = started.filter(|started| started.after(policy.period) > now);
    reads::page(connection, user_id, running.unwrap_or(now.before(policy.period)), before, limit)
}

pub fn state(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    now: Timestamp,
) -> Result<MeterState, DbError> {
    Ok(MeterState::new(policy, meters::find(connection, user_id)?, now))
}

/// Sets the number of reads that a user has used in this period, which grants extra reads or removes some. Returns the
/// new state of the meter, or `None` if no such user exists. Recorded in the account's audit.
pub fn set_used(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    user_id: i64,
    used: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<MeterState>, DbError> {
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(None);
    }
    let before = state(tx, policy, user_id, now)?;
    if before.used == used {
        // A period that started before the first read would end too soon.
        return Ok(Some(before));
    }
    meters::start_period(tx, user_id, now, now.before(policy.period))?;
    meters::set_used(tx, user_id, used)?;
    audit::insert(tx, user_id, Event::AccountChanged, operator, now)?;
    state(tx, policy, user_id, now).map(Some)
}

/// Counts a read, unless the limit has been reached.
pub(super) fn charge(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    user_id: i64,
    post_id: i64,
    now: Timestamp,
) -> Result<Option<Meter>, DbError> {
    let read = MeteredRead { user_id, post_id, at: now };
    Ok(metered_reads::charge(tx, &[read], policy.limit, policy.period)?.pop().flatten())
}

/// Counts a read of this post, unless it has already been counted in this period.
///
/// The first statement locks the user's meter until the transaction ends: of two simultaneous first reads of a post,
/// the second finds the row of the first.
pub(super) fn charge_once(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    user_id: i64,
    post_id: i64,
    now: Timestamp,
) -> Result<Option<Meter>, DbError> {
    if let Some(meter) = meters::start_period(tx, user_id, now, now.before(policy.period))?
        && reads::is_read(tx, user_id, post_id, meter.period_started_at, true)?
    {
        return Ok(Some(meter));
    }
    charge(tx, policy, user_id, post_id, now)
}

/// Deletes the meter of a user whose account is deleted. A trigger deletes the reads together with the user's row: by
/// then, no read is being counted any more, because that would hold a lock on the meter.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    meters::delete(tx, user_id)
}
