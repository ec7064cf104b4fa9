//! Posts that are free up to a number of reads, which belongs to the user and not to the browser; and paying for more.

mod meter;
pub mod paying;
pub mod posts;
pub mod samples;
pub mod statistics;
pub mod stripe;
pub mod subscription;

pub use self::meter::{MeterState, ReadError, ReadOutcome, Reader, read_post, reads, state};
