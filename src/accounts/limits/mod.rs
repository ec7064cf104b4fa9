//! Limits on guessing: what the database has of failed attempts.

pub mod failed_factors;
pub mod failed_passwords;
pub mod registrations;
