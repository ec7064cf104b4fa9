//! Reading a post: who may read it, and what is counted.

use super::{
    meter::{self, MeterState, charge_once},
    read_queue::ReadQueue,
};
use crate::{
    clock::Timestamp,
    config::ReadsCount,
    db::{DbConnection, DbError, Tx},
    models::{
        days::{self, DayCounts},
        metered_reads::{self, MeteredRead},
        meters,
        posts::Post,
        refusals,
    },
};

/// The user who wants to read, and the user's rights.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The user whose meter counts.
    pub user_id: i64,
    /// Whether reads are not metered.
    pub is_subscribed: bool,
    /// Whether drafts may be read, which are free of charge.
    pub is_editor: bool,
}

/// The result of an attempt to read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The post may be read.
    Read(MeterState),
    /// The meter is used up.
    UsedUp(MeterState),
}

/// Why a post could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The post does not exist, or is not published.
    #[error("no such post")]
    NoSuchPost,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Attempts to read a post. When this returns, the read has been counted durably.
///
/// # Errors
/// See [`ReadError`]; the read is not counted in this case.
pub async fn read(queue: &ReadQueue, reader: Reader, post: &Post, now: Timestamp) -> Result<ReadOutcome, ReadError> {
    let (policy, user_id, post_id) = (queue.policy(), reader.user_id, post.id);
    let state = move |connection: &mut DbConnection| meter::state(connection, &policy, user_id, now);
    if !post.published {
        return match reader.is_editor {
            true => {
                let outcome = ReadOutcome::Read(queue.db().read(state).await?);
                queue.metrics().free.inc();
                Ok(outcome)
            }
            false => Err(ReadError::NoSuchPost),
        };
    }
    if reader.is_subscribed {
        let record = move |tx: &mut Tx<'_>| {
            metered_reads::record_free(tx, MeteredRead { user_id, post_id, at: now })?;
            state(tx)
        };
        let _turn = queue.turn(user_id).await;
        let outcome = ReadOutcome::Read(queue.db().write(record).await?);
        queue.metrics().free.inc();
        return Ok(outcome);
    }
    let charged = match policy.count {
        _ if policy.limit == 0 => None,
        ReadsCount::Requests => queue.charge(user_id, post_id, now).await?,
        ReadsCount::Posts => {
            let charge = move |tx: &mut Tx<'_>| charge_once(tx, &policy, user_id, post_id, now);
            let _turn = queue.turn(user_id).await;
            queue.db().write(charge).await?
        }
    };
    let Some(meter) = charged else {
        let refuse = move |tx: &mut Tx<'_>| {
            refusals::count(tx, user_id, now)?;
            meters::clamp(tx, user_id, now.latest_plausible(), now)?;
            days::count(tx, &[(now, post_id, DayCounts { refusals: 1, ..DayCounts::default() })])?;
            state(tx)
        };
        let _turn = queue.turn(user_id).await;
        let outcome = ReadOutcome::UsedUp(queue.db().write(refuse).await?);
        queue.metrics().refused.inc();
        return Ok(outcome);
    };
    queue.metrics().metered.inc();
    if meter.period_started_at.is_implausible(now) {
        clamp(queue, user_id, now).await;
    }
    Ok(ReadOutcome::Read(MeterState::new(&policy, Some(meter), now)))
}

/// Restarts a period that is ahead of the clock. This is not part of the statement that counts, because every read
/// would pay for a case that is very rare.
async fn clamp(queue: &ReadQueue, user_id: i64, now: Timestamp) {
    let clamp = move |tx: &mut Tx<'_>| meters::clamp(tx, user_id, now.latest_plausible(), now);
    // The read has been counted, and the next one tries again.
    if let Err(error) = queue.db().write::<_, DbError, _>(clamp).await {
        tracing::warn!(%error, "failed to clamp a meter that is ahead of the clock");
    }
}
