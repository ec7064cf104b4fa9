//! Charging a read to a meter: a user's, an anonymous reader's, or a network's.

use super::{
    content::ContentId,
    counting::{self, MeteredRead},
    meter::{self, MeterState, limits},
    meters::Meter,
    pages::{self, PagePath},
    read_queue::ReadQueue,
    statistics::refusals,
};
use crate::{
    config::ReadsCount,
    daily_counts::{
        self, DayCounts,
        contents::{self, ContentCounts},
        last_refusals,
    },
    db::{DbConnection, DbError, Tx},
};

/// The result of an attempt to charge a read, with the meter of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    Granted(MeterState),
    UsedUp(MeterState),
}

/// Counts a read, or the refusal if the limit has been reached. With [`ReadsCount::Posts`], a post that the reader was
/// charged for before in this period, in either way, costs nothing. When this returns, the read has been counted durably.
pub(super) async fn charge(queue: &ReadQueue, read: MeteredRead, count: ReadsCount) -> Result<Charge, DbError> {
    let policy = queue.policy();
    // A new reader has read nothing before.
    let count = if read.is_by_new_reader() { ReadsCount::Requests } else { count };
    let charged = match limits(&policy).of(read.meter) {
        0 => None,
        _ => queue.charge(read, count).await?,
    };
    conclude(queue, read, None, charged).await
}

/// Concludes an attempt to charge a read. It is refused if `charged` is `None`, because the meter is used up. For `page`
/// see [`refuse`].
pub(super) async fn conclude(
    queue: &ReadQueue,
    read: MeteredRead,
    page: Option<PagePath>,
    charged: Option<Meter>,
) -> Result<Charge, DbError> {
    // Refusals and clock rollbacks are rare: boxed, so that the futures of waiting reads do not reserve space for them.
    let Some(meter) = charged else { return Box::pin(refuse(queue, read, page)).await.map(Charge::UsedUp) };
    queue.metrics().metered(read.reader).inc();
    if meter.period_started_at.is_implausible(read.at) {
        Box::pin(restart_period(queue, read)).await;
    }
    Ok(Charge::Granted(MeterState::new(&queue.policy(), read.reader, Some(meter), read.at)))
}

/// Counts a refusal. The path is that of a page whose number may not be known yet.
pub(super) async fn refuse(
    queue: &ReadQueue,
    read: MeteredRead,
    page: Option<PagePath>,
) -> Result<MeterState, DbError> {
    let MeteredRead { meter: meter_id, reader, at, .. } = read;
    let state = state(queue, read);
    let refuse = move |tx: &mut Tx<'_>| {
        meter::clamp_to_now(tx, meter_id, at)?;
        let anonymous_refusals = i64::from(!reader.is_user());
        daily_counts::add(tx, at.day(), DayCounts { refusals: 1, anonymous_refusals, ..DayCounts::default() })?;
        if reader.is_user() {
            // Last, because it locks the user, as a deletion does after the meter.
            refusals::count(tx, reader.number(), at)?;
        }
        count_content(tx, read, page)?;
        state(tx)
    };
    let _lock = queue.lock(meter_id).await;
    let state = queue.db().write::<_, DbError, _>(refuse).await?;
    queue.metrics().refused(reader).inc();
    Ok(state)
}

/// Counts a refusal of this post or page. A browser without a cookie is not recognized later.
fn count_content(tx: &mut Tx<'_>, read: MeteredRead, page: Option<PagePath>) -> Result<(), DbError> {
    let content = match page {
        Some(path) => pages::find_refused(tx, path.as_str(), read.at)?.map_or(ContentId::NONE, pages::Page::content),
        None => read.content,
    };
    if content == ContentId::NONE {
        return Ok(());
    }
    if !read.is_by_new_reader() {
        last_refusals::record(tx, read.reader.number(), content.number(), read.at)?;
    }
    contents::add(tx, read.at.day(), content.number(), ContentCounts { refusals: 1, ..ContentCounts::default() })
}

/// Records a read that is free of charge.
pub(super) async fn record_free(
    queue: &ReadQueue,
    read: MeteredRead,
    is_subscribed: bool,
) -> Result<MeterState, DbError> {
    let state = state(queue, read);
    let record = move |tx: &mut Tx<'_>| {
        counting::record_free(tx, read, is_subscribed)?;
        state(tx)
    };
    let _lock = queue.lock(read.meter).await;
    let state = queue.db().write::<_, DbError, _>(record).await?;
    queue.metrics().free.inc();
    Ok(state)
}

/// Reads the state of the reader's meter.
pub(super) fn state(
    queue: &ReadQueue,
    read: MeteredRead,
) -> impl FnOnce(&mut DbConnection) -> Result<MeterState, DbError> + Send + 'static {
    let policy = queue.policy();
    move |connection| meter::state_for(connection, &policy, read)
}

/// Restarts a period that is ahead of the clock. This is not part of the statement that counts, because every read
/// would pay for a case that is very rare.
async fn restart_period(queue: &ReadQueue, read: MeteredRead) {
    let restart = move |tx: &mut Tx<'_>| meter::clamp_to_now(tx, read.meter, read.at);
    // The read has been counted, and the next one tries again.
    if let Err(error) = queue.db().write::<_, DbError, _>(restart).await {
        tracing::warn!(%error, "failed to restart the period of a meter that is ahead of the clock");
    }
}
