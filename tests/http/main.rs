//! The HTTP suite: behaviour as a client sees it, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod blog;
mod bodies;
mod cors;
mod documents;
mod gate;
mod login;
mod meter;
mod origin;
mod outage;
mod register;
mod sessions;
mod walk;

#[path = "../support/mod.rs"]
mod support;
