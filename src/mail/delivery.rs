//! Delivering what is in the outbox. A message is sent at least once: it is sent again only if the server could not
//! record that it was sent, and then with the same `Message-ID` and the same link.

use std::{sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use lettre::Message;
use rand::Rng;
use tokio::time::sleep;

use super::{
    message::Texts,
    metrics::MailMetrics,
    outbox::{self, Mailer, Queued},
    transport::{SendError, Transport},
};
use crate::{
    base::clock::{Clock, Timestamp},
    db::{Db, DbError, Tx},
};

/// How long a claim lasts unless it is extended: after a crash, the message waits for this long.
pub(super) const CLAIM: Duration = Duration::from_secs(15);

/// How often a claim is extended while the message is being sent.
const EXTEND: Duration = Duration::from_secs(5);

/// How long after an error the next attempt follows; doubled with each further one.
const FIRST_DELAY: Duration = Duration::from_secs(60);
const LONGEST_DELAY: Duration = Duration::from_secs(60 * 60);

/// After this time, no further attempt is made.
const GIVE_UP: Duration = Duration::from_secs(24 * 60 * 60);

/// Times in the outbox that are further in the future were written before the clock was set back.
const FURTHEST: Duration = Duration::from_secs(2 * 60 * 60);

/// Delivers the messages of the outbox. Clones share the connections.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct Delivery {
    pub db: Db,
    pub mailer: Mailer,
    pub transport: Transport,
    pub texts: Arc<Texts>,
    pub metrics: MailMetrics,
    pub clock: Clock,
}

/// A message that no other worker sends.
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub struct Claimed(Queued);

impl Claimed {
    #[must_use]
    pub fn id(&self) -> i64 {
        self.0.id
    }
}

impl Delivery {
    /// Waits until a message is added by this process.
    pub async fn added(&self) {
        self.mailer.added.notified().await;
    }

    /// Starts no further delivery.
    pub fn stop(&self) {
        self.mailer.stop();
    }

    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.mailer.is_stopped()
    }

    /// Claims the message that has been due for the longest time; `None` if none is due, or the delivery is stopped.
    ///
    /// `sending` has the ids of those that this process is sending, and their recipients wait for them. The claims alone would
    /// not prevent that they are sent twice: the clock jumps when a virtual machine resumes, or is set.
    pub async fn claim(&self, sending: Vec<i64>) -> Result<Option<Claimed>, DbError> {
        let now = self.clock.now();
        let latest = now.after(FURTHEST);
        // Most of the time nothing is due, and a read does not compete with the writes of requests.
        let is_due = self.db.read(move |connection| outbox::has_due(connection, now, latest)).await?;
        if self.is_stopped() || !is_due {
            return Ok(None);
        }
        let claim = move |tx: &mut Tx<'_>| outbox::claim(tx, now, latest, now.after(CLAIM), &sending);
        Ok(self.db.write(claim).await?.map(Claimed))
    }

    /// Sends a message and records the outcome.
    pub async fn deliver(&self, Claimed(claimed): Claimed) -> Result<(), DbError> {
        let Some((message, email)) = self.prepare(claimed).await? else { return Ok(()) };
        let sent = match email {
            Ok(email) => self.send(&message, email).await,
            Err(text) => Err((true, text)),
        };
        let now = self.clock.now();
        match sent {
            Ok(()) => self.record_sent(message, now).await,
            Err((is_final, error)) => self.record_error(message, is_final, error, now).await,
        }
    }

    /// Sends the message, and meanwhile extends the claim.
    async fn send(&self, message: &Queued, email: Message) -> Result<(), (bool, String)> {
        let time = message.created_at.to_string().replace([':', '.'], "-");
        let name = format!("{time}-{}-{}", message.kind, message.message_id.trim_matches(['<', '>']));
        // The domain is an owner's text, which might contain a slash.
        let name = name.split('@').next().unwrap_or_default().to_owned();
        let mut sending = Box::pin(self.transport.send(email, name, &message.recipient));
        loop {
            match select(sending, Box::pin(sleep(EXTEND))).await {
                Either::Left((sent, _)) => {
                    return sent.map_err(|error: SendError| (error.is_final, error.to_string()));
                }
                Either::Right(((), still_sending)) => sending = still_sending,
            }
            let (id, extended, until) = (message.id, message.clone(), self.clock.now().after(CLAIM));
            match self.db.write(move |tx: &mut Tx<'_>| outbox::extend_claim(tx, &extended, until)).await {
                Ok(true) => (),
                Ok(false) => tracing::warn!(id, "another node has claimed this message; it may be sent twice"),
                Err(error) => {
                    tracing::warn!(id, %error, "failed to extend the claim on this message; it may be sent twice");
                }
            }
        }
    }

    async fn record_sent(&self, message: Queued, now: Timestamp) -> Result<(), DbError> {
        self.metrics.sent.inc();
        let id = message.id;
        if !self.db.write(move |tx: &mut Tx<'_>| outbox::mark_sent(tx, &message, now)).await? {
            tracing::warn!(id, "another node has claimed this message; it may be sent twice");
        }
        Ok(())
    }

    async fn record_error(
        &self,
        message: Queued,
        is_final: bool,
        error: String,
        now: Timestamp,
    ) -> Result<(), DbError> {
        self.metrics.errors.inc();
        let next = now.after(delay(message.attempts));
        let is_final = is_final || message.created_at.until(next) > GIVE_UP;
        let (id, kind) = (message.id, message.kind.clone());
        if is_final {
            tracing::error!(id, kind, error, "message not delivered; `tollgate mail retry` tries again");
        } else {
            tracing::warn!(id, kind, error, next = %next, "message not delivered; it will be retried");
        }
        let record = move |tx: &mut Tx<'_>| match is_final {
            true => outbox::mark_failed(tx, &message, &error, now),
            false => outbox::postpone(tx, &message, &error, next),
        };
        self.db.write(record).await.map(drop)
    }
}

/// The time until the next attempt, with jitter, so that the messages of an outage do not all arrive at once.
fn delay(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default().min(16);
    let delay = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_DELAY);
    delay.mul_f64(rand::rng().random_range(0.75..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_rarer_up_to_once_an_hour() {
        for (attempts, minutes) in [(1, 1), (2, 2), (3, 4), (7, 60), (1000, 60)] {
            let (delay, longest) = (delay(attempts), Duration::from_secs(minutes * 60));
            assert!(delay <= longest && delay >= longest.mul_f64(0.74), "{attempts}: {delay:?}");
        }
    }
}
