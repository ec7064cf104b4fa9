//! One file a table: rows, and the queries on them. Plain blocking functions, for the doors of [`crate::db`].

pub mod meters;
pub mod posts;
pub mod reads;
pub mod sessions;
pub mod users;
