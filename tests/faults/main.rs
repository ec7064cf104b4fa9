//! Faults of what the server stands on: the disk, the database, the clock. What it cannot do it says, what it has answered
//! it keeps, and it goes on by itself when the fault is over.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod clock;
mod full_disk;
mod lost_file;
mod read_only;
mod refusals;
mod restart;
mod rolling_upgrade;
mod stalled_log;

#[path = "../support/mod.rs"]
mod support;
