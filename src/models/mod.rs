//! One file a table: rows, and the queries on them. Plain blocking functions, for the doors of [`crate::db`].

pub mod audit;
pub mod customers;
mod event;
pub mod failed_passwords;
pub mod imported_users;
pub mod metered_reads;
pub mod meters;
pub mod posts;
pub mod reads;
pub mod refusals;
pub mod registrations;
mod role;
pub mod sessions;
pub mod stripe_events;
pub mod subscriptions;
pub mod user_activity;
pub mod user_pages;
pub mod users;
