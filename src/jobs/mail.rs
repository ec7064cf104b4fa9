//! Delivers the messages of the outbox.

use std::{collections::HashMap, panic::AssertUnwindSafe, pin::pin, time::Duration};

use futures_util::{
    FutureExt,
    future::{Either, select},
};
use tokio::{
    task::{self, JoinError, JoinSet},
    time::sleep,
};

use crate::{
    db::DbError,
    mail::{CONNECTIONS, Claimed, Delivery},
};

/// How often to look for messages that other processes have added or that are due for another attempt.
const INTERVAL: Duration = Duration::from_secs(1);

/// Delivers until [`Delivery::stop`] is called, and then waits for the messages that are being sent: if it did not, it
/// would be unknown whether they have arrived.
///
/// Each message is a task, and the next one starts when any of them ends: an SMTP server that takes a minute for one
/// message must not hold up the others.
pub async fn run(delivery: Delivery) {
    let (mut sending, mut health) = (Sending::default(), Health::default());
    while !delivery.is_stopped() {
        // A panic, which the panic hook has logged, must not end the delivery of everything else.
        let started = AssertUnwindSafe(start_due(&delivery, &mut sending)).catch_unwind().await;
        if let Ok(started) = started {
            health.log_change(&started);
        }
        if let Some(ended) = wait(&delivery, &mut sending).await {
            health.log_end(ended);
        }
    }
    while let Some(ended) = sending.next_end().await {
        health.log_end(ended);
    }
}

type Ended = Result<Result<(), DbError>, JoinError>;

/// The messages that are being sent.
#[derive(Default)]
struct Sending {
    tasks: JoinSet<Result<(), DbError>>,
    messages: HashMap<task::Id, i64>,
}

impl Sending {
    fn add(&mut self, delivery: Delivery, claimed: Claimed) {
        let id = claimed.id();
        let task = self.tasks.spawn(async move { delivery.deliver(claimed).await });
        self.messages.insert(task.id(), id);
    }

    fn ids(&self) -> Vec<i64> {
        self.messages.values().copied().collect()
    }

    /// Waits until one was sent, or not; `None` if there is none.
    async fn next_end(&mut self) -> Option<Ended> {
        let ended = self.tasks.join_next_with_id().await?;
        let task = ended.as_ref().map_or_else(JoinError::id, |(task, _)| *task);
        self.messages.remove(&task);
        Some(ended.map(|(_, outcome)| outcome))
    }
}

/// Starts sending what is due, on connections that are free.
async fn start_due(delivery: &Delivery, sending: &mut Sending) -> Result<(), DbError> {
    while sending.tasks.len() < CONNECTIONS
        && let Some(claimed) = delivery.claim(sending.ids()).await?
    {
        sending.add(delivery.clone(), claimed);
    }
    Ok(())
}

/// Waits until a message was sent, or one may be due and a connection is free.
async fn wait(delivery: &Delivery, sending: &mut Sending) -> Option<Ended> {
    if sending.tasks.len() >= CONNECTIONS {
        return sending.next_end().await;
    }
    let (added, interval) = (pin!(delivery.added()), pin!(sleep(INTERVAL)));
    let due = select(added, interval);
    if sending.tasks.is_empty() {
        due.await;
        return None;
    }
    match select(pin!(sending.next_end()), due).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => None,
    }
}

/// Whether the outbox can be read and updated. Only changes are logged: a database that is down would add a line every
/// second.
#[derive(Default)]
struct Health {
    is_failing: bool,
}

impl Health {
    fn log_change(&mut self, outcome: &Result<(), DbError>) {
        match outcome {
            Ok(()) if self.is_failing => tracing::info!("the outbox is available again"),
            Err(error) if !self.is_failing => {
                tracing::warn!(%error, "cannot read or update the outbox; retrying every second");
            }
            _ => (),
        }
        self.is_failing = outcome.is_err();
    }

    /// A panic was logged by the panic hook, and its message is claimed again later.
    fn log_end(&mut self, ended: Ended) {
        if let Ok(outcome) = ended {
            self.log_change(&outcome);
        }
    }
}
