//! Limits on guessing and on changes, and what the database has of failed attempts.

pub mod failed_factors;
pub mod failed_passwords;
pub mod lockouts;
pub(super) mod quota;
pub mod registrations;
pub(super) mod throttle;
