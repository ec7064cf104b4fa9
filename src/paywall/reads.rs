//! The table `reads`: which posts were read by whom, and when. Anonymous readers have negative ids; see
//! [`MeterId`].

use diesel::{
    dsl::exists,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    select,
    sql_types::{Array, BigInt, Bool},
};

use super::{
    content::{ContentId, PAGE},
    meter_id::MeterId,
    meters::Meter,
    posts::is_due,
};
use crate::{
    base::clock::Timestamp,
    db::{
        DbConnection, DbError, PgConnection, RawSql, Statement, Tx, dispatch,
        schema::{pages, posts, reads},
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
/// it. Finds a page by an index, and a post by scanning the reader's reads since then: their number is limited by that of
/// the posts.
pub fn is_read(
    connection: &mut DbConnection,
    reader: MeterId,
    content: ContentId,
    since: Timestamp,
    only_metered: bool,
) -> Result<bool, DbError> {
    if content.page_id().is_some() {
        let values = [reader.number(), content.number(), since.millis(), i64::from(only_metered)];
        let is_read = Statement::new(IsPageRead, values);
        return Ok(dispatch!(connection, |c| is_read.get_result(c))?);
    }
    let found = reads::table
        .filter(reads::user_id.eq(reader.number()).and(reads::read_at.ge(since)).and(reads::post_id.eq(content)))
        // FALSE is less than TRUE.
        .filter(reads::metered.ge(only_metered));
    Ok(dispatch!(connection, |c| select(exists(found)).get_result(c))?)
}

struct IsPageRead;

impl RawSql for IsPageRead {
    type Row = Bool;
    // The index has only pages, so the condition must name it.
    const PIECES: &'static [&'static str] = &[
        "SELECT EXISTS (SELECT 1 FROM reads WHERE user_id = ",
        " AND post_id = ",
        " AND post_id < 0 AND read_at >= ",
        " AND (metered OR ",
        " = 0))",
    ];
}

/// The reader's meter, if the reader was charged for this since the meter's period started, even if that has expired.
pub(super) fn charged_in_period(
    connection: &mut SqliteConnection,
    reader: MeterId,
    content: ContentId,
) -> Result<Option<Meter>, DbError> {
    let values = [reader.number(), content.number()];
    let found: Option<(Timestamp, i64)> = match content.page_id() {
        Some(_) => Statement::new(ChargedForPage, values).get_result(connection).optional()?,
        None => Statement::new(ChargedForPost, values).get_result(connection).optional()?,
    };
    Ok(found.map(|(period_started_at, used)| Meter { period_started_at, used }))
}

const METER_OF: &str = "SELECT period_started_at, used FROM meters WHERE id = ";
const CHARGED_FOR: &str = " AND EXISTS (SELECT 1 FROM reads WHERE user_id = meters.id AND post_id = ";

struct ChargedForPage;

impl RawSql for ChargedForPage {
    type Row = (BigInt, BigInt);
    const PIECES: &'static [&'static str] =
        &[METER_OF, CHARGED_FOR, " AND post_id < 0 AND read_at >= meters.period_started_at AND metered)"];
}

struct ChargedForPost;

impl RawSql for ChargedForPost {
    type Row = (BigInt, BigInt);
    const PIECES: &'static [&'static str] =
        &[METER_OF, CHARGED_FOR, " AND read_at >= meters.period_started_at AND metered)"];
}

/// As [`charged_in_period`], for many readers: the number of each reader who was charged, with the meter.
pub(super) fn all_charged_in_period(
    connection: &mut PgConnection,
    reads: &[(MeterId, ContentId)],
) -> Result<Vec<(i64, Meter)>, DbError> {
    let charged = AllCharged {
        readers: reads.iter().map(|(reader, _)| reader.number()).collect(),
        contents: reads.iter().map(|(_, content)| content.number()).collect(),
    };
    let rows: Vec<(i64, Timestamp, i64)> = charged.load(connection)?;
    Ok(rows.into_iter().map(|(reader, period_started_at, used)| (reader, Meter { period_started_at, used })).collect())
}

struct AllCharged {
    readers: Vec<i64>,
    contents: Vec<i64>,
}

impl QueryFragment<Pg> for AllCharged {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT meters.id, meters.period_started_at, meters.used FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.readers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.contents)?;
        // The index has only pages, so the condition for them must name it.
        out.push_sql(
            ") AS requested (reader, content) JOIN meters ON meters.id = requested.reader \
             WHERE CASE WHEN requested.content < 0 \
             THEN EXISTS (SELECT FROM reads WHERE user_id = requested.reader AND post_id = requested.content \
             AND post_id < 0 AND read_at >= meters.period_started_at AND metered) \
             ELSE EXISTS (SELECT FROM reads WHERE user_id = requested.reader AND post_id = requested.content \
             AND read_at >= meters.period_started_at AND metered) END",
        );
        Ok(())
    }
}

impl QueryId for AllCharged {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for AllCharged {
    type SqlType = (BigInt, BigInt, BigInt);
}

impl<C> RunQueryDsl<C> for AllCharged {}

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
        .left_join(pages::table.on(pages::id.eq(reads::post_id * PAGE)))
        .filter(reads::user_id.eq(user_id))
        .filter(reads::read_at.ge(since))
        .filter(follows)
        .order((reads::read_at.desc(), reads::id.desc()))
        .limit(limit)
        .select((Read::as_select(), posts::title.nullable(), pages::path.nullable()))
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
