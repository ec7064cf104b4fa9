//! Reading a post: who may, and what it costs.

use std::time::Duration;

use super::{
    meter::{self, MeterState, charge_once},
    read_queue::ReadQueue,
};
use crate::{
    clock::Timestamp,
    config::ReadsCount,
    db::{DbConnection, DbError},
    models::{meters, posts::Post, reads, refusals},
};

/// A period that begins later than in so long was begun before the clock was set back. One that begins sooner was begun
/// by a node whose clock is a little ahead: to let it begin anew would have it end sooner for that one each time.
const AHEAD: Duration = Duration::from_secs(60);

/// Who wants to read.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Whose meter it is.
    pub user_id: i64,
    /// Whether the meter is left alone.
    pub is_subscribed: bool,
    /// Whether drafts may be seen, which cost nothing.
    pub is_editor: bool,
}

/// What came of wanting to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The post may be shown.
    Read(MeterState),
    /// The meter is used up.
    UsedUp(MeterState),
}

/// Why a post is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such post, or it is not published.
    #[error("no such post")]
    NoSuchPost,
    /// The database cannot serve.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Lets somebody read a post. When this returns, it is on the disk that the read is counted.
///
/// # Errors
/// See [`ReadError`]; nothing is counted then.
pub async fn read(queue: &ReadQueue, reader: Reader, post: &Post, now: Timestamp) -> Result<ReadOutcome, ReadError> {
    let (policy, user_id, post_id) = (queue.policy(), reader.user_id, post.id);
    let state = move |connection: &mut DbConnection| meter::state(connection, &policy, user_id, now);
    if !post.published {
        return match reader.is_editor {
            true => {
                let outcome = ReadOutcome::Read(queue.db().read(state).await?);
                queue.metrics().free.inc();
                Ok(outcome)
            }
            false => Err(ReadError::NoSuchPost),
        };
    }
    if reader.is_subscribed {
        let note = move |connection: &mut DbConnection| {
            reads::insert_free(connection, user_id, post_id, now)?;
            state(connection)
        };
        let _turn = queue.turn(user_id).await;
        let outcome = ReadOutcome::Read(queue.db().write(note).await?);
        queue.metrics().free.inc();
        return Ok(outcome);
    }
    let charged = match policy.count {
        _ if policy.limit == 0 => None,
        ReadsCount::Requests => queue.charge(user_id, post_id, now).await?,
        ReadsCount::Posts => {
            let charge = move |connection: &mut _| charge_once(connection, &policy, user_id, post_id, now);
            let _turn = queue.turn(user_id).await;
            queue.db().write(charge).await?
        }
    };
    let Some(meter) = charged else {
        let refuse = move |connection: &mut DbConnection| {
            refusals::count(connection, user_id, now)?;
            meters::clamp(connection, user_id, now.after(AHEAD), now)?;
            state(connection)
        };
        let _turn = queue.turn(user_id).await;
        let outcome = ReadOutcome::UsedUp(queue.db().write(refuse).await?);
        queue.metrics().refused.inc();
        return Ok(outcome);
    };
    queue.metrics().metered.inc();
    if meter.period_started_at > now.after(AHEAD) {
        clamp(queue, user_id, now).await;
    }
    Ok(ReadOutcome::Read(MeterState::new(&policy, Some(meter), now)))
}

/// Not by the statement that counts, of which each read would pay for what hardly ever is.
async fn clamp(queue: &ReadQueue, user_id: i64, now: Timestamp) {
    let clamp = move |connection: &mut DbConnection| meters::clamp(connection, user_id, now.after(AHEAD), now);
    // The read is counted, and the next one tries again.
    if let Err(error) = queue.db().write::<_, DbError, _>(clamp).await {
        tracing::warn!(%error, "a meter that is ahead of the clock could not be brought back");
    }
}
