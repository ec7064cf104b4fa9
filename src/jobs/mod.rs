//! Background jobs: what a node does at intervals, and not on request.

pub mod cleanup;
pub mod mail;
mod metrics;
mod worker;

pub use self::{
    metrics::JobMetrics,
    worker::{Job, Worker, random_jitter},
};
