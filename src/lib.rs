//! tollgate: sign-in and a metered paywall for single-page apps, as one JSON REST server.

pub mod accounts;
pub mod billing;
pub mod cached_json;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod db;
pub mod device;
pub mod email;
pub mod http;
pub mod jobs;
pub mod link_tokens;
pub mod log;
pub mod mail;
pub mod metering;
pub mod models;
pub mod output;
pub mod posts;
pub mod server;
pub mod sessions;
pub mod tokens;
