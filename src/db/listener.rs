//! The line on which PostgreSQL tells what other nodes change: a connection of its own that does nothing but `LISTEN`.
//!
//! Triggers in the database notify, so that whoever changes something does, an operator by hand too. Not
//! `diesel_async`'s stream of notifications: it tells neither when the line is cut nor that it is whole. That is tried
//! by a notification to ourselves over a second connection: a pooler between us and the server may answer all that the
//! first one asks, and lose what nobody asked for.

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

/// What the triggers notify.
const CHANNEL: &str = "tollgate";

/// How often the line is tried. Notifications come in order: all that was told before is known by then.
const PROBE_INTERVAL: Duration = Duration::from_millis(500);

/// How long that counts. A node that is cut off without knowing believes its copies for so long, and no longer.
const VALID_FOR: Duration = Duration::from_secs(2);

/// How long to wait with a new line where one was cut.
const RECONNECT_DELAY: Duration = Duration::from_millis(250);

/// Starts the thread; it ends when nobody asks for changes any more.
///
/// # Errors
/// The system has no room for a thread, or no random numbers.
pub(super) fn start(server: Server, tracker: &Arc<InvalidationTracker>) -> io::Result<()> {
    let own_channel = format!("tollgate_{:016x}", getrandom::u64().map_err(io::Error::other)?);
    let listener = Listener { server, own_channel, tracker: Arc::downgrade(tracker) };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("db-listener".to_owned()).spawn(move || runtime.block_on(listener.serve()))?;
    Ok(())
}

struct Listener {
    server: Server,
    /// What only this node notifies and listens to.
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
                    tracing::warn!(%error, "what other nodes change is not heard of: no cache is used until it is");
                }
                is_first = false;
                sleep(RECONNECT_DELAY).await;
            }
        }
    }

    /// Listens until the line is cut, or nobody asks any more.
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

    /// Publishes what comes.
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

    /// Opens the line, and tries it again and again.
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
            let asked_at = Instant::now();
            in_time(notifying.batch_execute(&format!("NOTIFY {own_channel}, '{number}'"))).await?;
            match timeout(VALID_FOR, echo.wait_for(|echoed| *echoed >= number)).await {
                Ok(Ok(_)) => {}
                _ => {
                    return Err(DbError::Unavailable(
                        "notifications are lost on the way: is there a pooler?".to_owned(),
                    ));
                }
            }
            let Some(tracker) = self.tracker.upgrade() else { break };
            if !is_open {
                // What happened before the line was open nobody has told.
                tracker.publish(CacheTag::All);
                is_open = true;
            }
            if tracker.mark_connected(asked_at, VALID_FOR) {
                tracing::info!("what other nodes change is heard of: caches are used");
            }
            drop(tracker);
            sleep(PROBE_INTERVAL).await;
        }
        Ok(())
    }
}

async fn in_time(asked: impl Future<Output = Result<(), tokio_postgres::Error>>) -> Result<(), DbError> {
    match timeout(VALID_FOR, asked).await {
        Ok(answered) => answered.map_err(|error| DbError::unavailable(&error)),
        Err(_) => Err(DbError::Unavailable(format!("no answer in {VALID_FOR:?}"))),
    }
}

fn connection_closed() -> DbError {
    DbError::Unavailable("the server hung up".to_owned())
}

/// What a notification says has changed: a user's id, or `posts`.
fn parse(payload: &str) -> CacheTag {
    match payload.parse() {
        Ok(user_id) => CacheTag::User(user_id),
        Err(_) if payload == "posts" => CacheTag::Posts,
        Err(_) => CacheTag::All,
    }
}
