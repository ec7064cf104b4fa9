//! The background jobs of the server, and those that only read something again.

use std::{sync::Arc, time::Duration};

use tokio::task::spawn_blocking;

use crate::{
    accounts::passwords::Verifier,
    db::DbError,
    http::AppState,
    jobs::{self, Job, Worker, cleanup},
    paywall::Crawlers,
};

/// Soon enough for hashes that are imported while the server runs. The search takes a second among a million users.
const HASH_COSTS_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Search engines announce new ranges days before they use them.
const CRAWLER_RANGES_INTERVAL: Duration = Duration::from_mins(1);

/// Creates the worker that runs the background jobs.
pub(super) fn worker(state: &AppState) -> Result<Worker, DbError> {
    let (db, clock) = (state.db.for_background()?, state.clock.clone());
    let verifier = Verifier { db: db.clone(), ..state.accounts.verifier.clone() };
    let mut jobs = vec![hash_costs(verifier), cleanup::job(db, clock.clone(), state.config.retention)];
    if !state.crawlers.is_empty() {
        jobs.push(crawler_ranges(Arc::clone(&state.crawlers)));
    }
    Ok(Worker::new(jobs, jobs::random_jitter, clock, state.jobs.clone()))
}

/// Makes every failed login take as long as one with the most expensive stored hash.
///
/// Until the first run succeeds, an expensive hash is discovered only when it is verified, and failed logins may differ
/// in time.
fn hash_costs(verifier: Verifier) -> Job {
    Job::new("hash_costs", HASH_COSTS_INTERVAL, move || {
        let verifier = verifier.clone();
        async move { verifier.look_for_costly_hashes().await }
    })
}

/// Reads the address ranges of crawlers. Nothing can fail but a file, which is logged where it is read.
fn crawler_ranges(crawlers: Arc<Crawlers>) -> Job {
    Job::new("crawler_ranges", CRAWLER_RANGES_INTERVAL, move || {
        let crawlers = Arc::clone(&crawlers);
        async move { spawn_blocking(move || crawlers.refresh()).await.map_err(|error| DbError::Query(error.to_string())) }
    })
}
