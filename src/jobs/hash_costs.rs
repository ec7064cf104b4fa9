//! Keeps the time that a failed login takes as long as that of the costliest stored hash.

use std::time::Duration;

use super::Job;
use crate::accounts::credentials::Verifier;

/// Often enough for hashes that an import brings while the server runs. It takes a second in a table of a million users.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Until it has succeeded, failed logins may differ in time until a costly hash is verified.
#[must_use]
pub fn look_for_costly_hashes(verifier: Verifier) -> Job {
    Job::new("hash_costs", INTERVAL, move || {
        let verifier = verifier.clone();
        async move { verifier.look_for_costly_hashes().await }
    })
}
