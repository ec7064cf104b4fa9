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
    let mut is_failing = false;
    while !delivery.is_stopped() {
        // Logged when it changes: a database that is down would add a line every second.
        let delivered = delivery.deliver_due().await;
        match &delivered {
            Ok(()) if is_failing => tracing::info!("the outbox is available again"),
            Err(error) if !is_failing => {
                tracing::warn!(%error, "cannot read or update the outbox; retrying every second")
            }
            _ => (),
        }
        is_failing = delivered.is_err();
        let (added, interval) = (pin!(delivery.added()), pin!(sleep(INTERVAL)));
        select(added, interval).await;
    }
}
