//! Minutes of load, with crashes, restarts and upgrades in between. CI runs it; `cargo test` alone does not.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod kill;
mod login_flood;
mod restart;
mod rolling_upgrade;
mod stalled_log;

#[path = "../support/mod.rs"]
mod support;
