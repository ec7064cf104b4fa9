//! Limits on guessing and on changes.

pub mod lockouts;
pub(super) mod quota;
pub(super) mod throttle;
