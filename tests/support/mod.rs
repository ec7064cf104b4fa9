//! Shared by all tests, which start the application as `main` does, on a free port.

#![allow(dead_code, reason = "each test program uses a part of this")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

pub(crate) mod api_tokens;
pub(crate) mod authenticator;
pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod database;
pub(crate) mod disk;
pub(crate) mod fixtures;
pub(crate) mod gifts;
pub(crate) mod hashes;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod newer_version;
#[cfg(feature = "passkeys")]
pub(crate) mod passkeys;
pub(crate) mod port;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod provider;
pub(crate) mod query_plans;
pub(crate) mod refusals;
pub(crate) mod server;
pub(crate) mod smtp;
pub(crate) mod smtp_tls;
