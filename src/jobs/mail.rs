//! Delivers the messages of the outbox.

use std::{panic::AssertUnwindSafe, pin::pin, time::Duration};

use futures_util::{FutureExt, future::select};
use tokio::time::sleep;

use crate::mail::Delivery;

/// How often to look for messages that other processes have added or that are due for another attempt.
const INTERVAL: Duration = Duration::from_secs(1);

/// Delivers until [`Delivery::stop`] is called, and then waits for the messages that are being sent: if it did not, it
/// would be unknown whether they have arrived.
pub async fn run(delivery: Delivery) {
    let mut is_failing = false;
    while !delivery.is_stopped() {
        // A panic, which the panic hook has logged, must not end the delivery of everything else.
        let delivered = AssertUnwindSafe(delivery.deliver_due()).catch_unwind().await;
        // Logged when it changes: a database that is down would add a line every second.
        match &delivered {
            Ok(Ok(())) if is_failing => tracing::info!("the outbox is available again"),
            Ok(Err(error)) if !is_failing => {
                tracing::warn!(%error, "cannot read or update the outbox; retrying every second")
            }
            _ => (),
        }
        is_failing = !matches!(delivered, Ok(Ok(())));
        let (added, interval) = (pin!(delivery.added()), pin!(sleep(INTERVAL)));
        select(added, interval).await;
    }
}
