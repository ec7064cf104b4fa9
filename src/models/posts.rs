//! The table `posts`.

use diesel::prelude::*;

use crate::{
    clock::Timestamp,
    db::{DbConnection, DbError, dispatch, schema::posts},
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
}

/// A post to be.
#[derive(Debug, Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost<'a> {
    /// Its headline.
    pub title: &'a str,
    /// Its text.
    pub data: &'a str,
    /// What of it is free.
    pub excerpt: &'a str,
    /// Now.
    pub created_at: Timestamp,
}

/// Adds a published post.
///
/// # Errors
/// The database's own.
pub fn insert(connection: &mut DbConnection, post: &NewPost<'_>) -> Result<(), DbError> {
    dispatch!(connection, |c| diesel::insert_into(posts::table).values(post).execute(c))?;
    Ok(())
}

/// The published post with this id.
///
/// # Errors
/// The database's own.
pub fn find_published(connection: &mut DbConnection, id: i64) -> Result<Option<Post>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::id.eq(id))
        .filter(posts::published)
        .select(Post::as_select())
        .get_result(c)
        .optional());
    Ok(found?)
}

/// Published posts with ids below `before`, newest first.
///
/// # Errors
/// The database's own.
pub fn list_published(connection: &mut DbConnection, before: i64, limit: i64) -> Result<Vec<PostSummary>, DbError> {
    let found = dispatch!(connection, |c| posts::table
        .filter(posts::published)
        .filter(posts::id.lt(before))
        .order(posts::id.desc())
        .limit(limit)
        .select(PostSummary::as_select())
        .load(c));
    Ok(found?)
}
