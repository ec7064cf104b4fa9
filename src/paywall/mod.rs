//! The meter, which counts exactly how many posts a user, or an anonymous reader, reads in a period.

mod charging;
pub mod content;
pub mod counting;
mod crawlers;
pub mod gifts;
mod merging;
mod meter;
pub mod meter_id;
mod meter_locks;
pub mod meters;
mod metrics;
pub mod pages;
pub mod posts;
mod price;
mod read_queue;
mod reader;
mod reading;
pub mod reads;
mod retention;
pub mod statistics;

pub use self::{
    charging::Charge,
    crawlers::Crawlers,
    merging::sign_in,
    meter::{MeterState, delete_of_user, give_reads, reads, set_used, state},
    metrics::MeterMetrics,
    pages::{InvalidPath, PagePath, read_page},
    price::{Cost, ReadError, cost},
    read_queue::ReadQueue,
    reader::{Reader, random_reader},
    reading::{ReadOutcome, read, read_gift},
    retention::cleanup,
};
