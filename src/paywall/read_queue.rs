//! Reads that wait to be counted at the same time are counted by one write: one trip to the database's thread and one
//! way back serve them all, and on PostgreSQL one statement and one commit.
//!
//! There is a queue for each thread that serves requests, so that one answer wakes one thread once. Nobody waits for
//! others to come: a write takes who is there, and who comes while as many as may be are under way goes with the next.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet, VecDeque},
    rc::Rc,
};

use futures_util::future::join_all;
use tokio::{sync::oneshot, task::spawn_local};

use super::{meter::charge, metrics::MeterMetrics};
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

/// Reads that are looked at for one write: of somebody who sends thousands at once, each of them is put off each time.
const MOST_LOOKED_AT: usize = 1024;

/// Writes of one thread at a time: SQLite's writer commits what is there together, PostgreSQL's connections are shared.
const MOST_UNDER_WAY: usize = 2;

type Charged = Result<Option<Meter>, DbError>;

struct Waiting {
    read: MeteredRead,
    answer: oneshot::Sender<Charged>,
}

/// The queue of one thread. Clones are the same queue.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the database has none")]
pub struct ReadQueue(Rc<Queue>);

struct Queue {
    db: Db,
    policy: MeterConfig,
    metrics: MeterMetrics,
    waiting: RefCell<VecDeque<Waiting>>,
    /// Whether a task is about to take those who wait.
    is_called: Cell<bool>,
    /// Writes under way.
    under_way: Cell<usize>,
}

impl ReadQueue {
    /// An empty one.
    #[must_use]
    pub fn new(db: Db, policy: MeterConfig, metrics: MeterMetrics) -> Self {
        let (is_called, under_way) = (Cell::new(false), Cell::new(0));
        Self(Rc::new(Queue { db, policy, metrics, waiting: RefCell::default(), is_called, under_way }))
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

    /// Counts a read, unless the limit is reached.
    pub(super) async fn charge(&self, user_id: i64, post_id: i64, now: Timestamp) -> Charged {
        let (answer, charged) = oneshot::channel();
        let read = MeteredRead { user_id, post_id, at: now };
        self.0.waiting.borrow_mut().push_back(Waiting { read, answer });
        // The task runs after all the requests that are ready now, and takes them along.
        if self.0.under_way.get() < MOST_UNDER_WAY && !self.0.is_called.replace(true) {
            spawn_local(self.0.clone().serve());
        }
        charged.await.unwrap_or_else(|_| Err(DbError::Unavailable("the reads that wait are not served".to_owned())))
    }
}

/// One of the writes under way, until it ends in whatever way.
struct UnderWay<'q>(&'q Cell<usize>);

impl<'q> UnderWay<'q> {
    fn begin(count: &'q Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Queue {
    async fn serve(self: Rc<Self>) {
        loop {
            self.is_called.set(false);
            let batch = self.next_batch();
            if batch.is_empty() {
                return;
            }
            let _under_way = UnderWay::begin(&self.under_way);
            self.count(batch).await;
        }
    }

    /// Those who wait still, each user once: of two reads of one user the second may find the limit reached.
    fn next_batch(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.borrow_mut();
        let (mut batch, mut later, mut users) = (Vec::new(), Vec::new(), HashSet::new());
        let looked_at = waiting.len().min(MOST_LOOKED_AT);
        for one in waiting.drain(..looked_at) {
            match one {
                one if one.answer.is_closed() => {}
                one if batch.len() < BATCH && users.insert(one.read.user_id) => batch.push(one),
                one => later.push(one),
            }
        }
        later.into_iter().rev().for_each(|one| waiting.push_front(one));
        batch
    }

    async fn count(&self, batch: Vec<Waiting>) {
        let (reads, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.read, one.answer)).unzip();
        self.metrics.batches.observe(u32::try_from(reads.len()).unwrap_or(u32::MAX).into());
        let charged = self.charge_all(reads.clone()).await;
        let charged = match charged {
            Ok(mut meters) => reads.iter().map(|read| Ok(meters.remove(&read.user_id))).collect(),
            Err(fault @ DbError::Unavailable(_)) => vec![Err(fault); reads.len()],
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
        Ok(self.db.write_plainly(charge).await?.into_iter().collect())
    }

    async fn charge_one(&self, read: MeteredRead) -> Charged {
        let policy = self.policy;
        let MeteredRead { user_id, post_id, at } = read;
        self.db.write(move |connection| charge(connection, &policy, user_id, post_id, at)).await
    }
}
