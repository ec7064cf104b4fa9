//! The meter, which determines whether a reader may read another post.

use std::time::Duration;

use super::{
    content::ContentId,
    counting::{self, Limits, MeteredRead},
    gifts::openings,
    meter_id::MeterId,
    meters::{self, Meter},
    reader::Reader,
    reads::{self, ListedRead},
};
use crate::{
    base::{client::Client, clock::Timestamp},
    config::{MeterConfig, ReadsCount},
    db::{DbConnection, DbError, Tx},
    users::{
        self,
        audit::{self, Event},
    },
};

/// The state of a reader's meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterState {
    /// The maximum number of reads per period, with the extra reads beyond it that are left.
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

    pub(super) fn new(policy: &MeterConfig, id: MeterId, meter: Option<Meter>, now: Timestamp) -> Self {
        let limit = limits(policy).of(id);
        // A period that starts ahead of the clock is not displayed as longer than usual.
        let running = meter.map(|meter| (meter.used, meter.period_started_at.min(now).after(policy.period)));
        match running.filter(|(_, resets_at)| *resets_at > now) {
            Some((used, resets_at)) => {
                let (extra, resets_in) = ((-used).max(0), now.until(resets_at));
                Self { limit: limit + extra, used: used + extra, resets_at: Some(resets_at), resets_in }
            }
            None => Self { limit, used: 0, resets_at: None, resets_in: Duration::ZERO },
        }
    }
}

/// Returns what the user has read in this period, or if no period is running, within the length of one. The latest
/// reads come first: up to `limit` of them, or of those that follow the read with the id `before`.
pub fn reads(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    before: Option<i64>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<ListedRead>, DbError> {
    let started = meters::find(connection, MeterId::of_user(user_id))?.map(|meter| meter.period_started_at);
    let running = started.filter(|started| started.after(policy.period) > now);
    reads::page(connection, user_id, running.unwrap_or(now.before(policy.period)), before, limit, now)
}

/// The meter of a reader. For a new browser, the network's remaining reads count, up to the limit of one reader.
pub fn state(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    reader: Reader,
    now: Timestamp,
) -> Result<MeterState, DbError> {
    state_for(connection, policy, reader.read(ContentId::NONE, now))
}

/// The meter of the reader.
pub(super) fn state_for(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    read: MeteredRead,
) -> Result<MeterState, DbError> {
    let charged = state_of(connection, policy, read.meter, read.at)?;
    if !read.is_by_new_reader() {
        return Ok(charged);
    }
    let limit = limits(policy).of(read.reader);
    match charged.remaining().min(limit) {
        0 => Ok(MeterState { limit, used: limit, ..charged }),
        left => Ok(MeterState { limit, used: limit - left, resets_at: None, resets_in: Duration::ZERO }),
    }
}

fn state_of(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    id: MeterId,
    now: Timestamp,
) -> Result<MeterState, DbError> {
    Ok(MeterState::new(policy, id, meters::find(connection, id)?, now))
}

pub(super) fn limits(policy: &MeterConfig) -> Limits {
    Limits {
        user: policy.limit,
        anonymous: policy.anonymous_limit,
        network: policy.network_limit(),
        period: policy.period,
    }
}

/// Lets a period that is ahead of the clock start now instead, with its reads.
pub(super) fn clamp_to_now(tx: &mut Tx<'_>, id: MeterId, now: Timestamp) -> Result<(), DbError> {
    match meters::clamp_to_now(tx, id, now.latest_plausible(), now)? {
        true => reads::clamp_to_now(tx, id, now),
        false => Ok(()),
    }
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
    let is_as_wanted = |before: MeterState| before.used == used && before.limit == limits(policy).user;
    change_used(tx, policy, user_id, (operator, now), is_as_wanted, |tx| meters::set_used(tx, user_id, used))
}

/// Gives a user `count` more reads in this period, also beyond the limit. Otherwise like [`set_used`].
pub fn give_reads(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    user_id: i64,
    count: i64,
    operator: &Client,
    now: Timestamp,
) -> Result<Option<MeterState>, DbError> {
    change_used(tx, policy, user_id, (operator, now), |_| false, |tx| meters::give(tx, user_id, count))
}

/// Changes the number of used reads with `write`, unless the meter is as wanted.
fn change_used(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    user_id: i64,
    (operator, now): (&Client, Timestamp),
    is_as_wanted: impl FnOnce(MeterState) -> bool,
    write: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError>,
) -> Result<Option<MeterState>, DbError> {
    if users::lock_by_id(tx, user_id)?.is_none() {
        return Ok(None);
    }
    let meter = MeterId::of_user(user_id);
    let before = state_of(tx, policy, meter, now)?;
    if is_as_wanted(before) {
        // Starting a period now, before the first read, would make it end too early.
        return Ok(Some(before));
    }
    meters::start_period(tx, meter, now, now.before(policy.period))?;
    write(tx)?;
    audit::insert(tx, user_id, Event::AccountChanged, operator, now)?;
    state_of(tx, policy, meter, now).map(Some)
}

/// Counts reads, at most one per meter and sorted by meter. Each is counted unless the limit has been reached. With
/// [`ReadsCount::Requests`], this is a single statement on PostgreSQL; with [`ReadsCount::Posts`], there must be no new
/// readers.
pub(super) fn charge_all(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    count: ReadsCount,
    reads: &[MeteredRead],
) -> Result<Vec<Option<Meter>>, DbError> {
    match count {
        ReadsCount::Requests => counting::charge(tx, reads, &limits(policy)),
        ReadsCount::Posts => counting::charge_per_content(tx, reads, &limits(policy)),
    }
}

/// As [`charge_all`], for one read.
pub(super) fn charge(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    count: ReadsCount,
    read: MeteredRead,
) -> Result<Option<Meter>, DbError> {
    Ok(charge_all(tx, policy, count, &[read])?.pop().flatten())
}

/// Deletes the meter of a user whose account is deleted, and which gifts the user has opened. A trigger deletes the
/// reads together with the user's row: by then, no read is being counted any more, because that would hold a lock on
/// the meter.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: i64) -> Result<(), DbError> {
    openings::delete_of_user(tx, user_id)?;
    meters::delete(tx, user_id)
}
