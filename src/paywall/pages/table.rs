//! The table `resources`: pages of other applications, to which reads refer by a number instead of their path.

use std::collections::BTreeSet;

use diesel::{dsl::case_when, prelude::*};

use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbError, Tx, dispatch, query_macros::delete_batch, schema::resources},
    paywall::content::ContentId,
};

/// The row of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = resources)]
pub struct Resource {
    pub id: i64,
    /// The latest day on which it was read, in days since 1970-01-01. It is not deleted before the reads of that day.
    pub used_on: i64,
}

impl Resource {
    #[must_use]
    pub fn content(self) -> ContentId {
        ContentId::page(self.id)
    }

    /// Whether a read at this time may refer to it. Otherwise [`intern`] must be called again, so that it is kept as
    /// long as the read.
    #[must_use]
    pub fn is_current(self, at: Timestamp) -> bool {
        self.used_on >= at.day()
    }
}

pub fn find(connection: &mut DbConnection, path: &str) -> Result<Option<Resource>, DbError> {
    let found = dispatch!(connection, |c| resources::table
        .filter(resources::path.eq(path))
        .select(Resource::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Adds a path, or records that it is read on this day.
pub fn intern(tx: &mut Tx<'_>, path: &str, at: Timestamp) -> Result<Resource, DbError> {
    let day = at.day();
    // After a clock rollback the row keeps its later day.
    let latest = case_when(resources::used_on.gt(day), resources::used_on).otherwise(day);
    let interned = dispatch!(tx.connection(), |c| diesel::insert_into(resources::table)
        .values((resources::path.eq(path), resources::used_on.eq(day)))
        .on_conflict(resources::path)
        .do_update()
        .set(resources::used_on.eq(latest))
        .returning(Resource::as_returning())
        .get_result(c));
    Ok(interned?)
}

/// The most pages that get a row on a day because they were refused. Refused requests are for any number of paths, and must
/// not fill the table.
const MAX_REFUSED: i64 = 1000;

/// The row of a page that was refused. A page that nobody has read gets one, unless the table already has many of this day.
pub fn find_refused(tx: &mut Tx<'_>, path: &str, at: Timestamp) -> Result<Option<Resource>, DbError> {
    let found = find(tx, path)?;
    if found.is_some() {
        return Ok(found);
    }
    // The row that is one too many, if there is one.
    let full = resources::table.filter(resources::used_on.ge(at.day())).offset(MAX_REFUSED - 1).limit(1);
    let full: Option<i64> = dispatch!(tx.connection(), |c| full.select(resources::id).get_result(c).optional())?;
    if full.is_some() { Ok(None) } else { intern(tx, path, at).map(Some) }
}

/// Records that the pages among these are read at this time, so that they are kept as long as such a read.
pub fn keep(tx: &mut Tx<'_>, read: impl Iterator<Item = ContentId>, at: Timestamp) -> Result<(), DbError> {
    // In ascending order, so that two such transactions cannot deadlock.
    let ids: BTreeSet<i64> = read.filter_map(ContentId::page_id).collect();
    for id in ids {
        let older = resources::table.filter(resources::id.eq(id).and(resources::used_on.lt(at.day())));
        dispatch!(tx.connection(), |c| diesel::update(older).set(resources::used_on.eq(at.day())).execute(c))?;
    }
    Ok(())
}

/// Deletes up to `max` resources that were last read before `day`, and returns their number.
pub fn delete_unused(tx: &mut Tx<'_>, day: i64, max: i64) -> Result<usize, DbError> {
    delete_batch!(tx, resources.id: i64, resources::used_on.lt(day), max)
}
