//! tollgate: sign-in and a metered paywall for single-page apps, as one JSON REST server.

pub mod accounts;
pub mod base;
pub mod billing;
pub mod cli;
pub mod config;
pub mod credentials;
pub mod daily_counts;
pub mod db;
pub mod doctor;
pub mod edge;
pub mod http;
pub mod jobs;
pub mod log;
pub mod mail;
pub mod openid;
pub mod paywall;
pub mod server;
pub mod texts;
pub mod users;
