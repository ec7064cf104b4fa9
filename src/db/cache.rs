//! An in-memory cache of rows that is invalidated when they change.

use std::{hash::Hash, sync::Arc};

use quick_cache::sync::Cache as QuickCache;

use super::{
    invalidation::{CacheTag, InvalidationTracker, Version},
    metrics::CacheMetrics,
};

/// A bounded cache of rows, or of values derived from them.
///
/// When it is full, an entry that was not used recently is evicted.
#[derive(Debug)]
pub struct Cache<K, V> {
    entries: QuickCache<K, Entry<V>>,
    tracker: Arc<InvalidationTracker>,
    metrics: CacheMetrics,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    tag: CacheTag,
    read_at: Version,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), tag: self.tag, read_at: self.read_at }
    }
}

impl<K: Eq + Hash, V> Cache<K, V> {
    pub(super) fn new(capacity: usize, tracker: Arc<InvalidationTracker>, metrics: CacheMetrics) -> Self {
        Self { entries: QuickCache::new(capacity), tracker, metrics }
    }

    /// Returns the entry, if it exists and is still valid.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let entry = self.entries.get(key).filter(|entry| self.tracker.is_current(entry.tag, entry.read_at));
        let count = if entry.is_some() { &self.metrics.hits } else { &self.metrics.misses };
        count.inc();
        entry.map(|entry| entry.value)
    }

    /// Returns the version to pass to [`Cache::insert`]; call it before reading the rows.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.tracker.version()
    }

    /// Caches a value derived from rows that were read after `read_at`, until `tag` is invalidated. Does nothing if
    /// `read_at` is `None`.
    pub fn insert(&self, key: K, value: Arc<V>, tag: CacheTag, read_at: Option<Version>) {
        if let Some(read_at) = read_at {
            self.entries.insert(key, Entry { value, tag, read_at });
        }
    }
}
