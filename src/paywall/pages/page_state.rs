//! The state of a page for a reader, read from the database before anything is written.

use super::{Page, path::PagePath};
use crate::{
    base::clock::Timestamp,
    config::MeterConfig,
    db::{DbConnection, DbError},
    paywall::{
        content::ContentId,
        meter::{self, MeterState},
        pages,
        reader::Reader,
        reads,
    },
};

/// About how many pages a day are recorded for a subscriber. Any path may be a page, so nothing else would limit the
/// rows that a subscriber's script could add.
const MAX_FREE_PAGES: i64 = 1000;

/// The reader's meter, and whether this page has to be charged or recorded.
pub(super) struct PageState {
    pub(super) meter: MeterState,
    /// The page, if a read of it may refer to it without another write.
    pub(super) page: Option<Page>,
    /// Whether the page has to be charged for or recorded.
    pub(super) needs_write: bool,
}

impl PageState {
    pub(super) fn find(
        connection: &mut DbConnection,
        policy: &MeterConfig,
        reader: Reader,
        path: &PagePath,
        now: Timestamp,
    ) -> Result<Self, DbError> {
        let read = reader.read(ContentId::NONE, now);
        // The meter first: a page that is charged for in between is then found below. In the other order, a reader who
        // requests the last free page twice at once could be refused the second time.
        let meter = meter::state_for(connection, policy, read)?;
        let page = pages::find(connection, path.as_str())?;
        let since = match meter.resets_at {
            _ if reader.is_subscribed => Timestamp::from_day(now.day()),
            Some(resets_at) => resets_at.before(policy.period),
            None => now,
        };
        let is_recorded = match page {
            Some(page) => reads::is_read(connection, read.reader, page.content(), since, !reader.is_subscribed)?,
            None => false,
        };
        let needs_write = if is_recorded {
            false
        } else if reader.is_subscribed {
            reads::count_since(connection, read.reader, since)? < MAX_FREE_PAGES
        } else {
            true
        };
        Ok(Self { meter, page: page.filter(|page| page.is_current(now)), needs_write })
    }
}
