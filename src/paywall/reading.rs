//! Reading a post: who may read it, and what is counted.

use super::{
    charging::{Charge, charge, record_free, refuse, state},
    content::ContentId,
    counting::MeteredRead,
    meter::MeterState,
    posts::Post,
    price::{Price, ReadError},
    read_queue::ReadQueue,
    reader::Reader,
};
use crate::{base::clock::Timestamp, config::ReadsCount, db::DbError};

/// The result of an attempt to read a post, with the meter of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The post may be read. No meter is involved if it costs nothing and nobody is signed in.
    Granted(Option<MeterState>),
    /// The meter of the reader, or the budget of the network, is used up.
    UsedUp(MeterState),
    /// The post is for subscribers.
    SubscribersOnly(MeterState),
}

impl From<Charge> for ReadOutcome {
    fn from(charge: Charge) -> Self {
        match charge {
            Charge::Granted(meter) => Self::Granted(Some(meter)),
            Charge::UsedUp(meter) => Self::UsedUp(meter),
        }
    }
}

/// Attempts to read a post, counted as `count` says. When this returns, the read has been counted durably. A free read
/// without a session is not recorded.
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
    let read = reader.read(ContentId::post(post.id), now);
    let is_user = read.reader.is_user();
    // Boxed except for metered reads, which wait in large numbers: their futures would reserve space for the others.
    Ok(match Price::of(post, reader, now)? {
        Price::Metered => charge(queue, read, count).await?.into(),
        Price::Free if is_user => {
            ReadOutcome::Granted(Some(Box::pin(record_free(queue, read, reader.is_subscribed)).await?))
        }
        Price::Free => {
            queue.metrics().free.inc();
            ReadOutcome::Granted(None)
        }
        Price::Draft => {
            let meter = Box::pin(queue.db().read(state(queue, read))).await?;
            queue.metrics().free.inc();
            ReadOutcome::Granted(Some(meter))
        }
        Price::Subscribers => ReadOutcome::SubscribersOnly(Box::pin(refuse(queue, read, None)).await?),
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
    record_free(queue, MeteredRead::by_user(user_id, ContentId::post(post.id), now), false).await.map(Some)
}
