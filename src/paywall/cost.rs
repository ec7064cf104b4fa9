//! What the page of a post would cost, for a page that is shown before the reader decides.

use super::{
    content::ContentId,
    counting::MeteredRead,
    meter::{MeterState, state_for},
    posts::Post,
    price::{Price, ReadError},
    reader::Reader,
    reads,
};
use crate::{
    base::clock::Timestamp,
    config::MeterConfig,
    db::{DbConnection, DbError},
};

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
    let price = Price::of(post, reader)?;
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
