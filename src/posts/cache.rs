//! Posts in memory: readers read the same few.

use std::sync::Arc;

use crate::{
    cached_json::CachedJson,
    db::{Cache, CacheTag, Db, DbError},
    models::posts::{self, Post},
};

/// How many posts are kept: the most read ones.
const MOST: usize = 512;

/// A post, and what an answer shows of it.
#[derive(Debug)]
pub struct KnownPost {
    /// Its row.
    pub post: Post,
    /// The body of an answer.
    pub shown: CachedJson,
}

/// Looks posts up.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct PostCache {
    db: Db,
    cache: Arc<Cache<i64, KnownPost>>,
}

impl PostCache {
    /// An empty one.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let cache = Arc::new(db.cache("posts", MOST));
        Self { db, cache }
    }

    /// The post with this id, published or not.
    ///
    /// # Errors
    /// The database cannot serve.
    pub async fn find(&self, id: i64) -> Result<Option<Arc<KnownPost>>, DbError> {
        if let Some(known) = self.cache.get(&id) {
            return Ok(Some(known));
        }
        let read_at = self.cache.version();
        let found = self.db.read(move |connection| posts::find(connection, id)).await?;
        Ok(found.map(|post| {
            let known = Arc::new(KnownPost { post, shown: CachedJson::default() });
            self.cache.insert(id, known.clone(), CacheTag::Posts, read_at);
            known
        }))
    }

    /// Whether the post with this id is published; `None` if there is none. The text is not loaded.
    ///
    /// # Errors
    /// The database cannot serve.
    pub async fn is_published(&self, id: i64) -> Result<Option<bool>, DbError> {
        match self.cache.get(&id) {
            Some(known) => Ok(Some(known.post.published)),
            None => self.db.read(move |connection| posts::is_published(connection, id)).await,
        }
    }
}
