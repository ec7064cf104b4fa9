//! The meter, which counts exactly how many posts a user, or a reader without a session, reads in a period.

mod charging;
mod cost;
pub mod gifts;
mod merging;
mod meter;
mod meter_locks;
mod metrics;
mod price;
mod read_queue;
mod reader;
mod reading;
mod resources;
mod retention;
pub mod statistics;

pub use self::{
    charging::Charge,
    cost::{Cost, cost},
    gifts::GiftKeys,
    merging::sign_in,
    meter::{MeterState, delete_of_user, reads, set_used, state},
    metrics::MeterMetrics,
    price::ReadError,
    read_queue::ReadQueue,
    reader::{Reader, random_reader},
    reading::{ReadOutcome, read, read_gift},
    resources::{InvalidPath, ResourcePath, read_page},
    retention::cleanup,
};
