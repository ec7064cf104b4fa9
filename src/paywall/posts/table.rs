//! The table `posts`.

use diesel::{dsl::sql, prelude::*, sql_types::Bool};

use super::access::Access;
use crate::{
    base::clock::Timestamp,
    db::{CacheTag, DbConnection, DbError, Tx, dispatch, schema::posts},
};

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
    pub published: bool,
    /// The title as part of a URL; may be empty.
    pub slug: String,
    pub access: Access,
}

/// The free part of a post.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct PostSummary {
    pub id: i64,
    pub title: String,
    pub excerpt: String,
    pub published: bool,
    pub slug: String,
    pub access: Access,
}

/// The values of a post that an author sets.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = posts)]
pub struct PostDraft {
    pub title: String,
    pub data: String,
    pub excerpt: String,
    pub published: bool,
    pub slug: String,
    pub access: Access,
}

impl Post {
    /// Whether the post costs nothing and needs no session.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.published && self.access == Access::Free
    }
}

pub fn insert(tx: &mut Tx<'_>, post: &PostDraft, now: Timestamp) -> Result<Post, DbError> {
    tx.invalidate(CacheTag::Posts);
    let inserted = dispatch!(tx.connection(), |c| diesel::insert_into(posts::table)
        .values((post, posts::created_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(c));
    Ok(inserted?)
}

/// Updates a post; returns `None` if it does not exist.
pub fn update(tx: &mut Tx<'_>, id: i64, post: &PostDraft, now: Timestamp) -> Result<Option<Post>, DbError> {
    tx.invalidate(CacheTag::Posts);
    let updated = dispatch!(tx.connection(), |c| diesel::update(posts::table.find(id))
        .set((post, posts::updated_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(c)
        .optional());
    Ok(updated?)
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

/// Returns `None` if the post does not exist.
pub fn is_published(connection: &mut DbConnection, id: i64) -> Result<Option<bool>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::id.eq(id))
        .select(posts::published)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// The ids of all posts that cost nothing and need no session.
pub fn free_ids(connection: &mut DbConnection) -> Result<Vec<i64>, DbError> {
    // Written as in the partial index `posts_free`, which is only used for a condition without parameters.
    let is_free = posts::published.and(sql::<Bool>("access = 'free'"));
    Ok(dispatch!(connection, |c| posts::table.filter(is_free).select(posts::id).load(c))?)
}

/// Posts with ids below `before`, newest first.
pub fn list(
    connection: &mut DbConnection,
    before: i64,
    limit: i64,
    with_drafts: bool,
) -> Result<Vec<PostSummary>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::published.or(with_drafts.into_sql::<Bool>()))
        .filter(posts::id.lt(before))
        .order(posts::id.desc())
        .limit(limit)
        .select(PostSummary::as_select())
        .load(c));
    Ok(found?)
}
