//! Statistics by post that took long to find, and are kept for a while.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{Days, contents::Contents};
use crate::db::{Db, DbError};

/// Statistics of up to this many reads are found in milliseconds. They are not kept, so that they are always up to date.
const FEW_READS: i64 = 20_000;

/// So are those that were found within this time, unless they are of more reads.
const QUICK: Duration = Duration::from_secs(1);

/// Statistics are kept for this many times as long as it took to find them: at most a hundredth of the time goes into them.
const KEPT: u32 = 100;

/// The overview has three spans, and each begins on another day.
const MAX: usize = 4;

struct Kept {
    days: Days,
    contents: Arc<Contents>,
    until: Instant,
}

#[derive(Default)]
#[expect(missing_debug_implementations, reason = "nobody logs statistics")]
pub struct RecentContents(Mutex<Vec<Kept>>);

impl RecentContents {
    /// The statistics of these days. Requests wait for each other, so that the reads are scanned only once.
    pub async fn find(&self, db: &Db, days: Days) -> Result<Arc<Contents>, DbError> {
        let mut kept = self.0.lock().await;
        let start = Instant::now();
        kept.retain(|kept| start < kept.until);
        if let Some(found) = kept.iter().find(|kept| kept.days == days) {
            return Ok(found.contents.clone());
        }
        let contents = Arc::new(db.read(move |connection| Contents::find(connection, days)).await?);
        let took = start.elapsed();
        if took > QUICK || contents.reads() > FEW_READS {
            kept.truncate(MAX - 1);
            kept.insert(0, Kept { days, contents: contents.clone(), until: Instant::now() + took * KEPT });
        }
        Ok(contents)
    }
}
