//! Background jobs: what a node does at intervals, and not on request.

pub mod cleanup;
pub mod crawler_ranges;
mod hash_costs;
mod job;
pub mod mail;
mod metrics;
mod worker;

pub use self::{
    hash_costs::look_for_costly_hashes,
    job::Job,
    metrics::JobMetrics,
    worker::{Worker, random_jitter},
};
