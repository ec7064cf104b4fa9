//! One write at a time for each meter, on each thread that serves requests.
//!
//! A read that is refused or free, or of a page that was not read today, is a write of its own. Without locks, one
//! account with thousands of connections would fill the queue in front of the database, and everybody else's reads
//! would wait behind it. A rate limit was rejected: it would refuse readers even while nobody else wants to read.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::meter_id::MeterId;

/// The meters that are being written now, each with a lock that other requests for it wait for.
#[derive(Debug, Default)]
pub(super) struct MeterLocks(RefCell<HashMap<MeterId, Arc<Mutex<()>>>>);

/// A locked meter, until it is dropped.
#[derive(Debug)]
pub(super) struct MeterLock<'l> {
    locks: &'l MeterLocks,
    meter: MeterId,
    guard: Option<OwnedMutexGuard<()>>,
}

impl MeterLocks {
    /// Waits until no other write of this meter is in progress. First come, first served.
    pub(super) async fn lock(&self, meter: MeterId) -> MeterLock<'_> {
        let lock = self.0.borrow_mut().entry(meter).or_default().clone();
        // Before waiting: a request whose client hangs up meanwhile must clean up as well.
        let mut locked = MeterLock { locks: self, meter, guard: None };
        locked.guard = Some(lock.lock_owned().await);
        locked
    }
}

impl Drop for MeterLock<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let mut locks = self.locks.0.borrow_mut();
        // The map's own reference is the last one if nobody else waits.
        if locks.get(&self.meter).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.meter);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    const ADA: MeterId = MeterId::of_user(1);
    const EVE: MeterId = MeterId::of_user(2);

    #[tokio::test]
    async fn writes_of_one_meter_wait_for_each_other_and_for_nobody_else() {
        let locks = MeterLocks::default();
        let first = locks.lock(ADA).await;
        let mut second = pin!(locks.lock(ADA));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(locks.lock(EVE).now_or_never().is_some());
        drop(first);
        assert!(second.as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_meter_whose_requests_are_done_or_given_up() {
        let locks = MeterLocks::default();
        let first = locks.lock(ADA).await;
        {
            let given_up = pin!(locks.lock(ADA));
            assert!(given_up.now_or_never().is_none());
        }
        assert_eq!(locks.0.borrow().len(), 1);
        drop(first);
        assert!(locks.0.borrow().is_empty());
    }
}
