//! Threads that own a connection each and take queries off one channel: SQLite's readers, all of PostgreSQL.
//!
//! The channel is the pool. r2d2 would add a second queue and a thread hop to fetch a connection from it.

use std::{io, sync::Arc, thread};

use crossbeam_channel::{Receiver, Sender};

use super::{
    changes::Changes, connection::DbConnection, error::DbError, job::Job, metrics::PoolMetrics, origin::Origin,
};

/// Starts `size` threads; they end when the sender is gone. Each connects when it is first needed.
///
/// # Errors
/// The system has no room for a thread.
pub(super) fn start(
    size: usize,
    queue: usize,
    changes: &Arc<Changes>,
    metrics: &PoolMetrics,
    origin: &impl Origin,
) -> io::Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded(queue);
    for number in 0..size {
        let (receiver, origin) = (receiver.clone(), origin.clone());
        let (changes, metrics) = (changes.clone(), metrics.clone());
        let serve = move || serve(&receiver, &changes, &metrics, &origin);
        thread::Builder::new().name(format!("db-{number}")).spawn(serve)?;
    }
    Ok(sender)
}

fn serve(jobs: &Receiver<Box<dyn Job>>, changes: &Changes, metrics: &PoolMetrics, origin: &impl Origin) {
    let mut kept = None;
    for mut job in jobs {
        if job.is_abandoned() {
            continue;
        }
        let outcome = metrics.time(|| usable(&mut kept, origin).and_then(|connection| job.run(connection)));
        if outcome.is_err() {
            kept = None;
        }
        changes.publish_noted();
        job.answer(outcome);
    }
}

/// The connection that is kept, or a new one where there is none or the server has hung up on it.
fn usable<'k>(kept: &'k mut Option<DbConnection>, origin: &impl Origin) -> Result<&'k mut DbConnection, DbError> {
    origin.check()?;
    let sound = kept.take().and_then(|mut connection| (!connection.is_broken()).then_some(connection));
    let connection = match sound {
        Some(connection) => connection,
        None => origin.connect()?,
    };
    Ok(kept.insert(connection))
}
