//! What a node reads again at intervals, because it changes outside of it.

use std::{sync::Arc, time::Duration};

use tokio::task::spawn_blocking;

use super::Job;
use crate::{accounts::passwords::Verifier, db::DbError, paywall::Crawlers};

/// Soon enough for hashes that are imported while the server runs. The search takes a second among a million users.
const HASH_COSTS_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Search engines announce new ranges days before they use them.
const CRAWLER_RANGES_INTERVAL: Duration = Duration::from_mins(1);

/// Makes every failed login take as long as one with the most expensive stored hash.
///
/// Until the first run succeeds, an expensive hash is discovered only when it is verified, and failed logins may differ
/// in time.
#[must_use]
pub fn hash_costs(verifier: Verifier) -> Job {
    Job::new("hash_costs", HASH_COSTS_INTERVAL, move || {
        let verifier = verifier.clone();
        async move { verifier.look_for_costly_hashes().await }
    })
}

/// Reads the address ranges of crawlers. Nothing can fail but a file, which is logged where it is read.
#[must_use]
pub fn crawler_ranges(crawlers: Arc<Crawlers>) -> Job {
    Job::new("crawler_ranges", CRAWLER_RANGES_INTERVAL, move || {
        let crawlers = Arc::clone(&crawlers);
        async move { spawn_blocking(move || crawlers.refresh()).await.map_err(|error| DbError::Query(error.to_string())) }
    })
}
