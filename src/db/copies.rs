//! Copies of rows in memory, as many as there is room for, each as long as it can be believed.

use std::{hash::Hash, sync::Arc};

use quick_cache::sync::Cache;

use super::{
    changes::{Change, Changes, Moment},
    metrics::CacheMetrics,
};

/// Copies of rows, or of what was made of them, by key.
///
/// Where there is no room for another one, one that was not asked for lately goes.
#[derive(Debug)]
pub struct Copies<K, V> {
    kept: Cache<K, Copy<V>>,
    changes: Arc<Changes>,
    metrics: CacheMetrics,
}

#[derive(Debug)]
struct Copy<V> {
    value: Arc<V>,
    subject: Change,
    read_after: Moment,
}

impl<V> Clone for Copy<V> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), subject: self.subject, read_after: self.read_after }
    }
}

impl<K: Eq + Hash, V> Copies<K, V> {
    pub(super) fn new(most: usize, changes: Arc<Changes>, metrics: CacheMetrics) -> Self {
        Self { kept: Cache::new(most), changes, metrics }
    }

    /// The copy, where there is one and what it was made of has not changed.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let copy = self.kept.get(key).filter(|copy| self.changes.is_current(copy.subject, copy.read_after));
        let count = if copy.is_some() { &self.metrics.hits } else { &self.metrics.misses };
        count.inc();
        copy.map(|copy| copy.value)
    }

    /// To be asked before rows are read for [`Copies::keep`].
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.changes.moment()
    }

    /// Keeps what was made of rows that were read after a moment, until `subject` changes.
    pub fn keep(&self, key: K, value: Arc<V>, subject: Change, read_after: Option<Moment>) {
        if let Some(read_after) = read_after {
            self.kept.insert(key, Copy { value, subject, read_after });
        }
    }
}
