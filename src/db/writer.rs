//! SQLite's one writer, with group commit: the writes that wait are run together in one transaction, each in a
//! savepoint of its own, and are answered once it is on the disk.
//!
//! One synced commit then serves many requests, which holds about ten times as many durable writes as one commit
//! each. A single writer also never meets SQLITE_BUSY within the process.

use std::{io, thread};

use crossbeam_channel::{Receiver, Sender};

use super::{
    connection::DbConnection,
    error::DbError,
    job::Job,
    pool::{QUEUE, usable},
};

/// The most writes in one commit: it bounds how long the first of them waits for the others.
const BATCH: usize = 256;

/// Starts the thread; it ends when the sender is gone.
///
/// # Errors
/// The system has no room for a thread.
pub(super) fn start(
    connect: impl Fn() -> Result<DbConnection, DbError> + Send + 'static,
) -> io::Result<Sender<Box<dyn Job>>> {
    let (sender, receiver) = crossbeam_channel::bounded(QUEUE);
    thread::Builder::new().name("db-writer".to_owned()).spawn(move || serve(&receiver, &connect))?;
    Ok(sender)
}

fn serve(jobs: &Receiver<Box<dyn Job>>, connect: impl Fn() -> Result<DbConnection, DbError>) {
    let mut kept = None;
    while let Ok(first) = jobs.recv() {
        let mut batch: Vec<_> = std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)).collect();
        batch.retain(|job| !job.is_abandoned());
        if batch.is_empty() {
            continue;
        }

        let outcome = usable(&mut kept, &connect).and_then(|connection| run(connection, &mut batch));
        if outcome.is_err() {
            kept = None;
        }
        for job in batch {
            job.answer(outcome.clone());
        }
    }
}

/// Runs the batch and commits it. Where one savepoint cannot be undone the whole batch is, by closing the connection:
/// SQLite rolls back a transaction by itself when the disk is full, and what ran before that is gone then.
fn run(connection: &mut DbConnection, batch: &mut [Box<dyn Job>]) -> Result<(), DbError> {
    connection.begin()?;
    batch.iter_mut().try_for_each(|job| job.run(connection))?;
    connection.commit()
}
