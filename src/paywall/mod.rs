//! Posts that are free up to a number of reads, which belongs to the user and not to the browser; and paying for more.

pub mod billing;
mod meter;
mod metrics;
mod post_cache;
pub mod posts;
mod read_queue;
mod reading;
pub mod samples;
pub mod statistics;
pub mod stripe;
pub mod subscription;

pub use self::{
    meter::{MeterState, reads, set_used, state},
    metrics::MeterMetrics,
    post_cache::{KnownPost, PostCache},
    read_queue::ReadQueue,
    reading::{ReadError, ReadOutcome, Reader, read},
};
