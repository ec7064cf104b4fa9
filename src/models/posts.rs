//! The table `posts`.

use diesel::{prelude::*, sql_types::Bool};

use crate::{
    clock::Timestamp,
    db::{self, CacheTag, DbConnection, DbError, dispatch, schema::posts},
};

/// A whole post: this is what a read pays for.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct Post {
    /// Never given to another post.
    pub id: i64,
    /// Its headline.
    pub title: String,
    /// Its text.
    pub data: String,
    /// What of it anybody who is signed in may see.
    pub excerpt: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Option<Timestamp>,
    /// Whether readers can see it.
    pub published: bool,
    /// Its title as a part of an address; empty where none was made.
    pub slug: String,
}

/// What is free of a post.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct PostSummary {
    /// The post's.
    pub id: i64,
    /// The post's.
    pub title: String,
    /// The post's.
    pub excerpt: String,
    /// The post's.
    pub published: bool,
    /// The post's.
    pub slug: String,
}

/// A post as it is written.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = posts)]
pub struct PostDraft {
    /// Its headline.
    pub title: String,
    /// Its text.
    pub data: String,
    /// What of it is free.
    pub excerpt: String,
    /// Whether readers can see it.
    pub published: bool,
    /// Its title as a part of an address.
    pub slug: String,
}

/// Adds a post.
///
/// # Errors
/// The database's own.
pub fn insert(connection: &mut DbConnection, post: &PostDraft, now: Timestamp) -> Result<Post, DbError> {
    let inserted = dispatch!(connection, |c| diesel::insert_into(posts::table)
        .values((post, posts::created_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(c));
    Ok(inserted?)
}

/// Writes a post anew; `None` where there is none.
///
/// # Errors
/// The database's own.
pub fn update(
    connection: &mut DbConnection,
    id: i64,
    post: &PostDraft,
    now: Timestamp,
) -> Result<Option<Post>, DbError> {
    db::invalidate(CacheTag::Posts);
    let updated = dispatch!(connection, |c| diesel::update(posts::table.find(id))
        .set((post, posts::updated_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(c)
        .optional());
    Ok(updated?)
}

/// Deletes a post; whether there was one.
///
/// # Errors
/// The database's own.
pub fn delete(connection: &mut DbConnection, id: i64) -> Result<bool, DbError> {
    db::invalidate(CacheTag::Posts);
    let deleted = dispatch!(connection, |c| diesel::delete(posts::table.find(id)).execute(c))?;
    Ok(deleted == 1)
}

/// The post with this id, published or not.
///
/// # Errors
/// The database's own.
pub fn find(connection: &mut DbConnection, id: i64) -> Result<Option<Post>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::id.eq(id))
        .select(Post::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Whether the post with this id is published; `None` if there is none.
///
/// # Errors
/// The database's own.
pub fn is_published(connection: &mut DbConnection, id: i64) -> Result<Option<bool>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::id.eq(id))
        .select(posts::published)
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Posts with ids below `before`, newest first; drafts only where `with_drafts`.
///
/// # Errors
/// The database's own.
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
