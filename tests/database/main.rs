//! The database: its schema, its doors and the session store, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

mod executor;
mod invalidation;
mod reads;
mod roles;
mod schema;
mod store;
mod tls;
mod upgrade;
mod users;

#[path = "../support/mod.rs"]
mod support;
