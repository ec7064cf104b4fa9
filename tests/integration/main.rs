//! All tests that run the application. One program, so that there is one to link and one PostgreSQL to start.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod architecture;
mod cached_tables;
mod command_line;
mod database;
mod faults;
mod http;
mod instructions;
mod migrate_to;
mod process;

#[path = "../support/mod.rs"]
mod support;
