//! The background jobs of the server.

use std::sync::Arc;

use crate::{
    accounts::passwords::Verifier,
    db::DbError,
    http::AppState,
    jobs::{self, Worker, cleanup, refresh},
};

/// Creates the worker that runs the background jobs.
pub(super) fn worker(state: &AppState) -> Result<Worker, DbError> {
    let (db, clock) = (state.db.for_background()?, state.clock.clone());
    let verifier = Verifier { db: db.clone(), ..state.accounts.verifier.clone() };
    let mut jobs = vec![refresh::hash_costs(verifier), cleanup::job(db, clock.clone(), state.config.retention)];
    if !state.crawlers.is_empty() {
        jobs.push(refresh::crawler_ranges(Arc::clone(&state.crawlers)));
    }
    Ok(Worker::new(jobs, jobs::random_jitter, clock, state.jobs.clone()))
}
