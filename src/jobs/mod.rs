//! Background jobs.

pub mod cleanup;
