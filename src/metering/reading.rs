//! Reading a post: who may read it, and what is counted.

use super::{
    charging::{Charge, charge, record_free, refuse, state},
    meter::MeterState,
    read_queue::ReadQueue,
    reader::{AnonymousReader, Reader},
    terms::Terms,
};
use crate::{
    clock::Timestamp,
    config::ReadsCount,
    db::DbError,
    models::{metered_reads::MeteredRead, posts::Post},
};

/// The result of a user's attempt to read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The post may be read.
    Read(MeterState),
    /// The meter is used up.
    UsedUp(MeterState),
    /// The post is for subscribers.
    SubscribersOnly(MeterState),
}

/// The result of an attempt to read a post without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnonymousOutcome {
    /// The post costs nothing.
    Free,
    /// The post may be read.
    Read(MeterState),
    /// The meter of the reader, or the budget of the network, is used up.
    UsedUp(MeterState),
    /// The post is for subscribers.
    SubscribersOnly,
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

/// Attempts to read a post, counted as `count` says. When this returns, the read has been counted durably.
///
/// # Errors
/// See [`ReadError`]. After [`DbError::Unavailable`], the read may have been counted.
pub async fn read(
    queue: &ReadQueue,
    reader: Reader,
    post: &Post,
    count: ReadsCount,
    now: Timestamp,
) -> Result<ReadOutcome, ReadError> {
    let read = reader.read(post.id, now);
    // Boxed except for metered reads, which wait in large numbers: their futures would reserve space for the others.
    Ok(match Terms::of(post, reader.is_subscribed, reader.is_editor)? {
        Terms::Draft => {
            let outcome = ReadOutcome::Read(Box::pin(queue.db().read(state(queue, read))).await?);
            queue.metrics().free.inc();
            outcome
        }
        Terms::Free => ReadOutcome::Read(Box::pin(record_free(queue, read, reader.is_subscribed)).await?),
        Terms::SubscribersOnly => ReadOutcome::SubscribersOnly(Box::pin(refuse(queue, read)).await?),
        Terms::Metered => match charge(queue, read, count).await? {
            Charge::Granted(meter) => ReadOutcome::Read(meter),
            Charge::UsedUp(meter) => ReadOutcome::UsedUp(meter),
        },
    })
}

/// Attempts to read a post without a session. When this returns, the read has been counted durably. A free read is not
/// recorded.
///
/// # Errors
/// See [`ReadError`]. After [`DbError::Unavailable`], the read may have been counted.
pub async fn read_anonymously(
    queue: &ReadQueue,
    reader: AnonymousReader,
    post: &Post,
    count: ReadsCount,
    now: Timestamp,
) -> Result<AnonymousOutcome, ReadError> {
    Ok(match Terms::of(post, false, false)? {
        Terms::Draft | Terms::Free => {
            queue.metrics().free.inc();
            AnonymousOutcome::Free
        }
        Terms::SubscribersOnly => AnonymousOutcome::SubscribersOnly,
        Terms::Metered => match charge(queue, reader.read(post.id, now), count).await? {
            Charge::Granted(meter) => AnonymousOutcome::Read(meter),
            Charge::UsedUp(meter) => AnonymousOutcome::UsedUp(meter),
        },
    })
}

/// Reads a post that was given away: the read is recorded like a subscriber's, and not charged. Returns the meter of
/// the user; `None` for an anonymous reader.
///
/// # Errors
/// The database is unavailable.
pub async fn read_gift(
    queue: &ReadQueue,
    user_id: Option<i64>,
    post: &Post,
    now: Timestamp,
) -> Result<Option<MeterState>, DbError> {
    let Some(user_id) = user_id else {
        queue.metrics().free.inc();
        return Ok(None);
    };
    record_free(queue, MeteredRead::by_user(user_id, post.id, now), false).await.map(Some)
}
