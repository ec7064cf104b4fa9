//! The meter: whether a user may read one more post.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    config::{MeterConfig, ReadsCount},
    db::{DbConnection, DbError},
    models::{
        meters::{self, Charge, Meter},
        posts::{self, Post},
        reads::{self, Read},
        refusals,
    },
};

/// Where a user's meter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterState {
    /// Reads per period.
    pub limit: i64,
    /// Reads of this period.
    pub used: i64,
    /// When the period ends; `None` before its first read.
    pub resets_at: Option<Timestamp>,
    /// How long it is until then; zero before the first read.
    pub resets_in: Duration,
}

impl MeterState {
    /// Reads that are left; none where the limit was lowered below what is used.
    #[must_use]
    pub fn remaining(&self) -> i64 {
        (self.limit - self.used).max(0)
    }

    fn new(policy: &MeterConfig, meter: Option<Meter>, now: Timestamp) -> Self {
        let running = meter.map(|meter| (meter.used, meter.period_started_at.after(policy.period)));
        match running.filter(|(_, resets_at)| *resets_at > now) {
            Some((used, resets_at)) => {
                let resets_in = now.until(resets_at);
                Self { limit: policy.limit, used, resets_at: Some(resets_at), resets_in }
            }
            None => Self { limit: policy.limit, used: 0, resets_at: None, resets_in: Duration::ZERO },
        }
    }
}

/// Who wants to read.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Whose meter it is.
    pub user_id: i64,
    /// Whether the meter is left alone.
    pub is_subscribed: bool,
    /// Whether drafts may be seen, which cost nothing.
    pub is_editor: bool,
}

/// What came of wanting to read.
#[derive(Debug)]
pub enum ReadOutcome {
    /// The post.
    Read(Post, MeterState),
    /// The meter is used up.
    UsedUp {
        /// Where it stands.
        meter: MeterState,
        /// What the post is called.
        title: String,
        /// What is free of it.
        excerpt: String,
    },
}

/// Why a post is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such post, or it is not published.
    #[error("no such post")]
    NoSuchPost,
    /// The database cannot serve.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The post, for one read. For [`crate::db::Db::write`]: that the read is counted is on the disk before it is answered.
///
/// # Errors
/// See [`ReadError`]; nothing is counted then.
pub fn read_post(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    reader: Reader,
    post_id: i64,
    now: Timestamp,
) -> Result<ReadOutcome, ReadError> {
    let user_id = reader.user_id;
    let post = posts::find(connection, post_id)?.ok_or(ReadError::NoSuchPost)?;
    if !post.published {
        let meter = state(connection, policy, user_id, now)?;
        return if reader.is_editor { Ok(ReadOutcome::Read(post, meter)) } else { Err(ReadError::NoSuchPost) };
    }
    if reader.is_subscribed {
        reads::insert_free(connection, user_id, post_id, now)?;
        return Ok(ReadOutcome::Read(post, state(connection, policy, user_id, now)?));
    }
    let charged = match policy.count {
        ReadsCount::Requests => charge(connection, policy, user_id, post_id, now)?,
        ReadsCount::Posts => charge_once(connection, policy, user_id, post_id, now)?,
    };
    match charged {
        Some(meter) => Ok(ReadOutcome::Read(post, MeterState::new(policy, Some(meter), now))),
        None => {
            refusals::count(connection, user_id, now)?;
            let meter = state(connection, policy, user_id, now)?;
            Ok(ReadOutcome::UsedUp { meter, title: post.title, excerpt: post.excerpt })
        }
    }
}

/// What the user has read in this period, the latest first; where none runs, in the time of one.
///
/// # Errors
/// The database cannot serve.
pub fn reads(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    now: Timestamp,
) -> Result<Vec<(Read, Option<String>)>, DbError> {
    let begun = meters::find(connection, user_id)?.map(|meter| meter.period_started_at);
    let running = begun.filter(|begun| begun.after(policy.period) > now);
    reads::list(connection, user_id, running.unwrap_or(now.before(policy.period)))
}

/// Where the user's meter stands.
///
/// # Errors
/// The database cannot serve.
pub fn state(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    now: Timestamp,
) -> Result<MeterState, DbError> {
    Ok(MeterState::new(policy, meters::find(connection, user_id)?, now))
}

/// Counts a read, unless the limit is reached.
fn charge(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    post_id: i64,
    now: Timestamp,
) -> Result<Option<Meter>, DbError> {
    if policy.limit == 0 {
        return Ok(None);
    }
    let charged = charge_of(policy, user_id, now, 1).execute(connection)?;
    if let Some(meter) = charged {
        // Who came first to the row may have looked at the clock later: a read is never before its period.
        reads::insert_metered(connection, user_id, post_id, now.max(meter.period_started_at))?;
    }
    Ok(charged)
}

/// Counts a read of this post, unless it is counted in this period already.
///
/// The first statement locks the user's meter until the transaction ends: of two first reads of one post at once the
/// second finds what the first noted.
fn charge_once(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    user_id: i64,
    post_id: i64,
    now: Timestamp,
) -> Result<Option<Meter>, DbError> {
    if policy.limit > 0
        && let Some(meter) = charge_of(policy, user_id, now, 0).execute(connection)?
        && reads::is_charged(connection, user_id, post_id, meter.period_started_at)?
    {
        return Ok(Some(meter));
    }
    charge(connection, policy, user_id, post_id, now)
}

fn charge_of(policy: &MeterConfig, user_id: i64, now: Timestamp, cost: i64) -> Charge {
    // What costs nothing is never refused, not even where the limit was lowered below what is used.
    let limit = if cost == 0 { i64::MAX } else { policy.limit };
    Charge { user_id, cost, limit, now, over_if_started_by: now.before(policy.period) }
}
