//! The meter, which counts exactly how many posts a user, or a reader without a session, reads in a period.

mod charging;
mod cost;
pub mod gifts;
mod merging;
mod meter;
mod meter_turns;
mod metrics;
mod read_queue;
mod reader;
mod reading;
mod resources;
mod retention;
pub mod statistics;
mod terms;

pub use self::{
    charging::Charge,
    cost::{Cost, anonymous_cost, cost},
    gifts::GiftKeys,
    merging::sign_in,
    meter::{MeterState, anonymous_state, delete_of_user, reads, set_used, state},
    metrics::MeterMetrics,
    read_queue::ReadQueue,
    reader::{AnonymousReader, Reader, random_reader},
    reading::{AnonymousOutcome, ReadError, ReadOutcome, read, read_anonymously, read_gift},
    resources::{InvalidPath, PageVisitor, ResourcePath, read_page},
    retention::cleanup,
};
