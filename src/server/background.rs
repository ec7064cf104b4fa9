//! The background jobs of the server.

use std::sync::Arc;

use crate::{
    accounts::passwords::Verifier,
    db::DbError,
    http::AppState,
    jobs::{self, Worker, cleanup, crawler_ranges},
};

/// Creates the worker that runs the background jobs.
pub(super) fn worker(state: &AppState) -> Result<Worker, DbError> {
    let (db, clock) = (state.db.for_background()?, state.clock.clone());
    let verifier = Verifier { db: db.clone(), ..state.accounts.verifier.clone() };
    let mut jobs =
        vec![jobs::look_for_costly_hashes(verifier), cleanup::job(db, clock.clone(), state.config.retention)];
    if !state.crawlers.is_empty() {
        jobs.push(crawler_ranges::job(Arc::clone(&state.crawlers)));
    }
    Ok(Worker::new(jobs, jobs::random_jitter, clock, state.jobs.clone()))
}
