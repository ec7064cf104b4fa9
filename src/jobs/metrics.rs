//! Metrics of background jobs.

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use strum::IntoStaticStr;

use crate::base::clock::Timestamp;

/// The metrics of all jobs. Clones share them.
#[derive(Clone, Debug)]
pub struct JobMetrics {
    runs: Family<RunLabels, Counter>,
    seconds: Family<JobLabels, Histogram>,
    last_success: Family<JobLabels, Gauge>,
}

/// The label is not `job`, which Prometheus sets itself.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabels {
    name: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RunLabels {
    name: &'static str,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase", const_into_str)]
pub(super) enum Outcome {
    Success,
    Failure,
    Panic,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Success, Self::Failure, Self::Panic];
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&self.into_str(), encoder)
    }
}

impl Default for JobMetrics {
    fn default() -> Self {
        Self {
            runs: Family::default(),
            // From 1 ms to 4 minutes.
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 4.0, 10))),
            last_success: Family::default(),
        }
    }
}

impl JobMetrics {
    /// Adds a job. Its series start at zero, so that alerts see the first increase and a job that never succeeds.
    pub(super) fn add(&self, name: &'static str) {
        for outcome in Outcome::ALL {
            drop(self.runs.get_or_create(&RunLabels { name, outcome }));
        }
        drop(self.seconds.get_or_create(&JobLabels { name }));
        drop(self.last_success.get_or_create(&JobLabels { name }));
    }

    pub(super) fn count(&self, name: &'static str, outcome: Outcome, took: Duration, now: Timestamp) {
        self.runs.get_or_create(&RunLabels { name, outcome }).inc();
        self.seconds.get_or_create(&JobLabels { name }).observe(took.as_secs_f64());
        if outcome == Outcome::Success {
            self.last_success.get_or_create(&JobLabels { name }).set(now.millis() / 1000);
        }
    }

    /// The number of runs that ended with success, failure and panic.
    #[must_use]
    pub fn runs(&self, name: &'static str) -> [u64; 3] {
        Outcome::ALL.map(|outcome| self.runs.get_or_create(&RunLabels { name, outcome }).get())
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("job_runs", "Runs of background jobs that have ended", self.runs.clone());
        registry.register("job_duration_seconds", "Duration of a run of a background job", self.seconds.clone());
        let help = "When a background job last succeeded, in seconds since 1970-01-01; 0 if it has not since the start";
        registry.register("job_last_success_timestamp_seconds", help, self.last_success.clone());
    }
}

#[cfg(test)]
impl JobMetrics {
    pub(super) fn last_success(&self, name: &'static str) -> i64 {
        self.last_success.get_or_create(&JobLabels { name }).get()
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn every_outcome_starts_at_zero_and_only_success_sets_the_time() {
        let (metrics, mut registry) = (JobMetrics::default(), Registry::default());
        metrics.register(&mut registry);
        metrics.add("cleanup");
        let lines = |registry: &Registry| {
            let mut page = String::new();
            encode(&mut page, registry).expect("it can be encoded");
            let mut lines: Vec<_> = page
                .lines()
                .filter(|line| !line.starts_with('#') && !line.contains("_bucket{"))
                .map(str::to_owned)
                .collect();
            lines.sort();
            lines
        };
        let page = |seconds: [&str; 2], last_success, runs: [u64; 3]| {
            vec![
                format!("job_duration_seconds_count{{name=\"cleanup\"}} {}", seconds[0]),
                format!("job_duration_seconds_sum{{name=\"cleanup\"}} {}", seconds[1]),
                format!("job_last_success_timestamp_seconds{{name=\"cleanup\"}} {last_success}"),
                format!("job_runs_total{{name=\"cleanup\",outcome=\"failure\"}} {}", runs[1]),
                format!("job_runs_total{{name=\"cleanup\",outcome=\"panic\"}} {}", runs[2]),
                format!("job_runs_total{{name=\"cleanup\",outcome=\"success\"}} {}", runs[0]),
            ]
        };
        assert_eq!(lines(&registry), page(["0", "0.0"], 0, [0, 0, 0]));
        let took = Duration::from_secs(2);
        metrics.count("cleanup", Outcome::Success, took, Timestamp::from_millis(7_999));
        metrics.count("cleanup", Outcome::Failure, took, Timestamp::from_millis(9_000));
        assert_eq!(lines(&registry), page(["2", "4.0"], 7, [1, 1, 0]));
    }
}
