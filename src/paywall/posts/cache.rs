//! An in-memory cache of posts: readers mostly read the same few.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde::Serialize;
use tokio::{
    sync::OnceCell,
    task::{JoinError, spawn_blocking},
};

use super::{Post, PostAddress, markdown::to_html};
use crate::{
    base::clock::Timestamp,
    db::{Cache, CacheTag, Db, DbConnection, DbError},
    paywall::posts,
};

/// The maximum number of cached posts; the most read ones stay.
const MAX_POSTS: usize = 512;

/// The maximum that the protocol allows (<https://www.sitemaps.org/protocol.html>).
const MAX_SITEMAP: i64 = 50_000;

/// The cached JSON of the value that contains it.
#[derive(Debug, Default)]
pub struct CachedJson(OnceLock<Bytes>);

impl CachedJson {
    /// Returns the cached JSON, or serializes what `make` returns.
    pub fn json<T: Serialize>(&self, make: impl FnOnce() -> T) -> serde_json::Result<Bytes> {
        if let Some(json) = self.0.get() {
            return Ok(json.clone());
        }
        let json = serde_json::to_vec(&make())?.into();
        Ok(self.0.get_or_init(|| json).clone())
    }
}

/// A post with its serialized response.
#[derive(Debug)]
pub struct CachedPost {
    pub post: Post,
    /// The response body.
    pub response: CachedJson,
    html: OnceCell<String>,
}

impl CachedPost {
    fn new(post: Post) -> Self {
        Self { post, response: CachedJson::default(), html: OnceCell::new() }
    }

    /// The text as HTML, rendered once while the post is cached. On a blocking thread, because a long post would delay
    /// the other requests of this one.
    ///
    /// # Errors
    /// Rendering panicked, or the server is stopping.
    pub async fn html(self: &Arc<Self>) -> Result<&str, JoinError> {
        let render = || {
            let cached = self.clone();
            spawn_blocking(move || to_html(&cached.post.data))
        };
        Ok(self.html.get_or_try_init(render).await?)
    }
}

#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct PostCache {
    db: Db,
    cache: Arc<Cache<i64, CachedPost>>,
    /// The ids of all free posts, each with the time from which readers see it, as one entry: the lookup of an id that
    /// does not exist must not cost a query either.
    free: Arc<Cache<(), HashMap<i64, Timestamp>>>,
    sitemap: Arc<Cache<(), Sitemap>>,
}

/// A rendered sitemap.
#[derive(Debug)]
pub struct Sitemap {
    pub text: Bytes,
    pub digest: String,
    /// When the next scheduled post appears.
    valid_until: Option<Timestamp>,
}

impl PostCache {
    #[must_use]
    pub fn new(db: Db) -> Self {
        let cache = Arc::new(db.cache("posts", MAX_POSTS));
        let free = Arc::new(db.cache("free_posts", 1));
        let sitemap = Arc::new(db.cache("sitemap", 1));
        Self { db, cache, free, sitemap }
    }

    /// Returns the post with this id, whether or not readers can see it.
    pub async fn find(&self, id: i64) -> Result<Option<Arc<CachedPost>>, DbError> {
        if let Some(cached) = self.cache.get(&id) {
            return Ok(Some(cached));
        }
        let read_at = self.cache.version();
        // Boxed, so that reads that find the post in the cache do not reserve space for it.
        let found = Box::pin(self.db.read(move |connection| posts::find(connection, id))).await?;
        Ok(found.map(|post| {
            let cached = Arc::new(CachedPost::new(post));
            self.cache.insert(id, cached.clone(), CacheTag::Posts, read_at);
            cached
        }))
    }

    /// Whether a post with this id now costs nothing and needs no session.
    pub async fn is_free(&self, id: i64, now: Timestamp) -> Result<bool, DbError> {
        let is_free = |free: &HashMap<i64, Timestamp>| free.get(&id).is_some_and(|at| *at <= now);
        if let Some(free) = self.free.get(&()) {
            return Ok(is_free(&free));
        }
        let read_at = self.free.version();
        let free: HashMap<i64, Timestamp> = self.db.read(posts::free_ids).await?.into_iter().collect();
        let is_free = is_free(&free);
        self.free.insert((), Arc::new(free), CacheTag::Posts, read_at);
        Ok(is_free)
    }

    /// The sitemap, rendered once until a post changes or appears, on the thread that reads the posts. `render` returns its
    /// digest and its text.
    pub async fn sitemap(
        &self,
        now: Timestamp,
        render: impl FnOnce(&[PostAddress]) -> (String, String) + Send + 'static,
    ) -> Result<Arc<Sitemap>, DbError> {
        let is_valid = |sitemap: &Arc<Sitemap>| sitemap.valid_until.is_none_or(|until| now < until);
        if let Some(sitemap) = self.sitemap.get(&()).filter(is_valid) {
            return Ok(sitemap);
        }
        let read_at = self.sitemap.version();
        let read = move |connection: &mut DbConnection| {
            let found = posts::addresses(connection, MAX_SITEMAP)?;
            // Newest first, so that the next to appear is the last of those to come.
            let valid_until = found.iter().rfind(|post| !post.is_visible(now)).map(PostAddress::date);
            let visible: Vec<_> = found.into_iter().filter(|post| post.is_visible(now)).collect();
            let (digest, text) = render(&visible);
            Ok::<_, DbError>(Sitemap { text: text.into(), digest, valid_until })
        };
        let sitemap = Arc::new(self.db.read(read).await?);
        self.sitemap.insert((), sitemap.clone(), CacheTag::Posts, read_at);
        Ok(sitemap)
    }

    /// Returns whether readers can see the post with this id now, or `None` if it does not exist. The text is not
    /// loaded.
    pub async fn is_visible(&self, id: i64, now: Timestamp) -> Result<Option<bool>, DbError> {
        match self.cache.get(&id) {
            Some(cached) => Ok(Some(cached.post.is_visible(now))),
            None => self.db.read(move |connection| posts::is_visible(connection, id, now)).await,
        }
    }
}
