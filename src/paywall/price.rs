//! What a post costs a reader: its price, and what the page would cost if it were opened now.

use super::{
    content::ContentId,
    counting::MeteredRead,
    meter::{MeterState, state_for},
    posts::{Post, access::Access},
    reader::Reader,
    reads,
};
use crate::{
    base::clock::Timestamp,
    config::MeterConfig,
    db::{DbConnection, DbError},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Price {
    /// A draft or a scheduled post, which editors read for free. The read is not recorded.
    Draft,
    Free,
    Metered,
    Subscribers,
}

/// Why a post could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The post does not exist, or is not published yet.
    #[error("no such post")]
    NoSuchPost,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Price {
    pub(super) fn of(post: &Post, reader: Reader, now: Timestamp) -> Result<Self, ReadError> {
        let Reader { is_subscribed, is_editor, .. } = reader;
        Ok(match post.access {
            _ if !post.is_visible(now) && !is_editor => return Err(ReadError::NoSuchPost),
            _ if !post.is_visible(now) => Self::Draft,
            Access::Free => Self::Free,
            Access::Metered | Access::Subscribers if is_subscribed => Self::Free,
            Access::Subscribers if is_editor => Self::Free,
            Access::Subscribers => Self::Subscribers,
            Access::Metered => Self::Metered,
        })
    }
}

/// What a read would cost now, with the meter of the reader. Nothing is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    Nothing,
    OneRead(MeterState),
    UsedUp(MeterState),
    SubscribersOnly(MeterState),
}

/// What [`read`](super::read) would cost as a page view.
///
/// # Errors
/// See [`ReadError`].
pub fn cost(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    reader: Reader,
    post: &Post,
    now: Timestamp,
) -> Result<Cost, ReadError> {
    let price = Price::of(post, reader, now)?;
    if matches!(price, Price::Draft | Price::Free) {
        return Ok(Cost::Nothing);
    }
    let read = reader.read(ContentId::post(post.id), now);
    let meter = state_for(connection, policy, read)?;
    Ok(match price {
        Price::Subscribers => Cost::SubscribersOnly(meter),
        _ if is_paid(connection, policy, read, &meter)? => Cost::Nothing,
        _ if meter.remaining() == 0 => Cost::UsedUp(meter),
        _ => Cost::OneRead(meter),
    })
}

/// Whether the reader has already been charged for this post in this period, so that its page is free.
fn is_paid(
    connection: &mut DbConnection,
    policy: &MeterConfig,
    read: MeteredRead,
    meter: &MeterState,
) -> Result<bool, DbError> {
    let is_countable = meter.limit > 0 && !read.is_by_new_reader();
    match meter.resets_at.filter(|_| is_countable) {
        Some(at) => reads::is_read(connection, read.reader, read.content, at.before(policy.period), true),
        None => Ok(false),
    }
}
