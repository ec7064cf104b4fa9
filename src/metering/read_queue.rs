//! Reads that wait to be counted at the same time are counted by one write: one trip to the database's thread and one
//! way back serve them all, and on PostgreSQL one statement and one commit.
//!
//! There is a queue for each thread that serves requests, so that one answer wakes one thread once. Nobody waits for
//! others to come: a write takes who is there, and who comes while as many as may be are under way goes with the next.
//!
//! Users take turns: however many reads one user sends at once, those of the others do not wait behind them.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    iter,
    rc::Rc,
};

use futures_util::future::join_all;
use tokio::{sync::oneshot, task::spawn_local};

use super::{
    meter::charge,
    metrics::MeterMetrics,
    user_turns::{Turn, UserTurns},
};
use crate::{
    clock::Timestamp,
    config::MeterConfig,
    db::{Db, DbError},
    models::{
        metered_reads::{self, MeteredRead},
        meters::Meter,
    },
};

/// Reads in one write: it bounds how long the first of them waits for the others.
const BATCH: usize = 256;

/// Writes of one thread at a time: SQLite's writer commits what is there together, PostgreSQL's connections are shared.
const MAX_UNDER_WAY: usize = 2;

type Charged = Result<Option<Meter>, DbError>;

struct Waiting {
    read: MeteredRead,
    answer: oneshot::Sender<Charged>,
}

/// The reads that wait, by user.
#[derive(Default)]
struct Turns {
    reads: HashMap<i64, VecDeque<Waiting>>,
    /// Users with reads that wait, in the order of their turns.
    users: VecDeque<i64>,
}

impl Turns {
    fn push(&mut self, waiting: Waiting) {
        let user_id = waiting.read.user_id;
        let reads = self.reads.entry(user_id).or_default();
        if reads.is_empty() {
            self.users.push_back(user_id);
        }
        reads.push_back(waiting);
    }

    /// The first read of each user whose turn it is: of two reads of one user the second may find the limit reached.
    fn next_batch(&mut self) -> Vec<Waiting> {
        let mut batch = Vec::new();
        for _ in 0..self.users.len() {
            if batch.len() == BATCH {
                break;
            }
            let Some(user_id) = self.users.pop_front() else { break };
            let Some(reads) = self.reads.get_mut(&user_id) else { continue };
            // Clients that have hung up are left out.
            let next = iter::from_fn(|| reads.pop_front()).find(|waiting| !waiting.answer.is_closed());
            batch.extend(next);
            if reads.is_empty() {
                self.reads.remove(&user_id);
            } else {
                self.users.push_back(user_id);
            }
        }
        batch
    }
}

/// The queue of one thread. Clones are the same queue.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct ReadQueue(Rc<Queue>);

struct Queue {
    db: Db,
    policy: MeterConfig,
    metrics: MeterMetrics,
    waiting: RefCell<Turns>,
    single_writes: UserTurns,
    /// Whether a task is about to take those who wait.
    is_scheduled: Cell<bool>,
    /// Writes under way.
    in_flight: Cell<usize>,
}

impl ReadQueue {
    /// An empty one.
    #[must_use]
    pub fn new(db: Db, policy: MeterConfig, metrics: MeterMetrics) -> Self {
        let (is_scheduled, in_flight) = (Cell::new(false), Cell::new(0));
        let (waiting, single_writes) = (RefCell::default(), UserTurns::default());
        Self(Rc::new(Queue { db, policy, metrics, waiting, single_writes, is_scheduled, in_flight }))
    }

    /// The rules that it counts by.
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

    /// Waits for a user's turn to write what is not written in batches.
    pub(super) async fn turn(&self, user_id: i64) -> Turn<'_> {
        self.0.single_writes.wait(user_id).await
    }

    /// Counts a read, unless the limit is reached.
    pub(super) async fn charge(&self, user_id: i64, post_id: i64, now: Timestamp) -> Charged {
        let (answer, charged) = oneshot::channel();
        let read = MeteredRead { user_id, post_id, at: now };
        self.0.waiting.borrow_mut().push(Waiting { read, answer });
        // The task runs after all the requests that are ready now, and takes them along.
        if self.0.in_flight.get() < MAX_UNDER_WAY && !self.0.is_scheduled.replace(true) {
            spawn_local(self.0.clone().serve());
        }
        charged.await.unwrap_or_else(|_| Err(DbError::Unavailable("the reads that wait are not served".to_owned())))
    }
}

/// One of the writes under way, until it ends in whatever way.
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
    async fn serve(self: Rc<Self>) {
        loop {
            self.is_scheduled.set(false);
            let batch = self.waiting.borrow_mut().next_batch();
            if batch.is_empty() {
                return;
            }
            let _in_flight = InFlight::start(&self.in_flight);
            self.count(batch).await;
        }
    }

    async fn count(&self, batch: Vec<Waiting>) {
        let (reads, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.read, one.answer)).unzip();
        self.metrics.batches.observe(u32::try_from(reads.len()).unwrap_or(u32::MAX).into());
        let charged = self.charge_all(reads.clone()).await;
        let charged = match charged {
            Ok(mut meters) => reads.iter().map(|read| Ok(meters.remove(&read.user_id))).collect(),
            Err(error @ DbError::Unavailable(_)) => vec![Err(error); reads.len()],
            // That the user of one of them is gone must not be the others' fault.
            Err(_) => join_all(reads.into_iter().map(|read| self.charge_one(read))).await,
        };
        for (answer, charged) in answers.into_iter().zip(charged) {
            // Who asked may have hung up in the meantime.
            let _ = answer.send(charged);
        }
    }

    async fn charge_all(&self, reads: Vec<MeteredRead>) -> Result<HashMap<i64, Meter>, DbError> {
        let MeterConfig { limit, period, .. } = self.policy;
        let charge = move |connection: &mut _| metered_reads::charge(connection, &reads, limit, period);
        Ok(self.db.write_single_statement(charge).await?.into_iter().collect())
    }

    async fn charge_one(&self, read: MeteredRead) -> Charged {
        let policy = self.policy;
        let MeteredRead { user_id, post_id, at } = read;
        self.db.write(move |connection| charge(connection, &policy, user_id, post_id, at)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a read of each of these users into the queue, and keeps their answers open.
    fn push(turns: &mut Turns, users: &[i64]) -> Vec<oneshot::Receiver<Charged>> {
        let push = |user_id: &i64| {
            let (answer, charged) = oneshot::channel();
            let at = Timestamp::from_millis(0);
            turns.push(Waiting { read: MeteredRead { user_id: *user_id, post_id: 1, at }, answer });
            charged
        };
        users.iter().map(push).collect()
    }

    fn next(turns: &mut Turns) -> Vec<i64> {
        turns.next_batch().into_iter().map(|waiting| waiting.read.user_id).collect()
    }

    #[test]
    fn users_take_turns_however_many_reads_one_of_them_sends() {
        let mut turns = Turns::default();
        let mut open = push(&mut turns, &[1; 5000]);
        open.extend(push(&mut turns, &[2, 3, 2]));
        assert_eq!(next(&mut turns), [1, 2, 3]);
        open.extend(push(&mut turns, &[3]));
        assert_eq!(next(&mut turns), [1, 2, 3]);
        assert_eq!(next(&mut turns), [1]);
    }

    #[test]
    fn a_batch_is_bounded_and_the_next_begins_with_those_left_out() {
        let mut turns = Turns::default();
        let users: Vec<i64> = (0..300).collect();
        let _open = [push(&mut turns, &users), push(&mut turns, &users)];
        assert_eq!(next(&mut turns), (0..256).collect::<Vec<_>>());
        assert_eq!(next(&mut turns), (256..300).chain(0..212).collect::<Vec<_>>());
    }

    #[test]
    fn reads_of_clients_that_have_hung_up_are_left_out() {
        let mut turns = Turns::default();
        drop(push(&mut turns, &[1, 1, 2]));
        let _open = push(&mut turns, &[1, 3]);
        assert_eq!(next(&mut turns), [1, 3]);
        assert_eq!(next(&mut turns), [0; 0]);
        assert!(turns.reads.is_empty() && turns.users.is_empty());
    }
}
