//! Reads the address ranges of crawlers again.

use std::{sync::Arc, time::Duration};

use tokio::task::spawn_blocking;

use super::job::Job;
use crate::{db::DbError, paywall::Crawlers};

/// Search engines announce new ranges days before they use them.
const INTERVAL: Duration = Duration::from_mins(1);

/// Nothing can fail but a file, which is logged where it is read.
#[must_use]
pub fn job(crawlers: Arc<Crawlers>) -> Job {
    Job::new("crawler_ranges", INTERVAL, move || {
        let crawlers = Arc::clone(&crawlers);
        async move { spawn_blocking(move || crawlers.refresh()).await.map_err(|error| DbError::Query(error.to_string())) }
    })
}
