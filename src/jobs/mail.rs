//! Delivers the messages of the outbox.

use std::{pin::pin, time::Duration};

use futures_util::future::select;
use tokio::time::sleep;

use crate::mail::Delivery;

/// How often the outbox is looked at for what other processes have added, and what is tried again.
const INTERVAL: Duration = Duration::from_secs(1);

/// Delivers until [`Delivery::stop`] is called. Messages that are being sent then are still waited for: nobody would
/// know whether they have arrived.
pub async fn run(delivery: Delivery) {
    while !delivery.is_stopped() {
        if let Err(error) = delivery.deliver_due().await {
            tracing::warn!(%error, "cannot deliver messages");
        }
        let (added, interval) = (pin!(delivery.added()), pin!(sleep(INTERVAL)));
        select(added, interval).await;
    }
}
