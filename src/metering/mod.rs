//! The meter, which counts exactly how many posts a user reads in a period.

mod meter;
mod metrics;
mod read_queue;
mod reading;
mod retention;
pub mod statistics;
mod user_turns;

pub use self::{
    meter::{MeterState, delete_of_user, reads, set_used, state},
    metrics::MeterMetrics,
    read_queue::ReadQueue,
    reading::{ReadError, ReadOutcome, Reader, read, read_without_session},
    retention::cleanup,
};
