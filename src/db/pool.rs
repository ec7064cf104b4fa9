//! A pool of threads that each own a connection and receive queries from a shared channel. Used for SQLite's readers
//! and for all PostgreSQL connections.
//!
//! r2d2 would add a second queue and a thread hop to get a connection from it.

use std::{io, sync::Arc, thread};

use crossbeam_channel::{Receiver, Sender};

use super::{
    closed::Open, connection::DbConnection, connection_factory::ConnectionFactory, error::DbError,
    invalidation::InvalidationTracker, job::Job, metrics::PoolMetrics, tx::Tx,
};

/// Starts `size` threads, which end when the sender is dropped. Each connects when it is first needed, and drops a
/// clone of `open` after closing the connection.
pub(super) fn start(
    size: usize,
    queue: usize,
    tracker: &Arc<InvalidationTracker>,
    metrics: &PoolMetrics,
    factory: &impl ConnectionFactory,
    open: &Open,
) -> io::Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded(queue);
    for number in 0..size {
        let (receiver, factory) = (receiver.clone(), factory.clone());
        let (tracker, metrics, open) = (tracker.clone(), metrics.clone(), open.clone());
        let serve = move || {
            serve(&receiver, &tracker, &metrics, &factory);
            drop(open);
        };
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
    let (mut current, mut invalidated) = (None, Vec::new());
    for mut job in jobs {
        if job.is_abandoned() {
            continue;
        }
        let outcome = metrics.time(|| {
            let connection = healthy_connection(&mut current, factory)?;
            job.run(&mut Tx::new(connection, &mut invalidated))
        });
        if outcome.is_err() {
            current = None;
        }
        invalidated.drain(..).for_each(|tag| tracker.publish(tag));
        job.answer(outcome);
    }
}

/// Returns the current connection, or a new one if there is none or the server has closed it.
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
