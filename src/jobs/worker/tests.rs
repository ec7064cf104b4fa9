//! Time is paused: it advances only while every task waits for it.

use std::{
    future::{pending, ready},
    sync::{Arc, Mutex},
};

use tokio::{sync::oneshot, time::sleep};

use super::*;
use crate::base::clock::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const START: Timestamp = Timestamp::from_millis(1_795_255_200_000);

/// What happened, with the seconds since the start of the test.
#[derive(Clone)]
struct Journal {
    start: Instant,
    lines: Arc<Mutex<Vec<(u64, &'static str)>>>,
}

impl Journal {
    fn new() -> Self {
        Self { start: Instant::now(), lines: Arc::default() }
    }

    fn write(&self, what: &'static str) {
        self.lines.lock().expect("no panic").push((self.start.elapsed().as_secs(), what));
    }

    fn lines(&self) -> Vec<(u64, &'static str)> {
        self.lines.lock().expect("no panic").clone()
    }

    /// A job that takes `seconds`.
    fn job(&self, interval: Duration, seconds: u64, [begin, end]: [&'static str; 2]) -> Job {
        let journal = self.clone();
        Job::new(begin, interval, move || {
            let journal = journal.clone();
            async move {
                journal.write(begin);
                sleep(Duration::from_secs(seconds)).await;
                journal.write(end);
                Ok(())
            }
        })
    }
}

fn worker(jobs: Vec<Job>) -> (Worker, JobMetrics) {
    let metrics = JobMetrics::default();
    (Worker::new(jobs, |_| Duration::ZERO, Clock::manual(START), metrics.clone()), metrics)
}

#[tokio::test(start_paused = true)]
async fn a_job_runs_at_once_and_then_at_its_interval() {
    let journal = Journal::new();
    let (worker, metrics) = worker(vec![journal.job(MINUTE, 1, ["begin", "end"])]);
    worker.run(sleep(3 * MINUTE)).await;
    let expected = [(0, "begin"), (1, "end"), (61, "begin"), (62, "end"), (122, "begin"), (123, "end")];
    assert_eq!(journal.lines(), expected);
    assert_eq!((metrics.runs("begin"), metrics.last_success("begin")), ([3, 0, 0], START.millis() / 1000));
}

#[tokio::test(start_paused = true)]
async fn each_run_is_put_off_by_the_jitter_of_its_interval() {
    let journal = Journal::new();
    let jobs = vec![journal.job(MINUTE, 0, ["often", "."]), journal.job(10 * MINUTE, 0, ["rarely", "."])];
    let worker = Worker::new(jobs, |interval| interval / 20, Clock::manual(START), JobMetrics::default());
    worker.run(sleep(11 * MINUTE)).await;
    let of = |name| journal.lines().into_iter().filter_map(move |(at, what)| (what == name).then_some(at));
    assert_eq!(of("often").collect::<Vec<_>>(), [0, 63, 126, 189, 252, 315, 378, 441, 504, 567, 630]);
    assert_eq!(of("rarely").collect::<Vec<_>>(), [0, 630]);
}

#[test]
fn the_random_jitter_is_up_to_a_tenth_of_the_interval() {
    let drawn: Vec<_> = (0..1000).map(|_| random_jitter(10 * MINUTE)).collect();
    assert!(drawn.iter().all(|jitter| *jitter <= MINUTE), "{drawn:?}");
    assert!(drawn.iter().any(|jitter| *jitter < MINUTE / 4) && drawn.iter().any(|jitter| *jitter > 3 * MINUTE / 4));
}

#[tokio::test(start_paused = true)]
async fn two_jobs_never_run_at_once_and_none_starves() {
    let journal = Journal::new();
    // Either takes longer than the other's interval.
    let jobs = vec![journal.job(MINUTE, 90, ["a begins", "a ends"]), journal.job(MINUTE, 90, ["b begins", "b ends"])];
    let (worker, _) = worker(jobs);
    worker.run(sleep(5 * MINUTE)).await;
    let expected = [
        (0, "a begins"),
        (90, "a ends"),
        (90, "b begins"),
        (180, "b ends"),
        (180, "a begins"),
        (270, "a ends"),
        (270, "b begins"),
    ];
    assert_eq!(journal.lines().get(..expected.len()), Some(&expected[..]));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_is_retried_at_its_next_time() {
    let fail = || ready(Err(DbError::Query("it fails".to_owned())));
    let (worker, metrics) = worker(vec![Job::new("fails", MINUTE, fail)]);
    worker.run(sleep(3 * MINUTE - Duration::from_secs(1))).await;
    assert_eq!((metrics.runs("fails"), metrics.last_success("fails")), ([0, 3, 0], 0));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_panics_ends_neither_the_worker_nor_other_jobs() {
    let panics = || async { panic!("it panics") };
    let (worker, metrics) =
        worker(vec![Job::new("panics", MINUTE, panics), Job::new("works", MINUTE, || ready(Ok(())))]);
    worker.run(sleep(3 * MINUTE - Duration::from_secs(1))).await;
    assert_eq!((metrics.runs("panics"), metrics.runs("works")), ([0, 0, 3], [3, 0, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_waits_for_the_current_job_and_starts_no_other() {
    let journal = Journal::new();
    let jobs = vec![journal.job(MINUTE, 15, ["a begins", "a ends"]), journal.job(MINUTE, 1, ["b begins", "b ends"])];
    let (worker, _) = worker(jobs);
    worker.run(sleep(Duration::from_secs(6))).await;
    assert_eq!((journal.lines(), journal.start.elapsed().as_secs()), (vec![(0, "a begins"), (15, "a ends")], 15));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_aborts_a_job_that_takes_too_long() {
    let journal = Journal::new();
    let (worker, _) = worker(vec![journal.job(MINUTE, 17, ["begin", "end"])]);
    worker.run(sleep(Duration::from_secs(6))).await;
    assert_eq!(journal.start.elapsed().as_secs(), 16);
    sleep(MINUTE).await;
    assert_eq!(journal.lines(), [(0, "begin")]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_told_to_stop_before_it_starts_runs_nothing() {
    let (stop, stopped) = oneshot::channel::<()>();
    drop(stop);
    let (worker, metrics) = worker(vec![Job::new("hangs", MINUTE, pending)]);
    worker.run(stopped).await;
    assert_eq!(metrics.runs("hangs"), [0, 0, 0]);
}
