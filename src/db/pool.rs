//! Threads that own a connection each and take queries off one channel: SQLite's readers, all of PostgreSQL.
//!
//! The channel is the pool. r2d2 would add a second queue and a thread hop to fetch a connection from it.

use std::{io, sync::Arc, thread};

use crossbeam_channel::{Receiver, Sender};

use super::{
    connection::DbConnection, connection_factory::ConnectionFactory, error::DbError, invalidation::InvalidationTracker,
    job::Job, metrics::PoolMetrics,
};

/// Starts `size` threads; they end when the sender is gone. Each connects when it is first needed.
///
/// # Errors
/// The system has no room for a thread.
pub(super) fn start(
    size: usize,
    queue: usize,
    tracker: &Arc<InvalidationTracker>,
    metrics: &PoolMetrics,
    factory: &impl ConnectionFactory,
) -> io::Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded(queue);
    for number in 0..size {
        let (receiver, factory) = (receiver.clone(), factory.clone());
        let (tracker, metrics) = (tracker.clone(), metrics.clone());
        let serve = move || serve(&receiver, &tracker, &metrics, &factory);
        thread::Builder::new().name(format!("db-{number}")).spawn(serve)?;
    }
    Ok(sender)
}

fn serve(
    jobs: &Receiver<Box<dyn Job>>,
    tracker: &InvalidationTracker,
    metrics: &PoolMetrics,
    factory: &impl ConnectionFactory,
) {
    let mut current = None;
    for mut job in jobs {
        if job.is_abandoned() {
            continue;
        }
        let outcome =
            metrics.time(|| healthy_connection(&mut current, factory).and_then(|connection| job.run(connection)));
        if outcome.is_err() {
            current = None;
        }
        tracker.publish_pending();
        job.answer(outcome);
    }
}

/// The connection that is kept, or a new one where there is none or the server has hung up on it.
fn healthy_connection<'k>(
    current: &'k mut Option<DbConnection>,
    factory: &impl ConnectionFactory,
) -> Result<&'k mut DbConnection, DbError> {
    factory.check()?;
    let healthy = current.take().and_then(|mut connection| (!connection.is_broken()).then_some(connection));
    let connection = match healthy {
        Some(connection) => connection,
        None => factory.connect()?,
    };
    Ok(current.insert(connection))
}
