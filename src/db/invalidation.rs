//! Cache invalidation: tracks what has changed in the database.
//!
//! Each cache entry records the [`Version`] taken before its rows were read, and is valid until something it depends on
//! has a later version. Versions are compared rather than entries removed: an invalidation need not find the entries,
//! and an entry whose rows were read during a change is stale from the start.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// With more users than slots, users share slots: a change to one then also invalidates the entries of a few others.
const SLOTS: usize = 1 << 14;

/// What a cache entry depends on and what a write invalidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheTag {
    /// A user, or a session of the user.
    User(i64),
    /// Any post.
    Posts,
    /// Everything, for changes whose subject is unknown.
    All,
}

/// A position in the sequence of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u64);

/// Tracks the latest version of everything that can be cached.
///
/// Changes made by other processes are received through [`super::Db::watch`]. If that stops working, cache entries can
/// no longer be trusted, so each sign of life keeps them valid for a short time only.
#[derive(Debug)]
pub struct InvalidationTracker {
    is_enabled: AtomicBool,
    latest: AtomicU64,
    all: AtomicU64,
    posts: AtomicU64,
    users: Box<[AtomicU64]>,
    started: Instant,
    /// Microseconds after `started`.
    connected_until: AtomicU64,
}

impl InvalidationTracker {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            is_enabled: AtomicBool::new(false),
            latest: AtomicU64::new(0),
            all: AtomicU64::new(0),
            posts: AtomicU64::new(0),
            users: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            started: Instant::now(),
            connected_until: AtomicU64::new(0),
        })
    }

    /// Returns the current version; call it before reading rows to be cached. `None` if an entry could not be trusted,
    /// because changes made by other processes are not being received.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.is_connected().then(|| Version(self.latest.load(Ordering::SeqCst)))
    }

    /// Whether an entry whose rows were read after `read_at` is still valid.
    #[must_use]
    pub fn is_current(&self, tag: CacheTag, read_at: Version) -> bool {
        let changed = match tag {
            CacheTag::User(id) => self.slot(id).map_or(u64::MAX, |slot| slot.load(Ordering::SeqCst)),
            CacheTag::Posts => self.posts.load(Ordering::SeqCst),
            CacheTag::All => self.latest.load(Ordering::SeqCst),
        };
        changed.max(self.all.load(Ordering::SeqCst)) <= read_at.0 && self.is_connected()
    }

    /// Invalidates the entries that depend on `tag`.
    pub(super) fn publish(&self, tag: CacheTag) {
        let version = self.latest.fetch_add(1, Ordering::SeqCst) + 1;
        let changed = match tag {
            CacheTag::User(id) => self.slot(id),
            CacheTag::Posts => Some(&self.posts),
            CacheTag::All => Some(&self.all),
        };
        if let Some(changed) = changed {
            changed.fetch_max(version, Ordering::SeqCst);
        }
    }

    /// Declares that every change made by other processes before `instant` has been published; this keeps entries valid
    /// for `span` from then. Returns whether the tracker was disconnected before.
    pub(super) fn mark_connected(&self, instant: Instant, span: Duration) -> bool {
        let until = instant.saturating_duration_since(self.started) + span;
        self.connected_until.swap(micros(until), Ordering::SeqCst) == 0
    }

    /// Disables all entries until [`Self::mark_connected`] is called again. Returns whether the tracker was connected
    /// before.
    pub(super) fn mark_disconnected(&self) -> bool {
        self.connected_until.swap(0, Ordering::SeqCst) != 0
    }

    /// Asks the writer or listener to watch for changes made by other processes.
    pub(super) fn enable(&self) {
        self.is_enabled.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.is_enabled.load(Ordering::SeqCst)
    }

    fn is_connected(&self) -> bool {
        micros(self.started.elapsed()) < self.connected_until.load(Ordering::SeqCst)
    }

    fn slot(&self, user_id: i64) -> Option<&AtomicU64> {
        // Ids are sequential, so that their low bits spread evenly.
        usize::try_from(user_id.rem_euclid(SLOTS_I64)).ok().and_then(|slot| self.users.get(slot))
    }
}

#[expect(clippy::as_conversions, reason = "16384 fits")]
const SLOTS_I64: i64 = SLOTS as i64;

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1000);

    fn connected() -> Arc<InvalidationTracker> {
        let tracker = InvalidationTracker::new();
        tracker.mark_connected(Instant::now(), LONG);
        tracker
    }

    #[test]
    fn a_change_invalidates_the_entries_of_its_subject_only() {
        let tracker = connected();
        let before = tracker.version().expect("connected");
        tracker.publish(CacheTag::User(1));
        assert!(!tracker.is_current(CacheTag::User(1), before));
        assert!(tracker.is_current(CacheTag::User(2), before));
        assert!(tracker.is_current(CacheTag::Posts, before));
        let after = tracker.version().expect("connected");
        assert!(tracker.is_current(CacheTag::User(1), after));
    }

    #[test]
    fn an_entry_read_while_its_subject_changed_is_stale_from_the_start() {
        let tracker = connected();
        let before_reading = tracker.version().expect("connected");
        tracker.publish(CacheTag::User(7));
        // Only now does the reader insert its entry.
        assert!(!tracker.is_current(CacheTag::User(7), before_reading));
    }

    #[test]
    fn a_change_of_an_unknown_subject_invalidates_everything() {
        let tracker = connected();
        let before = tracker.version().expect("connected");
        tracker.publish(CacheTag::All);
        for tag in [CacheTag::User(1), CacheTag::User(-5), CacheTag::Posts, CacheTag::All] {
            assert!(!tracker.is_current(tag, before), "{tag:?}");
        }
    }

    #[test]
    fn no_entry_is_valid_while_disconnected_or_after_the_connection_expired() {
        let tracker = InvalidationTracker::new();
        assert_eq!(tracker.version(), None);
        tracker.mark_connected(Instant::now(), LONG);
        let version = tracker.version().expect("connected");
        assert!(tracker.is_current(CacheTag::Posts, version));
        tracker.mark_connected(Instant::now(), Duration::ZERO);
        assert!(!tracker.is_current(CacheTag::Posts, version));
        assert_eq!(tracker.version(), None);
        tracker.mark_connected(Instant::now(), LONG);
        assert!(tracker.mark_disconnected());
        assert!(!tracker.is_current(CacheTag::Posts, version));
    }
}
