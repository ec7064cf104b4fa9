//! The line on which PostgreSQL tells what other nodes change: a connection of its own that does nothing but `LISTEN`.
//!
//! Triggers in the database notify, so that whoever changes something does, an operator by hand too. Not
//! `diesel_async`'s stream of notifications: it tells neither when the line is cut nor that it is whole.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    sync::{Arc, Weak},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use futures_util::future::{Either, select};
use tokio::{
    runtime::Builder,
    time::{sleep, timeout},
};
use tokio_postgres::{AsyncMessage, Client};

use super::{
    changes::{Change, Changes},
    error::DbError,
    postgres::{PlainConnection, Server},
};

/// How often the line is tried. Notifications come before the answer to what was asked after them.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// How long an answer counts. A node that is cut off without knowing believes its copies for so long, and no longer.
const COUNTS_FOR: Duration = Duration::from_secs(2);

/// How long to wait with a new line where one was cut.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Starts the thread; it ends when nobody asks for changes any more.
///
/// # Errors
/// The system has no room for a thread.
pub(super) fn start(server: Server, changes: &Arc<Changes>) -> io::Result<()> {
    let changes = Arc::downgrade(changes);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("db-listener".to_owned()).spawn(move || runtime.block_on(serve(&server, &changes)))?;
    Ok(())
}

async fn serve(server: &Server, changes: &Weak<Changes>) {
    let mut is_first = true;
    while changes.strong_count() > 0 {
        if let Err(fault) = listen(server, changes).await {
            let was_heard = changes.upgrade().is_some_and(|changes| changes.lost());
            if was_heard || is_first {
                tracing::warn!(%fault, "what other nodes change is not heard of: no cache is used until it is");
            }
            is_first = false;
            sleep(RETRY_AFTER).await;
        }
    }
}

/// Listens until the line is cut, or nobody asks any more.
async fn listen(server: &Server, changes: &Weak<Changes>) -> Result<(), DbError> {
    let (client, connection) = server.connect_plainly().await?;
    let hear = pin!(hear(connection, changes));
    let ask = pin!(ask(&client, changes));
    match select(hear, ask).await {
        Either::Left((outcome, _)) | Either::Right((outcome, _)) => outcome,
    }
}

/// Publishes what comes.
async fn hear(mut connection: PlainConnection, changes: &Weak<Changes>) -> Result<(), DbError> {
    poll_fn(|context| {
        loop {
            let message = match connection.poll_message(context) {
                Poll::Ready(message) => message,
                Poll::Pending => return Poll::Pending,
            };
            let Some(changes) = changes.upgrade() else { return Poll::Ready(Ok(())) };
            match message {
                Some(Ok(AsyncMessage::Notification(notification))) => changes.publish(parse(notification.payload())),
                Some(Ok(_)) => {}
                Some(Err(fault)) => return Poll::Ready(Err(DbError::unavailable(&fault))),
                None => return Poll::Ready(Err(DbError::Unavailable("the server hung up".to_owned()))),
            }
        }
    })
    .await
}

/// Opens the line, and tries it again and again.
async fn ask(client: &Client, changes: &Weak<Changes>) -> Result<(), DbError> {
    let mut asked_at = exchange(client, "LISTEN tollgate").await?;
    if let Some(changes) = changes.upgrade() {
        // What happened before the line was open nobody has told.
        changes.publish(Change::Anything);
    }
    while let Some(changes) = changes.upgrade() {
        changes.heard_at(asked_at, COUNTS_FOR);
        drop(changes);
        sleep(ASK_EVERY).await;
        asked_at = exchange(client, "SELECT 1").await?;
    }
    Ok(())
}

/// When it was asked, once it is answered.
async fn exchange(client: &Client, question: &str) -> Result<Instant, DbError> {
    let asked_at = Instant::now();
    match timeout(COUNTS_FOR, client.batch_execute(question)).await {
        Ok(Ok(())) => Ok(asked_at),
        Ok(Err(fault)) => Err(DbError::unavailable(&fault)),
        Err(_) => Err(DbError::Unavailable(format!("no answer in {COUNTS_FOR:?}"))),
    }
}

/// What a notification of `tollgate` says has changed: a user's id, or `posts`.
fn parse(payload: &str) -> Change {
    match payload.parse() {
        Ok(user_id) => Change::User(user_id),
        Err(_) if payload == "posts" => Change::Posts,
        Err(_) => Change::Anything,
    }
}
