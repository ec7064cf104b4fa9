//! Threads for hashing passwords, apart from those that serve requests.
//!
//! A hash takes a quarter of a second of a core. In the runtime's blocking pool a flood of logins would take every
//! core from the readers; here it takes what is left, and what does not fit in the queue is turned away at once.

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
    Password,
    check::{Verdict, check},
    fair_queue::{FairQueue, Requester},
    hash::{self, MAX_FOREIGN_COST},
    metrics::HashMetrics,
    work::Budget,
};
use crate::models::failed_passwords::AccountHash;

/// How much other threads are preferred, on the scale of `nice`.
const NICENESS: i32 = 10;

/// No room to hash one more password now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room to hash one more password")]
pub struct Overloaded;

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and verifies passwords. Clones share the threads.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "closures have nothing to show")]
pub struct Hasher {
    pool: Arc<Pool>,
    cost: u32,
    budget: Arc<Budget>,
    metrics: HashMetrics,
}

/// What waits and what runs.
struct Pool {
    queue: Mutex<FairQueue<Job>>,
    /// What a thread is free for. The threads end when the sender is dropped.
    started: Sender<(AccountHash, Job)>,
}

/// Waits for a hash. Whoever hangs up drops it, and no longer counts.
struct Place<'a> {
    pool: &'a Pool,
    network: String,
    id: u64,
}

impl Hasher {
    /// Starts the threads; they end when the last clone is gone.
    ///
    /// # Errors
    /// The system has no room for a thread.
    pub fn start(cost: u32, threads: usize, queue: usize) -> io::Result<Self> {
        let (started, tasks) = crossbeam_channel::unbounded();
        let pool = Arc::new(Pool { queue: Mutex::new(FairQueue::new(threads, queue)), started });
        for number in 0..threads {
            let (tasks, pool) = (tasks.clone(), Arc::downgrade(&pool));
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || serve(&tasks, &pool))?;
        }
        Ok(Self { pool, cost, budget: Arc::new(Budget::new(cost)), metrics: HashMetrics::new(queue) })
    }

    /// Has the metrics of hashing told with others.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// Looks at the queue, for the metrics.
    pub fn observe_queue(&self) {
        self.metrics.waiting.set(i64::try_from(self.pool.lock().waiting()).unwrap_or(i64::MAX));
    }

    /// What to store of a password.
    ///
    /// # Errors
    /// The queue is full.
    pub async fn hash(&self, password: Password, requester: Requester) -> Result<String, Overloaded> {
        let cost = self.cost;
        self.run(requester, move || hash::hash(&password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Overloaded
        })
    }

    /// Whether this is the password that was stored. Where nothing is, it is not, after as long a time.
    ///
    /// # Errors
    /// The queue is full.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<String>,
        requester: Requester,
    ) -> Result<Verdict, Overloaded> {
        let (cost, budget) = (self.cost, self.budget.clone());
        self.run(requester, move || check(&password, stored.as_deref(), cost, &budget)).await
    }

    /// Has failed checks take as long as one of a stored bcrypt hash of this cost, if such a one is verified at all.
    pub fn expect_cost(&self, cost: u32) {
        self.budget.raise_to_cost(cost.min(self.cost.max(MAX_FOREIGN_COST)));
    }

    async fn run<T: Send + 'static>(
        &self,
        requester: Requester,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let (reply, answer) = oneshot::channel();
        let (asked, metrics) = (Instant::now(), self.metrics.clone());
        let job = move || {
            // The client may have hung up after this was started; a hash for nobody would delay the others.
            if !reply.is_closed() {
                let begun = Instant::now();
                metrics.wait.observe((begun - asked).as_secs_f64());
                let done = work();
                metrics.duration.observe(begun.elapsed().as_secs_f64());
                let _ = reply.send(done);
            }
        };
        let done = match self.pool.push(requester, Box::new(job)) {
            Some(_place) => answer.await.ok(),
            None => None,
        };
        done.ok_or_else(|| {
            self.metrics.refused.inc();
            Overloaded
        })
    }
}

impl Pool {
    fn push(&self, requester: Requester, job: Job) -> Option<Place<'_>> {
        let network = requester.network().to_owned();
        let mut queue = self.lock();
        let id = queue.push(requester, job)?;
        self.start_all(&mut queue);
        Some(Place { pool: self, network, id })
    }

    fn finish(&self, account: &AccountHash) {
        let mut queue = self.lock();
        queue.finish(account);
        self.start_all(&mut queue);
    }

    fn start_all(&self, queue: &mut FairQueue<Job>) {
        while let Some(task) = queue.start() {
            // It fails if there is no thread left, and then nobody is served anyway.
            let _ = self.started.send(task);
        }
    }

    /// Nothing panics while it holds the lock; if something did, the queue would still be consistent enough to go on.
    fn lock(&self) -> MutexGuard<'_, FairQueue<Job>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pool.lock().cancel(&self.network, self.id);
    }
}

fn serve(tasks: &Receiver<(AccountHash, Job)>, pool: &Weak<Pool>) {
    // Linux keeps a niceness for each thread. Elsewhere, or where it is forbidden, hashing is as important as serving.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    for (account, job) in tasks {
        // A panic must not take along the thread, nor the account's share of them.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
        if let Some(pool) = pool.upgrade() {
            pool.finish(&account);
        }
    }
}
