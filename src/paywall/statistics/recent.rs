//! Keeps statistics by post that took long to find, and the failure to find them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{Days, contents::Contents};
use crate::db::{Db, DbError};

/// Statistics of up to this many reads are found in milliseconds. They are not kept, so that they are always up to date.
const FEW_READS: i64 = 20_000;

/// Statistics of more reads are kept, and whatever took longer than this.
const QUICK: Duration = Duration::from_secs(1);

/// Statistics are kept for this many times as long as it took to find them: at most a hundredth of the time goes into them.
const KEPT: u32 = 100;

/// Failures are not kept for longer, because the database may have been down.
const FAILURE_KEPT: Duration = Duration::from_secs(60);

/// The overview has three spans, and each begins on another day.
const MAX: usize = 4;

type Found = Result<Arc<Contents>, DbError>;

struct Kept {
    days: Days,
    found: Found,
    until: Instant,
}

#[derive(Default)]
#[expect(missing_debug_implementations, reason = "there may be very many posts")]
pub struct RecentContents(Mutex<Vec<Kept>>);

impl RecentContents {
    /// The statistics of these days. Requests wait for each other, so that the reads are scanned only once.
    ///
    /// # Errors
    /// The database is unavailable, or takes too long.
    pub async fn find(&self, db: &Db, days: Days) -> Found {
        let mut kept = self.0.lock().await;
        let start = Instant::now();
        kept.retain(|kept| start < kept.until);
        if let Some(found) = kept.iter().find(|kept| kept.days == days) {
            return found.found.clone();
        }
        let found = db.read(move |connection| Contents::find(connection, days)).await.map(Arc::new);
        let took = start.elapsed();
        if took > QUICK || found.as_ref().is_ok_and(|contents| contents.reads() > FEW_READS) {
            kept.truncate(MAX - 1);
            let kept_for = if found.is_ok() { took * KEPT } else { (took * KEPT).min(FAILURE_KEPT) };
            kept.insert(0, Kept { days, found: found.clone(), until: Instant::now() + kept_for });
        }
        found
    }
}
