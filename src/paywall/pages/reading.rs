//! Reading a page of another application. It is charged once per period, whatever `READS_COUNT` is, because the proxy
//! asks again whenever a browser reloads the page or returns to it.

use super::{Page, page_state::PageState, path::PagePath};
use crate::{
    base::clock::Timestamp,
    config::{MeterConfig, ReadsCount},
    db::{DbConnection, DbError, Tx},
    paywall::{
        charging::{Charge, conclude, record_free, refuse},
        content::ContentId,
        counting::MeteredRead,
        meter::{charge, limits},
        meters::{self, Meter},
        pages,
        read_queue::ReadQueue,
        reader::Reader,
    },
};

/// Attempts to read a page. When this returns, the read has been counted durably.
///
/// # Errors
/// The database is unavailable, and the read may have been counted; or the user no longer exists.
pub async fn read_page(queue: &ReadQueue, reader: Reader, path: PagePath, now: Timestamp) -> Result<Charge, DbError> {
    let (policy, page) = (queue.policy(), path.clone());
    let find = move |connection: &mut DbConnection| PageState::find(connection, &policy, reader, &page, now);
    let PageState { meter, page, needs_write } = queue.db().read::<_, DbError, _>(find).await?;
    // Most requests are reloads, which write nothing.
    if !needs_write {
        queue.metrics().free.inc();
        return Ok(Charge::Granted(meter));
    }
    let read = reader.read(ContentId::NONE, now);
    if reader.is_subscribed {
        let read = read_of(current_page(queue, read, page, path).await?, read);
        return record_free(queue, read, true).await.map(Charge::Granted);
    }
    if meter.remaining() == 0 {
        return refuse(queue, read, Some(path)).await.map(Charge::UsedUp);
    }
    let refused = Some(path.clone());
    let charged = match page {
        Some(page) if !read.is_by_new_reader() => queue.charge(read_of(page, read), ReadsCount::Posts).await?,
        None if !read.is_by_new_reader() => {
            let _lock = queue.lock(read.meter).await;
            queue.db().write(move |tx: &mut Tx<'_>| charge_page(tx, &policy, read, &path)).await?
        }
        page => {
            let read = read_of(current_page(queue, read, page, path).await?, read);
            queue.charge(read, ReadsCount::Requests).await?
        }
    };
    conclude(queue, read, refused, charged).await
}

fn read_of(page: Page, read: MeteredRead) -> MeteredRead {
    MeteredRead { content: page.content(), ..read }
}

/// The row of a page that is about to be read. Adds it, or marks it as used today, unless it is `current`.
async fn current_page(
    queue: &ReadQueue,
    read: MeteredRead,
    current: Option<Page>,
    path: PagePath,
) -> Result<Page, DbError> {
    if let Some(page) = current {
        return Ok(page);
    }
    let _lock = queue.lock(read.meter).await;
    queue.db().write(move |tx: &mut Tx<'_>| pages::record_use(tx, path.as_str(), read.at)).await
}

/// Counts a read of a page that has no current row, unless it has already been counted in this period.
///
/// The first statement locks the meter until the transaction ends. Only then is it known whether another request has
/// charged for the same page, and whether the page gets a row: refused requests, for any number of paths, must not fill
/// the table (see [`pages::find_refused`]). New anonymous readers are the exception, because the queue that
/// charges them needs the row: at most as many rows as requests are sent before their network's meter is used up.
fn charge_page(
    tx: &mut Tx<'_>,
    policy: &MeterConfig,
    read: MeteredRead,
    path: &PagePath,
) -> Result<Option<Meter>, DbError> {
    let meter = meters::start_period(tx, read.meter, read.at, read.at.before(policy.period))?;
    let is_used_up = meter.is_some_and(|meter| meter.used >= limits(policy).of(read.meter));
    let page = match pages::find(tx, path.as_str())? {
        None if is_used_up => return Ok(None),
        Some(page) if page.is_current(read.at) => page,
        _ => pages::record_use(tx, path.as_str(), read.at)?,
    };
    charge(tx, policy, ReadsCount::Posts, read_of(page, read))
}
