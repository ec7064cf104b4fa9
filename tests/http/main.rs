//! The HTTP suite: behaviour as a client sees it, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod account;
mod audit;
mod billing;
mod blog;
mod bodies;
mod connections;
mod cors;
mod demotion;
mod devices;
mod documents;
mod export;
mod gate;
mod hashes;
mod limits;
mod login;
mod meter;
mod metrics;
mod nodes;
mod origin;
mod outage;
mod pages;
mod pipelining;
mod protection;
mod publish;
mod reads;
mod register;
mod retention;
mod rotation;
mod server_rendering;
mod session_end;
mod sessions;
mod single_page_app;
mod slow_bodies;
mod stats;
mod throttling;
mod unread_bodies;
mod walk;

#[path = "../support/mod.rs"]
mod support;
