//! One file a table: rows, and the queries on them. Plain blocking functions, for the doors of [`crate::db`].

pub mod audit;
mod event;
pub mod failed_passwords;
pub mod meters;
pub mod posts;
pub mod reads;
pub mod registrations;
mod role;
pub mod sessions;
pub mod users;
