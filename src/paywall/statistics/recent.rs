//! Keeps statistics by post that took long to find, and the failure to find them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::timeout,
};

use super::{Days, contents::Contents};
use crate::{
    base::clock::{Clock, Timestamp},
    db::{Db, DbError},
};

/// Statistics of up to this many reads are found in milliseconds. They are not kept, so that they are always up to date.
const FEW_READS: i64 = 20_000;

/// Statistics of more reads are kept, and whatever took longer than this.
const QUICK: Duration = Duration::from_secs(1);

/// Statistics count as current for this many times as long as it took to find them: at most a hundredth of the time goes
/// into them.
const CURRENT_FOR: u32 = 100;

/// Outdated statistics are still returned for this long, while newer ones are being found.
const OUTDATED_FOR: Duration = Duration::from_secs(600);

/// After a failure it is tried again sooner, because the database may have been down.
const FAILED_FOR: Duration = Duration::from_secs(60);

/// How long a request waits, as for a query. The statistics are found nevertheless, for the next one.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The overview has three spans, and each begins on another day.
const MAX: usize = 4;

type Found = Result<Arc<Contents>, DbError>;

#[derive(Clone)]
struct Kept {
    days: Days,
    found: Found,
    found_at: Timestamp,
    current_until: Timestamp,
    delete_at: Timestamp,
}

/// Clones share the statistics.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "there may be very many posts")]
pub struct RecentContents {
    db: Db,
    clock: Clock,
    kept: Arc<Mutex<Vec<Kept>>>,
    /// Held while reads are scanned, so that one request scans them for all.
    turn: Arc<AsyncMutex<()>>,
}

impl RecentContents {
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, kept: Arc::default(), turn: Arc::default() }
    }

    /// The statistics of these days.
    ///
    /// # Errors
    /// The database is unavailable, or takes too long.
    pub async fn find(&self, days: Days) -> Found {
        let Some(kept) = self.kept(days) else { return self.wait(days).await };
        if kept.current_until <= self.clock.now() {
            // While other statistics are being found, the next request tries again.
            if let Ok(turn) = self.turn.clone().try_lock_owned() {
                tokio::spawn(self.clone().renew(days, turn));
            }
        }
        kept.found
    }

    async fn wait(&self, days: Days) -> Found {
        let this = self.clone();
        let find = async move {
            let turn = this.turn.clone().lock_owned().await;
            match this.kept(days) {
                Some(kept) => kept.found,
                None => this.scan(days, turn).await,
            }
        };
        // A task of its own goes on if the client has gone.
        match timeout(MAX_WAIT, tokio::spawn(find)).await {
            Ok(found) => found.unwrap_or_else(|error| Err(DbError::Query(error.to_string()))),
            Err(_) => Err(DbError::Unavailable(format!("no statistics by post in {MAX_WAIT:?}"))),
        }
    }

    /// Nobody waits for this.
    async fn renew(self, days: Days, turn: OwnedMutexGuard<()>) {
        if let Err(error) = self.scan(days, turn).await {
            tracing::warn!(%error, "failed to renew the statistics by post");
        }
    }

    async fn scan(&self, days: Days, _turn: OwnedMutexGuard<()>) -> Found {
        let start = Instant::now();
        let found = Contents::find(&self.db, days).await.map(Arc::new);
        self.keep(days, &found, start.elapsed());
        found
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, days: Days) -> Option<Kept> {
        let now = self.clock.now();
        let mut all = self.lock();
        // The clock may have been set back.
        all.retain(|kept| kept.found_at <= now && now < kept.delete_at);
        all.iter().find(|kept| kept.days == days).cloned()
    }

    fn keep(&self, days: Days, found: &Found, took: Duration) {
        let found_at = self.clock.now();
        let (current_for, outdated_for) = match found {
            Ok(_) => (took * CURRENT_FOR, OUTDATED_FOR),
            Err(_) => ((took * CURRENT_FOR).min(FAILED_FOR), Duration::ZERO),
        };
        let current_until = found_at.after(current_for);
        let mut all = self.lock();
        if let (Some(earlier), Err(_)) = (all.iter_mut().find(|kept| kept.days == days), found) {
            // Old numbers are better than none, until they are too old.
            earlier.current_until = current_until;
            return;
        }
        all.retain(|kept| kept.days != days);
        if QUICK < took || found.as_ref().is_ok_and(|contents| FEW_READS < contents.reads()) {
            all.truncate(MAX - 1);
            let (found, delete_at) = (found.clone(), current_until.after(outdated_for));
            all.insert(0, Kept { days, found, found_at, current_until, delete_at });
        }
    }
}
