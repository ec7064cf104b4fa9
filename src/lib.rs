//! tollgate: sign-in and a metered paywall for single-page apps, as one JSON REST server.

pub mod app;
pub mod auth;
pub mod cached_json;
pub mod cleanup;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod db;
pub mod http;
pub mod log;
pub mod models;
pub mod output;
pub mod paywall;
pub mod session;
