//! Makes every failed login take as long as one with the most expensive stored hash.

use std::time::Duration;

use super::Job;
use crate::accounts::passwords::Verifier;

/// Soon enough for hashes that are imported while the server runs. The search takes a second among a million users.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Until the first run succeeds, an expensive hash is discovered only when it is verified, and failed logins may differ
/// in time.
#[must_use]
pub fn look_for_costly_hashes(verifier: Verifier) -> Job {
    Job::new("hash_costs", INTERVAL, move || {
        let verifier = verifier.clone();
        async move { verifier.look_for_costly_hashes().await }
    })
}
