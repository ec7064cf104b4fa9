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
    changes::{Change, Changes},
    error::DbError,
    postgres::{PlainConnection, Server},
};

/// What the triggers notify.
const CHANNEL: &str = "tollgate";

/// How often the line is tried. Notifications come in order: all that was told before is known by then.
const TRY_EVERY: Duration = Duration::from_millis(500);

/// How long that counts. A node that is cut off without knowing believes its copies for so long, and no longer.
const COUNTS_FOR: Duration = Duration::from_secs(2);

/// How long to wait with a new line where one was cut.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Starts the thread; it ends when nobody asks for changes any more.
///
/// # Errors
/// The system has no room for a thread, or no random numbers.
pub(super) fn start(server: Server, changes: &Arc<Changes>) -> io::Result<()> {
    let own_channel = format!("tollgate_{:016x}", getrandom::u64().map_err(io::Error::other)?);
    let listener = Listener { server, own_channel, changes: Arc::downgrade(changes) };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("db-listener".to_owned()).spawn(move || runtime.block_on(listener.serve()))?;
    Ok(())
}

struct Listener {
    server: Server,
    /// What only this node notifies and listens to.
    own_channel: String,
    changes: Weak<Changes>,
}

impl Listener {
    async fn serve(&self) {
        let mut is_first = true;
        while self.changes.strong_count() > 0 {
            if let Err(fault) = self.listen().await {
                let was_heard = self.changes.upgrade().is_some_and(|changes| changes.lost());
                if was_heard || is_first {
                    tracing::warn!(%fault, "what other nodes change is not heard of: no cache is used until it is");
                }
                is_first = false;
                sleep(RETRY_AFTER).await;
            }
        }
    }

    /// Listens until the line is cut, or nobody asks any more.
    async fn listen(&self) -> Result<(), DbError> {
        let ((listening, line), (telling, other)) =
            try_join(self.server.connect_plainly(), self.server.connect_plainly()).await?;
        let (heard, echo) = watch::channel(0);
        let hear = pin!(self.hear(line, &heard));
        let drive = pin!(other);
        let probe = pin!(self.probe(&listening, &telling, echo));
        match select(hear, select(drive, probe)).await {
            Either::Left((outcome, _)) | Either::Right((Either::Right((outcome, _)), _)) => outcome,
            Either::Right((Either::Left((outcome, _)), _)) => match outcome {
                Ok(()) => Err(hung_up()),
                Err(fault) => Err(DbError::unavailable(&fault)),
            },
        }
    }

    /// Publishes what comes.
    async fn hear(&self, mut line: PlainConnection, heard: &watch::Sender<u64>) -> Result<(), DbError> {
        poll_fn(|context| {
            loop {
                let message = match line.poll_message(context) {
                    Poll::Ready(message) => message,
                    Poll::Pending => return Poll::Pending,
                };
                match message {
                    Some(Ok(AsyncMessage::Notification(told))) => self.take(&told, heard),
                    Some(Ok(_)) => {}
                    Some(Err(fault)) => return Poll::Ready(Err(DbError::unavailable(&fault))),
                    None => return Poll::Ready(Err(hung_up())),
                }
            }
        })
        .await
    }

    fn take(&self, told: &Notification, heard: &watch::Sender<u64>) {
        if told.channel() == self.own_channel {
            heard.send_replace(told.payload().parse().unwrap_or_default());
        } else if let Some(changes) = self.changes.upgrade() {
            changes.publish(parse(told.payload()));
        }
    }

    /// Opens the line, and tries it again and again.
    async fn probe(&self, listening: &Client, telling: &Client, mut echo: watch::Receiver<u64>) -> Result<(), DbError> {
        let own_channel = &self.own_channel;
        in_time(listening.batch_execute(&format!("LISTEN {CHANNEL}; LISTEN {own_channel}"))).await?;
        let mut is_open = false;
        for number in 1_u64.. {
            let asked_at = Instant::now();
            in_time(telling.batch_execute(&format!("NOTIFY {own_channel}, '{number}'"))).await?;
            match timeout(COUNTS_FOR, echo.wait_for(|heard| *heard >= number)).await {
                Ok(Ok(_)) => {}
                _ => {
                    return Err(DbError::Unavailable(
                        "notifications are lost on the way: is there a pooler?".to_owned(),
                    ));
                }
            }
            let Some(changes) = self.changes.upgrade() else { break };
            if !is_open {
                // What happened before the line was open nobody has told.
                changes.publish(Change::Anything);
                is_open = true;
            }
            if changes.heard_at(asked_at, COUNTS_FOR) {
                tracing::info!("what other nodes change is heard of: caches are used");
            }
            drop(changes);
            sleep(TRY_EVERY).await;
        }
        Ok(())
    }
}

async fn in_time(asked: impl Future<Output = Result<(), tokio_postgres::Error>>) -> Result<(), DbError> {
    match timeout(COUNTS_FOR, asked).await {
        Ok(answered) => answered.map_err(|fault| DbError::unavailable(&fault)),
        Err(_) => Err(DbError::Unavailable(format!("no answer in {COUNTS_FOR:?}"))),
    }
}

fn hung_up() -> DbError {
    DbError::Unavailable("the server hung up".to_owned())
}

/// What a notification says has changed: a user's id, or `posts`.
fn parse(payload: &str) -> Change {
    match payload.parse() {
        Ok(user_id) => Change::User(user_id),
        Err(_) if payload == "posts" => Change::Posts,
        Err(_) => Change::Anything,
    }
}
