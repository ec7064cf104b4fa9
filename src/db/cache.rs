//! Copies of rows in memory, as many as there is room for, each as long as it can be believed.

use std::{hash::Hash, sync::Arc};

use quick_cache::sync::Cache as QuickCache;

use super::{
    invalidation::{CacheTag, InvalidationTracker, Version},
    metrics::CacheMetrics,
};

/// Copies of rows, or of what was made of them, by key.
///
/// Where there is no room for another one, one that was not asked for lately goes.
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

    /// The copy, where there is one and what it was made of has not changed.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let entry = self.entries.get(key).filter(|entry| self.tracker.is_current(entry.tag, entry.read_at));
        let count = if entry.is_some() { &self.metrics.hits } else { &self.metrics.misses };
        count.inc();
        entry.map(|entry| entry.value)
    }

    /// To be asked before rows are read for [`Cache::keep`].
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.tracker.version()
    }

    /// Keeps what was made of rows that were read after a moment, until `tag` changes.
    pub fn insert(&self, key: K, value: Arc<V>, tag: CacheTag, read_at: Option<Version>) {
        if let Some(read_at) = read_at {
            self.entries.insert(key, Entry { value, tag, read_at });
        }
    }
}
