//! Threads for hashing passwords, separate from those that serve requests.
//!
//! A hash takes a quarter of a second of a core. In the runtime's blocking pool, a flood of logins would take every
//! core from the readers. Here, hashing only uses what is left, and requests that do not fit in the queue are refused
//! immediately.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender};
use prometheus_client::registry::Registry;
use tokio::sync::oneshot;

use super::{
    check::{Verdict, check},
    fair_queue::{FairQueue, Requester},
    hash::{self, MAX_FOREIGN_COST},
    metrics::HashMetrics,
    work::Budget,
};
use crate::accounts::{passwords::Password, profile::username::AccountHash};

/// The `nice` value of the hashing threads.
const NICENESS: i32 = 10;

/// The queue for password hashing is full, or hashing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("passwords cannot be hashed now: the queue is full, or hashing failed")]
pub struct Overloaded;

type Job = Box<dyn FnOnce() + Send>;

#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "closures have nothing to show")]
pub struct Hasher {
    pool: Arc<Pool>,
    cost: u32,
    budget: Arc<Budget>,
    metrics: HashMetrics,
}

/// The queue, and the channel to the threads.
struct Pool {
    queue: Mutex<FairQueue<Job>>,
    /// Tasks that a thread is free for. The threads end when the sender is dropped.
    started: Sender<(AccountHash, Job)>,
}

/// A waiting hash. It is dropped, and removed from the queue, if the client disconnects.
struct QueueSlot<'a> {
    pool: &'a Pool,
    network: String,
    id: u64,
}

impl Hasher {
    /// Starts the threads; they end when the last clone is dropped.
    ///
    /// # Errors
    /// The system cannot create a thread.
    pub fn start(cost: u32, threads: usize, queue: usize) -> io::Result<Self> {
        let (started, tasks) = crossbeam_channel::unbounded();
        let pool = Arc::new(Pool { queue: Mutex::new(FairQueue::new(threads, queue)), started });
        for number in 0..threads {
            let (tasks, pool) = (tasks.clone(), Arc::downgrade(&pool));
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || serve(&tasks, &pool))?;
        }
        Ok(Self { pool, cost, budget: Arc::new(Budget::new(cost)), metrics: HashMetrics::new(queue) })
    }

    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// Updates the metric of the queue length.
    pub fn observe_queue(&self) {
        self.metrics.waiting.set(i64::try_from(self.pool.lock().waiting()).unwrap_or(i64::MAX));
    }

    /// Hashes a password for storage.
    ///
    /// # Errors
    /// See [`Overloaded`].
    pub async fn hash(&self, password: Password, requester: Requester) -> Result<String, Overloaded> {
        let cost = self.cost;
        self.run(requester, move || hash::hash(&password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "failed to hash a password");
            Overloaded
        })
    }

    /// Returns whether this is the stored password. If no hash is stored, the password is wrong, and the check takes as
    /// long.
    ///
    /// # Errors
    /// See [`Overloaded`].
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<String>,
        requester: Requester,
    ) -> Result<Verdict, Overloaded> {
        let (cost, budget) = (self.cost, self.budget.clone());
        self.run(requester, move || check(&password, stored.as_deref(), cost, &budget)).await
    }

    /// Makes failed checks take as long as one of a stored bcrypt hash of this cost, unless that cost is too high to be
    /// verified.
    pub fn raise_minimum_cost(&self, cost: u32) {
        self.budget.raise_to_cost(cost.min(self.cost.max(MAX_FOREIGN_COST)));
    }

    async fn run<T: Send + 'static>(
        &self,
        requester: Requester,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let (reply, answer) = oneshot::channel();
        let (requested, metrics) = (Instant::now(), self.metrics.clone());
        let job = move || {
            // The client may have disconnected after this task was started; hashing for nobody would delay the others.
            if !reply.is_closed() {
                let started = Instant::now();
                metrics.wait.observe((started - requested).as_secs_f64());
                let done = work();
                metrics.duration.observe(started.elapsed().as_secs_f64());
                let _ = reply.send(done);
            }
        };
        let Some(_place) = self.pool.push(requester, Box::new(job)) else {
            self.metrics.refused.inc();
            return Err(Overloaded);
        };
        // The sender is dropped only by a panic, which is logged, or when the server stops.
        answer.await.map_err(|_| Overloaded)
    }
}

impl Pool {
    fn push(&self, requester: Requester, job: Job) -> Option<QueueSlot<'_>> {
        let network = requester.network().to_owned();
        let mut queue = self.lock();
        let id = queue.push(requester, job)?;
        self.start_all(&mut queue);
        Some(QueueSlot { pool: self, network, id })
    }

    fn finish(&self, account: &AccountHash) {
        let mut queue = self.lock();
        queue.finish(account);
        self.start_all(&mut queue);
    }

    fn start_all(&self, queue: &mut FairQueue<Job>) {
        while let Some(task) = queue.start() {
            // Sending fails only if no thread is left, in which case nothing can be served anyway.
            let _ = self.started.send(task);
        }
    }

    /// Recovers from a poisoned lock: nothing panics while holding it, and the queue would still be consistent enough
    /// to use.
    fn lock(&self) -> MutexGuard<'_, FairQueue<Job>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.pool.lock().cancel(&self.network, self.id);
    }
}

fn serve(tasks: &Receiver<(AccountHash, Job)>, pool: &Weak<Pool>) {
    // Linux has a nice value for each thread. On other systems, or without permission, hashing has the normal priority.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    for (account, job) in tasks {
        // A panic must not end the thread, nor leave the account's task counted as running.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
        if let Some(pool) = pool.upgrade() {
            pool.finish(&account);
        }
    }
}
