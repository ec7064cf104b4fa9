//! Receives invalidations from other PostgreSQL nodes over a dedicated `LISTEN` connection.
//!
//! The notifications are sent by triggers, so that changes made by hand are seen too. `diesel_async`'s notification
//! stream is not used because it reports neither that the connection is lost nor that it works. To verify that it
//! works, a second connection regularly sends a notification to this node: a pooler in between may answer every query
//! of the first connection and still drop notifications.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    sync::{Arc, Weak},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use futures_util::future::{Either, select, try_join};
use tokio::{
    runtime::Builder,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_postgres::{AsyncMessage, Client, Notification};

use super::{
    error::DbError,
    invalidation::{CacheTag, InvalidationTracker},
    postgres::{RawConnection, Server},
};

/// The channel that the triggers notify.
const CHANNEL: &str = "tollgate";

/// How often the connection is probed. Notifications arrive in order, so that an echoed probe proves that everything
/// sent before it has been received.
const PROBE_INTERVAL: Duration = Duration::from_millis(500);

/// How long a successful probe keeps the caches valid: the longest time that a node uses stale entries after losing its
/// connection unnoticed.
const VALID_FOR: Duration = Duration::from_secs(2);

/// The delay before reconnecting.
const RECONNECT_DELAY: Duration = Duration::from_millis(250);

/// Starts the thread; it ends when the tracker is dropped.
pub(super) fn start(server: Server, tracker: &Arc<InvalidationTracker>) -> io::Result<()> {
    let own_channel = format!("tollgate_{:016x}", getrandom::u64().map_err(io::Error::other)?);
    let listener = Listener { server, own_channel, tracker: Arc::downgrade(tracker) };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("db-listener".to_owned()).spawn(move || runtime.block_on(listener.serve()))?;
    Ok(())
}

struct Listener {
    server: Server,
    /// The channel for the probes, used by this node only.
    own_channel: String,
    tracker: Weak<InvalidationTracker>,
}

impl Listener {
    async fn serve(&self) {
        let mut is_first = true;
        while self.tracker.strong_count() > 0 {
            if let Err(error) = self.listen().await {
                let was_connected = self.tracker.upgrade().is_some_and(|tracker| tracker.mark_disconnected());
                if was_connected || is_first {
                    tracing::warn!(%error, "LISTEN connection lost; caches disabled");
                }
                is_first = false;
                sleep(RECONNECT_DELAY).await;
            }
        }
    }

    /// Listens until the connection is lost or the tracker is dropped.
    async fn listen(&self) -> Result<(), DbError> {
        let ((listening, connection), (notifying, driver)) =
            try_join(self.server.connect_raw(), self.server.connect_raw()).await?;
        let (echoed, echo) = watch::channel(0);
        let receive = pin!(self.receive(connection, &echoed));
        let drive = pin!(driver);
        let probe = pin!(self.probe(&listening, &notifying, echo));
        match select(receive, select(drive, probe)).await {
            Either::Left((outcome, _)) | Either::Right((Either::Right((outcome, _)), _)) => outcome,
            Either::Right((Either::Left((outcome, _)), _)) => match outcome {
                Ok(()) => Err(connection_closed()),
                Err(error) => Err(DbError::unavailable(&error)),
            },
        }
    }

    /// Publishes received notifications.
    async fn receive(&self, mut connection: RawConnection, echoed: &watch::Sender<u64>) -> Result<(), DbError> {
        poll_fn(|context| {
            loop {
                let message = match connection.poll_message(context) {
                    Poll::Ready(message) => message,
                    Poll::Pending => return Poll::Pending,
                };
                match message {
                    Some(Ok(AsyncMessage::Notification(notification))) => self.handle(&notification, echoed),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Poll::Ready(Err(DbError::unavailable(&error))),
                    None => return Poll::Ready(Err(connection_closed())),
                }
            }
        })
        .await
    }

    fn handle(&self, notification: &Notification, echoed: &watch::Sender<u64>) {
        if notification.channel() == self.own_channel {
            echoed.send_replace(notification.payload().parse().unwrap_or_default());
        } else if let Some(tracker) = self.tracker.upgrade() {
            tracker.publish(parse(notification.payload()));
        }
    }

    /// Subscribes to the channels, then probes the connection at intervals.
    async fn probe(
        &self,
        listening: &Client,
        notifying: &Client,
        mut echo: watch::Receiver<u64>,
    ) -> Result<(), DbError> {
        let own_channel = &self.own_channel;
        in_time(listening.batch_execute(&format!("LISTEN {CHANNEL}; LISTEN {own_channel}"))).await?;
        let mut is_open = false;
        for number in 1_u64.. {
            let sent_at = Instant::now();
            in_time(notifying.batch_execute(&format!("NOTIFY {own_channel}, '{number}'"))).await?;
            match timeout(VALID_FOR, echo.wait_for(|echoed| *echoed >= number)).await {
                Ok(Ok(_)) => {}
                _ => {
                    return Err(DbError::Unavailable(
                        "notifications do not arrive: is there a connection pooler in between?".to_owned(),
                    ));
                }
            }
            let Some(tracker) = self.tracker.upgrade() else { break };
            if !is_open {
                // Changes made before the subscription were not reported.
                tracker.publish(CacheTag::All);
                is_open = true;
            }
            if tracker.mark_connected(sent_at, VALID_FOR) {
                tracing::info!("LISTEN connection established; caches enabled");
            }
            drop(tracker);
            sleep(PROBE_INTERVAL).await;
        }
        Ok(())
    }
}

async fn in_time(query: impl Future<Output = Result<(), tokio_postgres::Error>>) -> Result<(), DbError> {
    match timeout(VALID_FOR, query).await {
        Ok(result) => result.map_err(|error| DbError::unavailable(&error)),
        Err(_) => Err(DbError::Unavailable(format!("no answer in {VALID_FOR:?}"))),
    }
}

fn connection_closed() -> DbError {
    DbError::Unavailable("the server closed the connection".to_owned())
}

/// Parses a notification's payload: a user's id, or `posts`.
fn parse(payload: &str) -> CacheTag {
    match payload.parse() {
        Ok(user_id) => CacheTag::User(user_id),
        Err(_) if payload == "posts" => CacheTag::Posts,
        Err(_) => CacheTag::All,
    }
}
