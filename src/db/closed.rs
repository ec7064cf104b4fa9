//! Waiting until the connections are closed.

use std::{convert::Infallible, time::Duration};

use crossbeam_channel::{Receiver, Sender};

/// A thread that runs a long query closes its connection later. The process does not wait for that.
const LIMIT: Duration = Duration::from_secs(5);

/// Held by each thread until it has closed its connection.
#[derive(Clone)]
pub(super) struct Open(#[expect(dead_code, reason = "dropping it is the signal")] Sender<Infallible>);

/// Tells when the connections of a [`super::Db`] are closed, after its last clone was dropped.
///
/// A process that ends earlier loses nothing, but with SQLite it leaves the latest writes in the `-wal` file: the last
/// connection moves them to the database when it closes. An operator who then copies the database alone would miss
/// them. <https://sqlite.org/wal.html#the_wal_file>
#[derive(Clone, Debug)]
pub struct Closed(Receiver<Infallible>);

impl Closed {
    pub(super) fn channel() -> (Open, Self) {
        let (sender, receiver) = crossbeam_channel::bounded(0);
        (Open(sender), Self(receiver))
    }

    /// Waits until all connections are closed, but not for long. Blocks.
    pub fn wait(&self) {
        // Nothing is ever sent: it ends when all senders are dropped.
        let _ = self.0.recv_timeout(LIMIT);
    }
}
