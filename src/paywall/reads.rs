//! The table `reads`: which posts were read by whom, and when. Readers without a session have negative ids; see
//! [`MeterId`].

use diesel::{dsl::exists, prelude::*, select};

use super::{
    content::{ContentId, PAGE},
    meter_id::MeterId,
    meters::Meter,
    posts::is_due,
};
use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, RawSql, Tx, dispatch,
        schema::{meters, posts, reads, resources},
    },
};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = reads)]
pub struct Read {
    /// Unique among the user's reads.
    pub id: i64,
    #[diesel(column_name = post_id)]
    pub content: ContentId,
    pub read_at: Timestamp,
    pub metered: bool,
}

/// A read, and what was read.
#[derive(Clone, Debug, Queryable)]
pub struct ListedRead {
    pub read: Read,
    /// The title of the post, if readers can see it.
    pub title: Option<String>,
    /// The path of a page of another application.
    pub path: Option<String>,
}

pub(super) struct InsertRead;

impl RawSql for InsertRead {
    type Row = ();
    // A unique index admits only one of several concurrent free reads of a post. Otherwise, only new anonymous readers
    // with the same random id can conflict.
    const PIECES: &'static [&'static str] = &[
        "INSERT INTO reads (id, user_id, post_id, read_at, metered) VALUES (",
        ", ",
        ", ",
        ", ",
        ", 1 = ",
        ") ON CONFLICT DO NOTHING",
    ];
}

/// The lowest id of a read on the day of `at`. Ids count up from here within the day; a reader's first read of a day is
/// the one with this id.
#[must_use]
pub fn first_id_of_day(at: Timestamp) -> i64 {
    (at.day() << 32) + 1
}

/// Whether the reader has read this at `since` or later; with `only_metered`, whether the reader was charged for
/// it. Scans all of the reader's reads since then.
pub fn is_read(
    connection: &mut DbConnection,
    reader: MeterId,
    content: ContentId,
    since: Timestamp,
    only_metered: bool,
) -> Result<bool, DbError> {
    let found = reads::table
        .filter(reads::user_id.eq(reader.number()).and(reads::read_at.ge(since)).and(reads::post_id.eq(content)))
        // FALSE is less than TRUE.
        .filter(reads::metered.ge(only_metered));
    Ok(dispatch!(connection, |c| select(exists(found)).get_result(c))?)
}

/// Which of these the readers were charged for since their meter's period started, even if it has expired, with
/// that meter.
pub(super) fn charged_in_period(
    connection: &mut DbConnection,
    readers: &[MeterId],
    contents: &[ContentId],
) -> Result<Vec<(i64, ContentId, Meter)>, DbError> {
    let readers = readers.iter().map(|reader| reader.number());
    let charged = reads::table
        .filter(reads::user_id.eq_any(readers).and(reads::post_id.eq_any(contents)).and(reads::metered))
        .inner_join(meters::table.on(meters::id.eq(reads::user_id)))
        .filter(reads::read_at.ge(meters::period_started_at));
    Ok(dispatch!(connection, |c| charged.select((reads::user_id, reads::post_id, Meter::as_select())).load(c))?)
}

pub fn count_since(connection: &mut DbConnection, reader: MeterId, since: Timestamp) -> Result<i64, DbError> {
    let found = reads::table.filter(reads::user_id.eq(reader.number()).and(reads::read_at.ge(since)));
    Ok(dispatch!(connection, |c| found.count().get_result(c))?)
}

/// Moves a reader's metered reads that are in the future to now. With `READS_COUNT=posts` they would be found in later
/// periods.
pub fn clamp_to_now(tx: &mut Tx<'_>, reader: MeterId, now: Timestamp) -> Result<(), DbError> {
    let ahead = reads::table.filter(reads::metered.and(reads::user_id.eq(reader.number())).and(reads::read_at.gt(now)));
    dispatch!(tx.connection(), |c| diesel::update(ahead).set(reads::read_at.eq(now)).execute(c))?;
    Ok(())
}

/// A user's reads since `since`, latest first: the first `limit` reads, or those that follow the read with the id
/// `before`. Empty if the user has no read with that id. Posts that readers can see at `now` have their title.
pub fn page(
    connection: &mut DbConnection,
    user_id: i64,
    since: Timestamp,
    before: Option<i64>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<ListedRead>, DbError> {
    let last = match before {
        Some(id) => read_at(connection, user_id, id)?.map(|at| (at, id)),
        None => Some((Timestamp::from_millis(i64::MAX), i64::MAX)),
    };
    let Some((at, id)) = last else { return Ok(Vec::new()) };
    // The first of the two conditions on the time lets the index be used. Ids alone would not suffice: after a clock
    // rollback they are not in the order of time.
    let follows = reads::read_at.le(at).and(reads::read_at.lt(at).or(reads::id.lt(id)));
    let is_visible = posts::id.eq(reads::post_id).and(posts::published).and(is_due(now));
    let found = dispatch!(connection, |c| reads::table
        .left_join(posts::table.on(is_visible))
        .left_join(resources::table.on(resources::id.eq(reads::post_id * PAGE)))
        .filter(reads::user_id.eq(user_id))
        .filter(reads::read_at.ge(since))
        .filter(follows)
        .order((reads::read_at.desc(), reads::id.desc()))
        .limit(limit)
        .select((Read::as_select(), posts::title.nullable(), resources::path.nullable()))
        .load(c));
    Ok(found?)
}

fn read_at(connection: &mut DbConnection, user_id: i64, id: i64) -> Result<Option<Timestamp>, DbError> {
    let found = dispatch!(connection, |c| reads::table
        .filter(reads::id.eq(id))
        .filter(reads::user_id.eq(user_id))
        .select(reads::read_at)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// What a reader was charged for since `since`, and when, oldest first.
pub fn charged_since(
    connection: &mut DbConnection,
    reader: MeterId,
    since: Timestamp,
) -> Result<Vec<(ContentId, Timestamp)>, DbError> {
    let charged = reads::table.filter(reads::user_id.eq(reader.number())).filter(reads::read_at.ge(since));
    let charged = charged.filter(reads::metered).order((reads::read_at, reads::id));
    Ok(dispatch!(connection, |c| charged.select((reads::post_id, reads::read_at)).load(c))?)
}

/// Inserts reads that a user was charged for, with ids that follow `last_id`.
pub fn insert_charged(
    tx: &mut Tx<'_>,
    user_id: i64,
    last_id: i64,
    charged: &[(ContentId, Timestamp)],
) -> Result<(), DbError> {
    let rows = charged.iter().zip(last_id + 1..).map(|((content, read_at), id)| {
        (
            reads::id.eq(id),
            reads::user_id.eq(user_id),
            reads::post_id.eq(*content),
            reads::read_at.eq(*read_at),
            reads::metered.eq(true),
        )
    });
    // PostgreSQL allows 65,535 parameters.
    for rows in rows.collect::<Vec<_>>().chunks(1000) {
        dispatch!(tx.connection(), |c| diesel::insert_into(reads::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Examines about `max` rows of the users after `after`, in the order of users, and deletes those before `before`.
/// Returns the number of deleted rows, and the last of these users unless no users follow.
///
/// There is no index by time, because every read would have to update it.
pub fn delete_before(
    tx: &mut Tx<'_>,
    before: Timestamp,
    after: i64,
    max: i64,
) -> Result<(usize, Option<i64>), DbError> {
    let rows = reads::table.filter(reads::user_id.gt(after));
    dispatch!(tx.connection(), |c| {
        let last = rows.order(reads::user_id).offset(max.saturating_sub(1)).limit(1).select(reads::user_id);
        let last: Option<i64> = last.get_result(c).optional()?;
        let old = rows.filter(reads::user_id.le(last.unwrap_or(i64::MAX))).filter(reads::read_at.lt(before));
        Ok((diesel::delete(old).execute(c)?, last))
    })
}
