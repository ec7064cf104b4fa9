//! Batches reads: reads that wait to be counted at the same time are counted by one write. A single round trip to the
//! database thread serves them all; on PostgreSQL, so do a single statement and a single commit.
//!
//! Each thread that serves requests has its own queue, so that one response wakes one thread once. A read never waits
//! for others to arrive: a write takes the reads that are waiting, and reads that arrive while the maximum number of
//! writes is in flight go with the next one.
//!
//! Meters take turns: however many reads one user sends at once, the reads of others do not wait behind them. Reads that
//! are counted once per post have a queue of their own, because other statements count them.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    iter,
    rc::Rc,
};

use futures_util::future::join_all;
use tokio::{sync::oneshot, task::spawn_local};

use super::{
    counting::MeteredRead,
    meter::{charge, charge_all},
    meter_id::MeterId,
    meter_locks::{MeterLock, MeterLocks},
    meters::Meter,
    metrics::MeterMetrics,
};
use crate::{
    config::{MeterConfig, ReadsCount},
    db::{Db, DbError, Tx},
};

/// The maximum number of reads in one write, which limits how long the first of them waits for the others.
const BATCH: usize = 256;

/// The maximum number of writes in flight per thread: SQLite's writer commits waiting writes together, and PostgreSQL's
/// connections are shared.
const MAX_IN_FLIGHT: usize = 2;

type Charged = Result<Option<Meter>, DbError>;

struct Waiting {
    read: MeteredRead,
    answer: oneshot::Sender<Charged>,
}

/// The waiting reads by meter.
#[derive(Default)]
struct Turns {
    reads: HashMap<MeterId, VecDeque<Waiting>>,
    /// Meters with waiting reads, ordered by turn.
    meters: VecDeque<MeterId>,
}

impl Turns {
    fn push(&mut self, waiting: Waiting) {
        let meter = waiting.read.meter;
        let reads = self.reads.entry(meter).or_default();
        if reads.is_empty() {
            self.meters.push_back(meter);
        }
        reads.push_back(waiting);
    }

    /// Takes the first read of each meter whose turn it is. It never takes two reads of a meter, as the second may find
    /// the limit reached.
    fn next_batch(&mut self) -> Vec<Waiting> {
        let mut batch = Vec::new();
        for _ in 0..self.meters.len() {
            if batch.len() == BATCH {
                break;
            }
            let Some(meter) = self.meters.pop_front() else { break };
            let Some(reads) = self.reads.get_mut(&meter) else { continue };
            // Reads of clients that have disconnected are skipped.
            let next = iter::from_fn(|| reads.pop_front()).find(|waiting| !waiting.answer.is_closed());
            batch.extend(next);
            if reads.is_empty() {
                self.reads.remove(&meter);
            } else {
                self.meters.push_back(meter);
            }
        }
        batch
    }
}

/// The queues of one thread. Clones share them.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database handle does not implement it")]
pub struct ReadQueue(Rc<Queues>);

struct Queues {
    db: Db,
    policy: MeterConfig,
    metrics: MeterMetrics,
    per_request: Rc<Queue>,
    per_content: Rc<Queue>,
    single_writes: MeterLocks,
}

struct Queue {
    db: Db,
    policy: MeterConfig,
    count: ReadsCount,
    metrics: MeterMetrics,
    waiting: RefCell<Turns>,
    /// Whether a task is scheduled to take the waiting reads.
    is_scheduled: Cell<bool>,
    /// The number of writes in flight.
    in_flight: Cell<usize>,
}

impl ReadQueue {
    #[must_use]
    pub fn new(db: &Db, policy: MeterConfig, metrics: &MeterMetrics) -> Self {
        let queue = |count| Rc::new(Queue::new(db.clone(), policy, count, metrics.clone()));
        Self(Rc::new(Queues {
            db: db.clone(),
            policy,
            metrics: metrics.clone(),
            per_request: queue(ReadsCount::Requests),
            per_content: queue(ReadsCount::Posts),
            single_writes: MeterLocks::default(),
        }))
    }

    #[must_use]
    pub fn policy(&self) -> MeterConfig {
        self.0.policy
    }

    pub(super) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(super) fn metrics(&self) -> &MeterMetrics {
        &self.0.metrics
    }

    /// Locks a meter for a write that is not part of a batch.
    pub(super) async fn lock(&self, meter: MeterId) -> MeterLock<'_> {
        self.0.single_writes.lock(meter).await
    }

    /// Counts a read, unless the limit has been reached. For new readers, `count` is [`ReadsCount::Requests`]: they
    /// have read nothing before.
    pub(super) async fn charge(&self, read: MeteredRead, count: ReadsCount) -> Charged {
        let (answer, charged) = oneshot::channel();
        let queue = match count {
            ReadsCount::Requests => &self.0.per_request,
            ReadsCount::Posts => &self.0.per_content,
        };
        queue.waiting.borrow_mut().push(Waiting { read, answer });
        // The task runs after all requests that are ready now, and takes their reads as well.
        if queue.in_flight.get() < MAX_IN_FLIGHT && !queue.is_scheduled.replace(true) {
            spawn_local(queue.clone().serve());
        }
        charged.await.unwrap_or_else(|_| Err(DbError::Unavailable("the read queue has stopped".to_owned())))
    }
}

/// A guard for a write in flight, which decrements the count however the write ends.
struct InFlight<'q>(&'q Cell<usize>);

impl<'q> InFlight<'q> {
    fn start(count: &'q Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Queue {
    fn new(db: Db, policy: MeterConfig, count: ReadsCount, metrics: MeterMetrics) -> Self {
        let (waiting, is_scheduled, in_flight) = (RefCell::default(), Cell::new(false), Cell::new(0));
        Self { db, policy, count, metrics, waiting, is_scheduled, in_flight }
    }

    async fn serve(self: Rc<Self>) {
        self.is_scheduled.set(false);
        loop {
            let batch = self.waiting.borrow_mut().next_batch();
            if batch.is_empty() {
                return;
            }
            let _in_flight = InFlight::start(&self.in_flight);
            self.count(batch).await;
        }
    }

    async fn count(&self, mut batch: Vec<Waiting>) {
        // In the order of the rows in the tables, so that neighbouring rows are changed one after another.
        batch.sort_unstable_by_key(|waiting| waiting.read.meter);
        let (reads, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.read, waiting.answer)).unzip();
        self.metrics.batches.observe(u32::try_from(reads.len()).unwrap_or(u32::MAX).into());
        let charged = self.charge_all(reads.clone()).await;
        let charged = match charged {
            Ok(meters) => meters.into_iter().map(Ok).collect(),
            Err(error @ DbError::Unavailable(_)) => vec![Err(error); reads.len()],
            // If the user of one read no longer exists, the other reads must not fail because of it.
            Err(_) => join_all(reads.into_iter().map(|read| self.charge_one(read))).await,
        };
        for (answer, charged) in answers.into_iter().zip(charged) {
            // The client may have disconnected in the meantime.
            let _ = answer.send(charged);
        }
    }

    async fn charge_all(&self, reads: Vec<MeteredRead>) -> Result<Vec<Option<Meter>>, DbError> {
        let (policy, count) = (self.policy, self.count);
        let charge = move |tx: &mut Tx<'_>| charge_all(tx, &policy, count, &reads);
        match count {
            ReadsCount::Requests => self.db.write_single_statement(charge).await,
            ReadsCount::Posts => self.db.write(charge).await,
        }
    }

    async fn charge_one(&self, read: MeteredRead) -> Charged {
        let (policy, count) = (self.policy, self.count);
        self.db.write(move |tx| charge(tx, &policy, count, read)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::clock::Timestamp, paywall::content::ContentId};

    /// Adds a read of each of these users to the queue. The returned receivers keep the reads alive.
    fn push(turns: &mut Turns, users: &[i64]) -> Vec<oneshot::Receiver<Charged>> {
        let push = |user_id: &i64| {
            let (answer, charged) = oneshot::channel();
            let at = Timestamp::from_millis(0);
            turns.push(Waiting { read: MeteredRead::by_user(*user_id, ContentId::post(1), at), answer });
            charged
        };
        users.iter().map(push).collect()
    }

    fn next(turns: &mut Turns) -> Vec<i64> {
        turns.next_batch().into_iter().map(|waiting| waiting.read.meter.number()).collect()
    }

    #[test]
    fn users_take_turns_regardless_of_their_number_of_reads() {
        let mut turns = Turns::default();
        let mut open = push(&mut turns, &[1; 5000]);
        open.extend(push(&mut turns, &[2, 3, 2]));
        assert_eq!(next(&mut turns), [1, 2, 3]);
        open.extend(push(&mut turns, &[3]));
        assert_eq!(next(&mut turns), [1, 2, 3]);
        assert_eq!(next(&mut turns), [1]);
    }

    #[test]
    fn a_batch_is_bounded_and_the_next_starts_with_the_remaining_users() {
        let mut turns = Turns::default();
        let users: Vec<i64> = (0..300).collect();
        let _open = [push(&mut turns, &users), push(&mut turns, &users)];
        assert_eq!(next(&mut turns), (0..256).collect::<Vec<_>>());
        assert_eq!(next(&mut turns), (256..300).chain(0..212).collect::<Vec<_>>());
    }

    #[test]
    fn reads_of_disconnected_clients_are_skipped() {
        let mut turns = Turns::default();
        drop(push(&mut turns, &[1, 1, 2]));
        let _open = push(&mut turns, &[1, 3]);
        assert_eq!(next(&mut turns), [1, 3]);
        assert_eq!(next(&mut turns), [0; 0]);
        assert!(turns.reads.is_empty() && turns.meters.is_empty());
    }
}
