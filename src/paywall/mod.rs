//! Posts that are free up to a number of reads, which belongs to the user and not to the browser.

mod meter;
pub mod samples;

pub use self::meter::{MeterState, ReadError, read_post, state};
