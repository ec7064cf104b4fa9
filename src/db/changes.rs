//! What has changed in the database and when, for whoever keeps copies of its rows.
//!
//! A copy is as good as the rows at the [`Moment`] before they were read, until something of it changes. Changes are
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
const PLACES: usize = 1 << 14;

/// Something that a write has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A user, or a session of the user.
    User(i64),
    /// A post.
    Posts,
    /// There is no telling what.
    Anything,
}

/// A point in the order of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

thread_local! {
    static NOTED: RefCell<Vec<Change>> = const { RefCell::new(Vec::new()) };
}

/// Notes what a query changes, on the thread that runs it. It is told to [`Changes`] before the query is answered, so
/// that who asked finds no older copy afterwards.
pub fn note(change: Change) {
    NOTED.with_borrow_mut(|noted| noted.push(change));
}

/// The order of changes, as far as it is heard of.
///
/// What other processes change is heard of by a line: see [`super::Db::watch`]. Where that is cut copies cannot be
/// believed, so each word that comes over it counts for a short time only.
#[derive(Debug)]
pub struct Changes {
    is_wanted: AtomicBool,
    count: AtomicU64,
    anything: AtomicU64,
    posts: AtomicU64,
    users: Box<[AtomicU64]>,
    started: Instant,
    /// Microseconds after `started`.
    heard_until: AtomicU64,
}

impl Changes {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            is_wanted: AtomicBool::new(false),
            count: AtomicU64::new(0),
            anything: AtomicU64::new(0),
            posts: AtomicU64::new(0),
            users: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            started: Instant::now(),
            heard_until: AtomicU64::new(0),
        })
    }

    /// Now, to be asked for before rows are read that are to be kept. `None` where a copy could not be believed, because
    /// nobody listens or the line is cut.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.is_heard().then(|| Moment(self.count.load(Ordering::SeqCst)))
    }

    /// Whether a copy of something that was read after this moment is as good as the row.
    #[must_use]
    pub fn is_current(&self, subject: Change, read_after: Moment) -> bool {
        let changed = match subject {
            Change::User(id) => self.place(id).map_or(u64::MAX, |place| place.load(Ordering::SeqCst)),
            Change::Posts => self.posts.load(Ordering::SeqCst),
            Change::Anything => self.count.load(Ordering::SeqCst),
        };
        changed.max(self.anything.load(Ordering::SeqCst)) <= read_after.0 && self.is_heard()
    }

    /// Makes copies of this old.
    pub(super) fn publish(&self, change: Change) {
        let moment = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let changed = match change {
            Change::User(id) => self.place(id),
            Change::Posts => Some(&self.posts),
            Change::Anything => Some(&self.anything),
        };
        if let Some(changed) = changed {
            changed.fetch_max(moment, Ordering::SeqCst);
        }
    }

    /// Publishes what was noted on this thread.
    pub(super) fn publish_noted(&self) {
        for change in NOTED.with_borrow_mut(mem::take) {
            self.publish(change);
        }
    }

    /// Everything that others had changed when this instant came has been published; that counts for `span` from then.
    /// Whether the line was cut before, or this is the first word that comes over it.
    pub(super) fn heard_at(&self, instant: Instant, span: Duration) -> bool {
        let until = instant.saturating_duration_since(self.started) + span;
        self.heard_until.swap(micros(until), Ordering::SeqCst) == 0
    }

    /// The line is cut: nothing is believed until there is word again. Whether there was word before.
    pub(super) fn lost(&self) -> bool {
        self.heard_until.swap(0, Ordering::SeqCst) != 0
    }

    /// From now on somebody keeps copies.
    pub(super) fn want(&self) {
        self.is_wanted.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::SeqCst)
    }

    fn is_heard(&self) -> bool {
        micros(self.started.elapsed()) < self.heard_until.load(Ordering::SeqCst)
    }

    fn place(&self, user_id: i64) -> Option<&AtomicU64> {
        // Ids count up: their last bits spread them well.
        usize::try_from(user_id.rem_euclid(PLACES_I64)).ok().and_then(|place| self.users.get(place))
    }
}

#[expect(clippy::as_conversions, reason = "it is 16384")]
const PLACES_I64: i64 = PLACES as i64;

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1000);

    fn heard() -> Arc<Changes> {
        let changes = Changes::new();
        changes.heard_at(Instant::now(), LONG);
        changes
    }

    #[test]
    fn a_change_makes_copies_of_its_subject_old_and_of_no_other() {
        let changes = heard();
        let before = changes.moment().expect("heard");
        changes.publish(Change::User(1));
        assert!(!changes.is_current(Change::User(1), before));
        assert!(changes.is_current(Change::User(2), before));
        assert!(changes.is_current(Change::Posts, before));
        let after = changes.moment().expect("heard");
        assert!(changes.is_current(Change::User(1), after));
    }

    #[test]
    fn a_copy_read_while_its_subject_changed_is_old_from_the_beginning() {
        let changes = heard();
        let before_reading = changes.moment().expect("heard");
        changes.publish(Change::User(7));
        // Only now does the reader keep what it read.
        assert!(!changes.is_current(Change::User(7), before_reading));
    }

    #[test]
    fn a_change_of_nobody_knows_what_makes_everything_old() {
        let changes = heard();
        let before = changes.moment().expect("heard");
        changes.publish(Change::Anything);
        for subject in [Change::User(1), Change::User(-5), Change::Posts, Change::Anything] {
            assert!(!changes.is_current(subject, before), "{subject:?}");
        }
    }

    #[test]
    fn nothing_is_believed_while_nobody_listens_or_the_word_is_old() {
        let changes = Changes::new();
        assert_eq!(changes.moment(), None);
        changes.heard_at(Instant::now(), LONG);
        let moment = changes.moment().expect("heard");
        assert!(changes.is_current(Change::Posts, moment));
        changes.heard_at(Instant::now(), Duration::ZERO);
        assert!(!changes.is_current(Change::Posts, moment));
        assert_eq!(changes.moment(), None);
        changes.heard_at(Instant::now(), LONG);
        assert!(changes.lost());
        assert!(!changes.is_current(Change::Posts, moment));
    }

    #[test]
    fn what_is_noted_is_published_once() {
        let changes = heard();
        let before = changes.moment().expect("heard");
        note(Change::User(3));
        changes.publish_noted();
        assert!(!changes.is_current(Change::User(3), before));
        let after = changes.moment().expect("heard");
        changes.publish_noted();
        assert!(changes.is_current(Change::User(3), after));
    }
}
