//! What has changed in the database and when, for whoever keeps copies of its rows.
//!
//! A copy is as good as the rows at the [`Version`] before they were read, until something of it changes. Changes are
//! counted, not sent: a copy need not be found to be spoilt, and one that was read while the change was made is old
//! from the beginning.

use std::{
    cell::RefCell,
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Users share a place where there are more of them: a change of one then spoils the copies of a few others.
const SLOTS: usize = 1 << 14;

/// Something that a write has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheTag {
    /// A user, or a session of the user.
    User(i64),
    /// A post.
    Posts,
    /// There is no telling what.
    All,
}

/// A point in the order of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u64);

thread_local! {
    static PENDING: RefCell<Vec<CacheTag>> = const { RefCell::new(Vec::new()) };
}

/// Notes what a query changes, on the thread that runs it. It is told to [`InvalidationTracker`] before the query is answered, so
/// that who asked finds no older copy afterwards.
pub fn invalidate(tag: CacheTag) {
    PENDING.with_borrow_mut(|pending| pending.push(tag));
}

/// The order of changes, as far as it is heard of.
///
/// What other processes change is heard of by a line: see [`super::Db::watch`]. Where that is cut copies cannot be
/// believed, so each word that comes over it counts for a short time only.
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

    /// Now, to be asked for before rows are read that are to be kept. `None` where a copy could not be believed, because
    /// nobody listens or the line is cut.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.is_connected().then(|| Version(self.latest.load(Ordering::SeqCst)))
    }

    /// Whether a copy of something that was read after this moment is as good as the row.
    #[must_use]
    pub fn is_current(&self, tag: CacheTag, read_at: Version) -> bool {
        let changed = match tag {
            CacheTag::User(id) => self.slot(id).map_or(u64::MAX, |slot| slot.load(Ordering::SeqCst)),
            CacheTag::Posts => self.posts.load(Ordering::SeqCst),
            CacheTag::All => self.latest.load(Ordering::SeqCst),
        };
        changed.max(self.all.load(Ordering::SeqCst)) <= read_at.0 && self.is_connected()
    }

    /// Makes copies of this old.
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

    /// Publishes what was noted on this thread.
    pub(super) fn publish_pending(&self) {
        for tag in PENDING.with_borrow_mut(mem::take) {
            self.publish(tag);
        }
    }

    /// Everything that others had changed when this instant came has been published; that counts for `span` from then.
    /// Whether the line was cut before, or this is the first word that comes over it.
    pub(super) fn mark_connected(&self, instant: Instant, span: Duration) -> bool {
        let until = instant.saturating_duration_since(self.started) + span;
        self.connected_until.swap(micros(until), Ordering::SeqCst) == 0
    }

    /// The line is cut: nothing is believed until there is word again. Whether there was word before.
    pub(super) fn mark_disconnected(&self) -> bool {
        self.connected_until.swap(0, Ordering::SeqCst) != 0
    }

    /// From now on somebody keeps copies.
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
        // Ids count up: their last bits spread them well.
        usize::try_from(user_id.rem_euclid(SLOTS_I64)).ok().and_then(|slot| self.users.get(slot))
    }
}

#[expect(clippy::as_conversions, reason = "it is 16384")]
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
    fn a_change_makes_copies_of_its_subject_old_and_of_no_other() {
        let tracker = connected();
        let before = tracker.version().expect("heard");
        tracker.publish(CacheTag::User(1));
        assert!(!tracker.is_current(CacheTag::User(1), before));
        assert!(tracker.is_current(CacheTag::User(2), before));
        assert!(tracker.is_current(CacheTag::Posts, before));
        let after = tracker.version().expect("heard");
        assert!(tracker.is_current(CacheTag::User(1), after));
    }

    #[test]
    fn a_copy_read_while_its_subject_changed_is_old_from_the_beginning() {
        let tracker = connected();
        let before_reading = tracker.version().expect("heard");
        tracker.publish(CacheTag::User(7));
        // Only now does the reader keep what it read.
        assert!(!tracker.is_current(CacheTag::User(7), before_reading));
    }

    #[test]
    fn a_change_of_nobody_knows_what_makes_everything_old() {
        let tracker = connected();
        let before = tracker.version().expect("heard");
        tracker.publish(CacheTag::All);
        for tag in [CacheTag::User(1), CacheTag::User(-5), CacheTag::Posts, CacheTag::All] {
            assert!(!tracker.is_current(tag, before), "{tag:?}");
        }
    }

    #[test]
    fn nothing_is_believed_while_nobody_listens_or_the_word_is_old() {
        let tracker = InvalidationTracker::new();
        assert_eq!(tracker.version(), None);
        tracker.mark_connected(Instant::now(), LONG);
        let version = tracker.version().expect("heard");
        assert!(tracker.is_current(CacheTag::Posts, version));
        tracker.mark_connected(Instant::now(), Duration::ZERO);
        assert!(!tracker.is_current(CacheTag::Posts, version));
        assert_eq!(tracker.version(), None);
        tracker.mark_connected(Instant::now(), LONG);
        assert!(tracker.mark_disconnected());
        assert!(!tracker.is_current(CacheTag::Posts, version));
    }

    #[test]
    fn what_is_noted_is_published_once() {
        let tracker = connected();
        let before = tracker.version().expect("heard");
        invalidate(CacheTag::User(3));
        tracker.publish_pending();
        assert!(!tracker.is_current(CacheTag::User(3), before));
        let after = tracker.version().expect("heard");
        tracker.publish_pending();
        assert!(tracker.is_current(CacheTag::User(3), after));
    }
}
