//! The table `pages`: pages of other applications, to which reads refer by a number instead of their path.

use std::collections::BTreeSet;

use diesel::{dsl::case_when, prelude::*};

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, macros::delete_batch, schema::pages},
    paywall::content::ContentId,
};

/// The row of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = pages)]
pub struct Page {
    pub id: i64,
    /// The latest day on which it was read, in days since 1970-01-01. It is not deleted before the reads of that day.
    pub used_on: i64,
}

impl Page {
    #[must_use]
    pub fn content(self) -> ContentId {
        ContentId::page(self.id)
    }

    /// Whether a read at this time may refer to it. Otherwise [`record_use`] must be called again, so that it is kept as
    /// long as the read.
    #[must_use]
    pub fn is_current(self, at: Timestamp) -> bool {
        self.used_on >= at.day()
    }
}

pub fn find(connection: &mut DbConnection, path: &str) -> Result<Option<Page>, DbError> {
    let found = dispatch!(connection, |c| pages::table
        .filter(pages::path.eq(path))
        .select(Page::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Adds a path, or records that it is read on this day.
pub fn record_use(tx: &mut Tx<'_>, path: &str, at: Timestamp) -> Result<Page, DbError> {
    let day = at.day();
    // After a clock rollback the row keeps its later day.
    let latest = case_when(pages::used_on.gt(day), pages::used_on).otherwise(day);
    let used = dispatch!(tx.connection(), |c| diesel::insert_into(pages::table)
        .values((pages::path.eq(path), pages::used_on.eq(day)))
        .on_conflict(pages::path)
        .do_update()
        .set(pages::used_on.eq(latest))
        .returning(Page::as_returning())
        .get_result(c));
    Ok(used?)
}

/// The most pages that get a row on a day because they were refused. Refused requests are for any number of paths, and must
/// not fill the table.
const MAX_REFUSED: i64 = 1000;

/// The row of a page that was refused. A page that nobody has read gets one, unless the table already has many of this day.
pub fn find_refused(tx: &mut Tx<'_>, path: &str, at: Timestamp) -> Result<Option<Page>, DbError> {
    let found = find(tx, path)?;
    if found.is_some() {
        return Ok(found);
    }
    // The row that is one too many, if there is one.
    let full = pages::table.filter(pages::used_on.ge(at.day())).offset(MAX_REFUSED - 1).limit(1);
    let full: Option<i64> = dispatch!(tx.connection(), |c| full.select(pages::id).get_result(c).optional())?;
    if full.is_some() { Ok(None) } else { record_use(tx, path, at).map(Some) }
}

/// Records that the pages among these are read at this time, so that they are kept as long as such a read.
pub fn keep(tx: &mut Tx<'_>, read: impl Iterator<Item = ContentId>, at: Timestamp) -> Result<(), DbError> {
    // In ascending order, so that two such transactions cannot deadlock.
    let ids: BTreeSet<i64> = read.filter_map(ContentId::page_id).collect();
    for id in ids {
        let older = pages::table.filter(pages::id.eq(id).and(pages::used_on.lt(at.day())));
        dispatch!(tx.connection(), |c| diesel::update(older).set(pages::used_on.eq(at.day())).execute(c))?;
    }
    Ok(())
}

/// Deletes up to `max` pages that were last read before `day`, and returns their number.
pub fn delete_unused(tx: &mut Tx<'_>, day: i64, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, pages.id: i64, pages::used_on.lt(day), max)
}
