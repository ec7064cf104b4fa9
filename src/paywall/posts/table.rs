//! The table `posts`.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Nullable},
};

use super::access::Access;
use crate::{
    base::clock::Timestamp,
    db::{CacheTag, DbConnection, DbError, Tx, dispatch, schema::posts},
};

diesel::define_sql_function! { fn coalesce(first: Nullable<BigInt>, second: BigInt) -> BigInt; }

/// The time that a post is sorted by, written as in the index `posts_date`: when readers see it from, or for a draft
/// without such a time, when it was written.
#[diesel::dsl::auto_type]
pub(in crate::paywall) fn date() -> _ {
    coalesce(posts::published_at, posts::created_at)
}

/// Whether the time of a post has come. It also has if it had when the post was written: a clock that is behind, or was set
/// back, hides no post.
#[diesel::dsl::auto_type]
pub(in crate::paywall) fn is_due(now: Timestamp) -> _ {
    date().le(now).or(date().le(coalesce(posts::updated_at, posts::created_at)))
}

/// A complete post.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct Post {
    /// Never reused.
    pub id: i64,
    pub title: String,
    /// The body.
    pub data: String,
    /// The part that every signed-in user may read for free.
    pub excerpt: String,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
    /// Whether readers can see the post once its time has come.
    pub published: bool,
    /// The title as part of a URL; may be empty.
    pub slug: String,
    pub access: Access,
    pub author: Option<String>,
    pub image: Option<String>,
    pub published_at: Option<Timestamp>,
}

/// The free part of a post.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct PostSummary {
    pub id: i64,
    pub title: String,
    pub excerpt: String,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
    pub published: bool,
    pub slug: String,
    pub access: Access,
    pub author: Option<String>,
    pub image: Option<String>,
    pub published_at: Option<Timestamp>,
}

/// The values of a post that an author sets.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = posts, treat_none_as_null = true)]
pub struct PostDraft {
    pub title: String,
    pub data: String,
    pub excerpt: String,
    pub published: bool,
    pub slug: String,
    pub access: Access,
    pub author: Option<String>,
    pub image: Option<String>,
    pub published_at: Option<Timestamp>,
}

/// When readers see a post, for each type that has the three columns.
macro_rules! scheduled {
    ($post:ty) => {
        impl $post {
            /// From when readers see the post; `None` for a draft without such a time.
            #[must_use]
            pub fn published_at(&self) -> Option<Timestamp> {
                self.published_at.or(self.published.then_some(self.created_at))
            }

            /// The time that the post is sorted by; see [`date`].
            #[must_use]
            pub fn date(&self) -> Timestamp {
                self.published_at.unwrap_or(self.created_at)
            }

            /// When what readers see last changed.
            #[must_use]
            pub fn changed_at(&self) -> Timestamp {
                self.updated_at.map_or(self.date(), |at| at.max(self.date()))
            }

            /// Whether readers can see the post now.
            #[must_use]
            pub fn is_visible(&self, now: Timestamp) -> bool {
                self.published && (self.date() <= now || self.date() <= self.updated_at.unwrap_or(self.created_at))
            }
        }
    };
}

scheduled!(Post);
scheduled!(PostSummary);

impl Post {
    /// Whether the post costs nothing and needs no session.
    #[must_use]
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.access == Access::Free && self.is_visible(now)
    }
}

impl PostDraft {
    /// A post that is published without a time is published now.
    fn dated(self, now: Timestamp) -> Self {
        let published_at = self.published_at.or(self.published.then_some(now));
        Self { published_at, ..self }
    }
}

pub fn insert(tx: &mut Tx<'_>, post: PostDraft, now: Timestamp) -> Result<Post, DbError> {
    tx.invalidate(CacheTag::Posts);
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(posts::table)
        .values((post.dated(now), posts::created_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(c));
    Ok(inserted?)
}

/// Adds an imported post, unless there is one of the same source already; returns whether it was added.
pub fn insert_once(tx: &mut Tx<'_>, post: PostDraft, source: &str, now: Timestamp) -> Result<bool, DbError> {
    tx.invalidate(CacheTag::Posts);
    let added = dispatch!(tx.connection(), |c| diesel::insert_into(posts::table)
        .values((post.dated(now), posts::created_at.eq(now), posts::source.eq(source)))
        .on_conflict(posts::source)
        .do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// Changes a post, which is locked until the transaction ends; returns `None` if it does not exist.
pub fn update(
    tx: &mut Tx<'_>,
    id: i64,
    change: impl FnOnce(Post) -> PostDraft,
    now: Timestamp,
) -> Result<Option<Post>, DbError> {
    let Some(current) = lock(tx, id)? else { return Ok(None) };
    tx.invalidate(CacheTag::Posts);
    let post = change(current).dated(now);
    let updated = dispatch!(tx.connection(), |c| diesel::update(posts::table.find(id))
        .set((post, posts::updated_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(c)
        .optional());
    Ok(updated?)
}

fn lock(tx: &mut Tx<'_>, id: i64) -> Result<Option<Post>, DbError> {
    let post = posts::table.find(id);
    let found = match tx.connection() {
        // No lock is needed: this runs in the single writer's transaction.
        DbConnection::Sqlite(c) => post.select(Post::as_select()).get_result(c).optional(),
        DbConnection::Postgres(c) => post.select(Post::as_select()).for_no_key_update().get_result(c).optional(),
    };
    Ok(found?)
}

/// Deletes a post; returns whether it existed.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<bool, DbError> {
    tx.invalidate(CacheTag::Posts);
    let deleted = dispatch!(tx.connection(), |c| diesel::delete(posts::table.find(id)).execute(c))?;
    Ok(deleted == 1)
}

/// Finds a post, published or not.
pub fn find(connection: &mut DbConnection, id: i64) -> Result<Option<Post>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::id.eq(id))
        .select(Post::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Whether readers can see the post now; `None` if it does not exist.
pub fn is_visible(connection: &mut DbConnection, id: i64, now: Timestamp) -> Result<Option<bool>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::id.eq(id))
        .select(posts::published.and(is_due(now)))
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The ids of all posts that cost nothing and need no session, each with the time from which this holds.
pub fn free_ids(connection: &mut DbConnection) -> Result<Vec<(i64, Timestamp)>, DbError> {
    // Written as in the partial index `posts_free`, which is only used for a condition without parameters.
    let is_free = posts::published.and(sql::<Bool>("access = 'free'"));
    let columns = (posts::id, date(), coalesce(posts::updated_at, posts::created_at));
    let found: Vec<(i64, Timestamp, Timestamp)> =
        dispatch!(connection, |c| posts::table.filter(is_free).select(columns).load(c))?;
    // As in `is_due`.
    let always = Timestamp::from_millis(i64::MIN);
    Ok(found.into_iter().map(|(id, date, written)| (id, if date <= written { always } else { date })).collect())
}

/// Where the page of a post is, and when it changed.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct PostAddress {
    pub id: i64,
    pub slug: String,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    published: bool,
    published_at: Option<Timestamp>,
}

scheduled!(PostAddress);

/// The addresses of published posts, also of those whose time is still to come, newest first.
pub fn addresses(connection: &mut DbConnection, limit: i64) -> Result<Vec<PostAddress>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::published)
        .order((date().desc(), posts::id.desc()))
        .limit(limit)
        .select(PostAddress::as_select())
        .load(c));
    Ok(found?)
}

/// The posts with these ids that exist, in this order.
pub fn summaries(connection: &mut DbConnection, ids: &[i64]) -> Result<Vec<PostSummary>, DbError> {
    let mut found: Vec<PostSummary> =
        dispatch!(connection, |c| posts::table.filter(posts::id.eq_any(ids)).select(PostSummary::as_select()).load(c))?;
    found.sort_unstable_by_key(|post| ids.iter().position(|id| *id == post.id));
    Ok(found)
}

/// Who a list of posts is for.
#[derive(Clone, Copy, Debug)]
pub enum Audience {
    /// Readers, who see what is published at this time.
    Readers(Timestamp),
    /// Editors, who also see drafts and scheduled posts.
    Editors,
}

/// Posts by their date and then their id, newest first: the first `limit`, or those that follow the post `before`. If it
/// has been deleted, they follow where the next older one was written.
pub fn list(
    connection: &mut DbConnection,
    audience: Audience,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<PostSummary>, DbError> {
    const LAST: Timestamp = Timestamp::from_millis(i64::MAX);
    let (until, is_editor) = match audience {
        Audience::Readers(now) => (now, false),
        Audience::Editors => (LAST, true),
    };
    let is_listed = posts::published.or(is_editor.into_sql::<Bool>()).and(is_due(until));
    let last = match before {
        Some(id) => dispatch!(connection, |c| posts::table
            .filter(posts::id.le(id).and(is_listed))
            .order(posts::id.desc())
            .select((date(), id.into_sql::<BigInt>()))
            .first(c)
            .optional())?,
        None => Some((LAST, i64::MAX)),
    };
    let Some((at, id)) = last else { return Ok(Vec::new()) };
    // The first of the two conditions on the date lets the index be used.
    let follows = date().le(at).and(date().lt(at).or(posts::id.lt(id)));
    let found = dispatch!(connection, |c| posts::table
        .filter(is_listed)
        .filter(follows)
        .order((date().desc(), posts::id.desc()))
        .limit(limit)
        .select(PostSummary::as_select())
        .load(c));
    Ok(found?)
}
