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
        access::Access,
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
    /// Whether drafts and posts for subscribers may be read, free of charge.
    pub is_editor: bool,
}

/// The result of an attempt to read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The post may be read.
    Read(MeterState),
    /// The meter is used up.
    UsedUp(MeterState),
    /// The post is for subscribers.
    SubscribersOnly(MeterState),
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
    let read = MeteredRead { user_id: reader.user_id, post_id: post.id, at: now };
    let Reader { is_subscribed, is_editor, .. } = reader;
    match post.access {
        _ if !post.published && !is_editor => Err(ReadError::NoSuchPost),
        _ if !post.published => {
            let outcome = ReadOutcome::Read(queue.db().read(state(queue, read)).await?);
            queue.metrics().free.inc();
            Ok(outcome)
        }
        Access::Free => record_free(queue, read).await,
        Access::Metered | Access::Subscribers if is_subscribed => record_free(queue, read).await,
        Access::Subscribers if is_editor => record_free(queue, read).await,
        Access::Subscribers => refuse(queue, read).await.map(ReadOutcome::SubscribersOnly),
        Access::Metered => charge(queue, read).await,
    }
}

/// Attempts to read a post without a session; returns whether the post may be read. Nothing is recorded.
#[must_use]
pub fn read_without_session(queue: &ReadQueue, post: &Post) -> bool {
    if post.is_free() {
        queue.metrics().free.inc();
    }
    post.is_free()
}

fn state(
    queue: &ReadQueue,
    MeteredRead { user_id, at, .. }: MeteredRead,
) -> impl FnOnce(&mut DbConnection) -> Result<MeterState, DbError> + Send + 'static {
    let policy = queue.policy();
    move |connection| meter::state(connection, &policy, user_id, at)
}

/// Records a read that is free of charge.
async fn record_free(queue: &ReadQueue, read: MeteredRead) -> Result<ReadOutcome, ReadError> {
    let state = state(queue, read);
    let record = move |tx: &mut Tx<'_>| {
        metered_reads::record_free(tx, read)?;
        state(tx)
    };
    let _turn = queue.turn(read.user_id).await;
    let outcome = ReadOutcome::Read(queue.db().write(record).await?);
    queue.metrics().free.inc();
    Ok(outcome)
}

/// Counts a read, unless the limit has been reached.
async fn charge(queue: &ReadQueue, read: MeteredRead) -> Result<ReadOutcome, ReadError> {
    let (policy, MeteredRead { user_id, post_id, at }) = (queue.policy(), read);
    let charged = match policy.count {
        _ if policy.limit == 0 => None,
        ReadsCount::Requests => queue.charge(user_id, post_id, at).await?,
        ReadsCount::Posts => {
            let charge = move |tx: &mut Tx<'_>| charge_once(tx, &policy, user_id, post_id, at);
            let _turn = queue.turn(user_id).await;
            queue.db().write(charge).await?
        }
    };
    let Some(meter) = charged else { return refuse(queue, read).await.map(ReadOutcome::UsedUp) };
    queue.metrics().metered.inc();
    if meter.period_started_at.is_implausible(at) {
        clamp(queue, user_id, at).await;
    }
    Ok(ReadOutcome::Read(MeterState::new(&policy, Some(meter), at)))
}

/// Counts a refusal.
async fn refuse(queue: &ReadQueue, read: MeteredRead) -> Result<MeterState, ReadError> {
    let (state, MeteredRead { user_id, post_id, at }) = (state(queue, read), read);
    let refuse = move |tx: &mut Tx<'_>| {
        refusals::count(tx, user_id, at)?;
        meters::clamp(tx, user_id, at.latest_plausible(), at)?;
        days::count(tx, &[(at, post_id, DayCounts { refusals: 1, ..DayCounts::default() })])?;
        state(tx)
    };
    let _turn = queue.turn(user_id).await;
    let state = queue.db().write(refuse).await?;
    queue.metrics().refused.inc();
    Ok(state)
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
