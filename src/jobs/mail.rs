//! Delivers the messages of the outbox.

use std::{pin::pin, time::Duration};

use futures_util::future::select;
use tokio::time::sleep;

use crate::mail::Delivery;

/// How often to look for messages that other processes have added or that are due for another attempt.
const INTERVAL: Duration = Duration::from_secs(1);

/// Delivers until [`Delivery::stop`] is called, and then waits for the messages that are being sent: if it did not, it
/// would be unknown whether they have arrived.
pub async fn run(delivery: Delivery) {
    while !delivery.is_stopped() {
        if let Err(error) = delivery.deliver_due().await {
            tracing::warn!(%error, "cannot deliver messages");
        }
        let (added, interval) = (pin!(delivery.added()), pin!(sleep(INTERVAL)));
        select(added, interval).await;
    }
}
